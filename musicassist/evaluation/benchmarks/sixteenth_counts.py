"""Counts as a baseline for four voices on a grid of 16ths: each pitch after what is known, with back-off to less."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence

LEVELS = ("unigram", "after its own pitch", "and the voice above", "and the place in the beat")
_UNIFORM = 1 / 60
Chorale = Sequence[Sequence[int]]  # steps of pitches: soprano, alto, tenor, bass; -1 for silence


class CountChain:
    """Counts at four levels of context, each mixed into the level before it with weight n / (n + kinds seen)."""

    def __init__(self, chorales: Sequence[Chorale]) -> None:
        self._counts: dict[Hashable, Counter[int]] = defaultdict(Counter)
        for chorale in chorales:
            for pitch, contexts in _tokens(chorale):
                for context in contexts:
                    self._counts[context][pitch] += 1

    def nats(self, chorales: Sequence[Chorale]) -> list[float]:
        """For each level the mean nats per note token; a chorale's first step is only read."""
        sums, tokens = [0.0] * len(LEVELS), 0
        for chorale in chorales:
            for pitch, contexts in _tokens(chorale):
                share, tokens = _UNIFORM, tokens + 1
                for level, context in enumerate(contexts):
                    share = self._mixed(context, pitch, share)
                    sums[level] -= math.log(share)
        return [level / tokens for level in sums]

    def _mixed(self, context: Hashable, pitch: int, share: float) -> float:
        counts = self._counts.get(context)
        if not counts:
            return share
        return (counts[pitch] + len(counts) * share) / (counts.total() + len(counts))


def _tokens(chorale: Chorale) -> Iterator[tuple[int, list[Hashable]]]:
    """Each voice entry after the first step, with its context at each level."""
    for step in range(1, len(chorale)):
        before, now = chorale[step - 1], chorale[step]
        for voice, pitch in enumerate(now):
            above = (now[voice - 1], now[voice - 1] != before[voice - 1]) if voice else ()
            context = (voice, before[voice], above, step % 4)
            yield pitch, [context[: level + 1] for level in range(len(LEVELS))]
