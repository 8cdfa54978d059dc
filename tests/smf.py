"""Standard MIDI Files byte by byte, so that a test can say what stands where, also what we would not write."""

from __future__ import annotations

from collections.abc import Iterable

Row = tuple[int, bytes]  # tick and message; rows of one tick stay in the order in which they are given


def on(channel: int, pitch: int, velocity: int = 100) -> bytes:
    """A key goes down."""
    return bytes((0x90 | channel, pitch, velocity))


def off(channel: int, pitch: int) -> bytes:
    """A key goes up."""
    return bytes((0x80 | channel, pitch, 64))


def control(channel: int, number: int, value: int) -> bytes:
    """A controller."""
    return bytes((0xB0 | channel, number, value))


def program(channel: int, number: int) -> bytes:
    """A program change."""
    return bytes((0xC0 | channel, number))


def bend(channel: int, value: int) -> bytes:
    """A pitch bend, -8192..8191."""
    return bytes((0xE0 | channel, value + 8192 & 0x7F, value + 8192 >> 7))


def meta(kind: int, payload: bytes) -> bytes:
    """A meta event."""
    return bytes((0xFF, kind)) + vlq(len(payload)) + payload


def sysex(text: str) -> bytes:
    """A system exclusive message; ``text`` is hexadecimal, without F0 and F7."""
    payload = bytes.fromhex(text) + b"\xf7"
    return b"\xf0" + vlq(len(payload)) + payload


def notes(
    channel: int, pitches: Iterable[int], step: int = 480, length: int | None = None, start: int = 0
) -> list[Row]:
    """One note after the other."""
    rows: list[Row] = []
    for place, pitch in enumerate(pitches):
        tick = start + place * step
        rows += [(tick, on(channel, pitch)), (tick + (length or step), off(channel, pitch))]
    return rows


def vlq(number: int) -> bytes:
    """A number of variable length."""
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))


def chunk(rows: Iterable[Row]) -> bytes:
    """A track chunk."""
    body, now = b"", 0
    for tick, message in sorted(rows, key=lambda row: row[0]):
        body += vlq(tick - now) + message
        now = tick
    body += b"\0\xff\x2f\0"
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def smf(*tracks: Iterable[Row], format_: int = 1, ticks_per_beat: int = 480) -> bytes:
    """A file; without a tempo it goes at 120 beats a minute."""
    chunks = [chunk(rows) for rows in tracks]
    head = b"".join(number.to_bytes(2, "big") for number in (format_, len(chunks), ticks_per_beat))
    return b"MThd\0\0\0\x06" + head + b"".join(chunks)
