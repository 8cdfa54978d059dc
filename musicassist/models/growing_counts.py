"""N-grams of classes, learned from a piece while it goes on.

Source: Witten and Bell 1991, "The zero-frequency problem" (escape method C, interpolated).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Counts = dict[tuple[int, ...], dict[int, int]]  # after each context how often each class came


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
