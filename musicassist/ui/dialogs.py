"""What is asked: which file to open or write, how far to move notes; and the commands on notes that show or ask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QFormLayout, QFrame, QPushButton, QSpinBox, QVBoxLayout, QWidget

from musicassist.ui.desk import Desk
from musicassist.ui.foreign_text import PlainLabel, set_face, set_name, set_tip
from musicassist.ui.song_fields import TEXT_MARGINS_PX

MIDI_FILTER = "MIDI (*.mid *.midi *.MID *.kar *.rmi)"


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
    """Where the user wants the file, or None; without a suffix it gets the suggested one."""
    name, _ = QFileDialog.getSaveFileName(window, title, str(suggested), kinds)
    window.activateWindow()
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_suffix(suggested.suffix)


class Popover(QFrame):
    """A few fields and one button. Enter applies, Esc or a click elsewhere closes."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._title = PlainLabel()
        self._title.setObjectName("panel_title")
        self.form = QFormLayout()
        self.button = QPushButton()
        self.button.clicked.connect(self._on_button_clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self._title)
        column.addLayout(self.form)
        column.addWidget(self.button)

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
        """Enter applies."""
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
        """Moves the notes."""
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
        """Moves the notes towards the grid."""
        self.strength.interpretText()
        self.swing.interpretText()
        self._quantise(self.strength.value() / 100, self.swing.value() / 100)


class Editing:
    """What a command on notes does beyond the session: it brings them into view, or asks how far."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._session = desk.session
        self._notes = desk.session.notes

    def paste(self) -> None:
        """Puts the copied notes at the edit cursor and shows them."""
        at_tick = self._desk.roll.edit_cursor_tick
        self._notes.paste(at_tick)
        self._desk.roll.reveal_tick(at_tick)

    def select_none(self) -> None:
        """Lets the selection go; a continuation that waits for the model is let go first."""
        if self._session.takes.phase == "waiting":
            self._session.takes.cancel()
        else:
            self._notes.select_none()

    def select_next(self) -> None:
        """Selects the note after this one and shows it."""
        self._notes.select_next()
        self._reveal_selection()

    def select_previous(self) -> None:
        """Selects the note before and shows it."""
        self._notes.select_previous()
        self._reveal_selection()

    def _reveal_selection(self) -> None:
        span = self._notes.selected_span()
        if span is not None:
            self._desk.roll.reveal_tick(span[0])

    def begin_bar_one(self) -> None:
        """Lets bar 1 begin at the playhead."""
        time_map = self._session.document.song.time_map
        tick = self._notes.grid.snap(time_map, self._session.transport.position_tick())
        self._session.song_commands.begin_bar_one(tick)

    def step_in_scale(self, steps: int) -> None:
        """Moves the notes by steps of the song's scale."""
        key = self._session.key
        if key is not None:
            self._notes.transpose_in_scale(steps, key)

    def ask_transpose(self) -> None:
        """Asks how far, at the edge of the roll."""
        TransposePopover(self._desk.window, self._notes.transpose).open_over(self._desk.roll)

    def ask_quantise(self) -> None:
        """Asks for strength and swing, at the edge of the roll."""
        QuantisePopover(self._desk.window, self._notes.quantise).open_over(self._desk.roll)
