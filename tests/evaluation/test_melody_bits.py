"""Bits per note: the formulas on melodies small enough to count by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from musicassist.evaluation.melody_bits import FIRST_NOTES, bars_of, baseline_figures, figures_of
from musicassist.models.markov import MarkovModel, entropy_weighted
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.columns import Columns, columns_of
from musicassist.tokens.vocabulary import STEPS_PER_BEAT
from musicassist.training.pack import Pack


def _pack(*melodies: Melody) -> Pack:
    parts = [columns_of(melody, Surroundings(TimeMap(STEPS_PER_BEAT))) for melody in melodies]
    return Pack(
        Columns.joined(parts),
        np.cumsum([0, *(len(part) for part in parts)]),
        tuple(f"set/{n}.mid" for n in range(len(parts))),
        ("folk",) * len(parts),
        np.ones(len(parts), dtype=bool),
    )


def _melody(pitches: list[int], gap: int = 12) -> Melody:
    count = len(pitches)
    return Melody(np.arange(count) * gap, np.array(pitches), np.full(count, gap), np.full(count, 80))


def test_witten_bell_by_hand() -> None:
    model = MarkovModel(classes=4, longest=1)
    for context, value in (((0,), 1), ((1,), 1), ((1,), 2)):
        model.learn(context, value)
    # order 0: values 1, 1, 2: two kinds in three; order 1 after class 1: values 1, 2
    order_0 = np.array([0.25 * 2, 2 + 0.25 * 2, 1 + 0.25 * 2, 0.25 * 2]) / 5
    order_1 = (np.array([0, 1, 1, 0]) + 2 * order_0) / 4
    assert model.distribution((1,)) == pytest.approx(order_1)
    assert model.distribution((3,)) == pytest.approx(order_0)
    assert model.distribution((1,)).sum() == pytest.approx(1.0)


def test_the_surer_of_two_models_weighs_more() -> None:
    sure, unsure = np.array([0.97, 0.01, 0.01, 0.01]), np.full(4, 0.25)
    mixed = entropy_weighted(sure, unsure)
    assert mixed.sum() == pytest.approx(1.0)
    assert mixed[0] > 0.9


def test_bars_are_counted_from_the_first_note_to_the_last() -> None:
    pack = _pack(_melody([60] * 41), _melody([60] * 5, gap=24))  # quarters, then halves, of 4/4 from its first beat
    bits = [np.full((40, 4), 1.0), np.full((4, 4), 1.0)]
    (row,) = [row for row in figures_of("model", bits, pack, "test") if row.metric == "bits per bar"]
    assert (bars_of(pack.line(0)), bars_of(pack.line(1))) == (10.0, 2.0)
    assert (row.value, row.n) == ((40 + 4) * 3 / 12, 12)


def test_every_note_counts_once_and_the_first_notes_stand_apart() -> None:
    pack = _pack(_melody([60] * 50), _melody([60] * 10))
    bits = [np.full((49, 4), 1.0), np.full((9, 4), 2.0)]
    rows = {row.metric: row for row in figures_of("model", bits, pack, "test")}
    assert rows["bits per note"].value == pytest.approx((49 * 3 + 9 * 6) / 58)
    assert rows[f"bits per note, first {FIRST_NOTES}"].n == 31 + 9
    assert rows[f"bits per note, after {FIRST_NOTES}"].value == 3.0
    assert rows["bits per note, pitch"].n == 58


def test_baselines_learn_what_repeats() -> None:
    tune = [60, 62, 64, 65, 67, 65, 64, 62] * 6
    train, test = _pack(_melody(tune), _melody([p + 3 for p in tune])), _pack(_melody([p - 5 for p in tune]))
    bits = {row.model: row.value for row in baseline_figures(train, test, "test") if row.metric == "bits per note"}
    assert set(bits) == {"unigram", "copy forward", "markov", "markov, adaptive"}
    assert bits["markov"] < 1.0
    assert bits["copy forward"] < bits["unigram"]
    assert all(math.isfinite(value) for value in bits.values())
