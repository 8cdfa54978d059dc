"""The recovery copy: written a moment after each edit and now and then in a recording, offered at the next start."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from musicassist.document.document import DocumentChange
from musicassist.document.project_file import Recovery, RecoveryJournal
from musicassist.errors import MusicAssistError
from musicassist.score.song import Song
from musicassist.session import SessionChange
from musicassist.ui.desk import Desk
from musicassist.ui.notices import INFO, WARNING, Notice
from musicassist.ui.tasks import BackgroundTasks
from musicassist.ui.words import words_of

REST_MS = 1_000  # after the last edit
LATEST_MS = 5_000  # LIMIT: a crash never costs more than this


@dataclass(frozen=True)
class _Work:
    """What a crash must not take.

    Attributes:
        song, path, track: The song, with what is recorded so far, its file, and the track that is selected.
        is_unsaved: Whether the file does not have it.
    """

    song: Song
    path: Path | None
    track: int
    is_unsaved: bool


class Recovering(QObject):
    """Keeps the journal of this window and offers what others left."""

    def __init__(
        self,
        desk: Desk,
        journal: RecoveryJournal,
        parent: QObject | None = None,
        *,
        take_back: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._take_back = take_back
        self._journal = journal
        self._tasks = BackgroundTasks(self)  # its own, so that no slow file keeps the copy waiting
        self._copied: _Work | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._record)
        self._latest = QTimer(self, singleShot=True, interval=LATEST_MS)
        self._latest.timeout.connect(self._record)
        desk.session.document.subscribe(self._on_document_changed)
        desk.session.subscribe(self._on_session_changed)

    def offer(self) -> None:
        """Says what can be had back, without a dialog."""
        self._tasks.start(self._journal.recoveries, self._on_found, lambda _error: None)

    def record_now(self) -> None:
        """Writes the copy at once, on this thread; for the end of the program and for bugs."""
        self._stop_timers()
        work = self._work()
        if work.is_unsaved:
            self._journal.record(work.song, work.path, work.track)

    def close(self, *, keep: bool) -> None:
        """Ends the journal; with ``keep`` unsaved work stays for the next start."""
        self._stop_timers()
        is_unsaved = self._work().is_unsaved
        if keep and is_unsaved:
            try:
                self.record_now()
            except MusicAssistError as error:
                self._desk.warn("recovery", error)
        self._tasks.close()
        self._journal.close(keep=keep and is_unsaved)

    def _stop_timers(self) -> None:
        self._rest.stop()
        self._latest.stop()

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind == "song":
            self._rest.start()
            if not self._latest.isActive():
                self._latest.start()
        elif change.kind in ("saved", "opened"):
            self._stop_timers()
            self._record()

    def _on_session_changed(self, change: SessionChange) -> None:
        """A recording is no edit before it ends, so from its begin on the clock alone decides."""
        if change.kind == "transport" and self._desk.session.is_recording and not self._latest.isActive():
            self._latest.start()

    def _work(self) -> _Work:
        document = self._desk.session.document
        song, track = self._desk.session.input.song_to_keep()
        return _Work(song, document.path, track, is_unsaved=document.is_modified or song is not document.song)

    def _record(self) -> None:
        self._stop_timers()
        if self._desk.session.is_recording:
            self._latest.start()
        work = self._work()
        if work != self._copied:
            self._copied = work
            self._tasks.start(lambda: self._copy(work), lambda _done: None, self._on_record_failure)

    def _copy(self, work: _Work) -> None:
        """In the background."""
        if work is not self._copied:
            return  # another record waits already
        if work.is_unsaved:
            self._journal.record(work.song, work.path, work.track)
        else:
            self._journal.clear()

    def _on_record_failure(self, error: MusicAssistError) -> None:
        self._copied = None
        self._desk.warn("recovery", error)

    def _on_found(self, found: list[Recovery]) -> None:
        for error in self._journal.passed_over:
            self._desk.say(words_of(error))
        if found:
            self._offer_one(found[0], len(found) - 1)

    def _offer_one(self, recovery: Recovery, others: int) -> None:
        when = time.strftime("%d.%m. %H:%M", time.localtime(recovery.saved_at_unix_seconds))
        text = self.tr("Unsaved work was found: {name}, of {when}.").format(name=recovery.song_name, when=when)
        if others:
            text += " " + self.tr("And {count} older.").format(count=others)
        remedies = (
            (self.tr("Take it back"), lambda: self._take_back(lambda: self._recover(recovery))),
            (self.tr("Let it go"), lambda: self._dismiss(recovery)),
        )
        self._desk.notices.show_notice(Notice("recovery_offer", text, INFO, remedies))

    def _recover(self, recovery: Recovery) -> None:
        try:
            self._desk.session.recover(recovery, self._journal)
        except MusicAssistError as error:
            self._desk.notices.show_notice(Notice("recovery_offer", words_of(error), WARNING))
            return
        self._desk.say(self.tr("Taken back. Save it to keep it."))
        self._record()
        self._desk.focus_roll()

    def _dismiss(self, recovery: Recovery) -> None:
        try:
            self._journal.dismiss(recovery)
        except MusicAssistError as error:
            self._desk.warn("recovery", error)
            return
        self.offer()
