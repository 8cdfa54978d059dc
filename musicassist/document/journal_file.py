"""A journal: a file that only grows, of what became of one song; its last whole entry is the work as it was last.

``MAGIC``, then entries: the length of the body and its CRC-32, four bytes each, and the body: a byte that says whether
the rest is packed (zlib), then an entry as ``entry_bytes`` packs it. An entry that says ``whole`` stands for itself;
the first one does. A process that is killed tears at most the last entry. Recovery records and projects, which are
called ``.musicassist``, are the same: journals.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from musicassist.disk import read_whole
from musicassist.document.entry import Entry, sound_entry
from musicassist.document.entry_bytes import MAX_TIME, pack_entry, unpack_entry
from musicassist.errors import QT_TRANSLATE_NOOP, MidiImportError
from musicassist.score.song import Song
from musicassist.score.song_bytes import MAX_TRACKS, with_changes
from musicassist.values import value_of

MAGIC, MAGIC_1 = b"musicassist journal 2\n", b"musicassist journal 1\n"
MAX_BYTES = 512 * 2**20  # LIMIT: of a journal
MAX_ENTRY_BYTES = 256 * 2**20  # LIMIT: of one entry, unpacked
MAX_ENTRIES = 10_000  # LIMIT: a full copy comes long before
_ANY_MAGIC = re.compile(rb"musicassist journal [0-9]{1,9}\n")
_FAST = 1  # of zlib's levels
_PACKED_FROM_BYTES = 16_384  # what is smaller is written faster than packed
_PLAIN, _PACKED = b"\0", b"\1"
_NUMBER_BYTES = 4
_NOTHING = Song()


@dataclass(frozen=True, eq=False)
class Journal:
    """What a journal holds.

    Attributes:
        entry: Its last whole entry.
        size_bytes: Where that ends; an entry that says what became of it is written there.
        entry_count: How many entries there are up to there.
        first_bytes: Where the first one ends, a full copy.
        is_cut: Whether the last entry was not written to its end, as by a kill or a power cut.
        is_damaged: Whether more than that follows which cannot be read, or a value had to be brought into its range.
        version: Of its format.
    """

    entry: Entry
    size_bytes: int
    entry_count: int
    first_bytes: int
    is_cut: bool = False
    is_damaged: bool = False
    version: int = 2

    @property
    def can_grow(self) -> bool:
        """Whether entries can be appended to it."""
        return self.version == 2 and not self.is_damaged


class NewerJournalError(ValueError):
    """Its format is of a later version of this program."""


def entry_bytes(entry: Entry, before: Entry | None) -> bytes:
    """The entry as it is appended.

    Args:
        entry: The work.
        before: The entry before; None for a whole copy.
    """
    whole = pack_entry(entry, before)
    is_long = len(whole) >= _PACKED_FROM_BYTES
    body = _PACKED + zlib.compress(whole, _FAST) if is_long else _PLAIN + whole
    return b"".join(number.to_bytes(_NUMBER_BYTES, "little") for number in (len(body), zlib.crc32(body))) + body


def read_journal(path: Path) -> Entry:
    """The last entry of a recovery record that is whole. Takes its time with a long one; any thread.

    Raises:
        MidiImportError: There is none: the file is damaged, hostile, gone or of another version.
    """
    try:
        return journal_of(read_whole(path, MAX_BYTES, follows_links=False)).entry
    except (OSError, ValueError) as error:
        raise MidiImportError(
            QT_TRANSLATE_NOOP("Errors", "The recovery copy {file} is damaged and was set aside."), file=path.name
        ) from error


def journal_of(data: bytes) -> Journal:
    """What the bytes of a journal hold. Takes its time with a long one; any thread.

    Raises:
        NewerJournalError: A later version of this program wrote it.
        ValueError: No entry is whole, or it is no journal.
    """
    read: _Read
    if data.startswith(MAGIC):
        version, read = 2, unpack_entry
    elif data.startswith(MAGIC_1):
        version, read = 1, _entry_of_1
    else:
        newer = _ANY_MAGIC.match(data)
        raise NewerJournalError("a later version") if newer is not None else ValueError("another file")
    last, ends, is_sound = _last_entry(data, read)
    rest = data[ends[-1] :]
    is_cut = bool(rest) and _is_cut(rest)
    try:
        entry, was_mended = sound_entry(last)
    except (TypeError, OverflowError) as error:
        raise ValueError("no song") from error
    is_damaged = was_mended or not is_sound or (bool(rest) and not is_cut)
    return Journal(entry, ends[-1], len(ends), ends[0], is_cut, is_damaged, version)


def _is_cut(rest: bytes) -> bool:
    """Whether an entry begins there whose end was never written; a file system may have zeros in its place."""
    length = int.from_bytes(rest[:_NUMBER_BYTES], "little")
    return 2 * _NUMBER_BYTES + length > len(rest) or not rest.strip(b"\0")


_Read = Callable[[bytes, Entry | None], Entry]


def _last_entry(data: bytes, read: _Read) -> tuple[Entry, list[int], bool]:
    """The last whole entry, where each one ends, and whether none was whole but made up."""
    last: Entry | None = None
    ends: list[int] = []
    is_sound = True
    for body, position in _bodies(data):
        try:
            last = read(body, last)
        except (ValueError, TypeError, RecursionError):
            is_sound = False
            break
        ends.append(position)
    if last is None:
        raise ValueError("no entry is whole")
    return last, ends, is_sound


def _bodies(data: bytes) -> Iterator[tuple[bytes, int]]:
    """The bodies and where each ends, up to the first that is torn or damaged; what follows could not be trusted."""
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
        position = start + length
        yield whole, position


def _unpacked(data: bytes) -> bytes | None:
    """None for what is damaged or too large."""
    unpacker = zlib.decompressobj()
    try:
        whole = unpacker.decompress(data, MAX_ENTRY_BYTES)
    except zlib.error:
        return None
    return whole if unpacker.eof else None


# Version 1: a page of JSON, and what became of the song. Crashed programs may have left such records.


@dataclass(frozen=True)
class _Page1:
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


def _entry_of_1(body: bytes, before: Entry | None) -> Entry:
    length = int.from_bytes(body[:_NUMBER_BYTES], "little")
    page = value_of(_Page1, json.loads(body[_NUMBER_BYTES : _NUMBER_BYTES + length]))
    if not page.whole and before is None:
        raise ValueError("the first entry is not whole")
    song = with_changes(_NOTHING if page.whole or before is None else before.song, body[_NUMBER_BYTES + length :])
    known = page.unsaved, page.incomplete, page.mark, page.at
    return Entry(song, page.path, page.track, *known)
