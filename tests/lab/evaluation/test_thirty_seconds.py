"""What the measure of phrases in 32nds counts, on a phrase that is known by heart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lab.evaluation.thirty_seconds import REAL, SEED, FinePlace, on_grid, places_of, thirty_second_figures
from musicassist.composing.engine import Engine
from musicassist.composing.melody_task import melody_task
from musicassist.families.registry import FAMILIES
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import MeterChange
from tiny_models import install_tiny_model

BAR = 960  # of two quarters
TURN = (0, 60, 120, 240, 480)  # the second onset is on an odd 32nd
SIXTEENTHS = (0, 120, 240, 360, 480)


def song_in(rhythm: tuple[int, ...], bars: int) -> Song:
    spans = [
        (bar * BAR + at, end - at) for bar in range(bars) for at, end in zip(rhythm, (*rhythm[1:], BAR), strict=True)
    ]
    notes = Notes.of(Note(at, 60 + i % 5, ticks) for i, (at, ticks) in enumerate(spans))
    return Song((Track("MELODY", notes),), meter_changes=(MeterChange(0, 2, 4),))


def place() -> FinePlace:
    (found,) = places_of(song_in(TURN, 12))
    return found


def test_a_place_has_eight_bars_before_and_four_behind() -> None:
    own = place()
    assert (own.from_tick, own.to_tick) == (8 * BAR, 12 * BAR)
    assert (len(own.seed), len(own.real)) == (40, 20)
    assert not list(places_of(song_in(SIXTEENTHS, 12)))
    assert not list(places_of(song_in(TURN, 11)))


@pytest.mark.parametrize("steps", [12, 24])
def test_a_grid_may_be_asked_for_whatever_the_phrase(steps: int) -> None:
    with on_grid(steps):
        assert melody_task(place().request("", 1)).grid.steps_per_beat == steps
    assert melody_task(place().request("", 1)).grid.steps_per_beat == 24


def test_what_is_counted(tmp_path: Path) -> None:
    install_tiny_model(tmp_path)
    rows = thirty_second_figures(Engine(tmp_path, FAMILIES), "tiny", [place()], seed=1, split="valid")
    value = {(row.metric, row.model): row.value for row in rows}
    for who in (SEED, REAL):
        assert value["onsets exactly in time on 12 steps a beat", who] == 0.8
        assert value["onsets exactly in time on 24 steps a beat", who] == 1.0
        assert value["onsets on odd 32nds", who] == 0.2
        assert value["onsets a bar against the phrase", who] == 1.0
        assert value["bars with a rhythm of the phrase", who] == 1.0
    assert value["onsets on odd 32nds", "tiny, 12 steps"] == 0.0
    assert value["onsets on odd 32nds", "tiny, 24 steps"] > 0.0
    bits = [value[f"bits per note of what followed, {steps} steps a beat", "tiny"] for steps in (12, 24)]
    assert np.isfinite(bits).all() and min(bits) > 0
