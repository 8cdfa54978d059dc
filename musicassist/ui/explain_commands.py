"""Explain this take: a line of words under the roll, and thin lines from each motif to where it returns."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from musicassist.composing.explanation import Explanation, explanation_of
from musicassist.composing.request import ACCOMPANY, Take
from musicassist.errors import MusicAssistError
from musicassist.score.seam import FACT_WORDS
from musicassist.session.session import SessionChange
from musicassist.ui.actions import TAKES, Command, Need, Rows
from musicassist.ui.foreign_text import PlainLabel, filled, translate
from musicassist.ui.piano_roll.motif_lines import lines_of
from musicassist.ui.piano_roll.mouse import announce
from musicassist.ui.take_words import plan_words
from musicassist.ui.theme import arranged
from musicassist.ui.workspace import Workspace


class ExplanationStrip(QFrame):
    """The words, under the roll; hidden while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("explanation_strip")
        self.setAccessibleName(self.tr("Why this take is as it is"))
        self.label = PlainLabel()
        self.label.setWordWrap(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        arranged(QHBoxLayout(self), (self.label, 1), margins_px=(10, 4, 10, 6))
        self.hide()

    def show_words(self, words: str) -> None:
        """Shows a sentence; empty hides the strip."""
        self.label.show_text(words)
        self.setVisible(bool(words))


class ExplainCommands(QObject):
    """Explains the take that is heard for as long as the switch is on.

    Attributes:
        rows: Its commands, of the menu of the assistant.
    """

    def __init__(self, workspace: Workspace, strip: ExplanationStrip, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session, self._takes = workspace.session, workspace.session.takes
        self._strip = strip
        self._explained: tuple[Take, Explanation] | None = None
        workspace.session.subscribe(self._on_session_changed)
        self.rows = self._rows()

    @property
    def _is_on(self) -> bool:
        return self._workspace.settings.explain_takes

    def toggle(self) -> None:
        """Explains the takes from now on, or no more."""
        self._workspace.preferences.change(explain_takes=not self._is_on)
        self._show()

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind in ("takes", "opened"):
            self._show()

    def _show(self) -> None:
        take, request = self._takes.heard, self._takes.request
        is_line = take is not None and request is not None and request.kind != ACCOMPANY and len(take.notes) > 0
        is_line = is_line and not self._takes.current.is_blind
        if not self._is_on or not is_line or take is None or request is None:
            self._explained = None
            self._strip.show_words("")
            self._workspace.roll.scene.set_motifs(())
            return
        if self._explained is None or self._explained[0] is not take:
            try:
                spans = self._workspace.roll.chord_lane.spans
                self._explained = take, explanation_of(take, request, spans)
            except MusicAssistError:  # the song has no such place any more; keeping it says so
                return
            words = explanation_words(take, self._explained[1])
            self._strip.show_words(words)
            announce(self._strip, words)
        time_map = self._session.document.song.time_map
        self._workspace.roll.scene.set_motifs(lines_of(self._explained[1], time_map))

    # fmt: off
    def _rows(self) -> Rows:
        offered = Need(self.tr("Ask for a continuation first."), lambda: self._takes.heard is not None)
        seen = Need(self.tr("The takes are blind: their ideas are hidden."), lambda: not self._takes.current.is_blind)
        return (
            Command("assistant.explain", self.tr("Explain the takes"),
                    self.tr("Say what each bar of the take that is heard takes up of yours, with lines between them, "
                            "how it lies over the chords, and what was put right."),
                    self.toggle, "W", "", (offered, seen), TAKES, is_on=lambda: self._is_on),
        )
    # fmt: on


def explanation_words(take: Take, explanation: Explanation) -> str:
    """One line in the user's language: the plan, what the notes show, and what was put right at the seam."""
    said = [plan_words(take)]
    said += [filled("Explanations", template, dict(values)) for template, values in explanation.words]
    if take.constraints.key is not None and take.in_scale_share < 1:
        share = translate("Explanations", "{share} % in {key}")
        said.append(share.format(share=round(100 * take.in_scale_share), key=take.constraints.key))
    if take.evidence is not None:
        said.append(filled("Originality", *take.evidence.short_words))
    said += [filled("Takes", FACT_WORDS[kind], {"value": value}) for kind, value in take.amends.facts]
    return " \N{MIDDLE DOT} ".join(filter(None, said))
