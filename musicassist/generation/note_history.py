"""What the next note of a melody is counted after: the runs of classes that n-grams are made of."""

from __future__ import annotations

from collections.abc import Sequence

from musicassist.tokens.vocabulary import (
    DURATION_COLUMNS,
    GAP_COLUMNS,
    MODES,
    PITCH_COLUMNS,
    STATE_COLUMNS,
    UNKNOWN_TONIC,
    VELOCITY_COLUMNS,
)

FIELDS = ("gap", "interval", "duration", "velocity")
MIXED_FIELDS = FIELDS[:3]  # those for which a piece's own n-grams count too
LONGEST_COUNTED = 5
LONGEST_OWN = (7, 5)  # classes of the contexts that a piece's own n-grams have, for each of their two kinds
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
        nothing = (-1,) * max(LONGEST_OWN)
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
        return (*context, *(-1,) * LONGEST_COUNTED)[:LONGEST_COUNTED]

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
