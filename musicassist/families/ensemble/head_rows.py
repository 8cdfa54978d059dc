"""What the heads read for one note that is being written, and the classes of plain numbers; see ``columns.Rows``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.families.ensemble.columns import FARTHEST, INTERVALS
from musicassist.families.ensemble.vocabulary import BAR_STEPS, METERS, PITCHES, length_class

Floats = NDArray[np.float32]
NO_INTERVAL = INTERVALS - 1
_LENGTH_OF_STEPS: list[int] = length_class(np.arange(1025)).tolist()


@dataclass(frozen=True)
class GapRow:
    """What the net and its first head read: state, its numbers, the gap's columns and numbers, and the tonic."""

    state: list[int]
    state_numbers: Floats
    columns: list[int]
    numbers: Floats
    tonic: int


@dataclass(frozen=True)
class RoleRow:
    """What the role's head reads where the gap is chosen, and the least role that can be."""

    columns: list[int]
    numbers: Floats
    least_role: int


@dataclass(frozen=True)
class PitchRow:
    """What the pitch's head reads where the role is chosen, and the least pitch that can be."""

    columns: list[int]
    anchors: list[int]
    candidates: list[int]
    classes: Floats
    least_pitch: int


def last_of(column: list[int], none: int) -> int:
    """The last of a column, ``none`` of an empty one."""
    return column[-1] if column else none


def clipped(interval: int) -> int:
    """The class of an interval; wide ones share one."""
    return min(max(interval, -FARTHEST), FARTHEST) + FARTHEST


def interval_between(from_pitch: int, to_pitch: int) -> int:
    """The class of an interval; none where one of the pitches is none."""
    if from_pitch < 0 or not 0 <= to_pitch < PITCHES:
        return NO_INTERVAL
    return clipped(to_pitch - from_pitch)


def moved(pitch: int, interval: int) -> int:
    """A pitch an interval away; none beyond the pitches."""
    moved = pitch + interval
    return moved if 0 <= moved < PITCHES else PITCHES


def meter_of(bar_steps: int) -> int:
    """The class of bars of that length."""
    return BAR_STEPS.index(bar_steps) if bar_steps in BAR_STEPS else METERS - 1


def length_of(steps: int) -> int:
    """The class of a length in steps."""
    return _LENGTH_OF_STEPS[min(max(steps, 1), len(_LENGTH_OF_STEPS) - 1)]
