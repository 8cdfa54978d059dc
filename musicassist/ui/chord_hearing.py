"""Shows in the lane which chords are heard in the song; they are found beside the main thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from musicassist.document.document import DocumentChange
from musicassist.errors import MusicAssistError
from musicassist.score.chord_track import ChordSpan
from musicassist.score.song import Song
from musicassist.score.theory import Chord
from musicassist.ui.piano_roll.chord_places import ChordPlace
from musicassist.ui.workspace import Workspace

if TYPE_CHECKING:
    from musicassist.harmony.heard_chords import HeardChords

log = logging.getLogger(__name__)
FIRST_MS = 50  # after a song was opened: it is seen first
REST_MS = 250  # after the last edit; what was heard before stays in sight meanwhile


class ChordHearing(QObject):
    """Listens again when the song has rested for a moment; one at a time, and ends with the window's other tasks."""

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._document = workspace.session.document
        self._lane = workspace.roll.chord_lane
        self._heard: HeardChords | None = None
        self._is_listening = False
        self._is_outdated = False  # looked at by the task: the song became another one meanwhile
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._listen)
        self._lane.suggest = self._suggest
        self._document.subscribe(self._on_document_changed)
        self._rest.start(FIRST_MS)

    @property
    def is_up_to_date(self) -> bool:
        """Whether the lane shows what is heard in the song as it is."""
        return self._heard is not None and self._heard.song is self._document.song

    def _on_document_changed(self, change: DocumentChange) -> None:
        self._is_outdated = self._is_outdated or change.kind in ("opened", "song")
        if change.kind == "opened":
            self._heard = None
            self._lane.show_heard(())
            self._rest.start(FIRST_MS)
        elif change.kind == "song":
            self._rest.start(REST_MS)

    def _listen(self) -> None:
        if self._is_listening or self.is_up_to_date:
            return
        self._is_listening, self._is_outdated = True, False
        song, before, tasks = self._document.song, self._heard, self._workspace.tasks
        tasks.start(
            lambda: _heard_in(song, before, lambda: tasks.is_closed or self._is_outdated),
            self._show,
            self._go_on_without,
        )

    def _show(self, heard: HeardChords | None) -> None:
        """What is heard; where the song became another one meanwhile, it is listened to again."""
        self._is_listening = False
        if heard is not None and heard.song is self._document.song:
            self._heard = heard
            self._lane.show_heard(heard.spans)
        elif not self._rest.isActive():
            self._rest.start()

    def _go_on_without(self, error: MusicAssistError) -> None:
        """A net that is missing or damaged: what is written is shown all the same."""
        self._is_listening = False
        self._workspace.warn("chords", error)

    def _suggest(self, place: ChordPlace, show: Callable[[Sequence[Chord]], None]) -> None:
        """Looks beside the main thread for the chords that are likely at a place."""
        song, track, chords = self._document.song, self._document.selected_track, self._lane.spans
        self._workspace.tasks.start(
            lambda: _likely_at(place, song, track, chords),
            show,
            lambda error: log.warning("%s", error),  # a list of suggestions less is not worth a word above the music
        )


def _heard_in(song: Song, before: HeardChords | None, is_cancelled: Callable[[], bool]) -> HeardChords | None:
    from musicassist.harmony.heard_chords import hear_chords  # not needed before, and the window opens sooner

    return hear_chords(song, before, is_cancelled)


def _likely_at(place: ChordPlace, song: Song, track_index: int, chords: Sequence[ChordSpan]) -> tuple[Chord, ...]:
    from musicassist.session.next_chords import likely_chords

    return likely_chords(song, track_index, chords, place.from_tick, place.to_tick)
