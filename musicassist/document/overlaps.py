"""What an edit does to notes of the same pitch that it covers.

A note that is placed (drawn, moved, resized, pasted) takes the time it covers from the other notes of its pitch: what
begins under it loses its head, or goes if nothing is left; what reaches into it ends where it begins. Among the
placed notes themselves the later one wins, and of two that begin together the longer. Notes that overlapped before
the edit are left as they are, so that a file's own doubled notes survive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicassist.score.song import Column, Mask, Notes


@dataclass(frozen=True, eq=False)
class _Blocks:
    """The time that some notes cover, as disjoint blocks on one line where each pitch has its own stretch."""

    stretch_ticks: int
    starts: Column
    ends: Column

    @staticmethod
    def of(notes: Notes, stretch_ticks: int) -> _Blocks:
        """The blocks of at least one note; ``stretch_ticks`` is more than any end."""
        start = notes.pitch * stretch_ticks + notes.start_tick
        order = np.argsort(start, kind="stable")
        start, end = start[order], (notes.pitch * stretch_ticks + notes.end_tick)[order]
        reach = np.maximum.accumulate(end)
        first = np.append(True, start[1:] > reach[:-1])
        last = np.append(first[1:], True)
        return _Blocks(stretch_ticks, start[first], reach[last])

    def without(self, notes: Notes) -> tuple[Column, Column]:
        """Start and end of each note after it gave way; the end is not after the start where nothing is left."""
        offset = notes.pitch * self.stretch_ticks
        start, end = offset + notes.start_tick, offset + notes.end_tick
        row = np.searchsorted(self.starts, start, side="right") - 1
        is_under = (row >= 0) & (self.ends[row] > start)
        start = np.where(is_under, self.ends[row], start)
        following = row + 1
        has_following = following < len(self.starts)
        limit = np.where(has_following, self.starts[np.minimum(following, len(self.starts) - 1)], end)
        return start - offset, np.minimum(end, limit) - offset

    def touches(self, notes: Notes) -> Mask:
        """Which notes share time with a block."""
        start, end = self.without(notes)
        return np.asarray((start != notes.start_tick) | (end != notes.end_tick))


def give_way(kept: Notes, placed: Notes, placed_before: Notes | None) -> tuple[Column, Column, Mask]:
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
    stretch_ticks = 1 + int(max(end.max(), placed.end_tick.max()))
    new_start, new_end = _Blocks.of(placed, stretch_ticks).without(kept)
    is_met = (new_start != start) | (new_end != end)
    if placed_before is not None and is_met.any():
        stretch_ticks = max(stretch_ticks, 1 + int(placed_before.end_tick.max()))
        is_met[is_met] = ~_Blocks.of(placed_before, stretch_ticks).touches(kept.where(is_met))
    start[is_met], end[is_met] = new_start[is_met], new_end[is_met]
    alive[is_met] = end[is_met] > start[is_met]
    return start, end, alive


def overlap_each_other(notes: Notes) -> Mask:
    """Which notes share time with another of their pitch."""
    order = np.lexsort((notes.end_tick, notes.start_tick, notes.pitch))
    ordered = notes.where(order)
    stretch_ticks = 1 + int(notes.end_tick.max(initial=0))
    offset = ordered.pitch * stretch_ticks
    start, end = offset + ordered.start_tick, offset + ordered.end_tick
    reach = np.maximum.accumulate(end) if len(end) else end
    result = np.zeros(len(order), dtype=np.bool_)
    result[order] = np.append(False, reach[:-1] > start[1:])[: len(order)]
    result[order] |= np.append(start[1:] < end[:-1], False)[: len(order)]
    return result


def _is_as_the_one_before(notes: Notes, order: Column) -> Mask:
    """Which notes, in that order, begin with the one before them and have its pitch."""
    start, pitch = notes.start_tick[order], notes.pitch[order]
    return np.append(False, (start[1:] == start[:-1]) & (pitch[1:] == pitch[:-1]))[: len(order)]


def part_from_each_other(placed: Notes, before: Notes) -> tuple[Column, Mask]:
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
