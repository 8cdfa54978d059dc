"""The bench of the start has its rows, and the program is watched from its first frame to its model."""

from __future__ import annotations

import pytest

from lab.window import start_bench


def test_the_rows_are_medians_and_torch_is_the_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    found = iter(
        [{"frame": 300.0, "ready": ready, "hang": 50.0, "rss": 90.0, "pss": 80.0} for ready in (400, 600, 800)]
    )
    monkeypatch.setattr(start_bench, "_start", lambda: next(found))
    monkeypatch.setattr(start_bench, "_torch_ms", lambda: 2000.0)
    rows = start_bench.measure_start(3)
    assert all(set(row) == {"metric", "model", "value", "unit", "n", "seed", "split"} for row in rows)
    values = {row["metric"]: row["value"] for row in rows}
    assert values["start of the program to the model being ready, p50"] == 600
    assert values["model ready, against a bare import of torch, p50"] == 0.3


@pytest.mark.slow
def test_a_start_paints_a_frame_and_has_a_model_afterwards() -> None:
    start = start_bench._start()
    assert 0 < start["frame"] < start["ready"]
    assert start["hang"] >= 0
    assert start["rss"] >= start["pss"] > 0
