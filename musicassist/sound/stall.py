"""Notices a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable

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
