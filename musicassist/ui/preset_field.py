"""The presets of a song's rules: a menu that names them, and a line for a new name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QVBoxLayout, QWidget

from musicassist.session.presets import MAX_NAME_LETTERS
from musicassist.ui.actions import MenuField, calling
from musicassist.ui.foreign_text import add_line, add_menu, fill_field, set_name, set_placeholder, shown
from musicassist.ui.theme import arranged

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PresetMenu(MenuField):
    """Chooses one, deletes one, or asks for a name for the rules as they are.

    Attributes:
        picked, dropped: A name was chosen.
        naming: The rules are to be kept.
        list_names: Names those that there are.
    """

    picked = Signal(str)
    dropped = Signal(str)
    naming = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        words = self.tr("Keeps the rules of takes under a name, with this song, and brings them back.")
        super().__init__(self.tr("Presets"), words, parent)
        self.show_value(self.tr("Presets ▾"))
        set_name(self, self.tr("Presets"))
        self.list_names: Callable[[], Iterable[str]] = tuple

    def fill(self, menu: QMenu) -> None:
        names = list(self.list_names())
        for name in names:
            add_line(menu, shown(name)).triggered.connect(calling(self.picked.emit, name))
        if names:
            menu.addSeparator()
        add_line(menu, self.tr("Save rules as ...")).triggered.connect(self.naming)
        gone = add_menu(menu, self.tr("Delete"))
        gone.setEnabled(bool(names))
        for name in names:
            add_line(gone, shown(name)).triggered.connect(calling(self.dropped.emit, name))


class PresetField(QWidget):
    """The menu, and below it the line for a name while one is asked for: Enter keeps, Esc lets go.

    Attributes:
        menu: The menu.
        named: The rules are to be kept under a name.
    """

    named = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.menu = PresetMenu()
        self._name = QLineEdit(maxLength=MAX_NAME_LETTERS)
        set_placeholder(self._name, self.tr("Name"))
        set_name(self._name, self.tr("Name of the preset"))
        self._name.installEventFilter(self)
        self._name.hide()
        arranged(QVBoxLayout(self), self.menu, self._name, spacing_px=4)
        self.menu.naming.connect(self.ask_for_name)

    def ask_for_name(self) -> None:
        """Opens the line."""
        fill_field(self._name, "")
        self._name.show()
        self._name.setFocus()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Enter keeps and Esc lets go, and nobody else hears of either key."""
        if not isinstance(event, QKeyEvent) or event.key() not in (*_ENTER, Qt.Key.Key_Escape):
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self._close(is_kept=event.key() in _ENTER)
        return True

    def _close(self, *, is_kept: bool) -> None:
        if is_kept:
            self.named.emit(self._name.text())
        self._name.hide()
        self.menu.setFocus()
