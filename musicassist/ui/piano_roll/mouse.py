"""Turns the mouse over the roll into gestures, and says to a screen reader what they have done to the notes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score.song import Note, Notes
from musicassist.score.theory import Key, pitch_name
from musicassist.score.timing import TimeMap
from musicassist.ui.piano_roll.geometry import Hit
from musicassist.ui.piano_roll.gestures import Gesture, Keys, Marquee, Outcome, Pan, Pointer
from musicassist.ui.piano_roll.note_gestures import Button, DrawNote, begin_gesture, cursor_for
from musicassist.ui.piano_roll.scene import Scene
from musicassist.ui.piano_roll.viewport import Viewport, cursor

LENGTHS = {
    6.0: QT_TRANSLATE_NOOP("PianoRoll", "dotted whole"),
    4.0: QT_TRANSLATE_NOOP("PianoRoll", "whole"),
    3.0: QT_TRANSLATE_NOOP("PianoRoll", "dotted half"),
    2.0: QT_TRANSLATE_NOOP("PianoRoll", "half"),
    1.5: QT_TRANSLATE_NOOP("PianoRoll", "dotted quarter"),
    1.0: QT_TRANSLATE_NOOP("PianoRoll", "quarter"),
    0.75: QT_TRANSLATE_NOOP("PianoRoll", "dotted eighth"),
    2 / 3: QT_TRANSLATE_NOOP("PianoRoll", "triplet quarter"),
    0.5: QT_TRANSLATE_NOOP("PianoRoll", "eighth"),
    1 / 3: QT_TRANSLATE_NOOP("PianoRoll", "triplet eighth"),
    0.25: QT_TRANSLATE_NOOP("PianoRoll", "sixteenth"),
    1 / 6: QT_TRANSLATE_NOOP("PianoRoll", "triplet sixteenth"),
    0.125: QT_TRANSLATE_NOOP("PianoRoll", "thirty-second"),
}
BUTTONS: dict[Qt.MouseButton, Button] = {
    Qt.MouseButton.LeftButton: "left",
    Qt.MouseButton.MiddleButton: "middle",
    Qt.MouseButton.RightButton: "right",
}
AUTO_SCROLL_MS = 16
AUTO_SCROLL_SHARE = 0.25  # of the distance outside the view, each time


def note_words(note: Note, time_map: TimeMap, key: Key | None) -> str:
    """``E4, bar 2 beat 1, quarter, velocity 80``, translated."""
    bar, beat, _ = time_map.position(note.start_tick)
    name = pitch_name(note.pitch, key)
    length = length_words(time_map.tick_to_beats(note.duration_ticks))
    template = QCoreApplication.translate("PianoRoll", "{name}, bar {bar} beat {beat}, {length}, velocity {velocity}")
    return template.format(name=name, bar=bar, beat=beat, length=length, velocity=note.velocity)


def length_words(beats: float) -> str:
    """``quarter``, ``dotted half`` and so on, to a twentieth of the length; else a number of beats."""
    for value, name in LENGTHS.items():
        if abs(beats - value) <= value / 20:
            return QCoreApplication.translate("PianoRoll", name)
    number = f"{beats:.2f}".rstrip("0").rstrip(".")
    return QCoreApplication.translate("PianoRoll", "{beats} beats").format(beats=number)


def notes_words(notes: Notes, time_map: TimeMap, key: Key | None) -> str:
    """The one note in full, or how many there are."""
    if len(notes) == 1:
        return note_words(notes[0], time_map, key)
    return QCoreApplication.translate("PianoRoll", "{count} notes").format(count=len(notes))


def announce(widget: QObject, words: str) -> None:
    """Speaks, if anybody listens."""
    if words and QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))


def keys_of(modifiers: Qt.KeyboardModifier) -> Keys:
    """The modifiers a gesture knows."""
    return Keys(
        shift=bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
        ctrl=bool(modifiers & Qt.KeyboardModifier.ControlModifier),
        alt=bool(modifiers & Qt.KeyboardModifier.AltModifier),
    )


class MouseHandler(QObject):
    """One gesture at a time over one widget; main thread only.

    ``hover_changed`` tells that another note lights up, ``menu_requested`` a right press with no other meaning, and
    ``boxed`` that a rectangle was drawn (from and to tick, lowest and highest pitch; of a click one place), and whether
    what was selected stays.
    """

    hover_changed = Signal()
    boxed = Signal(object, bool)
    menu_requested = Signal(QPointF)

    def __init__(self, widget: QWidget, scene: Scene, viewport: Viewport, preview: Callable[[int, int], None]) -> None:
        super().__init__(widget)
        self._widget, self._scene, self._viewport, self._preview = widget, scene, viewport, preview
        self._gesture: Gesture | None = None
        self._button = Qt.MouseButton.NoButton
        self._position = QPointF()
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self._pan_from = (0.0, 0.0)
        self._heard: int | None = None
        self.hover: Hit | None = None
        self._timer = QTimer(self, interval=AUTO_SCROLL_MS)
        self._timer.timeout.connect(self.scroll_on)

    @property
    def is_dragging(self) -> bool:
        return self._gesture is not None

    def press(self, event: QMouseEvent, *, is_double: bool = False) -> None:
        """Begins a gesture. A double press on empty ground draws a note whatever the tool."""
        if self._gesture is not None or event.button() not in BUTTONS:
            return
        pointer = self._pointer(event.position(), event.modifiers())
        hit = self._hit(pointer)
        tool = self._tool_for(hit, is_double=is_double)
        gesture = begin_gesture(tool, BUTTONS[event.button()], self._scene.base, pointer, hit)
        if gesture is None:
            self._select_for_menu(hit)
            self.menu_requested.emit(event.globalPosition())
            return
        self._begin(gesture, event, pointer)

    def _tool_for(self, hit: Hit | None, *, is_double: bool) -> str:
        """On an empty page the first click writes, too."""
        is_writing = hit is None and (is_double or self._scene.is_empty)
        return "draw" if is_writing and self._scene.tool == "edit" else self._scene.tool

    def _begin(self, gesture: Gesture, event: QMouseEvent, pointer: Pointer) -> None:
        self._gesture, self._button, self._heard = gesture, event.button(), None
        self._scene.begin_drag(self._drop)
        self._position, self._modifiers = event.position(), event.modifiers()
        self._pan_from = (self._viewport.ticks.scroll_px, self._viewport.pitches.scroll_px)
        self._set_hover(None)
        self._widget.setCursor(cursor("pan" if gesture.cursor == "move" else gesture.cursor))
        self._show(gesture.move(pointer))

    def move(self, event: QMouseEvent) -> None:
        """Goes on with the gesture, or lights what is under the pointer."""
        self._position, self._modifiers = event.position(), event.modifiers()
        if self._gesture is not None and not event.buttons() & self._button:
            self._scene.cancel_drag()  # the release went to another window
        if self._gesture is None:
            self.refresh_hover()
            return
        self._show(self._gesture.move(self._pointer(self._position, self._modifiers)))
        if not self._is_inside() and not isinstance(self._gesture, Pan):
            self._timer.start()
        else:
            self._timer.stop()

    def release(self, event: QMouseEvent) -> None:
        """Ends the gesture: what it has come to becomes one edit."""
        if self._gesture is None or event.button() != self._button:
            return
        pointer = self._pointer(event.position(), event.modifiers())
        gesture, outcome = self._gesture, self._gesture.release(pointer)
        self._gesture = None
        self._timer.stop()
        self._scene.end_drag()
        if isinstance(gesture, Marquee) and not gesture.has_moved and self._scene.tool == "edit":
            self._scene.set_edit_cursor(self._scene.grid.snapped(pointer.tick))
        if isinstance(gesture, Marquee):
            place = (pointer.tick, pointer.tick, pointer.pitch, pointer.pitch)
            self.boxed.emit(outcome.box or place, gesture.start.keys.shift or gesture.start.keys.ctrl)
        if outcome.touched is not None:
            self._scene.model_new_notes_on(outcome.touched)
        if outcome.edit is not None or outcome.selection is not None:
            self._scene.commit(gesture.name, outcome)
            self._announce()
        else:
            self._scene.show_preview(None)
        self.refresh_hover()

    def _drop(self) -> None:
        self._gesture = None
        self._timer.stop()
        self.refresh_hover()

    def leave(self) -> None:
        if self._gesture is None:
            self._position = QPointF(-1, -1)
            self._set_hover(None)
            self._scene.set_pointed(None)

    def refresh_hover(self, modifiers: Qt.KeyboardModifier | None = None) -> None:
        """Lights the note under the pointer and shows the cursor of what a press would do."""
        if modifiers is not None:
            self._modifiers = modifiers
        if self._gesture is not None:
            return
        pointer = self._pointer(self._position, self._modifiers)
        hit = self._hit(pointer) if self._is_inside() else None
        tool = self._tool_for(hit, is_double=False)
        self._widget.setCursor(cursor(cursor_for(tool, hit, pointer.keys)))
        pitch = pointer.pitch if self._is_inside() else None
        if pitch != self._scene.pointed_pitch or hit != self.hover:
            self._set_hover(hit)
            self._scene.set_pointed(pitch)
        self._set_hover(hit)

    def _show(self, outcome: Outcome) -> None:
        if outcome.pan_px is not None:
            (x, y), (dx, dy) = self._pan_from, outcome.pan_px
            self._viewport.scroll_to(x - dx, y - dy)
            return
        self._sound(outcome.sounding)
        self._scene.show_preview(outcome)
        if outcome.sounding is not None:
            self._scene.set_pointed(outcome.sounding.pitch)

    def _sound(self, note: Note | None) -> None:
        if note is not None and note.pitch != self._heard:
            self._heard = note.pitch
            self._preview(note.pitch, note.velocity)

    def _pointer(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer:
        """Where the mouse is; pixels count from the paper's corner, so scrolling in a drag counts as moving."""
        ticks = self._viewport.ticks
        x = position.x() + ticks.scroll_px
        y = position.y() + self._viewport.pitches.scroll_px
        if isinstance(self._gesture, Pan):
            x, y = position.x() + self._pan_from[0], position.y() + self._pan_from[1]
        pitch = self._viewport.pitches.to_pitch(position.y())
        return Pointer(x, y, max(0.0, ticks.to_tick(position.x())), pitch, keys_of(modifiers))

    def _hit(self, pointer: Pointer) -> Hit | None:
        return self._scene.index.at(pointer.tick, pointer.pitch, self._viewport.ticks.pixels_per_tick)

    def _set_hover(self, hit: Hit | None) -> None:
        if hit != self.hover:
            self.hover = hit
            self.hover_changed.emit()

    def _select_for_menu(self, hit: Hit | None) -> None:
        """A menu is about what was pressed."""
        if hit is not None and not self._scene.selection[hit.row]:
            mask = np.zeros(len(self._scene.notes), dtype=np.bool_)
            mask[hit.row] = True
            self._scene.document.select(mask)

    def _is_inside(self) -> bool:
        return self._widget.rect().contains(self._position.toPoint())

    def scroll_on(self) -> None:
        """Scrolls while the mouse is held outside the view."""
        if self._gesture is None or self._is_inside():
            self._timer.stop()
            return
        x, y = self._position.x(), self._position.y()
        beyond_x = min(x, 0.0) + max(x - self._widget.width(), 0.0)
        beyond_y = min(y, 0.0) + max(y - self._widget.height(), 0.0)
        if isinstance(self._gesture, DrawNote):
            beyond_y = 0.0
        self._viewport.scroll_by(beyond_x * AUTO_SCROLL_SHARE, beyond_y * AUTO_SCROLL_SHARE)
        self._show(self._gesture.move(self._pointer(self._position, self._modifiers)))

    def _announce(self) -> None:
        chosen = self._scene.notes.where(self._scene.selection)
        if len(chosen):
            announce(self._widget, notes_words(chosen, self._scene.song.time_map, self._scene.key))
