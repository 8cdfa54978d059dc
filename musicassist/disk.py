"""Files among other programs: read whole within bounds, and replaced so that at each instant one of both is whole.

Also locked for as long as their process lives, however that ends. Not by ``filelock``, whose locks of the system are
exclusive: two who only ask whether a file is held would find each other, so here who asks takes a shared lock.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import hashlib
import os
import secrets
import stat
import sys
import zlib
from collections.abc import Iterator
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from musicassist.errors import QT_TRANSLATE_NOOP, UsageError

_STRAY_PREFIX, _STRAY_SUFFIX = ".musicassist-", ".tmp"
_MAX_LISTED = 100_000  # LIMIT: names looked at in a folder
_MAX_COPIES = 1000  # LIMIT: copies kept beside one file
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_MAKING = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_LINK | getattr(os, "O_BINARY", 0)


def open_regular(path: Path, *, follows_links: bool = True) -> BufferedReader:
    """Opens a file for reading. A pipe, a device or a folder is refused at once: nothing is waited for.

    Raises:
        OSError: It is none, or cannot be read.
    """
    _check_regular(path.stat())  # before it is opened: opening a device can do something
    descriptor = os.open(path, _READING | (0 if follows_links else _NO_LINK))
    try:
        _check_regular(os.fstat(descriptor))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _check_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(0, "it is a folder")
    if not stat.S_ISREG(status.st_mode):
        raise OSError(0, "it is a device or a pipe, not a file")


def read_whole(path: Path, most_bytes: int, *, follows_links: bool = True) -> bytes:
    """All bytes of a regular file, if they are not more than ``most_bytes``.

    Raises:
        OSError: It is larger, no regular file, or cannot be read.
    """
    with open_regular(path, follows_links=follows_links) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most_bytes:
            raise OSError(errno.EFBIG, f"it is larger than {most_bytes:,} bytes")
        return file.read(size)  # as long as it was then: Python reserves as much as is asked for


def read_unpacked(path: Path, most_bytes: int) -> bytes:
    """What a gzip file holds, if that is not more than ``most_bytes`` however small the file is.

    Raises:
        OSError: It is larger, no regular file, no gzip file, or cannot be read.
    """
    try:
        with open_regular(path) as file, gzip.GzipFile(fileobj=file) as unpacked:
            data = unpacked.read(most_bytes + 1)
    except (EOFError, zlib.error) as error:
        raise OSError(0, "it is damaged") from error
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {most_bytes:,} bytes")
    return data


@contextlib.contextmanager
def replacing(path: Path, *, is_private: bool = False, is_buffered: bool = True) -> Iterator[BinaryIO]:
    """A new file that takes the place of ``path`` when the block has ended; without it, nothing has changed.

    It is written under a name that nobody can foresee, and locked, so that ``remove_strays`` knows it from one whose
    writer was killed. A link is kept and what it points to replaced; an old file's mode stays.

    Args:
        path: What is to be replaced, or made.
        is_private: A new file can be read by its owner only.
        is_buffered: False for a writer that must hear at once what a full disk does not take.

    Raises:
        OSError: Anything; an old file is as it was, and nothing else is left.
    """
    target = target_of(path)
    lock = new_beside(target, is_private=is_private)
    try:
        with open(lock.descriptor, "w+b", buffering=-1 if is_buffered else 0, closefd=False) as file:
            yield file
            file.flush()
            os.fsync(lock.descriptor)
        if os.name != "posix":  # an open file cannot be moved there
            lock.leave()
        put_in_place(lock.path, target)
    except BaseException:
        with contextlib.suppress(OSError):
            lock.path.unlink(missing_ok=True)
        raise
    finally:
        with contextlib.suppress(OSError):
            lock.leave()
    sync_folder(target.parent)


def replace_whole(path: Path, data: bytes, *, is_private: bool = False, mtime_seconds: float | None = None) -> None:
    """Puts data in the place of a file, after they were read again; see ``replacing``.

    Args:
        path: The file.
        data: All of it.
        is_private: A new file can be read by its owner only.
        mtime_seconds: Since when the data are as they are, in seconds since 1970; None for now.

    Raises:
        OSError: An old file is as it was.
    """
    with replacing(path, is_private=is_private) as file:
        file.write(data)
        file.flush()
        file.seek(0)
        if file.read(len(data) + 1) != data:
            raise OSError(0, "the disk gives back other data than was written")
        if mtime_seconds is not None and os.utime in os.supports_fd:
            os.utime(file.fileno(), (mtime_seconds, mtime_seconds))


def check_place(path: Path) -> None:
    """Refuses a place where no file could be put in the end, before any work is done for it.

    Raises:
        UsageError: It is a folder, a pipe or a device, its folder does not exist, or it must not be written.
    """
    try:
        folder = path.resolve().parent if path.is_symlink() else path.absolute().parent
        if path.is_dir():
            raise UsageError(QT_TRANSLATE_NOOP("Errors", "{file} is a folder. Name a file to write."), file=path)
        if not folder.is_dir():
            raise UsageError(QT_TRANSLATE_NOOP("Errors", "The folder {folder} does not exist."), folder=folder)
        target_of(path)
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            QT_TRANSLATE_NOOP("Errors", "{file} cannot be written: {reason}."), file=path, reason=reason
        ) from error


def target_of(path: Path) -> Path:
    """The file itself, behind links.

    Raises:
        OSError: It cannot be replaced.
    """
    with contextlib.suppress(FileNotFoundError):
        _check_regular(path.stat())  # also of what has no path: a standard output that is a pipe
    try:
        target = path.resolve()
    except RuntimeError as error:  # links in a circle
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(0, "it is write-protected")
    return target


def new_beside(target: Path, *, is_private: bool = False) -> ProcessLock:
    """A file that was not there, locked, in the folder of one whose place it may take, and as readable as that.

    Raises:
        OSError: It cannot be made.
    """
    mode = _mode_of(target)
    while True:
        path = target.parent / f"{_STRAY_PREFIX}{secrets.token_hex(8)}{_STRAY_SUFFIX}"
        try:
            descriptor = os.open(path, _MAKING, mode if mode is not None else 0o600 if is_private else 0o666)
            lock = take_opened(path, descriptor)
            if lock is not None:
                return lock
        except FileExistsError:  # of somebody else
            continue
        except BaseException:  # a signal that ends us comes at any time
            path.unlink(missing_ok=True)
            raise


def put_in_place(path: Path, target: Path) -> None:
    """Gives a file of ``new_beside`` the name of the target, or raises ``OSError`` and leaves that as it was."""
    if (mode := _mode_of(target)) is not None:
        path.chmod(mode)  # the one it was made with was cut by the umask
    path.replace(target)


def _mode_of(path: Path) -> int | None:
    return stat.S_IMODE(path.stat().st_mode) & 0o777 if path.exists() else None


def remove_strays(folder: Path) -> int:
    """Removes what writers that were killed left in a folder; how many files. Those of living writers stay."""
    removed = 0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in islice(entries, _MAX_LISTED):
            if entry.name.startswith(_STRAY_PREFIX) and entry.name.endswith(_STRAY_SUFFIX):
                removed += _remove_stray(Path(entry.path))
    return removed


def _remove_stray(path: Path) -> bool:
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return False
        descriptor = os.open(path, os.O_RDWR | _NO_LINK)
    except OSError:
        return False
    lock = take_opened(path, descriptor)
    if lock is None:
        return False
    with contextlib.suppress(OSError):
        lock.release()
    return True


def is_there(path: str | Path) -> bool:
    """Whether something lies there, which never does under a name that no system takes, such as one too long."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def keep_copy(path: Path) -> Path | None:
    """Copies a file beside itself under a name that is free, and gives the copy's path; None if there is no file.

    Raises:
        OSError: It cannot be copied; nothing is left.
    """
    if not path.exists():
        return None
    copy = _free_name(path)
    with open_regular(path) as file, replacing(copy, is_private=True) as kept:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o777
        while block := file.read(1 << 20):
            kept.write(block)
    copy.chmod(mode)
    return copy


