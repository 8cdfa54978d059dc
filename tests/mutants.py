"""Damaged MIDI files, the same ones for the same seed and count; and giants."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from random import Random

HOSTILE_EVENTS = (
    b"\xff\x51\x03\x00\x00\x00",  # no tempo
    b"\xff\x51\x03\xff\xff\xff",
    b"\xff\x51\x01\x07",
    b"\xff\x58\x04\x00\x02\x18\x08",  # 0/4
    b"\xff\x58\x04\x04\xff\x18\x08",  # 4/2**255
    b"\xff\x58\x01\x04",
    b"\xff\x59\x02\x08\x00",  # eight sharps
    b"\xff\x59\x02\x00\x07",
    b"\xff\x59\x00",
    b"\xff\x54\x05\xff\xff\xff\xff\xff",
    b"\xff\x03\x04\xff\xfe\x00\x81",
    b"\xff\x01\xff\xff\xff\x7f",  # a text as long as a length can say
    b"\xff\x01\xff\xff\xff\xff\xff\xff\x7f",
    b"\xff\x20\x01\xff",
    b"\xff\x2f\x00",
    b"\xff\x2f\x05abcde",
    b"\xff\x7f\x00",
    b"\xf0\xff\xff\xff\x7f\x00",
    b"\xf0\x03\x41\x10\xf7",
    b"\xf7\x02\x90\x3c",
    b"\xf1\x00",
    b"\xf2\x00\x00",
    b"\xf8",
    b"\x90\xff\xff",
    b"\x90\x3c\x40",  # never ended
    b"\x80\x3c\x40",
    b"\xc0\xff",
    b"\xb0\x7b\x00",  # all notes off
    b"\xb0\x78\x00",
    b"\xb0\x40\x7f",
    b"\xff\x21\x01\x01",
    b"\xff\x03\x06\x83\x73\x83\x41\x83\x6d",  # a name in Shift-JIS
    b"\xff\x05\x03\xe9\xa0\xff",
    b"\x3c\x40",
    b"MTrk\x00\x00\x00\x04",
)
HOSTILE_DELTAS = (
    b"\x00",
    b"\x60",
    b"\x81\x00",
    b"\xff\xff\xff\x7f",
    b"\xff\xff\xff\xff\x7f",
    b"\x80\x80\x80\x80\x80\x00",
)


def chunk(body: bytes, *, length: int | None = None) -> bytes:
    """A track chunk; its length may lie."""
    return b"MTrk" + struct.pack(">I", len(body) if length is None else length) + body


def header(format_: int = 1, count: int = 1, division: int = 480) -> bytes:
    """A file's header."""
    return b"MThd" + struct.pack(">IHHH", 6, format_, count, division)


def midi_file(*bodies: bytes, format_: int = 1, division: int = 480) -> bytes:
    """A file of some track bodies."""
    return header(format_, len(bodies), division) + b"".join(chunk(body) for body in bodies)


END = b"\x00\xff\x2f\x00"
ONE_NOTE = b"\x00\x90\x3c\x40\x60\x80\x3c\x40"


def sound_file(random: Random) -> bytes:
    """A valid file with everything a file may hold."""
    bodies = [
        b"\x00\xff\x03\x04Song\x00\xff\x51\x03\x07\xa1\x20\x00\xff\x58\x04\x03\x02\x18\x08\x00\xff\x59\x02\xfe\x01"
        + END
    ]
    for channel in random.sample(range(16), random.randint(1, 4)):
        body = bytearray(b"\x00\xff\x03\x03Lot\x00" + bytes((0xC0 | channel, random.randrange(128))))
        for _ in range(random.choice((5, 30, 120))):
            pitch, shape = random.randrange(128), random.randrange(6)
            body += bytes((random.randrange(128), 0x90 | channel, pitch, random.randint(1, 127)))
            body += b"\x81\x10" + (bytes((pitch, 0)) if shape else bytes((0x80 | channel, pitch, 64)))
            if shape == 1:
                body += bytes((0, 0xB0 | channel, 64, random.randrange(128), 0, 0xE0 | channel, 0, 64))
        bodies.append(bytes(body) + END)
    return midi_file(*bodies, format_=1, division=random.choice((96, 480, 960)))


def _flip_bits(data: bytearray, random: Random) -> None:
    for _ in range(random.choice((1, 2, 8, 40))):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _set_bytes(data: bytearray, random: Random) -> None:
    for _ in range(random.randint(1, 6)):
        data[random.randrange(len(data))] = random.choice((0, 1, 0x7F, 0x80, 0x90, 0xC0, 0xF0, 0xF7, 0xFF))


def _truncate(data: bytearray, random: Random) -> None:
    del data[random.randrange(len(data)) :]


def _cut_out(data: bytearray, random: Random) -> None:
    start = random.randrange(len(data))
    del data[start : start + random.randint(1, 40)]


