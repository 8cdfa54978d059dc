"""Whose a key is: a text field keeps plain keys, a button hears Return, and takes on offer have keys of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

_TEXT_FIELDS = (QLineEdit, QAbstractSpinBox, QTextEdit, QPlainTextEdit)
_SHIFT_OR_KEYPAD = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
_LEAVING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
_PANEL_KEYS = (Qt.Key.Key_F1, Qt.Key.Key_F6)


def _press_of(event: QKeyEvent) -> Callable[[], None] | None:
    """Return presses the button that has the keyboard; Space is the editor's everywhere."""
    button = QApplication.focusWidget()
    is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & ~_SHIFT_OR_KEYPAD
    return button.click if is_return and isinstance(button, QAbstractButton) else None


def is_text_field(widget: QWidget | None) -> bool:
    """Whether letters that are typed there are words."""
    return isinstance(widget, _TEXT_FIELDS)


class WindowKeys(QObject):
    """Hears the keys of one window before its shortcuts and widgets do. Popups and dialogs keep theirs."""

    def __init__(
        self,
        window: QWidget,
        *,
        are_takes_offered: Callable[[], bool],
        of_takes: Mapping[Qt.Key, Callable[[], None]],
        is_stepping: Callable[[], bool],
        of_steps: Mapping[Qt.Key, Callable[[], None]],
        leave_field: Callable[[], None],
    ) -> None:
        """Starts to listen to the window and to whatever has the keyboard in it.

        Args:
            window: The window.
            are_takes_offered: Whether takes are on offer or being made.
            of_takes: What keys do then.
            is_stepping: Whether notes are written step by step.
            of_steps: What keys do then.
            leave_field: Takes the keyboard from a text field; after Return and Esc.
        """
        super().__init__(window)
        self._window = window
        self._are_takes_offered = are_takes_offered
        self._of_takes = of_takes
        self._is_stepping = is_stepping
        self._of_steps = of_steps
        self._leave_field = leave_field
        self._focus: QWidget | None = None
        window.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_app_focus_changed)

    def _on_app_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Listens to the widget with the keyboard alone: a filter on the application would see every paint."""
        if not isValid(self) or not isValid(self._window):
            return
        if self._focus is not None and isValid(self._focus):
            self._focus.removeEventFilter(self)
        self._focus = new if new is not self._window else None
        if self._focus is not None and self._focus.window() is self._window:
            self._focus.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes the key for the takes, keeps it for a text field, or lets it pass."""
        if event.type() not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or not isinstance(event, QKeyEvent):
            return False
        if QApplication.activePopupWidget() is not None or QApplication.activeModalWidget() is not None:
            return False
        if is_text_field(QApplication.focusWidget()):
            return self._keep_for_field(event)
        is_plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        if self._are_takes_offered():
            act = self._of_takes.get(key) if is_plain else None
        else:
            act = self._of_steps.get(key) if is_plain and self._is_stepping() else None
            act = act or _press_of(event)
        if act is None:
            return False
        if event.type() == QEvent.Type.KeyPress:
            act()
        event.accept()
        return True

    def _keep_for_field(self, event: QKeyEvent) -> bool:
        """No shortcut without Ctrl or Alt fires while somebody types; the field itself still gets the key."""
        if event.type() == QEvent.Type.KeyPress and event.key() in _LEAVING_KEYS:
            QTimer.singleShot(0, self._leave_field)
        is_plain = not event.modifiers() & ~_SHIFT_OR_KEYPAD and Qt.Key(event.key()) not in _PANEL_KEYS
        if event.type() == QEvent.Type.ShortcutOverride and is_plain:
            event.accept()
            return True
        return False