def set_aside(path: Path) -> Path:
    """Moves whatever lies there to a free name beside it, and gives that.

    Raises:
        OSError: It cannot be moved.
    """
    aside = _free_name(path)
    path.rename(aside)
    return aside


def _free_name(path: Path) -> Path:
    for number in range(1, _MAX_COPIES):
        name = path.with_name(f"{path.stem} (kept{'' if number == 1 else f' {number}'}){path.suffix}")
        if not os.path.lexists(name):
            return name
    raise OSError(0, "there are too many copies beside it")


def mark_of(path: Path, most_bytes: int) -> str | None:
    """A digest of the file's content, by which it is known again whatever its times say; None if it cannot be read."""
    try:
        return hashlib.sha256(read_whole(path, most_bytes)).hexdigest()
    except OSError:
        return None


def sync_folder(folder: Path) -> None:
    """Makes a new name last a power cut, where the system can do that."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


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


class ProcessLock:
    """A lock that this process holds on a file until ``release`` or its death."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @property
    def descriptor(self) -> int:
        """Of the open file; negative once it was let go of."""
        return self._descriptor

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


def hold(path: Path) -> ProcessLock | None:
    """Locks a file that is there, for as long as it is open; None if a living process holds it.

    Raises:
        OSError: It is gone, no file, or cannot be written.
    """
    _check_regular(path.stat())
    return take_opened(path, os.open(path, os.O_RDWR | _NO_LINK | getattr(os, "O_BINARY", 0)))


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
