"""What is played, as call and response takes it in: each key on its tick, also the one that starts the song."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from musicassist.ensemble.conversation import KeyDown, KeyUp, Pedal
from musicassist.score.timing import TimeMap
from musicassist.sound.messages import MidiReceived
from musicassist.sound.schedule import CONTROL, NOTE_OFF, NOTE_ON, SUSTAIN_CONTROL
from musicassist.sound.transport import Transport

START_SECONDS = 0.05  # from the word to play until the song moves
SETTLED_SECONDS = 0.5  # LIMIT: so long after the first key the sound engine tells ticks of a song that moves
Played = KeyDown | KeyUp | Pedal


class CallKeys:
    """Reads MIDI; the first key starts the song, and is on its bar line. Main thread only."""

    def __init__(self, transport: Transport, time_map: Callable[[], TimeMap], now_seconds: Callable[[], float]) -> None:
        """Nothing was played yet.

        Args:
            transport: Is started.
            time_map: Bars and tempo of the song as it is now.
            now_seconds: The clock of what is received.
        """
        self._transport = transport
        self._time_map = time_map
        self._now_seconds = now_seconds
        self._started: tuple[float, int] | None = None  # when the first key was struck, and its tick

    def read(self, received: MidiReceived) -> Iterator[Played]:
        """The keys and the pedal, in their order."""
        for seconds, tick, data in zip(received.seconds, received.ticks, received.messages, strict=True):
            message = _message(round(tick), data)
            if isinstance(message, KeyDown) and not self._transport.is_playing:
                self._start(seconds)
            if message is not None:
                yield replace(message, tick=self._tick(seconds, message.tick))

    def _start(self, struck_seconds: float) -> None:
        transport, time_map = self._transport, self._time_map()
        bar_tick = time_map.bar_start_tick(time_map.bar_at(transport.position_tick()))
        since_seconds = min(0.5, max(0.0, self._now_seconds() - struck_seconds)) + START_SECONDS
        transport.seek(round(time_map.seconds_to_tick(time_map.tick_to_seconds(bar_tick) + since_seconds)))
        transport.play()
        self._started = struck_seconds, bar_tick

    def _tick(self, seconds: float, told_tick: int) -> int:
        """The other keys of the first chord were told before the song moved, too."""
        if self._started is None or seconds - self._started[0] > SETTLED_SECONDS:
            return told_tick
        time_map, since_seconds = self._time_map(), max(0.0, seconds - self._started[0])
        return round(time_map.seconds_to_tick(time_map.tick_to_seconds(self._started[1]) + since_seconds))


def _message(tick: int, data: bytes) -> Played | None:
    """What the conversation hears of a MIDI message."""
    if len(data) != 3:
        return None
    kind = data[0] & 0xF0
    if kind == NOTE_ON and data[2] > 0:
        return KeyDown(tick, data[1], data[2])
    if kind in (NOTE_ON, NOTE_OFF):
        return KeyUp(tick, data[1])
    if kind == CONTROL and data[1] == SUSTAIN_CONTROL:
        return Pedal(tick, data[2] >= 64)
    return None