def _insert_noise(data: bytearray, random: Random) -> None:
    place = random.randrange(len(data))
    data[place:place] = random.randbytes(random.randint(1, 40))


def _lie_in_header(data: bytearray, random: Random) -> None:
    place = random.choice((8, 10, 12))
    data[place : place + 2] = struct.pack(">H", random.choice((0, 1, 2, 3, 0x7FFF, 0x8000, 0xE728, 0xFFFF)))


def _lie_in_header_length(data: bytearray, random: Random) -> None:
    data[4:8] = struct.pack(">I", random.choice((0, 5, 7, 20, 2**31, 2**32 - 1)))


def _lie_in_length(data: bytearray, random: Random) -> None:
    place = data.rfind(b"MTrk") if random.random() < 0.5 else data.find(b"MTrk")
    data[place + 4 : place + 8] = struct.pack(">I", random.choice((0, 1, 7, 200, 2**31, 2**32 - 1)))


def _wrap(data: bytearray, random: Random) -> None:
    size = random.choice((len(data), 0, 2**31))
    data[:0] = b"RIFF" + struct.pack("<I", size + 12) + b"RMIDdata" + struct.pack("<I", size)


def _repeat_chunk(data: bytearray, _random: Random) -> None:
    data += data[max(data.rfind(b"MTrk"), 0) :]


def _splice(data: bytearray, random: Random) -> None:
    other = sound_file(random)
    data[random.randrange(len(data)) :] = other[random.randrange(len(other)) :]


def _insert_hostile(data: bytearray, random: Random) -> None:
    for _ in range(random.randint(1, 4)):
        place = random.choice((data.find(b"\x00\xff"), data.rfind(b"\x00\xff"), random.randrange(14, len(data))))
        data[max(place, 0) : max(place, 0)] = random.choice(HOSTILE_DELTAS) + random.choice(HOSTILE_EVENTS)


def _add_hostile_track(data: bytearray, random: Random) -> None:
    events = (random.choice(HOSTILE_DELTAS) + random.choice(HOSTILE_EVENTS) for _ in range(random.randint(1, 30)))
    data += chunk(b"".join(events))


def _drop_end(data: bytearray, _random: Random) -> None:
    del data[-4:]


OPERATORS: tuple[Callable[[bytearray, Random], None], ...] = (
    *(
        _flip_bits,
        _set_bytes,
        _truncate,
        _cut_out,
        _insert_noise,
        _lie_in_header,
        _lie_in_header_length,
        _lie_in_length,
    ),
    *(_wrap, _repeat_chunk, _splice, _insert_hostile, _insert_hostile, _add_hostile_track, _drop_end),
)


def mutants(seed: int, count: int) -> Iterator[bytes]:
    """Damaged files, each by one to three operators."""
    random = Random(seed)
    for _ in range(count):
        data = bytearray(sound_file(random))
        for operator in random.sample(OPERATORS, random.randint(1, 3)):
            if len(data) > 20:
                operator(data, random)
        yield bytes(data)


def giants(megabytes: float) -> dict[str, bytes]:
    """Large hostile files by name, each about so large or smaller."""
    size = int(megabytes * 2**20)
    note = b"\x00\x90\x3c\x40\x01\x80\x3c\x40"
    wandering = bytes(b for pitch in range(128) for b in (0, 0x90, pitch, 64))
    tempos = b"\x01\xff\x51\x03\x07\xa1\x20"
    return {
        "black notes": midi_file(note * (size // len(note)) + END),
        "dangling notes": midi_file(wandering * (size // len(wandering)) + END),
        "running status": midi_file(b"\x00\x90\x3c\x40" + b"\x01\x3c\x00\x00\x3c\x40" * (size // 6) + END),
        "ends without notes": midi_file(b"\x01\x80\x3c\x40" * (size // 4) + END),
        "tempos": midi_file(tempos * (size // 16) + END),
        "controllers": midi_file(b"\x81\x00\xb0\x07\x40" * (size // 8) + END),
        "one long delta": midi_file(b"\xff" * size),
        "one long length": midi_file(b"\x00\xff\x01" + b"\xff" * size),
        "zeros": midi_file(bytes(size)),
        "empty tracks": midi_file(*([END] * min(65_535, size // 12))),
        "lying tracks": header(1, 65_535) + chunk(b"", length=2**32 - 1) * (size // 8),
        "no end to the header": b"MThd" + b"\xff" * size,
        "text": b"MThd" + b"\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0" + b"lorem ipsum " * (size // 12),
        "late": midi_file(b"\xff\xff\xff\x7f\x90\x3c\x40" * (size // 7) + END),
        "one text": midi_file(b"\x00\xff\x01\xff\xff\x7f" + b"a" * 0x1FFFFF + END),
    }
