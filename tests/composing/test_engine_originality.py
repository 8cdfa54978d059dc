"""Takes carry what they share with the training music, and those above the line are refused where that is asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from musicassist.composing.engine import Engine
from musicassist.composing.request import Constraints, Take
from musicassist.composing.training_music import (
    FILE_NAME,
    NUMBERED_LICENCE,
    PieceName,
    TrainingMusic,
    training_music_in,
)
from musicassist.errors import ConstraintError
from musicassist.families.registry import FAMILIES
from musicassist.score.song import Note
from take_laws import check, request_of
from tiny_models import install_tiny_model
from training_index import index_of, install_index, line_of

NEW = Constraints(new_to_training=True)


def engine_in(folder: Path, takes: tuple[Take, ...] = (), *, usual: int) -> Engine:
    """An engine whose training music is some takes, and a line that nothing like them."""
    folder.mkdir(exist_ok=True)
    install_tiny_model(folder)
    lines = [(take.notes.start_tick, take.notes.pitch) for take in takes]
    install_index(folder, [*(line for line in lines if len(line[0]) >= 4), line_of(1)], usual=usual)
    training_music_in.cache_clear()
    return Engine(folder, FAMILIES)


@pytest.fixture
def without(tmp_path: Path) -> Engine:
    install_tiny_model(tmp_path)
    return Engine(tmp_path, FAMILIES)


def test_takes_carry_what_they_share_and_where(tmp_path: Path) -> None:
    request = request_of(bars=4, takes=3, candidates=1)
    takes = engine_in(tmp_path / "new", usual=9).generate(request)
    assert all(take.evidence is not None and not take.evidence.is_above for take in takes)
    again = engine_in(tmp_path / "known", takes, usual=4).generate(request)
    assert [take.notes for take in again] == [take.notes for take in takes]
    for row, take in enumerate(again):
        assert take.evidence is not None
        assert take.evidence.longest_notes == take.evidence.notes == len(take.notes)
        assert take.evidence.runs[0].piece == f"Tune {row}"


@pytest.mark.parametrize("candidates", [1, 6])
def test_takes_above_the_line_are_refused_and_others_made(tmp_path: Path, candidates: int) -> None:
    request = request_of(bars=4, takes=3, candidates=candidates)
    known = engine_in(tmp_path / "first", usual=9).generate(request)
    engine = engine_in(tmp_path / "known", known, usual=5)
    heard: list[tuple[int, Note]] = []
    asked = request_of(bars=4, takes=3, candidates=candidates, constraints=NEW)
    takes = engine.generate(asked, on_note=lambda number, note: heard.append((number, note)))
    assert [take.number for take in takes] == [1, 2, 3]
    assert all(len(take.notes) > 5 for take in known)
    assert not any(take.notes == other.notes for take in takes for other in known)
    for take in takes:
        check(take, asked)
        assert take.evidence is not None and not take.evidence.is_above
        assert take.seed == asked.seed
    assert heard == [(take.number, note) for take in takes for note in take.notes]
    assert engine.generate(asked) == takes


def test_takes_below_the_line_are_the_same_with_the_demand(tmp_path: Path) -> None:
    engine = engine_in(tmp_path, usual=99)
    plain = engine.generate(request_of(bars=2, takes=2))
    assert [take.notes for take in engine.generate(request_of(bars=2, takes=2, constraints=NEW))] == [
        take.notes for take in plain
    ]


def test_where_nothing_is_below_the_line_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_in(tmp_path, usual=9)
    monkeypatch.setattr(TrainingMusic, "usual_notes", lambda _self, _notes: -1)
    with pytest.raises(ConstraintError, match="more in common with the training music"):
        engine.generate(request_of(bars=1, takes=2, constraints=NEW))


def test_without_an_index_takes_come_and_the_demand_is_refused_in_words(without: Engine) -> None:
    assert all(take.evidence is None for take in without.generate(request_of(takes=2)))
    with pytest.raises(ConstraintError, match="no index of the music that tiny learned from"):
        without.generate(request_of(takes=2, constraints=NEW))


def test_a_damaged_index_keeps_nobody_from_composing(tmp_path: Path) -> None:
    install_tiny_model(tmp_path)
    (tmp_path / "originality.safetensors").write_bytes(np.arange(99, dtype=np.uint8).tobytes())
    training_music_in.cache_clear()
    assert all(take.evidence is None for take in Engine(tmp_path, FAMILIES).generate(request_of(takes=2)))


def test_a_model_under_open_licences_alone_is_not_compared_with_songs_in_copyright(tmp_path: Path) -> None:
    request = request_of(bars=4, takes=1, candidates=1)
    (take,) = engine_in(tmp_path / "new", usual=9).generate(request)
    folder = tmp_path / "known"
    engine_in(folder, usual=9)
    song = (take.notes.start_tick, take.notes.pitch)
    save_file(index_of([song], names=[PieceName("", "POP909, piece 12", "")]).tensors(), folder / FILE_NAME)
    training_music_in.cache_clear()
    shared = {}
    for licences in (["permissive"], ["permissive", NUMBERED_LICENCE]):
        page = json.loads((folder / "tiny.json").read_text())
        page["data"] = {"licence classes": licences}
        (folder / "tiny.json").write_text(json.dumps(page))
        evidence = Engine(folder, FAMILIES).generate(request)[0].evidence
        assert evidence is not None
        shared[len(licences)] = evidence.longest_notes
    assert shared == {1: 0, 2: len(take.notes)}
