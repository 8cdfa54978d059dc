"""Plays notes by other means than a MIDI keyboard, and records them as if they came from one."""

from __future__ import annotations

import time

from musicassist.session import Session
from musicassist.sound.messages import MidiReceived
from musicassist.sound.schedule import NOTE_OFF, NOTE_ON, live_channel


class LivePlayer:
    """Sounds with the instrument of the selected track. Main thread only."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._channels: dict[int, int] = {}  # pitch -> where it sounds, also after another track was selected

    def note_on(self, pitch: int, velocity: int) -> None:
        """A key goes down."""
        self._channels[pitch] = channel = live_channel(self._session.document.track)
        self._session.sound.note_on(pitch, velocity, channel, self._session.instrument.program)
        self._record(bytes((NOTE_ON, pitch, velocity)))

    def note_off(self, pitch: int) -> None:
        """A key goes up."""
        channel = self._channels.pop(pitch, live_channel(self._session.document.track))
        self._session.sound.note_off(pitch, channel)
        self._record(bytes((NOTE_OFF, pitch, 0)))

    def _record(self, message: bytes) -> None:
        transport = self._session.transport
        tick = transport.position_tick() - transport.waiting_ticks()
        self._session.hear(MidiReceived((time.monotonic(),), (tick,), (message,)))
