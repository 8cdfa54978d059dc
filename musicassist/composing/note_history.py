"""What the next note of a melody is counted after: the runs of classes that n-grams are made of, learned as it goes on.

Source: Witten and Bell 1991, "The zero-frequency problem" (escape method C, interpolated).
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.seed_reading import IsCancelled, ReadingCancelled, SeedContexts, equal_rows, never
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Melody
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.vocabulary import (
    DURATION_COLUMNS,
    GAP_COLUMNS,
    MAX_INTERVAL,
    MAX_STEPS,
    MODES,
    NONE_CLASS,
    PITCH_COLUMNS,
    REGISTER_CLASSES,
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
Counts = dict[Context, dict[int, int]]  # after each context how often each class came
PLACES = MAX_OWN[0] + 1  # kinds of places: how long a context of the first kind has occurred before
Logs = NDArray[np.float32]
_MAX_REGISTER = REGISTER_CLASSES // 2
_WIDTHS = (len(_STATE), *(len(columns) for columns in _COLUMN_OF[: len(MIXED_FIELDS)]), len(MIXED_FIELDS))
_NOTES_BETWEEN_LOOKS = 8  # whether the reading is cancelled
_HEARD, *_HEADS, _CHOSEN = (
    slice(end - width, end) for end, width in zip(itertools.accumulate(_WIDTHS), _WIDTHS, strict=True)
)


class GrowingCounts:
    """Counts what followed each context of up to ``longest`` classes while a piece goes on.

    Args:
        classes: How many classes there are.
        longest: Length of the longest context.
    """

    def __init__(self, classes: int, longest: int) -> None:
        self.classes = classes
        self.longest = longest
        self._counts: Counts = {}  # its inner tables are replaced, never changed
        self._below: Counts = {}  # what it went on from, where nothing newer is known; never changed

    def copy(self) -> GrowingCounts:
        """An independent continuation of the same past; its cost grows with the piece, if slowly."""
        twin = GrowingCounts(self.classes, self.longest)
        twin._counts, twin._below = self._counts.copy(), self._below
        return twin

    def continued(self) -> GrowingCounts:
        """A continuation that costs nothing, however long the piece is. This one must not learn any more."""
        twin = GrowingCounts(self.classes, self.longest)
        twin._below = {**self._below, **self._counts} if self._below and self._counts else self._below or self._counts
        return twin

    def learn(self, context: Sequence[int], value: int) -> None:
        """Counts one event. ``context`` has its nearest class first."""
        for length in range(min(self.longest, len(context)) + 1):
            key = tuple(context[:length])
            counts = self._counts.get(key) or self._below.get(key) or {}
            self._counts[key] = {**counts, value: counts.get(value, 0) + 1}

    def unlearn(self, context: Sequence[int], value: int) -> None:
        """Takes back the event that was learned last; not of what it was :meth:`continued` from."""
        for length in range(min(self.longest, len(context)) + 1):
            key = tuple(context[:length])
            counts = {**self._counts[key], value: self._counts[key][value] - 1}
            self._counts[key] = {seen: count for seen, count in counts.items() if count}
            if not self._counts[key]:
                del self._counts[key]

    def known_length(self, context: Sequence[int]) -> int:
        """How many classes of a context, from the nearest on, have occurred before in a row."""
        return max(0, len(self._known(context)) - 1)

    def _known(self, context: Sequence[int]) -> list[dict[int, int]]:
        """What followed the context's first 0, 1, 2, ... classes, as far as they have occurred."""
        own, below, found = self._counts, self._below, []
        for length in range(min(self.longest, len(context)) + 1):
            key = tuple(context[:length])
            counts = own.get(key) or below.get(key)
            if counts is None:
                break
            found.append(counts)
        return found

    def distribution(self, context: Sequence[int]) -> NDArray[np.float64]:
        """(classes,) probabilities of what comes next; every class has some."""
        some: dict[int, float] = {}
        escaped = 1.0  # what the longer contexts leave to the shorter ones
        for counts in reversed(self._known(context)):
            whole = sum(counts.values()) + len(counts)
            for value, count in counts.items():
                some[value] = some.get(value, 0.0) + escaped * count / whole
            escaped *= len(counts) / whole
        shares = np.full(self.classes, escaped / self.classes)
        shares[list(some)] += list(some.values())
        return shares


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

    def continued(self) -> OwnCounts:
        """A continuation that costs nothing, however long the piece is. This one must not learn any more."""
        twin = OwnCounts()
        twin.history = self.history.copy()
        twin._counts = [tuple(counts.continued() for counts in pair) for pair in self._counts]
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

    def follow(self, context: MelodyContext) -> None:
        """Learns the note that a context has grown by, and hears it."""
        state = context.state_row()
        self.learn(state[:3])
        self.hear(state)

    def learn(self, chosen: Sequence[int]) -> None:
        """The fields of the note that was chosen; those that were asked for are learned."""
        for field, contexts in self._asked.items():
            for counts, context in zip(self._counts[field], contexts, strict=True):
                counts.learn(context, chosen[field])

    def unlearn(self, chosen: Sequence[int]) -> None:
        """Takes back what was learned last; it has to be asked for again before."""
        for field, contexts in self._asked.items():
            for counts, context in zip(self._counts[field], contexts, strict=True):
                counts.unlearn(context, chosen[field])


