"""Builds a window with all behind it; how the program lives and ends: signals, bugs, garbage, the recovery copy."""

from __future__ import annotations

import gc
import logging
import secrets
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QCoreApplication,
    QLibraryInfo,
    QLocale,
    QObject,
    QSocketNotifier,
    Qt,
    QTimer,
    QTranslator,
    Signal,
)
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from musicassist.composing.request import CHORD_STRENGTHS, ENDINGS, SCALE_STRENGTHS, Constraints
from musicassist.document.document import Document
from musicassist.document.recovery import RecoveryJournal
from musicassist.errors import MusicAssistError
from musicassist.resources import resources_folder
from musicassist.session.offers import Controls
from musicassist.session.playing_in import MAX_COUNT_IN_BARS
from musicassist.session.recording import RecordingWay
from musicassist.session.session import Session
from musicassist.session.sound_choices import sound_settings
from musicassist.settings import Settings
from musicassist.sound.client import SoundClient
from musicassist.sound.messages import SoundSettings
from musicassist.ui.background import BackgroundGenerator
from musicassist.ui.main_window import MainWindow, WindowParts
from musicassist.ui.model_status import ModelFact
from musicassist.ui.strips import WARNING, Notice

if TYPE_CHECKING:
    from musicassist.composing.engine import Engine

SEED_RANGE = 1_000_000  # short enough to read out and type again
GARBAGE_MS = 2_000
END_SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Surroundings:
    """What a window needs from the world.

    Attributes:
        settings: The user's choices.
        save_settings: Writes them.
        make_engine: Makes the composing engine; called in the generation thread only, which then owns it.
        list_models: The models that can be chosen.
        recovery_folder: Where the recovery journal lies.
        is_silent: Nothing sounds and no port is opened.
        sound_log: Where the words of the sound engine go; None drops them.
    """

    settings: Settings
    save_settings: Callable[[Settings], None]
    make_engine: Callable[[], Engine]
    list_models: Callable[[], Sequence[ModelFact]]
    recovery_folder: Path
    is_silent: bool = False
    sound_log: Path | None = None


def make_application(language: str | None = None) -> QApplication:
    """The one QApplication, named, styled, and in the user's language.

    Args:
        language: One of the translations, as ``de``; None goes by the system.
    """
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    QCoreApplication.setApplicationName("musicassist")
    QGuiApplication.setDesktopFileName("musicassist")
    app = QApplication(["musicassist"])
    app.setStyle("Fusion")
    install_language(app, QLocale(language) if language else QLocale.system())
    return app


def install_language(app: QApplication, locale: QLocale) -> tuple[QTranslator, ...]:
    """Translates our words and Qt's own from now on, as far as there are translations; must precede the window.

    ``pyside6-lupdate`` over all our modules writes ``musicassist_de.ts`` for translators, ``pyside6-lrelease``
    makes of it the ``musicassist_de.qm`` that is looked for in ``resources/translations``.
    """
    folders = {
        "musicassist": str(resources_folder() / "translations"),
        "qtbase": QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath),
    }
    found = []
    for name, folder in folders.items():
        translator = QTranslator(app)
        if translator.load(locale, name, "_", folder):
            app.installTranslator(translator)
            found.append(translator)
    return tuple(found)


def build_window(world: Surroundings) -> MainWindow:
    """The window; nothing is started and nothing is open yet. A QApplication must be there."""
    settings = world.settings
    journal = RecoveryJournal(world.recovery_folder)
    chosen = SoundSettings(silent=True) if world.is_silent else sound_settings(settings)
    sound = SoundClient(chosen, log=world.sound_log)
    generator = BackgroundGenerator(world.make_engine)
    session = Session(Document(), sound, generator, new_seed=lambda: secrets.randbelow(SEED_RANGE))
    session.takes.set_controls(_controls(settings))
    session.transport.set_metronome(enabled=settings.metronome)
    bars = min(max(settings.count_in_bars, 0), MAX_COUNT_IN_BARS)
    session.input.set_way(RecordingWay(bars, settings.replace_recording, settings.keep_rounds))
    return MainWindow(WindowParts(session, generator, journal, settings, world.save_settings, world.list_models))


