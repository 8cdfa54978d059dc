"""What opens over the window: the searchable list of commands, fields that ask how far, the question which file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QStandardItemModel
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QFrame,
    QLineEdit,
    QListView,
    QPushButton,
    QSpinBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.ui.actions import Actions
from musicassist.ui.foreign_text import (
    PlainLabel,
    list_item,
    paint_words,
    set_face,
    set_name,
    set_placeholder,
    set_tip,
    translate,
)
from musicassist.ui.theme import SMALL_PX, arranged, text_font, theme_now
from musicassist.ui.transport_bar import TEXT_MARGINS_PX

_MIDI, _PROJECT = "*.mid *.midi *.MID *.kar *.rmi", "*.musicassist"
MIDI_FILTER, PROJECT_FILTER = f"MIDI ({_MIDI})", f"musicassist ({_PROJECT})"
SONG_FILTER = f"musicassist, MIDI ({_PROJECT} {_MIDI});;{PROJECT_FILTER};;{MIDI_FILTER}"
SAVE_FILTER = f"{PROJECT_FILTER};;{MIDI_FILTER}"
ROW_PX = 30
KEYS_ROLE = int(Qt.ItemDataRole.UserRole) + 1
ID_ROLE = int(Qt.ItemDataRole.UserRole) + 2
REASON_ROLE = int(Qt.ItemDataRole.UserRole) + 3
# What the mouse does, for the help.
GESTURES = (
    (QT_TRANSLATE_NOOP("Gestures", "Write a note"),
     QT_TRANSLATE_NOOP("Gestures", "Double-click, or drag with the draw tool")),
    (QT_TRANSLATE_NOOP("Gestures", "Select notes"), QT_TRANSLATE_NOOP("Gestures", "Click, or drag around them")),
    (QT_TRANSLATE_NOOP("Gestures", "Add to the selection"), QT_TRANSLATE_NOOP("Gestures", "Shift or Ctrl+click")),
    (QT_TRANSLATE_NOOP("Gestures", "Move notes"),
     QT_TRANSLATE_NOOP("Gestures", "Drag them; Shift keeps the direction")),
    (QT_TRANSLATE_NOOP("Gestures", "Copy notes"), QT_TRANSLATE_NOOP("Gestures", "Ctrl+drag")),
    (QT_TRANSLATE_NOOP("Gestures", "Change the length"),
     QT_TRANSLATE_NOOP("Gestures", "Drag either edge; Ctrl stretches the group")),
    (QT_TRANSLATE_NOOP("Gestures", "Edit off the grid"), QT_TRANSLATE_NOOP("Gestures", "Hold Alt")),
    (QT_TRANSLATE_NOOP("Gestures", "Change the velocity"),
     QT_TRANSLATE_NOOP("Gestures", "Middle-drag a note, or drag in the lane")),
    (QT_TRANSLATE_NOOP("Gestures", "Write a chord"),
     QT_TRANSLATE_NOOP("Gestures", "Click its name above the notes, or double-click where there is none")),
    (QT_TRANSLATE_NOOP("Gestures", "Move where a chord begins or ends"),
     QT_TRANSLATE_NOOP("Gestures", "Drag its edge above the notes")),
    (QT_TRANSLATE_NOOP("Gestures", "Scroll"),
     QT_TRANSLATE_NOOP("Gestures", "Wheel; Shift+wheel sideways; middle-drag")),
    (QT_TRANSLATE_NOOP("Gestures", "Zoom about the pointer"),
     QT_TRANSLATE_NOOP("Gestures", "Ctrl+wheel; Ctrl+Shift+wheel for the height")),
    (QT_TRANSLATE_NOOP("Gestures", "Move the playhead"), QT_TRANSLATE_NOOP("Gestures", "Click in the ruler")),
    (QT_TRANSLATE_NOOP("Gestures", "Mark a loop"), QT_TRANSLATE_NOOP("Gestures", "Drag in the ruler")),
    (QT_TRANSLATE_NOOP("Gestures", "Take music out as a MIDI file"),
     QT_TRANSLATE_NOOP("Gestures", "Drag a take, a track, or the grip of the selected notes into another program")),
    (QT_TRANSLATE_NOOP("Gestures", "Bring a file in"),
     QT_TRANSLATE_NOOP("Gestures", "Drop it on the window, and choose what shall become of it")),
    (QT_TRANSLATE_NOOP("Gestures", "Select ghost notes of a take"),
     QT_TRANSLATE_NOOP("Gestures", "Click them, or drag around them; Ctrl+click adds")),
    (QT_TRANSLATE_NOOP("Gestures", "Choose a take"), QT_TRANSLATE_NOOP("Gestures", "1 to 9 while takes are on offer")),
)  # fmt: skip


def ask_what_to_open(window: QWidget, title: str, start: str, kinds: str) -> Path | None:
    """The file that the user chose, or None.

    Args:
        window: What the dialog stands over.
        title: Its title.
        start: The folder or file to start from.
        kinds: File kinds as Qt writes them.
    """
    name, _ = QFileDialog.getOpenFileName(window, title, start, kinds)
    window.activateWindow()  # without a window manager the keyboard would stay with the dialog that is gone
    return Path(name) if name else None


def ask_where_to_write(window: QWidget, title: str, suggested: Path, kinds: str) -> Path | None:
    """Where the user wants the file, or None; without a suffix it gets that of the kind that is chosen."""
    ends = {kind: kind.partition("(*")[2].split(" ")[0].rstrip(")") for kind in kinds.split(";;")}
    first_to_last = sorted(ends, key=lambda kind: ends[kind] != suggested.suffix)  # the first one is chosen already
    name, kind = QFileDialog.getSaveFileName(window, title, str(suggested), ";;".join(first_to_last))
    window.activateWindow()
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_suffix(ends.get(kind) or suggested.suffix)


class Popover(QFrame):
    """A few fields and one button. Enter applies, Esc or a click elsewhere closes."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._title = PlainLabel(look="panel_title")
        self.form = QFormLayout()
        self.button = QPushButton()
        self.button.clicked.connect(self._on_button_clicked)
        arranged(QVBoxLayout(self), self._title, self.form, self.button, margins_px=(12, 12, 12, 12))

    def set_title(self, title: str) -> None:
        """What it asks about; the button says the same."""
        set_name(self, title)
        self._title.show_text(title)
        set_face(self.button, title)

    def apply(self) -> None:
        """Does what was asked for; fields have their values."""
        raise NotImplementedError

    def open_over(self, widget: QWidget) -> None:
        """Shows it at the upper right corner of a widget."""
        self.adjustSize()
        self.move(widget.mapToGlobal(QPoint(widget.width() - self.width() - 16, 32)))
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_button_clicked()
            return
        super().keyPressEvent(event)

    def _on_button_clicked(self) -> None:
        self.apply()
        self.close()


