"""Writes a journal while somebody works: each state within milliseconds, safe from a power cut soon after.

Who tells of an edit appends what changed, which takes a fraction of a millisecond and is not undone by a kill: a thread
for that would have to wait for its turn on a busy machine. Where the disk is slow, a thread does it after all; it makes
the file, too. Another one waits for the disk: it syncs what was appended, and writes a full copy when the journal has
grown long, which takes the journal's place once it is safe.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from musicassist.disk import keep_copy
from musicassist.document.entry import Entry
from musicassist.document.growing_file import GrowingFile
from musicassist.document.journal_file import MAGIC, entry_bytes

MAX_ENTRIES = 200  # LIMIT: a journal is read again in a few seconds however large its song
MIN_BYTES = 256 * 1024  # a journal may grow so far, or to three times its full copy
SYNC_SECONDS = 0.3  # after an edit: a power cut costs little more than this; a kill costs nothing
HAND_OVER_SECONDS = 0.01  # LIMIT: how long an edit waits for the thread that writes
SLOW_SECONDS, PATIENCE_SECONDS = 0.1, 10.0  # after a write that took so long, the thread writes for a while
RETRY_SECONDS = 2.0
CLOSE_SECONDS = 0.7  # LIMIT: how long the end waits for the last entry


class JournalWriter:
    """Writes one journal file, which is made with the first entry. Methods may be called from any thread."""

    def __init__(
        self,
        path: Path,
        *,
        on_failure: Callable[[OSError], None],
        on_success: Callable[[], None] = lambda: None,
        begun: tuple[GrowingFile, Entry] | None = None,
        is_private: bool = True,
        keeps_old: bool = False,
    ) -> None:
        """Starts the threads.

        Args:
            path: The file. What lies there is replaced, unless it was begun.
            on_failure: Called in any thread when an entry could not be written; it is tried again.
            on_success: Called there when that succeeded after all.
            begun: The file itself, held and with its last entry, to go on with.
            is_private: Whether it is a record, which its owner only can read, and whose first entry is worth more soon
                than safe. Else each new file is safe before it takes the place of an old one.
            keeps_old: Whether what lies there is kept beside before it is replaced for the first time.
        """
        self.path = path
        self._on_failure, self._on_success = on_failure, on_success
        self._is_private, self._keeps_old = is_private, keeps_old
        self._news = threading.Condition()
        self._wanted: Entry | None = None
        self._copy: tuple[GrowingFile, Entry] | None = None
        self._failure: OSError | None = None
        self._is_busy = False
        self._is_closed = False
        self._file: GrowingFile | None = begun[0] if begun is not None else None
        self._last: Entry | None = begun[1] if begun is not None else None
        self._must_begin = keeps_old
        self._is_settling = self._is_copying = False
        self._appended = self._synced = 0
        self._had_failed = False
        self._patient_until_seconds = 0.0
        self._hurry = threading.Event()
        self._errands: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._write_on, name="journal", daemon=True),
            threading.Thread(target=self._run_errands, name="journal disk", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def write(self, entry: Entry) -> None:
        """Writes the entry, or lets it be written soon where something is in the way; then only the last counts."""
        with self._news:
            if self._is_closed:
                return
            is_free = self._file is not None and not self._must_begin and self._failure is None and not self._has_work()
            if is_free and time.monotonic() >= self._patient_until_seconds:
                self._is_busy = True
            else:
                is_free = False
                self._wanted, self._failure = entry, None
                self._news.notify_all()
                self._news.wait_for(lambda: self._failure or not self._has_work(), HAND_OVER_SECONDS)
        if is_free:
            began_seconds = time.monotonic()
            self._carry_out(entry)
            if time.monotonic() - began_seconds > SLOW_SECONDS:
                self._patient_until_seconds = time.monotonic() + PATIENCE_SECONDS

    def flush(self, timeout_seconds: float) -> bool:
        """Waits until everything is written that was told; False if it is not by then.

        Raises:
            OSError: Why it cannot be written.
        """
        with self._news:
            is_written = self._news.wait_for(lambda: self._failure or not self._has_work(), timeout_seconds)
            if self._failure is not None:
                raise self._failure
            return bool(is_written)

    def sync(self, timeout_seconds: float) -> bool:
        """Waits until everything that was told would outlast a power cut; False if it would not by then.

        Raises:
            OSError: Why it cannot be written.
        """
        end_seconds = time.monotonic() + timeout_seconds
        if not self.flush(timeout_seconds):
            return False
        wanted = self._appended
        if self._synced < wanted:
            self._settle_soon()
            self._hurry.set()
        with self._news:
            rest_seconds = end_seconds - time.monotonic()
            is_safe = self._news.wait_for(lambda: self._failure or self._synced >= wanted, rest_seconds)
            if self._failure is not None:
                raise self._failure
            return bool(is_safe)

    def _has_work(self) -> bool:
        return self._wanted is not None or self._is_busy

    def close(self) -> None:
        """Writes what waits, if that goes within some seconds, and ends the threads. The file stays."""
        is_hanging = False
        with contextlib.suppress(OSError):
            is_hanging = not self.flush(CLOSE_SECONDS)
        with self._news:
            self._is_closed = True
            self._news.notify_all()
        self._hurry.set()
        if not is_hanging:  # in the system, where a daemon may be left
            for thread in self._threads:
                thread.join(CLOSE_SECONDS)
        if self._copy is not None:
            self._copy[0].remove()

    # Appending.

    def _write_on(self) -> None:
        while (entry := self._next()) is not None:
            self._carry_out(entry)
        self._errands.put(None)

    def _next(self) -> Entry | None:
        """The entry to write; None at the end. Meanwhile puts full copies in place."""
        with self._news:
            while not self._is_closed:
                if self._is_busy:
                    self._news.wait()
                elif self._wanted is not None and self._failure is None:
                    entry, self._wanted, self._is_busy = self._wanted, None, True
                    return entry
                elif self._failure is not None:
                    self._news.wait(RETRY_SECONDS)
                    self._failure = None
                elif self._copy is not None and self._last is not None:
                    self._is_busy = True
                    return self._last
                else:
                    self._news.wait()
            return None

    def _carry_out(self, entry: Entry) -> None:
        """By whoever set ``_is_busy``, and nobody else meanwhile."""
        try:
            self._append(entry)
        except OSError as error:
            self._tell_failure(entry, error)
        except BaseException:
            self._is_busy = False
            raise
        else:
            self._tell_success(entry)

    def _tell_failure(self, entry: Entry, error: OSError, *, is_ours: bool = True) -> None:
        """Args: ``is_ours`` says whether the caller set ``_is_busy``."""
        had_failed, self._had_failed = self._had_failed, True
        with self._news:
            self._failure = error
            self._is_busy = self._is_busy and not is_ours
            self._wanted = self._wanted or entry
            self._news.notify_all()
        if not had_failed:
            self._on_failure(error)

    def _tell_success(self, entry: Entry) -> None:
        had_failed = self._had_failed and not self._must_begin
        with self._news:
            self._is_busy = False
            if self._must_begin:  # it was appended to a file that nobody finds
                self._wanted = self._wanted or entry
            self._news.notify_all()
        if had_failed:
            self._had_failed = False
            self._on_success()

    def _append(self, entry: Entry) -> None:
        is_news = not entry.is_like(self._last)
        if self._file is not None and is_news and not self._must_begin:
            self._file.append(entry_bytes(entry, self._last))
        if self._file is None or not self._file.is_there():  # looked at afterwards: each look lets others run
            self._must_begin = True
        if self._must_begin:
            if threading.current_thread() is not self._threads[0]:
                return
            self._begin(entry)
            is_news = True
        self._last = entry
        if self._copy is not None:
            is_news = self._take_copy(entry) or is_news
        if is_news:
            self._appended += 1
            self._settle_soon()
        assert self._file is not None
        if self._is_closed or self._file.is_longer_than(2 * MAX_ENTRIES, 2 * MIN_BYTES):
            self._hurry.set()

    def _begin(self, entry: Entry) -> None:
        """The first entry is a full copy; also where somebody took the file away, or put another one in its place."""
        file = self._whole_copy(entry, is_safe=not self._is_private)
        try:
            if self._keeps_old or (self._file is not None and not self._is_private and not self._file.is_there()):
                keep_copy(self.path)
            file.put_in_place(self.path)
        except BaseException:
            file.remove()
            raise
        old, self._file = self._file, file
        if old is not None:
            old.close()
        self._must_begin = self._keeps_old = False

    def _whole_copy(self, entry: Entry, *, is_safe: bool) -> GrowingFile:
        """A new file beside, with an entry that holds the song itself."""
        file = GrowingFile.beside(self.path, is_private=self._is_private)
        try:
            file.append(MAGIC + entry_bytes(entry, None))
            if is_safe:
                file.sync()
        except BaseException:
            file.remove()
            raise
        return file

    def _take_copy(self, entry: Entry) -> bool:
        """Puts a full copy in the journal's place, brought up to the entry that was written last if it was behind."""
        assert self._copy is not None and self._file is not None
        (file, copied), self._copy = self._copy, None
        self._is_copying = False
        is_behind = not entry.is_like(copied)
        try:
            if is_behind:
                file.append(entry_bytes(entry, copied))
            if os.name != "posix":  # what is open cannot be replaced there
                self._file.close()
            file.put_in_place(self.path)
        except BaseException:
            file.remove()
            raise
        old, self._file = self._file, file  # in this order: it may be synced just now
        old.close()
        self._hurry.set()  # its name is not safe yet
        return True

    # The thread that waits for the disk.

    def _run_errands(self) -> None:
        while (errand := self._errands.get()) is not None:
            errand()
        if self._file is not None:
            self._file.close()

    def _settle_soon(self) -> None:
        """Once for all that is appended within some time."""
        if not self._is_settling:
            self._is_settling = True
            self._errands.put(self._settle)

    def _settle(self) -> None:
        self._hurry.wait(SYNC_SECONDS)
        self._hurry.clear()
        self._is_settling = False
        appended, entry, file = self._appended, self._last, self._file  # in this order: the file holds so many
        if file is None or entry is None:
            return
        try:
            file.sync()
        except OSError as error:
            if file is self._file:
                self._lose_trust(error)
            return
        if file is not self._file:  # closed meanwhile; the new one is settled soon
            return
        with self._news:
            self._synced = max(self._synced, appended)
            self._news.notify_all()
        if file.is_longer_than(MAX_ENTRIES, MIN_BYTES) and not self._is_copying and not self._is_closed:
            self._copy_whole(entry)

    def _lose_trust(self, error: OSError) -> None:
        """After a sync that failed nobody knows what the disk holds, and a later one may say that all is well.

        Source: PostgreSQL's "fsyncgate" of 2018: the system drops what it could not write, and tells that once.
        """
        self._must_begin = True
        assert self._last is not None
        self._tell_failure(self._last, error, is_ours=False)

    def _copy_whole(self, entry: Entry) -> None:
        self._is_copying = True
        try:
            file = self._whole_copy(entry, is_safe=True)
        except OSError:  # the journal itself is whole; the next copy may succeed
            self._is_copying = False
            return
        with self._news:
            self._copy = file, entry
            self._news.notify_all()
