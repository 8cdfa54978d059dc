"""What the hands of the window's user do in many stories."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from musicassist.sound.messages import PortsChanged, SoundEvent
from musicassist.ui.strips import KEYBOARD
from window_doubles import Stage

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


def press(stage: Stage, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """A key for whatever has the keyboard."""
    QTest.keyClick(QApplication.focusWidget() or stage.window, key, modifiers)


def offer_takes(stage: Stage, qtbot: QtBot) -> None:
    """Ctrl+Return, and the takes are there."""
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.generator.is_ready)
    press(stage, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: stage.session.takes.phase == "offered")


def drag_by(widget: QWidget, *away_px: int, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
    """Presses in a widget, moves to the right by so much, step by step, and lets go. QTest's moves hold no button."""
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * len(away_px), QEvent.Type.MouseButtonRelease]
    for kind, away in zip(kinds, (0, *away_px, away_px[-1]), strict=True):
        here = QPointF(6 + away, 6)
        cause = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
        QApplication.sendEvent(widget, QMouseEvent(kind, here, QPointF(widget.mapToGlobal(here)), cause, held, NONE))


def pitches(stage: Stage) -> list[int]:
    return stage.document.track.notes.pitch.tolist()


KEYS = PortsChanged(("Keystation 49",), (), "Keystation 49", None)


def tell(stage: Stage, *events: SoundEvent) -> None:
    stage.sound.events = list(events)
    stage.window.heartbeat.beat()


def keyboard_menu(stage: Stage, *path: str) -> QMenu:
    """The menu of the keyboard's item, or one inside it."""
    menu = stage.window.strip.items[KEYBOARD].menu()
    menu.aboutToShow.emit()
    for title in path:
        found = next(action.menu() for action in menu.actions() if action.text() == title)
        assert isinstance(found, QMenu)
        menu = found
    return menu


def choose(stage: Stage, *path: str) -> None:
    menu = keyboard_menu(stage, *path[:-1])
    next(action for action in menu.actions() if action.text() == path[-1]).trigger()