class SeedCounts:
    """Keeps the n-grams of the last seed, so that only what is new of the next one is counted. Used by one thread."""

    def __init__(self) -> None:
        self._counts = OwnCounts()
        self._seed: NDArray[np.int64] = np.zeros((0, 3), dtype=np.int64)
        self._read_by: tuple[TimeMap, int] | None = None
        self._rows: list[list[int]] = []  # of its first notes: see _counted_rows
        self._pasts: list[NoteHistory] = []  # what each of them was counted after

    def read(self, seed: Melody, context: MelodyContext, is_cancelled: IsCancelled = never) -> OwnCounts:
        """The n-grams of a whole seed, for one stream or more to go on from by :meth:`OwnCounts.continued`.

        Args:
            seed: At least one note.
            context: After it; it may know the seed's end only.
            is_cancelled: Asked after every few notes.

        Raises:
            ReadingCancelled: ``is_cancelled`` said so.
        """
        notes = np.stack([seed.onset_step, seed.pitch, seed.duration_steps], 1)
        read_by = (context.place.bars, context.pitch[0])
        same = equal_rows(notes, self._seed) - 1 if read_by == self._read_by else 0  # each is counted with the next one
        same = min(max(0, same), len(self._rows))
        self._seed, self._read_by = notes, read_by
        if max(len(notes) - 1, len(self._rows)) > same:
            self._counts = self._counts.copy()  # streams may still go on from the other
        while len(self._rows) > same:
            row = self._rows.pop()
            self._counts.history = self._pasts.pop()
            self._ask(row)
            self._counts.unlearn(row[_CHOSEN])
        self._counts.history = self._pasts[-1].copy() if self._pasts else NoteHistory()
        for at, row in enumerate(_counted_rows(seed, context, same).tolist(), same):
            if at % _NOTES_BETWEEN_LOOKS == 0 and is_cancelled():
                raise ReadingCancelled
            self._counts.hear(row[_HEARD])
            self._pasts.append(self._counts.history.copy())
            self._ask(row)
            self._counts.learn(row[_CHOSEN])
            self._rows.append(row)
        counts = self._counts.continued()
        counts.hear(context.state_row())
        return counts

    def _ask(self, row: list[int]) -> None:
        for field, columns in enumerate(_HEADS):
            self._counts.ask(field, row[columns])


def _counted_rows(seed: Melody, context: MelodyContext, first: int) -> NDArray[np.int64]:
    """What the notes of a seed from ``first`` up to the last but one are counted by, (n, ``_CHOSEN.stop``).

    These are the classes that ``NoteHistory`` looks at (the others are left 0), and what came next. Registers are the
    context's.
    """
    rows_before = min(first, 1)  # a note is known by the one before it, too
    seed = seed.rows(first - rows_before, len(seed))
    bars, onset = context.place.bars, seed.onset_step
    gap = np.minimum(np.diff(onset, prepend=onset[:1]), MAX_STEPS)
    interval = np.clip(np.diff(seed.pitch, prepend=seed.pitch[:1]), -MAX_INTERVAL, MAX_INTERVAL) + MAX_INTERVAL
    interval[:1] = NONE_CLASS
    duration = np.minimum(seed.duration_steps, MAX_STEPS)
    position = onset - bars.bar_spans(onset)[0]
    register = np.clip(seed.pitch - context.pitch[0], -_MAX_REGISTER, _MAX_REGISTER) + _MAX_REGISTER
    rows = np.zeros((len(seed) - 1, _CHOSEN.stop), dtype=np.int64)
    next_position, bar_steps = position[:-1] + gap[1:], bars.bar_lengths(onset[:-1])
    next_position = np.where(next_position >= bar_steps, next_position % bar_steps, next_position)
    heard = {"gap": gap, "interval": interval, "duration": duration, "register": register}
    for name, values in heard.items():
        rows[:, _HEARD][:, _STATE[name]] = values[:-1]
    asked = {
        "position": np.minimum(position[:-1], MAX_STEPS),
        "next_position": np.minimum(next_position, MAX_STEPS),
        "next_gap": gap[1:],
        "next_interval": interval[1:],
    }
    for columns, names in zip(_HEADS, _COLUMN_OF, strict=False):
        for name in asked.keys() & names.keys():
            rows[:, columns][:, names[name]] = asked[name]
    rows[:, _CHOSEN] = np.stack([gap[1:], interval[1:], duration[1:]], 1)
    return rows[rows_before:]


@dataclass(frozen=True)
class SeedMemory:
    """What is kept of the last seed for one model. Used by one thread.

    Attributes:
        contexts: For models that read notes without a net's past.
        counts: For those that count a piece's own n-grams.
    """

    contexts: SeedContexts = dataclasses.field(default_factory=SeedContexts)
    counts: SeedCounts = dataclasses.field(default_factory=SeedCounts)
