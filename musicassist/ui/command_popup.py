"""The searchable list of commands: as a palette it starts one, as help it shows every key and gesture."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
    qVersion,
)
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QStandardItemModel
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from musicassist.ui.commands import COMMANDS, CONDITIONS, MENUS, Command, missing_condition
from musicassist.ui.desk import Desk
from musicassist.ui.foreign_text import PlainLabel, list_item, paint_words, set_name, set_placeholder, tr
from musicassist.ui.musical_typing import LetterLayout
from musicassist.ui.notices import INFO, Notice
from musicassist.ui.theme import SMALL_PX, Theme, text_font

ROW_PX = 30
KEYS_ROLE = int(Qt.ItemDataRole.UserRole) + 1
ID_ROLE = int(Qt.ItemDataRole.UserRole) + 2
REASON_ROLE = int(Qt.ItemDataRole.UserRole) + 3

# What the mouse does, for the help; translated in the context "Gestures".
GESTURES: tuple[tuple[str, str], ...] = (
    ("Write a note", "Double-click, or drag with the draw tool"),
    ("Select notes", "Click, or drag around them"),
    ("Add to the selection", "Shift or Ctrl+click"),
    ("Move notes", "Drag them; Shift keeps the direction"),
    ("Copy notes", "Ctrl+drag"),
    ("Change the length", "Drag either edge; Ctrl stretches the group"),
    ("Edit off the grid", "Hold Alt"),
    ("Change the velocity", "Middle-drag a note, or drag in the lane"),
    ("Scroll", "Wheel; Shift+wheel sideways; middle-drag"),
    ("Zoom about the pointer", "Ctrl+wheel; Ctrl+Shift+wheel for the height"),
    ("Move the playhead", "Click in the ruler"),
    ("Mark a loop", "Drag in the ruler"),
    ("Choose a take", "1 to 9 while takes are on offer"),
)


@dataclass(frozen=True)
class Entry:
    """One line of the list.

    Attributes:
        text: What it says on the left.
        keys: What it says on the right.
        command_id: What it starts; empty for a gesture.
        reason: Why it cannot be started now, or empty.
    """

    text: str
    keys: str
    command_id: str = ""
    reason: str = ""


def command_entries(holding: frozenset[str]) -> tuple[Entry, ...]:
    """All commands in the order of the menus."""
    return tuple(_entry(command, holding) for command in COMMANDS if command.text)


def gesture_entries() -> tuple[Entry, ...]:
    """What the mouse does."""
    return tuple(Entry(tr("Gestures", text), tr("Gestures", how)) for text, how in GESTURES)


def _entry(command: Command, holding: frozenset[str]) -> Entry:
    native = QKeySequence.SequenceFormat.NativeText
    keys = " · ".join(QKeySequence(key).toString(native) for key in command.keys)
    menu = tr("Commands", MENUS[command.menu]).replace("&", "")
    reason = missing_condition(command, holding)
    words = tr("Commands", reason) if reason else ""
    return Entry(f"{menu}: {tr('Commands', command.text)}", keys, command.id, words)


def matches(text: str, wanted: str) -> bool:
    """Whether every word that was typed occurs in the text, in any order; case does not count."""
    lowered = text.casefold()
    return all(word in lowered for word in wanted.casefold().split())


class _RowDelegate(QStyledItemDelegate):
    """Words on the left, keys on the right, pale where the command cannot be started."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, ROW_PX)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect = QRect(option.rect).adjusted(10, 0, -10, 0)  # type: ignore[attr-defined]
        reason = index.data(REASON_ROLE)
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.fillRect(option.rect, QColor(self._theme.hover))  # type: ignore[attr-defined]
        painter.setFont(text_font())
        painter.setPen(QColor(self._theme.disabled_text if reason else self._theme.text))
        paint_words(painter, rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, index.data())
        painter.setFont(text_font(SMALL_PX))
        painter.setPen(QColor(self._theme.second_text))
        room_px = rect.width() - QFontMetrics(text_font()).horizontalAdvance(index.data()) - 16
        rect.setLeft(rect.right() - max(0, room_px))
        right = reason or index.data(KEYS_ROLE)
        paint_words(painter, rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, right)


