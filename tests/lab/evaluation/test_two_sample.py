"""The two-sample test: its folds by piece, and its two ends."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from excerpt_builders import excerpt_of, walks
from lab.evaluation.excerpts import Excerpt, true_excerpts
from lab.evaluation.two_sample import FOLDS, folds_of, two_sample_figures


def test_a_piece_is_in_one_fold_and_folds_are_of_a_size() -> None:
    sources = [f"made/{number % 23}.mid" for number in range(100)]
    folds = defaultdict(set)
    for source, fold in zip(sources, folds_of(sources, seed=1), strict=True):
        folds[source].add(int(fold))
    assert {len(own) for own in folds.values()} == {1}
    pieces = np.bincount([min(own) for own in folds.values()], minlength=FOLDS)
    assert pieces.max() - pieces.min() <= 1


def test_nobody_tells_music_of_one_kind_apart_and_everybody_a_drone() -> None:
    real, same = true_excerpts(walks(40)), true_excerpts(walks(40, first=40))
    areas = {row.metric: row for row in two_sample_figures("same", same, real, seed=1, split="made")}
    for name in ("features", "n-grams", "GRU"):
        assert areas[f"classifier AUC, {name}"].value == pytest.approx(0.5, abs=0.2)
    assert areas["classifier AUC, best of three"].n == 40
    drones = [Excerpt(own.phrase, excerpt_of([(60, 60, 60)] * 4).notes) for own in real[:20]]
    rows = two_sample_figures("drone", drones, real[:20], seed=1, split="made")
    assert rows[-1].value > 0.99
