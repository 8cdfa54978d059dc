"""Figures of two bars that a model made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corpora import song_of_tune
from lab.evaluation.windows import REAL, TAKES, Window, hamming_distance, is_measured, joined, window_figures, window_of
from musicassist.composing.engine import Engine
from musicassist.evaluation.phrases import Phrase
from musicassist.families.registry import FAMILIES
from musicassist.score.song import KeyChange, Note, Notes, Song
from musicassist.score.timing import MeterChange
from tiny_models import install_roll_gan

SONG = Song((), 480, (), (MeterChange(0, 3, 4),), (KeyChange(0, 2, "minor"),))


def made(*rows: tuple[int, int, int]) -> Window:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Window(columns[:, 0], columns[:, 1], columns[:, 2], 48, 1)


def phrase(number: int) -> Phrase:
    song = song_of_tune(number)
    return Phrase(f"made/{number}", song, "folk", song.tracks[0].notes, 0, 4 * 1920)


def test_a_window_is_two_bars_from_its_bar_line() -> None:
    bar = 3 * 480
    notes = Notes.of([Note(0, 60, 480, 80), Note(bar, 62, 480, 80), Note(3 * bar - 240, 74, 960, 80)])
    window = window_of(notes, SONG, bar)
    assert (window.place.tolist(), window.pitch.tolist(), window.length.tolist()) == ([0, 66], [60, 72], [12, 6])
    assert (window.bar_steps, window.mode) == (36, 2)


def test_windows_side_by_side_keep_their_notes_and_empty_ones() -> None:
    notes = joined([made((0, 0, 12)), made(), made((0, 4, 12), (12, 5, 12))])
    assert notes.window.tolist() == [0, 2, 2]
    assert notes.windows == 3


def test_distance_is_the_share_of_slots_that_differ() -> None:
    one, other = made((0, 0, 48)), made((0, 0, 48), (48, 0, 24))
    assert hamming_distance([one, one]) == 0.0
    assert hamming_distance([one, other]) == pytest.approx(12 / 48)
    assert hamming_distance([one, one, other]) == pytest.approx(2 / 3 * 12 / 48)


def test_phrases_without_a_key_or_with_long_bars_are_not_measured() -> None:
    whole = phrase(1)
    assert is_measured(whole)
    for song in (Song((), 480, (), SONG.meter_changes), Song((), 480, (), (MeterChange(0, 12, 8),), SONG.key_changes)):
        assert not is_measured(Phrase("", song, "folk", whole.truth, 0, 1))


def test_a_gan_is_measured_after_phrases_and_from_nothing(tmp_path: Path) -> None:
    install_roll_gan(tmp_path)
    engine = Engine(tmp_path, FAMILIES)
    figures = window_figures(engine, "gan", [phrase(1)], seed=1, split="test")
    values = {(figure.metric, figure.model): figure for figure in figures}
    assert values["key agreement", REAL].value == 1.0
    assert values["polyphony", REAL].value == 0.0
    for kind in ("continue", "generate"):
        assert values[f"qualified notes, {kind}", "gan"].n == TAKES
        assert 0 < values[f"overlap of pitch class, {kind}", "gan"].value <= 1
        assert values[f"distance of {TAKES} takes, {kind}", "gan"].value > 0
