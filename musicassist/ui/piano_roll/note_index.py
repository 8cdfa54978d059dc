"""Finds the notes that are in view, under the pointer or in a rectangle, without a Python loop over notes. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from musicassist.score.song import Mask, Notes

Ints = NDArray[np.int64]
EDGE_PX = 6.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A note under the pointer.

    Attributes:
        row: Its row.
        part: ``"body"``, ``"start"`` or ``"end"``: what a drag from here takes hold of.
    """

    row: int
    part: str


@dataclass(frozen=True, eq=False)
class NoteIndex:
    """Look-ups in one set of notes.

    Attributes:
        notes: The notes, sorted by start.
        selection: Mask of the selected rows, which lie above the others.
    """

    notes: Notes
    selection: Mask

    @cached_property
    def latest_end_tick(self) -> Ints:
        """The latest end among each row and all rows before it: a note is culled by its end, not by its start."""
        return np.maximum.accumulate(self.notes.end_tick) if len(self.notes) else np.empty(0, dtype=np.int64)

    def slice_between(self, from_tick: float, to_tick: float) -> slice:
        """The shortest run of rows that holds every note sounding in [from_tick, to_tick)."""
        first = int(np.searchsorted(self.latest_end_tick, from_tick, side="right"))
        return slice(first, int(np.searchsorted(self.notes.start_tick, to_tick, side="left")))

    def rows_between(self, from_tick: float, to_tick: float) -> Ints:
        """Rows of the notes that sound somewhere in [from_tick, to_tick)."""
        near = self.slice_between(from_tick, to_tick)
        return near.start + np.flatnonzero(self.notes.end_tick[near] > from_tick)

    def rows_in_box(self, from_tick: float, to_tick: float, low_pitch: int, high_pitch: int) -> Ints:
        """Rows of the notes that touch a rectangle of time and (inclusive) pitches."""
        rows = self.rows_between(from_tick, to_tick)
        pitch = self.notes.pitch[rows]
        return rows[(pitch >= low_pitch) & (pitch <= high_pitch)]

    def mask_in_box(self, from_tick: float, to_tick: float, low_pitch: int, high_pitch: int) -> Mask:
        """The same as a mask over all rows."""
        mask = np.zeros(len(self.notes), dtype=np.bool_)
        mask[self.rows_in_box(from_tick, to_tick, low_pitch, high_pitch)] = True
        return mask

    def at(self, tick: float, pitch: int, pixels_per_tick: float) -> Hit | None:
        """The topmost note at a point: selected before unselected, later rows before earlier ones.

        Notes narrower than three pixels can still be caught.
        """
        slack_ticks = 1.5 / pixels_per_tick
        rows = self.rows_in_box(tick - slack_ticks, tick + slack_ticks, pitch, pitch)
        start, end = self.notes.start_tick[rows], self.notes.end_tick[rows]
        wide = (end - start) * pixels_per_tick >= 3.0
        rows = rows[((start <= tick) & (tick < end)) | ~wide]
        if not len(rows):
            return None
        chosen = rows[self.selection[rows]]
        row = int(chosen[-1] if len(chosen) else rows[-1])
        return Hit(row, self._part(row, tick, pixels_per_tick))

    def _part(self, row: int, tick: float, pixels_per_tick: float) -> str:
        start, end = int(self.notes.start_tick[row]), int(self.notes.end_tick[row])
        width_px = (end - start) * pixels_per_tick
        edge_px = min(EDGE_PX, width_px / 4)
        if (end - tick) * pixels_per_tick < max(edge_px, min(3.0, width_px / 2)):
            return "end"
        return "start" if width_px >= 12 and (tick - start) * pixels_per_tick < edge_px else "body"
