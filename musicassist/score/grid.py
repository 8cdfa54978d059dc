"""The grid that the mouse snaps to and quantising pulls to; it begins anew at each bar line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.score.song import Column
from musicassist.score.timing import TimeMap

DIVISIONS = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True, slots=True)
class Grid:
    """A note value to snap to.

    Attributes:
        division: Part of a whole note: 16 is a sixteenth. One of ``DIVISIONS``.
        is_triplet: Whether three stand in the place of two.
        is_snapping: Whether the mouse snaps to it; arrows and quantising use it either way.
    """

    division: int = 16
    is_triplet: bool = False
    is_snapping: bool = True

    def ticks(self, ticks_per_beat: int) -> float:
        """Length of one step; not whole where the division of the file does not hold the grid. At least 1."""
        return max(1.0, 4 * ticks_per_beat / self.division * (2 / 3 if self.is_triplet else 1))

    def snap(self, time_map: TimeMap, tick: float) -> int:
        """The grid line nearest to ``tick``, or ``tick`` itself while not snapping."""
        if not self.is_snapping:
            return max(0, round(tick))
        return int(nearest_lines(time_map, np.array([tick]), self.ticks(time_map.ticks_per_beat))[0])

    def __str__(self) -> str:
        return f"1/{self.division}{'T' if self.is_triplet else ''}"


def nearest_lines(
    time_map: TimeMap, ticks: Column | NDArray[np.float64], grid_ticks: float, *, swing_share: float = 0.0
) -> Column:
    """The grid line nearest to each tick; bar lines are grid lines always.

    Args:
        time_map: The song's times.
        ticks: Where to look from; the mouse stands between ticks, too.
        grid_ticks: Length of one step.
        swing_share: How late each second line stands, as a share of a step, 0..1 (exclusive). 1/3 is the triplet feel.
    """
    bar, next_bar = time_map.bar_spans(np.floor(np.maximum(ticks, 0)).astype(np.int64))
    offset = np.maximum(ticks, 0) - bar
    pair = np.floor(offset / (2 * grid_ticks)) * 2 * grid_ticks
    candidates = bar + np.rint([pair, pair + (1 + swing_share) * grid_ticks, pair + 2 * grid_ticks]).astype(np.int64)
    candidates = np.concatenate([np.minimum(candidates, next_bar), next_bar[None]])
    nearest = np.abs(candidates - ticks).argmin(axis=0)
    return np.asarray(candidates[nearest, np.arange(len(ticks))], dtype=np.int64)


def line_at_or_before(time_map: TimeMap, tick: float, grid_ticks: float) -> int:
    """The last grid line that is not after a place: the cell that a click falls into."""
    bar_tick = time_map.bar_start_tick(time_map.bar_at(max(0.0, tick)))
    steps = int((max(0.0, tick) - bar_tick) / grid_ticks) + 1
    lines = (bar_tick + round(number * grid_ticks) for number in (steps, steps - 1))
    return next((line for line in lines if line <= tick + 1e-9), bar_tick)


def grid_lines(time_map: TimeMap, grid_ticks: float, from_tick: int, to_tick: int) -> Column:
    """Every grid line in [from_tick, to_tick), in order."""
    lines: list[Column] = [np.zeros(0, dtype=np.int64)]
    bar, next_bar = (int(edge[0]) for edge in time_map.bar_spans(np.array([max(0, from_tick)])))
    while bar < to_tick:
        lines.append(bar + np.rint(np.arange(0, next_bar - bar, grid_ticks)).astype(np.int64))
        bar, next_bar = (int(edge[0]) for edge in time_map.bar_spans(np.array([next_bar])))
    all_lines = np.unique(np.concatenate(lines))
    return np.asarray(all_lines[(all_lines >= from_tick) & (all_lines < to_tick)], dtype=np.int64)
