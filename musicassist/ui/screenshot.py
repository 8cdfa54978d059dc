"""Draws the real window offscreen, for the documentation and for tests."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from musicassist.disk import replace_whole
from musicassist.document.opening import read_file
from musicassist.errors import QT_TRANSLATE_NOOP, CheckpointError, MusicAssistError, SaveError
from musicassist.settings import Settings
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.messages import PortsChanged, StatusChanged
from musicassist.sound.soundfonts import find_soundfont
from musicassist.terminal import say
from musicassist.ui.building import Surroundings, build_window, make_application
from musicassist.ui.main_window import MainWindow
from musicassist.ui.model_status import ModelFact

if TYPE_CHECKING:
    from musicassist.composing.engine import Engine

MAX_HEARING_SECONDS = 10.0  # LIMIT: a picture is drawn without the chords that nobody can hear by then
MAX_SECONDS = 60.0
PICTURE_SEED = 7  # the same picture each time


def save_screenshot(
    song_path: Path | None,
    out: Path,
    *,
    width: int,
    height: int,
    theme: str,
    make_engine: Callable[[], Engine] | None = None,
    list_models: Callable[[], Sequence[ModelFact]] = tuple,
) -> None:
    """Draws the window with a file into a picture; the platform must be ``offscreen``.

    Args:
        song_path: The file; None draws an empty song.
        out: Where the picture goes, PNG or JPEG by its suffix.
        width: Logical pixels.
        height: Logical pixels.
        theme: ``dark`` or ``light``.
        make_engine: With it, the phrase is continued and the takes are in the picture.
        list_models: The models to name.

    Raises:
        MidiImportError: The file cannot be opened.
        CheckpointError: There is no model to continue with.
        SaveError: The picture cannot be written.
    """
    qInstallMessageHandler(_say_what_matters)
    make_application()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(theme=theme, take_seed=PICTURE_SEED)
        maker = make_engine or _no_engine
        world = Surroundings(settings, _forget, maker, list_models, Path(folder), is_silent=True)
        window = build_window(world)
        try:
            window.resize(width, height)
            window.show()
            if song_path is not None:
                window.session.open(read_file(song_path), song_path)
            _show_surroundings(window)
            settle()
            wait_until(lambda: window.chord_hearing.is_up_to_date, longest_seconds=MAX_HEARING_SECONDS)
            if make_engine is not None:
                _continue_phrase(window)
            picture_window(window, out)
        finally:
            window.shut_down(keep_recovery=False)
            window.deleteLater()


def _say_what_matters(_kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    """Qt's warnings, without the one that offscreen windows have no size hints."""
    if "propagateSizeHints" not in message:
        say(message, on_stderr=True)


def _forget(_settings: Settings) -> None:
    """A picture changes no choices."""


def _show_surroundings(window: MainWindow) -> None:
    """What the strip says where sound and model are installed; a picture starts neither."""
    window.heartbeat.stop()
    window.model_status.show_installed()
    if is_fluidsynth_here():
        sounding = StatusChanged("offscreen", find_soundfont().name, None, None, 0.0)
        window.sound_status.tell((sounding, PortsChanged((), (), None, None)))


def _no_engine() -> Engine:
    raise CheckpointError(QT_TRANSLATE_NOOP("Errors", "No model was asked for."))


def _continue_phrase(window: MainWindow) -> None:
    problems: list[MusicAssistError] = []
    window.generator.failed.connect(lambda _request, error: problems.append(error))
    window.model_status.load()
    window.assistant.continue_phrase()
    wait_until(lambda: window.session.takes.phase == "offered" or bool(problems))
    if problems:
        raise problems[0]


def picture_window(window: MainWindow, out: Path) -> None:
    """Draws a window that is shown into a picture.

    Raises:
        SaveError: The picture cannot be written.
    """
    settle()
    picture = QBuffer()
    window.grab().save(picture, "PNG")
    try:
        replace_whole(out, bytes(picture.data().data()))
    except OSError as error:
        reason = error.strerror or error
        raise SaveError(
            QT_TRANSLATE_NOOP("Errors", "The picture could not be written to {file}: {reason}."),
            file=out,
            reason=reason,
        ) from error


def settle() -> None:
    """Lets the window lay itself out and draw."""
    for _ in range(5):
        QApplication.processEvents()


def wait_until(is_done: Callable[[], bool], *, longest_seconds: float = MAX_SECONDS) -> bool:
    """Runs the window until something is so, or too long; says which."""
    deadline_seconds = time.monotonic() + longest_seconds
    while not is_done() and time.monotonic() < deadline_seconds:
        QApplication.processEvents()
        time.sleep(0.005)
    return is_done()
