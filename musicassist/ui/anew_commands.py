"""Commands that compose only the selected notes anew: other pitches, another rhythm, other velocities, or all of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from musicassist.session.offers import PARTS
from musicassist.ui.actions import Command, Need, Rows
from musicassist.ui.assisting import Assistant
from musicassist.ui.workspace import Workspace


class AnewRows(QObject):
    """A part of the table of :mod:`musicassist.ui.commands`.

    Attributes:
        rows: Its commands, of the menu of the assistant.
    """

    def __init__(self, workspace: Workspace, assistant: Assistant) -> None:
        super().__init__()
        self._session = workspace.session
        self.rows: Rows = (*self._anew(assistant), None)

    @property
    def _is_whole_bars(self) -> bool:
        """Whether the model that fills bars is the one for all parts, which composes no single notes."""
        models = self._session.takes.controls.models
        return PARTS in models and models.get("infill") == models[PARTS]

    # fmt: off

    def _anew(self, assistant: Assistant) -> Rows:
        session, document = self._session, self._session.document
        needs = (
            Need(self.tr("This is a drum track. Choose a melodic one."),
                 lambda: not document.song.is_drum_track(document.selected_track)),
            Need(self.tr("No model that fills bars is installed."),
                 lambda: "infill" in session.takes.controls.models),
            Need(self.tr("The model chosen for filling bars composes whole bars of all parts. Choose another one."),
                 lambda: not self._is_whole_bars),
            Need(self.tr("Select some notes first."), lambda: session.notes.has_selection),
            Need(self.tr("The selected notes are pinned, or others sound above them."), lambda: session.pins.are_free),
        )
        anew = partial(Command, needs=needs)
        return (
            anew("assistant.other_pitches", self.tr("Other pitches"),
                 self.tr("Compose other pitches for the selected notes. Their rhythm and all other notes stay."),
                 partial(assistant.ask_for, "infill", "rhythm"), "Ctrl+Alt+P"),
            anew("assistant.another_rhythm", self.tr("Another rhythm"),
                 self.tr("Compose another rhythm for the selected notes. Their pitches and all other notes stay."),
                 partial(assistant.ask_for, "infill", "pitches"), "Ctrl+Alt+R"),
            anew("assistant.other_velocities", self.tr("Other velocities"),
                 self.tr("Let the selected notes be played louder and softer otherwise. All notes stay."),
                 partial(assistant.ask_for, "infill", "notes"), "Ctrl+Alt+V"),
            anew("assistant.other_notes", self.tr("Other notes here"),
                 self.tr("Compose other notes in place of the selected ones. All other notes stay."),
                 partial(assistant.ask_for, "infill", ""), "Ctrl+Alt+N"),
        )
    # fmt: on
