"""The bytes of MIDI messages, and what they set in a synth: drum parts, banks, loudness, tuning, held controls.

Used as ``midi``: ``midi.NOTE_ON``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

# A whole message; a channel message has three numbers. Above the status byte stand the route (0 is what plays the whole
# song, others are ports of single tracks) and the port that the file names (FF 21). A two-byte message has 0 as its
# third byte, but a program the bank that it means (see ``BankRules``).
Message = tuple[int, ...]

NOTE_OFF, NOTE_ON, KEY_PRESSURE, CONTROL, PROGRAM, CHANNEL_PRESSURE, BEND = 0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0
KIND_MASK, CHANNEL_MASK = 0xF0, 0x0F
ROUTE_SHIFT, PORT_SHIFT = 8, 16
ROUTE_MASK = 0xFF << ROUTE_SHIFT

BANK_CONTROLS = (0, 32)
UNREGISTERED, REGISTERED = (99, 98), (101, 100)  # what chooses a parameter: its number's high byte, then the low one
DATA, DATA_LOW, INCREMENT, DECREMENT = VALUE_CONTROLS = 6, 38, 96, 97  # what sets the one that is chosen
BEND_RANGE, ZONE = (0, 0), (0, 6)  # registered parameters
NOTHING_CHOSEN = (127, 127)
SUSTAIN_CONTROL, SOSTENUTO_CONTROL = 64, 66
HOLD_CONTROLS = (SOSTENUTO_CONTROL, 67, 69, SUSTAIN_CONTROL)  # what keeps a note, or the next one, other than it is
ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF = 120, 121, 123
RELEASE_VELOCITY = 64  # with it a key goes up that nobody lets go, or whose velocity is not known
SYSEX, SYSEX_END = 0xF0, 0xF7
GM, GM2, GS, XG = "gm", "gm2", "gs", "xg"
DRUM_CHANNEL = 9  # as every standard has it after its reset
MAX_VOLUME = 16383
_ROLAND, _YAMAHA, _GS_MODEL, _XG_MODEL, _SENDS_DATA = 0x41, 0x43, 0x42, 0x4C, 0x12
_HALF = 64
# The third byte of a program change, which ports are not sent: a bank, 1..127; what the channel has by itself, which is
# bank 0, but drums on channel 10; or what it has not by itself.
USUAL_BANK, DRUM_KIT, NO_DRUM_KIT = 0, 128, 129
_GM2_DRUMS, _GM2_MELODIC = 120, 121
_XG_DRUMS, _XG_EFFECTS = (126, 127), 64
_MODULATION, _BREATH = 1, 2
_PEDALS = range(64, 70)  # sustain, portamento, sostenuto, soft, legato, hold
HELD_CONTROLS = (_MODULATION, _BREATH, *_PEDALS)
Slot = tuple[int, int]  # status byte, and the controller's number or 0
Moved = tuple[int, int, int]
_M = TypeVar("_M", bytes, Message)


def channel_of(status: int) -> int:
    """The channel of a message, with its route and port."""
    return status & ~KIND_MASK


def cable_channel(status: int) -> int:
    """The channel of a message among those of all ports that a file names, 0..255."""
    return status & CHANNEL_MASK | (status >> PORT_SHIFT) << 4


def parts_of(message: Sequence[int]) -> tuple[int, int, int, int]:
    """Kind, channel (with route and port) and two data bytes of a channel message, 0 for those that are not there.

    A key that is struck with velocity 0 is let go. Source: MIDI 1.0 Detailed Specification, "Note-Off".
    """
    status, data1, data2 = (*message[:3], 0, 0)[:3]
    if status & KIND_MASK == NOTE_ON and not data2:
        return NOTE_OFF, channel_of(status), data1, RELEASE_VELOCITY
    return status & KIND_MASK, channel_of(status), data1, data2


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


@dataclass(frozen=True)
class SystemReset:
    """Everything is as when the synth is turned on, by the rules of a standard: one of GM, GM2, GS and XG."""

    standard: str


@dataclass(frozen=True)
class DrumPart:
    """A channel, 0..15, plays drums from now on, or no longer."""

    channel: int
    is_drums: bool


@dataclass(frozen=True)
class MasterVolume:
    """How loud the whole is, 0..16383."""

    value: int

    @property
    def gain(self) -> float:
        """The amplitude's factor, 0..1. Source: General MIDI level 2, as of channel volume: 40 log10 of the share."""
        return (self.value / MAX_VOLUME) ** 2


@dataclass(frozen=True)
class FineTuning:
    """All melodic parts are so many cents higher."""

    cents: float


@dataclass(frozen=True)
class CoarseTuning:
    """All melodic parts are so many semitones higher."""

    semitones: int


Meaning = SystemReset | DrumPart | MasterVolume | FineTuning | CoarseTuning


def is_whole(data: bytes) -> bool:
    """Whether a system exclusive message has its end, and nothing in it that is no data."""
    return len(data) > 2 and data[0] == SYSEX and data[-1] == SYSEX_END and max(data[1:-1]) < 0x80


