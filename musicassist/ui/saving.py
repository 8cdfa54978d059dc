"""Saves and exports in the background: MIDI files, and projects, which hold each edit from then on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject

from musicassist.document.document import DocumentChange
from musicassist.document.keeping import Keeping
from musicassist.document.project_file import SUFFIX, ProjectFile, begin_project, is_project
from musicassist.document.saving import Objections, Saved, SaveOrder, save_apart
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError
from musicassist.score.song import Song
from musicassist.ui.background import BackgroundTasks, DiskWatch
from musicassist.ui.foreign_text import literal, words_of
from musicassist.ui.project_losses import losses_beside
from musicassist.ui.recovering import work_of
from musicassist.ui.strips import WARNING, Notice
from musicassist.ui.workspace import Workspace

MAX_LOSSES = 3  # LIMIT: sentences in the notice; all of them are in its tooltip
Proceed = Callable[[], None]


class Saving(QObject):
    """Writes the song. One works on meanwhile: what is edited then is unsaved work."""

    def __init__(
        self,
        workspace: Workspace,
        watch: DiskWatch,
        keeping: Keeping,
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
            keeping: Keeps each edit; is handed the projects that are begun.
            parent: Owns it.
            save_as: Asks for another place.
            read_again: Opens the file as it is on the disk.
            remember: Gets the path of each file that was saved.
        """
        super().__init__(parent)
        self._workspace = workspace
        self._session = workspace.session
        self._document = workspace.session.document
        self._watch, self._keeping = watch, keeping
        self._save_as, self._read_again, self._remember = save_as, read_again, remember
        self._tasks = BackgroundTasks(self)  # its own, so that no rendering keeps a save waiting
        self._lossy_agreed: Path | None = None
        self._leaving_agreed: Path | None = None  # what is beside the song stays out of that file
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
        if is_project(path):
            self._save_project(path, once_saved)
            return
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
                beside=() if self._leaving_agreed == path else losses_beside(document),
            ),
            once_saved,
        )

    def _save_project(self, path: Path, once_saved: Proceed | None) -> None:
        """Makes the project safe that is open, or begins one that holds each edit from then on."""
        project, songs, own = self._keeping.project, self._songs, self._document.path
        work = work_of(self._session)
        self._workspace.report(self.tr("Saving {name}…"), name=path.name)

        def done(saved: ProjectFile) -> None:
            if songs != self._songs:
                if saved is not project:
                    saved.close()
                self._end("")
                return
            self._keeping.take(saved)
            self._watch.forget()
            self._document.mark_saved(path, is_kept=True)
            self._saved(path, self.tr("Saved {name}. Each edit goes into it at once.").format(name=literal(path.name)))
            if once_saved is not None:
                once_saved()

        if project is not None and own is not None and path.absolute() == own.absolute():
            project.record(work)  # where the disk was full, it is tried again now
            self._tasks.start(lambda: _made_safe(project), done, self._fail)
        else:
            self._tasks.start(lambda: begin_project(path, work), done, self._fail)

    def _saved(self, path: Path, text: str) -> None:
        for key in ("unsaved", "disk", "saving", "file", "recovery", "read_only"):
            self._workspace.notices.dismiss(key)
        self._remember(path)
        self._end(text)

    def keep_beside(self, path: Path, once_saved: Proceed | None = None) -> None:
        """Begins a project beside a MIDI file, of the same name; asks for another where there is one."""
        beside = path.with_suffix(SUFFIX)
        if beside.exists():
            self._save_as()
        else:
            self._save_project(beside, once_saved)

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
            self._workspace.warn(
                "saving",
                MusicAssistError(QT_TRANSLATE_NOOP("Errors", "The song itself lies there. Export to another file.")),
            )
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
            self._keeping.take(None)
            self._document.mark_saved(order.path, order.song, saved.mark)
            if order.is_incomplete:  # what lies there now is whole
                self._workspace.notices.dismiss("import")
        self._watch_again()
        text = self.tr("Saved {name}.").format(name=literal(order.path.name))
        if saved.copy is not None:
            text += " " + self.tr("The file that was there is kept as {copy}.").format(copy=literal(saved.copy.name))
        self._saved(order.path, text)
        if once_saved is not None:
            once_saved()

    def _watch_again(self) -> None:
        self._watch.watch(None if is_project(self._document.path) else self._document.path)

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
        lost = [words_of(said) for said in objections.lost]
        if lost:
            what = " ".join(lost[:MAX_LOSSES])
            if len(lost) > MAX_LOSSES:
                what += " " + self.tr("And {count} more.").format(count=len(lost) - MAX_LOSSES)
            reasons.append(self.tr("Saving over {name} would lose: {what}").format(name=name, what=what))
        if order.beside:
            reasons.append(self.tr("{name} cannot hold: {what}.").format(name=name, what=", ".join(order.beside)))
        keeps_copy = objections.was_changed or objections.is_incomplete
        label = self.tr("Save, and keep a copy of it") if keeps_copy else self.tr("Save anyway")
        remedies = [(label, lambda: self._save_anyway(order, once_saved)), (self.tr("Save as…"), self._save_as)]
        if order.beside:
            remedies.insert(0, (self.tr("Keep a project beside it"), lambda: self._save_both(order, once_saved)))
        if objections.was_changed:
            remedies.append((self.tr("Open the new version"), lambda: self._read_again(order.path)))
        text, details = " ".join(reasons), "\n".join((*lost, *order.beside))
        self._workspace.notices.dismiss("disk")
        self._workspace.notify(Notice("overwrite", text, WARNING, remedies, details))

    def _save_both(self, order: SaveOrder, once_saved: Proceed | None) -> None:
        """The MIDI file, and a project beside it, in which the work goes on."""
        self._save_anyway(order, lambda: self.keep_beside(order.path, once_saved))

    def _save_anyway(self, order: SaveOrder, once_saved: Proceed | None) -> None:
        """The song as it is now, not as it was when it was asked about."""
        self._lossy_agreed = self._leaving_agreed = order.path
        song, seconds = self._document.song, time.time()
        agreed = replace(order, song=song, as_of_seconds=seconds, may_lose=True, may_replace=True, beside=())
        self._start(agreed, once_saved)

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind == "opened":
            self._songs += 1
            self._lossy_agreed = self._leaving_agreed = None
            self._replace_agreed = False
            self._workspace.notices.dismiss("overwrite")


def _made_safe(project: ProjectFile) -> ProjectFile:
    project.save()
    return project
