"""Overlap and divergence: the formulas on samples small enough to work out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from excerpt_builders import excerpt_of, walks
from lab.evaluation.excerpts import true_excerpts
from lab.evaluation.overlap import (
    densities,
    distances_between,
    distances_within,
    histogram_overlap,
    overlap,
    overlap_figures,
)


def test_distances_by_hand() -> None:
    rows = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])
    assert distances_within(rows) == pytest.approx([5.0, 1.0, math.hypot(3, 3)])
    assert distances_between(rows[:1], rows[1:]) == pytest.approx([5.0, 1.0])


def test_a_density_is_the_sum_of_its_kernels() -> None:
    sample = np.array([0.0, 1.0, 4.0])
    (density,), step = densities(sample)
    width = np.std(sample, ddof=1) * 3**-0.2
    at = np.arange(len(density)) * step - 4 * width  # the grid begins four bandwidths before the lowest
    kernels = np.exp(-0.5 * ((at[:, None] - sample) / width) ** 2) / (width * math.sqrt(2 * math.pi))
    assert density == pytest.approx(kernels.mean(1), abs=2e-3)
    assert density.sum() * step == pytest.approx(1.0)


def test_two_bells_overlap_and_diverge_as_the_formulas_say() -> None:
    # two bells of width 1, one apart: the area under both is 2 * Phi(-1 / 2), the divergence 1 * 1 / 2;
    # kernels of width h = 1.0 * n ** -0.2 widen the bells to sqrt(1 + h * h)
    count = 20_000
    bell = _bell(count)
    seen = overlap(bell, bell + 1.0)
    wide = math.sqrt(1 + count**-0.4)
    assert seen.area == pytest.approx(math.erfc(0.5 / wide / math.sqrt(2)), abs=0.005)
    assert seen.divergence_nats == pytest.approx(0.5 / wide**2, abs=0.005)


def _bell(count: int) -> np.ndarray:
    """Evenly spread quantiles of the normal distribution."""
    grid = np.linspace(-5, 5, 100_001)
    share = np.cumsum(np.exp(-0.5 * grid**2))
    return np.interp((np.arange(count) + 0.5) / count, share / share[-1], grid)


def test_equal_samples_overlap_fully_and_far_ones_not_at_all() -> None:
    sample = np.linspace(0, 1, 50)
    assert overlap(sample, sample).area == pytest.approx(1.0)
    assert overlap(sample, sample).divergence_nats == pytest.approx(0.0)
    assert overlap(sample, sample + 100).area == pytest.approx(0.0, abs=1e-6)
    assert overlap(np.zeros(5), np.zeros(9)).area == pytest.approx(1.0)  # all distances alike


def test_histograms_by_hand() -> None:
    assert histogram_overlap(np.array([0.5, 0.5, 0.0]), np.array([0.2, 0.5, 0.3])) == pytest.approx(0.7)


def test_halves_of_one_kind_overlap_and_another_kind_does_not() -> None:
    real, other_half = true_excerpts(walks(60)), true_excerpts(walks(60, first=60))
    drones = [excerpt_of([(60, 60, 60, 60)] * 4)] * 60
    same = {row.metric: row.value for row in overlap_figures("half", other_half, real, seed=1, split="made")}
    other = {row.metric: row.value for row in overlap_figures("drone", drones, real, seed=1, split="made")}
    assert same["overlap area, mean"] > 0.93
    assert same["histogram overlap, mean"] > 0.85
    assert same["divergence, mean"] < 0.05
    assert other["overlap area, mean"] < 0.7
    assert other["histogram overlap, interval"] < 0.3