def meaning_of(message: Sequence[int]) -> Meaning | None:
    """What a whole system exclusive message, from F0 to F7, asks of the synth; None where it is none of these.

    Source: MIDI 1.0 Detailed Specification (universal messages); General MIDI levels 1 and 2; Roland GS and Yamaha XG
    formats, as TiMidity++ and the SC-55's and MU80's manuals have them.
    """
    body = bytes(message[1:-1])
    if len(body) >= 4 and body[0] in (0x7E, 0x7F):
        return _universal(body)
    if len(body) >= 9 and body[0] == _ROLAND and body[2:4] == bytes((_GS_MODEL, _SENDS_DATA)):
        return _of_gs(body[4:7], body[7:-1])
    if len(body) >= 7 and body[0] == _YAMAHA and body[1] & 0xF0 == 0x10 and body[2] == _XG_MODEL:
        return _of_xg(body[3:6], body[6:])
    return None


def _set_by(messages: Iterable[bytes]) -> Iterator[Meaning | None]:
    return (meaning_of(message) for message in messages if message[:1] == b"\xf0")


def rhythm_settings_of(messages: Iterable[bytes]) -> dict[int, bool]:
    """The channels that system exclusive ones of some messages make drum parts (True) or pitched ones (False)."""
    return {part.channel: part.is_drums for part in _set_by(messages) if isinstance(part, DrumPart)}


def standard_set_by(messages: Iterable[bytes]) -> str:
    """What one of some messages sets the synth to: GM2, GS or XG; empty where none does."""
    resets = (meaning.standard for meaning in _set_by(messages) if isinstance(meaning, SystemReset))
    return next((standard for standard in resets if standard != GM), "")


def _universal(body: bytes) -> Meaning | None:
    if body[0] == 0x7E:
        standard = {(9, 1): GM, (9, 3): GM2}.get((body[2], body[3]))
        return None if standard is None else SystemReset(standard)
    if body[2] != 4 or len(body) < 6:
        return None
    value = body[4] | body[5] << 7
    if body[3] == 1:
        return MasterVolume(value)
    if body[3] == 3:
        return FineTuning((value - 8192) / 8192 * 100)
    return CoarseTuning(body[5] - _HALF) if body[3] == 4 else None


def _of_gs(address: bytes, values: bytes) -> Meaning | None:
    if address in (b"\x40\x00\x7f", b"\x00\x00\x7f"):  # of the part that sounds, and of the whole module
        return SystemReset(GS)
    if address[0] == 0x40 and address[1] & 0xF0 == 0x10 and address[2] == 0x15:
        block = address[1] & 0x0F  # block 0 is part 10
        return DrumPart(DRUM_CHANNEL if block == 0 else block - 1 if block <= DRUM_CHANNEL else block, values[0] > 0)
    return _whole(address[2], values) if address[:2] == b"\x40\x00" else None


def _of_xg(address: bytes, values: bytes) -> Meaning | None:
    if address in (b"\x00\x00\x7e", b"\x00\x00\x7f"):
        return SystemReset(XG)
    if address[0] == 8 and address[1] < 16 and address[2] == 7:
        return DrumPart(address[1], values[0] > 0)
    if address == b"\x00\x00\x06":
        return CoarseTuning(values[0] - _HALF)
    return _whole(address[2], values) if address[:2] == b"\x00\x00" and address[2] in (0, 4) else None


def _whole(number: int, values: bytes) -> Meaning | None:
    """The parameters of the whole that GS and XG have at the same numbers."""
    if number == 0 and len(values) >= 4:
        tenths = values[0] << 12 | values[1] << 8 | values[2] << 4 | values[3]
        return FineTuning((tenths - 0x400) / 10)
    if number == 4:
        return MasterVolume(round(values[0] / 127 * MAX_VOLUME))
    return CoarseTuning(values[0] - _HALF) if number == 5 else None


def bank_says_drums(msb: int, standard: str = "") -> bool | None:
    """Whether a bank select (controller 0) chooses a drum kit, True, or a pitched sound also on channel 10, False.

    Under GS the banks of XG are the pitched sounds of older instruments. None: it says nothing of drums.

    Args:
        msb: The bank.
        standard: What the song sets the synth to, one of GM2, GS and XG, or empty.
    """
    if msb == _GM2_DRUMS or (msb in _XG_DRUMS and standard != GS):
        return True
    return False if standard == XG or (standard == GM2 and msb == _GM2_MELODIC) else None


