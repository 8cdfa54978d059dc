"""Melodies on the models' grid that several tests share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from musicassist.score.timing import MeterChange, TimeMap
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.vocabulary import STEPS_PER_BEAT

C_TUNE = (60, 62, 64, 65, 67, 69, 71, 72, 71, 69, 67, 65, 64, 62, 59, 60)
A_MINOR_TUNE = (69, 71, 72, 74, 76, 77, 76, 74, 72, 71, 69, 68, 69, 64, 68, 69)

Row = tuple[int, int, int, int]
A, B = (60, 62, 65, 64, 69, 67, 71, 72), (72, 67, 69, 62, 64, 60, 59, 67)  # a bar of eighths each
AABB = (*A, *A, *B, *B)


def melody_of(rows: Sequence[Row]) -> Melody:
    """A melody of rows (onset step, pitch, duration in steps, velocity)."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Melody(*(table[:, column].copy() for column in range(4)))


def even_melody(*pitches: int, step: int = 6, velocity: int = 80) -> Melody:
    """One note after the other, each ``step`` steps long."""
    return melody_of([(i * step, pitch, step, velocity) for i, pitch in enumerate(pitches)])


def bars_of(*meters: tuple[int, int, int]) -> TimeMap:
    """Bars in steps from (step, numerator, denominator)."""
    return TimeMap(STEPS_PER_BEAT, meter_changes=tuple(MeterChange(*meter) for meter in meters))


@st.composite
def melodies(draw: st.DrawFn, *, least: int = 1, most: int = 40, pitches: tuple[int, int] = (0, 127)) -> Melody:
    """Any melody: wide leaps, long gaps, repeated figures."""
    size = draw(st.integers(least, most))
    figure = draw(st.lists(st.tuples(st.integers(1, 130), st.integers(*pitches)), min_size=1, max_size=size))
    onset, rows = draw(st.integers(0, 200)), []
    for i in range(size):
        gap, pitch = figure[i % len(figure)]
        duration = draw(st.integers(1, min(gap, 96)))
        rows.append((onset, pitch, duration, draw(st.integers(1, 127))))
        onset += gap
    return melody_of(rows)


@st.composite
def places(draw: st.DrawFn) -> Surroundings:
    """Any surroundings: odd meters, meter changes, with and without key, style, ending and chords."""
    meters = st.tuples(st.integers(0, 400), st.integers(1, 13), st.sampled_from([1, 2, 4, 8, 16, 32]))
    chords = sorted(draw(st.sets(st.integers(0, 600), max_size=4)))
    return Surroundings(
        bars_of(*sorted(draw(st.lists(meters, max_size=3, unique_by=lambda meter: meter[0])))),
        tonic=draw(st.integers(0, 12)),
        mode=draw(st.integers(0, 2)),
        style=draw(st.integers(0, 8)),
        last_bar=draw(st.none() | st.integers(0, 60)),
        chord_starts=tuple(chords),
        chord_masks=tuple(draw(st.integers(0, 4095)) for _ in chords),
    )
