"""What is played, as call and response takes it in: each key on its tick, also the one that starts the song."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from musicassist.ensemble.conversation import KeyDown, KeyUp, Pedal
from musicassist.score.timing import TimeMap
from musicassist.session import Session
from musicassist.sound.messages import MidiReceived
from musicassist.sound.schedule import CONTROL, NOTE_OFF, NOTE_ON, SUSTAIN_CONTROL

START_SECONDS = 0.05  # from the word to play until the song moves
SETTLED_SECONDS = 0.5  # LIMIT: so long after the first key the sound engine tells ticks of a song that moves
Played = KeyDown | KeyUp | Pedal


class CallKeys:
    """Reads MIDI; the first key starts the song, and is on its bar line. Main thread only.

    What is struck while a count-in goes on is no call; what comes a moment too early belongs to the beginning.
    """

    def __init__(self, session: Session, now_seconds: Callable[[], float]) -> None:
        """Nothing was played yet.

        Args:
            session: What is played with.
            now_seconds: The clock of what is received.
        """
        self._session = session
        self._transport = session.transport
        self._now_seconds = now_seconds
        self._started: tuple[float, int] | None = None  # when the first key was struck, and its tick
        self._from_tick = 0  # where the song began to move
        self._transport.on_jump(self._on_jump)

    @property
    def _time_map(self) -> TimeMap:
        return self._session.document.song.time_map

    def read(self, received: MidiReceived) -> Iterator[Played]:
        """The keys and the pedal, in their order."""
        for seconds, tick, data in zip(received.seconds, received.ticks, received.messages, strict=True):
            message = _message(round(tick), data)
            if isinstance(message, KeyDown) and not self._transport.is_playing:
                self._start(seconds)
            if message is not None:
                placed = replace(message, tick=self._tick(seconds, message.tick))
                if not (isinstance(placed, KeyDown) and self._is_too_early(placed.tick)):
                    yield replace(placed, tick=max(placed.tick, self._from_tick))

    def _is_too_early(self, tick: int) -> bool:
        return tick < self._from_tick - self._time_map.ticks_per_beat / 2

    def _on_jump(self, tick: int) -> None:
        self._from_tick, self._started = tick, None

    def _start(self, struck_seconds: float) -> None:
        """Starts the song so that what is told of the keys fits to the first one, whatever the sound's delay."""
        if self._session.takes.phase == "offered":
            self._session.takes.dismiss()  # it would be played from its own beginning
        transport, time_map = self._transport, self._time_map
        bar_tick = time_map.bar_start_tick(time_map.bar_at(transport.position_tick()))
        since_seconds = min(0.5, max(0.0, self._now_seconds() - struck_seconds))
        since_seconds += START_SECONDS + self._session.latency_seconds
        transport.seek(round(time_map.seconds_to_tick(time_map.tick_to_seconds(bar_tick) + since_seconds)))
        transport.play()
        self._started, self._from_tick = (struck_seconds, bar_tick), bar_tick

    def _tick(self, seconds: float, told_tick: int) -> int:
        """The other keys of the first chord were told before the song moved, too."""
        if self._started is None or seconds - self._started[0] > SETTLED_SECONDS:
            return told_tick
        time_map, since_seconds = self._time_map, max(0.0, seconds - self._started[0])
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
