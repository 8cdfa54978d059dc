"""A whole melody as the columns a model is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.context import MelodyContext, interval_class, velocity_class
from musicassist.tokens.vocabulary import (
    CHORD_SIZE,
    DURATION_COLUMNS,
    GAP_COLUMNS,
    MAX_STEPS,
    PITCH_COLUMNS,
    PROFILE_SIZE,
    STATE_COLUMNS,
    VELOCITY_COLUMNS,
)

Bytes = NDArray[np.uint8]
PROFILE_SCALE = 255.0
TARGETS = ("gap", "interval", "duration", "velocity")


@dataclass(frozen=True)
class Columns:
    """What is known before, and what is true of, each note but the first. Rows: notes; ``n`` of them.

    Attributes:
        state: (n, 14), the net's input: ``STATE_COLUMNS`` of the note before.
        gap, pitch, duration, velocity: The heads' inputs, in the order of the vocabulary's pages.
        profile: (n, 24), shares times 255.
        chord: (n, 13), 0 or 1.
        target: (n, 4), classes of ``TARGETS``.
    """

    state: Bytes
    gap: Bytes
    pitch: Bytes
    duration: Bytes
    velocity: Bytes
    profile: Bytes
    chord: Bytes
    target: Bytes

    def __len__(self) -> int:
        return len(self.state)

    @staticmethod
    def empty(rows: int) -> Columns:
        """Columns of that many rows, not yet filled."""
        widths = (
            len(STATE_COLUMNS),
            len(GAP_COLUMNS),
            len(PITCH_COLUMNS),
            len(DURATION_COLUMNS),
            len(VELOCITY_COLUMNS),
            PROFILE_SIZE,
            CHORD_SIZE,
            len(TARGETS),
        )
        return Columns(*(np.zeros((rows, width), dtype=np.uint8) for width in widths))

    @staticmethod
    def joined(parts: Sequence[Columns]) -> Columns:
        """The rows of all parts, one after the other."""
        return Columns(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Columns)))

    def rows(self, start: int, stop: int) -> Columns:
        """Some of the rows, as views."""
        return Columns(*(getattr(self, f.name)[start:stop] for f in fields(Columns)))


def columns_of(melody: Melody, place: Surroundings) -> Columns:
    """The columns of each note of a melody but the first."""
    context = MelodyContext(place)
    columns = Columns.empty(max(0, len(melody) - 1))
    for row, note in enumerate(melody):
        if row:
            _fill(columns, row - 1, context, note)
        context.append(*note)
    return columns


def _fill(columns: Columns, row: int, context: MelodyContext, note: tuple[int, int, int, int]) -> None:
    onset_step, pitch, duration, velocity = note
    gap = min(onset_step - context.onset[-1], MAX_STEPS)
    interval = interval_class(pitch - context.pitch[-1])
    columns.state[row] = context.state_row()
    columns.gap[row] = context.gap_row()
    columns.pitch[row] = context.pitch_row(gap)
    columns.duration[row] = context.duration_row(gap, interval)
    columns.velocity[row] = context.velocity_row(gap, interval, duration)
    columns.profile[row] = np.rint(np.array(context.profile()) * PROFILE_SCALE)
    columns.chord[row] = context.chord_tones(gap)
    columns.target[row] = (gap, interval, duration, velocity_class(velocity, context.mean_velocity))
