"""What goes on beside the main thread: tasks with files, composing in a thread of its own, the watch on a file."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QThread, QTimer, Signal, Slot

from musicassist.composing.accompaniment_takes import accompaniment_takes
from musicassist.composing.request import ACCOMPANY, GenerationRequest, Take
from musicassist.errors import QT_TRANSLATE_NOOP, CheckpointError, MusicAssistError
from musicassist.families.registry import FAMILIES

if TYPE_CHECKING:
    from musicassist.composing.engine import Engine

log = logging.getLogger(__name__)
CLOSE_SECONDS = 0.3  # LIMIT: time for a task to see that it should end
_FAILED = QT_TRANSLATE_NOOP("Errors", "That did not work: {reason}.")
_NOT_LOADED = QT_TRANSLATE_NOOP("Errors", "The model {name} could not be loaded: {reason}.")
_NOT_COMPOSED = QT_TRANSLATE_NOOP("Errors", "Composing failed: {reason}. Your music is untouched.")
FRAME_MS = 16
STOP_MS = 1_500  # LIMIT: how long the window waits for the thread when it closes
SETTLE_MS = 300  # a program that saves touches its file several times


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

    Attributes:
        is_closed: Whether what runs should end early; may be asked from any thread.
    """

    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._unfinished = 0
        self.is_closed = False
        self._finished.connect(self._on_finished, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._work_off, name="files", daemon=True)
        self._thread.start()

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._unfinished > 0

    def start(
        self, work: Callable[[], Any], on_success: Callable[[Any], None], on_failure: Callable[[MusicAssistError], None]
    ) -> None:
        """Queues ``work``; it must not touch widgets or the document.

        Args:
            work: Runs in the background; may raise a MusicAssistError.
            on_success: Gets its value, on the main thread.
            on_failure: Gets its error, on the main thread.
        """
        if not self.is_closed:
            self._unfinished += 1
            self._waiting.put(_Task(work, on_success, on_failure))

    def close(self) -> bool:
        """Drops what waits and lets go of what runs; its answer is not given any more.

        False if that did not end in time: the process must then just go, for a thread that is within a C library does
        not survive the end of Python.
        """
        self.is_closed = True
        self._waiting.put(None)
        self._thread.join(CLOSE_SECONDS)
        return not self._thread.is_alive()

    def _work_off(self) -> None:
        while (task := self._waiting.get()) is not None and not self.is_closed:
            done = _done(task)
            if not self.is_closed:
                self._finished.emit(done)

    def _on_finished(self, done: _Task) -> None:
        self._unfinished -= 1
        if self.is_closed:
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
        return replace(task, error=MusicAssistError(_FAILED, reason=error))


@dataclass(frozen=True)
class Result:
    """One thing that the thread hands over.

    Attributes:
        kind: ``ready``, ``note``, ``progress``, ``takes`` or ``failure``.
        request: What was asked for; None where no request belongs to it.
        value: (name of the model, why it is not the one that was wanted), (take number, note), the share
            that is composed, the takes, or the error.
    """

    kind: str
    request: GenerationRequest | None
    value: Any


