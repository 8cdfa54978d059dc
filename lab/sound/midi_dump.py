"""What ``jack_midi_dump -a`` prints, a receiver that we did not write, as timed messages."""

from __future__ import annotations

from collections.abc import Iterator

from lab.sound.jack_system import JACK_SAMPLE_RATE
from musicassist.sound.midi_bytes import CHANNEL_PRESSURE, PROGRAM

_SONG_POSITION, _REAL_TIME = 0xF2, 0xF0
Heard = tuple[float, bytes]  # seconds of JACK's frames, message


def heard_messages(dump: str) -> Iterator[Heard]:
    """The messages of a dump: each line is a frame, a colon, bytes in hexadecimal, and perhaps words."""
    for line in dump.splitlines():
        frame, _, words = line.partition(":")
        data = words.split()
        if frame.strip().isdigit() and data:
            length = _length(int(data[0], 16))
            yield int(frame) / JACK_SAMPLE_RATE, bytes(int(byte, 16) for byte in data[:length])


def _length(status: int) -> int:
    """How many bytes a message has."""
    if status >= _REAL_TIME:
        return 3 if status == _SONG_POSITION else 1
    return 2 if status & 0xF0 in (PROGRAM, CHANNEL_PRESSURE) else 3
