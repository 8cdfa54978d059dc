"""What is measured of loops and pictures can fail: a seam is found, and a missed point counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.sound import loops_bench
from musicassist.score.hit_points import HitPoints, fitted
from musicassist.score.timing import TimeMap, tempo_change


def test_a_seam_is_found_where_there_is_one() -> None:
    wave = (8000 * np.sin(2 * np.pi * np.arange(44_100) / 441)).astype(np.int64)
    whole = np.stack([wave, wave], axis=1)
    assert loops_bench.seam_share(whole) <= 1.0
    assert loops_bench.seam_share(whole[:-110]) > 10


def test_points_that_are_missed_in_the_file_are_measured() -> None:
    points = HitPoints(30.0, (12.5,))
    fit = fitted(TimeMap(), 15, points)
    assert loops_bench._worst_off_seconds(TimeMap(), fit, points) < 0.001
    slower = replace(fit, tempo_changes=(tempo_change(0, 119.0),))
    assert loops_bench._worst_off_seconds(TimeMap(), slower, points) == pytest.approx(0.252, abs=0.01)


def test_pictures_are_counted_by_whether_they_are_met(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {(row.metric, row.model): row for row in loops_bench._point_figures(40, 1)}
    missed = rows["hit points promised and missed by more than 10 ms", ""]
    assert missed.value == 0 and 20 <= missed.n <= 40
    monkeypatch.setattr(loops_bench, "_worst_off_seconds", lambda *_given: 0.02)
    rows = {(row.metric, row.model): row for row in loops_bench._point_figures(40, 1)}
    assert rows["hit points promised and missed by more than 10 ms", ""].value == missed.n
