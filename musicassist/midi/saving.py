"""Saving without risk: what is written is read again before it takes the old file's place."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from musicassist.errors import MidiImportError, SaveError
from musicassist.midi.reading import read_song_bytes
from musicassist.midi.song_chunks import as_saved
from musicassist.midi.writing import write_song
from musicassist.score.song import Song


def save_song(song: Song, path: Path) -> None:
    """Writes the song as a Standard MIDI File. It is never half there: the old file stays until the new one is proven.

    Any thread may call it; it takes as long as the disk needs.

    Raises:
        SaveError: It could not be written or did not read back equal; an old file is unchanged, nothing else is left.
    """
    data = write_song(song)
    _check_reading(song, data, path)
    try:
        _replace(path.resolve(), data)
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SaveError("{file} could not be saved: {reason}.", file=path.name, reason=reason) from error


def _check_reading(song: Song, data: bytes, path: Path) -> None:
    try:
        read = read_song_bytes(data, path.name).song
    except MidiImportError as error:
        raise SaveError("{file} was not saved: {reason}", file=path.name, reason=error) from error
    if read != as_saved(song):
        raise SaveError("{file} was not saved: the music would not open again as it is.", file=path.name)


def _replace(target: Path, data: bytes) -> None:
    """Puts the data in the target's place at once, or raises OSError and leaves everything as it was."""
    if target.is_dir():
        raise IsADirectoryError(0, "it is a folder")
    exists = target.exists()
    if exists and not os.access(target, os.W_OK):
        raise PermissionError(0, "it is write-protected")
    temporary = target.with_name(f".musicassist-{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if temporary.read_bytes() != data:
            raise OSError(0, "the disk gives back other data than was written")
        if exists:
            temporary.chmod(target.stat().st_mode & 0o777)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Makes the new name last a power cut, where the system can do that."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
