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
from dataclasses import dataclass
from itertools import accumulate
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
_SYSEX, _META = 0xF0, 0xFF
_KEPT_SYSTEM = frozenset((_SYSEX, 0xF7, _META))
_END_MARK = b"\xff\x2f"
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

    def __len__(self) -> int:
        return len(self.packed) + len(self.others)

    @property
    def last_tick(self) -> int:
        """Tick of its last message or end mark; 0 without any."""
        last = int(self.packed[-1]) >> 24 if len(self.packed) else 0
        return max(self.end_tick or 0, last, self.others[-1][1] if self.others else 0)

    def until(self, tick: int) -> ChunkMessages:
        """Without what stands behind a tick."""
        if self.last_tick <= tick:
            return self
        kept = int(self.packed.searchsorted(tick + 1 << 24))  # times never fall, so this cuts the end
        early = [row for row in self.others if row[1] <= tick]
        return ChunkMessages(self.packed[:kept], early, None if self.end_tick is None else min(self.end_tick, tick))


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
        systems: The system messages that are kept: row, how many channel messages come before, and data as in
            ``score.song.Event``.
    """

    parts: list[bytes]
    rows: int
    systems: list[tuple[int, int, bytes]]
    mark_rows: int  # of its beginning, its end, and of empty events that fill silences

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
    parts = [_BEGIN]
    systems: list[tuple[int, int, bytes]] = []
    rows, marks = 1, 2
    position = counted = low_bytes = 0
    for found in _SPECIAL.finditer(body):
        at = found.start()
        if at < counted:  # it is of the message before
            continue
        low_bytes += len(body[counted:at].translate(None, _HIGH))
        if low_bytes % 3 == 0:  # it is of a time
            counted = at + 1
            continue
        if low_bytes % 3 == 2 or body[at - 1] > 0x7F:
            return None
        start = at - 1
        while start > position and body[start - 1] > 0x7F:
            start -= 1
        if at - start > _MAX_DELTA_BYTES:
            return None
        rows += low_bytes // 3 + 1
        status = body[at]
        if status < _SYSEX:
            if body[at + 1] > 0x7F:
                return None
            parts.append(body[position : at + 2] + b"\0")
            position = at + 2
        else:
            head_end = at + 2 if status == _META else at + 1
            length = body[head_end]
            begin = head_end + 1
            if length > 0x7F:
                length, begin = read_vlq(body, head_end)
            parts += body[position:at], _SYSTEM
            position = begin + length
            if position > len(body) or status not in _KEPT_SYSTEM:
                return None
            head = body[at:head_end]
            if head == _END_MARK:
                return PlainChunk(parts, rows, systems, marks) if position == len(body) else None
            if length or head != FILLER or read_vlq(body, start)[0] != FILLER_TICKS:
                systems.append((rows - 1, rows - marks - len(systems), head + body[begin:position]))
            else:
                marks += 1
        counted, low_bytes = position, 0
    return None


def messages_of(chunks: Sequence[PlainChunk]) -> list[ChunkMessages] | None:
    """The messages of all chunks of a file; None where one of them is not plain after all."""
    joined = b"".join([part for chunk in chunks for part in chunk.parts])
    raw, values = np.frombuffer(joined, dtype=np.uint8), np.frombuffer(joined.translate(None, _HIGH), dtype=np.uint8)
    low = (raw < 0x80).nonzero()[0]
    rows = [chunk.rows for chunk in chunks]
    row_ends = list(accumulate(rows))
    if not len(low) or len(low) != 3 * row_ends[-1]:
        return None
    delta_end, data1, data2 = low[::3], low[1::3], low[2::3]
    gap = data1 - delta_end
    longer_by = delta_end.copy()  # by how many bytes each time is longer than one
    longer_by[1:] -= data2[:-1] + 1
    if longer_by.max() >= _MAX_DELTA_BYTES or gap.max() > 2 or (data2 - data1).max() > 1:
        return None
    tick = values[::3].astype(np.int64)
    long = longer_by.nonzero()[0]
    for byte in range(1, _MAX_DELTA_BYTES):
        if not len(long):
            break
        tick[long] += (raw[delta_end[long] - byte].astype(np.int64) & 0x7F) << (7 * byte)
        long = long[longer_by[long] > byte]
    status = raw[data1 - 1]
    has_status = gap == 2
    if not has_status.all():
        setters = np.arange(len(status))
        setters *= has_status & (status != _META)
        status = np.where(has_status, status, status[np.maximum.accumulate(setters)])
        if not (has_status | _CAN_RUN[status]).all():
            return None
    np.cumsum(tick, out=tick)
    tick -= tick[[end - own for end, own in zip(row_ends, rows, strict=True)]].repeat(rows)
    np.minimum(tick, MAX_TICK + 1, out=tick)
    packed = tick << 8
    packed |= status
    packed <<= 8
    packed |= values[1::3]
    packed <<= 8
    packed |= values[2::3]
    return _split(chunks, packed[status < _SYSEX], tick)


def _split(chunks: Sequence[PlainChunk], packed: Column, tick: Column) -> list[ChunkMessages]:
    """The messages of each chunk, of the channel messages and the ticks of all."""
    marks: list[int] = []  # the rows of what is no channel message, and of each chunk's end
    begin = 0
    for chunk in chunks:
        marks += [begin + row for row, _, _ in chunk.systems]
        begin += chunk.rows
        marks.append(begin - 1)
    ticks = iter(tick[marks].tolist())
    messages, first = [], 0
    for chunk in chunks:
        end = first + chunk.count - len(chunk.systems)
        others = [(before, tick, data) for (_, before, data), tick in zip(chunk.systems, ticks, strict=False)]
        messages.append(ChunkMessages(packed[first:end], others, next(ticks)))
        first = end
    return messages
