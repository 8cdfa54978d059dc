"""Messages that wait for their moment, removable by source. Safe to use from any thread."""

from __future__ import annotations

import heapq
import math
import threading
from collections.abc import Iterable
from itertools import count

from musicassist.sound.schedule import Message


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

    def take_until(self, now_seconds: float) -> list[tuple[float, Message]]:
        """Takes out what is due, in order."""
        due: list[tuple[float, Message]] = []
        with self.changed:
            while self._heap and self._heap[0][0] <= now_seconds:
                seconds, _, _, message = heapq.heappop(self._heap)
                due.append((seconds, message))
        return due
