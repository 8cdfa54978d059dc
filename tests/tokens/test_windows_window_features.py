"""Shares and histograms of windows, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from musicassist.tokens.windows import (
    WindowNotes,
    empty_bar_share,
    histograms,
    key_agreement,
    overlap,
    pitch_classes_per_bar,
    polyphony_share,
    qualified_share,
    unlikeness,
)


def windows(*rows: tuple[int, int, int, int], modes: tuple[int, ...] = (1,), bar_steps: int = 48) -> WindowNotes:
    """Notes of (window, place, pitch, length), one mode a window."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return WindowNotes(
        *(columns[:, place] for place in range(4)), np.full(len(modes), bar_steps), np.array(modes, dtype=np.int64)
    )


TWO = windows((0, 0, 0, 24), (0, 24, 4, 2), (0, 48, 12, 12), (1, 0, 1, 48), modes=(1, 2))


def test_qualified_notes_are_a_sixteenth_or_longer() -> None:
    assert qualified_share(TWO) == pytest.approx(3 / 4)
    assert qualified_share(TWO, least_steps=2) == 1.0
    assert qualified_share(windows()) == 0.0


def test_pitch_classes_count_once_in_a_bar() -> None:
    # first window: C and E, then C an octave up; second: C sharp, then nothing
    assert pitch_classes_per_bar(TWO) == pytest.approx((2 + 1 + 1 + 0) / 4)


def test_empty_bars() -> None:
    assert empty_bar_share(TWO) == pytest.approx(1 / 4)


def test_polyphony_counts_steps_with_more_than_one_pitch() -> None:
    assert polyphony_share(TWO) == 0.0
    chord = windows((0, 0, 0, 24), (0, 0, 4, 24), (0, 12, 7, 12))
    assert polyphony_share(chord) == pytest.approx(24 / 96)
    assert polyphony_share(chord, most_pitches=2) == pytest.approx(12 / 96)
    assert polyphony_share(windows((0, 0, 0, 36), (0, 0, 4, 36), bar_steps=24)) == pytest.approx(36 / 48)


def test_key_agreement_is_of_the_windows_own_mode() -> None:
    assert key_agreement(TWO) == pytest.approx(3 / 4)
    minor_third = windows((0, 0, 3, 12), modes=(1,)), windows((0, 0, 3, 12), modes=(2,))
    assert [key_agreement(own) for own in minor_third] == [0.0, 1.0]
    assert key_agreement(windows((0, 0, 3, 12), modes=(0,))) == 0.0


def test_histograms_keep_windows_apart() -> None:
    shares = histograms(TWO)
    assert shares["pitch class"][[0, 1, 4]].tolist() == [0.5, 0.25, 0.25]
    assert shares["interval"][[48 + 4, 48 + 8]].tolist() == [0.5, 0.5]
    assert shares["duration"][[2, 12, 24, 48]].tolist() == [0.25] * 4
    assert shares["onset"][[0, 24, 48]].tolist() == [0.5, 0.25, 0.25]
    assert shares["notes"][[1, 3]].tolist() == [0.5, 0.5]
    assert all(own.sum() == pytest.approx(1) for own in shares.values())


def test_overlap() -> None:
    assert overlap(np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.25, 0.5])) == pytest.approx(0.5)


def test_equal_windows_are_not_unlike() -> None:
    assert unlikeness(TWO, TWO) == pytest.approx(dict.fromkeys(unlikeness(TWO, TWO), 0.0))
    other = unlikeness(windows((0, 0, 0, 1)), TWO)
    assert other["qualified"] == pytest.approx(0.75)
    assert other["pitch class"] == pytest.approx(0.5)
