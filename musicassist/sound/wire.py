"""How the window and the engine reach each other: messages through pipes, the song position through shared memory.

A message is a page of JSON with columns of notes as raw numbers behind it, never a pickle. Of a song only what became
of the one before travels, so that an edit costs the same in a song of a thousand tracks.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import IO, Any, get_args

import msgspec
import numpy as np

from musicassist.score.song import NOTE_COLUMNS, Notes, Song
from musicassist.score.song_bytes import pack_changes, packed, unpacked, with_changes
from musicassist.sound.messages import Audition, Command, Report, Sent, SetSong

_FRAME = struct.Struct("<I")  # bytes of the message behind it
_MAX_FRAME_BYTES = 1 << 30  # LIMIT: 2 million notes are 64 MB
_NO_MESSAGE = "this is no sound message"
_NO_SONG = Song()
_KINDS: dict[str, type[Sent]] = {kind.__name__: kind for kind in (*get_args(Command), *get_args(Report))}
_FIELDS = struct.Struct("<qdddddd")  # of a ``Position``
_CHECK = struct.Struct("<I")
BOARD_BYTES = _FIELDS.size + _CHECK.size
_READ_ATTEMPTS = 8  # LIMIT: the writer needs less than a microsecond


def encode(message: Sent, known: Song = _NO_SONG) -> bytes:
    """The message as bytes, its frame included; ``known`` is the song that was sent before it through the same pipe."""
    name, raw = type(message).__name__, bytearray()

    def plain_of(value: object) -> object:
        if isinstance(value, np.ndarray):
            raw.extend(value.astype("<i8").tobytes())
            return len(value)
        return value.item() if isinstance(value, np.generic) else os.fspath(value)  # type: ignore[call-overload]

    if isinstance(message, SetSong):
        body = packed([name, None], pack_changes(known, message.song))
    else:
        values = {f.name: _columns_of(getattr(message, f.name)) for f in fields(message)}
        body = packed([name, msgspec.to_builtins(values, enc_hook=plain_of)], bytes(raw))
    return _FRAME.pack(len(body)) + body


def _columns_of(value: object) -> object:
    """Of notes the columns alone: they keep beside them what was worked out of them, which msgspec would send too."""
    if isinstance(value, tuple) and value and isinstance(value[0], Audition):
        return [{f.name: _columns_of(getattr(part, f.name)) for f in fields(part)} for part in value]
    if not isinstance(value, Notes):
        return value
    return {name: getattr(value, name) for name in (NOTE_COLUMNS if value.has_pins else NOTE_COLUMNS[:-1])}


def decode(body: bytes, known: Song = _NO_SONG) -> Sent:
    """The message back from the body of its frame; ``known`` as for :func:`encode`.

    Raises:
        ValueError: It is no message, or has notes that no synth can play.
    """
    try:
        (name, plain), raw = unpacked(body)
        if name == SetSong.__name__:
            song = with_changes(known, raw)
            checked = {id(track) for track in known.tracks}
            for track in song.tracks:
                if id(track) not in checked:
                    _check(track.notes)
            return SetSong(song)
        return _message(_KINDS[name], plain, memoryview(raw))
    except (KeyError, TypeError, AttributeError, RecursionError, ValueError) as error:
        raise ValueError(_NO_MESSAGE) from error


def _message(kind: type[Sent], plain: object, raw: memoryview) -> Sent:
    def value_of(kind: type, plain: Any) -> object:
        nonlocal raw
        if kind is Path:
            return Path(plain)
        column, raw = np.frombuffer(raw, dtype="<i8", count=plain), raw[8 * plain :]
        return column

    message: Sent = msgspec.convert(plain, kind, dec_hook=value_of)
    if isinstance(message, Audition):
        for part in (message, *message.parts):
            if part.notes is not None:
                _check(part.notes)
    return message


def _check(notes: Notes) -> None:
    """Raises ``ValueError`` where a byte of MIDI would not do, or a note ends before it begins."""
    columns = [getattr(notes, name) for name in NOTE_COLUMNS]
    if len({len(column) for column in columns}) > 1:
        raise ValueError("columns of unequal length")
    if ((notes.pitch | notes.velocity) & ~0x7F).any() or (len(notes) and notes.duration_ticks.min() < 0):
        raise ValueError("notes that no synth can play")


def read_message(stream: IO[bytes], known: Song = _NO_SONG) -> Sent | None:
    """The next message of a pipe; None at its end, also in the middle of a message. Waits.

    Raises:
        ValueError: What comes is no message.
    """
    head = stream.read(_FRAME.size)
    if len(head) < _FRAME.size:
        return None
    (length,) = _FRAME.unpack(head)
    if length > _MAX_FRAME_BYTES:
        raise ValueError(_NO_MESSAGE)
    body = stream.read(length)
    return decode(body, known) if len(body) == length else None


@dataclass(frozen=True, slots=True)
class Position:
    """Where the song is heard at a moment, and how it goes on from there.

    Attributes:
        number: The last command that moved the position and is obeyed.
        tick: The place.
        ticks_per_second: How fast it moves; 0 while stopped.
        at_seconds: The moment, on the clock of ``time.monotonic``, which all processes share.
        loop_start_tick, loop_end_tick: What is repeated; equal if nothing is.
        waiting_ticks: How long it still waits there, counted in.
    """

    number: int = 0
    tick: float = 0.0
    ticks_per_second: float = 0.0
    at_seconds: float = 0.0
    loop_start_tick: float = 0.0
    loop_end_tick: float = 0.0
    waiting_ticks: float = 0.0

    def tick_at(self, seconds: float) -> float:
        """The place at another moment of ``time.monotonic``, the wait before it moves and the loop respected."""
        tick = self.tick + max(0.0, self._passed_ticks(seconds) - self.waiting_ticks)
        length = self.loop_end_tick - self.loop_start_tick
        if length > 0 and self.tick < self.loop_end_tick <= tick:
            tick = self.loop_start_tick + (tick - self.loop_end_tick) % length
        return tick

    def waiting_at(self, seconds: float) -> float:
        """How long it still waits at another moment, in ticks."""
        return max(0.0, self.waiting_ticks - self._passed_ticks(seconds))

    def _passed_ticks(self, seconds: float) -> float:
        return self.ticks_per_second * max(0.0, seconds - self.at_seconds)


class PositionBoard:
    """A small file in memory. One process writes, another reads; a half-written position is never returned."""

    def __init__(self, path: Path) -> None:
        """Maps the file, which is made if it is not there."""
        with path.open("a+b") as file:
            if path.stat().st_size < BOARD_BYTES:
                file.truncate(BOARD_BYTES)
            self._memory = mmap.mmap(file.fileno(), BOARD_BYTES)
        self._last = Position()

    def write(self, position: Position) -> None:
        """Puts a position on the board."""
        data = _FIELDS.pack(*astuple(position))
        self._memory[:BOARD_BYTES] = data + _CHECK.pack(zlib.crc32(data))

    def read(self) -> Position:
        """The newest whole position."""
        for _ in range(_READ_ATTEMPTS):
            data = self._memory[:BOARD_BYTES]
            if _CHECK.unpack_from(data, _FIELDS.size)[0] == zlib.crc32(data[: _FIELDS.size]):
                self._last = Position(*_FIELDS.unpack_from(data))
                break
        return self._last

    def close(self) -> None:
        """Unmaps the file."""
        self._memory.close()
