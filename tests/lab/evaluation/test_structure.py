"""Groove, entropy, repeats, loops and key agreement, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from excerpt_builders import SEED, excerpt_of
from lab.evaluation.structure import (
    bar_figures,
    dead_share,
    groove_consistency,
    key_share,
    likeness,
    loop_share,
    pitch_class_entropy,
    structure_figures,
    structure_fitness,
)

A, B, C = ((0, 60, 6), (6, 64, 6)), ((0, 67, 6), (3, 65, 3)), ((0, 62, 6), (6, 65, 6))


def test_groove_counts_the_steps_that_differ() -> None:
    # A to B: steps 6 and 3 differ, 2 of 12; A to C: the same rhythm
    assert groove_consistency([A, B], 12) == pytest.approx(1 - 2 / 12)
    assert groove_consistency([A, C, B], 12) == pytest.approx(1 - (0 + 2 / 12) / 2)


def test_entropy_of_windows() -> None:
    # one bar: A has two classes, 1 bit; a bar of one class 0 bits; both together shares 3/4 and 1/4
    drone = ((0, 60, 6), (6, 72, 6))
    assert pitch_class_entropy([A, drone], 1) == pytest.approx(0.5)
    assert pitch_class_entropy([A, drone], 2) == pytest.approx(-(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25)))
    assert pitch_class_entropy([A, ()], 1) == pytest.approx(1.0)


def test_bars_are_alike_by_the_notes_they_share() -> None:
    assert likeness([A, B, ()]).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]
    half = ((0, 60, 6), (6, 65, 6))
    assert likeness([A, half])[0, 1] == 0.5


def test_a_phrase_that_comes_twice_explains_half_of_the_whole() -> None:
    # A B A B: the segment A B comes again once: score 1 / 2, coverage 2 / 4; harmonic mean 1 / 2
    assert structure_fitness(likeness([A, B, A, B]), 2, 2) == pytest.approx(0.5)
    # A A A A: one bar, three repeats: score 3 / 4, coverage 3 / 4
    assert structure_fitness(likeness([A] * 4), 1, 1) == pytest.approx(0.75)
    assert structure_fitness(likeness([A, B, C]), 1, 2) == 0.0
    assert structure_fitness(likeness([A, B]), 3, 6) == 0.0


def test_loops_and_dead_bars() -> None:
    excerpt = excerpt_of([SEED[-1], SEED[-1], (), (60,)])  # twice as the bar before, then silence
    assert loop_share([excerpt]) == 2 / 4
    assert dead_share([excerpt]) == 1 / 4
    assert loop_share([excerpt_of([(60,), (), (), (62,)])]) == 0.0  # silence after silence is no loop, it is dead


def test_key_agreement_against_real() -> None:
    real = [excerpt_of([(60, 62, 64, 66)] * 4)]  # the seed is in C: three of four
    made = [excerpt_of([(60, 61)] * 4)]
    assert key_share(real) == 0.75
    rows = {row.metric: row.value for row in bar_figures("model", made, real, seed=1, split="made")}
    assert rows["notes in the seed's key"] == 0.5
    assert rows["notes in the seed's key, against real"] == pytest.approx(2 / 3)


def test_structure_is_of_seed_and_continuation_together() -> None:
    seed = [SEED[0], SEED[1], SEED[2], SEED[3]] * 2
    rows = {row.metric: row for row in structure_figures("model", [excerpt_of(SEED[:4], seed=seed)], seed=1, split="")}
    # four bars that come three times: two repeats, score 2 / 3, coverage 8 / 12
    assert rows["structure, 3-6 bars"].value == pytest.approx(2 / 3)
    assert rows["groove consistency"].value == 1.0
    assert rows["pitch-class entropy, 1 bar"].unit == "bits"
    assert np.isfinite([row.value for row in rows.values()]).all()
