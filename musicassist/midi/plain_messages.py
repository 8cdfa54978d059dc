"""The messages of chunks in which nothing is unusual, many at a time; whatever is, goes to ``messages`` byte by byte.

Channel messages of two data bytes are recognised by what they have in common: exactly three bytes below 128, the last
of the time and both of data. So a chunk is cut where something else stands, programs and system messages are written
in the same form, and all chunks of a file are decoded and checked as one column. What is accepted reads as
``messages.read_messages`` reads it; a C parser is no help here, because those at hand (symusic's) drop what they do not
know: the order within a tick, sysex, texts, and where an end mark stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from musicassist.midi.messages import (
    FILLER,
    FILLER_TICKS,
    MAX_TICK,
    ChunkMessages,
    DamagedError,
    Others,
    read_vlq,
)
from musicassist.score.song import Column

_SPECIAL = re.compile(rb"[\xc0-\xdf\xf0-\xff]")  # programs, pressure, sysex and meta; or the times of long rests
_HIGH = bytes(range(0x80, 0x100))
_SYSEX, _SYSEX_MORE, _META, _END_OF_TRACK = 0xF0, 0xF7, 0xFF, 0x2F
_BEGIN = b"\x00\xf1\x00\x00"  # stands before each chunk, so that none goes on with a status of the chunk before it
_BEGIN_STATUS = _BEGIN[1]
_SYSTEM = b"\xff\x00\x00"  # stands for a system message, whose bytes are kept beside
_LONGEST_DELTA_BYTES = 4
_CAN_RUN = np.zeros(256, dtype=bool)  # by status: whether messages of two data bytes may follow without one
_CAN_RUN[0x80:0xC0] = _CAN_RUN[0xE0:0xF0] = True


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
            return (start, at, low_bytes // 3) if at - start <= _LONGEST_DELTA_BYTES else None
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
    if longer_by.max() >= _LONGEST_DELTA_BYTES or gap.max() > 2 or (data2 - data1).max() > 1:
        return None
    long = np.flatnonzero(longer_by)
    for byte in range(1, _LONGEST_DELTA_BYTES):
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
