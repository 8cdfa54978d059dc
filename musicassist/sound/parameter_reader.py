"""Registered parameters as a keyboard sends them: a choice and its value, which come as controllers of their own."""

from __future__ import annotations

from musicassist.sound.mpe_zones import BEND_RANGE, NULL, ZONE
from musicassist.sound.schedule import CONTROL

_VALUE_HIGH, _VALUE_LOW, _UP_BY_ONE, _DOWN_BY_ONE = 6, 38, 96, 97
_VALUES = (_VALUE_HIGH, _VALUE_LOW, _UP_BY_ONE, _DOWN_BY_ONE)
_UNREGISTERED, _REGISTERED = (99, 98), (101, 100)  # the high byte's controller, then the low byte's


class ParameterReader:
    """Puts the choice of a parameter and its value together again, for each channel."""

    def __init__(self) -> None:
        self._chosen: dict[int, dict[int, int]] = {}  # by channel: controllers of the choice, and their values
        self._bend_parts: dict[int, tuple[int, int]] = {}  # by channel: semitones and cents

    @staticmethod
    def is_part(number: int) -> bool:
        """Whether a controller chooses a parameter or sets its value."""
        return number in (*_VALUES, *_UNREGISTERED, *_REGISTERED)

    def read(self, channel: int, number: int, value: int) -> list[bytes]:
        """What to pass on: nothing until a value comes; then the choice, the value, and that nothing is chosen."""
        if number not in _VALUES:
            pair = _REGISTERED if number in _REGISTERED else _UNREGISTERED
            before = self._chosen.get(channel, {})
            self._chosen[channel] = {part: before[part] for part in pair if part in before} | {number: value}
            return []
        if not self.is_chosen(channel):
            return []
        if self._parameter(channel) == BEND_RANGE and number in (_VALUE_HIGH, _VALUE_LOW):
            semitones, cents = self._bend_parts.get(channel, (2, 0))
            self._bend_parts[channel] = (value, cents) if number == _VALUE_HIGH else (semitones, value)
        pair = _REGISTERED if _REGISTERED[0] in self._chosen[channel] else _UNREGISTERED
        choice = [bytes((CONTROL, part, self._chosen[channel][part])) for part in pair]
        return [*choice, bytes((CONTROL, number, value)), *(bytes((CONTROL, part, 127)) for part in _REGISTERED)]

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
        high, low = _REGISTERED
        return (chosen[high], chosen[low]) if high in chosen and low in chosen else None
