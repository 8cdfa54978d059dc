"""The messages of track chunks, read without trusting a byte: plain chunks many at a time, others byte by byte.

Channel messages of two data bytes are recognised by what they have in common: exactly three bytes below 128, the last
of the time and both of data. So a plain chunk is cut where something else stands, programs and system messages are
written in the same form, and all plain chunks of a file are decoded and checked as one column. What is accepted reads
as ``read_messages`` reads it byte by byte. A C parser is no help: those at hand (symusic's) drop what they do not know,
such as the order within a tick, sysex, texts, and where an end mark stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from musicassist.midi.findings import Findings
from musicassist.score.song import Column

MAX_TICK = 2**31 - 1  # LIMIT: later than any music; what stands there is cut by the reader
FILLER_TICKS = 0x0FFFFFFF  # the longest time that one delta can hold
FILLER = b"\xff\x7f"  # an empty event that the writer puts into longer silences
_MAX_LOOSE = 65536  # Python numbers kept before they become a column
_COUNTED_MESSAGES = 4096  # how many messages are read before they are counted
_DATA_BYTES_OF_SYSTEM_MESSAGE = {0xF1: 1, 0xF2: 2, 0xF3: 1}
Others = list[tuple[int, int, bytes]]
Fate = Literal["followed", "last", "cut"]
_SPECIAL = re.compile(rb"[\xc0-\xdf\xf0-\xff]")  # programs, pressure, sysex and meta; or the times of long rests
_HIGH = bytes(range(0x80, 0x100))
_SYSEX, _SYSEX_MORE, _META, _END_OF_TRACK = 0xF0, 0xF7, 0xFF, 0x2F
_BEGIN = b"\x00\xf1\x00\x00"  # stands before each chunk, so that none goes on with a status of the chunk before it
_SYSTEM = b"\xff\x00\x00"  # stands for a system message, whose bytes are kept beside
_MAX_DELTA_BYTES = 4
_CAN_RUN = np.zeros(256, dtype=bool)  # by status: whether messages of two data bytes may follow without one
_CAN_RUN[0x80:0xC0] = _CAN_RUN[0xE0:0xF0] = True


class DamagedError(Exception):
    """The chunk cannot be understood from here on."""


class TooManyError(Exception):
    """More messages than we open."""


@dataclass(frozen=True)
class ChunkMessages:
    """What stands in one chunk, in its order.

    Attributes:
        packed: Channel messages, shape (n,): tick << 24 | status << 16 | data1 << 8 | data2.
        others: Meta and sysex events as (count of channel messages before it, tick, data as in ``score.song.Event``).
        end_tick: Where its end mark stands; None without one.
    """

    packed: Column
    others: Others
    end_tick: int | None


def read_messages(
    body: bytes, findings: Findings, *, most: int, fate: Fate, stop_at_end: bool
) -> tuple[ChunkMessages, int]:
    """Reads one chunk's body; whatever is damaged ends it and is found in ``findings``.

    Args:
        body: The chunk without its header; may be too long or too short.
        findings: Where clipped values, damage and the like are counted.
        most: Raises when there are more messages.
        fate: Whether the file goes on behind the body, so that a broken last message means damage; whether it is the
            last, so that this means a cut file; or whether its length says that the file was cut.
        stop_at_end: Whether to stop at the end mark; else what follows it inside the body is read, too.

    Returns:
        The messages, and how many bytes were read.

    Raises:
        TooManyError: There are more than ``most`` messages.
    """
    reader = _ChunkReader(body, findings, most)
    try:
        reader.read(stop_at_end=stop_at_end)
    except IndexError:
        if reader.end_tick is None:
            findings.add("damaged" if fate == "followed" else "truncated")
    except DamagedError:
        if reader.end_tick is None:
            findings.add("damaged")
    else:
        if reader.end_tick is None:
            findings.add("truncated" if fate == "cut" else "no_end")
    return ChunkMessages(reader.packed(), reader.others, reader.end_tick), reader.position


class _ChunkReader:
    """The state of reading one chunk."""

    def __init__(self, body: bytes, findings: Findings, most: int) -> None:
        self.others: Others = []
        self.end_tick: int | None = None
        self.position = 0
        self._body = body
        self._findings = findings
        self._most = most
        self._tick = 0
        self._running = 0
        self._count = 0
        self._columns: list[Column] = []
        self._loose: list[int] = []

    def packed(self) -> Column:
        """All channel messages so far."""
        self._pack_loose()
        return np.concatenate(self._columns) if self._columns else np.zeros(0, dtype=np.int64)

    def read(self, *, stop_at_end: bool) -> None:
        """Reads until the body ends.

        Raises:
            IndexError: A message is cut off by the end of the body.
            DamagedError: A byte makes no sense.
            TooManyError: There are too many messages.
        """
        size = len(self._body)
        while self.position < size:
            if self._read_loose(size) and stop_at_end:
                return
            self._check_count()

    def _check_count(self) -> None:
        if self._count + len(self.others) > self._most:
            raise TooManyError
        if len(self._loose) > _MAX_LOOSE:
            self._pack_loose()

    def _pack_loose(self) -> None:
        if self._loose:
            self._columns.append(np.array(self._loose, dtype=np.int64))
            self._loose.clear()

    def _read_loose(self, size: int) -> bool:
        """Reads some messages one by one; True when an end mark was among them."""
        body, position, tick, running = self._body, self.position, self._tick, self._running
        loose, findings = self._loose, self._findings
        before = len(loose)
        left = _COUNTED_MESSAGES
        try:
            while position < size and left:
                left -= 1
                delta = body[position]
                next_position = position + 1
                if delta > 0x7F:
                    delta, next_position = read_vlq(body, position)
                tick = min(tick + delta, MAX_TICK + 1)
                status = body[next_position]
                if status > 0xEF:
                    self._count += len(loose) - before
                    before = len(loose)
                    position = self._read_other(status, next_position + 1, tick, delta)
                    if self.end_tick is not None and status == 0xFF and body[next_position + 1] == 0x2F:
                        return True
                    continue
                if status > 0x7F:
                    next_position += 1
                else:
                    status = running
                    if status == 0:
                        raise DamagedError
                data1 = body[next_position]
                if data1 > 0x7F:
                    data1 = 0x7F
                    findings.add("clipped")
                if 0xBF < status < 0xE0:
                    loose.append(tick << 24 | status << 16 | data1 << 8)
                    position = next_position + 1
                else:
                    data2 = body[next_position + 1]
                    if data2 > 0x7F:
                        data2 = 0x7F
                        findings.add("clipped")
                    loose.append(tick << 24 | status << 16 | data1 << 8 | data2)
                    position = next_position + 2
                running = status
        finally:
            self.position, self._tick, self._running = position, tick, running
            self._count += len(loose) - before
        return False

    def _read_other(self, status: int, position: int, tick: int, delta: int) -> int:
        """Reads one meta, sysex or system message; gives where the next begins."""
        body = self._body
        if status not in {0xF0, 0xF7, 0xFF}:
            self._findings.add("system_messages")
            return position + _DATA_BYTES_OF_SYSTEM_MESSAGE.get(status, 0)
        start = position
        if status == 0xFF:
            start += 1
        length, begin = read_vlq(body, start)
        head = bytes((status,)) + body[position:start]
        if head == b"\xff\x2f":
            self.end_tick = tick
            return begin + length
        if begin + length > len(body):
            raise IndexError
        if length or head != FILLER or delta != FILLER_TICKS:
            self.others.append((self._count, tick, head + body[begin : begin + length]))
        return begin + length


def read_vlq(body: bytes, position: int) -> tuple[int, int]:
    """A number of at most four bytes of seven bits, and where the next byte stands.

    Raises:
        DamagedError: It is longer.
        IndexError: The body ends within it.
    """
    value = 0
    for place in range(position, position + 4):
        byte = body[place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    raise DamagedError


@dataclass
class PlainChunk:
    """A chunk in the one form.

    Attributes:
        parts: Its bytes, one behind the other.
        rows: How many messages these are, the mark of its beginning and its system messages among them.
        systems: The rows of the system messages that are kept, and their data as in ``score.song.Event``.
    """

    parts: list[bytes] = field(default_factory=lambda: [_BEGIN])
    rows: int = 1
    systems: list[tuple[int, bytes]] = field(default_factory=list)
    mark_rows: int = 2  # of its beginning, its end, and of empty events that fill silences

    @property
    def count(self) -> int:
        """How many messages it holds."""
        return self.rows - self.mark_rows


def plain_chunk(body: bytes) -> PlainChunk | None:
    """The chunk in the one form; None where it is unusual: whatever has no end mark as its last message is."""
    try:
        return _plain_chunk(body)
    except (IndexError, DamagedError):
        return None


def _plain_chunk(body: bytes) -> PlainChunk | None:
    chunk = PlainChunk()
    position = 0
    while True:
        event = _next_special(body, position)
        if event is None:
            return None
        start, at, run_rows = event
        chunk.parts.append(body[position:start])
        chunk.rows += run_rows
        status = body[at]
        if status < _SYSEX:
            position = at + 2
            if body[at + 1] > 0x7F:
                return None
            chunk.parts.append(body[start:position] + b"\0")
            chunk.rows += 1
            continue
        if status not in {_SYSEX, _SYSEX_MORE, _META}:
            return None
        head_end = at + 2 if status == _META else at + 1
        length, begin = read_vlq(body, head_end)
        position = begin + length
        if position > len(body):
            return None
        chunk.parts.append(body[start:at] + _SYSTEM)
        chunk.rows += 1
        head = body[at:head_end]
        if status == _META and head[1] == _END_OF_TRACK:
            return chunk if position == len(body) else None
        if length or head != FILLER or read_vlq(body, start)[0] != FILLER_TICKS:
            chunk.systems.append((chunk.rows - 1, head + body[begin:position]))
        else:
            chunk.mark_rows += 1


def _next_special(body: bytes, position: int) -> tuple[int, int, int] | None:
    """Where the next message begins that is no channel message of two data bytes, its status, and how many come before.

    None where there is none, or what comes before is damaged.
    """
    counted, low_bytes = position, 0
    while (found := _SPECIAL.search(body, counted)) is not None:
        at = found.start()
        low_bytes += len(body[counted:at].translate(None, _HIGH))
        if low_bytes % 3 == 1 and body[at - 1] < 0x80:
            start = at - 1
            while start > position and body[start - 1] > 0x7F:
                start -= 1
            return (start, at, low_bytes // 3) if at - start <= _MAX_DELTA_BYTES else None
        if low_bytes % 3:
            return None
        counted = at + 1  # it is of a time
    return None


def messages_of(chunks: Sequence[PlainChunk]) -> list[ChunkMessages] | None:
    """The messages of all chunks of a file; None where one of them is not plain after all."""
    raw = np.frombuffer(b"".join([part for chunk in chunks for part in chunk.parts]), dtype=np.uint8)
    low = np.flatnonzero(raw < 0x80)
    row_ends = np.cumsum([chunk.rows for chunk in chunks])
    if not len(low) or len(low) != 3 * row_ends[-1]:
        return None
    delta_end, data1, data2 = low[::3], low[1::3], low[2::3]
    delta = raw[delta_end].astype(np.int64)
    longer_by = np.diff(data2, prepend=-1) - 1 - (data2 - delta_end)
    gap = data1 - delta_end
    if longer_by.max() >= _MAX_DELTA_BYTES or gap.max() > 2 or (data2 - data1).max() > 1:
        return None
    long = np.flatnonzero(longer_by)
    for byte in range(1, _MAX_DELTA_BYTES):
        long = long[longer_by[long] >= byte]
        delta[long] += (raw[delta_end[long] - byte].astype(np.int64) & 0x7F) << (7 * byte)
    status = raw[data1 - 1].astype(np.int64)
    has_status = gap == 2
    if not has_status.all():
        setters = np.where(has_status & (status != _META), np.arange(len(status)), 0)
        status = np.where(has_status, status, status[np.maximum.accumulate(setters)])
        if not (has_status | _CAN_RUN[status]).all():
            return None
    time = np.cumsum(delta)
    begins = row_ends - [chunk.rows for chunk in chunks]
    tick = np.minimum(time - np.repeat(time[begins], np.diff(row_ends, prepend=0)), MAX_TICK + 1)
    packed = tick << 24 | status << 16 | raw[data1].astype(np.int64) << 8 | raw[data2]
    is_channel = status < _SYSEX
    return _split(chunks, packed[is_channel], tick, is_channel)


def _split(chunks: Sequence[PlainChunk], packed: Column, tick: Column, is_channel: np.ndarray) -> list[ChunkMessages]:
    messages_before = np.concatenate([[0], np.cumsum(is_channel)])
    messages, start = [], 0
    for chunk in chunks:
        first, end = int(messages_before[start]), start + chunk.rows
        others: Others = [
            (int(messages_before[start + row]) - first, int(tick[start + row]), data) for row, data in chunk.systems
        ]
        messages.append(ChunkMessages(packed[first : messages_before[end]], others, int(tick[end - 1])))
        start = end
    return messages
