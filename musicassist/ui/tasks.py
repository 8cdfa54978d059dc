"""Slots made from plain functions."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from musicassist.errors import MusicAssistError


def calling(function: Callable[..., object], *values: object) -> Callable[..., None]:
    """A slot that calls ``function`` with these values, whatever the signal carries."""

    def slot(*_carried: object) -> None:
        function(*values)

    return slot


CLOSE_SECONDS = 0.3  # LIMIT: time for a task to see that it should end

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Task:
    """Something to do, and later what came of it: exactly one of ``value`` and ``error`` counts."""

    work: Callable[[], Any]
    on_success: Callable[[Any], None]
    on_failure: Callable[[MusicAssistError], None]
    value: Any = None
    error: MusicAssistError | None = None


class BackgroundTasks(QObject):
    """Does one task after the other, away from the main thread; the answers come on the main thread.

    The thread is a daemon: a task that hangs never keeps the program from ending.
    """

    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._unfinished = 0
        self._is_closed = False
        self._finished.connect(self._on_finished, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._work_off, name="files", daemon=True)
        self._thread.start()

    @property
    def is_closed(self) -> bool:
        """Whether what runs should end early; may be asked from any thread."""
        return self._is_closed

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._unfinished > 0

    def start(
        self,
        work: Callable[[], Any],
        on_success: Callable[[Any], None],
        on_failure: Callable[[MusicAssistError], None],
    ) -> None:
        """Queues ``work``; it must not touch widgets or the document.

        Args:
            work: Runs in the background; may raise a MusicAssistError.
            on_success: Gets its value, on the main thread.
            on_failure: Gets its error, on the main thread.
        """
        if not self._is_closed:
            self._unfinished += 1
            self._waiting.put(_Task(work, on_success, on_failure))

    def close(self) -> bool:
        """Drops what waits and lets go of what runs; its answer is not given any more.

        False if that did not end in time: the process must then just go, for a thread that is within a C library does
        not survive the end of Python.
        """
        self._is_closed = True
        self._waiting.put(None)
        self._thread.join(CLOSE_SECONDS)
        return not self._thread.is_alive()

    def _work_off(self) -> None:
        while (task := self._waiting.get()) is not None and not self._is_closed:
            done = _done(task)
            if not self._is_closed:
                self._finished.emit(done)

    def _on_finished(self, done: _Task) -> None:
        self._unfinished -= 1
        if self._is_closed:
            return
        if done.error is not None:
            done.on_failure(done.error)
        else:
            done.on_success(done.value)


def _done(task: _Task) -> _Task:
    """The task with what came of it."""
    try:
        return replace(task, value=task.work())
    except MusicAssistError as error:
        return replace(task, error=error)
    except Exception as error:
        log.exception("A task with a file failed")
        return replace(task, error=MusicAssistError("That did not work: {reason}.", reason=error))
