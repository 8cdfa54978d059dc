"""Saves and exports in the background, and keeps the recovery record, which is offered at the next start."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from musicassist.disk import remove_strays
from musicassist.document.document import DocumentChange
from musicassist.document.entry import Entry
from musicassist.document.recovery import Recovery, RecoveryJournal
from musicassist.document.saving import Objections, Saved, SaveOrder, save_apart
from musicassist.errors import MusicAssistError
from musicassist.score.song import Song
from musicassist.session.session import SessionChange
from musicassist.settings import user_folder
from musicassist.ui.background import BackgroundTasks, DiskWatch
from musicassist.ui.foreign_text import literal, words_of
from musicassist.ui.strips import INFO, WARNING, Notice
from musicassist.ui.workspace import Workspace

MAX_LOSSES = 3  # LIMIT: sentences in the notice; all of them are in its tooltip
Proceed = Callable[[], None]
RECORDING_MS = 50  # what was just played
MAX_TOLD = 3  # LIMIT: damaged records that are named
MAX_SHARE = 0.05  # LIMIT: of the main thread's time that goes into this while recording, however long the song


class Saving(QObject):
    """Writes the song. One works on meanwhile: what is edited then is unsaved work."""

    def __init__(
        self,
        workspace: Workspace,
        watch: DiskWatch,
        parent: QObject,
        *,
        save_as: Proceed,
        read_again: Callable[[Path], None],
        remember: Callable[[Path], None],
    ) -> None:
        """Takes hold of its parts.

        Args:
            workspace: The session and the strips.
            watch: Sees changes of the file by others; it looks away from our own.
            parent: Owns it.
            save_as: Asks for another place.
            read_again: Opens the file as it is on the disk.
            remember: Gets the path of each file that was saved.
        """
        super().__init__(parent)
        self._workspace = workspace
        self._session = workspace.session
        self._document = workspace.session.document
        self._watch = watch
        self._save_as, self._read_again, self._remember = save_as, read_again, remember
        self._tasks = BackgroundTasks(self)  # its own, so that no rendering keeps a save waiting
        self._lossy_agreed: Path | None = None
        self._replace_agreed = False
        self._waiting: list[Proceed] = []
        self._songs = 0  # how many were opened: a save that ends later belongs to another one
        workspace.session.document.subscribe(self._on_document_changed)

    @property
    def is_busy(self) -> bool:
        return self._tasks.is_busy

    def close(self) -> bool:
        """Ends it; what is being written is given a moment. Whether that was enough."""
        return self._tasks.close()

    def once_done(self, proceed: Proceed, leave: Proceed, without_waiting: str) -> None:
        """Goes on as soon as nothing is being written; says that it waits, and lets the user go before.

        Args:
            proceed: What to go on with.
            leave: What to do if the user does not wait, because the disk hangs.
            without_waiting: The words for that.
        """
        self._waiting = [proceed]  # who asked before has changed their mind

        def go() -> None:
            self._waiting = []
            leave()

        text = self.tr("A file is still being written.")
        self._workspace.notify(Notice("writing", text, WARNING, ((without_waiting, go),)))

    def keep_mine(self) -> None:
        """The file on the disk may be replaced by the song; a copy of it is kept all the same."""
        self._replace_agreed = True

    def save(self, path: Path, *, once_saved: Proceed | None = None, is_chosen: bool = False) -> None:
        """Starts to save the song as it is now.

        Args:
            path: Where to.
            once_saved: What to go on with when it is saved.
            is_chosen: The user just chose the place, and so agreed to lose what no MIDI file holds.
        """
        if is_chosen:
            self._lossy_agreed = path
        document = self._document
        is_own = path == document.path
        self._start(
            SaveOrder(
                document.song,
                path,
                time.time(),
                document.file_mark if is_own else None,
                is_incomplete=is_own and document.is_incomplete,
                may_lose=self._lossy_agreed == path,
                may_replace=self._replace_agreed,
            ),
            once_saved,
        )

    def export(self, path: Path, as_written: Callable[[Song], Song] | None = None) -> None:
        """Starts to write a copy; the document keeps its own file.

        Args:
            path: Where to.
            as_written: Makes of the song what is written; None writes it as it is.
        """
        if path == self._document.path and as_written is None:
            self.save(path, is_chosen=True)
            return
        if path == self._document.path:
            self._workspace.warn("saving", MusicAssistError("The song itself lies there. Export to another file."))
            return
        song, now_seconds = self._document.song, time.time()
        self._workspace.report(self.tr("Exporting {name}…"), name=path.name)
        self._tasks.start(
            lambda: save_apart(SaveOrder(as_written(song) if as_written else song, path, now_seconds)),
            lambda _saved: self._exported(path),
            self._fail,
        )

    def _exported(self, path: Path) -> None:
        self._workspace.notices.dismiss("saving")
        self._end(self.tr("Exported {name}.").format(name=literal(path.name)))

    def _start(self, order: SaveOrder, once_saved: Proceed | None) -> None:
        self._watch.forget()
        self._workspace.notices.dismiss("overwrite")
        self._workspace.report(self.tr("Saving {name}…"), name=order.path.name)
        songs = self._songs

        def done(answer: Saved | Objections) -> None:
            is_same = songs == self._songs
            if isinstance(answer, Objections):
                self._watch_again()
                if is_same:
                    self._ask(order, answer, once_saved)
                self._end("")
            else:
                self._take_note(order, answer, once_saved if is_same else None, is_same=is_same)

        self._tasks.start(lambda: save_apart(order), done, self._fail)

    def _take_note(self, order: SaveOrder, saved: Saved, once_saved: Proceed | None, *, is_same: bool) -> None:
        if is_same:
            self._replace_agreed = False
            self._document.mark_saved(order.path, order.song, saved.mark)
            for key in ("unsaved", "disk", "saving", "file"):
                self._workspace.notices.dismiss(key)
            if order.is_incomplete:  # what lies there now is whole
                self._workspace.notices.dismiss("import")
        self._watch_again()
        self._remember(order.path)
        text = self.tr("Saved {name}.").format(name=literal(order.path.name))
        if saved.copy is not None:
            text += " " + self.tr("The file that was there is kept as {copy}.").format(copy=literal(saved.copy.name))
        self._end(text)
        if once_saved is not None:
            once_saved()

    def _watch_again(self) -> None:
        self._watch.watch(self._document.path)

    def _fail(self, error: MusicAssistError) -> None:
        self._watch_again()
        self._workspace.warn("saving", error)
        self._end("")

    def _end(self, text: str) -> None:
        self._workspace.say(text)
        self._workspace.notices.dismiss("writing")
        waiting, self._waiting = self._waiting, []
        for proceed in waiting:
            proceed()

    def _ask(self, order: SaveOrder, objections: Objections, once_saved: Proceed | None) -> None:
        """Before a file is replaced that holds more than the song, or another one."""
        name = literal(order.path.name)
        reasons = []
        if objections.was_changed:
            reasons.append(self.tr("{name} was changed by another program since it was opened.").format(name=name))
        if objections.is_incomplete:
            reasons.append(self.tr("{name} could not be read whole.").format(name=name))
        if objections.lost:
            what = " ".join(objections.lost[:MAX_LOSSES])
            if len(objections.lost) > MAX_LOSSES:
                what += " " + self.tr("And {count} more.").format(count=len(objections.lost) - MAX_LOSSES)
            reasons.append(self.tr("Saving over {name} would lose: {what}").format(name=name, what=what))
        keeps_copy = objections.was_changed or objections.is_incomplete
        label = self.tr("Save, and keep a copy of it") if keeps_copy else self.tr("Save anyway")
        remedies = [(label, lambda: self._save_anyway(order, once_saved)), (self.tr("Save as…"), self._save_as)]
        if objections.was_changed:
            remedies.append((self.tr("Open the new version"), lambda: self._read_again(order.path)))
        text, details = " ".join(reasons), "\n".join(objections.lost)
        self._workspace.notices.dismiss("disk")
        self._workspace.notify(Notice("overwrite", text, WARNING, remedies, details))

    def _save_anyway(self, order: SaveOrder, once_saved: Proceed | None) -> None:
        """The song as it is now, not as it was when it was asked about."""
        self._lossy_agreed = order.path
        song, seconds = self._document.song, time.time()
        agreed = replace(order, song=song, as_of_seconds=seconds, may_lose=True, may_replace=True)
        self._start(agreed, once_saved)

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind == "opened":
            self._songs += 1
            self._lossy_agreed, self._replace_agreed = None, False
            self._workspace.notices.dismiss("overwrite")


class Recovering(QObject):
    """Keeps the journal of this window and offers what others left."""

    _failed = Signal(object)
    _written_again = Signal()

    def __init__(
        self,
        workspace: Workspace,
        journal: RecoveryJournal,
        parent: QObject | None = None,
        *,
        take_back: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session = workspace.session
        self._take_back = take_back
        self._journal = journal
        self._tasks = BackgroundTasks(self)  # its own, so that no slow file keeps it waiting
        self._recorded = QTimer(self, singleShot=True, interval=RECORDING_MS)
        self._recorded.timeout.connect(self._record_recording)
        self._failed.connect(self._on_record_failure, Qt.ConnectionType.QueuedConnection)
        self._written_again.connect(self._on_written_again, Qt.ConnectionType.QueuedConnection)
        journal.on_failure, journal.on_success = self._failed.emit, self._written_again.emit
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
        self._journal.flush()

    def close(self, *, keep: bool) -> None:
        """Ends the journal; with ``keep`` unsaved work stays for the next start."""
        self._recorded.stop()
        entry = self._entry()
        self._journal.record(entry)
        self._tasks.close()
        self._journal.close(keep=keep and entry.is_unsaved)

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind in ("opened", "song", "saved", "pages"):
            self._record()

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

    def _entry(self) -> Entry:
        document = self._session.document
        song, track = self._session.input.song_to_keep()
        is_unsaved = document.is_modified or song is not document.song
        return Entry(
            song,
            document.path,
            track,
            is_unsaved,
            document.is_incomplete,
            document.file_mark,
            selection=document.selection if song is document.song else None,
            undo=document.undo_list,
            pages=document.pages,
        )

    def _record(self) -> None:
        self._journal.record(self._entry())

    def _on_record_failure(self, error: MusicAssistError) -> None:
        self._workspace.warn("recovery", error)

    def _on_written_again(self) -> None:
        self._workspace.notices.dismiss("recovery")

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
