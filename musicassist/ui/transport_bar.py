"""The bar on top: transport, position, tempo, meter, key, grid, tools, and the button that continues the phrase."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from musicassist.score.grid import Grid
from musicassist.score.theory import SCALES, Key, keys_on_offer
from musicassist.score.timing import MAX_BPM, MIN_BPM, MeterChange, spoken_bpm
from musicassist.ui.actions import Actions, MenuField, add_option, calling
from musicassist.ui.continue_button import ContinueButton
from musicassist.ui.foreign_text import (
    PlainLabel,
    Tip,
    add_menu,
    face_of,
    follow_tip,
    note_sign,
    set_name,
    set_tip,
    translate,
)
from musicassist.ui.theme import Part, arranged, icon

TEMPO_PX = 84  # "♩. 999.99"
TEXT_MARGINS_PX = (6, 0, 6, 0)  # a style sheet cannot give them to the field inside a spin box
METERS = ((4, 4), (3, 4), (2, 4), (6, 8), (9, 8), (12, 8), (2, 2), (5, 4), (7, 8))
SHOWN_DIVISIONS = (4, 8, 16, 32)
_COMMON_SCALES = ("major", "minor")
_TRANSPORT = (
    "play.return_to_start",
    "play.toggle",
    "play.stop_and_return",
    "play.record",
    "play.loop",
    "play.metronome",
)
# What goes first where there is no room for all; menus and keys have it still.
_SPARE = ("edit.tool_split", "edit.tool_erase", "edit.tool_draw", "edit.tool_edit", "view.snap", "play.metronome",
          "play.return_to_start", "play.loop", "play.stop_and_return")  # fmt: skip
MIN_WIDTH_PX, SPACING_PX = 740, 2
_TOOLS = ("edit.tool_edit", "edit.tool_draw", "edit.tool_erase", "edit.tool_split")


class TempoField(QDoubleSpinBox):
    """Quarter notes a minute, or dotted ones in 6/8 and the like. Return or leaving the field applies; Esc restores.

    Attributes:
        tempo_chosen: The user entered another tempo, quarter notes per minute.
    """

    tempo_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(2)
        self.lineEdit().setTextMargins(*TEXT_MARGINS_PX)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        self.setFixedWidth(TEMPO_PX)
        self.setAccessibleName(self.tr("Tempo"))
        self._shown_bpm, self._pulse_beats = 0.0, 0.0
        self._put(120.0, 1.0)
        self.valueChanged.connect(self._on_value_changed)

    def show_tempo(self, tempo_bpm: float, pulse_beats: float = 1.0) -> None:
        """Shows the song's tempo; while somebody types another one, nothing changes.

        Args:
            tempo_bpm: Quarter notes a minute.
            pulse_beats: What is counted, in quarter notes.
        """
        if not self.hasFocus() and (tempo_bpm, pulse_beats) != (self._shown_bpm, self._pulse_beats):
            self._put(tempo_bpm, pulse_beats)

    def forget_typing(self) -> None:
        """Lets go what is being typed: it was meant for the song that was there before."""
        if self.hasFocus():
            self._put(self._shown_bpm, self._pulse_beats)
            self.clearFocus()

    def _put(self, tempo_bpm: float, pulse_beats: float) -> None:
        """Shows a tempo as the file says it, also one that nobody could type."""
        with QSignalBlocker(self):
            if pulse_beats != self._pulse_beats:
                self._pulse_beats = pulse_beats
                self.setPrefix(f"{note_sign(pulse_beats)} ")
                words = self.tr("Quarter notes a minute. Type, or turn the wheel while it is chosen.")
                if pulse_beats != 1:
                    words = self.tr("Dotted notes a minute. Type, or turn the wheel while it is chosen.")
                set_tip(self, Tip(words, self.tr("Tempo")))
            self._shown_bpm = tempo_bpm
            slowest, fastest = min(MIN_BPM, tempo_bpm), max(MAX_BPM, tempo_bpm)
            self.setRange(slowest / pulse_beats, fastest / pulse_beats)
            self.setValue(spoken_bpm(tempo_bpm, pulse_beats))

    def textFromValue(self, value: float) -> str:  # noqa: N802  # Qt's name
        text = super().textFromValue(value)
        point = self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._put(self._shown_bpm, self._pulse_beats)
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Only while it is chosen, so that scrolling past it changes nothing."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _on_value_changed(self, pulses_a_minute: float) -> None:
        tempo_bpm = pulses_a_minute * self._pulse_beats
        if round(spoken_bpm(self._shown_bpm, self._pulse_beats), 2) != round(pulses_a_minute, 2):
            self._shown_bpm = tempo_bpm
            self.tempo_chosen.emit(tempo_bpm)


class MeterField(MenuField):
    """The time signature.

    Attributes:
        meter_chosen: Numerator and denominator.
    """

    meter_chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(translate("Fields", "Time signature"), translate("Fields", "Beats in a bar."), parent)
        self._meter = (4, 4)

    def show_meter(self, meter: MeterChange) -> None:
        if self.text() == str(meter):
            return
        self._meter = (meter.numerator, meter.denominator)
        self.show_value(str(meter))

    def fill(self, menu: QMenu) -> None:
        for numerator, denominator in METERS:
            chosen = calling(self.meter_chosen.emit, numerator, denominator)
            is_chosen = (numerator, denominator) == self._meter
            add_option(menu, f"{numerator}/{denominator}", chosen, is_chosen=is_chosen)


class KeyField(MenuField):
    """The key, which shades the scale and keeps continuations in it.

    Attributes:
        key_chosen: A ``Key``, or None to go by the key that is detected.
    """

    key_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        tip = translate("Fields", "Shades the scale, and continuations can keep to it.")
        super().__init__(translate("Fields", "Key"), tip, parent)
        self._key: Key | None = None

    def show_key(self, key: Key | None, *, is_detected: bool) -> None:
        """Shows the song's key, or the one that its notes suggest."""
        self._key = key
        self.show_value(self.tr("no key") if key is None else f"{key} ?" if is_detected else str(key))

    def fill(self, menu: QMenu) -> None:
        """Major and minor keys first, the other scales below; each along the circle of fifths."""
        menu.addAction(self.tr("Detect from the notes")).triggered.connect(calling(self.key_chosen.emit, None))
        menu.addSeparator()
        for scale in _COMMON_SCALES:
            self._add_tonics(add_menu(menu, scale.capitalize()), scale)
        others = menu.addMenu(self.tr("Other scales"))
        for scale in (name for name in SCALES if name not in _COMMON_SCALES):
            self._add_tonics(add_menu(others, scale.replace("_", " ").capitalize()), scale)

    def _add_tonics(self, menu: QMenu, scale: str) -> None:
        for key in keys_on_offer(scale):
            chosen = calling(self.key_chosen.emit, key)
            add_option(menu, str(key), chosen, is_chosen=str(key) == str(self._key))


