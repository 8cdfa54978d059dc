"""Keeps the work at each edit, in its project or in the recovery record, which is offered at the next start."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from musicassist.disk import remove_strays
from musicassist.document.document import DocumentChange
from musicassist.document.entry import Entry
from musicassist.document.keeping import Keeping
from musicassist.document.recovery import Recovery
from musicassist.errors import MusicAssistError
from musicassist.session.session import Session, SessionChange
from musicassist.settings import user_folder
from musicassist.ui.background import BackgroundTasks
from musicassist.ui.foreign_text import literal, words_of
from musicassist.ui.project_losses import unsaved_words
from musicassist.ui.strips import INFO, WARNING, Notice
from musicassist.ui.workspace import Workspace

RECORDING_MS = 50  # what was just played
SELECTING_MS = 500  # a selection that lasts
MAX_TOLD = 3  # LIMIT: damaged records that are named
MAX_SHARE = 0.05  # LIMIT: of the main thread's time that goes into this while recording, however long the song


def work_of(session: Session) -> Entry:
    """The work as it is now, with what is recorded so far. Main thread only."""
    document = session.document
    song, track = session.input.song_to_keep()
    is_document = song is document.song
    return Entry(
        song,
        document.path,
        track,
        bool(unsaved_words(document)) or not is_document,
        document.is_incomplete,
        document.file_mark,
        selection=document.selection if is_document else None,
        undo=document.undo_list,
        pages=document.pages,
    )


class Recovering(QObject):
    """Keeps the journal of this window and offers what others left."""

    _failed = Signal(object)
    _written_again = Signal()

    def __init__(
        self,
        workspace: Workspace,
        keeping: Keeping,
        parent: QObject | None = None,
        *,
        take_back: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session = workspace.session
        self._take_back = take_back
        self._keeping, self._journal = keeping, keeping.record
        self._tasks = BackgroundTasks(self)  # its own, so that no slow file keeps it waiting
        self._recorded = QTimer(self, singleShot=True, interval=RECORDING_MS)
        self._recorded.timeout.connect(self._record_recording)
        self._failed.connect(self._on_record_failure, Qt.ConnectionType.QueuedConnection)
        self._written_again.connect(self._on_written_again, Qt.ConnectionType.QueuedConnection)
        keeping.on_failure, keeping.on_success = self._failed.emit, self._written_again.emit
        self._selected = QTimer(self, singleShot=True, interval=SELECTING_MS)
        self._selected.timeout.connect(self._record)
        workspace.session.document.subscribe(self._on_document_changed)
        workspace.session.subscribe(self._on_session_changed)

    def offer(self) -> None:
        """Says what can be had back, without a dialog; removes what killed programs left half written."""
        folders = {user_folder(), *(Path(name).parent for name in self._workspace.settings.recent_files)}

        def sweep() -> None:
            for folder in folders:
                remove_strays(folder)

        self._tasks.start(self._journal.recoveries, self._on_found, lambda _error: None)
        self._tasks.start(sweep, lambda _done: None, lambda _error: None)  # a folder that hangs comes last

    def record_now(self) -> None:
        """Writes the record and waits for it; for the end of the program and for bugs.

        Raises:
            SaveError: It could not be written.
        """
        self._record()
        self._keeping.flush()

    def close(self, *, keep: bool) -> None:
        """Ends the journal; with ``keep`` unsaved work stays for the next start."""
        self._recorded.stop()
        self._selected.stop()
        entry = work_of(self._session)
        self._keeping.keep(entry)
        self._tasks.close()
        self._keeping.close(keep=keep and entry.is_unsaved)

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind in ("opened", "song", "saved", "pages"):
            self._record()
        elif self._keeping.project is not None:
            self._selected.start()

    def _on_session_changed(self, change: SessionChange) -> None:
        """A recording is no edit before it ends, so meanwhile the clock decides."""
        if change.kind == "transport" and self._session.input.is_recording and not self._recorded.isActive():
            self._recorded.start()

    def _record_recording(self) -> None:
        if self._session.input.is_recording:
            began = time.perf_counter()
            self._record()
            took_ms = 1000 * (time.perf_counter() - began)
            self._recorded.start(max(RECORDING_MS, round(took_ms / MAX_SHARE)))

    def _record(self) -> None:
        self._keeping.keep(work_of(self._session))

    def _on_record_failure(self, error: MusicAssistError) -> None:
        self._workspace.warn("recovery", error)
        if self._keeping.project is not None:
            self._session.document.mark_kept(is_kept=self._keeping.is_kept)

    def _on_written_again(self) -> None:
        self._workspace.notices.dismiss("recovery")
        if self._keeping.project is not None:
            self._session.document.mark_kept(is_kept=self._keeping.is_kept)

    def _on_found(self, found: list[Recovery]) -> None:
        if self._journal.passed_over:
            text = " ".join(map(words_of, self._journal.passed_over[:MAX_TOLD]))
            self._workspace.notify(Notice("recovery_damaged", text, WARNING))
        if found:
            self._offer_one(found[0], len(found) - 1)

    def _offer_one(self, recovery: Recovery, others: int) -> None:
        when = time.strftime("%d.%m. %H:%M", time.localtime(recovery.saved_at_unix_seconds))
        text = self.tr("Unsaved work was found: {name}, of {when}.").format(name=literal(recovery.song_name), when=when)
        if others:
            text += " " + self.tr("And {count} older.").format(count=others)
        remedies = (
            (self.tr("Take it back"), lambda: self._load(recovery)),
            (self.tr("Let it go"), lambda: self._dismiss(recovery)),
        )
        self._workspace.notify(Notice("recovery_offer", text, INFO, remedies))

    def _load(self, recovery: Recovery) -> None:
        self._tasks.start(
            lambda: self._journal.load(recovery),
            lambda entry: self._take_back(lambda: self._recover(recovery, entry)),
            lambda error: self._workspace.notify(Notice("recovery_offer", words_of(error), WARNING)),
        )

    def _recover(self, recovery: Recovery, entry: Entry) -> None:
        """The old record goes only when the work is in that of this window."""

        def exchange() -> None:
            self._journal.flush()
            self._journal.dismiss(recovery)

        self._session.recover(entry)
        self._workspace.say(self.tr("Taken back. Save it to keep it."))
        self._tasks.start(exchange, lambda _done: None, self._on_record_failure)
        self._workspace.focus_roll()

    def _dismiss(self, recovery: Recovery) -> None:
        try:
            self._journal.dismiss(recovery)
        except MusicAssistError as error:
            self._workspace.warn("recovery", error)
            return
        self.offer()
