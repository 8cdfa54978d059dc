"""The first start ever, from an empty home folder and without a network: one press of Space, and the demo is heard."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lab.sound.hits import onsets_seconds, read_wav
from lab.sound.jack_system import dummy_jack_server, engine_ports, start_recording, wait_until
from musicassist.settings import settings_file
from musicassist.sound.fluid_library import is_fluidsynth_here

pytestmark = [pytest.mark.jack, pytest.mark.slow]
HEARD_SECONDS = 10.0
BUSY_FACTOR = 6  # LIMIT: a machine that does other things meanwhile

# The program as its icon starts it; a press of Space as soon as the window is on the screen; no network, no dialog.
FIRST_RUN = """
import sys
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from musicassist.ui.main_window import MainWindow
import musicassist.app as app

def refuse(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        raise OSError("there is no network")

sys.addaudithook(refuse)
start = MainWindow.start

def press_space():
    if QApplication.focusWidget() is None:
        QTimer.singleShot(20, press_space)
        return
    assert QApplication.activeModalWidget() is None
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)

def start_and_press_space(window, path):
    start(window, path)
    press_space()

MainWindow.start = start_and_press_space
sys.exit(app.main([]))
"""


def test_one_press_of_space_sounds_the_demo(fresh_home: Path, tmp_path: Path) -> None:
    if not is_fluidsynth_here():
        pytest.fail("libfluidsynth is missing; `make setup` installs it")
    assert not settings_file().exists()
    with dummy_jack_server():  # one of its own: engines of other tests may still hold ports of theirs
        began = time.monotonic()
        program = subprocess.Popen([sys.executable, "-c", FIRST_RUN], stderr=subprocess.PIPE, text=True)
        try:
            wait_until(engine_ports, "The program opens no sound.", BUSY_FACTOR * HEARD_SECONDS)
            opened_seconds = time.monotonic() - began
            start_recording(tmp_path / "heard.wav", 3.0, *engine_ports()).wait()
        finally:
            program.terminate()
            _, errors = program.communicate()
    assert "Traceback" not in errors
    samples, rate = read_wav(tmp_path / "heard.wav")
    assert np.abs(samples.astype(int)).max() > 500, "nothing but silence"
    heard_seconds = opened_seconds + onsets_seconds(samples, rate)[0]
    print(f"the demo was heard after {heard_seconds:.1f} s")
    assert heard_seconds < BUSY_FACTOR * HEARD_SECONDS
