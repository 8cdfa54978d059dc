"""A keyboard that sends on many channels, as one that sends on one: layers, splits, and the fingers of MPE.

Source: MIDI Polyphonic Expression 1.0 (M1-100-UM): the lower zone is led by channel 1, the upper one by channel 16; the
registered parameter 6 on one of these says how many channels beside it are members.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from musicassist.score import midi_bytes as midi

LAYER_SECONDS = 0.03  # LIMIT: one key of a keyboard in layer mode comes on its channels within this
USUAL_BEND_SEMITONES = 2.0
LOWER_MASTER, UPPER_MASTER = 0, 15
MASTER_SEMITONES, MEMBER_SEMITONES = 2.0, 48.0
_SHARED_MEMBERS = 14  # of two zones
_EXPRESSION, _TIMBRE, _TIMBRE_AT_REST = 11, 74, 64
_PEDALS = (64, 66)  # those that hold notes
_MIDDLE = 8192
_NEXT_KEY_SEMITONES = 0.6  # LIMIT: a finger in a chord goes on to the next key from here, and does not flutter between


@dataclass(eq=False)
class _Zone:
    """One zone.

    Attributes:
        members: How many channels beside the master.
        member_semitones, master_semitones: How far their benders reach to each side.
    """

    members: int = 0
    member_semitones: float = MEMBER_SEMITONES
    master_semitones: float = MASTER_SEMITONES


@dataclass(eq=False)
class Zones:
    """The zones that a keyboard has set up; none at first."""

    _zones: dict[int, _Zone] = field(default_factory=lambda: {LOWER_MASTER: _Zone(), UPPER_MASTER: _Zone()})

    @property
    def are_there(self) -> bool:
        """Whether the keyboard has set up any."""
        return any(zone.members for zone in self._zones.values())

    def configure(self, master: int, members: int) -> None:
        """A zone has so many members from now on, 0..15, and bends as usual; what they take is taken from the other."""
        self._zones[master] = _Zone(min(members, 15))
        if members:
            other = self._zones[UPPER_MASTER - master]
            other.members = min(other.members, max(0, _SHARED_MEMBERS - members))

    def members_of(self, master: int) -> range:
        """The member channels of a zone."""
        members = self._zones[master].members
        return range(1, 1 + members) if master == LOWER_MASTER else range(UPPER_MASTER - members, UPPER_MASTER)

    def master_of(self, channel: int) -> int | None:
        """The master of the zone in which a channel is a member; None if it is in none."""
        return next((master for master in self._zones if channel in self.members_of(master)), None)

    def is_master(self, channel: int) -> bool:
        """Whether a channel leads a zone that has members."""
        return channel in self._zones and self._zones[channel].members > 0 and self.master_of(channel) is None

    def reach(self, channel: int) -> tuple[int, ...]:
        """The channels that a message on this one is meant for: a master speaks for its zone."""
        return (channel, *self.members_of(channel)) if self.is_master(channel) else (channel,)

    def set_bend_range(self, channel: int, semitones: float) -> None:
        """The master of a zone, or all its members, bend otherwise; nothing happens outside of zones."""
        master = self.master_of(channel)
        if master is not None:
            self._zones[master].member_semitones = semitones
        elif self.is_master(channel):
            self._zones[channel].master_semitones = semitones

    def bend_range(self, channel: int) -> float | None:
        """How many semitones a channel bends to each side; None if it is in no zone."""
        master = self.master_of(channel)
        if master is not None:
            return self._zones[master].member_semitones
        return self._zones[channel].master_semitones if self.is_master(channel) else None


@dataclass(eq=False)
class _Finger:
    """A key that is down on one of the channels.

    Attributes:
        channel, key: What was struck.
        velocity: How hard.
        seconds: When.
        pitch: What sounds for it; None until it is struck.
        leader: The finger that sounds for it, as in a layer; None if it sounds itself.
    """

    channel: int
    key: int
    velocity: int
    seconds: float
    pitch: int | None = None
    leader: _Finger | None = None


class OneChannel:
    """Turns each message of a keyboard into those of an instrument with one channel. One thread at a time.

    * **A layer:** one key that comes on several channels is one note; it ends when the last of them lets go. What a
      pedal or wheel says on each of them is heard once.
    * **MPE:** each finger bends for itself, which one channel cannot. The bend of a finger that is alone is kept as it
      is, over the next keys too. In a chord each finger stands on the key that is nearest to its pitch, and moves on to
      the next one; the bender of the whole zone bends them all. So no pitch is more than about half a semitone off.
    * **All notes off, all sound off and reset all controllers** become the keys, pedals and wheels that they let go.
    * **Programs** come with their bank, which counts only with them.
    """

    def __init__(self) -> None:
        self.zones = Zones()
        self._parameters = midi.ParameterReader()
        self._fingers: dict[tuple[int, int], _Finger] = {}
        self._tail: _Finger | None = None  # of a zone, the last that came up: it may sound on
        self._bends: dict[int, float] = {}  # by channel, -1..1
        self._common_semitones = 0.0  # what the bender of a whole keyboard or zone says
        self._bend_semitones = USUAL_BEND_SEMITONES  # how far the one channel bends to each side
        self._bend = _MIDDLE  # what it was told
        self._pressures: dict[int, int] = {}
        self._pressure = 0
        self._controls: dict[int, tuple[int, int]] = {}  # by number: value and channel
        self._moved: dict[midi.Slot, bytes] = {}  # what is not at rest, in the order in which it was moved
        self._banks: dict[tuple[int, int], int] = {}  # by channel and controller
        self._program: tuple[float, int] = (-math.inf, 0)  # of the last one: when, and on which channel

    def convert(self, message: bytes, seconds: float) -> list[bytes]:
        """What a whole channel message means on one channel, the first; ``seconds`` is when it came."""
        kind, channel, data1, data2 = midi.parts_of(message)
        if kind == midi.NOTE_ON:
            out = self._strike(_Finger(channel, data1, data2, seconds))
        elif kind == midi.NOTE_OFF:
            out = self._lift((channel, data1), data2)
        elif kind == midi.CONTROL:
            out = self._control(channel, data1, data2)
        elif kind == midi.BEND:
            out = self._turn_bender(channel, ((data1 | data2 << 7) - _MIDDLE) / _MIDDLE)
        elif kind == midi.CHANNEL_PRESSURE:
            out = self._press(channel, data1)
        elif kind == midi.PROGRAM:
            out = self._choose_program(channel, data1, seconds)
        else:
            finger = self._fingers.get((channel, data1))
            out = [bytes((midi.KEY_PRESSURE, finger.pitch, data2))] if finger and finger.pitch is not None else []
        for part in out:
            midi.hold(self._moved, part)
        return out

    def let_go(self) -> list[bytes]:
        """What it would send if all that is down on it came up."""
        ends = self._take_up(list(self._fingers))
        rests = [midi.as_bytes(midi.at_rest(slot)) for slot in self._moved]
        self._bends.clear()
        self._pressures.clear()
        self._controls.clear()
        self._tail, self._common_semitones, self._bend, self._pressure = None, 0.0, _MIDDLE, 0
        self._moved.clear()
        return ends + rests

    def forget(self, *, is_mpe: bool = False) -> None:
        """Another keyboard, with zones and bend range of its own, or, with ``is_mpe``, one zone until it tells others.

        What is down is to be let go before.
        """
        self.zones, self._parameters = Zones(), midi.ParameterReader()
        self._bend_semitones = USUAL_BEND_SEMITONES
        self._banks.clear()
        if is_mpe:
            self.zones.configure(LOWER_MASTER, 15)

    # Keys.

    def _strike(self, finger: _Finger) -> list[bytes]:
        key = finger.channel, finger.key
        out = self._take_up([key])
        self._fingers[key] = finger
        if self.zones.master_of(finger.channel) is None:
            finger.leader = self._layered(finger)
            if finger.leader is not None:
                finger.pitch = finger.leader.pitch
                return out
        return out + self._settle()

    def _layered(self, finger: _Finger) -> _Finger | None:
        """Who sounds for a key that comes on another channel, too."""
        for other in self._fingers.values():
            is_together = finger.seconds - other.seconds <= LAYER_SECONDS
            if other.key == finger.key and other.channel != finger.channel and other.leader is None and is_together:
                return other
        return None

    def _lift(self, key: tuple[int, int], velocity: int) -> list[bytes]:
        out = self._take_up([key], velocity)
        timbre, _ = self._controls.get(_TIMBRE, (_TIMBRE_AT_REST, 0))
        if self._tail is not None and not self._fingers and timbre != _TIMBRE_AT_REST:
            out += self._control(self._tail.channel, _TIMBRE, _TIMBRE_AT_REST)
        return out + self._settle() + self._press_together()

    def _take_up(self, keys: list[tuple[int, int]], velocity: int = midi.RELEASE_VELOCITY) -> list[bytes]:
        """Ends what is down there; the others stay as they are for the moment."""
        out: list[bytes] = []
        for key in keys:
            finger = self._fingers.pop(key, None)
            if finger is not None:
                self._hand_over(finger)
                self._tail = finger if self.zones.master_of(finger.channel) is not None else None
                out += self._end(finger.pitch, velocity)
        return out

    def _hand_over(self, finger: _Finger) -> None:
        """The others of a layer sound on without the one that led them."""
        followers = [other for other in self._fingers.values() if other.leader is finger]
        for other in followers:
            other.leader = None if other is followers[0] else followers[0]

    def _end(self, pitch: int | None, velocity: int) -> list[bytes]:
        """The end of a note, unless another finger holds it."""
        is_held = any(other.pitch == pitch for other in self._fingers.values())
        return [] if pitch is None or is_held else [bytes((midi.NOTE_OFF, pitch, velocity))]

    def _begin(self, finger: _Finger, pitch: int) -> Iterator[bytes]:
        """A finger sounds on a key; on one that another finger holds already it is struck only anew."""
        is_new, old = finger.pitch is None, finger.pitch
        is_held = any(other.pitch == pitch for other in self._fingers.values())
        for other in (finger, *(other for other in self._fingers.values() if other.leader is finger)):
            other.pitch = pitch
        if old is not None:
            yield from self._end(old, midi.RELEASE_VELOCITY)
        if is_new and is_held:
            yield bytes((midi.NOTE_OFF, pitch, midi.RELEASE_VELOCITY))
        if is_new or not is_held:
            yield bytes((midi.NOTE_ON, pitch, finger.velocity))

    # Bends.

    def _turn_bender(self, channel: int, share: float) -> list[bytes]:
        self._bends[channel] = share
        if self.zones.master_of(channel) is None:
            self._common_semitones = share * (self.zones.bend_range(channel) or self._bend_semitones)
            self._tail = None
        return self._settle()

    def _wanted_pitch(self, finger: _Finger) -> float:
        """What a finger of a zone means, in semitones."""
        reach = self.zones.bend_range(finger.channel) or 0.0
        return finger.key + self._bends.get(finger.channel, 0.0) * reach + self._common_semitones

    def _settle(self) -> list[bytes]:
        """Puts each finger on its key and the bender where it belongs."""
        leaders = [finger for finger in self._fingers.values() if finger.leader is None]
        fingers = [finger for finger in leaders if self.zones.master_of(finger.channel) is not None]
        bend = self._common_semitones
        if fingers and len(leaders) == 1:
            bend = self._bend_alone(fingers[0])
        elif not leaders and self._tail is not None and self._tail.pitch is not None:
            bend = self._wanted_pitch(self._tail) - self._tail.pitch
        bend = max(-self._bend_semitones, min(self._bend_semitones, bend))
        out = self._bend_to(bend)
        for finger in leaders:
            pitch = self._key_of(finger, bend, is_alone=len(leaders) == 1)
            if pitch != finger.pitch:
                out += self._begin(finger, pitch)
        return out

    def _bend_alone(self, finger: _Finger) -> float:
        """How far the bender is from the key of a finger that is alone: as far as it reaches, or from a nearer key."""
        wanted = self._wanted_pitch(finger)
        if finger.pitch is not None and abs(wanted - finger.pitch) <= self._bend_semitones:
            return wanted - finger.pitch
        return wanted - _nearest_key(wanted)

    def _key_of(self, finger: _Finger, bend: float, *, is_alone: bool) -> int:
        if self.zones.master_of(finger.channel) is None:
            return finger.key
        straight = self._wanted_pitch(finger) - bend
        slack = 1e-6 if is_alone else _NEXT_KEY_SEMITONES
        is_near = finger.pitch is not None and abs(straight - finger.pitch) <= slack
        return finger.pitch if is_near and finger.pitch is not None else _nearest_key(straight)

    def _bend_to(self, semitones: float) -> list[bytes]:
        value = max(0, min(2 * _MIDDLE - 1, _MIDDLE + round(semitones / self._bend_semitones * _MIDDLE)))
        if value == self._bend:
            return []
        was_straight, self._bend = self._bend == _MIDDLE, value
        reach = self._reach_messages() if was_straight and self._bend_semitones != USUAL_BEND_SEMITONES else []
        return [*reach, bytes((midi.BEND, value & 0x7F, value >> 7))]

    def _reach_messages(self) -> list[bytes]:
        """How far the bender reaches, again with each bend: a recording, or another track, may have begun meanwhile."""
        semitones, cents = divmod(round(100 * self._bend_semitones), 100)
        parts = (101, 0), (100, 0), (6, semitones), (38, cents), (101, 127), (100, 127)
        return [bytes((midi.CONTROL, *part)) for part in parts]

    # Pressure, pedals, wheels and knobs.

    def _press(self, channel: int, value: int) -> list[bytes]:
        self._pressures[channel] = value
        return self._press_together()

    def _press_together(self) -> list[bytes]:
        """The hardest pressure of the fingers that are down, and of the channels that are none."""
        down = {channel for channel, _ in self._fingers}
        heard = (c for c in self._pressures if c in down or self.zones.master_of(c) is None)
        value = max((self._pressures[channel] for channel in heard), default=0)
        if value == self._pressure:
            return []
        self._pressure = value
        return [bytes((midi.CHANNEL_PRESSURE, value))]

    def _control(self, channel: int, number: int, value: int) -> list[bytes]:
        if number in midi.BANK_CONTROLS:
            self._banks[channel, number] = value
            return []
        if number >= midi.ALL_SOUND_OFF:
            return self._change_mode(channel, number)
        if self._parameters.is_part(number):
            return self._set_parameter(channel, number, value)
        before, self._controls[number] = self._controls.get(number), (value, channel)
        is_said_again = before is not None and before[0] == value and before[1] != channel
        return [] if is_said_again else [bytes((midi.CONTROL, number, value))]

    def _set_parameter(self, channel: int, number: int, value: int) -> list[bytes]:
        """Zones and their bend ranges are for us; what else is set is passed on, whole."""
        parts = self._parameters.read(channel, number, value)
        if self._parameters.is_zone(channel):
            if channel not in (LOWER_MASTER, UPPER_MASTER) or number != 6:
                return []
            ends = self._take_up(list(self._fingers))
            self._tail = None
            self.zones.configure(channel, value)
            self._bends.clear()
            self._common_semitones = 0.0
            return ends + self._settle()
        bend_semitones = self._parameters.bend_semitones(channel)
        if bend_semitones is None or not parts:
            return parts
        if self.zones.bend_range(channel) is not None:
            self.zones.set_bend_range(channel, bend_semitones)
            return self._settle()
        share = self._bend / _MIDDLE - 1
        self._bend_semitones = bend_semitones or USUAL_BEND_SEMITONES
        self._common_semitones = share * self._bend_semitones
        return parts

    def _change_mode(self, channel: int, number: int) -> list[bytes]:
        """Lets go of what a channel, or the zone that it leads, has down."""
        reach = self.zones.reach(channel)
        if not midi.ends_notes(number):
            return self._reset(reach) if number == midi.RESET_CONTROLLERS else []
        out = self._take_up([key for key in self._fingers if key[0] in reach]) + self._settle()
        if number != midi.ALL_SOUND_OFF:
            return out
        held = [message for slot, message in self._moved.items() if slot[0] == midi.CONTROL and slot[1] in _PEDALS]
        again = [part for message in held for part in (bytes((midi.CONTROL, message[1], 0)), message)]
        return [*out, bytes((midi.CONTROL, midi.ALL_SOUND_OFF, 0)), *again]

    def _reset(self, reach: tuple[int, ...]) -> list[bytes]:
        """Puts what was moved to rest. Source: MIDI recommended practice RP-015."""
        out = [
            midi.as_bytes(midi.at_rest(slot))
            for slot in self._moved
            if slot[0] not in (midi.BEND, midi.CHANNEL_PRESSURE)
        ]
        if _EXPRESSION in self._controls:
            out.append(bytes((midi.CONTROL, _EXPRESSION, 127)))
        self._controls.clear()
        for channel in reach:
            self._bends.pop(channel, None)
            self._pressures.pop(channel, None)
            self._parameters.forget(channel)
        self._common_semitones = 0.0
        return out + self._settle() + self._press_together()

    def _choose_program(self, channel: int, program: int, seconds: float) -> list[bytes]:
        """A program with its bank; of those that a layer has on its channels, the first."""
        last_seconds, last_channel = self._program
        if channel != last_channel and seconds - last_seconds <= LAYER_SECONDS:
            return []
        self._program = seconds, channel
        banks = ((number, self._banks.get((channel, number))) for number in midi.BANK_CONTROLS)
        chosen = [bytes((midi.CONTROL, number, value)) for number, value in banks if value is not None]
        return [*chosen, bytes((midi.PROGRAM, program))]


def _nearest_key(pitch: float) -> int:
    return max(0, min(127, math.floor(pitch + 0.5)))