class CommandPopup(QFrame):
    """A field and a list. Enter or a click starts the command, Esc closes.

    Attributes:
        command_chosen: Carries the id of the command to start.
    """

    command_chosen = Signal(str)

    def __init__(self, theme: Theme, entries: Sequence[Entry], title: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        set_name(self, title)
        self._entries = tuple(entries)
        self.field = QLineEdit()
        set_placeholder(self.field, title)
        set_name(self.field, title)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._fill)
        self.list = QListView()
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(_RowDelegate(theme, self))
        self.list.clicked.connect(self._on_list_clicked)
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        self._nothing = PlainLabel(self.tr("No command has these words."))
        self._nothing.setObjectName("second")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.field)
        column.addWidget(self.list)
        column.addWidget(self._nothing)
        self._fill("")

    @property
    def shown_texts(self) -> tuple[str, ...]:
        """The lines that match what was typed."""
        return tuple(self._model.item(row).text() for row in range(self._model.rowCount()))

    def open_over(self, window: QWidget, *, width_px: int = 520, height_px: int = 420) -> None:
        """Shows it in the upper middle of the window."""
        self.resize(min(width_px, window.width() - 40), min(height_px, window.height() - 100))
        corner = QPoint((window.width() - self.width()) // 2, 64)
        self.move(window.mapToGlobal(corner))
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows move in the list and Enter starts while words are typed."""
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
            if event.key() in steps:
                self._move(steps[Qt.Key(event.key())])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _fill(self, wanted: str) -> None:
        self._model.clear()
        for entry in (entry for entry in self._entries if matches(f"{entry.text} {entry.keys}", wanted)):
            item = list_item(entry.text, entry.reason or entry.keys)
            item.setData(entry.keys, KEYS_ROLE)
            item.setData(entry.command_id, ID_ROLE)
            item.setData(entry.reason, REASON_ROLE)
            self._model.appendRow(item)
        self.list.setCurrentIndex(self._model.index(0, 0))
        self._nothing.setVisible(self._model.rowCount() == 0)

    def _move(self, rows: int) -> None:
        row = min(max(self.list.currentIndex().row() + rows, 0), self._model.rowCount() - 1)
        self.list.setCurrentIndex(self._model.index(row, 0))

    def _on_list_clicked(self, index: QModelIndex) -> None:
        self._choose(index)

    def _choose(self, index: QModelIndex) -> None:
        command_id, reason = index.data(ID_ROLE), index.data(REASON_ROLE)
        if command_id and not reason:
            self.close()
            self.command_chosen.emit(command_id)


PACKAGES = (
    *("musicassist", "PySide6-Essentials", "numpy", "torch", "mido"),
    *("pyfluidsynth", "python-rtmidi", "sounddevice", "soundfile"),
)


class HelpCommands:
    """Help in place: nothing here leaves the window."""

    def __init__(
        self,
        desk: Desk,
        *,
        theme: Callable[[], Theme],
        holding: Callable[[], frozenset[str]],
        run: Callable[[str], None],
        describe_sound: Callable[[], str],
        layout: Callable[[], LetterLayout],
    ) -> None:
        self._desk = desk
        self._theme = theme
        self._holding = holding
        self._run = run
        self._describe_sound = describe_sound
        self._layout = layout

    def palette(self) -> None:
        """The searchable list that starts a command."""
        self._open(
            CommandPopup(self._theme(), command_entries(self._holding()), _words("Find a command"), self._desk.window)
        )

    def keys(self) -> None:
        """Every key and gesture, searchable."""
        letters = (Entry(_words(text), places) for text, places in self._layout().rows)
        entries = (*command_entries(frozenset(CONDITIONS)), *letters, *gesture_entries())
        shown = tuple(entry for entry in entries if entry.keys)
        self._open(CommandPopup(self._theme(), shown, _words("Keys and gestures"), self._desk.window))

    def _open(self, popup: CommandPopup) -> None:
        popup.command_chosen.connect(self._run)
        popup.open_over(self._desk.window)

    def copy_diagnostics(self) -> None:
        """Puts what a report needs on the clipboard."""
        QGuiApplication.clipboard().setText(self.diagnostics())
        self._desk.say(_words("Copied. Paste it into your report."))

    def diagnostics(self) -> str:
        """Versions, platform, sound and model, in lines."""
        lines = [
            f"Python {sys.version.split()[0]} on {platform.platform()}",
            f"Qt {qVersion()} ({QGuiApplication.platformName()})",
            *(f"{name} {_version_of(name)}" for name in PACKAGES),
            f"sound: {self._describe_sound()}",
            f"model: {self._desk.session.takes.controls.model}",
        ]
        return "\n".join(lines)

    def about(self) -> None:
        """Says what this is, above the roll."""
        text = _words("musicassist {version}: sketch a phrase, continue it, hear it, export it. MIT licence.")
        self._desk.notices.show_notice(Notice("about", text.format(version=_version_of("musicassist")), INFO))


def _words(text: str) -> str:
    return tr("Help", text)


def _version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "?"
