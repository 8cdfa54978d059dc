"""A piano roll on a screen that nobody sees, and a hand to hold its mouse."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from musicassist.document.document import Document
from musicassist.score.song import Note
from musicassist.ui.piano_roll.roll import PianoRoll

NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


def send_mouse(widget: QWidget, kind: QEvent.Type, x: float, y: float, button: Qt.MouseButton, held: Qt.MouseButton,
               keys: Qt.KeyboardModifier = NONE) -> None:  # fmt: skip
    """One mouse event, as the window system would send it."""
    place = QPointF(x, y)
    QApplication.sendEvent(widget, QMouseEvent(kind, place, widget.mapToGlobal(place), button, held, keys))


@dataclass
class Hand:
    """Moves the mouse over one widget."""

    widget: QWidget
    button: Qt.MouseButton = LEFT
    keys: Qt.KeyboardModifier = NONE

    def hover(self, x: float, y: float) -> None:
        no_button = Qt.MouseButton.NoButton
        send_mouse(self.widget, QEvent.Type.MouseMove, x, y, no_button, no_button, self.keys)

    def press(self, x: float, y: float) -> None:
        send_mouse(self.widget, QEvent.Type.MouseButtonPress, x, y, self.button, self.button, self.keys)

    def move(self, x: float, y: float) -> None:
        send_mouse(self.widget, QEvent.Type.MouseMove, x, y, Qt.MouseButton.NoButton, self.button, self.keys)

    def release(self, x: float, y: float) -> None:
        send_mouse(self.widget, QEvent.Type.MouseButtonRelease, x, y, self.button, Qt.MouseButton.NoButton, self.keys)

    def click(self, x: float, y: float) -> None:
        self.press(x, y)
        self.release(x, y)

    def double_click(self, x: float, y: float) -> None:
        self.click(x, y)
        send_mouse(self.widget, QEvent.Type.MouseButtonDblClick, x, y, self.button, self.button, self.keys)
        self.release(x, y)

    def drag(self, *places: tuple[float, float]) -> None:
        self.press(*places[0])
        for place in places[1:]:
            self.move(*place)
        self.release(*places[-1])

    def wheel(self, x: float, y: float, dx: int, dy: int, *, pixels: QPoint | None = None) -> None:
        place = QPointF(x, y)
        event = QWheelEvent(
            place,
            self.widget.mapToGlobal(place),
            pixels or QPoint(),
            QPoint(dx, dy),
            Qt.MouseButton.NoButton,
            self.keys,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.widget, event)

    def escape(self) -> None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(self.widget, QKeyEvent(kind, Qt.Key.Key_Escape, NONE))


@dataclass
class Desk:
    """A roll with its document, and what it was heard to say."""

    document: Document
    roll: PianoRoll
    heard: list[tuple[int, int]] = field(default_factory=list)

    def hand(self, keys: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> Hand:
        return Hand(self.roll.view, button, keys)

    def place(self, tick: float, pitch: int) -> tuple[float, float]:
        """Where a tick and the middle of a pitch's row stand in the view."""
        ticks, pitches = self.roll.viewport.ticks, self.roll.viewport.pitches
        return ticks.to_x(tick), pitches.to_y(pitch) + pitches.row_px / 2

    @property
    def notes(self) -> list[Note]:
        return list(self.document.track.notes)

    @property
    def chosen(self) -> list[Note]:
        return list(self.document.track.notes.where(self.document.selection))

    def choose(self, *rows: int) -> None:
        mask = np.zeros(len(self.notes), dtype=bool)
        mask[list(rows)] = True
        self.document.select(mask)

    def picture(self) -> QImage:
        """The view as it is seen."""
        return self.roll.view.grab().toImage()

    def color_at(self, tick: float, pitch: int) -> str:
        x, y = self.place(tick, pitch)
        return self.picture().pixelColor(round(x), round(y)).name()


PHRASE = (Note(0, 60, 480, 80), Note(480, 64, 480, 90), Note(960, 67, 480, 100), Note(1440, 72, 480, 110))
BASS = Note(0, 48, 1920, 90)
