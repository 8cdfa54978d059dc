"""Keys that are struck by hand: the MIDI keyboard, and clicks on the piano."""

from __future__ import annotations

import threading
from collections.abc import Callable

from musicassist.sound.schedule import BEND, CHANNEL_PRESSURE, CONTROL, NOTE_OFF, NOTE_ON, PROGRAM
from musicassist.sound.synth import Synth

_CHANNEL_MODE_CONTROLS = 120  # from here on: all sound off, local control and the like


class LiveKeys:
    """Sounds keys at once, remembers which are down, and lets go of all of them. Any thread.

    Attributes:
        synth: What sounds.
    """

    def __init__(self, synth: Synth, owns_channel: Callable[[int], bool] = lambda _channel: False) -> None:
        """Makes the keys.

        Args:
            synth: What sounds.
            owns_channel: Whether the playing song decides about a channel's instrument.
        """
        self.synth = synth
        self._owns_channel = owns_channel
        self._live_channel, self._live_program = 0, 0
        self._down: dict[tuple[int, int], float | None] = {}  # (channel, pitch) -> when it goes up by itself
        self._heard: dict[int, tuple[int, int]] = {}  # pitch on the keyboard -> what it struck
        self._programs: dict[int, int] = {}  # what we last sent to each channel
        self._lock = threading.RLock()

    def set_track(self, channel: int, program: int) -> None:
        """What the MIDI keyboard plays from its next key on."""
        with self._lock:
            self._live_channel, self._live_program = channel, program
            self._send_program(channel, program)

    def strike(self, pitch: int, velocity: int, channel: int, program: int, seconds: float | None = None) -> None:
        """A key goes down, and up again by itself after ``seconds`` if given."""
        with self._lock:
            self.release(pitch, channel)
            self._send_program(channel, program)
            self._down[channel, pitch] = None if seconds is None else self.synth.now_seconds() + seconds
            self.synth.send((NOTE_ON | channel, pitch, velocity))

    def release(self, pitch: int, channel: int) -> None:
        """A key goes up; nothing happens if it is not down."""
        with self._lock:
            if (channel, pitch) in self._down:
                del self._down[channel, pitch]
                self.synth.send((NOTE_OFF | channel, pitch, 64))

    def release_due(self) -> None:
        """Lets go of the keys whose time is over."""
        with self._lock:
            now = self.synth.now_seconds()
            due = [key for key, until in self._down.items() if until is not None and until <= now]
            for channel, pitch in due:
                self.release(pitch, channel)

    def release_all(self) -> None:
        """Lets go of every key."""
        with self._lock:
            for channel, pitch in list(self._down):
                self.release(pitch, channel)
            self._heard.clear()

    def change_synth(self, synth: Synth) -> None:
        """Another synth sounds from now on; afterwards nobody speaks to the old one here."""
        with self._lock:
            self.release_all()
            self.synth = synth
            self._programs.clear()

    def forget_programs(self) -> None:
        """The channels' instruments may have been changed by the song."""
        with self._lock:
            self._programs.clear()

    def hear(self, message: bytes) -> None:
        """Sounds what the keyboard sent, with the selected track's instrument."""
        if not 2 <= len(message) <= 3 or not NOTE_OFF <= message[0] < 0xF0:
            return
        kind, data1, data2 = message[0] & 0xF0, message[1], message[2] if len(message) == 3 else 0
        with self._lock:
            if kind == NOTE_ON and data2 > 0:
                self._heard[data1] = (self._live_channel, data1)
                self.strike(data1, data2, self._live_channel, self._live_program)
            elif kind in (NOTE_ON, NOTE_OFF):
                channel, pitch = self._heard.pop(data1, (self._live_channel, data1))
                self.release(pitch, channel)
            elif kind in (BEND, CHANNEL_PRESSURE) or (kind == CONTROL and data1 < _CHANNEL_MODE_CONTROLS):
                self.synth.send((kind | self._live_channel, data1, data2))

    def heard_pitches(self) -> list[int]:
        """The keys of the keyboard that are down."""
        with self._lock:
            return list(self._heard)

    def _send_program(self, channel: int, program: int) -> None:
        if not self._owns_channel(channel) and self._programs.get(channel) != program:
            self._programs[channel] = program
            self.synth.send((PROGRAM | channel, program, 0))
