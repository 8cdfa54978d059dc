"""Builds everything, connects it and starts Qt: the one module that knows everyone."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicassist.cli.display import missing_display
from musicassist.cli.main import is_command, run
from musicassist.document.document import Document
from musicassist.document.project_file import RecoveryJournal
from musicassist.generation.offers import Controls
from musicassist.models.cards import ModelCard, list_cards
from musicassist.resources import checkpoints_folder
from musicassist.session import Session
from musicassist.settings import Settings, load_settings, save_settings, state_folder
from musicassist.sound.client import SoundClient, SoundSettings

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from musicassist.ui.main_window import MainWindow
    from musicassist.ui.model_status import ModelFact

LOG_BYTES = 1_000_000
SEED_RANGE = 1_000_000  # short enough to read out and type again
log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Opens the window, with a file if one is named; or does a verb of the command line. Returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if is_command(words):
        return run(words)
    problem = missing_display()
    if problem is not None:
        print(problem, file=sys.stderr)
        return 2
    return run_window(Path(words[0]) if words else None)


@dataclass(frozen=True)
class Choices:
    """What is handed to a window besides the file.

    Attributes:
        settings: The user's choices.
        is_silent: No sound engine that could make a sound.
        recovery_folder: Where the journal lies.
    """

    settings: Settings
    is_silent: bool = False
    recovery_folder: Path | None = None


def make_engine() -> Any:
    """The composing engine. Imports torch, so only the generation thread may call it."""
    from musicassist.generation.engine import Engine

    return Engine(checkpoints_folder())


def model_facts() -> tuple[ModelFact, ...]:
    """The installed models that can continue a phrase."""
    from musicassist.ui.model_status import ModelFact

    cards = (card for card in list_cards(checkpoints_folder()) if "continue" in card.verbs)
    return tuple(ModelFact(card.name, card.name.upper(), _card_words(card)) for card in cards)


def _card_words(card: ModelCard) -> str:
    return f"{card.parameters / 1e6:.1f} M parameters, {card.bytes / 1e6:.0f} MB"


def build_window(choices: Choices) -> MainWindow:
    """A window with everything behind it, nothing started yet. A QApplication must be there."""
    from musicassist.ui.background import BackgroundGenerator
    from musicassist.ui.main_window import MainWindow, WindowParts
    from musicassist.ui.sound_status import sound_settings

    settings = choices.settings
    journal = RecoveryJournal(choices.recovery_folder or state_folder() / "recovery")
    sound = SoundClient(SoundSettings(silent=True) if choices.is_silent else sound_settings(settings))
    generator = BackgroundGenerator(make_engine)
    session = Session(Document(), sound, generator, new_seed=lambda: secrets.randbelow(SEED_RANGE))
    session.takes.set_controls(_controls(settings))
    session.transport.set_metronome(enabled=settings.metronome)
    return MainWindow(WindowParts(session, generator, journal, settings, save_settings, model_facts))


def _controls(settings: Settings) -> Controls:
    return Controls(
        bars=settings.take_bars,
        temperature=settings.take_temperature,
        is_in_scale=settings.keep_in_scale,
        seed=settings.take_seed,
        model=settings.take_model,
    )


def make_application() -> QApplication:
    """The one QApplication, with its name and icon."""
    from PySide6.QtCore import QCoreApplication, Qt
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication

    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    QCoreApplication.setApplicationName("musicassist")
    QGuiApplication.setDesktopFileName("musicassist")
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication(["musicassist"])
    app.setStyle("Fusion")
    return app


def run_window(path: Path | None) -> int:
    """Runs the window until it is closed."""
    from PySide6.QtCore import QTimer

    from musicassist.ui.lifecycle import BugReporter, EndSignals, GarbageCollector

    _log_to_file()
    loaded = load_settings()
    app = make_application()
    window = build_window(Choices(loaded.settings))
    garbage = GarbageCollector(window)
    bugs = BugReporter(window)

    def end_at_once() -> None:
        window.shut_down(keep_recovery=True)
        app.exit(0)

    signals = EndSignals(end_at_once, window)
    app.commitDataRequest.connect(lambda _manager: window.recovering.record_now())
    window.show()
    if loaded.warning is not None:
        window.desk.say(loaded.warning)
    QTimer.singleShot(0, lambda: window.start(path))
    code = app.exec()
    window.shut_down(keep_recovery=True)
    signals.stop()
    bugs.stop()
    garbage.stop()
    if not window.is_over:
        _leave(code)
    window.deleteLater()
    app.processEvents()
    return code


def _leave(code: int) -> None:
    """Ends the process while the generation thread still loads a model, which nothing can interrupt.

    Everything is saved and the sound engine gone; going on would destroy a running QThread, which aborts.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _log_to_file() -> None:
    """Problems go to a file that the user can send; a folder that cannot be written is no reason not to start."""
    try:
        state_folder().mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            state_folder() / "musicassist.log", maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8"
        )
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger("musicassist").addHandler(handler)
