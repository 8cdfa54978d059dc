"""Pitches beside another, and which notes chords bind."""

from __future__ import annotations

import numpy as np
import pytest

from melodies import bars_of
from musicassist.tokens.demands import beside, chord_pitches, is_chord_bound

STRENGTHS = ("", "beats", "strong", "always")


@pytest.mark.parametrize(
    ("pitch", "allowed", "expected"),
    [
        (60, range(55, 66), [58, 59, 61, 62]),
        (60, (55, 57, 60, 64, 67), [57]),  # five tones have no steps
        (60, (56, 60, 64), [56, 64]),
        (60, (60,), []),
        (127, range(128), [125, 126]),
    ],
)
def test_a_step_away_is_beside_and_else_the_nearest(pitch: int, allowed: tuple[int, ...], expected: list[int]) -> None:
    assert np.flatnonzero(beside(pitch, np.isin(np.arange(128), list(allowed)))).tolist() == expected


@pytest.mark.parametrize(
    ("meter", "halves"),
    [((4, 4), [0, 24]), ((2, 4), [0, 12]), ((12, 8), [0, 36]), ((3, 4), [0]), ((6, 8), [0]), ((5, 4), [0])],
)
def test_strong_is_what_begins_a_bar_or_its_second_half_where_that_is_a_beat(
    meter: tuple[int, int], halves: list[int]
) -> None:
    bars = bars_of((0, *meter))
    length = bars.bar_start_tick(1)
    bound = {kind: [s for s in range(length) if is_chord_bound(kind, bars, length + s)] for kind in STRENGTHS}
    assert bound == {"": [], "beats": list(range(0, length, 12)), "strong": halves, "always": list(range(length))}


def test_tones_of_a_chord_are_its_pitches_in_every_octave() -> None:
    assert np.flatnonzero(chord_pitches(0b10010001)).tolist() == [p for p in range(128) if p % 12 in (0, 4, 7)]
