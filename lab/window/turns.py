"""Runs the window turn by turn, for measurements."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtWidgets import QApplication

MAX_SECONDS = 60.0


def turn_until(is_done: Callable[[], bool], longest_seconds: float = MAX_SECONDS) -> float:
    """Runs the window until something is so; gives the longest turn of its loop in milliseconds."""
    deadline = time.monotonic() + longest_seconds
    longest = 0.0
    while not is_done() and time.monotonic() < deadline:
        start = time.perf_counter()
        QApplication.processEvents()
        longest = max(longest, time.perf_counter() - start)
        time.sleep(0.001)
    return longest * 1000
