"""Gestures that write and shape notes: draw, move and copy, resize and stretch. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from musicassist.document.edits import (
    EditResult,
    copy_notes,
    insert_notes,
    move_notes,
    resize_notes,
    set_velocity,
    stretch_notes,
)
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score.song import Note, Notes
from musicassist.ui.piano_roll.geometry import Hit
from musicassist.ui.piano_roll.gestures import (
    START_DISTANCE_PX,
    Base,
    Drag,
    DragVelocity,
    EraseNotes,
    Gesture,
    Keys,
    Marquee,
    Outcome,
    Pan,
    Pointer,
    SplitNote,
)

REACH_PX = 4.0
Tool = Literal["edit", "draw", "erase", "split"]
Button = Literal["left", "middle", "right"]
TOOLS: tuple[Tool, ...] = ("edit", "draw", "erase", "split")


@dataclass(eq=False)
class DrawNote(Drag):
    """A new note: x is its length, y its pitch."""

    name = QT_TRANSLATE_NOOP("Steps", "Draw note")
    cursor = "draw"

    def move(self, pointer: Pointer) -> Outcome:
        note = self.note(pointer)
        return Outcome(self._edited(insert_notes, Notes.of([note])), sounding=note, touched=note)

    def note(self, pointer: Pointer) -> Note:
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
    name = QT_TRANSLATE_NOOP("Steps", "Move notes")
    cursor = "move"

    def __post_init__(self) -> None:
        keys = self.start.keys
        self.mask = self.base.selection_with(self.row, is_adding=keys.shift or keys.ctrl)
        self.note = self.base.notes[self.row]

    def move(self, pointer: Pointer) -> Outcome:
        if not self._follow(pointer):
            return Outcome(selection=self.mask, sounding=self.note, touched=self.note)
        ticks, semitones = self._way(pointer)
        is_copy = pointer.keys.ctrl and not pointer.keys.alt
        self.name = QT_TRANSLATE_NOOP("Steps", "Copy notes") if is_copy else QT_TRANSLATE_NOOP("Steps", "Move notes")
        edit = self._edited(copy_notes if is_copy else move_notes, self.mask, ticks, semitones)
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
    name = QT_TRANSLATE_NOOP("Steps", "Resize notes")
    cursor = "resize"

    def __post_init__(self) -> None:
        self.mask = self.base.selection_with(self.row, is_adding=self.start.keys.shift)
        self.note = self.base.notes[self.row]

    def move(self, pointer: Pointer) -> Outcome:
        if not self._follow(pointer):
            return Outcome(selection=self.mask, touched=self.note)
        is_stretch = self.start.keys.ctrl and not self.start.keys.alt
        self.name = (
            QT_TRANSLATE_NOOP("Steps", "Stretch notes") if is_stretch else QT_TRANSLATE_NOOP("Steps", "Resize notes")
        )
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
            return self._edited(resize_notes, self.mask, ticks, 0)
        ticks = max(target, self.note.end_tick - self._spare_ticks(pointer)) - self.note.end_tick
        return self._edited(resize_notes, self.mask, 0, ticks)

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
        return self._edited(stretch_notes, self.mask, anchor, max(factor, 0.0))

    def _touched(self, edit: EditResult) -> Note:
        rows = np.flatnonzero(edit.selection)
        return edit.song.tracks[self.base.track_index].notes[int(rows[0])] if len(rows) == 1 else self.note


class VelocityStroke:
    """One press, drag and release in the velocity lane; a selection limits what it changes."""

    name = QT_TRANSLATE_NOOP("Steps", "Draw velocities")

    def __init__(self, base: Base, tick: float, velocity: float, pixels_per_tick: float) -> None:
        self._base = base
        self._first = self._last = (tick, velocity)
        self._reach_ticks = REACH_PX / pixels_per_tick
        self._velocity = base.notes.velocity.copy()
        self._changed = np.zeros(len(base.notes), dtype=np.bool_)
        self._allowed = base.selection if base.selection.any() else np.ones(len(base.notes), dtype=np.bool_)

    def move(self, tick: float, velocity: float, *, is_straight: bool = False) -> Outcome:
        """The song with the stroke so far; ``velocity`` may lie outside 1..127 and is limited."""
        if is_straight:
            self._velocity = self._base.notes.velocity.copy()
            self._changed[:] = False
        from_tick, from_velocity = self._first if is_straight else self._last
        start = self._base.notes.start_tick
        low, high = min(from_tick, tick) - self._reach_ticks, max(from_tick, tick) + self._reach_ticks
        rows = np.flatnonzero((start >= low) & (start <= high) & self._allowed)
        self._velocity[rows] = np.clip(
            np.rint(self._line(from_tick, from_velocity, tick, velocity, start[rows])), 1, 127
        )
        self._changed[rows] = True
        self._last = (tick, velocity)
        return self._outcome()

    def _line(self, from_tick: float, from_velocity: float, tick: float, velocity: float, at: np.ndarray) -> np.ndarray:
        if from_tick == tick:
            return np.full(len(at), velocity)
        ends = sorted(((from_tick, from_velocity), (tick, velocity)))
        return np.interp(at, [ends[0][0], ends[1][0]], [ends[0][1], ends[1][1]])

    def _outcome(self) -> Outcome:
        if not self._changed.any():
            return Outcome()
        base = self._base
        edit = set_velocity(base.song, base.track_index, self._changed, self._velocity[self._changed])
        return Outcome(EditResult(edit.song, base.selection))


def begin_gesture(tool: str, button: Button, base: Base, pointer: Pointer, hit: Hit | None) -> Gesture | None:
    """The gesture that a press begins; None if it begins none (a right press then opens the menu)."""
    if button == "middle":
        return Pan(base, pointer) if hit is None else DragVelocity(base, pointer, hit.row)
    if button == "right":
        return EraseNotes(base, pointer) if tool in ("draw", "erase") else None
    if tool == "erase":
        return EraseNotes(base, pointer)
    if hit is not None:
        return _on_note(tool, base, pointer, hit)
    if tool == "draw" and not pointer.keys.ctrl:
        return DrawNote(base, pointer)
    return Marquee(base, pointer)


def _on_note(tool: str, base: Base, pointer: Pointer, hit: Hit) -> Gesture:
    if tool == "split":
        return SplitNote(base, pointer, hit.row)
    if hit.part == "body":
        return MoveNotes(base, pointer, hit.row)
    return ResizeNotes(base, pointer, hit.row, hit.part)


def cursor_for(tool: str, hit: Hit | None, keys: Keys) -> str:
    """What the pointer looks like before the press."""
    if tool == "erase":
        return "erase"
    if hit is None:
        return "draw" if tool == "draw" and not keys.ctrl else "arrow"
    if tool == "split":
        return "split"
    if hit.part != "body":
        return "stretch" if keys.ctrl else "resize"
    return "copy" if keys.ctrl and not keys.alt else "move"
