"""Draws the real window offscreen, for the documentation and for tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from musicassist.errors import SaveError
from musicassist.ui.main_window import MainWindow

LONGEST_SECONDS = 60.0


def picture_window(window: MainWindow, out: Path, *, width: int, height: int) -> None:
    """Draws a window that is shown into a PNG.

    Args:
        window: The window.
        out: Where the picture goes.
        width: Logical pixels.
        height: Logical pixels.

    Raises:
        SaveError: The picture cannot be written.
    """
    window.resize(width, height)
    settle()
    if not window.grab().save(str(out), "PNG"):
        raise SaveError("The picture could not be written to {file}.", file=out)


def settle() -> None:
    """Lets the window lay itself out and draw."""
    for _ in range(5):
        QApplication.processEvents()


def wait_until(is_done: Callable[[], bool], *, longest_seconds: float = LONGEST_SECONDS) -> bool:
    """Runs the window until something is so, or too long; says which."""
    deadline_seconds = time.monotonic() + longest_seconds
    while not is_done() and time.monotonic() < deadline_seconds:
        QApplication.processEvents()
        time.sleep(0.005)
    return is_done()
