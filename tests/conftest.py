"""What every test gets: no screen, no home of its own, and JACK's dummy server where it is asked for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partialmethod
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from pytestqt.qtbot import QtBot

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before anything imports Qt
os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before anything imports torch; tiny nets want one

# The same examples on each machine; a busy machine is no failure.
hypothesis_settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
hypothesis_settings.load_profile("repeatable")

MAX_WAIT_MS = 60_000  # LIMIT: a wait ends as soon as it is fulfilled; only a machine that hangs reaches this
QtBot.waitUntil = partialmethod(QtBot.waitUntil, timeout=MAX_WAIT_MS)


@pytest.fixture(autouse=True)
def fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, so that no test sees the user's files or another test's."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name, folder in (
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_STATE_HOME", ".local/state"),
        ("XDG_CACHE_HOME", ".cache"),
    ):
        monkeypatch.setenv(name, str(home / folder))
    return home


@pytest.fixture(autouse=True)
def _skip_without_jack(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("jack"):
        _skip_without_programs()


def _skip_without_programs() -> None:
    from lab.sound.jack_system import PROGRAMS

    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"JACK's programs are not installed: {', '.join(missing)}")


@pytest.fixture(scope="session")
def jack_server() -> Iterator[str]:
    """Name of a running JACK dummy server (48 kHz, blocks of 128), which the environment names too."""
    from lab.sound.jack_system import dummy_jack_server

    _skip_without_programs()
    with dummy_jack_server() as name:
        yield name


@dataclass(frozen=True)
class CliResult:
    """What a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture
def run_cli() -> Callable[..., CliResult]:
    """Runs a command in this process: ``run_cli("info", "x.mid", "--json")``."""
    from musicassist.cli.main import run

    def run_words(*words: str | Path) -> CliResult:
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run([str(word) for word in words])
        return CliResult(code, out.getvalue(), err.getvalue())

    return run_words
