"""A disk whose writes, syncs and renames are logged, may fail, and can be replayed up to a power cut.

What a power cut leaves: of a file, all that was written before its last sync; of what was written after it, each write
by itself may be there, be torn, or be missing, with zeros in its place where a later one is there. Of names (files
made, renamed, removed) all up to the last sync of their folder, and some more in their order: file systems journal
names in order (ext4, XFS, Btrfs), data not.
"""

from __future__ import annotations

import os
import random
import stat
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

_CALLS = ("open", "write", "ftruncate", "fsync", "replace", "rename", "unlink")


@dataclass(frozen=True)
class Operation:
    """One call that changed the disk.

    Attributes:
        kind: ``make``, ``write``, ``cut``, ``sync``, ``name``, ``remove`` or ``sync_names``.
        file: Which file, by a number of ours.
        at: Of a write its offset, of a cut the new length.
        data: What was written.
        name: The name that was given or removed; of ``name`` the old one is gone.
        old_name: Of ``name``.
        at_seconds: When it had been done, in seconds since 1970.
    """

    kind: str
    file: int
    at_seconds: float
    at: int = 0
    data: bytes = b""
    name: str = ""
    old_name: str = ""


class WatchedDisk:
    """Logs what this process does to the files of one folder while the block lasts; all threads.

    Attributes:
        log: What was done, in its order.
        fails: Asked before each call, with its name; an error that it gives is raised instead.
    """

    def __init__(self, folder: Path) -> None:
        self.log: list[Operation] = []
        self.fails: Callable[[str], OSError | None] = lambda _call: None
        self._folder = str(folder.resolve())
        self._guard = threading.RLock()
        self._files: dict[int, int] = {}  # inodes
        self._count = 0
        self._before: dict[str, Any] = {}
        for entry in folder.iterdir():
            if entry.is_file():
                number = self._new(entry.stat().st_ino)
                made = Operation("make", number, 0.0, name=entry.name)
                self.log += [made, Operation("write", number, 0.0, 0, entry.read_bytes())]
                self.log += [Operation("sync", number, 0.0), Operation("sync_names", 0, 0.0)]

    def __enter__(self) -> WatchedDisk:
        self._before = {name: getattr(os, name) for name in _CALLS}
        for name in _CALLS:
            setattr(os, name, getattr(self, f"_{name}"))
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for name, call in self._before.items():
            setattr(os, name, call)

    def _new(self, inode: int) -> int:
        self._count += 1
        self._files[inode] = self._count
        return self._count

    def _call(self, name: str, *words: Any, **named: Any) -> Any:
        error = self.fails(name)
        if error is not None:
            raise error
        return self._before[name](*words, **named)

    def _note(self, kind: str, file: int, **values: Any) -> None:
        self.log.append(Operation(kind, file, time.time(), **values))

    def _name(self, path: Any) -> str | None:
        folder, name = os.path.split(os.fspath(path))
        return name if isinstance(name, str) and os.path.realpath(folder) == self._folder else None

    def _file(self, descriptor: int) -> int | None:
        return self._files.get(os.fstat(descriptor).st_ino)

    def _open(self, path: Any, flags: int, *words: Any, **named: Any) -> int:
        name = self._name(path)
        if name is None or not flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT):
            descriptor: int = self._before["open"](path, flags, *words, **named)
            return descriptor
        with self._guard:
            is_new = not os.path.lexists(path)
            descriptor = self._call("open", path, flags, *words, **named)
            if is_new:
                self._note("make", self._new(os.fstat(descriptor).st_ino), name=name)
            return descriptor

    def _write(self, descriptor: int, data: Any) -> int:
        file = self._file(descriptor)
        if file is None:
            return int(self._before["write"](descriptor, data))
        with self._guard:
            at = os.lseek(descriptor, 0, os.SEEK_CUR)
            written = int(self._call("write", descriptor, data))
            self._note("write", file, at=at, data=bytes(data[:written]))
            return written

    def _ftruncate(self, descriptor: int, length: int) -> None:
        file = self._file(descriptor)
        if file is None:
            self._before["ftruncate"](descriptor, length)
            return
        with self._guard:
            self._call("ftruncate", descriptor, length)
            self._note("cut", file, at=length)

    def _fsync(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        is_folder, file = stat.S_ISDIR(status.st_mode), self._files.get(status.st_ino)
        if not is_folder and file is None:
            self._before["fsync"](descriptor)
            return
        with self._guard:
            done = len(self.log)  # what others do while it waits is not promised
        self._call("fsync", descriptor)
        with self._guard:
            self._note("sync_names" if is_folder else "sync", file or 0, at=done)

    def _replace(self, old: Any, new: Any, *words: Any, **named: Any) -> None:
        self._rename_by("replace", old, new, *words, **named)

    def _rename(self, old: Any, new: Any, *words: Any, **named: Any) -> None:
        self._rename_by("rename", old, new, *words, **named)

    def _rename_by(self, call: str, old: Any, new: Any, *words: Any, **named: Any) -> None:
        before, after = self._name(old), self._name(new)
        if before is None or after is None:
            self._before[call](old, new, *words, **named)
            return
        with self._guard:
            self._call(call, old, new, *words, **named)
            self._note("name", 0, name=after, old_name=before)

    def _unlink(self, path: Any, *words: Any, **named: Any) -> None:
        name = self._name(path)
        if name is None:
            self._before["unlink"](path, *words, **named)
            return
        with self._guard:
            self._before["unlink"](path, *words, **named)  # a disk that is full still removes
            self._note("remove", 0, name=name)


def after_power_cut(log: list[Operation], cut: int, chance: random.Random) -> dict[str, bytes]:
    """What lies in the folder after a power cut behind the first ``cut`` operations: names and contents."""
    done = log[:cut]
    of_files: dict[int, list[tuple[int, Operation]]] = {}
    synced: dict[int, int] = {}
    for row, operation in enumerate(done):
        if operation.kind in ("write", "cut"):
            of_files.setdefault(operation.file, []).append((row, operation))
        elif operation.kind == "sync":
            synced[operation.file] = operation.at or row
    names = [(row, operation) for row, operation in enumerate(done) if operation.kind in ("make", "name", "remove")]
    safe = max((op.at or row for row, op in enumerate(done) if op.kind == "sync_names"), default=0)
    least = sum(row < safe for row, _ in names)
    lying: dict[str, int] = {}
    for _, operation in names[: chance.randint(least, len(names))]:
        if operation.kind == "make":
            lying[operation.name] = operation.file
        elif operation.kind == "remove":
            lying.pop(operation.name, None)
        elif operation.old_name in lying:
            lying[operation.name] = lying.pop(operation.old_name)
    return {name: _content(of_files.get(file, []), synced.get(file, 0), chance) for name, file in lying.items()}


def _content(operations: list[tuple[int, Operation]], safe: int, chance: random.Random) -> bytes:
    data = bytearray()
    for row, operation in operations:
        is_safe = row < safe
        if not is_safe and chance.random() < 0.4:
            continue
        if operation.kind == "cut":
            del data[operation.at :]
            data.extend(bytes(operation.at - len(data)))
            continue
        written = operation.data
        if not is_safe and chance.random() < 0.4:
            written = written[: chance.randrange(len(written) + 1)]
        data.extend(bytes(max(0, operation.at + len(written) - len(data))))
        data[operation.at : operation.at + len(written)] = written
    return bytes(data)
