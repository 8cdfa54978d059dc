"""A played phrase is gone on with like the written one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpora import tune
from lab.evaluation.playing import END_SECONDS, ONSET_SECONDS, as_played, coarsest_division, played_figures
from musicassist.composing.engine import Engine
from musicassist.evaluation.phrases import Phrase
from musicassist.families.registry import FAMILIES
from musicassist.score.song import Notes, Song, Track
from musicassist.score.timing import MeterChange, tempo_change
from musicassist.tokens.codec import decode
from tiny_models import install_tiny_model

BAR = 1920


def phrase(number: int) -> Phrase:
    """Eight bars of a tune in sixteenths, eighths and quarters, full to the last bar line."""
    notes = decode(tune(number, notes=90), 480)
    notes = notes.where(notes.start_tick < 8 * BAR)
    end = np.append(notes.end_tick[:-1], 8 * BAR)
    whole = Notes.from_columns(notes.start_tick, notes.pitch, end - notes.start_tick, notes.velocity)
    song = Song((Track("MELODY", whole),), 480, (), (MeterChange(0, 4, 4),))
    return Phrase(str(number), song, "", Notes.of(), 8 * BAR, 12 * BAR)


def test_what_follows_a_played_phrase_has_the_start_span_and_grid_of_what_follows_the_written_one(
    tmp_path: Path,
) -> None:
    model = install_tiny_model(tmp_path, "tiny")
    phrases = [phrase(number) for number in range(20)]
    rows = played_figures(Engine(tmp_path, FAMILIES), model.stem, phrases, seed=1, split="made")
    assert [row.value for row in rows] == [1.0] * 4


def test_a_persons_timing_is_off_by_so_much_and_no_more() -> None:
    song = replace(phrase(3).song, tempo_changes=(tempo_change(0, 90),))
    notes = song.tracks[0].notes
    played = as_played(notes, song.time_map, np.random.default_rng(0))
    seconds = song.time_map.ticks_to_seconds
    tick_seconds = 1 / (480 * 1.5)
    off = np.abs(seconds(played.start_tick) - seconds(notes.start_tick))[1:]
    assert ONSET_SECONDS / 2 < off.max() <= ONSET_SECONDS + tick_seconds
    late = np.abs(seconds(played.end_tick) - seconds(notes.end_tick))
    assert END_SECONDS / 2 < late.max() <= END_SECONDS + tick_seconds


@pytest.mark.parametrize(("onsets", "division"), [([0, 480], 1), ([0, 240], 2), ([320], 3), ([120, 240], 4), ([7], 24)])
def test_the_grid_of_a_take_is_the_coarsest_that_holds_it(onsets: list[int], division: int) -> None:
    assert coarsest_division(np.array(onsets), Song()) == division
