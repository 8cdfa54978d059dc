"""A file that only grows, and is this process's own for as long as it is open."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from musicassist.disk import ProcessLock, hold, new_beside, put_in_place, sync_folder


class GrowingFile:
    """Is appended to, each time all of it or nothing. One thread at a time; ``sync`` beside it.

    Attributes:
        path: Where it lies.
        size_bytes: How long it is.
    """

    def __init__(self, lock: ProcessLock, size_bytes: int = 0, entries: int = 0, first_bytes: int = 0) -> None:
        """Goes on with a file that is held; what stands behind ``size_bytes`` is cut off by the first entry.

        Args:
            lock: The file.
            size_bytes: How much of it there is.
            entries: The same in entries.
            first_bytes: How much of that is a full copy.
        """
        self._lock = lock
        self.path = lock.path
        self.size_bytes = size_bytes
        self._first_bytes = first_bytes
        self._entries = entries
        self._is_trimmed = False

    @staticmethod
    def beside(target: Path, *, is_private: bool) -> GrowingFile:
        """A new file that is to take the target's place, see ``put_in_place``.

        Raises:
            OSError: It cannot be made.
        """
        return GrowingFile(new_beside(target, is_private=is_private))

    def append(self, data: bytes) -> None:
        """Appends the data.

        Raises:
            OSError: They could not be written, and nothing of them was, as far as the disk still obeys.
        """
        descriptor, view = self._lock.descriptor, memoryview(data)
        try:
            if not self._is_trimmed:
                os.ftruncate(descriptor, self.size_bytes)
            os.lseek(descriptor, self.size_bytes, os.SEEK_SET)
            while view:
                view = view[os.write(descriptor, view) :]
        except OSError:
            with contextlib.suppress(OSError):  # what is torn is known by its length and its sum
                os.ftruncate(descriptor, self.size_bytes)
            raise
        self._is_trimmed = True
        self.size_bytes += len(data)
        self._entries += 1
        self._first_bytes = self._first_bytes or self.size_bytes

    def is_there(self) -> bool:
        """Whether the file can still be found by those who come later."""
        try:
            return os.path.samestat(os.fstat(self._lock.descriptor), self.path.lstat())
        except OSError:
            return False

    def is_longer_than(self, entries: int, least_bytes: int) -> bool:
        """Whether a full copy would be shorter to read."""
        return self._entries > entries or self.size_bytes > max(least_bytes, 3 * self._first_bytes)

    def sync(self) -> None:
        """Waits until it would outlast a power cut, its name included. Any thread.

        Raises:
            OSError: It may not.
        """
        os.fsync(self._lock.descriptor)
        sync_folder(self.path.parent)

    def put_in_place(self, target: Path) -> None:
        """Takes the place of what lies there; from then on this file is held, and the other one is gone.

        Raises:
            OSError: The target is as it was.
        """
        if os.name != "posix":  # an open file cannot be moved there
            self._lock.leave()
        put_in_place(self.path, target)
        self.path = self._lock.path = target
        if os.name != "posix":
            lock = hold(target)
            if lock is None:
                raise OSError(0, "another program took hold of it")
            self._lock = lock

    def close(self) -> None:
        """Lets go of it; once is enough."""
        self._lock.leave()

    def remove(self) -> None:
        """Throws it away."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        self.close()
