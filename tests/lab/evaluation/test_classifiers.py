"""The classifiers find what is there to be found."""

from __future__ import annotations

import numpy as np
import pytest

from excerpt_builders import excerpt_of, walks
from lab.evaluation.classifiers import CLASSIFIERS, logistic_scores
from lab.evaluation.excerpts import true_excerpts


def test_logistic_regression_stands_where_the_slope_is_zero() -> None:
    random = np.random.default_rng(1)
    inputs = random.normal(size=(40, 3))
    labels = (inputs[:, 0] + random.normal(size=40) > 0).astype(np.int64)
    probes = np.vstack([np.zeros(3), np.eye(3)])
    offset, *ends = logistic_scores(inputs, labels, probes, penalty=2.0)
    weights = np.array(ends) - offset
    chance = 1 / (1 + np.exp(-(inputs @ weights + offset)))
    assert inputs.T @ (chance - labels) + 2.0 * weights == pytest.approx(np.zeros(3), abs=1e-4)
    assert (chance - labels).sum() == pytest.approx(0.0, abs=1e-4)


def test_more_inputs_than_rows_change_nothing() -> None:
    random = np.random.default_rng(2)
    inputs, tested = random.normal(size=(30, 20)), random.normal(size=(5, 20))
    labels = random.integers(0, 2, 30)
    wide = [np.hstack([part, np.zeros((len(part), 50))]) for part in (inputs, tested)]
    narrow = logistic_scores(inputs, labels, tested, penalty=1.0)
    assert logistic_scores(wide[0], labels, wide[1], penalty=1.0) == pytest.approx(narrow, abs=1e-4)


@pytest.mark.parametrize("name", list(CLASSIFIERS))
def test_drones_are_told_from_walks(name: str) -> None:
    real = true_excerpts(walks(24))
    drones = [excerpt_of([(60 + n % 3,) * (2 + n % 3)] * 4) for n in range(24)]
    known = [*drones[:16], *real[:16]]
    labels = np.repeat([1, 0], 16)
    scores = CLASSIFIERS[name](known, labels, [*drones[16:], *real[16:]], 1)
    assert scores[:8].min() > scores[8:].max()


@pytest.mark.parametrize("name", list(CLASSIFIERS))
def test_silence_and_equal_random_numbers_are_borne(name: str) -> None:
    known = [excerpt_of([(), (), (), ()]), *true_excerpts(walks(5))]
    labels = np.array([1, 0, 1, 0, 1, 0])
    scores = CLASSIFIERS[name](known, labels, known[:2], 3)
    assert np.isfinite(scores).all()
    assert scores.tolist() == CLASSIFIERS[name](known, labels, known[:2], 3).tolist()
