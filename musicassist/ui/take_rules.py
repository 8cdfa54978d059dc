"""The rules of takes in the window: fields, piano keys, presets and settings say the same; clashes stand beside."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from musicassist.composing.clashes import WHOLE_RANGE, RuleClash
from musicassist.errors import ConstraintError, MusicAssistError
from musicassist.session.presets import Presets
from musicassist.session.session import SessionChange
from musicassist.ui.foreign_text import words_of
from musicassist.ui.take_controls import TakeControls
from musicassist.ui.workspace import Workspace


class TakeRules(QObject):
    """Main thread only.

    Args:
        workspace: The session and the parts of the window.
        controls: The fields.
        parent: Of this object.
    """

    def __init__(self, workspace: Workspace, controls: TakeControls, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._controls = workspace, controls
        self._takes = workspace.session.takes
        self._presets = Presets(workspace.session.document)
        self._keys = workspace.roll.keys
        controls.changed.connect(self._on_changed)
        controls.presets.named.connect(lambda name: self._do(lambda: self._presets.keep(name, self._takes.controls)))
        controls.presets.menu.picked.connect(self._on_preset_picked)
        controls.presets.menu.dropped.connect(lambda name: self._do(lambda: self._presets.drop(name)))
        controls.presets.menu.list_names = self._presets.all
        self._keys.range_dragged.connect(lambda low, high: controls.choose_range((low, high)))
        self._keys.range_cleared.connect(lambda: controls.choose_range(WHOLE_RANGE))
        workspace.session.subscribe(self._on_session_changed)

    def refuse(self, error: ConstraintError) -> None:
        """Says beside the field that it is about why takes cannot be made; else below all."""
        rule = error.rules[0] if isinstance(error, RuleClash) else ""
        self._controls.show_refusal(words_of(error), rule)

    def _on_changed(self) -> None:
        self._controls.show_refusal("")
        controls = self._controls.applied_to(self._takes.controls)
        self._takes.set_controls(controls)
        self._say_clash()
        self._workspace.preferences.change(
            take_bars=controls.bars,
            take_ending=controls.ending,
            take_closeness=controls.closeness,
            take_surprise=controls.surprise,
            take_scale=controls.constraints.scale_strength,
            take_seed=controls.seed,
            take_chords=controls.constraints.chord_strength,
        )

    def _say_clash(self) -> None:
        problem = self._takes.why_not()
        if isinstance(problem, RuleClash):
            self.refuse(problem)

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind == "takes":
            constraints = self._takes.controls.constraints
            range_ = constraints.lowest_pitch, constraints.highest_pitch
            self._keys.show_range(None if range_ == WHOLE_RANGE else range_)

    def _on_preset_picked(self, name: str) -> None:
        self._takes.set_controls(self._presets.applied(name, self._takes.controls))
        self._controls.show_controls(self._takes.controls)
        self._on_changed()
        self._workspace.report(self.tr("The rules are those of {name}."), name=name)

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except MusicAssistError as error:
            self._controls.show_refusal(words_of(error), "presets")
