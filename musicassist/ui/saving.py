"""Saves and exports in the background, and sees when another program changes the open file."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from musicassist.document.document import DocumentChange
from musicassist.document.saving import Objections, Saved, SaveOrder, save_apart
from musicassist.errors import MusicAssistError
from musicassist.score.song import Song
from musicassist.ui.background import BackgroundTasks
from musicassist.ui.desk import Desk
from musicassist.ui.foreign_text import literal
from musicassist.ui.notices import WARNING, Notice

SETTLE_MS = 300  # a program that saves touches its file several times


class DiskWatch(QObject):
    """Watches one file.

    Attributes:
        changed: The file is another one than when ``watch`` was called; carries its path.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._on_touched)
        self._watcher.directoryChanged.connect(self._on_touched)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.look)
        self._path: Path | None = None
        self._mark: tuple[int, int] | None = None

    def watch(self, path: Path | None) -> None:
        """Watches this file as it is now, and no other."""
        self.forget()
        if path is not None:
            self._path = path
            self._mark = _mark_of(path)
            # The folder too: saving by replacing ends the watch on the file itself.
            self._watcher.addPaths([str(path), str(path.parent)])

    def forget(self) -> None:
        """Watches nothing."""
        self._settle.stop()
        self._path = None
        watched = self._watcher.files() + self._watcher.directories()
        if watched:
            self._watcher.removePaths(watched)

    def look(self) -> None:
        """Compares the file with what it was."""
        if self._path is None:
            return
        mark = _mark_of(self._path)
        if mark != self._mark:
            self._mark = mark
            if mark is not None and str(self._path) not in self._watcher.files():
                self._watcher.addPath(str(self._path))
            self.changed.emit(self._path)

    def _on_touched(self, _path: str) -> None:
        self._settle.start()


def _mark_of(path: Path) -> tuple[int, int] | None:
    """What changes when the file changes; None without a file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


MAX_LOSSES = 3  # LIMIT: sentences in the notice; all of them are in its tooltip

Proceed = Callable[[], None]


class Saving(QObject):
    """Writes the song. One works on meanwhile: what is edited then is unsaved work."""

    def __init__(
        self,
        desk: Desk,
        watch: DiskWatch,
        parent: QObject,
        *,
        save_as: Proceed,
        read_again: Callable[[Path], None],
        remember: Callable[[Path], None],
    ) -> None:
        """Takes hold of its parts.

        Args:
            desk: The session and the strips.
            watch: Sees changes of the file by others; it looks away from our own.
            parent: Owns it.
            save_as: Asks for another place.
            read_again: Opens the file as it is on the disk.
            remember: Gets the path of each file that was saved.
        """
        super().__init__(parent)
        self._desk = desk
        self._watch = watch
        self._save_as, self._read_again, self._remember = save_as, read_again, remember
        self._tasks = BackgroundTasks(self)  # its own, so that no rendering keeps a save waiting
        self._lossy_agreed: Path | None = None
        self._replace_agreed = False
        self._waiting: list[Proceed] = []
        self._songs = 0  # how many were opened: a save that ends later belongs to another one
        desk.session.document.subscribe(self._on_document_changed)

    @property
    def is_busy(self) -> bool:
        """Whether a file is being written."""
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
        self._desk.notices.show_notice(Notice("writing", text, WARNING, ((without_waiting, go),)))

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
        document = self._desk.session.document
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
        if path == self._desk.session.document.path and as_written is None:
            self.save(path, is_chosen=True)
            return
        if path == self._desk.session.document.path:
            self._desk.warn("saving", MusicAssistError("The song itself lies there. Export to another file."))
            return
        song, now_seconds = self._desk.session.document.song, time.time()
        self._desk.say(self.tr("Exporting {name}…").format(name=literal(path.name)))
        self._tasks.start(
            lambda: save_apart(SaveOrder(as_written(song) if as_written else song, path, now_seconds)),
            lambda _saved: self._exported(path),
            self._fail,
        )

    def _exported(self, path: Path) -> None:
        self._desk.notices.dismiss("saving")
        self._end(self.tr("Exported {name}.").format(name=literal(path.name)))

    def _start(self, order: SaveOrder, once_saved: Proceed | None) -> None:
        self._watch.forget()
        self._desk.notices.dismiss("overwrite")
        self._desk.say(self.tr("Saving {name}…").format(name=literal(order.path.name)))
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
            self._desk.session.document.mark_saved(order.path, order.song, saved.mark)
            for key in ("unsaved", "disk", "saving", "file"):
                self._desk.notices.dismiss(key)
            if order.is_incomplete:  # what lies there now is whole
                self._desk.notices.dismiss("import")
        self._watch_again()
        self._remember(order.path)
        text = self.tr("Saved {name}.").format(name=literal(order.path.name))
        if saved.copy is not None:
            text += " " + self.tr("The file that was there is kept as {copy}.").format(copy=literal(saved.copy.name))
        self._end(text)
        if once_saved is not None:
            once_saved()

    def _watch_again(self) -> None:
        self._watch.watch(self._desk.session.document.path)

    def _fail(self, error: MusicAssistError) -> None:
        self._watch_again()
        self._desk.warn("saving", error)
        self._end("")

    def _end(self, text: str) -> None:
        self._desk.say(text)
        self._desk.notices.dismiss("writing")
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
        remedies = [
            (label, lambda: self._save_anyway(order, once_saved)),
            (self.tr("Save as…"), self._save_as),
        ]
        if objections.was_changed:
            remedies.append((self.tr("Open the new version"), lambda: self._read_again(order.path)))
        text, details = " ".join(reasons), "\n".join(objections.lost)
        self._desk.notices.dismiss("disk")
        self._desk.notices.show_notice(Notice("overwrite", text, WARNING, remedies, details))

    def _save_anyway(self, order: SaveOrder, once_saved: Proceed | None) -> None:
        """The song as it is now, not as it was when it was asked about."""
        self._lossy_agreed = order.path
        song, seconds = self._desk.session.document.song, time.time()
        agreed = replace(order, song=song, as_of_seconds=seconds, may_lose=True, may_replace=True)
        self._start(agreed, once_saved)

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind == "opened":
            self._songs += 1
            self._lossy_agreed, self._replace_agreed = None, False
            self._desk.notices.dismiss("overwrite")
