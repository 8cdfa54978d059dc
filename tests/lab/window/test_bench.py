"""The roll's benchmark has the rows that the command line promises. How fast they are is no test."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from lab.window import bench


def test_rows_have_the_agreed_fields(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "RUNS", 2)
    monkeypatch.setattr(bench, "WARM_UPS", 0)
    monkeypatch.setattr(bench, "NOTE_COUNTS", (10_000,))
    monkeypatch.setattr(bench, "SCROLLED_COUNTS", (500,))
    monkeypatch.setattr(bench, "MANY_TRACKS", 10)
    monkeypatch.setattr(bench, "MANY_NOTES", 200)
    rows = bench.measure_repaint()
    assert all(set(row) == {"metric", "model", "value", "unit", "n", "seed", "split"} for row in rows)
    timed = ("repaint", "scroll step", "playhead step", "drag 1,000 notes", "reference loop", "edit with its paint")
    timed += ("edit with its paint, each in another track",)
    ratios = {"edit among many tracks, against one track", "edits that wander among many tracks, against one track"}
    assert {row["metric"] for row in rows} == {
        f"{metric} {share}" for metric in timed for share in ("p50", "p95")
    } | ratios
    assert all(row["value"] > 0 and row["unit"] == ("times" if row["metric"] in ratios else "ms") for row in rows)


def test_the_crowd_is_the_same_every_time() -> None:
    assert bench.crowded_song(500) == bench.crowded_song(500)
    assert bench.crowded_song(500).note_count == 500
