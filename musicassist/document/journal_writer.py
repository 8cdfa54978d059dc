"""Writes a journal while somebody works: each state within milliseconds, and every few seconds a full copy beside.

Who tells of an edit appends what changed, which takes a fraction of a millisecond and is not undone by a kill: a thread
for that would have to wait for its turn on a busy machine. Where the disk is slow, a thread does it after all; it makes
the file, too. Another one waits for the disk: it writes the full copies, which outlast a power cut and keep the journal
short. The journal itself is never synced, because a system may let nobody append meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from musicassist.disk import sync_folder
from musicassist.document.journal_file import MAGIC, Entry, entry_bytes

MAX_ENTRIES = 200  # LIMIT: a journal is read again in a few seconds however large its song
MIN_BYTES = 256 * 1024  # a journal may grow so far, or to three times its full copy
COPY_SECONDS = 4.0  # after an edit: a power cut costs no more than this; a kill costs nothing
HAND_OVER_SECONDS = 0.01  # LIMIT: how long an edit waits for the thread that writes
SLOW_SECONDS, PATIENCE_SECONDS = 0.1, 10.0  # after a write that took so long, the thread writes for a while
RETRY_SECONDS = 2.0
CLOSE_SECONDS = 0.7  # LIMIT: how long the end waits for the last entry
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class JournalWriter:
    """Writes one journal file, which is made with the first entry. Methods may be called from any thread."""

    def __init__(
        self, path: Path, *, on_failure: Callable[[OSError], None], on_success: Callable[[], None] = lambda: None
    ) -> None:
        """Starts the threads.

        Args:
            path: The file; it must not be there.
            on_failure: Called in any thread when an entry could not be written; it is tried again.
            on_success: Called there when that succeeded after all.
        """
        self.path = path
        self._on_failure, self._on_success = on_failure, on_success
        self._news = threading.Condition()
        self._wanted: Entry | None = None
        self._copy: tuple[Path, Entry] | None = None
        self._failure: OSError | None = None
        self._is_busy = False
        self._is_closed = False
        self._file: _Growing | None = None
        self._last: Entry | None = None
        self._is_copying = False
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
            is_free = self._file is not None and self._failure is None and not self._has_work()
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

    def _has_work(self) -> bool:
        return self._wanted is not None or self._is_busy

    def close(self) -> None:
        """Writes what waits, if that goes within some seconds, and ends the threads. The file stays."""
        is_written = False
        with contextlib.suppress(OSError):
            is_written = self.flush(CLOSE_SECONDS)
        with self._news:
            self._is_closed = True
            self._news.notify_all()
        self._hurry.set()
        if is_written:  # else it hangs in the system, and a daemon may be left there
            self._threads[0].join(CLOSE_SECONDS)

    # Appending.

    def _write_on(self) -> None:
        while (entry := self._next()) is not None:
            self._carry_out(entry)
        self._errands.put(None)
        if self._file is not None:
            self._file.close()

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
            self._tell_success()

    def _tell_failure(self, entry: Entry, error: OSError) -> None:
        had_failed = self._had_failed
        self._had_failed = True
        with self._news:
            self._failure, self._is_busy = error, False
            self._wanted = self._wanted or entry
            self._news.notify_all()
        if not had_failed:
            self._on_failure(error)

    def _tell_success(self) -> None:
        had_failed, self._had_failed = self._had_failed, False
        with self._news:
            self._is_busy = False
            self._news.notify_all()
        if had_failed:
            self._on_success()

    def _append(self, entry: Entry) -> None:
        is_news = not entry.is_like(self._last)
        if self._file is not None and is_news:
            before = self._last.song if self._last is not None else None
            self._file.append(entry_bytes(entry, before))
        if self._file is None or not self._file.is_there():  # looked at afterwards: each look lets others run
            self._begin(entry)
        self._last = entry
        if self._copy is not None:
            is_news = self._take_copy(entry)
        assert self._file is not None
        if is_news and not self._is_copying:
            self._is_copying = True
            self._hurry.clear()
            self._errands.put(self._write_copy)
        if self._file.is_long() or self._is_closed:
            self._hurry.set()

    def _begin(self, entry: Entry) -> None:
        """The first entry is a full copy; also where somebody took the file away."""
        file = _whole_copy(self.path, entry)
        if self._file is not None:
            self._file.close()
        self._file = file

    # Full copies.

    def _write_copy(self) -> None:
        """In the thread that waits for the disk: once for all that is appended within some seconds."""
        self._hurry.wait(COPY_SECONDS)
        entry = self._last
        if entry is None or self._is_closed:
            return
        path = self.path.with_suffix(".copy")
        file = _whole_copy(path, entry)
        try:
            file.sync()
        finally:
            file.close()
        with self._news:
            self._copy = path, entry
            self._news.notify_all()

    def _take_copy(self, entry: Entry) -> bool:
        """Puts a full copy in the journal's place, brought up to the entry that was written last if it was behind."""
        assert self._copy is not None and self._file is not None
        (path, copied), self._copy = self._copy, None
        self._is_copying = False
        file = _Growing(path, is_new=False)
        is_behind = not entry.is_like(copied)
        try:
            if is_behind:
                file.append(entry_bytes(entry, copied.song))
            if os.name != "posix":  # an open file cannot be moved there
                file.close()
                self._file.close()
            path.replace(self.path)
            file.path = self.path
        except OSError:
            file.close()
            path.unlink(missing_ok=True)
            raise
        self._file.close()
        self._file = file if os.name == "posix" else _Growing(self.path, is_new=False)
        self._errands.put(lambda: sync_folder(self.path.parent))
        return is_behind

    # The thread that waits for the disk.

    def _run_errands(self) -> None:
        while (errand := self._errands.get()) is not None:
            try:
                errand()
            except OSError:  # the journal itself is whole; the next copy may succeed
                self._is_copying = False


def _whole_copy(path: Path, entry: Entry) -> _Growing:
    """A new file in a place, with an entry that holds the song itself."""
    path.unlink(missing_ok=True)
    file = _Growing(path)
    try:
        file.append(MAGIC + entry_bytes(entry, None))
    except OSError:
        file.close()
        path.unlink(missing_ok=True)
        raise
    return file


class _Growing:
    """A private file that is only appended to."""

    def __init__(self, path: Path, *, is_new: bool = True) -> None:
        self.path = path
        self._descriptor = os.open(path, _FLAGS if is_new else _FLAGS & ~(os.O_CREAT | os.O_EXCL), 0o600)
        self._size = os.fstat(self._descriptor).st_size
        self._first_size = self._size
        self._entries = 0

    def append(self, data: bytes) -> None:
        """Appends all of it or nothing."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)
        self._entries += 1
        self._first_size = self._first_size or self._size

    def is_there(self) -> bool:
        """Whether the file can still be found by those who come later."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), self.path.lstat())
        except OSError:
            return False

    def is_long(self) -> bool:
        """Whether a full copy would be shorter to read."""
        return self._entries > MAX_ENTRIES or self._size > max(MIN_BYTES, 3 * self._first_size)

    def sync(self) -> None:
        """Waits until it would outlast a power cut."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Closes it; once is enough."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
