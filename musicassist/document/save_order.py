"""A song on its way to a file, in the background: what stands against replacing the file, and then the saving."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from musicassist.disk import keep_copy, mark_of, remove_strays
from musicassist.errors import SaveError
from musicassist.midi.files import lost_on_save, save_song
from musicassist.score.song import Song

MOST_FILE_BYTES = 2**30  # LIMIT: of a file whose content is compared; far more than is opened


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
    """

    song: Song
    path: Path
    as_of_seconds: float
    known_mark: str | None = None
    is_incomplete: bool = False
    may_lose: bool = True
    may_replace: bool = False


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
    lost: tuple[str, ...]


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
    was_changed = exists and order.known_mark is not None and mark_of(order.path, MOST_FILE_BYTES) != order.known_mark
    is_incomplete = exists and order.is_incomplete
    lost = () if order.may_lose else lost_on_save(order.song)
    if lost or ((was_changed or is_incomplete) and not order.may_replace):
        return Objections(was_changed, is_incomplete, lost)
    copy = _kept(order.path) if was_changed or is_incomplete else None
    save_song(order.song, order.path, as_of_seconds=order.as_of_seconds)
    remove_strays(order.path.parent)
    return Saved(mark_of(order.path, MOST_FILE_BYTES), copy)


def _kept(path: Path) -> Path | None:
    try:
        return keep_copy(path)
    except OSError as error:
        raise SaveError(
            "{file} was not saved: the old file could not be copied ({reason}).",
            file=path.name,
            reason=error.strerror or error,
        ) from error
