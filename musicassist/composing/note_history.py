"""What the next note of a melody is counted after: the runs of classes that n-grams are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from musicassist.models.growing_counts import GrowingCounts
from musicassist.tokens.columns import Columns
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.vocabulary import (
    DURATION_COLUMNS,
    GAP_COLUMNS,
    MODES,
    NONE_CLASS,
    PITCH_COLUMNS,
    STATE_COLUMNS,
    UNKNOWN_TONIC,
    VELOCITY_COLUMNS,
)

FIELDS = ("gap", "interval", "duration", "velocity")
MIXED_FIELDS = FIELDS[:3]  # those for which a piece's own n-grams count too
MAX_COUNTED = 5
MAX_OWN = (7, 5)  # classes of the contexts that a piece's own n-grams have, for each of their two kinds
UNKNOWN_DEGREE = 24
_STATE = {name: place for place, (name, _) in enumerate(STATE_COLUMNS)}
_COLUMN_OF = [
    {name: place for place, (name, _) in enumerate(columns)}
    for columns in (GAP_COLUMNS, PITCH_COLUMNS, DURATION_COLUMNS, VELOCITY_COLUMNS)
]
Context = tuple[int, ...]


class NoteHistory:
    """The last notes of one melody; grows note by note. Contexts have their nearest class first, -1 for none."""

    def __init__(self) -> None:
        nothing = (-1,) * max(MAX_OWN)
        self._gaps: Context = nothing
        self._intervals: Context = nothing
        self._durations: Context = nothing
        self._register = 0
        self._notes = 0
        self._mean_register = 0.0

    @property
    def above_mean(self) -> float:
        """How far the last pitch lies above the mean of all so far, in semitones."""
        return self._register - self._mean_register

    def copy(self) -> NoteHistory:
        """An independent continuation of the same past."""
        twin = NoteHistory()
        twin.__dict__.update(self.__dict__)
        return twin

    def hear(self, state: Sequence[int]) -> None:
        """The melody has grown by a note: ``STATE_COLUMNS`` of it."""
        self._gaps = (state[_STATE["gap"]], *self._gaps[:-1])
        self._intervals = (state[_STATE["interval"]], *self._intervals[:-1])
        self._durations = (state[_STATE["duration"]], *self._durations[:-1])
        self._register = state[_STATE["register"]]
        self._notes += 1
        self._mean_register += (self._register - self._mean_register) / self._notes

    def counted(self, field: int, row: Sequence[int]) -> Context:
        """The context in a stored model's table, from the columns of the field's head."""
        column = _COLUMN_OF[field]
        if field == 0:
            context = (self._durations[0], row[column["position"]], *self._gaps)
        elif field == 1:
            context = (_degree(row[column["tonic"]], row[column["mode"]]), *self._intervals)
        elif field == 2:
            context = (row[column["next_gap"]], row[column["next_position"]], *self._durations)
        else:
            context = (row[column["last_velocity"]], row[column["next_position"]])
        return (*context, *(-1,) * MAX_COUNTED)[:MAX_COUNTED]

    def own(self, field: int, row: Sequence[int]) -> tuple[Context, Context]:
        """The contexts of the piece's own n-grams, two kinds, for one of ``MIXED_FIELDS``.

        The first kind knows where in its bar the note stands. The second hears gaps alone, pitches from the register
        that the melody is in, and durations with their interval.
        """
        column = _COLUMN_OF[field]
        if field == 0:
            return (self._durations[0], row[column["position"]], *self._gaps), self._gaps
        if field == 1:
            nearest, *before = self._intervals
            return (nearest, row[column["next_position"]], *before), (self._register, *self._intervals)
        chosen = (row[column["next_gap"]], row[column["next_interval"]])
        return (chosen[0], row[column["next_position"]], *self._durations), (*chosen, *self._durations)


def _degree(tonic: int, mode: int) -> int:
    """The last pitch above the tonic, minor apart from the rest."""
    return UNKNOWN_DEGREE if tonic == UNKNOWN_TONIC else tonic + 12 * (mode == MODES.index("minor"))


PLACES = MAX_OWN[0] + 1  # kinds of places: how long a context of the first kind has occurred before
Logs = NDArray[np.float32]


class OwnCounts:
    """Follows one melody: hears a note, is asked for each field of the next, then learns what was chosen."""

    def __init__(self) -> None:
        self.history = NoteHistory()
        self._counts = [tuple(GrowingCounts(NONE_CLASS, longest) for longest in MAX_OWN) for _ in MIXED_FIELDS]
        self._asked: dict[int, tuple[Context, Context]] = {}

    def copy(self) -> OwnCounts:
        """An independent continuation of the same past."""
        twin = OwnCounts()
        twin.history = self.history.copy()
        twin._counts = [tuple(counts.copy() for counts in pair) for pair in self._counts]
        twin._asked = self._asked.copy()
        return twin

    def hear(self, state: Sequence[int]) -> None:
        """The melody has grown by a note: ``STATE_COLUMNS`` of it."""
        self.history.hear(state)
        self._asked = {}

    def ask(self, field: int, row: Sequence[int]) -> None:
        """The columns of a field's head, so that :meth:`learn` knows the context of what was chosen."""
        self._asked[field] = self.history.own(field, row)

    def logs(self, field: int, row: Sequence[int]) -> tuple[list[Logs], int]:
        """Asks for a field: the log-probabilities (V,) of each kind of context, and the kind of place."""
        self.ask(field, row)
        contexts, counts = self._asked[field], self._counts[field]
        shares = [own.distribution(context) for own, context in zip(counts, contexts, strict=True)]
        return [np.log(share).astype(np.float32) for share in shares], counts[0].known_length(contexts[0])

    def learn(self, chosen: Sequence[int]) -> None:
        """The fields of the note that was chosen; those that were asked for are learned."""
        for field, contexts in self._asked.items():
            for counts, context in zip(self._counts[field], contexts, strict=True):
                counts.learn(context, chosen[field])


def read_seed(columns: Columns, context: MelodyContext) -> OwnCounts:
    """The n-grams of a whole seed, from its columns and the context after it."""
    counts = OwnCounts()
    heads = (columns.gap, columns.pitch, columns.duration)
    for place in range(len(columns)):
        counts.hear(columns.state[place].tolist())
        for field in range(len(MIXED_FIELDS)):
            counts.ask(field, heads[field][place].tolist())
        counts.learn(columns.target[place].tolist())
    counts.hear(context.state_row())
    return counts
