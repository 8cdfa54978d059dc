"""What the mouse does to music: one small object per gesture, from pointer positions to edited songs. No Qt.

Each gesture is computed from the song as it was when it began, so a drag that comes back leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from musicassist.document.edits import EditResult, change_velocity, delete_notes, split_notes
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score.grid import SongGrid
from musicassist.score.song import Mask, Note, Notes, Song
from musicassist.ui.piano_roll.geometry import NoteIndex

START_DISTANCE_PX = 3.0  # how far the mouse goes before a press becomes a drag
VELOCITY_PER_PX = 0.5
HANDLE_PX = 6.0


@dataclass(frozen=True, slots=True)
class Keys:
    """The modifier keys that are held."""

    shift: bool = False
    ctrl: bool = False
    alt: bool = False


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is, on the screen and in the music."""

    x_px: float
    y_px: float
    tick: float
    pitch: int
    keys: Keys = Keys()


@dataclass(frozen=True, eq=False)
class Base:
    """What a gesture starts from: the song, its edited track and selection, the grid, and what a new note is like."""

    song: Song
    track_index: int
    selection: Mask
    grid: SongGrid
    new_note: Note

    @property
    def notes(self) -> Notes:
        return self.song.tracks[self.track_index].notes

    @cached_property
    def index(self) -> NoteIndex:
        return NoteIndex(self.notes, self.selection)

    def nothing(self) -> Mask:
        """A mask that selects no note."""
        return np.zeros(len(self.notes), dtype=np.bool_)

    def selection_with(self, row: int, *, is_adding: bool = False) -> Mask:
        """What a press on a note selects: all that is selected if it is among them, else that note (and the others)."""
        if self.selection[row]:
            return self.selection
        mask = self.selection.copy() if is_adding else self.nothing()
        mask[row] = True
        return mask

    def grid_for(self, keys: Keys) -> SongGrid:
        """The grid, or none while Alt is held."""
        return self.grid.without_snap() if keys.alt else self.grid


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a gesture has come to so far.

    Attributes:
        edit: The edited song, None for no edit.
        selection: What is selected in the unedited song, None for no change.
        box: A rectangle to show: from tick, to tick, lowest and highest pitch.
        pan_px: How far the view has been pulled since the gesture began.
        sounding: A note that should be heard now.
        touched: A note that new notes are modelled on.
    """

    edit: EditResult | None = None
    selection: Mask | None = None
    box: tuple[float, float, int, int] | None = None
    pan_px: tuple[float, float] | None = None
    sounding: Note | None = None
    touched: Note | None = None


class Gesture(Protocol):
    """A press, some moves, a release."""

    name: str
    cursor: str

    def move(self, pointer: Pointer) -> Outcome:
        """Where it stands with the mouse here; the first call is the press itself."""

    def release(self, pointer: Pointer) -> Outcome:
        """How it ends."""


@dataclass(eq=False)
class Drag:
    """What gestures share: where they began, and whether the mouse has really moved."""

    base: Base
    start: Pointer
    has_moved: bool = field(default=False, init=False)

    def _edited(self, edit: Callable[..., EditResult], *values: object) -> EditResult:
        return edit(self.base.song, self.base.track_index, *values)

    def _follow(self, pointer: Pointer) -> bool:
        distance_px = max(abs(pointer.x_px - self.start.x_px), abs(pointer.y_px - self.start.y_px))
        self.has_moved = self.has_moved or distance_px >= START_DISTANCE_PX
        return self.has_moved

    def move(self, pointer: Pointer) -> Outcome:
        return Outcome()

    def release(self, pointer: Pointer) -> Outcome:
        return self.move(pointer)


@dataclass(eq=False)
class Marquee(Drag):
    """Selects what a rectangle touches; with Shift or Ctrl these join the selection. A click selects nothing."""

    name = ""
    cursor = "cross"

    def move(self, pointer: Pointer) -> Outcome:
        is_adding = self.start.keys.shift or self.start.keys.ctrl
        if not self._follow(pointer):
            return Outcome(selection=self.base.selection if is_adding else self.base.nothing())
        low, high = sorted((self.start.pitch, pointer.pitch))
        from_tick, to_tick = sorted((self.start.tick, pointer.tick))
        mask = self.base.index.mask_in_box(from_tick, to_tick, low, high)
        return Outcome(
            selection=mask | self.base.selection if is_adding else mask,
            box=(from_tick, to_tick, low, high) if self.has_moved else None,
        )


@dataclass(eq=False)
class EraseNotes(Drag):
    """Takes away every note that the mouse passes over."""

    name = QT_TRANSLATE_NOOP("Steps", "Erase notes")
    cursor = "erase"

    def __post_init__(self) -> None:
        self.erased = self.base.nothing()
        self.last = self.start

    def move(self, pointer: Pointer) -> Outcome:
        """The song without the notes between the last place and this one."""
        steps = abs(pointer.pitch - self.last.pitch) + 1
        for step in range(steps):  # each row that the mouse crossed, at most 128
            low, high = (self._tick_at(pointer, (step + side) / steps) for side in (0, 1))
            pitch = self.last.pitch + (step if pointer.pitch > self.last.pitch else -step)
            rows = self.base.index.rows_in_box(min(low, high), max(low, high) + 1, pitch, pitch)
            self.erased[rows] = True
        self.last = pointer
        edit = self._edited(delete_notes, self.erased)
        kept = self.base.selection[~self.erased]
        return Outcome(EditResult(edit.song, kept) if self.erased.any() else None)

    def _tick_at(self, pointer: Pointer, share: float) -> float:
        return self.last.tick + (pointer.tick - self.last.tick) * share


@dataclass(eq=False)
class SplitNote(Drag):
    """Cuts the note under the mouse at the nearest line of the grid; with Alt exactly there."""

    row: int
    name = QT_TRANSLATE_NOOP("Steps", "Split note")
    cursor = "split"

    def move(self, pointer: Pointer) -> Outcome:
        note = self.base.notes[self.row]
        tick = self.base.grid_for(self.start.keys).snapped(self.start.tick)
        if not note.start_tick < tick < note.end_tick:
            tick = round(self.start.tick)
        mask = self.base.nothing()
        mask[self.row] = True
        return Outcome(self._edited(split_notes, mask, tick))


@dataclass(eq=False)
class DragVelocity(Drag):
    """Louder upwards, softer downwards."""

    row: int
    name = QT_TRANSLATE_NOOP("Steps", "Change velocity")
    cursor = "velocity"

    def __post_init__(self) -> None:
        self.mask = self.base.selection_with(self.row)

    def move(self, pointer: Pointer) -> Outcome:
        if not self._follow(pointer):
            return Outcome(selection=self.mask)
        delta = round((self.start.y_px - pointer.y_px) * VELOCITY_PER_PX)
        edit = self._edited(change_velocity, self.mask, delta)
        rows = np.flatnonzero(edit.selection)
        return Outcome(edit, touched=edit.song.tracks[self.base.track_index].notes[int(rows[0])])


@dataclass(eq=False)
class Pan(Drag):
    """Pulls the paper."""

    name = ""
    cursor = "pan"

    def move(self, pointer: Pointer) -> Outcome:
        return Outcome(pan_px=(pointer.x_px - self.start.x_px, pointer.y_px - self.start.y_px))


@dataclass(frozen=True, slots=True)
class LoopDrag:
    """A drag in the ruler.

    Attributes:
        part: ``"new"``, ``"start"``, ``"end"`` or ``"body"``: what was taken hold of.
        from_tick: Where.
        loop: The loop as it was, if there was one.
    """

    part: str
    from_tick: float
    loop: tuple[int, int] | None = None

    def loop_at(self, tick: float, grid: SongGrid) -> tuple[int, int] | None:
        """The loop with the mouse at ``tick``; None while it has no length."""
        if self.loop is None or self.part == "new":
            start, end = sorted((grid.snapped(self.from_tick), grid.snapped(tick)))
        elif self.part == "body":
            shift = max(grid.shift_ticks(self.loop[0], tick - self.from_tick), -self.loop[0])
            start, end = self.loop[0] + shift, self.loop[1] + shift
        else:
            still = self.loop[1] if self.part == "start" else self.loop[0]
            start, end = sorted((still, grid.snapped(tick)))
        return (start, end) if end > start else None


def begin_loop_drag(
    tick: float, loop: tuple[int, int] | None, pixels_per_tick: float, *, is_on_brace: bool
) -> LoopDrag:
    """The drag that a press begins: the handles come first, then the brace, else a new loop."""
    if loop is not None:
        distances_px = [abs(tick - edge) * pixels_per_tick for edge in loop]
        if min(distances_px) <= HANDLE_PX:
            return LoopDrag("start" if distances_px[0] < distances_px[1] else "end", tick, loop)
        if is_on_brace and loop[0] < tick < loop[1]:
            return LoopDrag("body", tick, loop)
    return LoopDrag("new", tick, loop)
