"""Saving without risk: what is written is read again before it takes the old file's place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from musicassist.disk import open_regular, replace_whole
from musicassist.errors import MidiImportError, SaveError
from musicassist.midi.reading import read_song_bytes
from musicassist.midi.riff import WRAPPER_BYTES, is_wrapped
from musicassist.midi.song_file import as_saved
from musicassist.midi.writing import write_song
from musicassist.score.song import AFTER_TRACKS, BEFORE_TRACKS, Song


def save_song(song: Song, path: Path, *, as_of_seconds: float | None = None) -> None:
    """Writes the song as a Standard MIDI File. It is never half there: the old file stays until the new one is proven.

    Any thread may call it; it takes as long as the disk needs.

    Args:
        song: The music.
        path: The file.
        as_of_seconds: Since when the song is as it is, in seconds since 1970, which becomes the time of the file; None
            for now. So an edit that comes while the file is written is not taken for older than the file.

    Raises:
        SaveError: It could not be written or did not read back equal; an old file is unchanged, nothing else is left.
    """
    song = _fitting(song, path)
    data = write_song(song)
    _check_reading(song, data, path)
    try:
        replace_whole(path, data, mtime_seconds=as_of_seconds)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SaveError("{file} could not be saved: {reason}.", file=path.name, reason=reason) from error


def _fitting(song: Song, path: Path) -> Song:
    """The song without a RIFF wrapper where the file is not meant to have one: few programs look into it."""
    if not song.is_riff or path.suffix.lower() == ".rmi" or _is_wrapped_file(path):
        return song
    return replace(
        song,
        is_riff=False,
        foreign_chunks=tuple(c for c in song.foreign_chunks if c.place in (BEFORE_TRACKS, AFTER_TRACKS)),
    )


def _is_wrapped_file(path: Path) -> bool:
    try:
        with open_regular(path) as file:
            return is_wrapped(file.read(WRAPPER_BYTES))
    except (OSError, ValueError):
        return False


def _check_reading(song: Song, data: bytes, path: Path) -> None:
    try:
        read = read_song_bytes(data, path.name).song
    except MidiImportError as error:
        raise SaveError("{file} was not saved: {reason}", file=path.name, reason=error) from error
    if read != as_saved(song):
        raise SaveError("{file} was not saved: the music would not open again as it is.", file=path.name)
