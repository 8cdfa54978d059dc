"""Sees when another program changes the open file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

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
