"""What is known of pitches: intervals, what sounds, which pitch classes weigh, and the key they speak for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musicassist.families.ensemble.columns import FARTHEST, INTERVALS, WINDOW
from musicassist.families.ensemble.stream import Column, Stream
from musicassist.families.ensemble.vocabulary import LENGTHS_STEPS, PITCHES


def interval_class(from_pitch: Column, to_pitch: Column) -> Column:
    """Classes of intervals; none where one of the pitches is negative or no pitch."""
    is_there = (from_pitch >= 0) & (to_pitch >= 0) & (to_pitch < PITCHES)
    step = np.clip(to_pitch - from_pitch, -FARTHEST, FARTHEST) + FARTHEST
    return np.where(is_there, step, INTERVALS - 1)


def taken(column: Column, place: Column, none: int) -> Column:
    """The values at some places, ``none`` where the place is negative."""
    if not len(column):
        return np.full(len(place), none, dtype=np.int64)
    return np.where(place >= 0, column[np.maximum(place, 0)], none)


def bits_of_masks(masks: Column) -> NDArray[np.float32]:
    """(N,) masks to (N, 12)."""
    return ((masks[:, None] >> np.arange(12)) & 1).astype(np.float32)


class Sounding:
    """What of some notes sounds at some times.

    Attributes:
        mask: (N,) of pitch classes.
        low, high: (N,) pitches; -1 for none.
    """

    def __init__(self, notes: Stream, before: Column, at_step: Column) -> None:
        self.mask = np.zeros(len(before), dtype=np.int64)
        self.low = np.full(len(before), PITCHES, dtype=np.int64)
        self.high = np.full(len(before), -1, dtype=np.int64)
        if len(notes):
            end, bit = notes.end_step, 1 << (notes.pitch % 12)
            for back in range(1, WINDOW + 1):
                place = before - back
                at = np.maximum(place, 0)
                sounds = (place >= 0) & (end[at] > at_step)
                self.mask |= np.where(sounds, bit[at], 0)
                self.low = np.where(sounds, np.minimum(self.low, notes.pitch[at]), self.low)
                self.high = np.where(sounds, np.maximum(self.high, notes.pitch[at]), self.high)
        self.low[self.low == PITCHES] = -1


class Weights:
    """Sums of lengths of pitch classes over stretches of notes."""

    def __init__(self, notes: Stream) -> None:
        weight = np.zeros((len(notes) + 1, 12), dtype=np.float64)
        weight[np.arange(1, len(notes) + 1), notes.pitch % 12] = np.minimum(LENGTHS_STEPS[notes.length], 48)
        self._sums = np.cumsum(weight, axis=0)
        self._onset = notes.onset_step

    def between(self, from_step: Column, before: Column) -> NDArray[np.float64]:
        """(N, 12) of the notes with onsets behind ``from_step`` and rows less than ``before``."""
        first = np.minimum(np.searchsorted(self._onset, from_step, side="right"), before)
        return np.asarray(self._sums[before] - self._sums[first])


def shares(weights: NDArray[np.float64]) -> NDArray[np.float32]:
    """(N, 12) weights as shares of the heaviest."""
    return np.asarray(weights / np.maximum(weights.max(1, keepdims=True), 1.0), dtype=np.float32)


def shifted(column: Column, first: int) -> Column:
    """The column one row later, with what stands in the first row."""
    return np.concatenate([[first], column[:-1]]).astype(np.int64) if len(column) else column


def clipped_class(interval: Column) -> Column:
    """Classes of intervals, wide ones as one."""
    return np.clip(interval, -FARTHEST, FARTHEST) + FARTHEST


def moved_pitch(pitch: Column, interval: Column, fits: NDArray[np.bool_]) -> Column:
    """Pitches an interval away where that fits; no pitch elsewhere."""
    moved = pitch + interval
    return np.where(fits & (moved >= 0) & (moved < PITCHES), moved, PITCHES)
