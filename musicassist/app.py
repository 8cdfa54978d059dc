"""Builds everything, connects it and starts Qt: the one module that knows everyone."""

from __future__ import annotations

import builtins
import gc
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from musicassist.settings import Settings, load_settings, save_settings, state_folder
from musicassist.terminal import missing_display, say

if TYPE_CHECKING:
    from musicassist.composing.engine import Engine
    from musicassist.ui.building import Surroundings
    from musicassist.ui.main_window import MainWindow
    from musicassist.ui.model_status import ModelFact

LOG_BYTES = 1_000_000


def main(argv: Sequence[str] | None = None) -> int:
    """Opens the window, with a file if one is named; or does a verb of the command line. Returns the exit status."""
    # NumPy, which is not yet imported: its products here are small, and threads that wait for each other on a busy
    # machine make loading a model ten times as long.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    words = list(sys.argv[1:] if argv is None else argv)
    if words:
        from musicassist.cli.main import is_command, run  # the window opens sooner without

        if is_command(words):
            return run(words)
    problem = missing_display()
    if problem is not None:
        say(problem, on_stderr=True)
        return 2
    return run_window(Path(words[0]).absolute() if words else None)


def make_engine() -> Engine:
    """The composing engine; the generation thread makes it, and owns it."""
    from musicassist.families import registry

    return registry.make_engine()


def model_facts() -> tuple[ModelFact, ...]:
    """The installed models."""
    from musicassist.ui.model_status import installed_models

    return installed_models()


def surroundings(settings: Settings) -> Surroundings:
    """What a window is given when it runs for a user."""
    from musicassist.ui.building import Surroundings

    folder = state_folder()
    sound_log = folder / "sound.log" if os.access(folder, os.W_OK) else None
    return Surroundings(settings, save_settings, make_engine, model_facts, folder / "recovery", sound_log=sound_log)


def run_window(path: Path | None) -> int:
    """Runs the window until it is closed; returns the exit status."""
    gc.disable()  # while modules are loaded there is nothing to collect, and ``Life`` collects afterwards
    _load_qt()
    from musicassist.ui.building import Life, build_window, make_application
    from musicassist.ui.workspace import FirstFrame

    _log_to_file()
    loaded = load_settings()
    app = make_application(loaded.settings.language)
    window = build_window(surroundings(loaded.settings))
    gc.freeze()  # all of this lives as long as the window; looking through it takes a frame's time and more
    life = Life(window)
    window.grab()  # drawn once out of sight, all is at hand for the first frame, and it comes with the window
    FirstFrame(window, lambda: window.start(path))
    window.show()
    if loaded.warning is not None:
        window.workspace.say(loaded.warning)
    code = app.exec()
    life.end()
    if not window.is_over:
        _leave(code)
    _bury(window)
    return code


def _load_qt() -> None:
    """Loads Qt without the import statement that PySide6 puts in the place of Python's.

    That one reads the source of each module that is imported from then on, and keeps it, to see whether the module may
    ask for ``__feature__`` (other spellings of Qt's names), which nothing here does: 5 % of a start, and 10 MB.
    """
    of_python = builtins.__import__
    import_module("PySide6.QtCore")
    builtins.__import__ = of_python


def _bury(window: MainWindow) -> None:
    """Lets Qt destroy the window while the application still lives."""
    from PySide6.QtCore import QCoreApplication, QEvent

    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _leave(code: int) -> None:
    """Ends the process while a thread still loads a model, reads or writes, which nothing can interrupt.

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
