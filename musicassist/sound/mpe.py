"""MPE zones: which channels of a keyboard are fingers of one hand, and how far each of them bends.

Source: MIDI Polyphonic Expression 1.0 (M1-100-UM): the lower zone is led by channel 1, the upper one by channel 16; the
registered parameter 6 on one of these says how many channels beside it are members.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from musicassist.score import midi_bytes as midi

LOWER_MASTER, UPPER_MASTER = 0, 15
MASTER_SEMITONES, MEMBER_SEMITONES = 2.0, 48.0
_SHARED_MEMBERS = 14  # of two zones
BEND_RANGE, ZONE = (0, 0), (0, 6)  # registered parameters
NULL = (127, 127)
_VALUES = (midi.DATA, midi.DATA_LOW, midi.INCREMENT, midi.DECREMENT)


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


class ParameterReader:
    """Puts the choice of a parameter and its value together again, for each channel."""

    def __init__(self) -> None:
        self._chosen: dict[int, dict[int, int]] = {}  # by channel: controllers of the choice, and their values
        self._bend_parts: dict[int, tuple[int, int]] = {}  # by channel: semitones and cents

    @staticmethod
    def is_part(number: int) -> bool:
        """Whether a controller chooses a parameter or sets its value."""
        return number in (*_VALUES, *midi.UNREGISTERED, *midi.REGISTERED)

    def read(self, channel: int, number: int, value: int) -> list[bytes]:
        """What to pass on: nothing until a value comes; then the choice, the value, and that nothing is chosen."""
        if number not in _VALUES:
            pair = midi.REGISTERED if number in midi.REGISTERED else midi.UNREGISTERED
            before = self._chosen.get(channel, {})
            self._chosen[channel] = {part: before[part] for part in pair if part in before} | {number: value}
            return []
        if not self.is_chosen(channel):
            return []
        if self._parameter(channel) == BEND_RANGE and number in (midi.DATA, midi.DATA_LOW):
            semitones, cents = self._bend_parts.get(channel, (2, 0))
            self._bend_parts[channel] = (value, cents) if number == midi.DATA else (semitones, value)
        pair = midi.REGISTERED if midi.REGISTERED[0] in self._chosen[channel] else midi.UNREGISTERED
        choice = [bytes((midi.CONTROL, part, self._chosen[channel][part])) for part in pair]
        nothing = [bytes((midi.CONTROL, part, 127)) for part in midi.REGISTERED]
        return [*choice, bytes((midi.CONTROL, number, value)), *nothing]

    def is_chosen(self, channel: int) -> bool:
        """Whether a value would be one of a parameter."""
        chosen = self._chosen.get(channel, {})
        return len(chosen) == 2 and tuple(chosen.values()) != NULL

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
        high, low = midi.REGISTERED
        return (chosen[high], chosen[low]) if high in chosen and low in chosen else None
