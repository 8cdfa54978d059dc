"""Fields of the panel beside the roll: a tick with words, a choice among words, a slider between two words."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QHBoxLayout, QMenu, QSizePolicy, QSlider, QVBoxLayout, QWidget

from musicassist.ui.actions import MenuField, add_values
from musicassist.ui.foreign_text import PlainLabel, Tip, face_of, paint_words, set_name, set_tip
from musicassist.ui.theme import SMALL_PX, arranged, text_font, theme_now, tinted_pixmap

BOX_PX = 16
GAP_PX = 8
LEAN_STEPS = 8  # slider steps from the middle to an end


class CheckBox(QCheckBox):
    """A square with a tick, and words beside it. The accent is its ground while it is on."""

    def sizeHint(self) -> QSize:
        return QSize(BOX_PX + GAP_PX + self.fontMetrics().horizontalAdvance(face_of(self)) + 4, BOX_PX + 8)

    def hitButton(self, place: object) -> bool:  # noqa: N802
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), theme_now()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0.5, (self.height() - BOX_PX) / 2 + 0.5, BOX_PX - 1, BOX_PX - 1)
        painter.setPen(QColor(theme.second_text if self.hasFocus() else theme.bar_line))
        painter.setBrush(QColor(theme.accent if self.isChecked() else theme.field))
        painter.drawRoundedRect(box, 4, 4)
        if self.isChecked():
            tick = tinted_pixmap("accept", theme.on_accent, size_px=12, scale=self.devicePixelRatioF())
            painter.drawPixmap(round(box.left()) + 2, round(box.top()) + 2, tick)
        painter.setPen(QColor(theme.text))
        words = self.rect().adjusted(BOX_PX + GAP_PX, 0, 0, 0)
        paint_words(painter, words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, face_of(self))
        painter.end()


class ChoiceField(MenuField):
    """A field with some values, each in words, to choose one of.

    Attributes:
        chosen: The user chose another value.
        name: What it is called.
        value: The one that holds.
    """

    chosen = Signal()

    def __init__(self, name: str, tip: str, choices: Mapping[str, str], parent: QWidget | None = None) -> None:
        """Shows the first choice.

        Args:
            name: What it is called.
            tip: What it does.
            choices: Words for each value.
            parent: Of the widget.
        """
        super().__init__(name, tip, parent)
        self.name = name
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # long words do not widen the panel
        self._choices = choices
        self.show_choice(next(iter(choices)))

    def show_choice(self, value: str) -> None:
        """Shows a value without saying that it changed."""
        self.value = value
        words = self._choices.get(value, value)
        self.show_value(f"{words} ▾")
        set_name(self, f"{self._name}: {words}")  # without the mark, which would be read aloud

    def show_words(self, choices: Mapping[str, str]) -> None:
        """Other words for the values."""
        self._choices = choices
        self.show_choice(self.value)

    def fill(self, menu: QMenu) -> None:
        add_values(menu, {words: value for value, words in self._choices.items()}, self.value, self._choose)

    def _choose(self, value: str) -> None:
        if value != self.value:
            self.show_choice(value)
            self.chosen.emit()


class LeanSlider(QWidget):
    """A slider from -1 to 1 with a word at each end. A double-click on it, or the key 0, brings it to the middle.

    Attributes:
        moved: The user moved it.
    """

    moved = Signal()

    def __init__(self, name: str, tip: str, least: str, most: str, parent: QWidget | None = None) -> None:
        """In the middle.

        Args:
            name: What it is called.
            tip: What it does.
            least: The word at -1.
            most: The word at 1.
            parent: Of the widget.
        """
        super().__init__(parent)
        self._name, self._ends = name, (least, most)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(-LEAN_STEPS, LEAN_STEPS)
        self._slider.setPageStep(2)
        words = [PlainLabel(end, look="second") for end in self._ends]
        for word in words:
            word.setFont(text_font(SMALL_PX))
        ends = arranged(QHBoxLayout(), (words[0], 1), words[1], spacing_px=4)
        arranged(QVBoxLayout(self), ends, self._slider, spacing_px=2)
        self.setFocusProxy(self._slider)
        self._slider.installEventFilter(self)
        self._slider.valueChanged.connect(self._on_value_changed)
        set_tip(self._slider, Tip(tip, name))
        self._say()

    @property
    def value(self) -> float:
        """Where it stands, -1 to 1."""
        return self._slider.value() / LEAN_STEPS

    def show_value(self, value: float) -> None:
        """Puts it somewhere without saying that it moved."""
        with QSignalBlocker(self._slider):
            self._slider.setValue(round(value * LEAN_STEPS))
        self._say()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Back to the middle."""
        is_zero = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_0
        if is_zero or event.type() == QEvent.Type.MouseButtonDblClick:
            self._slider.setValue(0)
            return True
        return False

    def _on_value_changed(self, _value: int) -> None:
        self._say()
        self.moved.emit()

    def _say(self) -> None:
        value = self.value
        words = self._ends[value > 0] if value else self.tr("as it comes")
        share = f" {abs(round(100 * value))} %" if value else ""
        set_name(self._slider, f"{self._name}: {words}{share}")


def named(field: ChoiceField) -> QBoxLayout:
    """A field beside its name, on a line of its own."""
    label = PlainLabel(field.name, look="second")
    label.setBuddy(field)
    return arranged(QHBoxLayout(), label, (field, 1), spacing_px=6)


def explain(field: QWidget, name: str, words: str) -> None:
    """Names a field and says what it does."""
    set_name(field, name)
    set_tip(field, Tip(words, name))
