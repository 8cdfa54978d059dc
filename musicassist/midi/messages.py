"""The messages of one track chunk, read without trusting a byte; what is plain is read faster by ``plain_messages``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from musicassist.midi.findings import Findings
from musicassist.score.song import Column, Track

MAX_TICK = 2**31 - 1  # LIMIT: later than any music; what stands there is cut by the reader
FILLER_TICKS = 0x0FFFFFFF  # the longest time that one delta can hold
FILLER = b"\xff\x7f"  # an empty event that the writer puts into longer silences
_MOST_LOOSE = 65536  # Python numbers kept before they become a column
_COUNTED_MESSAGES = 4096  # how many messages are read before they are counted

_DATA_BYTES_OF_SYSTEM_MESSAGE = {0xF1: 1, 0xF2: 2, 0xF3: 1}


Others = list[tuple[int, int, bytes]]
Fate = Literal["followed", "last", "cut"]


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
        if len(self._loose) > _MOST_LOOSE:
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


_MIDI_PORT = b"\xff\x21"
MIDI_PORTS = 16  # LIMIT: of sixteen channels each; ports of higher numbers begin anew
Wire = tuple[str | None, int, int]  # the output by name, the port of the file, the channel


def midi_port_of(track: Track) -> int:
    """The number of the port that the file names for a track, 0..15; 0 where it names none."""
    first_note_tick = int(track.notes.start_tick[0]) if len(track.notes) else 0
    for event in track.events:
        if event.tick > first_note_tick:
            break
        if event.data[:2] == _MIDI_PORT and len(event.data) == 3:
            return event.data[2] % MIDI_PORTS
    return 0


def midi_port_event(port: int) -> bytes:
    """The event that names a port."""
    return _MIDI_PORT + bytes((port,))


def wire_of(track: Track) -> Wire:
    """What tracks that share an instrument have in common."""
    return track.output_port, midi_port_of(track), track.channel


_CONTROL, _PRESSURE, _BEND = 0xB0, 0xD0, 0xE0
_MODULATION, _BREATH = 1, 2
_PEDALS = range(64, 70)  # sustain, portamento, sostenuto, soft, legato, hold
HELD_CONTROLS = (_MODULATION, _BREATH, *_PEDALS)
Slot = tuple[int, int]  # status byte, and the controller's number or 0
Moved = tuple[int, int, int]


def slot_of(message: Sequence[int]) -> Slot | None:
    """Which control a message of two or three bytes moves; None if none that is held."""
    if not 2 <= len(message) <= 3:
        return None
    status, data1 = message[0], message[1]
    if status & 0xF0 == _CONTROL:
        return (status, data1) if data1 in HELD_CONTROLS else None
    return (status, 0) if status & 0xF0 in (_BEND, _PRESSURE) else None


def at_rest(slot: Slot) -> Moved:
    """The message that lets a control go: the bender in the middle, everything else at 0."""
    status, control = slot
    return (status, 0, 64) if status & 0xF0 == _BEND else (status, control, 0)


def is_at_rest(message: Sequence[int]) -> bool:
    """Whether a message that moves a control lets it go."""
    slot = slot_of(message)
    return slot is not None and tuple(message) == at_rest(slot)[: len(message)]


def as_bytes(message: Moved) -> bytes:
    """The message as a track keeps it: pressure has one data byte."""
    return bytes(message[:2] if message[0] & 0xF0 == _PRESSURE else message)


def held_after(messages: Iterable[bytes]) -> dict[Slot, bytes]:
    """By control, the message that holds it where it is not at rest after these, in the order in which they came."""
    held: dict[Slot, bytes] = {}
    for message in messages:
        slot = slot_of(message)
        if slot is None:
            continue
        held.pop(slot, None)
        if not is_at_rest(message):
            held[slot] = message
    return held