class Composer(QObject):
    """Lives in the generation thread and owns the engine there."""

    arrived = Signal()

    def __init__(self, make_engine: Callable[[], Engine], results: deque[Result]) -> None:
        super().__init__()
        self._make_engine = make_engine
        self._results = results
        self._engine: Engine | None = None
        self._loaded: str | None = None
        self.has_news = threading.Event()

    @Slot(str)
    def load(self, model: str) -> None:
        try:
            self._load(model, "continue")
            assert self._engine is not None
            self._engine.training_music()  # read while nobody waits for it
        except MusicAssistError as error:
            self._hand_over(Result("failure", None, error))
        except Exception as error:
            log.exception("The model could not be loaded")
            self._hand_over(Result("failure", None, CheckpointError(_NOT_LOADED, name=model, reason=error)))

    def _load(self, model: str, verb: str) -> str:
        """Reads a model; where it cannot be loaded, the one that stands in for it. Gives the name of what is there."""
        if self._engine is None:
            self._engine = self._make_engine()
        there, problem = model, None
        if self._loaded != model:
            there, problem = FAMILIES.load_or_stand_in(self._engine.load, model, verb)
        self._loaded = there
        self._hand_over(Result("ready", None, (there, problem)))
        return there

    @Slot(object, object)
    def compose(self, request: GenerationRequest, cancelled: threading.Event) -> None:
        """Makes the takes of a request unless it was cancelled meanwhile."""
        if cancelled.is_set():
            return
        try:
            is_arranged = request.kind == ACCOMPANY
            takes = accompaniment_takes(request, cancelled.is_set) if is_arranged else self._made(request, cancelled)
            self._hand_over(Result("takes", request, takes))
        except MusicAssistError as error:
            self._hand_over(Result("failure", request, error))
        except Exception as error:
            if not cancelled.is_set():
                log.exception("Composing failed")
                self._hand_over(Result("failure", request, MusicAssistError(_NOT_COMPOSED, reason=error)))

    def _made(self, request: GenerationRequest, cancelled: threading.Event) -> tuple[Take, ...]:
        there = request.model if self._loaded == request.model else self._load(request.model, request.kind)
        assert self._engine is not None
        return self._engine.generate(
            replace(request, model=there),
            on_note=lambda number, note: self._hand_over(Result("note", request, (number, note))),
            on_progress=lambda share: self._hand_over(Result("progress", request, share)),
            is_cancelled=cancelled.is_set,
        )

    @Slot(object, object)
    def read_ahead(self, request: GenerationRequest, cancelled: threading.Event) -> None:
        """Reads the seed of a request that may come, with the model that is there."""
        if self._engine is not None:
            self._engine.read_ahead(request, cancelled.is_set)

    def _hand_over(self, result: Result) -> None:
        self._results.append(result)
        if not self.has_news.is_set():
            self.has_news.set()
            self.arrived.emit()