class GridField(MenuField):
    """The note value that edits snap to.

    Attributes:
        grid_chosen: A ``Grid``.
    """

    grid_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        tip = translate("Fields", "What edits snap to. Hold Alt to edit freely.")
        super().__init__(translate("Fields", "Grid"), tip, parent)
        self._grid = Grid()
        self.show_grid(self._grid)

    def show_grid(self, grid: Grid) -> None:
        self._grid = grid
        self.show_value(f"{grid} ▾")
        set_name(self, f"{self._name}: {grid}")  # without the mark, which would be read aloud

    def fill(self, menu: QMenu) -> None:
        for is_triplet in (False, True):
            for division in SHOWN_DIVISIONS:
                grid = Grid(division, is_triplet, self._grid.is_snapping)
                words = self.tr("{grid} triplet").format(grid=f"1/{division}") if is_triplet else str(grid)
                add_option(menu, words, calling(self.grid_chosen.emit, grid), is_chosen=grid == self._grid)
            menu.addSeparator()


class TransportBar(QFrame):
    """Everything that is always needed, in one thin row. It shows; what it is told to do it says by signals.

    Attributes:
        tempo, meter, key, grid: The fields of the song.
        continuing: The button in the accent colour.
    """

    def __init__(self, actions: Actions, continuing: ContinueButton, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transport_bar")
        self._actions = actions
        self._spare: list[QToolButton] = []
        self._parts: list[QWidget] = []
        self._is_playing = False
        self.buttons: dict[str, QToolButton] = {}
        self.position = PlainLabel("1.1.000", look="position")
        self.position.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.position.setFixedWidth(84)
        set_tip(self.position, Tip(self.tr("Bar, beat and ticks of the playhead."), self.tr("Position")))
        self.tempo, self.meter, self.key, self.grid = TempoField(), MeterField(), KeyField(), GridField()
        self.continuing = continuing
        self._name_position()
        self._lay_out()

    def _lay_out(self) -> None:
        transport: list[Part] = [*map(self._button, _TRANSPORT)]
        tools: list[Part] = [*map(self._button, _TOOLS)]
        song: list[Part] = [4, self.position, 6, self.tempo, self.meter, self.key, self._separator()]
        grid: list[Part] = [self.grid, self._button("view.snap"), self._separator()]
        parts = *transport, *song, *grid, *tools
        row = arranged(QHBoxLayout(self), *parts, margins_px=(8, 4, 8, 4), spacing_px=SPACING_PX)
        row.addStretch(1)
        row.addWidget(self.continuing)
        self._spare = [self.buttons[command_id] for command_id in _SPARE]
        items = (row.itemAt(place) for place in range(row.count()))
        self._parts = [part for item in items if item is not None and (part := item.widget()) is not None]

    def _button(self, command_id: str) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._actions[command_id])
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setIconSize(QSize(16, 16))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_name(button, face_of(self._actions[command_id]))
        follow_tip(button, self._actions[command_id])
        self.buttons[command_id] = button
        return button

    def minimumSizeHint(self) -> QSize:
        return QSize(min(MIN_WIDTH_PX, super().minimumSizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """A field that says something longer takes room from what can be spared."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        parts = [part for part in self._parts if part not in self._spare and part is not self.continuing]
        gaps_px = SPACING_PX * (len(self._parts) + 3) + 26  # the spaces and margins
        room_px = self.width() - gaps_px - sum(_least_px(part) for part in parts)
        room_px -= self.continuing.whole_px  # its words stand whole as long as there is anything to spare
        self.continuing.show_whole(is_whole=room_px + self.continuing.spare_px >= 0)
        for button in reversed(self._spare):  # the last ones stay longest
            room_px -= button.sizeHint().width()
            if button.isHidden() == (room_px >= 0):
                button.setVisible(room_px >= 0)

    def _separator(self) -> QFrame:
        line = QFrame()
        line.setObjectName("separator")
        line.setContentsMargins(4, 0, 4, 0)
        return line

    def show_position(self, bar: int, beat: int, ticks: int) -> None:
        """Where the playhead stands, bar and beat counted from 1."""
        text = f"{bar}.{beat}.{ticks:03d}"
        if text != self.position.text():
            self.position.show_text(text)
            self._name_position()

    def _name_position(self) -> None:
        """A screen reader is told the place where the playhead comes to rest, not each that it runs through."""
        name = self.tr("Position")
        set_name(self.position, name if self._is_playing else f"{name} {self.position.text()}")

    def show_count_in(self, beats: int) -> None:
        """How many beats come before the place where the playhead waits."""
        self.position.show_text(f"\N{MINUS SIGN}{beats}")

    def show_playing(self, *, is_playing: bool) -> None:
        """The play button becomes a stop button while it sounds."""
        if is_playing != self._is_playing:
            self._is_playing = is_playing
            self._name_position()
            self._actions["play.toggle"].setIcon(icon("pause" if is_playing else "play"))


def _least_px(part: QWidget) -> int:
    return part.minimumSizeHint().expandedTo(part.minimumSize()).boundedTo(part.maximumSize()).width()
