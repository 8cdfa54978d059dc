"""Markov models of variable order over classes: counted once, or learned from the piece so far.

Sources: Witten and Bell 1991, "The zero-frequency problem" (escape method C, interpolated); Pearce 2005, "The
construction and evaluation of statistical models of melodic structure", chapter 6 (models weighted by their entropy).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class MarkovModel:
    """Counts what followed each context of up to ``longest`` classes, and mixes all orders.

    Args:
        classes: How many classes there are.
        longest: Length of the longest context.
    """

    def __init__(self, classes: int, longest: int) -> None:
        self.classes = classes
        self.longest = longest
        self._counts: dict[tuple[int, ...], dict[int, int]] = {}

    def learn(self, context: Sequence[int], value: int) -> None:
        """Counts one event. ``context`` has its nearest class first."""
        for length in range(min(self.longest, len(context)) + 1):
            counts = self._counts.setdefault(tuple(context[:length]), {})
            counts[value] = counts.get(value, 0) + 1

    def distribution(self, context: Sequence[int]) -> Floats:
        """(classes,) probabilities of what comes next; every class has some."""
        shares = np.full(self.classes, 1.0 / self.classes)
        for length in range(min(self.longest, len(context)) + 1):
            counts = self._counts.get(tuple(context[:length]))
            if counts is None:
                break
            kinds, seen = len(counts), sum(counts.values())
            shares *= kinds / (seen + kinds)
            shares[list(counts)] += np.fromiter(counts.values(), dtype=np.float64) / (seen + kinds)
        return shares


def entropy_weighted(first: Floats, second: Floats, *, bias: float = 2.0) -> Floats:
    """The two distributions, each weighted by its relative entropy to the power of ``-bias``."""
    weights = [_relative_entropy(shares) ** -bias for shares in (first, second)]
    return np.asarray((weights[0] * first + weights[1] * second) / sum(weights))


def _relative_entropy(shares: Floats) -> float:
    return max(1e-3, float(-(shares * np.log2(shares)).sum() / np.log2(len(shares))))
