"""While takes are on offer, some keys belong to them from any focus but a text field."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget
from shiboken6 import isValid

_TEXT_FIELDS = (QLineEdit, QAbstractSpinBox, QTextEdit, QPlainTextEdit)


def is_text_field(widget: QWidget | None) -> bool:
    """Whether letters that are typed there are words."""
    return isinstance(widget, _TEXT_FIELDS)


class TakeKeys(QObject):
    """Hears keys before the shortcuts and the widgets do.

    While no takes are on offer it lets everything pass.
    """

    def __init__(
        self,
        window: QWidget,
        *,
        is_wanted: Callable[[], bool],
        pick: Callable[[int], None],
        commands: dict[Qt.Key, Callable[[], None]],
    ) -> None:
        """Starts to listen to the window and to whatever has the keyboard in it.

        Args:
            window: The keys of its own dialogs and of other windows are left alone.
            is_wanted: Whether takes are on offer or being made.
            pick: Chooses the take with a number, 1..9.
            commands: What the other keys do.
        """
        super().__init__(window)
        self._window = window
        self._is_wanted = is_wanted
        self._pick = pick
        self._commands = commands
        self._focus: QWidget | None = None
        window.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_app_focus_changed)

    def _on_app_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Listens to the widget with the keyboard alone: a filter on the application would see every paint."""
        if self._focus is not None and isValid(self._focus) and self._focus is not self._window:
            self._focus.removeEventFilter(self)
        self._focus = new
        if new is not None and new is not self._window and new.window() is self._window:
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Takes the key for itself, or lets it pass."""
        if event.type() not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or not isinstance(event, QKeyEvent):
            return False
        act = self._meaning(event)
        if act is None or not self._is_ours(watched):
            return False
        if event.type() == QEvent.Type.KeyPress:
            act()
        event.accept()
        return True

    def _meaning(self, event: QKeyEvent) -> Callable[[], None] | None:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        key = Qt.Key(event.key())
        if Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            number = key - Qt.Key.Key_0
            return lambda: self._pick(number)
        return self._commands.get(key)

    def _is_ours(self, watched: QObject) -> bool:
        if not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        is_elsewhere = QApplication.activePopupWidget() is not None or QApplication.activeModalWidget() is not None
        return not is_elsewhere and not is_text_field(QApplication.focusWidget()) and self._is_wanted()
