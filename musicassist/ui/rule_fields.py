"""The range of new takes, and the rules that are wanted less often: density, leaps, polyphony, rhythm, news, style."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from musicassist.composing.clashes import WHOLE_RANGE
from musicassist.composing.request import Constraints
from musicassist.score.theory import parse_pitch_range, pitch_name
from musicassist.tokens.vocabulary import STYLES
from musicassist.ui.foreign_text import PlainLabel, fill_field, set_placeholder
from musicassist.ui.panel_fields import CheckBox, ChoiceField, explain, named
from musicassist.ui.theme import arranged
from musicassist.ui.transport_bar import TEXT_MARGINS_PX

MAX_DENSITY, DENSITY_STEP = 12.0, 0.5
MAX_LEAP, MAX_VOICES = 36, 12
MIN_FIELD_PX = 48


class RangeField(QLineEdit):
    """Lowest and highest pitch, as ``C4:C6``; empty for those around the phrase.

    Attributes:
        chosen: The user chose another range.
        refused: What stands there is none.
    """

    chosen = Signal()
    refused = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.range = WHOLE_RANGE
        set_placeholder(self, self.tr("by the phrase"))
        explain(
            self,
            self.tr("Range"),
            self.tr("No new note lies lower or higher, as C4:C6. Or drag over the piano keys with the right button."),
        )
        self.editingFinished.connect(self._on_editing_finished)

    def show_range(self, range_: tuple[int, int]) -> None:
        """Shows a range without saying that it changed."""
        self.range = range_
        words = "" if range_ == WHOLE_RANGE else ":".join(pitch_name(pitch) for pitch in range_)
        if not self.hasFocus() or not self.isModified():
            fill_field(self, words)

    def choose(self, range_: tuple[int, int]) -> None:
        """As if the user had written it."""
        self.setModified(False)
        if range_ != self.range:
            self.show_range(range_)
            self.chosen.emit()

    def _on_editing_finished(self) -> None:
        text = self.text().strip()
        try:
            range_ = parse_pitch_range(text) if text else WHOLE_RANGE
        except ValueError:
            self.refused.emit()
            return
        self.choose(range_)


class RuleFields(QWidget):
    """The fields, one below the other. It shows what it is given and says what the user changed.

    Attributes:
        changed: The user changed a field; read it by ``applied_to`` and ``style``.
        rows: By the rule that it is about, each line of it.
        column: They stand in it.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._density = QDoubleSpinBox(maximum=MAX_DENSITY, singleStep=DENSITY_STEP, decimals=1)
        self._leap = QSpinBox(maximum=MAX_LEAP)
        self._polyphony = QSpinBox(maximum=MAX_VOICES)
        for box in (self._density, self._leap, self._polyphony):
            box.setSpecialValueText(self.tr("any"))  # at 0
            box.lineEdit().setTextMargins(*TEXT_MARGINS_PX)
        explain(self._density, self.tr("Density"), self.tr("Most notes a beat, on the average of a bar."))
        words = self.tr("Most semitones from one note to the next; of chords, between their lowest notes.")
        explain(self._leap, self.tr("Largest leap"), words)
        words = self.tr("Most notes at once in a track. 1 writes a line, also where the track has chords.")
        explain(self._polyphony, self.tr("Polyphony"), words)
        rhythms = {
            "free": self.tr("free"),
            "kept": self.tr("kept"),
            "straight": self.tr("straight"),
            "triplets": self.tr("triplets"),
            "swing": self.tr("swing as played"),
        }
        words = self.tr(
            "Where notes start: free; kept, so that each bar has the rhythm of a bar of the phrase; straight, without "
            "triplets and swing; on triplets; or on eighths that come as late as the phrase plays them."
        )
        self._rhythm = ChoiceField(self.tr("Rhythm"), words, rhythms)
        self._only_new = CheckBox(self.tr("New to my phrase"))
        words = self.tr("No more than eight notes in a row are copied from what stands before.")
        explain(self._only_new, self.tr("New to my phrase"), words)
        self._new_to_training = CheckBox(self.tr("New to training"))
        words = self.tr("Refuses takes that share more with the training music than 95 % of human pieces do.")
        explain(self._new_to_training, self.tr("New to the training music"), words)
        styles = {"": self.tr("any"), **{style: style for style in STYLES[1:]}}
        words = self.tr("The style that the models are told.")
        self._style = ChoiceField(self.tr("Style"), words, styles)
        self.rows: dict[str, QWidget] = {
            "density": row_of(self.tr("Density"), self._density),
            "largest_leap": row_of(self.tr("Largest leap"), self._leap),
            "polyphony": row_of(self.tr("Polyphony"), self._polyphony),
            "rhythm": row_of_choice(self._rhythm),
            "only_new": self._only_new,
            "new_to_training": self._new_to_training,
            "style": row_of_choice(self._style),
        }
        self.column = arranged(QVBoxLayout(self), *self.rows.values(), spacing_px=6)
        self._connect()

    def _connect(self) -> None:
        for box in (self._density, self._leap, self._polyphony):
            box.valueChanged.connect(self.changed)
        for choice in (self._rhythm, self._style):
            choice.chosen.connect(self.changed)
        for tick in (self._only_new, self._new_to_training):
            tick.toggled.connect(self.changed)

    @property
    def style_name(self) -> str | None:
        """The style that is wished; None for any."""
        return self._style.value or None

    def applied_to(self, constraints: Constraints) -> Constraints:
        """The constraints with what the fields say."""
        return replace(
            constraints,
            density=self._density.value() or None,
            largest_leap=self._leap.value() or None,
            polyphony=self._polyphony.value() or None,
            rhythm=self._rhythm.value,
            only_new=self._only_new.isChecked(),
            new_to_training=self._new_to_training.isChecked(),
        )

    def show_rules(self, constraints: Constraints, style: str | None) -> None:
        """Shows the values without saying that they changed."""
        with QSignalBlocker(self):
            self._density.setValue(constraints.density or 0)
            self._leap.setValue(constraints.largest_leap or 0)
            self._polyphony.setValue(constraints.polyphony or 0)
            self._rhythm.show_choice(constraints.rhythm)
            self._only_new.setChecked(constraints.only_new)
            self._new_to_training.setChecked(constraints.new_to_training)
            self._style.show_choice(style or "")

    @staticmethod
    def count(constraints: Constraints, style: str | None) -> int:
        """How many of these rules are set."""
        plain = Constraints()
        names = ("density", "largest_leap", "polyphony", "rhythm", "only_new", "new_to_training")
        return sum(getattr(constraints, name) != getattr(plain, name) for name in names) + (style is not None)


def row_of(name: str, *fields: QWidget) -> QWidget:
    """Fields beside their name; the first one is as wide as there is room."""
    label = PlainLabel(name, look="second")
    label.setBuddy(fields[0])
    fields[0].setMinimumWidth(MIN_FIELD_PX)  # the panel is narrow
    row = QWidget()
    arranged(QHBoxLayout(row), label, (fields[0], 1), *fields[1:], spacing_px=4)
    return row


def row_of_choice(field: ChoiceField) -> QWidget:
    """A choice beside its name."""
    row = QWidget()
    row.setLayout(named(field))
    return row
