"""How soon the program is there: its first frame, its model, its longest hang meanwhile, and the memory it then holds.

It uses only names that older checkouts have, too: ``--beside`` runs it upon those.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import musicassist

STARTS = 5
LIMIT_SECONDS = 60.0
Row = dict[str, Any]  # {metric, model, value, unit, n, seed, split}
_TORCH = "import torch, time; print(time.monotonic())"
# Runs in a fresh interpreter: the program as a user starts it, watched from inside by an event filter and a timer.
_WATCHED = """
import json, os, sys, time
from musicassist import app as program

BEAT_MS, WATCHED_SECONDS, SETTLED_SECONDS, LIMIT_SECONDS = 5, 5.0, 1.0, 50.0
surroundings = program.surroundings


def watched(settings):
    # Before there is a window, and after the program itself has imported Qt: what is imported after Qt costs more.
    from PySide6.QtCore import QEvent, QObject, Qt, QTimer
    from PySide6 import QtWidgets

    class Watch(QObject):
        def __init__(self, app):
            super().__init__(app)
            self.app, self.frame, self.ready, self.hang, self.last = app, None, None, 0.0, None
            self.timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
            self.timer.timeout.connect(self.beat)
            app.installEventFilter(self)

        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint and isinstance(watched, QtWidgets.QMainWindow):
                handle = watched.windowHandle()
                if handle is not None and handle.isExposed():  # the first drawing, out of sight, is no frame
                    self.window = watched
                    self.app.removeEventFilter(self)
                    QTimer.singleShot(0, self.painted)
            return False

        def painted(self):
            self.frame = self.last = time.monotonic()
            self.timer.start()

        def beat(self):
            now = time.monotonic()
            if now - self.frame < WATCHED_SECONDS:
                self.hang = max(self.hang, now - self.last - BEAT_MS / 1000)
            self.last = now
            if self.ready is None and self.window.generator.is_ready:
                self.ready = now
            is_settled = self.ready is not None and now - self.ready > SETTLED_SECONDS
            if (is_settled and now - self.frame > WATCHED_SECONDS) or now - self.frame > LIMIT_SECONDS:
                memory = dict(line.split()[:2] for line in open("/proc/self/smaps_rollup") if "kB" in line)
                said = {"frame": self.frame, "ready": self.ready, "hang": self.hang,
                        "rss": int(memory["Rss:"]) / 1024, "pss": int(memory["Pss:"]) / 1024}
                print(json.dumps(said), flush=True)
                os._exit(0)

    application = QtWidgets.QApplication.instance()
    application.watch = Watch(application)
    return surroundings(settings)


program.surroundings = watched
sys.exit(program.main([]))
"""


def measure_start(count: int = STARTS) -> list[Row]:
    """Medians of some starts with an empty home folder, offscreen, in turn with a bare ``import torch``. Linux only."""
    starts, torch_ms = [], []
    for _ in range(count):
        torch_ms.append(_torch_ms())
        starts.append(_start())
    rows = [
        _row("start of the program to the first painted frame", [start["frame"] for start in starts], "ms"),
        _row("start of the program to the model being ready", [start["ready"] for start in starts], "ms"),
        _row("start of python to torch being imported", torch_ms, "ms"),
        _row("longest hang in the first 5 s of the window", [start["hang"] for start in starts], "ms"),
        _row("memory of the window's process, model ready, resident", [start["rss"] for start in starts], "MB"),
        _row("memory of the window's process, model ready, its share", [start["pss"] for start in starts], "MB"),
    ]
    ratios = [start["ready"] / torch for start, torch in zip(starts, torch_ms, strict=True)]
    return [*rows, _row("model ready, against a bare import of torch", ratios, "times")]


def _start() -> dict[str, float]:
    """One start: milliseconds since it and, for ``hang``, of the longest; megabytes."""
    began, said = _run(_WATCHED)
    found = json.loads(said)
    in_ms = {name: (found[name] - began) * 1000 for name in ("frame", "ready")}
    return {**in_ms, "hang": found["hang"] * 1000, "rss": found["rss"], "pss": found["pss"]}


def _torch_ms() -> float:
    began, said = _run(_TORCH)
    return (float(said) - began) * 1000


def _run(code: str) -> tuple[float, str]:
    """When a fresh interpreter was started, by the clock that all processes share, and the last line it printed."""
    root = str(Path(musicassist.__file__).resolve().parents[1])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        environment = {**os.environ, "PYTHONPATH": root, "HOME": home, "QT_QPA_PLATFORM": "offscreen"}
        environment |= {f"XDG_{name}_HOME": home for name in ("CONFIG", "STATE", "CACHE", "DATA")}
        began = time.monotonic()
        answer = subprocess.run(
            [sys.executable, "-P", "-c", code],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=LIMIT_SECONDS,
            check=True,
        )
    return began, answer.stdout.split("\n")[-2]


def _row(metric: str, values: list[float], unit: str) -> Row:
    return {
        "metric": f"{metric}, p50",
        "model": "window",
        "value": median(values),
        "unit": unit,
        "n": len(values),
        "seed": 0,
        "split": "",
    }
