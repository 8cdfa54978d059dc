"""The recovery journal: what was not saved outlives a crash, songs that never had a file included.

Each process has its own record in the folder: ``<stem>.lock`` (held while it lives), ``<stem>-<n>.mid`` (the music) and
``<stem>.json`` (where the music came from, and which ``.mid`` holds it). The music is written first and the ``.json``
replaced last, so a record is whole at every instant.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from musicassist.document.recovery_record import MOST_MUSIC_BYTES, Record, parse_record
from musicassist.errors import MidiImportError, MusicAssistError, SaveError
from musicassist.midi.files import read_song_bytes, write_song
from musicassist.process_lock import ProcessLock, is_held
from musicassist.score.song import Song

KEPT_SECONDS = 30 * 24 * 3600  # LIMIT how long a dismissed recovery is kept
UNTITLED = "Untitled"


@dataclass(frozen=True)
class Recovery:
    """Work that a process did not live to save.

    Attributes:
        path: Its ``.json``.
        original_path: The file it was opened from or last saved to; None if it had none. Only for showing and asking.
        selected_track: Index of the track that was edited.
        saved_at_unix_seconds: When it was recorded.
        song_name: What to call it.
    """

    path: Path
    original_path: Path | None
    selected_track: int
    saved_at_unix_seconds: float
    song_name: str


class RecoveryJournal:
    """Records the work of this process, and finds that of dead ones.

    ``record``, ``clear`` and ``close`` may be called from any thread.

    Attributes:
        passed_over: What the last ``recoveries`` could not use, in words.
    """

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        self.passed_over: tuple[MusicAssistError, ...] = ()
        self._folder = folder
        self._now = now
        self._guard = threading.Lock()
        self._lock: ProcessLock | None = None
        self._stem = ""
        self._number = 0
        self._music_path: Path | None = None
        self._is_closed = False

    def record(self, song: Song, path: Path | None, selected_track: int) -> None:
        """Writes the song so that it outlives this process; on return it is on the disk.

        Raises:
            SaveError: It could not be written; the last record is still whole.
        """
        with self._guard:
            if self._is_closed:
                return
            try:
                self._write(write_song(song), path, selected_track)
            except OSError as error:
                raise SaveError(
                    "The recovery copy could not be written to {folder}: {reason}. Save your work to a file.",
                    folder=self._folder,
                    reason=error.strerror or error,
                ) from error

    def _write(self, music: bytes, path: Path | None, selected_track: int) -> None:
        self._take_lock()
        self._number += 1
        music_path = self._folder / f"{self._stem}-{self._number}.mid"
        original = str(path.absolute()) if path is not None else None
        digest = hashlib.sha256(music).hexdigest()
        record = Record(music_path.name, digest, original, selected_track, self._now())
        _write_atomically(music_path, music)
        try:
            _write_atomically(self._sidecar_path(), record.to_json())
        except OSError:
            music_path.unlink(missing_ok=True)
            raise
        self._remove_music()
        self._music_path = music_path

    def _remove_music(self) -> None:
        if self._music_path is not None:
            self._music_path.unlink(missing_ok=True)

    def _take_lock(self) -> None:
        """Makes this process's own stem at the first record."""
        while self._lock is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._stem = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
            self._lock = ProcessLock.take(self._folder / f"{self._stem}.lock")

    def _sidecar_path(self) -> Path:
        return self._folder / f"{self._stem}.json"

    def clear(self) -> None:
        """Takes the record of this process away: its work is saved, or was given up."""
        with self._guard:
            self._remove_own()

    def _remove_own(self) -> None:
        if self._lock is not None:
            self._sidecar_path().unlink(missing_ok=True)
            self._remove_music()
            self._music_path = None

    def close(self, *, keep: bool) -> None:
        """Ends recording. With ``keep`` the record stays for the next start, as after a crash."""
        with self._guard:
            self._is_closed = True
            if self._lock is None:
                return
            if keep:
                self._lock.leave()
            else:
                self._remove_own()
                self._lock.release()
            self._lock = None

    def recoveries(self) -> list[Recovery]:
        """The work of processes that died, the newest first; what is damaged is in ``passed_over``.

        Also removes what was dismissed more than 30 days ago.
        """
        found: list[Recovery] = []
        problems: list[MusicAssistError] = []
        for path in sorted(self._folder.glob("*.json")):
            if path.stem == self._stem or is_held(path.with_suffix(".lock")):
                continue
            try:
                record = self._checked(path)
            except MidiImportError as problem:
                problems.append(problem)
                continue
            if record.dismissed_at_unix_seconds is None:
                found.append(_recovery(path, record))
            elif self._now() - record.dismissed_at_unix_seconds > KEPT_SECONDS:
                self._forget(path, record)
        self.passed_over = tuple(problems)
        self._sweep()
        return sorted(found, key=lambda recovery: -recovery.saved_at_unix_seconds)

    def _sweep(self) -> None:
        """Removes what processes left that died without a record."""
        for path in self._folder.glob("*.lock"):
            if path.with_suffix(".json").exists() or path.stem == self._stem:
                continue
            lock = ProcessLock.take(path)
            if lock is not None:
                for leftover in self._folder.glob(f"{path.stem}*.mid*"):
                    leftover.unlink(missing_ok=True)
                lock.release()

    def _checked(self, path: Path) -> Record:
        """The record at ``path`` if its music is whole."""
        record = parse_record(path)
        self._read_music(path, record)
        return record

    def _read_music(self, path: Path, record: Record) -> bytes:
        music_path = self._folder / record.music_name
        try:
            if music_path.is_symlink() or music_path.stat().st_size > MOST_MUSIC_BYTES:
                raise _damaged(path)
            music = music_path.read_bytes()
        except OSError as error:
            raise _damaged(path) from error
        if hashlib.sha256(music).hexdigest() != record.sha256:
            raise _damaged(path)
        return music

    def load(self, recovery: Recovery) -> Song:
        """The recovered music.

        Raises:
            MidiImportError: It is damaged or gone.
        """
        record = parse_record(recovery.path)
        return read_song_bytes(self._read_music(recovery.path, record), recovery.song_name).song

    def dismiss(self, recovery: Recovery) -> None:
        """Offers this one no more; it is kept for 30 days all the same.

        Raises:
            SaveError: The folder cannot be written.
        """
        record = replace(parse_record(recovery.path), dismissed_at_unix_seconds=self._now())
        try:
            _write_atomically(recovery.path, record.to_json())
            recovery.path.with_suffix(".lock").unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or error
            raise SaveError("{file} could not be set aside: {reason}.", file=recovery.path, reason=reason) from error

    def _forget(self, path: Path, record: Record) -> None:
        for name in (path.name, record.music_name, f"{path.stem}.lock"):
            (self._folder / name).unlink(missing_ok=True)


def _recovery(path: Path, record: Record) -> Recovery:
    original = Path(record.original_path) if record.original_path is not None else None
    name = original.stem if original is not None else UNTITLED
    return Recovery(path, original, record.selected_track, record.saved_at_unix_seconds, name)


def _damaged(path: Path) -> MidiImportError:
    return MidiImportError("The recovery copy {file} is damaged and was passed over.", file=path.name)


def _write_atomically(path: Path, data: bytes) -> None:
    """Replaces a file by one that is wholly on the disk; leaves no other file behind."""
    temporary = path.with_name(f"{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Makes a rename durable where a folder can be synced (not on Windows)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
