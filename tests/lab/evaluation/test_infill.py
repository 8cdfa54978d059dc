"""Holes of the held-out side, and how what is filled in is compared with what stood there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corpora import tune
from lab.evaluation.infill import hole_of, infill_figures, overlap
from melodies import bars_of
from musicassist.composing.engine import Engine
from musicassist.evaluation.phrases import Phrase, phrases_of
from musicassist.families.registry import FAMILIES
from musicassist.learning.corpus import Line
from musicassist.tokens.codec import Surroundings
from tiny_models import install_tiny_model, install_tiny_transformer

STEP = 40  # ticks


def phrases(count: int) -> list[Phrase]:
    place = Surroundings(bars_of((0, 4, 4)), tonic=0, mode=1, style=5, last_bar=40)
    lines = [Line(f"made/{i}", "test", "folk", tune(i, notes=120), place, is_melody=True) for i in range(count)]
    return phrases_of(lines, count, seed=1)


def test_a_hole_is_the_first_bars_behind_a_phrase() -> None:
    (phrase,) = phrases(1)
    hole = hole_of(phrase, seed=3)
    assert hole is not None
    demands = hole.task.passage.demands
    assert (demands.from_step, demands.to_step, hole.behind_step) == (8 * 48, 10 * 48, 11 * 48)
    assert list(hole.task.passage.seed) == list(tune(0, notes=120))[: len(hole.task.passage.seed)]
    steps = (phrase.truth.start_tick // STEP).tolist()
    assert hole.truth.onset_step.tolist() == [step for step in steps if step < 480]
    assert hole.task.passage.following.onset_step.tolist() == [step for step in steps if step >= 480]


def test_overlap_is_the_sum_of_the_smaller_shares() -> None:
    assert overlap(np.array([2.0, 1, 1]), np.array([0.0, 3, 1])) == pytest.approx(0.25 + 0.25)
    assert overlap(np.array([2.0, 4]), np.array([1.0, 2])) == pytest.approx(1)


def test_models_that_hear_what_follows_stand_beside_those_that_do_not(tmp_path: Path) -> None:
    install_tiny_transformer(tmp_path)
    install_tiny_model(tmp_path)
    engine = Engine(tmp_path, FAMILIES)
    players = [(engine, "tiny-transformer"), (engine, "tiny")]
    rows = infill_figures(players, engine.ready("tiny").net(), phrases(3), "test")
    assert infill_figures(players, engine.ready("tiny").net(), phrases(3), "test") == rows
    table = {(row.metric, row.model): row.value for row in rows}
    assert len(table) == len(rows) == 1 + 2 * 6
    true = table["bits per note of the bar behind a hole", "true bars"]
    for _, name in players:
        own = table["bits per note of the bar behind a hole", name]
        assert table["bits per note of the bar behind a hole, more than after the true bars", name] == own - true
        assert all(0 <= value <= 1 for (what, model), value in table.items() if model == name and "common" in what)
    assert {row.n for row in rows} == {3}
