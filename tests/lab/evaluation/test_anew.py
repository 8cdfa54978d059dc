"""What goes wrong with notes that are composed anew is found, and nothing does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import phrase
from lab.evaluation.anew import LAWS, WAYS, asked_anew, broken_laws, counted
from lab.evaluation.form_rules import Drawn
from musicassist.composing.engine import Engine
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.families.registry import FAMILIES
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Key
from tiny_models import install_tiny_model

BAR = 1920
LINE = phrase(60, 62, 64, 65, step_ticks=480).with_pins(np.arange(4) == 0)
CHOSEN = np.array([True, True, True, False])


def broken(keep: str, *notes: Note) -> list[str]:
    rules = Constraints(key=Key(0), lowest_pitch=55, highest_pitch=70)
    song = Song((Track("Tune", LINE),))
    request = GenerationRequest(
        "infill", song, selection=CHOSEN, from_tick=0, to_tick=BAR, keep=keep, constraints=rules
    )
    take = Take(Notes.of(notes), 0, BAR, "tiny", 1, 1, 1.0, 1.0, rules)
    return broken_laws(Drawn(request, 1, (), 1), take)


def test_what_is_kept_breaks_no_law_and_what_is_not_does() -> None:
    pinned, second, third, fourth = LINE
    assert broken("rhythm", pinned, replace(second, pitch=64), replace(third, pitch=67), fourth) == []
    assert broken("rhythm", pinned, second, replace(third, duration_ticks=400), fourth) == ["not kept"]
    assert broken("pitches", pinned, replace(second, pitch=63), third, fourth) == ["not kept"]
    assert broken("notes", pinned, replace(second, velocity=50), third, fourth) == []
    assert broken("", pinned, second, fourth) == []
    assert broken("", pinned, second, third, replace(fourth, pitch=66)) == [
        "others changed",
        "outside its place",
        "scale",
    ]
    assert broken("", replace(pinned, pitch=59), second, third, fourth) == [
        "others changed", "pins changed", "outside its place",
    ]  # fmt: skip
    assert broken("", pinned, replace(second, pitch=72), third, fourth) == ["range"]


def test_random_requests_of_all_ways_break_none(tmp_path: Path) -> None:
    install_tiny_model(tmp_path)
    found = counted(Engine(tmp_path, FAMILIES), 6, seed=2)
    assert len(found) == len(WAYS) - 1  # a tiny model varies nothing
    assert sum(row["takes"] for row in found.values()) > 10
    assert not any(row[law] for row in found.values() for law in LAWS)


@pytest.mark.parametrize("way", WAYS)
def test_equal_seeds_ask_the_same(way: str) -> None:
    one, other = ([own.request.song for own in asked_anew("tiny", 2, way, seed=3)] for _ in range(2))
    assert one == other
    assert any(own.request.song.tracks[0].notes.has_pins for own in asked_anew("tiny", 4, way, seed=3))
