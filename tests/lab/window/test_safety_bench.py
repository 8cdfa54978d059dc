"""A real process with the real window is killed while somebody edits: nothing that was seen before is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from pytestqt.qtbot import QtBot

from lab.window import safety_bench

KILL = "from lab.window.safety_bench import measure_kills; import json; print(json.dumps(measure_kills({kills})))"
KEYS = {"metric", "model", "value", "unit", "n", "seed", "split"}


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs forks and kills")
def test_a_kill_costs_no_edit_that_was_seen_before() -> None:
    """The figure with 200 kills is that of ``musicassist bench kill``."""
    answer = subprocess.run([sys.executable, "-c", KILL.format(kills=6)], capture_output=True, text=True, check=True)
    rows = json.loads(answer.stdout.splitlines()[-1])
    lost, seen, other, unreadable, _ = (row["value"] for row in rows)
    assert (lost, other, unreadable) == (0, 0, 0)
    assert seen > 0
    assert all(set(row) == KEYS for row in rows)


def test_saving_a_long_song_keeps_the_window_alive(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long is measured by ``musicassist bench saving``, with 250,000 notes; a busy machine is no failure here."""
    monkeypatch.setattr(safety_bench, "SAVES", 1)
    rows = safety_bench.measure_saving(20_000)
    assert [row["metric"].split(" while ")[1] for row in rows] == [
        "20,000 notes are saved",
        "20,000 notes are exported",
    ]
    assert all(set(row) == KEYS and 0 < row["value"] < 5000 for row in rows)