def _number(lowest: int, highest: int, value: int, suffix: str) -> QSpinBox:
    field = QSpinBox(minimum=lowest, maximum=highest, value=value)
    field.setSuffix(suffix)
    field.setMinimumWidth(110)
    field.lineEdit().setTextMargins(*TEXT_MARGINS_PX)
    return field


class TransposePopover(Popover):
    """By how many semitones?"""

    def __init__(self, window: QWidget, transpose: Callable[[int], None]) -> None:
        super().__init__(window)
        self.set_title(self.tr("Transpose"))
        self._transpose = transpose
        self.semitones = _number(-48, 48, 0, "")
        self.form.addRow(self.tr("Semitones"), self.semitones)
        self.setFocusProxy(self.semitones)
        self.semitones.setFocus()
        self.semitones.selectAll()

    def apply(self) -> None:
        self.semitones.interpretText()
        self._transpose(self.semitones.value())


class QuantisePopover(Popover):
    """How strictly, and with how much swing?"""

    def __init__(self, window: QWidget, quantise: Callable[[float, float], None]) -> None:
        super().__init__(window)
        self.set_title(self.tr("Quantise"))
        self._quantise = quantise
        self.strength = _number(0, 100, 100, " %")
        self.swing = _number(0, 90, 0, " %")
        set_tip(self.swing, self.tr("How late each second step stands; 33 % is the triplet feel."))
        self.form.addRow(self.tr("Strength"), self.strength)
        self.form.addRow(self.tr("Swing"), self.swing)
        self.strength.setFocus()
        self.strength.selectAll()

    def apply(self) -> None:
        self.strength.interpretText()
        self.swing.interpretText()
        self._quantise(self.strength.value() / 100, self.swing.value() / 100)


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
        self._nothing = PlainLabel(self.tr("No command has these words."), look="second")
        arranged(QVBoxLayout(self), self.field, self.list, self._nothing, margins_px=(8, 8, 8, 8))
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
