"""The recovery journal: what was not saved outlives a crash, songs that never had a file included.

Each process has its own record in a private folder: ``<stem>.lock`` (held while it lives) and ``<stem>.journal``. What
the user did not want (``.dismissed``) and what cannot be read (``.unreadable``) is kept for a while under another name.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from musicassist.disk import ProcessLock, is_held, remove_strays
from musicassist.document.entry import Entry
from musicassist.document.journal_file import read_journal
from musicassist.document.journal_writer import JournalWriter
from musicassist.errors import QT_TRANSLATE_NOOP, MidiImportError, MusicAssistError, SaveError

KEPT_SECONDS = 30 * 24 * 3600  # LIMIT how long a dismissed recovery is kept
FLUSH_SECONDS = 2.0  # LIMIT: how long somebody waits for a record
UNTITLED = "Untitled"
_JOURNAL, _DISMISSED, _UNREADABLE, _COPY, _LOCK = ".journal", ".dismissed", ".unreadable", ".copy", ".lock"


@dataclass(frozen=True)
class Recovery:
    """Work that a process did not live to save.

    Attributes:
        path: Its journal.
        selected_track: Index of the track that was edited.
        saved_at_unix_seconds: When it was recorded.
        song_name: What to call it.
        is_incomplete: Whether its file was not read completely.
    """

    path: Path
    selected_track: int
    saved_at_unix_seconds: float
    song_name: str
    is_incomplete: bool = False


class RecoveryJournal:
    """Records the work of this process, and finds that of dead ones. Any thread.

    Attributes:
        passed_over: What the last ``recoveries`` could not use, in words.
        on_failure: Called in another thread when a record could not be written; that is tried again.
        on_success: Called there when it succeeded after all.
    """

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        self.passed_over: tuple[MusicAssistError, ...] = ()
        self.on_failure: Callable[[SaveError], None] = lambda _error: None
        self.on_success: Callable[[], None] = lambda: None
        self._folder = folder
        self._now = now
        self._guard = threading.Lock()
        self._lock: ProcessLock | None = None
        self._stem = ""
        self._writer: JournalWriter | None = None
        self._is_closed = False
        self._is_homeless = False

    def record(self, entry: Entry) -> None:
        """Records the work as it is now, within some milliseconds; returns at once. The time is filled in."""
        with self._guard:
            if self._is_closed:
                return
            try:
                self._take_lock()
            except OSError as error:
                if not self._is_homeless:  # told once; each edit tries again
                    self._is_homeless = True
                    self.on_failure(self._in_words(error))
                return
            if self._is_homeless:
                self._is_homeless = False
                self.on_success()
            if self._writer is None:
                path = self._folder / f"{self._stem}{_JOURNAL}"
                self._writer = JournalWriter(
                    path,
                    on_failure=lambda error: self.on_failure(self._in_words(error)),
                    on_success=lambda: self.on_success(),
                )
            self._writer.write(replace(entry, at_unix_seconds=self._now()))

    def flush(self) -> None:
        """Waits until all is recorded.

        Raises:
            SaveError: It could not be written; what was recorded before is still whole.
        """
        writer = self._writer
        if writer is None:
            return
        try:
            if not writer.flush(FLUSH_SECONDS):
                raise TimeoutError(0, "it takes too long")
        except OSError as error:
            raise self._in_words(error) from error

    def _in_words(self, error: OSError) -> SaveError:
        return SaveError(
            QT_TRANSLATE_NOOP(
                "Errors", "The recovery copy could not be written to {folder}: {reason}. Save your work to a file."
            ),
            folder=self._folder,
            reason=error.strerror or error,
        )

    def _take_lock(self) -> None:
        """Makes this process's own stem at the first record."""
        while self._lock is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._stem = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
            self._lock = ProcessLock.take(self._folder / f"{self._stem}{_LOCK}")

    def close(self, *, keep: bool) -> None:
        """Ends recording. With ``keep`` the record stays for the next start, as after a crash."""
        with self._guard:
            self._is_closed = True
            if self._writer is not None:
                self._writer.close()
            if self._lock is None:
                return
            if keep:
                self._lock.leave()
            else:
                self._remove(self._stem, _JOURNAL, _COPY)
                self._lock.release()
            self._lock = None

    def _remove(self, stem: str, *suffixes: str) -> None:
        for suffix in suffixes:
            with contextlib.suppress(OSError):
                (self._folder / f"{stem}{suffix}").unlink(missing_ok=True)

    def recoveries(self) -> list[Recovery]:
        """The work of processes that died, the newest first; what is damaged is in ``passed_over``, once.

        Left out is work that its file holds, or that is older than the file. Also removes what was set aside more than
        30 days ago, and the unfinished files of saves that were killed. Takes its time with long journals.
        """
        found: list[Recovery] = []
        problems: list[MusicAssistError] = []
        for path in sorted(self._folder.glob(f"*{_JOURNAL}")):
            if path.stem == self._stem or is_held(path.with_suffix(_LOCK)):
                continue
            try:
                entry = read_journal(path)
            except MidiImportError as problem:
                problems.append(problem)
                self._set_aside(path, _UNREADABLE)
                continue
            if entry.path is not None:
                remove_strays(entry.path.parent)
            if not entry.is_unsaved:
                self._remove(path.stem, _JOURNAL, _LOCK)
            elif _is_older_than_file(entry):
                self._set_aside(path, _DISMISSED)
            else:
                found.append(_recovery(path, entry))
        self.passed_over = tuple(problems)
        self._sweep()
        return sorted(found, key=lambda recovery: -recovery.saved_at_unix_seconds)

    def _set_aside(self, path: Path, suffix: str) -> None:
        """Under another name from now on; where even that does not go, it is told again at the next start."""
        with contextlib.suppress(OSError):
            aside = path.rename(path.with_suffix(suffix))
            os.utime(aside, (self._now(), self._now()), follow_symlinks=False)
            self._remove(path.stem, _LOCK)

    def _sweep(self) -> None:
        """Removes what processes left that died without a record, and what was kept long enough."""
        remove_strays(self._folder)
        for path in self._folder.glob(f"*{_LOCK}"):
            if path.with_suffix(_JOURNAL).exists() or path.stem == self._stem:
                continue
            with contextlib.suppress(OSError):
                lock = ProcessLock.take(path)
                if lock is not None:
                    self._remove(path.stem, _COPY)
                    lock.release()
        for path in self._folder.glob(f"*{_COPY}"):
            if not path.with_suffix(_LOCK).exists():
                self._remove(path.stem, _COPY)
        for suffix in (_DISMISSED, _UNREADABLE):
            for path in self._folder.glob(f"*{suffix}"):
                with contextlib.suppress(OSError):
                    if self._now() - path.lstat().st_mtime > KEPT_SECONDS:
                        path.unlink()

    def load(self, recovery: Recovery) -> Entry:
        """The recovered work.

        Raises:
            MidiImportError: It is damaged or gone.
        """
        path = recovery.path
        return read_journal(path if path.exists() else path.with_suffix(_DISMISSED))

    def dismiss(self, recovery: Recovery) -> None:
        """Offers this one no more; it is kept for 30 days all the same.

        Raises:
            SaveError: The folder cannot be written.
        """
        self._set_aside(recovery.path, _DISMISSED)
        if recovery.path.exists():
            raise SaveError(QT_TRANSLATE_NOOP("Errors", "{file} could not be set aside."), file=recovery.path)


def _recovery(path: Path, entry: Entry) -> Recovery:
    name = entry.path.stem if entry.path is not None else UNTITLED
    return Recovery(path, entry.selected_track, entry.at_unix_seconds, name, entry.is_incomplete)


def _is_older_than_file(entry: Entry) -> bool:
    """Whether the file was saved after the work was recorded."""
    try:
        return entry.path is not None and entry.path.stat().st_mtime > entry.at_unix_seconds
    except OSError:
        return False
