"""The fields of a note in the stream, and the numbers they become. Times are steps, twelve to a beat."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

STEPS_PER_BEAT = 12


class Role(IntEnum):
    """What a part does, from the low parts to the high ones: the order of notes that begin together."""

    BASS = 0
    CHORAL_BASS = 1
    LEFT_HAND = 2
    CHORDS = 3
    TENOR = 4
    ALTO = 5
    RIGHT_HAND = 6
    SECOND_VOICE = 7
    SOPRANO = 8
    MELODY = 9


ROLES = len(Role)
ROLE_CENTRE = np.array([43, 50, 48, 60, 57, 64, 71, 67, 71, 70], dtype=np.int64)  # MIDI pitch, where nothing is known

LONGEST_GAP = 96  # LIMIT: steps; a longer rest is one class
GAPS = LONGEST_GAP + 2  # 0 for notes of one chord
_SHORT = (1, 2, 3, 4, 6, 8, 9, 12, 15, 16, 18, 21, 24, 27, 30, 32, 33, 36, 39, 42, 45, 48)
_LONG = (54, 60, 66, 72, 84, 96, 108, 120, 144, 192)
LENGTHS_STEPS = np.array([*_SHORT, *_LONG], dtype=np.int64)
LENGTHS = len(LENGTHS_STEPS)
PITCHES = 128
VELOCITY_BINS = 16
FIELDS = ("gap", "role", "pitch", "length", "velocity")

_BORDERS = np.sqrt(LENGTHS_STEPS[1:] * LENGTHS_STEPS[:-1])
BAR_STEPS = (48, 36, 24, 18, 72, 54, 96)  # the meters with a class of their own; all others share one
METERS = len(BAR_STEPS) + 1


def gap_class(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Classes of times between onsets."""
    return np.minimum(steps, GAPS - 1)


def length_class(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Classes of lengths, the nearest by ratio."""
    return np.searchsorted(_BORDERS, steps, side="right").astype(np.int64)


def velocity_class(velocity: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bins of velocities 1..127."""
    return velocity * VELOCITY_BINS // 128


def meter_class(bar_steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Classes of bars by their length in steps."""
    classes = np.full(bar_steps.shape, METERS - 1, dtype=np.int64)
    for meter, steps in enumerate(BAR_STEPS):
        classes[bar_steps == steps] = meter
    return classes
