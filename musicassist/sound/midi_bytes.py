"""The bytes of MIDI messages as playback, keys and synths share them. Used as ``midi``: ``midi.NOTE_ON``."""

from __future__ import annotations

from musicassist.midi.synth_state import SYSEX

# A whole message; a channel message has three numbers. Above the status byte stand the route (0 is what plays the whole
# song, others are ports of single tracks) and the port that the file names (FF 21). A two-byte message has 0 as its
# third byte, but a program the bank that it means (see ``banks``).
Message = tuple[int, ...]

NOTE_OFF, NOTE_ON, KEY_PRESSURE, CONTROL, PROGRAM, CHANNEL_PRESSURE, BEND = 0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0
KIND_MASK, CHANNEL_MASK = 0xF0, 0x0F
ROUTE_SHIFT, PORT_SHIFT = 8, 16
ROUTE_MASK = 0xFF << ROUTE_SHIFT

BANK_CONTROLS = (0, 32)
SUSTAIN_CONTROL, SOSTENUTO_CONTROL = 64, 66
HOLD_CONTROLS = (SOSTENUTO_CONTROL, 67, 69, SUSTAIN_CONTROL)  # what keeps a note, or the next one, other than it is
ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF = 120, 121, 123
RELEASE_VELOCITY = 64  # with it a key goes up that nobody lets go, or whose velocity is not known


def channel_of(status: int) -> int:
    """The channel of a message, with its route and port."""
    return status & ~KIND_MASK


def is_sysex(message: Message) -> bool:
    """Whether a message is a system exclusive one, with all its bytes."""
    return message[0] & 0xFF == SYSEX


def is_clock(message: Message) -> bool:
    """Whether a message tells followers the tempo or the place, and is no music."""
    return message[0] & KIND_MASK == SYSEX and message[0] & 0xFF != SYSEX


def ends_notes(control: int) -> bool:
    """Whether a controller ends the notes of its channel: all sound off, all notes off, and the modes behind it."""
    return control == ALL_SOUND_OFF or control >= ALL_NOTES_OFF


def length_of(status: int, bytes_given: int) -> int:
    """How many bytes a message has, by its first."""
    if status == SYSEX:
        return bytes_given
    if status >= SYSEX:
        return 3 if status == 0xF2 else 1  # the song position, and clock
    return 2 if status & KIND_MASK in (PROGRAM, CHANNEL_PRESSURE) else 3


def channel_message(data: bytes) -> bytes | None:
    """The channel message that stands in what a port sent; None if it is none, such as a clock, or is broken."""
    if not data or not NOTE_OFF <= data[0] < SYSEX:
        return None
    length = length_of(data[0], len(data))
    message = data[:length]
    return message if len(message) == length and max(message[1:]) < 0x80 else None
