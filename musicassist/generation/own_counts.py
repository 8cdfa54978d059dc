"""A melody's own n-grams: learned from the seed as it is read, and from what is made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from musicassist.generation.note_history import LONGEST_OWN, MIXED_FIELDS, Context, NoteHistory
from musicassist.models.markov import GrowingCounts
from musicassist.tokens.columns import Columns
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.vocabulary import NONE_CLASS

PLACES = LONGEST_OWN[0] + 1  # kinds of places: how long a context of the first kind has occurred before
Logs = NDArray[np.float32]


class OwnCounts:
    """Follows one melody: hears a note, is asked for each field of the next, then learns what was chosen."""

    def __init__(self) -> None:
        self.history = NoteHistory()
        self._counts = [tuple(GrowingCounts(NONE_CLASS, longest) for longest in LONGEST_OWN) for _ in MIXED_FIELDS]
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
