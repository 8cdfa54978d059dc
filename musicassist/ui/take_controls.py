"""How the next takes are composed: rules from most to least used, what they lean to, plan and random number."""

from __future__ import annotations

import random
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QLineEdit, QSpinBox, QToolButton, QVBoxLayout, QWidget

from musicassist.composing.request import DEFAULT_CANDIDATES, MANY_CANDIDATES, SCALE_STRENGTHS
from musicassist.session.offers import Controls
from musicassist.ui.foreign_text import PlainLabel, Tip, fill_field, set_face, set_name, set_placeholder, set_tip
from musicassist.ui.panel_fields import CheckBox, ChoiceField, LeanSlider, explain
from musicassist.ui.preset_field import PresetField
from musicassist.ui.rule_fields import RangeField, RuleFields, row_of, row_of_choice
from musicassist.ui.theme import arranged, icon
from musicassist.ui.transport_bar import TEXT_MARGINS_PX

MAX_BARS = 32
MAX_SEED = 999_999  # LIMIT: short enough to type


class TakeControls(QWidget):
    """The fields. It shows what it is given and says what the user changed.

    Attributes:
        changed: The user changed a field; read it by ``applied_to``.
        presets: The rules under names.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars = QSpinBox(minimum=1, maximum=MAX_BARS, value=4)
        self._bars.lineEdit().setTextMargins(*TEXT_MARGINS_PX)
        words = self.tr("How many whole bars to compose after the bar that is begun.")
        explain(self._bars, self.tr("Bars"), words)
        self._fewer, self._more = QToolButton(), QToolButton()
        self._fewer.setAccessibleName(self.tr("A bar less"))
        self._more.setAccessibleName(self.tr("A bar more"))
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
        self._range = RangeField()
        self._more_rules = QToolButton()
        self._more_rules.setCheckable(True)
        self._more_rules.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._more_rules.setProperty("wide", True)  # noqa: FBT003  # Qt's property
        self._rules = RuleFields()
        self.presets = PresetField()
        words = self.tr("Takes with more of the phrase's own steps and rhythm, or fewer. No rule is left for it.")
        self._closer = LeanSlider(self.tr("Closer to the phrase"), words, self.tr("further"), self.tr("closer"))
        words = self.tr("Takes that the model expects, or that surprise it. No rule is left for it.")
        self._surprise = LeanSlider(self.tr("Surprise"), words, self.tr("expected"), self.tr("surprising"))
        self._many = CheckBox(self.tr("Choose from {count}").format(count=MANY_CANDIDATES))
        words = self.tr("Composes twice as many takes of a melody to show the best, which takes about twice as long.")
        set_tip(self._many, Tip(words, self.tr("Choose from more")))
        self._seed = QLineEdit()
        set_placeholder(self._seed, self.tr("random"))
        words = self.tr("The same number gives the same takes again; without one, each time is new.")
        explain(self._seed, self.tr("Random number"), words)
        self._seed.setValidator(QIntValidator(0, MAX_SEED, self))
        self._dice = QToolButton()
        self._dice.setAccessibleName(self.tr("Roll a number"))
        set_tip(self._dice, self.tr("Roll a number and keep it."))
        self._refusal = PlainLabel(look="refusal")
        self._refusal.setWordWrap(True)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        plan, seed = row_of_choice(self._plan), row_of(self.tr("Seed"), self._seed, self._dice)
        self._places: dict[str, QWidget] = {
            "presets": self.presets,
            "bars": row_of(self.tr("Bars"), self._bars, self._fewer, self._more),
            "ending": row_of_choice(self._ending),
            "scale_strength": row_of_choice(self._scale),
            "chord_strength": row_of_choice(self._chords),
            "range": row_of(self.tr("Range"), self._range),
            "fold": self._more_rules,
            "rules": self._rules,
            "closeness": self._closer,
            "surprise": self._surprise,
        }
        rows = (*self._places.values(), plan, self._many, seed, self._refusal)
        self._column = self._said_in = arranged(QVBoxLayout(self), *rows, spacing_px=6)
        self._rules.hide()
        self._refusal.hide()
        self._show_fold(0)

    def _connect(self) -> None:
        self._fewer.setIcon(icon("remove", "second_text"))
        self._more.setIcon(icon("add", "second_text"))
        self._dice.setIcon(icon("dice", "second_text"))
        self._bars.valueChanged.connect(self.changed)
        self._fewer.clicked.connect(self._bars.stepDown)
        self._more.clicked.connect(self._bars.stepUp)
        self._range.chosen.connect(self.changed)
        self._range.refused.connect(self._on_range_refused)
        self._more_rules.toggled.connect(self._on_fold_toggled)
        self._rules.changed.connect(self.changed)
        self._closer.moved.connect(self.changed)
        self._surprise.moved.connect(self.changed)
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
        low, high = self._range.range
        constraints = replace(
            self._rules.applied_to(controls.constraints),
            chord_strength=self._chords.value,
            scale_strength=self._scale.value,
            lowest_pitch=low,
            highest_pitch=high,
        )
        return replace(
            controls,
            bars=bars,
            intent=self._plan.value,
            ending=self._ending.value,
            closeness=self._closer.value,
            surprise=self._surprise.value,
            style=self._rules.style_name,
            seed=seed,
            constraints=constraints,
            candidates=MANY_CANDIDATES if self._many.isChecked() else DEFAULT_CANDIDATES,
        )

    def show_controls(self, controls: Controls) -> None:
        """Shows the values without saying that they changed."""
        with QSignalBlocker(self):
            self._bars.setValue(controls.bars)
            constraints = controls.constraints
            self._range.show_range((constraints.lowest_pitch, constraints.highest_pitch))
            self._rules.show_rules(constraints, controls.style)
            self._show_fold(RuleFields.count(constraints, controls.style))
            self._closer.show_value(controls.closeness)
            self._surprise.show_value(controls.surprise)
            self._plan.show_choice(controls.intent)
            self._ending.show_choice(controls.ending)
            self._chords.show_choice(constraints.chord_strength)
            self._scale.show_choice(constraints.scale_strength)
            self._many.setChecked(controls.candidates >= MANY_CANDIDATES)
            if not self._seed.hasFocus():
                fill_field(self._seed, "" if controls.seed is None else str(controls.seed))

    def show_key(self, key_text: str) -> None:
        """Names the key in the field's words; without one it is off, whatever the user chose, and says so."""
        keep = self.tr("keep {key}").format(key=key_text)
        tend = self.tr("tend to {key}").format(key=key_text)
        none = self.tr("no key")
        self._scale.show_words(
            {"off": self.tr("off"), "tend": tend, "keep": keep} if key_text else dict.fromkeys(SCALE_STRENGTHS, none)
        )
        self._scale.setEnabled(bool(key_text))

    def choose_range(self, range_: tuple[int, int]) -> None:
        """As if the user had written it."""
        self._range.choose(range_)

    def unfold(self) -> None:
        """Shows the rules that are wanted less often."""
        self._more_rules.setChecked(True)

    def show_refusal(self, words: str, rule: str = "") -> None:
        """Says why the demands cannot be met, below the field of a rule, else below all; empty takes it back."""
        self._refusal.show_text(words)
        self._refusal.setVisible(bool(words))
        inside = self._rules.rows.get(rule)
        if words and inside is not None:
            self.unfold()
        self._said_in.removeWidget(self._refusal)
        self._said_in = self._rules.column if inside is not None else self._column
        above = inside or self._places.get(rule)
        self._said_in.insertWidget(self._said_in.indexOf(above) + 1 if above is not None else -1, self._refusal)

    def _on_fold_toggled(self, is_open: bool) -> None:  # noqa: FBT001  # Qt's signal
        self._rules.setVisible(is_open)
        self._more_rules.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)

    def _show_fold(self, count: int) -> None:
        """Says how many of the rules that it hides are set."""
        words = self.tr("More rules · {count} set").format(count=count) if count else self.tr("More rules")
        set_face(self._more_rules, words)
        set_name(self._more_rules, words)
        self._on_fold_toggled(self._more_rules.isChecked())

    def _on_range_refused(self) -> None:
        self.show_refusal(self.tr("Write a range as C4:C6, the lower note first."), "range")

    def _on_dice_clicked(self) -> None:
        fill_field(self._seed, str(random.randrange(MAX_SEED)))  # not a secret
        self.changed.emit()
