"""The synth that sounds nothing: the fallback without audio, and the tests' double."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from musicassist.sound.schedule import Message
from musicassist.sound.timed_queue import TimedQueue
from musicassist.sound.tone import Tone


class SilentSynth:
    """Sounds nothing on an injected clock.

    Attributes:
        sounded: With ``is_recording``, every message with the second at which it would have sounded.
    """

    def __init__(self, clock: Callable[[], float], *, is_recording: bool = False, takes_clock: bool = False) -> None:
        self.driver, self.soundfont, self.latency_seconds = "silent", "", 0.0
        self.takes_clock = takes_clock
        self.sounded: list[tuple[float, Message]] = []
        self._clock = clock
        self._is_recording = is_recording
        self._queue = TimedQueue()

    def now_seconds(self) -> float:
        """The injected clock; what was due until now has sounded."""
        now = self._clock()
        for seconds, message in self._queue.take_until(now):
            self._sound(seconds, message)
        return now

    def due_seconds(self, seconds: float) -> float:
        """See ``Synth``."""
        return seconds

    def schedule(self, events: Iterable[tuple[float, Message]], source: int) -> None:
        """See ``Synth``."""
        self._queue.put(events, source)

    def remove(self, source: int) -> None:
        """See ``Synth``."""
        self.now_seconds()
        self._queue.remove(source)

    def send(self, message: Message) -> None:
        """See ``Synth``."""
        self._sound(self.now_seconds(), message)

    def set_tone(self, tone: Tone) -> None:
        """See ``Synth``: it has none."""

    def is_lost(self) -> bool:
        """See ``Synth``: never."""
        return False

    def close(self) -> None:
        """See ``Synth``."""
        self._queue.clear()

    def _sound(self, seconds: float, message: Message) -> None:
        if self._is_recording:
            self.sounded.append((seconds, message))
