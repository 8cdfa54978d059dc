"""Messages that wait for their moment, removable by source. Safe to use from any thread."""

from __future__ import annotations

import heapq
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from itertools import count
from typing import Protocol

from musicassist.sound import midi_bytes as midi


class TimedQueue:
    """A heap of (seconds, message); messages of one moment keep the order in which they were put."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, int, midi.Message]] = []
        self._numbers = count()
        self.changed = threading.Condition()  # its lock is re-entrant

    def put(self, events: Iterable[tuple[float, midi.Message]], source: int) -> None:
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
            last = max((place for place, row in enumerate(rows) if row[2] == source), default=-1)
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

    def take_until(self, now_seconds: float) -> list[tuple[float, midi.Message]]:
        """Takes out what is due, in order."""
        due: list[tuple[float, midi.Message]] = []
        with self.changed:
            while self._heap and self._heap[0][0] <= now_seconds:
                seconds, _, _, message = heapq.heappop(self._heap)
                due.append((seconds, message))
        return due


_WINDOW_SECONDS = 5.0  # two clocks that differ by 100 ppm come apart by half a millisecond meanwhile
_JUMP_SECONDS = 0.05  # LIMIT: a larger difference is a jump, not the grain of blocks

_MAX_LATE_SECONDS = 0.25  # LIMIT: a message that seems to wait longer shows a clock that was reset
_PULL_SHARE = 0.01  # of how late a message seems, with each message: two clocks drift apart by some 50 ppm


class InputClock:
    """When the messages of a keyboard were sent, in seconds of ``time.monotonic``.

    Their delta times are stamped below Python, and are right also when the thread that hears of them comes late.
    """

    def __init__(self) -> None:
        self._last_seconds = float("-inf")

    def stamp(self, delta_seconds: float, now_seconds: float) -> float:
        """When a message was sent that comes ``delta_seconds`` after the last one and is heard of now."""
        seconds = self._last_seconds + delta_seconds
        late_seconds = now_seconds - seconds
        is_believed = 0 <= late_seconds <= _MAX_LATE_SECONDS
        self._last_seconds = seconds + _PULL_SHARE * late_seconds if is_believed else now_seconds
        return self._last_seconds


class SynthClock:
    """Converts seconds of ``time.monotonic`` to seconds of the synth.

    The clock of samples stands still within a block and then jumps, so its distance to the system's clock is a saw.
    The saw's upper edge over the last five seconds is taken: it is as steady as the two crystals are, and what they
    drift apart is followed, so the clocks never come apart by more than about a millisecond.
    """

    def __init__(self) -> None:
        self._looks: deque[tuple[float, float]] = deque()  # of the window: when, and the distance
        self._newest = self._oldest = 0.0  # the upper and the lower edge

    def forget(self) -> None:
        """Another synth has another clock."""
        self._looks.clear()

    def look(self, synth_seconds: float, monotonic_seconds: float) -> None:
        """Notes both clocks at one moment; the synth's is to be asked first, so that a pause between never leads."""
        offset = synth_seconds - monotonic_seconds
        if self._looks and not self._oldest - _JUMP_SECONDS <= offset <= self._newest + _JUMP_SECONDS:
            self._looks.clear()
        self._looks.append((monotonic_seconds, offset))
        while self._looks[0][0] < monotonic_seconds - _WINDOW_SECONDS:
            self._looks.popleft()
        offsets = [offset for _, offset in self._looks]
        self._newest, self._oldest = max(offsets), min(offsets)

    def to_synth(self, monotonic_seconds: float) -> float:
        """The synth's second at a moment of the system's clock."""
        return monotonic_seconds + self._newest

    def to_heard(self, monotonic_seconds: float, latency_seconds: float) -> float:
        """The synth's second that leaves it now, ``latency_seconds`` after it was rendered; never one yet to be."""
        return monotonic_seconds + self._newest - max(latency_seconds, self._newest - self._oldest)


class Leading(Protocol):
    """The synth whose clock counts."""

    latency_seconds: float

    def now_seconds(self) -> float:
        """Its clock."""
        ...


class LeadClock:
    """The clock of the leading synth, for ports that follow it from threads of their own.

    A port sends a note when the leading synth's own is heard: its latency later. It never runs ahead of the leading
    clock, so whoever empties the queues knows what each has sent.
    """

    def __init__(self, lead: Leading, clock: Callable[[], float] = time.monotonic) -> None:
        self._lead = lead
        self._clock = clock
        self._relation = SynthClock()
        self._lock = threading.Lock()

    def follow(self, lead: Leading) -> None:
        """Another synth leads; afterwards nobody asks the old one here, and it may be closed."""
        with self._lock:
            self._lead = lead
            self._relation.forget()
        self.look()

    def look(self) -> None:
        """Compares the clocks; about every 20 ms."""
        with self._lock:
            synth_seconds = self._lead.now_seconds()
            self._relation.look(synth_seconds, self._clock())

    def to_synth(self, monotonic_seconds: float) -> float:
        """The leading synth's second at a moment of the system's clock."""
        return self._relation.to_synth(monotonic_seconds)

    def heard_seconds(self) -> float:
        """The second of the leading synth that is heard now. Any thread."""
        with self._lock:
            heard = self._relation.to_heard(self._clock(), self._lead.latency_seconds)
            return min(heard, self._lead.now_seconds())
