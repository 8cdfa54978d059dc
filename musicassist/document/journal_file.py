"""A journal: a file that only grows, of what became of one song; its last whole entry is the song as it was last.

``MAGIC``, then entries: the length of the body and its CRC-32, four bytes each, and the body: a byte that says whether
the rest is packed (zlib), then the length of a page of JSON, the page (when, which file, which track), and the changes
since the entry before. An entry that says ``whole`` holds the song itself. The first one does. A process that is killed
tears at most the last entry.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from musicassist.disk import read_whole
from musicassist.errors import MidiImportError
from musicassist.score.song import Song
from musicassist.score.song_bytes import MAX_TRACKS, pack_changes, sound_song, with_changes
from musicassist.values import plain_of, value_of

MAGIC = b"musicassist journal 1\n"
MAX_BYTES = 512 * 2**20  # LIMIT: of a journal
MAX_ENTRY_BYTES = 256 * 2**20  # LIMIT: of one entry, unpacked
MAX_ENTRIES = 10_000  # LIMIT: a full copy comes long before
MAX_TIME = 1e11  # LIMIT: in seconds since 1970; some thousand years
_FAST = 1  # of zlib's levels
_PACKED_FROM_BYTES = 16_384  # what is smaller is written faster than packed
_PLAIN, _PACKED = b"\0", b"\1"
_NUMBER_BYTES = 4
_NOTHING = Song()


@dataclass(frozen=True)
class _Page:
    """What stands in the journal of an entry beside its song. Paths are absolute."""

    at: Annotated[float, Meta(ge=0, lt=MAX_TIME)]
    path: Path | None
    track: Annotated[int, Meta(ge=0, le=MAX_TRACKS)]
    unsaved: bool
    incomplete: bool
    mark: str | None
    whole: bool

    def __post_init__(self) -> None:
        if self.path is not None and not self.path.is_absolute():
            raise ValueError("no path")


@dataclass(frozen=True, eq=False)
class Entry:
    """The work at one instant.

    Attributes:
        song: The music, with what is recorded so far.
        path: The file it came from or was saved to; None if it has none.
        selected_track: Index of the track that is edited.
        is_unsaved: Whether no file holds it.
        is_incomplete, file_mark: What ``Document`` knows of that file.
        at_unix_seconds: When it was so.
    """

    song: Song
    path: Path | None
    selected_track: int
    is_unsaved: bool = True
    is_incomplete: bool = False
    file_mark: str | None = None
    at_unix_seconds: float = 0.0

    def is_like(self, other: Entry | None) -> bool:
        """Whether nothing but time lies between them. Songs are compared by identity: equal ones cost an entry."""
        return (
            other is not None
            and self.song is other.song
            and (self.path, self.selected_track) == (other.path, other.selected_track)
            and (self.is_unsaved, self.is_incomplete) == (other.is_unsaved, other.is_incomplete)
            and self.file_mark == other.file_mark
        )


def entry_bytes(entry: Entry, before: Song | None) -> bytes:
    """The entry as it is appended.

    Args:
        entry: The work.
        before: The song of the entry before; None for a whole copy.
    """
    path = entry.path.absolute() if entry.path is not None else None
    known = entry.is_unsaved, entry.is_incomplete, entry.file_mark
    page = _Page(entry.at_unix_seconds, path, entry.selected_track, *known, whole=before is None)
    text = json.dumps(plain_of(page), separators=(",", ":")).encode()
    changes = pack_changes(before if before is not None else _NOTHING, entry.song)
    whole = len(text).to_bytes(_NUMBER_BYTES, "little") + text + changes
    is_long = len(whole) >= _PACKED_FROM_BYTES
    body = _PACKED + zlib.compress(whole, _FAST) if is_long else _PLAIN + whole
    return b"".join(number.to_bytes(_NUMBER_BYTES, "little") for number in (len(body), zlib.crc32(body))) + body


def read_journal(path: Path) -> Entry:
    """The last entry that is whole. Takes its time with a long one; any thread.

    Raises:
        MidiImportError: There is none: the file is damaged, hostile, gone or of another version.
    """
    try:
        data = read_whole(path, MAX_BYTES, follows_links=False)
        if not data.startswith(MAGIC):
            raise ValueError("another file")
        entry = _last_entry(data)
        return replace(entry, song=sound_song(entry.song))
    except (OSError, ValueError, TypeError) as error:
        raise MidiImportError("The recovery copy {file} is damaged and was set aside.", file=path.name) from error


def _last_entry(data: bytes) -> Entry:
    last: Entry | None = None
    for body in _bodies(data):
        try:
            last = _entry_of(body, last.song if last is not None else None)
        except (ValueError, TypeError, RecursionError):
            break
    if last is None:
        raise ValueError("no entry is whole")
    return last


def _bodies(data: bytes) -> Iterator[bytes]:
    """The bodies up to the first that is torn or damaged; what follows could not be trusted."""
    position, unpacked = len(MAGIC), 0
    for _ in range(MAX_ENTRIES):
        start = position + 2 * _NUMBER_BYTES
        length, check = (
            int.from_bytes(data[at : at + _NUMBER_BYTES], "little") for at in (position, position + _NUMBER_BYTES)
        )
        body = data[start : start + length]
        if len(body) < max(length, 1) or zlib.crc32(body) != check:
            return
        whole = body[1:] if body[:1] == _PLAIN else _unpacked(body[1:])
        unpacked += len(whole or b"")
        if whole is None or unpacked > 4 * MAX_ENTRY_BYTES:
            return
        yield whole
        position = start + length


def _unpacked(data: bytes) -> bytes | None:
    """None for what is damaged or too large."""
    unpacker = zlib.decompressobj()
    try:
        whole = unpacker.decompress(data, MAX_ENTRY_BYTES)
    except zlib.error:
        return None
    return whole if unpacker.eof else None


def _entry_of(body: bytes, before: Song | None) -> Entry:
    length = int.from_bytes(body[:_NUMBER_BYTES], "little")
    page = value_of(_Page, json.loads(body[_NUMBER_BYTES : _NUMBER_BYTES + length]))
    if not page.whole and before is None:
        raise ValueError("the first entry is not whole")
    song = with_changes(_NOTHING if page.whole or before is None else before, body[_NUMBER_BYTES + length :])
    return Entry(song, page.path, page.track, page.unsaved, page.incomplete, page.mark, page.at)
