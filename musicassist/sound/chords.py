"""Keys that are struck together, as one chord when the last of them is let go."""

from __future__ import annotations

from musicassist.sound.messages import MidiReceived
from musicassist.sound.schedule import CONTROL, NOTE_OFF, NOTE_ON, SUSTAIN_CONTROL

_PRESSED_FROM = 64
Chord = tuple[tuple[int, int], ...]  # pitch and velocity of each key; empty is a rest


class ChordCatcher:
    """Collects keys until all of them are up. Main thread only."""

    def __init__(self) -> None:
        self._struck: dict[int, int] = {}
        self._down: set[int] = set()
        self._is_pedal_down = False

    def receive(self, event: MidiReceived) -> list[Chord]:
        """The chords that were let go with these messages; a pedal that is pressed is a rest."""
        chords: list[Chord] = []
        for message in event.messages:
            if len(message) == 3:
                chords.extend(self._take(message[0] & 0xF0, message[1], message[2]))
        return chords

    def _take(self, kind: int, data1: int, data2: int) -> list[Chord]:
        if kind == NOTE_ON and data2 > 0:
            self._struck[data1] = data2
            self._down.add(data1)
        elif kind in (NOTE_ON, NOTE_OFF):
            return self._let_go(data1)
        elif kind == CONTROL and data1 == SUSTAIN_CONTROL:
            was_down, self._is_pedal_down = self._is_pedal_down, data2 >= _PRESSED_FROM
            return [()] if self._is_pedal_down and not was_down else []
        return []

    def _let_go(self, pitch: int) -> list[Chord]:
        if pitch not in self._down:
            return []
        self._down.discard(pitch)
        if self._down:
            return []
        chord = tuple(sorted(self._struck.items()))
        self._struck.clear()
        return [chord]