def _controls(settings: Settings) -> Controls:
    chords = settings.take_chords if settings.take_chords in CHORD_STRENGTHS else Constraints.chord_strength
    scale = settings.take_scale if settings.take_scale in SCALE_STRENGTHS else Constraints.scale_strength
    return Controls(
        constraints=Constraints(chord_strength=chords, scale_strength=scale),
        bars=settings.take_bars,
        ending=settings.take_ending if settings.take_ending in ENDINGS else Controls.ending,
        closeness=settings.take_closeness,
        surprise=settings.take_surprise,
        seed=settings.take_seed,
        model=settings.take_model or Controls.model,
    )


class GarbageCollector(QObject):
    """Collects on the main thread only: a collection on another one could destroy widgets there.

    Source: the pattern of pyqtgraph's ``GarbageCollector``; the failures it prevents are napari issue 1029 and others.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=GARBAGE_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """One collection, as deep as the thresholds say."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        self._timer.stop()
        gc.enable()


class EndSignals(QObject):
    """Turns SIGTERM and its like into a call on the main thread, at once even while the window is idle."""

    def __init__(self, end: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._end = end
        self._reader, self._writer = socket.socketpair()
        self._reader.settimeout(0)
        self._writer.settimeout(0)
        self._before_fd = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_notifier_activated)
        self._before = {
            number: signal.signal(number, self._ignore)
            for number in (getattr(signal, name) for name in END_SIGNALS if hasattr(signal, name))
        }

    def stop(self) -> None:
        """Hears nothing more: the end has begun, and a second signal must not cut it short."""
        self._notifier.setEnabled(False)
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)
        signal.set_wakeup_fd(self._before_fd)
        self._reader.close()
        self._writer.close()

    @staticmethod
    def _ignore(_number: int, _frame: FrameType | None) -> None:
        """The byte on the socket is what counts."""

    def _on_notifier_activated(self) -> None:
        numbers = set(self._reader.recv(64))
        if numbers & {int(number) for number in self._before}:
            self._end()


class BugReporter(QObject):
    """Says what nobody foresaw, keeps a copy of the work, and stops the sound."""

    _met = Signal(str, str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._is_telling = False
        self._met.connect(self._tell)
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception

    def stop(self) -> None:
        sys.excepthook, threading.excepthook = self._before

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
            return
        if isinstance(error, MusicAssistError):
            self._window.workspace.warn("foreseen", error)
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        log.error("A bug:\n%s", details)
        self._met.emit(f"{kind.__name__}: {error}", details)

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)

    def _tell(self, summary: str, details: str) -> None:
        """On the main thread, and never twice at once."""
        if self._is_telling:
            return
        self._is_telling = True
        try:
            self._window.session.sound.panic()
            self._keep_copy()
            text = self.tr("Something went wrong that should not ({what}). A copy of your work was kept.")
            copy = (self.tr("Copy details"), lambda: QGuiApplication.clipboard().setText(self._report(details)))
            self._window.notices.show_notice(Notice("bug", text.format(what=summary), WARNING, (copy,), details))
        finally:
            self._is_telling = False

    def _keep_copy(self) -> None:
        try:
            self._window.recovering.record_now()
        except MusicAssistError as error:
            log.error("%s", error)  # the words are enough

    def _report(self, details: str) -> str:
        return f"{self._window.help_commands.diagnostics()}\n\n{details}"


class Life:
    """Everything above for one window, from before it is shown until after it is closed."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._garbage = GarbageCollector(window)
        self._bugs = BugReporter(window)
        self._signals = EndSignals(self._end_at_once, window)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.commitDataRequest.connect(self._on_commit_data_requested)

    def end(self) -> None:
        """Ends what the window has not ended itself; unsaved work stays in the journal."""
        self._window.shut_down(keep_recovery=True)
        self._signals.stop()
        self._bugs.stop()
        self._garbage.stop()

    def _end_at_once(self) -> None:
        self._window.shut_down(keep_recovery=True)
        QApplication.exit(0)

    def _on_commit_data_requested(self, _manager: object) -> None:
        """The desktop logs out: the copy is kept, and nothing asks."""
        self._window.recovering.record_now()
