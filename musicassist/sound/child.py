"""What a process of the sound needs beside its work: a real-time priority, and a watch over a device that stalls."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

SENDER_PRIORITY, ENGINE_PRIORITY = 50, 5  # below JACK and its clients, above everything that is not real time


def become_urgent(priority: int) -> bool:
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


_LOOK_SECONDS = 0.1  # a longer time between two looks means that we were stopped, not the device


class Stall:
    """Adds up how long a value has not changed, as seen at looks that are close together."""

    def __init__(self, clock: Callable[[], float], limit_seconds: float) -> None:
        """Makes one that allows a stop of ``limit_seconds``."""
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
