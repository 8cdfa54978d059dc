"""Where in the bar each part has played before a take: there it goes on, and it is a stranger elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from musicassist.families.ensemble.arrangement import Arrangement
from musicassist.families.ensemble.vocabulary import GAPS, ROLES
from musicassist.score.timing import TimeMap

HABIT_BARS = 8  # the last ones, in which a part shows where in the bar it plays
MIN_HABIT_NOTES = 8  # LIMIT: onsets; fewer show nothing
_PLACES = 1 << 12  # LIMIT: steps of a bar


class Habits:
    """Where in the bar the parts have played in the last bars before a take.

    Args:
        arrangement: What is written.
    """

    def __init__(self, arrangement: Arrangement) -> None:
        bars, seed, self._from_step = arrangement.bars, arrangement.seed, arrangement.from_step
        first = bars.bar_start_tick(max(0, bars.bar_at(self._from_step) - HABIT_BARS))
        steps = np.arange(self._from_step, arrangement.to_step)
        places = _places_of(bars, steps)
        self._strange = np.zeros((ROLES, len(steps)), dtype=bool)
        for role in arrangement.parts:
            onsets = np.unique(seed.onset_step[(seed.role == role) & (seed.onset_step >= first)])
            known = _places_of(bars, onsets)
            if len(onsets) >= MIN_HABIT_NOTES:  # bars of a length that it has not met say nothing
                self._strange[role] = ~np.isin(places, known) & np.isin(places % _PLACES, known % _PLACES)

        ends = np.arange(len(steps), dtype=np.int64)
        free = np.where(self._strange, len(steps), ends)
        self._next_known = np.minimum.accumulate(free[:, ::-1], axis=1)[:, ::-1] + self._from_step

    def is_strange(self, role: int, step: int) -> bool:
        """Whether a part that shows where it plays has not played at that place of such a bar."""
        return bool(self._strange[role, step - self._from_step])

    def known_from(self, role: int, step: int) -> int:
        """The first step from there on at which a part is no stranger; the end of the take where there is none."""
        at = step - self._from_step
        return int(self._next_known[role, at]) if 0 <= at < self._next_known.shape[1] else step

    def strange_gaps(self, step: int, earliest: Mapping[int, int]) -> NDArray[np.intp]:
        """The gaps behind a step that lead to where no part that may begin a note, from a step each, has played."""
        first = max(1, self._from_step - step)
        at = step + first - self._from_step
        rows = self._strange[:, at : at + GAPS - 1 - first]
        is_strange = np.ones(rows.shape[1], dtype=bool)
        for role, free_step in earliest.items():
            is_strange &= rows[role] | (np.arange(rows.shape[1]) < free_step - step - first)
        return first + np.flatnonzero(is_strange)


def _places_of(bars: TimeMap, steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each step in its bar, and the length of that bar, in one number."""
    return np.asarray((steps - bars.bar_spans(steps)[0]) * _PLACES + bars.bar_lengths(steps))
