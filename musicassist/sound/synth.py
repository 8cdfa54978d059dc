"""What can sound: the base of all synths, the queue in which their messages wait, and the synth that is silent."""

from __future__ import annotations

import heapq
import math
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from itertools import count

from musicassist.sound.banks import Tone
from musicassist.sound.midi_bytes import Message

DIRECT_SOURCE = 0  # of what is sent at once


class Synth(ABC):
    """Something that sounds channel messages at given seconds of a clock of its own.

    Attributes:
        driver: What the user reads: the audio driver, the port, or ``silent``.
        soundfont: Name of the font's file, or empty.
        latency_seconds: From the clock's time to the ear.
        takes_clock: Whether something behind it follows a MIDI clock.
    """

    driver = "silent"
    soundfont = ""
    latency_seconds = 0.0
    takes_clock = False

    @abstractmethod
    def now_seconds(self) -> float:
        """The synth's clock; it only goes forward."""

    def due_seconds(self, seconds: float) -> float:
        """When a message that is queued for ``seconds`` will really sound."""
        return seconds

    @abstractmethod
    def schedule(self, events: Iterable[tuple[float, Message]], source: int) -> None:
        """Queues messages, in ascending time, under a source that can be removed alone."""

    @abstractmethod
    def remove(self, source: int) -> None:
        """Forgets what is queued under a source."""

    @abstractmethod
    def send(self, message: Message) -> None:
        """Sounds a message at once. Any thread."""

    def set_tone(self, tone: Tone) -> None:  # noqa: B027  # most have none
        """Sounds otherwise from now on, what sounds already included."""

    def is_lost(self) -> bool:
        """Whether the device behind it is gone; asked about every 20 ms."""
        return False

    @abstractmethod
    def close(self) -> None:
        """Falls silent and frees everything. The object is of no use afterwards."""


class TimedQueue:
    """A heap of (seconds, message); messages of one moment keep the order in which they were put."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, int, Message]] = []
        self._numbers = count()
        self.changed = threading.Condition()  # its lock is re-entrant

    def put(self, events: Iterable[tuple[float, Message]], source: int) -> None:
        """Adds messages under a source and wakes who waits on ``changed``."""
        with self.changed:
            for seconds, message in events:
                heapq.heappush(self._heap, (seconds, next(self._numbers), source, message))
            self.changed.notify_all()

    def remove(self, source: int, after_seconds: float = -math.inf) -> None:
        """Forgets the messages of a source that are due later than ``after_seconds``."""
        with self.changed:
            self._heap = [row for row in self._heap if row[2] != source or row[0] <= after_seconds]
            heapq.heapify(self._heap)
            self.changed.notify_all()

    def hasten(self, source: int) -> None:
        """Makes everything due at once up to the last message of a source, in its order, and forgets what comes later.

        It is due at the second ``-math.inf``, before what is put later, whatever that is due at.
        """
        with self.changed:
            rows = sorted(self._heap)
            last = max((index for index, row in enumerate(rows) if row[2] == source), default=-1)
            self._heap = [(-math.inf, next(self._numbers), *row[2:]) for row in rows[: last + 1]]  # sorted: a heap
            self.changed.notify_all()

    def clear(self) -> None:
        """Forgets everything."""
        with self.changed:
            self._heap.clear()
            self.changed.notify_all()

    def next_seconds(self) -> float | None:
        """When the first message is due; None when nothing waits."""
        with self.changed:
            return self._heap[0][0] if self._heap else None

    def take_until(self, now_seconds: float) -> list[tuple[float, Message]]:
        """Takes out what is due, in order."""
        due: list[tuple[float, Message]] = []
        with self.changed:
            while self._heap and self._heap[0][0] <= now_seconds:
                seconds, _, _, message = heapq.heappop(self._heap)
                due.append((seconds, message))
        return due


class SilentSynth(Synth):
    """Sounds nothing on an injected clock.

    Attributes:
        sounded: With ``is_recording``, every message with the second at which it would have sounded.
    """

    def __init__(self, clock: Callable[[], float], *, is_recording: bool = False, takes_clock: bool = False) -> None:
        self.takes_clock = takes_clock
        self.sounded: list[tuple[float, Message]] = []
        self._clock = clock
        self._is_recording = is_recording
        self._queue = TimedQueue()

    def now_seconds(self) -> float:
        """The injected clock; what was due until now has sounded."""
        now = self._clock()
        self._sound(self._queue.take_until(now))
        return now

    def schedule(self, events: Iterable[tuple[float, Message]], source: int) -> None:
        """See ``Synth``."""
        self._queue.put(events, source)

    def remove(self, source: int) -> None:
        """See ``Synth``."""
        self.now_seconds()
        self._queue.remove(source)

    def send(self, message: Message) -> None:
        """See ``Synth``."""
        self._sound([(self.now_seconds(), message)])

    def close(self) -> None:
        """See ``Synth``."""
        self._queue.clear()

    def _sound(self, events: list[tuple[float, Message]]) -> None:
        if self._is_recording:
            self.sounded += events
