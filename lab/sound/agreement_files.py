"""Files for the agreement with FluidSynth's player: written ones with every controller, and each track of one alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

Rows = list[tuple[int, bytes]]
_TICKS_PER_BEAT = 480
_NOTE_STEPS = (240, 240, 480, 480, 720)
_CONTROLS = [number for number in range(128) if number != 122 and not 124 <= number <= 127]  # no modes
_DRUM_CHANNEL = 9
_TRACKS, _NOTES = (3, 6), (16, 28)


def written_file(seed: int) -> bytes:
    """A file with tracks of notes among any messages, several of them on one tick; the same for the same seed."""
    chance = random.Random(seed)
    conductor: Rows = [(0, _tempo(chance.randint(400_000, 900_000)))]
    conductor += [(960 * chance.randint(1, 8), _tempo(chance.randint(300_000, 1_200_000))) for _ in range(3)]
    if chance.random() < 0.3:
        conductor.append((0, b"\xf0\x05\x7e\x7f\x09\x01\xf7"))
    channels = chance.sample(range(16), chance.randint(*_TRACKS))
    if chance.random() < 0.5:
        channels.append(channels[0])  # two staves on one channel
    tracks = [_track(channel, chance) for channel in channels]
    return _file([conductor, *tracks])


def _track(channel: int, chance: random.Random) -> Rows:
    rows = [(0, message) for message in _header(channel, chance)]
    tick = chance.choice((0, 480, 960))
    for _ in range(chance.randint(*_NOTES)):
        pitch = chance.randint(35, 59) if channel == _DRUM_CHANNEL else chance.randint(40, 90)
        length = chance.choice((100, 200, 240, 480))
        for _ in range(chance.choice((0, 0, 1, 1, 2, 4))):
            rows += [(tick, message) for message in _messages(channel, chance)]
        rows.append((tick, bytes((0x90 | channel, pitch, chance.randint(40, 127)))))
        for _ in range(chance.choice((0, 0, 1))):
            rows += [(tick + chance.choice((0, 60, 120)), message) for message in _messages(channel, chance)]
        rows.append((tick + length, bytes((0x80 | channel, pitch, 64))))
        tick += chance.choice(_NOTE_STEPS)
    return rows


def _header(channel: int, chance: random.Random) -> Iterator[bytes]:
    """What programs write at the start of a track, in an order of their own."""
    control = 0xB0 | channel
    parts = [
        [bytes((control, 0, 0)), bytes((control, 32, 0)), bytes((0xC0 | channel, chance.randrange(128)))],
        [bytes((control, 7, chance.randint(60, 127)))],
        [bytes((control, 10, chance.randrange(128)))],
        _parameter(channel, (101, 100), (0, 0), chance.choice((2, 2, 12, 24))),
        _parameter(channel, (101, 100), (0, 1), 64),
        _parameter(channel, (101, 100), (0, 2), 64),
    ]
    chance.shuffle(parts)
    for part in parts[: chance.randint(0, len(parts))]:
        yield from part


def _messages(channel: int, chance: random.Random) -> list[bytes]:
    kind = chance.randrange(10)
    value = chance.randrange(128)
    if kind <= 3:
        number = chance.choice(_CONTROLS)
        if number in (7, 11):  # mostly loud enough to be heard
            value = max(value, 50)
        return [bytes((0xB0 | channel, number, value))]
    if kind == 4:
        return [bytes((0xC0 | channel, value))]
    if kind == 5:
        return [bytes((0xE0 | channel, chance.randrange(128), value)) for _ in range(chance.randint(1, 2))]
    if kind == 6:
        number, values = chance.choice(((0, (2, 7, 12, 24)), (1, (40, 64, 90)), (2, (60, 64, 67))))
        return _parameter(channel, (101, 100), (0, number), chance.choice(values))
    if kind == 7:
        return _parameter(channel, (99, 98), (chance.choice((1, 120)), chance.randrange(60)), chance.randint(60, 68))
    if kind == 8:
        return [bytes((0xD0 | channel, value))]
    return [bytes((0xB0 | channel, 64, 0)), bytes((0xB0 | channel, 64, chance.choice((0, 127))))]


def _parameter(channel: int, choice: tuple[int, int], number: tuple[int, int], value: int) -> list[bytes]:
    pairs = [*zip(choice, number, strict=True), (38, 0), (6, value), *((control, 127) for control in choice)]
    return [bytes((0xB0 | channel, *pair)) for pair in pairs]


def _tempo(microseconds: int) -> bytes:
    return b"\xff\x51\x03" + microseconds.to_bytes(3, "big")


def _file(tracks: list[Rows]) -> bytes:
    return _header_chunk(1, len(tracks), _TICKS_PER_BEAT) + b"".join(_chunk(rows) for rows in tracks)


def _header_chunk(format_: int, tracks: int, division: int) -> bytes:
    return b"MThd\0\0\0\x06" + b"".join(number.to_bytes(2, "big") for number in (format_, tracks, division))


def _chunk(rows: Rows) -> bytes:
    ordered = sorted(rows, key=lambda row: row[0])
    ticks = [0, *(tick for tick, _ in ordered)]
    deltas = [later - earlier for earlier, later in pairwise(ticks)]
    body = b"".join(_vlq(delta) + message for delta, (_, message) in zip(deltas, ordered, strict=True))
    body += b"\0\xff\x2f\0"
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def _vlq(number: int) -> bytes:
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))


def tracks_alone(file: bytes) -> list[bytes]:
    """For each track of a file a file of that track, with the first one, which has the tempos; of format 0 the whole.

    What is no plain Standard MIDI File has none.
    """
    if file[:4] != b"MThd" or len(file) < 14:
        return []
    head = 8 + int.from_bytes(file[4:8], "big")
    format_, division = int.from_bytes(file[8:10], "big"), int.from_bytes(file[12:14], "big")
    chunks, at = [], head
    while at + 8 <= len(file):
        end = at + 8 + int.from_bytes(file[at + 4 : at + 8], "big")
        if file[at : at + 4] == b"MTrk" and end <= len(file):
            chunks.append(file[at:end])
        at = end
    if format_ != 1 or len(chunks) < 2:
        return [file] if chunks else []
    return [_header_chunk(1, 2, division) + chunks[0] + chunk for chunk in chunks[1:]]
