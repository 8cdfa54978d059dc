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

    def over(self, time_map: TimeMap) -> SongGrid:
        """Its lines in a song, or none while not snapping."""
        return SongGrid(time_map, self.ticks(time_map.ticks_per_beat) if self.is_snapping else None)

    def snap(self, time_map: TimeMap, tick: float) -> int:
        """The grid line nearest to ``tick``, or ``tick`` itself while not snapping."""
        return self.over(time_map).snapped(tick)

    def __str__(self) -> str:
        return f"1/{self.division}{'T' if self.is_triplet else ''}"


@dataclass(frozen=True)
class SongGrid:
    """The lines of a song that the mouse snaps to; they begin anew at every bar line.

    Attributes:
        time_map: Knows the bars.
        step_ticks: Distance of the lines, not always whole, at least 1; None where nothing snaps.
    """

    time_map: TimeMap
    step_ticks: float | None = None

    @property
    def length_ticks(self) -> int:
        """A note as long as one step; a sixteenth without a grid."""
        return max(1, round(self.step_ticks if self.step_ticks is not None else self.time_map.ticks_per_beat / 4))

    def snapped(self, tick: float) -> int:
        """The nearest line, at least 0; without a grid the nearest tick."""
        if self.step_ticks is None:
            return max(0, round(tick))
        return int(nearest_lines(self.time_map, np.array([float(tick)]), self.step_ticks)[0])

    def floor(self, tick: float) -> int:
        """The last line that is not after ``tick``: the cell a click falls into."""
        if self.step_ticks is None:
            return max(0, int(tick))
        bar_tick = self.time_map.bar_start_tick(self.time_map.bar_at(max(0.0, tick)))
        steps = int((max(0.0, tick) - bar_tick) / self.step_ticks) + 1
        lines = (bar_tick + round(number * self.step_ticks) for number in (steps, steps - 1))
        return next((line for line in lines if line <= tick + 1e-9), bar_tick)

    def shift_ticks(self, start_tick: int, raw_ticks: float) -> int:
        """How far a thing that stands at ``start_tick`` moves when it is dragged by ``raw_ticks``.

        It is drawn to the lines and also to whole steps from where it stood, so that what was played off the grid can
        keep its feel; the nearer of the two wins.
        """
        if self.step_ticks is None:
            return round(raw_ticks)
        to_line = self.snapped(start_tick + raw_ticks) - start_tick
        by_steps = round(round(raw_ticks / self.step_ticks) * self.step_ticks)
        return to_line if abs(to_line - raw_ticks) <= abs(by_steps - raw_ticks) else by_steps

    def without_snap(self) -> SongGrid:
        """The same grid while the user holds Alt."""
        return SongGrid(self.time_map)


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
