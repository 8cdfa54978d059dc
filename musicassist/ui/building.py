"""Builds a window with everything behind it, from what ``app`` and the command line hand in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from musicassist.composing.composing_engine import ComposingEngine
from musicassist.document.document import Document
from musicassist.document.recovery import RecoveryJournal
from musicassist.resources import resources_folder
from musicassist.session.offers import Controls
from musicassist.session.playing_in import MAX_COUNT_IN_BARS
from musicassist.session.recording import RecordingWay
from musicassist.session.session import Session, sound_settings
from musicassist.settings import Settings
from musicassist.sound.client import SoundClient
from musicassist.sound.messages import SoundSettings
from musicassist.ui.background import BackgroundGenerator
from musicassist.ui.main_window import MainWindow, WindowParts
from musicassist.ui.model_status import ModelFact

SEED_RANGE = 1_000_000  # short enough to read out and type again


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
    make_engine: Callable[[], ComposingEngine]
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

    ``pyside6-lupdate`` over the modules of ``ui`` writes ``musicassist_de.ts`` for translators, ``pyside6-lrelease``
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
    session.input.set_way(RecordingWay(bars, settings.replace_recording))
    return MainWindow(WindowParts(session, generator, journal, settings, world.save_settings, world.list_models))


def _controls(settings: Settings) -> Controls:
    return Controls(
        bars=settings.take_bars,
        temperature=settings.take_temperature,
        is_in_scale=settings.keep_in_scale,
        seed=settings.take_seed,
        model=settings.take_model,
    )
