"""A project, ``song.musicassist``, that is open: this process alone holds it, and each edit goes into it at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from musicassist.disk import ProcessLock, check_place, hold, target_of
from musicassist.document.entry import Entry
from musicassist.document.growing_file import GrowingFile
from musicassist.document.journal_writer import JournalWriter
from musicassist.document.project_reading import ReadProject, read_project, read_project_in_child
from musicassist.errors import QT_TRANSLATE_NOOP, MidiImportError, SaveError

SUFFIX = ".musicassist"
SAVE_SECONDS = 30.0  # LIMIT: how long a slow disk may take to make all safe
FLUSH_SECONDS = 2.0  # LIMIT: how long somebody waits until all is written
IN_USE = QT_TRANSLATE_NOOP(
    "Errors",
    "{file} is open in another window. Here it is read-only: what you change is kept once you save it as another file.",
)
PROTECTED = QT_TRANSLATE_NOOP(
    "Errors",
    "{file} is write-protected. Here it is read-only: what you change is kept once you save it as another file.",
)


def is_project(path: Path | None) -> bool:
    """Whether a file of this name is a project."""
    return path is not None and path.suffix.lower() == SUFFIX


@dataclass(frozen=True, eq=False)
class OpenedProject:
    """A project that was read, and is held if nobody else holds it.

    Attributes:
        path: Its file, behind links.
        read: What it holds.
        lock: Holds it; None for one that can only be read.
        obstacle: Why it can only be read, a sentence for ``file``; None if it is held.
    """

    path: Path
    read: ReadProject
    lock: ProcessLock | None
    obstacle: str | None = None

    def leave(self) -> None:
        """Lets go of it, for one that is not shown after all; once is enough."""
        if self.lock is not None:
            self.lock.leave()


def open_project(path: Path, *, is_cancelled: Callable[[], bool] | None = None) -> OpenedProject:
    """Holds a project and reads it. Blocks; any thread but the main one.

    Raises:
        MidiImportError: It cannot be opened, took too long, or opening was cancelled.
    """
    lock, obstacle = None, None
    try:
        target = target_of(path) if path.is_symlink() else path
        lock = hold(target)
        obstacle = IN_USE if lock is None else None
    except FileNotFoundError as error:
        raise MidiImportError(QT_TRANSLATE_NOOP("Errors", "{file} does not exist."), file=path.name) from error
    except OSError:  # reading says more, if that goes wrong too
        target, obstacle = path, PROTECTED
    try:
        return OpenedProject(target, read_project_in_child(target, is_cancelled=is_cancelled), lock, obstacle)
    except BaseException:
        if lock is not None:
            lock.leave()
        raise


class ProjectFile:
    """Keeps the work in a project at each edit. Any thread.

    Attributes:
        path: The file.
        on_failure: Called in another thread when an entry could not be written; that is tried again.
        on_success: Called there when it succeeded after all.
        is_failing: Whether what was told last is not in the file.
    """

    def __init__(
        self, path: Path, opened: OpenedProject | None = None, *, now: Callable[[], float] = time.time
    ) -> None:
        """Goes on with a project that was opened and is held, or begins one with the first entry."""
        self.path = path
        self.on_failure: Callable[[SaveError], None] = lambda _error: None
        self.on_success: Callable[[], None] = lambda: None
        self.is_failing = False
        self._now = now
        begun, keeps_old = None, False
        if opened is not None and opened.lock is not None:
            read = opened.read
            file = GrowingFile(opened.lock, read.size_bytes, read.entry_count, read.first_bytes)
            begun, keeps_old = (file, read.entry), not read.can_grow
        self._writer = JournalWriter(
            target_of(path),
            on_failure=self._on_failure,
            on_success=self._on_success,
            begun=begun,
            is_private=False,
            keeps_old=keeps_old,
        )

    def record(self, entry: Entry) -> None:
        """Keeps the work as it is now, within some milliseconds; returns at once."""
        self._writer.write(as_kept(entry, self._now()))

    def flush(self) -> None:
        """Waits until all is written, though not yet safe from a power cut.

        Raises:
            SaveError: It could not be written; what was written before is still whole.
        """
        self._wait(self._writer.flush, FLUSH_SECONDS)

    def save(self) -> None:
        """Waits until all that was told would outlast a power cut.

        Raises:
            SaveError: It could not be written; what was written before is still whole.
        """
        self._wait(self._writer.sync, SAVE_SECONDS)

    def _wait(self, wait: Callable[[float], bool], seconds: float) -> None:
        try:
            if not wait(seconds):
                raise TimeoutError(0, "it takes too long")
        except OSError as error:
            raise self._in_words(error) from error

    def close(self) -> None:
        """Writes what waits and lets go of the file."""
        self._writer.close()

    def _on_failure(self, error: OSError) -> None:
        self.is_failing = True
        self.on_failure(self._in_words(error))

    def _on_success(self) -> None:
        self.is_failing = False
        self.on_success()

    def _in_words(self, error: OSError) -> SaveError:
        return SaveError(
            QT_TRANSLATE_NOOP(
                "Errors",
                "{file} could not be written: {reason}. What was there is whole; save your work to another file.",
            ),
            file=self.path.name,
            reason=error.strerror or error,
        )


def as_kept(entry: Entry, at_unix_seconds: float) -> Entry:
    """An entry as it stands in a project, which says nothing of where it lies."""
    return replace(
        entry, path=None, is_unsaved=False, is_incomplete=False, file_mark=None, at_unix_seconds=at_unix_seconds
    )


def begin_project(path: Path, entry: Entry) -> ProjectFile:
    """A project with a first entry that is safe and was read back. Blocks; any thread but the main one.

    Raises:
        SaveError: It could not be written, or another window has it open; what lies there is as it was.
        UsageError: Nothing can be written there.
    """
    check_place(path)
    if path.exists():
        _check_is_free(path)
    project = ProjectFile(path)
    try:
        project.record(entry)
        project.save()
        read_project(target_of(path))
    except MidiImportError as error:
        project.close()
        raise SaveError(
            QT_TRANSLATE_NOOP("Errors", "{file} was written but cannot be read back. Save as MIDI."), file=path.name
        ) from error
    except BaseException:
        project.close()
        raise
    return project


def _check_is_free(path: Path) -> None:
    try:
        lock = hold(target_of(path))
    except OSError as error:
        raise SaveError(
            QT_TRANSLATE_NOOP("Errors", "{file} was not saved: {reason}."),
            file=path.name,
            reason=error.strerror or error,
        ) from error
    if lock is None:
        raise SaveError(
            QT_TRANSLATE_NOOP("Errors", "{file} is open in another window and was not replaced."), file=path.name
        )
    lock.leave()
