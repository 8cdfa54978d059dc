"""Gestures that write and shape notes: draw, move and copy, resize and stretch. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicassist.document.edits import (
    EditResult,
    copy_notes,
    insert_notes,
    move_notes,
    resize_notes,
    stretch_notes,
)
from musicassist.score.song import Note, Notes
from musicassist.ui.piano_roll.gestures import START_DISTANCE_PX, Drag, Outcome, Pointer


@dataclass(eq=False)
class DrawNote(Drag):
    """A new note: x is its length, y its pitch."""

    name = "Draw note"
    cursor = "draw"

    def move(self, pointer: Pointer) -> Outcome:
        """The song with the new note."""
        note = self.note(pointer)
        return Outcome(
            insert_notes(self.base.song, self.base.track_index, Notes.of([note])), sounding=note, touched=note
        )

    def note(self, pointer: Pointer) -> Note:
        """The note as drawn so far."""
        grid = self.base.grid_for(self.start.keys)
        start_tick = grid.floor(self.start.tick)
        duration_ticks = self.base.new_note.duration_ticks
        if self._follow(pointer) and abs(pointer.x_px - self.start.x_px) >= START_DISTANCE_PX:
            grid = self.base.grid_for(pointer.keys)
            shortest = 1 if grid.step_ticks is None else grid.length_ticks
            duration_ticks = max(shortest, grid.snapped(pointer.tick) - start_tick)
        return Note(start_tick, pointer.pitch, duration_ticks, self.base.new_note.velocity)


@dataclass(eq=False)
class MoveNotes(Drag):
    """Moves the selection, or with Ctrl a copy of it; Shift after the start keeps to one axis, Alt ignores the grid."""

    row: int
    name = "Move notes"
    cursor = "move"

    def __post_init__(self) -> None:
        keys = self.start.keys
        self.mask = self.base.selection_with(self.row, is_adding=keys.shift or keys.ctrl)
        self.note = self.base.notes[self.row]

    def move(self, pointer: Pointer) -> Outcome:
        """The moved or copied notes."""
        if not self._follow(pointer):
            return Outcome(selection=self.mask, sounding=self.note, touched=self.note)
        ticks, semitones = self._way(pointer)
        is_copy = pointer.keys.ctrl and not pointer.keys.alt
        self.name = "Copy notes" if is_copy else "Move notes"
        edit = (copy_notes if is_copy else move_notes)(
            self.base.song, self.base.track_index, self.mask, ticks, semitones
        )
        pitch = max(0, min(127, self.note.pitch + semitones))
        return Outcome(edit, sounding=Note(self.note.start_tick, pitch, self.note.duration_ticks, self.note.velocity))

    def _way(self, pointer: Pointer) -> tuple[int, int]:
        grid = self.base.grid_for(pointer.keys)
        ticks = grid.shift_ticks(self.note.start_tick, pointer.tick - self.start.tick)
        semitones = pointer.pitch - self.start.pitch
        if pointer.keys.shift and not self.start.keys.shift:
            is_sideways = abs(pointer.x_px - self.start.x_px) >= abs(pointer.y_px - self.start.y_px)
            return (ticks, 0) if is_sideways else (0, semitones)
        return ticks, semitones

    def release(self, pointer: Pointer) -> Outcome:
        """A click selects the note alone; with Shift it joins the others, with Ctrl it joins or leaves them."""
        if self._follow(pointer):
            return self.move(pointer)
        mask = self.base.selection_with(self.row, is_adding=True).copy()
        if not (self.start.keys.shift or self.start.keys.ctrl):
            mask = self.base.nothing()
            mask[self.row] = True
        elif self.start.keys.ctrl:
            mask[self.row] = not self.base.selection[self.row]
        return Outcome(selection=mask, touched=self.note)


@dataclass(eq=False)
class ResizeNotes(Drag):
    """Drags one edge of the selected notes; with Ctrl the whole group is stretched about its other end."""

    row: int
    part: str
    name = "Resize notes"
    cursor = "resize"

    def __post_init__(self) -> None:
        self.mask = self.base.selection_with(self.row, is_adding=self.start.keys.shift)
        self.note = self.base.notes[self.row]

    def move(self, pointer: Pointer) -> Outcome:
        """The notes with their new edges."""
        if not self._follow(pointer):
            return Outcome(selection=self.mask, touched=self.note)
        is_stretch = self.start.keys.ctrl and not self.start.keys.alt
        self.name = "Stretch notes" if is_stretch else "Resize notes"
        edit = self._stretched(pointer) if is_stretch else self._resized(pointer)
        return Outcome(edit, touched=self._touched(edit))

    def _edge_tick(self, pointer: Pointer) -> int:
        """Where the edge under the mouse should go."""
        edge = self.note.start_tick if self.part == "start" else self.note.end_tick
        return edge + self.base.grid_for(pointer.keys).shift_ticks(edge, pointer.tick - self.start.tick)

    def _resized(self, pointer: Pointer) -> EditResult:
        target = self._edge_tick(pointer)
        if self.part == "start":
            ticks = min(target, self._furthest_start(pointer)) - self.note.start_tick
            return resize_notes(self.base.song, self.base.track_index, self.mask, ticks, 0)
        ticks = max(target, self.note.end_tick - self._spare_ticks(pointer)) - self.note.end_tick
        return resize_notes(self.base.song, self.base.track_index, self.mask, 0, ticks)

    def _spare_ticks(self, pointer: Pointer) -> int:
        """How much shorter the note may get: to one step of the grid, or to a tick without one."""
        grid = self.base.grid_for(pointer.keys)
        shortest = 1 if grid.step_ticks is None else min(grid.length_ticks, self.note.duration_ticks)
        return self.note.duration_ticks - shortest

    def _furthest_start(self, pointer: Pointer) -> int:
        return self.note.start_tick + self._spare_ticks(pointer)

    def _stretched(self, pointer: Pointer) -> EditResult:
        chosen = self.base.notes.where(self.mask)
        first, last = int(chosen.start_tick.min()), int(chosen.end_tick.max())
        anchor = last if self.part == "start" else first
        edge = self.note.start_tick if self.part == "start" else self.note.end_tick
        factor = (self._edge_tick(pointer) - anchor) / (edge - anchor) if edge != anchor else 1.0
        return stretch_notes(self.base.song, self.base.track_index, self.mask, anchor, max(factor, 0.0))

    def _touched(self, edit: EditResult) -> Note:
        rows = np.flatnonzero(edit.selection)
        return edit.song.tracks[self.base.track_index].notes[int(rows[0])] if len(rows) == 1 else self.note