class BankRules:
    """Follows the messages of a song, in their order, to know what a program change means. One port's channels."""

    def __init__(self) -> None:
        self._standard = ""
        self._banks: dict[int, int] = {}  # by channel: controller 0
        self._drums: dict[int, bool] = {}  # as messages said of parts

    def take_bank(self, channel: int, value: int) -> None:
        """Controller 0 of a channel."""
        self._banks[channel] = value

    def take_meaning(self, meaning: Meaning | None) -> None:
        """A system exclusive message."""
        if isinstance(meaning, SystemReset):
            self._standard = meaning.standard
            self._banks.clear()
            self._drums.clear()
        elif isinstance(meaning, DrumPart):
            self._drums[meaning.channel] = meaning.is_drums

    def meant(self, channel: int) -> int:
        """The third byte of a program change on a channel, 0..15, with what holds now."""
        bank = self._banks.get(channel)
        if self._is_drums(channel, bank):
            return USUAL_BANK if channel == DRUM_CHANNEL else DRUM_KIT
        is_plain = not bank or bank == _GM2_MELODIC or (self._standard == XG and bank != _XG_EFFECTS)
        if is_plain:
            return NO_DRUM_KIT if channel == DRUM_CHANNEL else USUAL_BANK
        return int(bank or 0)

    def _is_drums(self, channel: int, bank: int | None) -> bool:
        if channel in self._drums:
            return self._drums[channel]
        if bank == _GM2_DRUMS:
            return True
        if bank is not None and self._standard == XG:
            return bank in _XG_DRUMS
        if bank == _GM2_MELODIC and self._standard == GM2:
            return False
        return channel == DRUM_CHANNEL


def slot_of(message: Sequence[int]) -> Slot | None:
    """Which control a message of two or three bytes moves; None if none that is held."""
    if not 2 <= len(message) <= 3:
        return None
    status, data1 = message[0], message[1]
    if status & KIND_MASK == CONTROL:
        return (status, data1) if data1 in HELD_CONTROLS else None
    return (status, 0) if status & KIND_MASK in (BEND, CHANNEL_PRESSURE) else None


def at_rest(slot: Slot) -> Moved:
    """The message that lets a control go: the bender in the middle, everything else at 0."""
    status, control = slot
    return (status, 0, 64) if status & KIND_MASK == BEND else (status, control, 0)


def as_bytes(message: Moved) -> bytes:
    """The message as a track keeps it: pressure has one data byte."""
    return bytes(message[:2] if message[0] & KIND_MASK == CHANNEL_PRESSURE else message)


def hold(held: dict[Slot, _M], message: _M) -> None:
    """Notes by control the message that holds it, the last moved one last; one that lets it go is forgotten."""
    slot = slot_of(message)
    if slot is not None:
        held.pop(slot, None)
        if tuple(message) != at_rest(slot)[: len(message)]:
            held[slot] = message


def held_after(messages: Iterable[bytes]) -> dict[Slot, bytes]:
    """By control, the message that holds it where it is not at rest after these, in the order in which they came."""
    held: dict[Slot, bytes] = {}
    for message in messages:
        hold(held, message)
    return held


class ParameterReader:
    """Puts the choice of a parameter and its value together again, for each channel."""

    def __init__(self) -> None:
        self._chosen: dict[int, dict[int, int]] = {}  # by channel: controllers of the choice, and their values
        self._bend_parts: dict[int, tuple[int, int]] = {}  # by channel: semitones and cents

    @staticmethod
    def is_part(number: int) -> bool:
        """Whether a controller chooses a parameter or sets its value."""
        return number in (*VALUE_CONTROLS, *UNREGISTERED, *REGISTERED)

    def read(self, channel: int, number: int, value: int) -> list[bytes]:
        """What to pass on: nothing until a value comes; then the choice, the value, and that nothing is chosen."""
        if number not in VALUE_CONTROLS:
            pair = REGISTERED if number in REGISTERED else UNREGISTERED
            before = self._chosen.get(channel, {})
            self._chosen[channel] = {part: before[part] for part in pair if part in before} | {number: value}
            return []
        if not self.is_chosen(channel):
            return []
        if self._parameter(channel) == BEND_RANGE and number in (DATA, DATA_LOW):
            semitones, cents = self._bend_parts.get(channel, (2, 0))
            self._bend_parts[channel] = (value, cents) if number == DATA else (semitones, value)
        pair = REGISTERED if REGISTERED[0] in self._chosen[channel] else UNREGISTERED
        choice = [bytes((CONTROL, part, self._chosen[channel][part])) for part in pair]
        nothing = [bytes((CONTROL, part, 127)) for part in REGISTERED]
        return [*choice, bytes((CONTROL, number, value)), *nothing]

    def is_chosen(self, channel: int) -> bool:
        """Whether a value would be one of a parameter."""
        chosen = self._chosen.get(channel, {})
        return len(chosen) == 2 and tuple(chosen.values()) != NOTHING_CHOSEN

    def is_zone(self, channel: int) -> bool:
        """Whether a channel has chosen the zone of MPE."""
        return self._parameter(channel) == ZONE

    def bend_semitones(self, channel: int) -> float | None:
        """How far the bender of a channel was told to reach; None if that is not what it has chosen."""
        if self._parameter(channel) != BEND_RANGE:
            return None
        semitones, cents = self._bend_parts.get(channel, (2, 0))
        return semitones + cents / 100

    def forget(self, channel: int) -> None:
        """A channel has chosen nothing."""
        self._chosen.pop(channel, None)

    def _parameter(self, channel: int) -> tuple[int, int] | None:
        chosen = self._chosen.get(channel, {})
        high, low = REGISTERED
        return (chosen[high], chosen[low]) if high in chosen and low in chosen else None
