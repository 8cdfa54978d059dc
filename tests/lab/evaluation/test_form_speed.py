"""What is timed: the presses by their names, and the phrases that they go on from."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from lab.evaluation import form_speed
from lab.evaluation.form_asking import Asked
from lab.evaluation.form_speed import BAR, PARTS, PRESSES, four_tracks, phrase, press_rows


def test_the_phrase_fills_its_eight_bars_and_four_tracks_end_together() -> None:
    tune = phrase()
    assert sum(length for _, _, length in tune) == 8 * BAR
    assert all(a[0] + a[2] == b[0] for a, b in pairwise(tune))
    assert [track.notes.end_tick.max() for track in four_tracks().tracks] == [8 * BAR] * 4


def test_before_is_asked_for_four_takes_in_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[tuple[str, Any], ...]] = []

    class Listening:
        def takes(self, one: Asked) -> list[Any]:
            asked.append(one.wish)
            return []

    monkeypatch.setattr(form_speed, "Window", Listening)
    monkeypatch.setattr(form_speed, "RUNS", 1)
    rows = press_rows(is_before=True)
    assert [row["model"] for row in rows] == [*PRESSES, PARTS]
    assert {dict(wish)["takes"] for wish in asked} == {4}
    assert len(asked) == 2 * len(PRESSES)
    monkeypatch.setattr(form_speed, "_four_tracks", lambda: 5.0)
    asked.clear()
    assert press_rows(is_before=False)[-1]["value"] == 5
    assert (("bars", 4), ("takes", 8), ("candidates", 8)) in asked
