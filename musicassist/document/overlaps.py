"""What an edit does to notes of the same pitch that it covers.

A note that is placed (drawn, moved, resized, pasted) takes the time it covers from the other notes of its pitch: what
begins under it loses its head, or goes if nothing is left; what reaches into it ends where it begins. Among the
placed notes themselves the later one wins, and of two that begin together the longer. Notes that overlapped before
the edit are left as they are, so that a file's own doubled notes survive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicassist.score.song import Column, Mask


@dataclass(frozen=True, eq=False)
class Spans:
    """Pitch and time of some notes, as columns of equal length in any order of rows."""

    start_tick: Column
    pitch: Column
    end_tick: Column

    def where(self, rows: Mask | Column) -> Spans:
        """These rows alone."""
        return Spans(self.start_tick[rows], self.pitch[rows], self.end_tick[rows])


@dataclass(frozen=True, eq=False)
class _Blocks:
    """The time that some notes cover, as disjoint blocks on one line where each pitch has its own stretch."""

    stretch_ticks: int
    starts: Column
    ends: Column

    @staticmethod
    def of(spans: Spans, stretch_ticks: int) -> _Blocks:
        """The blocks of at least one note; ``stretch_ticks`` is more than any end."""
        start = spans.pitch * stretch_ticks + spans.start_tick
        order = np.argsort(start, kind="stable")
        start, end = start[order], (spans.pitch * stretch_ticks + spans.end_tick)[order]
        reach = np.maximum.accumulate(end)
        first = np.append(True, start[1:] > reach[:-1])
        last = np.append(first[1:], True)
        return _Blocks(stretch_ticks, start[first], reach[last])

    def without(self, spans: Spans) -> tuple[Column, Column]:
        """Start and end of each note after it gave way; the end is not after the start where nothing is left."""
        offset = spans.pitch * self.stretch_ticks
        start, end = offset + spans.start_tick, offset + spans.end_tick
        row = np.searchsorted(self.starts, start, side="right") - 1
        is_under = (row >= 0) & (self.ends[row] > start)
        start = np.where(is_under, self.ends[row], start)
        following = row + 1
        has_following = following < len(self.starts)
        limit = np.where(has_following, self.starts[np.minimum(following, len(self.starts) - 1)], end)
        return start - offset, np.minimum(end, limit) - offset

    def touches(self, spans: Spans) -> Mask:
        """Which notes share time with a block."""
        start, end = self.without(spans)
        return np.asarray((start != spans.start_tick) | (end != spans.end_tick))


def give_way(kept: Spans, placed: Spans, placed_before: Spans | None) -> tuple[Column, Column, Mask]:
    """The kept notes after they gave way to the placed ones.

    Args:
        kept: The notes that were not edited.
        placed: The edited notes, where they are now.
        placed_before: Where they were before; None if they are new.

    Returns:
        Start, end and whether anything is left, for each kept note.
    """
    start, end = kept.start_tick.copy(), kept.end_tick.copy()
    alive = np.ones(len(start), dtype=np.bool_)
    if len(placed.start_tick) == 0 or len(start) == 0:
        return start, end, alive
    near = np.flatnonzero((end > placed.start_tick.min()) & (start < placed.end_tick.max()))
    stretch_ticks = 1 + int(max(end[near].max(initial=0), placed.end_tick.max()))
    new_start, new_end = _Blocks.of(placed, stretch_ticks).without(kept.where(near))
    is_met = (new_start != start[near]) | (new_end != end[near])
    if placed_before is not None and is_met.any():
        stretch_ticks = max(stretch_ticks, 1 + int(placed_before.end_tick.max()))
        is_met[is_met] = ~_Blocks.of(placed_before, stretch_ticks).touches(kept.where(near[is_met]))
    met = near[is_met]
    start[met], end[met] = new_start[is_met], new_end[is_met]
    alive[met] = end[met] > start[met]
    return start, end, alive


def overlap_each_other(spans: Spans) -> Mask:
    """Which notes share time with another of their pitch."""
    order = np.lexsort((spans.end_tick, spans.start_tick, spans.pitch))
    sorted_spans = spans.where(order)
    stretch_ticks = 1 + int(spans.end_tick.max(initial=0))
    offset = sorted_spans.pitch * stretch_ticks
    start, end = offset + sorted_spans.start_tick, offset + sorted_spans.end_tick
    reach = np.maximum.accumulate(end) if len(end) else end
    result = np.zeros(len(order), dtype=np.bool_)
    result[order] = np.append(False, reach[:-1] > start[1:])[: len(order)]
    result[order] |= np.append(start[1:] < end[:-1], False)[: len(order)]
    return result


def _is_as_the_one_before(spans: Spans, order: Column) -> Mask:
    """Which notes, in that order, begin with the one before them and have its pitch."""
    start, pitch = spans.start_tick[order], spans.pitch[order]
    return np.append(False, (start[1:] == start[:-1]) & (pitch[1:] == pitch[:-1]))[: len(order)]


def part_from_each_other(placed: Spans, before: Spans) -> tuple[Column, Mask]:
    """End of each placed note and whether it stays, after they gave way to each other.

    What overlapped already before the edit may go on to, but no two notes come to begin together that did not.

    Args:
        placed: The edited notes, where they are now.
        before: The same notes, row by row, where they were.
    """
    end = placed.end_tick.copy()
    alive = np.ones(len(end), dtype=np.bool_)
    order = np.lexsort((-end, placed.start_tick, placed.pitch))
    is_double = _is_as_the_one_before(placed, order) & ~_is_as_the_one_before(before, order)
    alive[order[is_double]] = False
    rows = order[(~overlap_each_other(before) & alive)[order]]
    same_pitch = placed.pitch[rows[1:]] == placed.pitch[rows[:-1]]
    end[rows[:-1]] = np.where(same_pitch, np.minimum(end[rows[:-1]], placed.start_tick[rows[1:]]), end[rows[:-1]])
    return end, alive
