"""A song on its way to a file, in the background: what stands against replacing the file, and then the saving."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musicassist.child_process import start_module
from musicassist.disk import keep_copy, mark_of, remove_strays
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError, SaveError, Words
from musicassist.midi import lost_on_save, save_song
from musicassist.score.song import Song
from musicassist.score.song_bytes import pack_changes, packed, unpacked, with_changes
from musicassist.values import plain_of, value_of

MAX_FILE_BYTES = 2**30  # LIMIT: of a file whose content is compared; far more than is opened
# Saving notes goes as columns, which a thread does without keeping Python to itself; events are objects, of which it
# would make hundreds of thousands: songs of so many are saved in a child process, so that the window gets its turn.
MAX_EVENTS_IN_THREAD = 20_000  # starting a process takes as long as saving so many


@dataclass(frozen=True, eq=False)
class SaveOrder:
    """What is to be saved where.

    Attributes:
        song: The music.
        path: The file.
        as_of_seconds: Since when the song is as it is, in seconds since 1970.
        known_mark: What ``disk.mark_of`` said of the file when it was read or saved; None for one that nobody read.
        is_incomplete: Whether the file was read, and holds more than could be read.
        may_lose: The user agreed to lose what a MIDI file cannot hold.
        may_replace: The user agreed to replace a file that changed meanwhile or was not read completely.
        beside: What is kept beside the song and no MIDI file holds, in words, if nobody agreed to leave it out.
    """

    song: Song
    path: Path
    as_of_seconds: float
    known_mark: str | None = None
    is_incomplete: bool = False
    may_lose: bool = True
    may_replace: bool = False
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Objections:
    """Why nothing was saved yet.

    Attributes:
        was_changed: Another program changed the file since it was read or saved.
        is_incomplete: It holds more than could be read.
        lost: What a MIDI file cannot hold of the song, each a sentence.
    """

    was_changed: bool
    is_incomplete: bool
    lost: tuple[Words, ...]


@dataclass(frozen=True)
class Saved:
    """What was done.

    Attributes:
        mark: What ``disk.mark_of`` says of the new file.
        copy: Where the old file was kept; None if there was no need.
    """

    mark: str | None
    copy: Path | None = None


def carry_out(order: SaveOrder) -> Saved | Objections:
    """Saves the song, or says why it asks before. Any thread but the main one: it takes as long as the disk needs.

    A file that another program changed, or that was not read completely, is kept beside under another name.

    Raises:
        SaveError: It could not be written; the old file is as it was.
    """
    exists = order.path.exists()
    was_changed = exists and order.known_mark is not None and mark_of(order.path, MAX_FILE_BYTES) != order.known_mark
    is_incomplete = exists and order.is_incomplete
    lost = () if order.may_lose else lost_on_save(order.song)
    if lost or order.beside or ((was_changed or is_incomplete) and not order.may_replace):
        return Objections(was_changed, is_incomplete, lost)
    copy = _kept(order.path) if was_changed or is_incomplete else None
    save_song(order.song, order.path, as_of_seconds=order.as_of_seconds)
    remove_strays(order.path.parent)
    return Saved(mark_of(order.path, MAX_FILE_BYTES), copy)


def _kept(path: Path) -> Path | None:
    try:
        return keep_copy(path)
    except OSError as error:
        raise SaveError(
            QT_TRANSLATE_NOOP("Errors", "{file} was not saved: the old file could not be copied ({reason})."),
            file=path.name,
            reason=error.strerror or error,
        ) from error


def save_apart(order: SaveOrder) -> Saved | Objections:
    """Does what ``carry_out`` does; a song of many events in a child process. Blocks; any thread but the main one.

    Raises:
        SaveError: It could not be written, or the child died; the old file is as it was.
    """
    if len(order.song.events) + sum(len(track.events) for track in order.song.tracks) < MAX_EVENTS_IN_THREAD:
        return carry_out(order)
    page = {
        **{name: value for name, value in vars(order).items() if name != "song"},
        "path": str(order.path.absolute()),
    }
    pipe = subprocess.PIPE
    try:
        with start_module("musicassist.document.saving", stdin=pipe, stdout=pipe, stderr=None) as child:
            said, _ = child.communicate(packed(page, pack_changes(Song(), order.song)))
        answered = json.loads(said)
        if "error" in answered:
            raise SaveError(answered["error"], **answered["values"])
        return value_of(Objections, answered) if "lost" in answered else value_of(Saved, answered)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SaveError(
            QT_TRANSLATE_NOOP("Errors", "{file} was not saved: its writer stopped."), file=order.path.name
        ) from error


def answer(question: bytes) -> dict[str, Any]:
    """What the child says: ``Saved`` or ``Objections`` as plain values, or an error in words."""
    page, changes = unpacked(question)
    try:
        done = carry_out(SaveOrder(**{**page, "song": with_changes(Song(), changes), "path": Path(page["path"])}))
    except MusicAssistError as error:
        return {"error": error.template, "values": {name: str(value) for name, value in error.values.items()}}
    return plain_of(done)


def main() -> None:
    """The child: reads the order on its standard input and answers on its standard output."""
    gc.disable()  # a song holds no circles, and looking for some would take longer than saving
    sys.stdout.write(json.dumps(answer(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
