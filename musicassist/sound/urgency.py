"""Threads that must not wait for a core: their real-time priority, where the system grants one."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
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
