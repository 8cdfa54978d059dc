"""The fields of the transport bar that show and change the song: tempo, meter, key and the grid."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QMenu, QToolButton, QWidget

from musicassist.score.grid import Grid
from musicassist.score.theory import SCALES, Key, keys_on_offer
from musicassist.score.timing import MAX_BPM, MIN_BPM, MeterChange, spoken_bpm
from musicassist.ui.background import calling
from musicassist.ui.foreign_text import (
    Tip,
    add_line,
    add_menu,
    face_of,
    note_sign,
    set_face,
    set_name,
    set_tip,
    translate,
)

TEMPO_PX = 84  # "♩. 999.99"
TEXT_MARGINS_PX = (6, 0, 6, 0)  # a style sheet cannot give them to the field inside a spin box
METERS = ((4, 4), (3, 4), (2, 4), (6, 8), (9, 8), (12, 8), (2, 2), (5, 4), (7, 8))
SHOWN_DIVISIONS = (4, 8, 16, 32)
_COMMON_SCALES = ("major", "minor")


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
        is_blocked = self.blockSignals(True)  # noqa: FBT003  # Qt's method
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
        self.blockSignals(is_blocked)

    def textFromValue(self, value: float) -> str:  # noqa: N802  # Qt's name
        """No more decimals than are needed."""
        text = super().textFromValue(value)
        point = self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc brings the old tempo back."""
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


class MenuField(QToolButton):
    """A field whose choices stand in a menu."""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("wide", True)  # noqa: FBT003  # Qt's property
        self._name = name
        set_tip(self, Tip(tip, name))
        self.show_value("")
        self.setMenu(QMenu(self))
        self.menu().aboutToShow.connect(self._on_menu_about_to_show)

    def show_value(self, text: str) -> None:
        """What is chosen; a screen reader says it after the field's name."""
        set_face(self, text)
        set_name(self, f"{self._name}: {face_of(self)}" if text else self._name)

    def fill(self, menu: QMenu) -> None:
        """Puts the choices into the menu; it is empty before."""
        raise NotImplementedError

    def _on_menu_about_to_show(self) -> None:
        self.menu().clear()
        self.fill(self.menu())


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
        """Shows the song's meter."""
        if self.text() == str(meter):
            return
        self._meter = (meter.numerator, meter.denominator)
        self.show_value(str(meter))

    def fill(self, menu: QMenu) -> None:
        """The usual meters."""
        for numerator, denominator in METERS:
            action = add_line(menu, f"{numerator}/{denominator}")
            action.setCheckable(True)
            action.setChecked((numerator, denominator) == self._meter)
            action.triggered.connect(calling(self.meter_chosen.emit, numerator, denominator))


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
            action = add_line(menu, str(key))
            action.setCheckable(True)
            action.setChecked(str(key) == str(self._key))
            action.triggered.connect(calling(self.key_chosen.emit, key))


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
        """Shows the grid in use."""
        self._grid = grid
        self.show_value(f"{grid} ▾")
        set_name(self, f"{self._name}: {grid}")  # without the mark, which would be read aloud

    def fill(self, menu: QMenu) -> None:
        """Straight values, then triplets."""
        for is_triplet in (False, True):
            for division in SHOWN_DIVISIONS:
                grid = Grid(division, is_triplet, self._grid.is_snapping)
                words = self.tr("{grid} triplet").format(grid=f"1/{division}") if is_triplet else str(grid)
                action = add_line(menu, words)
                action.setCheckable(True)
                action.setChecked(grid == self._grid)
                action.triggered.connect(calling(self.grid_chosen.emit, grid))
            menu.addSeparator()
