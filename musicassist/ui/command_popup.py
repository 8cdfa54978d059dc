"""The searchable list of commands: as a palette it starts one, as help it shows every key and gesture."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QPainter, QStandardItemModel
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

from musicassist.ui.actions import Actions
from musicassist.ui.desk import Desk
from musicassist.ui.foreign_text import (
    QT_TRANSLATE_NOOP,
    PlainLabel,
    list_item,
    paint_words,
    set_name,
    set_placeholder,
    translate,
)
from musicassist.ui.notices import INFO, Notice
from musicassist.ui.theme import SMALL_PX, text_font, theme_now
from musicassist.ui.window_keys import LetterLayout

ROW_PX = 30
KEYS_ROLE = int(Qt.ItemDataRole.UserRole) + 1
ID_ROLE = int(Qt.ItemDataRole.UserRole) + 2
REASON_ROLE = int(Qt.ItemDataRole.UserRole) + 3


# What the mouse does, for the help.
GESTURES = (
    (
        QT_TRANSLATE_NOOP("Gestures", "Write a note"),
        QT_TRANSLATE_NOOP("Gestures", "Double-click, or drag with the draw tool"),
    ),
    (QT_TRANSLATE_NOOP("Gestures", "Select notes"), QT_TRANSLATE_NOOP("Gestures", "Click, or drag around them")),
    (QT_TRANSLATE_NOOP("Gestures", "Add to the selection"), QT_TRANSLATE_NOOP("Gestures", "Shift or Ctrl+click")),
    (
        QT_TRANSLATE_NOOP("Gestures", "Move notes"),
        QT_TRANSLATE_NOOP("Gestures", "Drag them; Shift keeps the direction"),
    ),
    (QT_TRANSLATE_NOOP("Gestures", "Copy notes"), QT_TRANSLATE_NOOP("Gestures", "Ctrl+drag")),
    (
        QT_TRANSLATE_NOOP("Gestures", "Change the length"),
        QT_TRANSLATE_NOOP("Gestures", "Drag either edge; Ctrl stretches the group"),
    ),
    (QT_TRANSLATE_NOOP("Gestures", "Edit off the grid"), QT_TRANSLATE_NOOP("Gestures", "Hold Alt")),
    (
        QT_TRANSLATE_NOOP("Gestures", "Change the velocity"),
        QT_TRANSLATE_NOOP("Gestures", "Middle-drag a note, or drag in the lane"),
    ),
    (
        QT_TRANSLATE_NOOP("Gestures", "Scroll"),
        QT_TRANSLATE_NOOP("Gestures", "Wheel; Shift+wheel sideways; middle-drag"),
    ),
    (
        QT_TRANSLATE_NOOP("Gestures", "Zoom about the pointer"),
        QT_TRANSLATE_NOOP("Gestures", "Ctrl+wheel; Ctrl+Shift+wheel for the height"),
    ),
    (QT_TRANSLATE_NOOP("Gestures", "Move the playhead"), QT_TRANSLATE_NOOP("Gestures", "Click in the ruler")),
    (QT_TRANSLATE_NOOP("Gestures", "Mark a loop"), QT_TRANSLATE_NOOP("Gestures", "Drag in the ruler")),
    (QT_TRANSLATE_NOOP("Gestures", "Choose a take"), QT_TRANSLATE_NOOP("Gestures", "1 to 9 while takes are on offer")),
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


def command_entries(actions: Actions, *, with_reasons: bool) -> tuple[Entry, ...]:
    """All commands in the order of the menus; ``with_reasons`` says of each why it cannot be used now."""
    return tuple(
        Entry(
            f"{menu.title.replace('&', '')}: {row.text}",
            " · ".join(row.native_keys()),
            row.id,
            row.why_not() if with_reasons else "",
        )
        for menu in actions.menus
        for row in menu.rows
        if row is not None and row.text
    )


def gesture_entries() -> tuple[Entry, ...]:
    """What the mouse does."""
    return tuple(Entry(translate("Gestures", what), translate("Gestures", how)) for what, how in GESTURES)


def matches(text: str, wanted: str) -> bool:
    """Whether every word that was typed occurs in the text, in any order; case does not count."""
    lowered = text.casefold()
    return all(word in lowered for word in wanted.casefold().split())


class _RowDelegate(QStyledItemDelegate):
    """Words on the left, keys on the right, pale where the command cannot be started."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, ROW_PX)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = theme_now()
        rect = QRect(option.rect).adjusted(10, 0, -10, 0)  # type: ignore[attr-defined]
        reason = index.data(REASON_ROLE)
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.fillRect(option.rect, QColor(theme.hover))  # type: ignore[attr-defined]
        painter.setFont(text_font())
        painter.setPen(QColor(theme.disabled_text if reason else theme.text))
        paint_words(painter, rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, index.data())
        painter.setFont(text_font(SMALL_PX))
        painter.setPen(QColor(theme.second_text))
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

    def __init__(self, entries: Sequence[Entry], title: str, parent: QWidget) -> None:
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
        self.list.setItemDelegate(_RowDelegate(self))
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


class HelpCommands(QObject):
    """Help in place: nothing here leaves the window."""

    def __init__(
        self,
        desk: Desk,
        *,
        describe_sound: Callable[[], str],
        layout: Callable[[], LetterLayout],
    ) -> None:
        super().__init__(desk.window)
        self._desk = desk
        self._describe_sound = describe_sound
        self._layout = layout

    def palette(self) -> None:
        """The searchable list that starts a command."""
        self._open(command_entries(self._desk.actions, with_reasons=True), self.tr("Find a command"))

    def keys(self) -> None:
        """Every key and gesture, searchable."""
        letters = (Entry(translate("Help", text), keys) for text, keys in self._layout().rows)
        entries = (*command_entries(self._desk.actions, with_reasons=False), *letters, *gesture_entries())
        self._open(tuple(entry for entry in entries if entry.keys), self.tr("Keys and gestures"))

    def _open(self, entries: Sequence[Entry], title: str) -> None:
        popup = CommandPopup(entries, title, self._desk.window)
        popup.command_chosen.connect(self._desk.actions.run)
        popup.open_over(self._desk.window)

    def copy_diagnostics(self) -> None:
        """Puts what a report needs on the clipboard."""
        QGuiApplication.clipboard().setText(self.diagnostics())
        self._desk.say(self.tr("Copied. Paste it into your report."))

    def diagnostics(self) -> str:
        """Versions, platform, sound and model, in lines."""
        import platform  # not needed before, and the window opens sooner

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
        text = translate(
            "Help", "musicassist {version}: sketch a phrase, continue it, hear it, export it. MIT licence."
        )
        self._desk.notices.show_notice(Notice("about", text.format(version=_version_of("musicassist")), INFO))


def _version_of(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # brings the whole of ``email``

    try:
        return version(name)
    except PackageNotFoundError:
        return "?"
