"""How long the real window keeps somebody waiting: until it opens, until ghosts appear, until it has stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from lab.window.play_ahead_bench import measure_play_ahead
from lab.window.turns import MAX_SECONDS, turn_until
from musicassist.composing.engine import Engine
from musicassist.session.session import SessionChange
from musicassist.settings import Settings
from musicassist.ui.building import Surroundings, build_window, make_application
from musicassist.ui.main_window import MainWindow
from musicassist.ui.model_status import ModelFact

Row = dict[str, Any]  # {metric, model, value, unit, n, seed, split}
RUNS = 20
STARTS = 5
LONG_BARS, LONG_TAKES = 32, 9  # enough work that it can be stopped in the middle
_START = """
import time
from pathlib import Path
from musicassist.app import surroundings
from musicassist.settings import Settings
from musicassist.ui.building import build_window, make_application
app = make_application()
window = build_window(surroundings(Settings()))
window.show()
app.processEvents()
print(time.time(), flush=True)
import os; os._exit(0)
"""


def measure_window(make_engine: Callable[[], Engine], list_models: Callable[[], Sequence[ModelFact]]) -> list[Row]:
    """Times of the window offscreen, with the demo phrase and the installed model. Main thread only.

    Args:
        make_engine: Makes the composing engine, in the generation thread.
        list_models: Names the models.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    make_application()
    rows = _rows("window open after the start of the program", [_start_ms() for _ in range(STARTS)])
    with tempfile.TemporaryDirectory() as folder:
        world = Surroundings(
            Settings(), lambda _settings: None, make_engine, list_models, Path(folder) / "recovery", is_silent=True
        )
        window = build_window(world)
        try:
            window.resize(1280, 720)
            window.show()
            window.start(None)
            turn_until(lambda: window.generator.is_ready)
            rows += _press_rows(window)
            rows += _rows("stopped after Esc", [_stop_ms(window) for _ in range(RUNS)])
            rows += _play_ahead_rows(window)
        finally:
            window.shut_down(keep_recovery=False)
            window.deleteLater()
    return rows


def _play_ahead_rows(window: MainWindow) -> list[Row]:
    first_ms, late_bars = measure_play_ahead(window)
    late = _rows("play-ahead, bars that came late", late_bars)[0]
    whole = {"metric": "play-ahead, bars that came late", "value": float(sum(late_bars)), "unit": "bars"}
    return [*_rows("play-ahead, first sound after the press", first_ms), {**late, **whole}]


def _press_rows(window: MainWindow) -> list[Row]:
    pairs = [_press_ms(window) for _ in range(RUNS + 1)][1:]
    first, offered, stall = (list(column) for column in zip(*pairs, strict=True))
    return [
        *_rows("first ghost note after the click", first),
        *_rows("4 takes of 4 bars on offer after the click", offered),
        *_rows("longest time the window was busy while composing", stall),
    ]


def _press_ms(window: MainWindow) -> tuple[float, float, float]:
    """Milliseconds from a click on the button to the first ghost and to the offer, and the longest turn of the loop."""
    ghosts: list[float] = []

    def on_change(change: SessionChange) -> None:
        if change.kind == "ghost" and not ghosts:
            ghosts.append(time.perf_counter())

    unsubscribe = window.session.subscribe(on_change)
    start = time.perf_counter()
    QTest.mouseClick(window.transport_bar.continuing.button, Qt.MouseButton.LeftButton)
    stall = turn_until(lambda: window.session.takes.phase == "offered")
    offered = time.perf_counter()
    unsubscribe()
    window.session.takes.dismiss()
    return (ghosts[0] - start) * 1000, (offered - start) * 1000, stall


def _stop_ms(window: MainWindow) -> float:
    """Milliseconds from the wish to stop until the thread has nothing left to do."""
    takes = window.session.takes
    controls = takes.controls
    takes.set_controls(replace(controls, bars=LONG_BARS, takes=LONG_TAKES))
    takes.ask()
    turn_until(lambda: any(len(takes.ghosts(number)) for number in range(1, LONG_TAKES + 1)))
    free: list[float] = []
    window.generator.model_ready.connect(lambda _name: free.append(time.perf_counter()))
    start = time.perf_counter()
    takes.cancel()
    window.generator.load(controls.model)  # waits in the thread's queue behind the work that is stopped
    turn_until(lambda: bool(free))
    takes.set_controls(controls)
    return (free[0] - start) * 1000


def _start_ms() -> float:
    """Milliseconds from starting a fresh interpreter until the window is shown, with an empty home folder."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HOME": home, "QT_QPA_PLATFORM": "offscreen"}
        environment |= {f"XDG_{name}_HOME": home for name in ("CONFIG", "STATE", "CACHE", "DATA")}
        start = time.time()
        answer = subprocess.run(
            [sys.executable, "-c", _START],
            env=environment,
            capture_output=True,
            text=True,
            timeout=MAX_SECONDS,
            check=True,
        )
    return (float(answer.stdout.split()[-1]) - start) * 1000


def _rows(metric: str, times_ms: Sequence[float]) -> list[Row]:
    return [
        {
            "metric": f"{metric}, p{share}",
            "model": "window",
            "value": float(np.percentile(times_ms, share)),
            "unit": "ms",
            "n": len(times_ms),
            "seed": 0,
            "split": "",
        }
        for share in (50, 95)
    ]
