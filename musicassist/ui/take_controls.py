"""How the next takes are composed: length, end, heat, chords, scale and seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIntValidator, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from musicassist.composing.request import DEFAULT_CANDIDATES, MANY_CANDIDATES, SCALE_STRENGTHS
from musicassist.session.offers import Controls
from musicassist.ui.actions import MenuField, add_values
from musicassist.ui.foreign_text import PlainLabel, Tip, face_of, fill_field, paint_words, set_name, set_tip
from musicassist.ui.theme import SMALL_PX, arranged, icon, text_font, theme_now, tinted_pixmap
from musicassist.ui.transport_bar import TEXT_MARGINS_PX

BOX_PX = 16
GAP_PX = 8
MAX_BARS = 32
MAX_SEED = 999_999  # LIMIT: short enough to type
_HEAT_STEPS = 20  # slider steps in a temperature of 1
MIN_HEAT, MAX_HEAT = 4, 32  # in those steps: temperatures from 0.2 to 1.6


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


class TakeControls(QWidget):
    """The fields. It shows what it is given and says what the user changed.

    Attributes:
        changed: The user changed a field; read it by ``applied_to``.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars = QSpinBox(minimum=1, maximum=MAX_BARS, value=4)
        self._bars.lineEdit().setTextMargins(*TEXT_MARGINS_PX)
        words = self.tr("How many whole bars to compose after the bar that is begun.")
        _explain(self._bars, self.tr("Bars"), words)
        self._fewer, self._more = QToolButton(), QToolButton()
        self._fewer.setAccessibleName(self.tr("A bar less"))
        self._more.setAccessibleName(self.tr("A bar more"))
        self._heat = QSlider(Qt.Orientation.Horizontal)
        self._heat.setRange(MIN_HEAT, MAX_HEAT)
        self._heat.setPageStep(2)
        words = self.tr("Low stays with what is likely, high surprises. 1.0 is the model as it learned.")
        _explain(self._heat, self.tr("Heat"), words)
        self._heat_value = PlainLabel()
        strengths = {
            "off": self.tr("off"),
            "heard": self.tr("heard"),
            "strong": self.tr("strong beats"),
            "always": self.tr("always"),
        }
        words = self.tr(
            "How the song's chords bind new notes: not at all, as what is heard beside them, or as chord tones on "
            "strong beats or everywhere."
        )
        self._chords = ChoiceField(self.tr("Chords"), words, strengths)
        endings = {
            "auto": self.tr("automatic"),
            "open": self.tr("open"),
            "closed": self.tr("closed"),
            "loop": self.tr("leads back"),
        }
        words = self.tr(
            "How new phrases end: open, so that the music goes on at once; closed, at home on a strong beat; or back "
            "into the first bar. Automatic closes where eight bars are full. Several parts end together."
        )
        self._ending = ChoiceField(self.tr("End"), words, endings)
        intents = {
            "": self.tr("different ones"),
            "answer": self.tr("answer it"),
            "repeat": self.tr("repeat and close"),
            "go-on": self.tr("go on"),
            "contrast": self.tr("contrast"),
            "sequence": self.tr("sequence up"),
        }
        words = self.tr("The idea of the takes: what their bars take up of the phrase. Or each take gets another one.")
        self._plan = ChoiceField(self.tr("Plan"), words, intents)
        scales = {"off": self.tr("off"), "tend": self.tr("tend"), "keep": self.tr("keep")}
        words = self.tr(
            "How the key binds new notes: not at all, as a tendency, or so that none leaves it. In minor, the sixth "
            "and seventh may be raised where they lead up."
        )
        self._scale = ChoiceField(self.tr("Scale"), words, scales)
        self._many = CheckBox(self.tr("Choose from {count}").format(count=MANY_CANDIDATES))
        words = self.tr("Composes twice as many takes of a melody to show the best, which takes about twice as long.")
        set_tip(self._many, Tip(words, self.tr("Choose from more")))
        self._seed = QLineEdit()
        self._seed.setPlaceholderText(self.tr("random"))
        words = self.tr("The same number gives the same takes again; without one, each time is new.")
        _explain(self._seed, self.tr("Random number"), words)
        self._seed.setValidator(QIntValidator(0, MAX_SEED, self))
        self._dice = QToolButton()
        self._dice.setAccessibleName(self.tr("Roll a number"))
        set_tip(self._dice, self.tr("Roll a number and keep it."))
        self._refusal = PlainLabel(look="refusal")
        self._refusal.setWordWrap(True)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(6)
        rows = (
            (self.tr("Bars"), (self._bars, self._fewer, self._more)),
            (self.tr("Heat"), (self._heat, self._heat_value)),
            (self.tr("Seed"), (self._seed, self._dice)),
        )
        for row, (name, fields) in enumerate(rows):
            label = PlainLabel(name, look="second")
            label.setBuddy(fields[0])
            line = arranged(QHBoxLayout(), (fields[0], 1), *fields[1:], spacing_px=2)
            grid.addWidget(label, row, 0)
            grid.addLayout(line, row, 1)
        self._heat_value.setFont(text_font(SMALL_PX))
        self._heat_value.setMinimumWidth(22)
        for below, field in enumerate((self._plan, self._ending, self._scale, self._chords), start=len(rows)):
            grid.addLayout(_named(field), below, 0, 1, 2)
        grid.addWidget(self._many, grid.rowCount(), 0, 1, 2)
        grid.addWidget(self._refusal, grid.rowCount(), 0, 1, 2)
        grid.setColumnStretch(1, 1)
        self._refusal.hide()

    def _connect(self) -> None:
        self._fewer.setIcon(icon("remove", "second_text"))
        self._more.setIcon(icon("add", "second_text"))
        self._dice.setIcon(icon("dice", "second_text"))
        self._bars.valueChanged.connect(self.changed)
        self._fewer.clicked.connect(self._bars.stepDown)
        self._more.clicked.connect(self._bars.stepUp)
        self._heat.valueChanged.connect(self._on_heat_changed)
        self._plan.chosen.connect(self.changed)
        self._ending.chosen.connect(self.changed)
        self._chords.chosen.connect(self.changed)
        self._scale.chosen.connect(self.changed)
        self._many.toggled.connect(self.changed)
        self._seed.editingFinished.connect(self.changed)
        self._dice.clicked.connect(self._on_dice_clicked)

    def applied_to(self, controls: Controls) -> Controls:
        """The controls with what the fields say; without a seed each time is new."""
        seed = int(self._seed.text()) if self._seed.hasAcceptableInput() and self._seed.text() else None
        bars = self._bars.value()
        constraints = replace(controls.constraints, chord_strength=self._chords.value, scale_strength=self._scale.value)
        return replace(
            controls,
            bars=bars,
            intent=self._plan.value,
            ending=self._ending.value,
            temperature=self._temperature,
            seed=seed,
            constraints=constraints,
            candidates=MANY_CANDIDATES if self._many.isChecked() else DEFAULT_CANDIDATES,
        )

    def show_controls(self, controls: Controls) -> None:
        """Shows the values without saying that they changed."""
        with QSignalBlocker(self):
            self._bars.setValue(controls.bars)
            self._heat.setValue(round(controls.temperature * _HEAT_STEPS))
            self._show_heat()
            self._plan.show_choice(controls.intent)
            self._ending.show_choice(controls.ending)
            self._chords.show_choice(controls.constraints.chord_strength)
            self._scale.show_choice(controls.constraints.scale_strength)
            self._many.setChecked(controls.candidates >= MANY_CANDIDATES)
            if not self._seed.hasFocus():
                fill_field(self._seed, "" if controls.seed is None else str(controls.seed))

    @property
    def _temperature(self) -> float:
        return self._heat.value() / _HEAT_STEPS

    def show_key(self, key_text: str) -> None:
        """Names the key in the field's words; without one it is off, whatever the user chose, and says so."""
        keep = self.tr("keep {key}").format(key=key_text)
        tend = self.tr("tend to {key}").format(key=key_text)
        none = self.tr("no key")
        self._scale.show_words(
            {"off": self.tr("off"), "tend": tend, "keep": keep} if key_text else dict.fromkeys(SCALE_STRENGTHS, none)
        )
        self._scale.setEnabled(bool(key_text))

    def show_refusal(self, words: str) -> None:
        """Says beside the fields why their demands cannot be met; empty takes it back."""
        self._refusal.show_text(words)
        self._refusal.setVisible(bool(words))

    def _show_heat(self) -> None:
        heat = f"{self._temperature:.2f}".rstrip("0").rstrip(".") if self._temperature != 1 else "1.0"
        self._heat_value.show_text(heat)

    def _on_heat_changed(self, _value: int) -> None:
        self._show_heat()
        self.changed.emit()

    def _on_dice_clicked(self) -> None:
        fill_field(self._seed, str(random.randrange(MAX_SEED)))  # not a secret
        self.changed.emit()


def _named(field: ChoiceField) -> QBoxLayout:
    """A field beside its name, on a line of its own."""
    label = PlainLabel(field.name, look="second")
    label.setBuddy(field)
    return arranged(QHBoxLayout(), label, (field, 1), spacing_px=6)


def _explain(field: QWidget, name: str, words: str) -> None:
    set_name(field, name)
    set_tip(field, Tip(words, name))
