"""Harmonising and accompanying in the window: found beside the main thread, shown in the chord lane, kept or let go."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from musicassist.errors import MusicAssistError
from musicassist.score.chord_track import ChordSpan
from musicassist.session.harmonising import HarmonyRequest
from musicassist.session.session import SessionChange
from musicassist.ui.actions import Command, Need, Rows
from musicassist.ui.workspace import Workspace

if TYPE_CHECKING:
    from musicassist.harmony.harmonising import Progression

_NOTICE = "harmony"


class HarmonyCommands(QObject):
    """Asks for chords, and shows those on offer in the lane: of the melody, or of the take that sounds.

    Attributes:
        rows: Its commands, of the menu of the assistant.
    """

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session = workspace.session
        self._lane = workspace.roll.chord_lane
        self._asked: HarmonyRequest | None = None
        self._session.subscribe(self._on_session_changed)
        self.rows = self._rows()

    @property
    def is_on_offer(self) -> bool:
        """Whether chords for the melody are on offer."""
        return bool(self._session.harmonising.offer)

    def harmonise(self, style: str) -> None:
        """Looks for chords; where that makes no sense, says why.

        Raises:
            SeedError: There is no melody.
        """
        self._session.harmonising.dismiss()
        request = self._asked = self._session.harmonising.request(style)
        self._workspace.roll.set_chord_lane_visible(visible=True)
        self._workspace.say(self.tr("Looking for chords …"))

        def show(found: tuple[Progression, ...]) -> None:
            if request is self._asked:
                self._take(request, found)

        self._workspace.tasks.start(request.progressions, show, self._tell)

    def _take(self, request: HarmonyRequest, found: tuple[Progression, ...]) -> None:
        try:
            self._session.harmonising.take(request, found)
        except MusicAssistError as problem:
            self._tell(problem)

    def _tell(self, problem: MusicAssistError) -> None:
        self._workspace.warn(_NOTICE, problem)

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind in ("chords", "takes", "opened"):
            self._lane.show_proposed(self._proposed())

    def _proposed(self) -> tuple[ChordSpan, ...]:
        """The chords on offer; those of the melody before those of the take that sounds."""
        takes, shown = self._session.takes, self._session.harmonising.shown
        if shown:
            return shown
        return takes.heard.chords if takes.heard is not None else ()

    # fmt: off

    def _rows(self) -> Rows:
        offer = self._session.harmonising
        melody = Need(
            self.tr("Choose a track with a melody first."),
            lambda: len(self._session.document.track.notes) > 0
            and not self._session.document.song.is_drum_track(self._session.document.selected_track),
        )
        accompanied = Need(self.tr("Choose a track with a melody, or write chords first."), lambda: offer.can_accompany)
        on_offer = (Need(self.tr("Harmonise a melody first."), lambda: self.is_on_offer),)
        found = self.tr("Find chords for the melody, or for the bars of the selection or of the loop, "
                        "and hear and see them before they are kept.")
        return (
            Command("assistant.harmonise", self.tr("Harmonise"), found, partial(self.harmonise, "plain"), "Ctrl+H",
                    "", (melody,)),
            Command("assistant.harmonise_rich", self.tr("Harmonise richly"),
                    self.tr("The same with sevenths, and few tones outside the key."),
                    partial(self.harmonise, "rich"), "", "", (melody,)),
            Command("assistant.harmonise_chromatic", self.tr("Harmonise chromatically"),
                    self.tr("The same with more tones outside the key."), partial(self.harmonise, "chromatic"), "",
                    "", (melody,)),
            Command("assistant.next_chords", self.tr("Other chords"), self.tr("Hear and see the next ones on offer."),
                    offer.show_next, "Ctrl+Shift+H", "", on_offer),
            Command("assistant.keep_chords", self.tr("Keep the chords"), self.tr("Write the chords that are shown."),
                    offer.accept, "Ctrl+Alt+H", "accept", on_offer),
            Command("assistant.dismiss_chords", self.tr("Dismiss the chords"), self.tr("Let all chords on offer go."),
                    offer.dismiss, "", "close", on_offer),
            None,
            Command("assistant.accompany", self.tr("Accompany"),
                    self.tr("Let other tracks play the chords of the lane, or those on offer: held, broken, as bass "
                            "and chords, or as the song has played. Where there are none, some are found first."),
                    offer.accompany, "Ctrl+J", "", (accompanied,)),
            None,
        )
    # fmt: on
