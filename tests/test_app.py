"""Starting and ending, as the operating system sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

START_SECONDS = 30.0  # LIMIT: a busy machine with two cores
END_SECONDS = 3.0

# Runs the window, says on standard output when it is shown, and does what argv[2] says.
WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from musicassist.ui.main_window import MainWindow
import musicassist.app as app

start = MainWindow.start

def start_and_say(window, path):
    start(window, path)
    if "edit" in sys.argv:
        window.session.notes.select_all()
        window.session.notes.transpose(1)
    def leave():  # asks, where all takes are there by then and no file holds them
        window.close() or window.notices.press("unsaved", "Quit without saving")
    if "continue" in sys.argv:
        window.generator.model_ready.connect(lambda _name: window.assistant.continue_phrase())
        window.session.subscribe(lambda change: change.kind == "ghost" and QTimer.singleShot(0, leave))
    if "quit" in sys.argv:
        QTimer.singleShot(int(sys.argv[sys.argv.index("quit") + 1]), window.close)
    print("shown", flush=True)

MainWindow.start = start_and_say
sys.exit(app.run_window(None))
"""


def start_window(*words: str) -> subprocess.Popen[str]:
    """The window in a process of its own, once it is shown."""
    process = subprocess.Popen(
        [sys.executable, "-c", WINDOW, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "shown\n"
    return process


def children_of(pid: int) -> list[int]:
    """Processes that a process has started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(entry.joinpath("stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if parent == pid:
            found.append(int(entry.name))
    return found


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def ended(process: subprocess.Popen[str], longest_seconds: float) -> tuple[int, str]:
    """Exit status and standard error of a process that ends by itself in time."""
    try:
        _, errors = process.communicate(timeout=longest_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, errors


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_sigterm_ends_like_quit_and_keeps_the_work(fresh_home: Path) -> None:
    process = start_window("edit")
    helpers = children_of(process.pid)
    started_seconds = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code, errors = ended(process, START_SECONDS)

    assert time.monotonic() - started_seconds < END_SECONDS
    assert code == 0, errors
    assert "QThread" not in errors and "Traceback" not in errors
    assert not [pid for pid in helpers if is_alive(pid)]
    assert len(list((fresh_home / ".local/state/musicassist/recovery").glob("*.journal"))) == 1


@pytest.mark.slow
@pytest.mark.parametrize("after_ms", [0, 300, 900, 2000])
def test_sigterm_ends_within_three_seconds_while_the_model_loads_too(after_ms: int) -> None:
    process = start_window()
    with pytest.raises(subprocess.TimeoutExpired):  # no event tells how far the import of torch is
        process.wait(after_ms / 1000)
    started_seconds = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code, errors = ended(process, START_SECONDS)
    assert time.monotonic() - started_seconds < END_SECONDS
    assert code == 0, errors


@pytest.mark.slow
@pytest.mark.parametrize("after_ms", [0, 150, 700, 1500])
def test_quitting_at_any_time_ends_well(after_ms: int) -> None:
    code, errors = ended(start_window("quit", str(after_ms)), START_SECONDS)
    assert code == 0, errors
    assert "QThread" not in errors and "Traceback" not in errors


@pytest.mark.slow
def test_quitting_while_notes_stream_in_ends_well() -> None:
    code, errors = ended(start_window("continue"), START_SECONDS)
    assert code == 0, errors
    assert "QThread" not in errors and "Traceback" not in errors


def test_without_a_display_it_points_to_the_command_line() -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    world = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        [sys.executable, "-m", "musicassist"], env=world, capture_output=True, text=True, timeout=START_SECONDS
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "musicassist --help" in done.stderr
    assert done.stdout == ""


def test_a_verb_needs_no_qt() -> None:
    code = (
        "import sys; from musicassist.app import main; main(['--version']); sys.exit('PySide6.QtCore' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=START_SECONDS)
    assert done.returncode == 0, done.stderr


def test_qt_leaves_the_import_statement_as_it_is_and_keeps_no_sources() -> None:
    code = (
        "import builtins, linecache; before = builtins.__import__; from musicassist import app; app._load_qt(); "
        "import PySide6.QtWidgets, musicassist.ui.foreign_text; "
        "print(builtins.__import__ is before, [name for name in linecache.cache if 'musicassist' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True []"


@pytest.mark.skipif(not Path("/proc/self/task").exists() or (os.cpu_count() or 1) < 2, reason="needs Linux, two cores")
def test_numpy_makes_no_threads_that_would_wait_for_each_other() -> None:
    code = "import os; from musicassist.app import main; main(['--version']); import numpy as np; "
    code += "print(len(os.listdir('/proc/self/task')))"
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split("\n")[-2] == "1"
