"""N-grams of classes, learned from a piece while it goes on.

Source: Witten and Bell 1991, "The zero-frequency problem" (escape method C, interpolated).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class GrowingCounts:
    """Counts what followed each context of up to ``longest`` classes while a piece goes on.

    Args:
        classes: How many classes there are.
        longest: Length of the longest context.
    """

    def __init__(self, classes: int, longest: int) -> None:
        self.classes = classes
        self.longest = longest
        self._counts: dict[tuple[int, ...], dict[int, int]] = {}  # its inner tables are replaced, never changed

    def copy(self) -> GrowingCounts:
        """An independent continuation of the same past; cheap."""
        twin = GrowingCounts(self.classes, self.longest)
        twin._counts = self._counts.copy()
        return twin

    def learn(self, context: Sequence[int], value: int) -> None:
        """Counts one event. ``context`` has its nearest class first."""
        for length in range(min(self.longest, len(context)) + 1):
            key = tuple(context[:length])
            counts = self._counts.get(key, {})
            self._counts[key] = {**counts, value: counts.get(value, 0) + 1}

    def known_length(self, context: Sequence[int]) -> int:
        """How many classes of a context, from the nearest on, have occurred before in a row."""
        return max(0, len(self._known(context)) - 1)

    def _known(self, context: Sequence[int]) -> list[tuple[int, ...]]:
        """The context's first 0, 1, 2, ... classes as far as they have occurred."""
        keys: list[tuple[int, ...]] = []
        for length in range(min(self.longest, len(context)) + 1):
            key = tuple(context[:length])
            if key not in self._counts:
                break
            keys.append(key)
        return keys

    def distribution(self, context: Sequence[int]) -> NDArray[np.float64]:
        """(classes,) probabilities of what comes next; every class has some."""
        found = [self._counts[key] for key in self._known(context)]
        some: dict[int, float] = {}
        escaped = 1.0  # what the longer contexts leave to the shorter ones
        for counts in reversed(found):
            whole = sum(counts.values()) + len(counts)
            for value, count in counts.items():
                some[value] = some.get(value, 0.0) + escaped * count / whole
            escaped *= len(counts) / whole
        shares = np.full(self.classes, escaped / self.classes)
        shares[list(some)] += list(some.values())
        return shares
