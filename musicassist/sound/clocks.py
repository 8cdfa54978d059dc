"""Clocks that are compared, a clock that stands still, and the priority that lets a thread keep time."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from musicassist.sound.synth import Synth

SENDER_PRIORITY, ENGINE_PRIORITY = 50, 5  # below JACK and its clients, above everything that is not real time
_WINDOW_SECONDS = 5.0  # two clocks that differ by 100 ppm come apart by half a millisecond meanwhile
_JUMP_SECONDS = 0.05  # LIMIT: a larger difference is a jump, not the grain of blocks
_MAX_LATE_SECONDS = 0.25  # LIMIT: a message that seems to wait longer shows a clock that was reset
_PULL_SHARE = 0.01  # of how late a message seems, with each message: two clocks drift apart by some 50 ppm
_LOOK_SECONDS = 0.1  # a longer time between two looks means that we were stopped, not the device


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


class LeadClock:
    """The clock of the leading synth, for ports that follow it from threads of their own.

    A port sends a note when the leading synth's own is heard: its latency later. It never runs ahead of the leading
    clock, so whoever empties the queues knows what each has sent.
    """

    def __init__(self, lead: Synth, clock: Callable[[], float] = time.monotonic) -> None:
        self._lead = lead
        self._clock = clock
        self._relation = SynthClock()
        self._lock = threading.Lock()

    def follow(self, lead: Synth) -> None:
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


class Stall:
    """Adds up how long a value has not changed, as seen at looks that are close together."""

    def __init__(self, clock: Callable[[], float], limit_seconds: float) -> None:
        self._clock = clock
        self._limit_seconds = limit_seconds
        self._looked_at = clock()
        self._still_seconds = 0.0
        self._value: float | None = None

    def is_over(self, value: float) -> bool:
        """Whether the value has stood still for longer than the limit; call it often."""
        now = self._clock()
        elapsed, self._looked_at = min(now - self._looked_at, _LOOK_SECONDS), now
        self._still_seconds = self._still_seconds + elapsed if value == self._value else 0.0
        self._value = value
        return self._still_seconds > self._limit_seconds


def ask_realtime_priority(priority: int) -> bool:
    """Asks for a real-time priority for the calling thread, on Linux; whether it was granted.

    A user gets one by limits for a group such as ``audio``; without them all goes on as before. The thread's name is
    shown in the system's lists too.
    """
    if sys.platform != "linux":
        return False
    thread = threading.current_thread()
    with contextlib.suppress(OSError):
        Path(f"/proc/self/task/{thread.native_id}/comm").write_text(thread.name)
    try:
        # Threads and programs that this one starts have no such priority by themselves.
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
    except OSError:
        return False
    return True
