"""A file that is locked for as long as its process lives, however that ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    _try_share = _try_lock
else:
    import fcntl

    def _try_lock(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _try_share(descriptor: int) -> bool:
        """Locks so that others who only ask can ask at the same time."""
        return _try_lock(descriptor, fcntl.LOCK_SH)


_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class ProcessLock:
    """A lock that this process holds on a file until ``release`` or its death."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @staticmethod
    def take(path: Path) -> ProcessLock | None:
        """Locks the file, which is made if there is none; None if a living process holds it.

        Raises:
            OSError: The file cannot be made.
        """
        return take_opened(path, os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o600))

    def release(self) -> None:
        """Removes the file and lets go of it."""
        if sys.platform == "win32":  # an open file cannot be removed there
            self.leave()
            self.path.unlink(missing_ok=True)
        else:
            self.path.unlink(missing_ok=True)
            self.leave()

    def leave(self) -> None:
        """Lets go of the file as if the process had died; once is enough."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def take_opened(path: Path, descriptor: int) -> ProcessLock | None:
    """Locks a file that is open; None, and the file closed, if a living process holds it or it lies there no more."""
    if _try_lock(descriptor) and _is_still_at(path, descriptor):
        return ProcessLock(path, descriptor)
    os.close(descriptor)
    return None


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock."""
    try:
        descriptor = os.open(path, os.O_RDWR | _NO_LINK)
    except OSError:
        return False
    try:
        return not _try_share(descriptor)
    finally:
        os.close(descriptor)


def _is_still_at(path: Path, descriptor: int) -> bool:
    """Whether nobody removed the file between its opening and its locking."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False
