"""A whole melody as the columns a model is trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, Self

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
class NoteRows:
    """What is known before, and what is true of, each note but the first. Rows: notes; ``n`` of them.

    Attributes:
        state: (n, columns), the net's input: what is known of the note before.
        gap, pitch, duration, velocity: The heads' inputs, in the order of the vocabulary's pages.
        profile: (n, 24), shares times 255.
        target: (n, 4), classes of ``TARGETS``.
    """

    state: Bytes
    gap: Bytes
    pitch: Bytes
    duration: Bytes
    velocity: Bytes
    profile: Bytes
    target: Bytes

    SHAPES: ClassVar[dict[str, tuple[int, ...]]] = {"profile": (PROFILE_SIZE,), "target": (len(TARGETS),)}  # of a row
    WIDE: ClassVar[frozenset[str]] = frozenset()  # what has two bytes

    def __len__(self) -> int:
        return len(self.state)

    @classmethod
    def empty(cls, rows: int) -> Self:
        """Columns of that many rows, not yet filled."""
        return cls(
            *(
                np.zeros((rows, *cls.SHAPES[f.name]), dtype=np.uint16 if f.name in cls.WIDE else np.uint8)
                for f in fields(cls)
            )
        )

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The rows of all parts, one after the other."""
        return cls(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(cls)))

    def rows(self, start: int, stop: int) -> Self:
        """Some of the rows, as views."""
        return type(self)(*(getattr(self, f.name)[start:stop] for f in fields(self)))

    def fill(self, melody: Melody, context: MelodyContext) -> Iterator[tuple[int, int]]:
        """Fills the columns that all kinds of rows have; yields each row with its gap, the context standing before it.

        Args:
            melody: Of one note more than there are rows.
            context: Holds no note yet; grows by those of the melody.
        """
        for row, note in enumerate(melody, -1):
            if row >= 0:
                yield row, self._fill(row, context, note)
            context.append(*note)

    def _fill(self, row: int, context: MelodyContext, note: tuple[int, int, int, int]) -> int:
        onset_step, pitch, duration, velocity = note
        gap = min(onset_step - context.onset[-1], MAX_STEPS)
        interval = interval_class(pitch - context.pitch[-1])
        self.state[row] = context.state_row()
        self.gap[row] = context.gap_row()
        self.pitch[row] = context.pitch_row(gap)
        self.duration[row] = context.duration_row(gap, interval)
        self.velocity[row] = context.velocity_row(gap, interval, duration)
        self.profile[row] = np.rint(np.array(context.profile()) * PROFILE_SCALE)
        self.target[row] = (gap, interval, duration, velocity_class(velocity, context.mean_velocity))
        return gap


@dataclass(frozen=True)
class Columns(NoteRows):
    """See ``NoteRows``; with the chord that sounds.

    Attributes:
        chord: (n, 13), 0 or 1.
    """

    chord: Bytes

    SHAPES: ClassVar[dict[str, tuple[int, ...]]] = {
        **NoteRows.SHAPES,
        "state": (len(STATE_COLUMNS),),
        "gap": (len(GAP_COLUMNS),),
        "pitch": (len(PITCH_COLUMNS),),
        "duration": (len(DURATION_COLUMNS),),
        "velocity": (len(VELOCITY_COLUMNS),),
        "chord": (CHORD_SIZE,),
    }


def columns_of(melody: Melody, place: Surroundings) -> Columns:
    """The columns of each note of a melody but the first."""
    context, columns = MelodyContext(place), Columns.empty(max(0, len(melody) - 1))
    for row, gap in columns.fill(melody, context):
        columns.chord[row] = context.chord_tones(gap)
    return columns
