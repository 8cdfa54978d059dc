"""Bits per note: the formulas on melodies small enough to count by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from musicassist.evaluation.melody_bits import FIRST_NOTES, baseline_figures, figures_of, markov_figures
from musicassist.families.markov.learning import counted
from musicassist.learning.pack import Pack
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.columns import Columns, columns_of
from musicassist.tokens.vocabulary import STEPS_PER_BEAT


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
    assert set(bits) == {"unigram", "copy forward"}
    assert bits["copy forward"] < bits["unigram"]
    assert all(math.isfinite(value) for value in bits.values())


def test_a_stored_markov_model_is_measured_as_counted_and_as_it_learns() -> None:
    tune = [60, 62, 64, 65, 67, 65, 64, 62] * 6
    model = counted(_pack(_melody(tune)), fewest=2)
    with torch.no_grad():
        for weights in model.gate.weights.values():
            weights[:, 1] = 1.0  # the piece's own n-grams count as much as the table
    other = _pack(_melody([60, 67, 61, 66, 70, 59] * 8))
    known, new = (
        {row.model: row.value for row in markov_figures("markov", model, pack, "test") if row.metric == "bits per note"}
        for pack in (_pack(_melody([pitch - 5 for pitch in tune])), other)
    )
    assert known["markov, counted once"] < 1.0
    assert new["markov, adaptive"] < new["markov, counted once"] / 2