class BackgroundGenerator(QObject):
    """The owner of the thread, on the main thread; what ``Session`` knows as its generator.

    Attributes:
        model_ready: A model is loaded; carries its name.
        model_stood_in: The one that is loaded stands in for another; its name, and the MusicAssistError of the other.
        note_arrived: A note was composed: request, number of the take, note.
        progressed: Which share of a request is composed: request, 0..1.
        takes_arrived: A request is done: request, takes.
        failed: A request, or None where loading failed, and the MusicAssistError.
        is_loading: Whether ``model_ready`` or ``failed`` is still to come after a ``load``.
    """

    model_ready = Signal(str)
    model_stood_in = Signal(str, object)
    note_arrived = Signal(object, int, object)
    progressed = Signal(object, float)
    takes_arrived = Signal(object, object)
    failed = Signal(object, object)
    _load_wanted = Signal(str)
    _compose_wanted = Signal(object, object)
    _reading_wanted = Signal(object, object)

    def __init__(self, make_engine: Callable[[], Engine], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._results: deque[Result] = deque()
        self._thread = QThread()
        self._thread.setObjectName("generation")
        self._composer = Composer(make_engine, self._results)
        self._composer.moveToThread(self._thread)
        self._load_wanted.connect(self._composer.load)
        self._compose_wanted.connect(self._composer.compose)
        self._reading_wanted.connect(self._composer.read_ahead)
        self._composer.arrived.connect(self._on_composer_arrived, Qt.ConnectionType.QueuedConnection)
        self._frame = QTimer(self, singleShot=True, interval=FRAME_MS)
        self._frame.timeout.connect(self._on_frame_timeout)
        self._cancelled = threading.Event()
        self._reading_cancelled = threading.Event()
        self._request: GenerationRequest | None = None
        self._ready_model: str | None = None
        self.is_loading = self._is_closed = False
        self._stopped_seconds = 0.0

    @property
    def is_ready(self) -> bool:
        """Whether a model is loaded; the thread itself changes to that of a request."""
        return self._ready_model is not None

    def load(self, model: str) -> None:
        """Starts the thread if need be and reads the model there; ``model_ready`` or ``failed`` follows."""
        if not self._thread.isRunning():
            self._thread.start(QThread.Priority.LowPriority)
        self._ready_model, self.is_loading = None, True
        self._load_wanted.emit(model)

    def start(self, request: GenerationRequest) -> None:
        """Queues a request; the one before is cancelled."""
        self.cancel()
        self._cancelled = threading.Event()
        self._request = request
        if not self._thread.isRunning():
            self._thread.start(QThread.Priority.LowPriority)
        self._compose_wanted.emit(request, self._cancelled)

    def read_ahead(self, request: GenerationRequest) -> None:
        """Queues the reading of a seed that may be asked for; the one before is cancelled, and a request cancels it."""
        self._reading_cancelled.set()
        self._reading_cancelled = threading.Event()
        self._reading_wanted.emit(request, self._reading_cancelled)

    def cancel(self) -> None:
        """Stops the request in work at its next step; nothing more of it arrives."""
        self._cancelled.set()
        self._reading_cancelled.set()
        self._request = None

    def stop(self) -> None:
        """Lets the thread end; ``close`` waits for that."""
        if self._is_closed:
            return
        self._is_closed = True
        self._stopped_seconds = time.monotonic()
        self.cancel()
        self._frame.stop()
        self._thread.requestInterruption()
        self._thread.quit()

    def close(self) -> bool:
        """Ends the thread. False if it did not end in time, because it loads a model; the process must then just go."""
        self.stop()
        waited_ms = round(1000 * (time.monotonic() - self._stopped_seconds))
        return self._thread.wait(max(0, STOP_MS - waited_ms))

    def _on_composer_arrived(self) -> None:
        if not self._frame.isActive() and not self._is_closed:
            self._deliver()
            self._frame.start()

    def _on_frame_timeout(self) -> None:
        if self._deliver():
            self._frame.start()

    def _deliver(self) -> bool:
        """Hands on what has come since the last frame; says whether that was anything.

        The flag is cleared even where nothing is there: the thread may have told of what was fetched before it told.
        """
        self._composer.has_news.clear()
        has_any = bool(self._results)
        while self._results:
            result = self._results.popleft()
            if result.request is not None and result.request is not self._request:
                continue  # it was cancelled on its way
            if result.request is None:
                self.is_loading = False
            if result.kind == "ready":
                self._ready_model, problem = result.value
                self.model_ready.emit(self._ready_model)
                if problem is not None:
                    self.model_stood_in.emit(self._ready_model, problem)
            elif result.kind == "note":
                self.note_arrived.emit(result.request, *result.value)
            elif result.kind == "progress":
                self.progressed.emit(result.request, result.value)
            elif result.kind == "takes":
                self.takes_arrived.emit(result.request, result.value)
            else:
                self.failed.emit(result.request, result.value)
        return has_any


class DiskWatch(QObject):
    """Watches one file.

    Attributes:
        changed: The file is another one than when ``watch`` was called; carries its path.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._on_touched)
        self._watcher.directoryChanged.connect(self._on_touched)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.look)
        self._path: Path | None = None
        self._mark: tuple[int, int] | None = None

    def watch(self, path: Path | None) -> None:
        """Watches this file as it is now, and no other."""
        self.forget()
        if path is not None:
            self._path = path
            self._mark = _mark_of(path)
            # The folder too: saving by replacing ends the watch on the file itself.
            self._watcher.addPaths([str(path), str(path.parent)])

    def forget(self) -> None:
        self._settle.stop()
        self._path = None
        watched = self._watcher.files() + self._watcher.directories()
        if watched:
            self._watcher.removePaths(watched)

    def look(self) -> None:
        if self._path is None:
            return
        mark = _mark_of(self._path)
        if mark != self._mark:
            self._mark = mark
            if mark is not None and str(self._path) not in self._watcher.files():
                self._watcher.addPath(str(self._path))
            self.changed.emit(self._path)

    def _on_touched(self, _path: str) -> None:
        self._settle.start()


def _mark_of(path: Path) -> tuple[int, int] | None:
    """What changes when the file changes; None without a file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
