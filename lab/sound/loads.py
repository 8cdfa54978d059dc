"""What goes on beside the engine while it is measured: a model that decodes, a window that is frozen."""

from __future__ import annotations

import contextlib
import ctypes
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from musicassist.resources import resources_folder

FROZEN_SECONDS = 0.5
_BEFORE_SECONDS = 1.0


@contextlib.contextmanager
def model_at_work(folder: Path) -> Iterator[None]:
    """Continues the demo phrase over and over in another process, 8 takes at a time, as a window does."""
    phrase = resources_folder() / "demo" / "phrase.mid"
    command = [sys.executable, "-m", "musicassist", "continue", str(phrase), "-o", str(folder / "take.mid")]
    is_over = threading.Event()
    process: list[subprocess.Popen[bytes]] = []

    def work() -> None:
        while not is_over.is_set():
            process[:] = [subprocess.Popen([*command, "--bars", "64", "--takes", "8"], stdout=subprocess.DEVNULL)]
            process[0].wait()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    try:
        time.sleep(_BEFORE_SECONDS)
        yield
    finally:
        is_over.set()
        process[0].terminate()
        worker.join()


@contextlib.contextmanager
def freezing_window() -> Iterator[None]:
    """Every other half second nothing at all runs in this process, which holds the client: no thread of it."""
    python_held = ctypes.PyDLL(None)  # its functions keep the interpreter's lock
    is_over = threading.Event()

    def freeze() -> None:
        while not is_over.wait(FROZEN_SECONDS):
            python_held.usleep(int(FROZEN_SECONDS * 1e6))

    worker = threading.Thread(target=freeze, daemon=True)
    worker.start()
    try:
        yield
    finally:
        is_over.set()
        worker.join()
