"""Opens files in a child process with limits, so that no file can freeze, fill or crash the window."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from musicassist.child_process import limit_this_process, start_module
from musicassist.errors import QT_TRANSLATE_NOOP, MidiImportError, Words
from musicassist.midi.reading import ImportedSong, read_song
from musicassist.score.melody_part import first_track
from musicassist.score.song import Song
from musicassist.score.song_bytes import pack_changes, packed, unpacked, with_changes

_MAX_MEMORY_BYTES = 2 * 2**30  # LIMIT: what the child may address, its libraries included
_TOO_LARGE = QT_TRANSLATE_NOOP("Errors", "{file} needs too much memory and is not opened.")
_LOOK_SECONDS = 0.05  # how often the caller's wish to cancel is looked at


def read_song_in_child(
    path: Path, *, timeout_seconds: float = 20.0, is_cancelled: Callable[[], bool] | None = None
) -> ImportedSong:
    """Opens a file as ``read_song`` does, in a child process. Blocks; any thread may call it.

    Args:
        path: The file.
        timeout_seconds: How long the child may take.
        is_cancelled: Asked 20 times a second; True ends the child.

    Raises:
        MidiImportError: The file cannot be opened, took too long, or opening was cancelled.
    """
    module = "musicassist.midi.reading_process"
    page, changes = ask_child(module, path, timeout_seconds=timeout_seconds, is_cancelled=is_cancelled)
    try:
        imported = _imported(page, changes)
    except (ValueError, KeyError, TypeError) as error:
        raise _stopped(path) from error
    _ = imported.song.key_evidence  # found and kept here: a window asks at once, and thousands of tracks take a second
    return imported


def ask_child(
    module: str, path: Path, *, timeout_seconds: float, is_cancelled: Callable[[], bool] | None
) -> tuple[dict[str, Any], bytes]:
    """What a module that runs ``answer_parent`` says of a file. Blocks; any thread.

    Raises:
        MidiImportError: What the child raised, or it took too long, was cancelled or died.
    """
    process = start_module(
        module,
        str(path.absolute()),
        str(timeout_seconds),
        stdout=subprocess.PIPE,
        stderr=None,  # what goes wrong there belongs into our own log
    )
    with process:
        try:
            message = _wait(process, path, time.monotonic() + timeout_seconds, timeout_seconds, is_cancelled)
        finally:
            process.kill()
    try:
        page, raw = unpacked(message)
        if "error" in page:
            raise MidiImportError(page["error"], **page["values"])
    except (ValueError, KeyError, TypeError) as error:  # the child died before it could answer
        raise _stopped(path) from error
    return page, raw


def _stopped(path: Path) -> MidiImportError:
    return MidiImportError(QT_TRANSLATE_NOOP("Errors", "{file} could not be read; its reader stopped."), file=path.name)


def _wait(
    process: subprocess.Popen[bytes],
    path: Path,
    deadline: float,
    timeout_seconds: float,
    is_cancelled: Callable[[], bool] | None,
) -> bytes:
    while True:
        try:
            return process.communicate(timeout=_LOOK_SECONDS)[0]
        except subprocess.TimeoutExpired:
            if is_cancelled is not None and is_cancelled():
                raise MidiImportError(
                    QT_TRANSLATE_NOOP("Errors", "Opening {file} was cancelled."), file=path.name
                ) from None
            if time.monotonic() > deadline:
                raise MidiImportError(
                    QT_TRANSLATE_NOOP("Errors", "{file} could not be read within {seconds} seconds and is not opened."),
                    file=path.name,
                    seconds=f"{timeout_seconds:g}",
                ) from None


def _imported(page: dict[str, Any], changes: bytes) -> ImportedSong:
    return ImportedSong(
        with_changes(Song(), changes), **{**page, "warnings": tuple(Words(*said) for said in page["warnings"])}
    )


def _message_of(imported: ImportedSong) -> bytes:
    page = {name: value for name, value in vars(imported).items() if name != "song"}
    return packed(page, pack_changes(Song(), imported.song))


def _answer(path: Path) -> bytes:
    imported = read_song(path)
    return _message_of(replace(imported, first_track=first_track(imported.song)))


def answer_parent(read: Callable[[Path], bytes], limit_bytes: Callable[[Path], int]) -> None:
    """The child: reads the file named first, within the seconds named second, and answers on its standard output.

    Args:
        read: Gives the answer, as ``song_bytes.packed`` makes it; raises ``MidiImportError``.
        limit_bytes: What the child may address for that file.
    """
    gc.disable()  # a song holds no circles, and looking for some would take longer than reading
    path, timeout_seconds = Path(sys.argv[1]), float(sys.argv[2])
    limit_this_process(limit_bytes(path), timeout_seconds)
    sys.stdout.buffer.write(answer_of(path, read))


def answer_of(path: Path, read: Callable[[Path], bytes]) -> bytes:
    """What ``read`` gives, or why it does not, in words."""
    try:
        return read(path)
    except MidiImportError as error:
        values = {name: str(value) for name, value in error.values.items()}
        return packed({"error": error.template, "values": values})
    except MemoryError:
        return packed({"error": _TOO_LARGE, "values": {"file": path.name}})


if __name__ == "__main__":
    answer_parent(_answer, lambda _path: _MAX_MEMORY_BYTES)
