"""How alike two sets of excerpts are: the overlap of distributions of distances, and of plain histograms.

Source: Yang and Lerch 2020, On the evaluation of generative models in music, Neural Computing and Applications 32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.evaluation.excerpts import Excerpt
from lab.evaluation.features import FEATURES, Feature, Floats
from musicassist.evaluation.figures import Figure

GRID_POINTS = 1024
_MARGIN = 4.0  # bandwidths that the grid reaches beyond the data, and that a kernel reaches
_MIN_SHARE = 1e-10  # LIMIT: keeps the divergence finite where the second density is 0


@dataclass(frozen=True)
class Overlap:
    """Two densities compared.

    Attributes:
        area: Area under both, 1 for equal ones.
        divergence_nats: Kullback-Leibler divergence of the second from the first.
    """

    area: float
    divergence_nats: float


def distances_within(rows: Floats) -> Floats:
    """Euclidean distance of each pair of different rows (n, d), each pair once."""
    return _distances(rows, rows)[np.triu_indices(len(rows), 1)]


def distances_between(rows: Floats, others: Floats) -> Floats:
    """Euclidean distance of each row of (n, d) to each of (m, d): (n * m,)."""
    return _distances(rows, others).ravel()


def _distances(rows: Floats, others: Floats) -> Floats:
    squares = (rows**2).sum(1)[:, None] + (others**2).sum(1) - 2 * rows @ others.T
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)))


def densities(*samples: Floats) -> tuple[list[Floats], float]:
    """Gaussian kernel densities of some samples, all on one grid, and the distance of its points.

    Each sample is first counted at the nearest grid point, so a million distances cost no more than a thousand. The
    bandwidth is Scott's: standard deviation times n ** (-1/5).
    """
    widths = [float(np.std(sample, ddof=1)) * len(sample) ** -0.2 if len(sample) > 1 else 0.0 for sample in samples]
    low, high = (float(edge(np.concatenate(samples))) for edge in (np.min, np.max))
    margin = _MARGIN * max(*widths, (high - low) / GRID_POINTS, 1e-9)
    step = (high - low + 2 * margin) / (GRID_POINTS - 1)
    grids = []
    for sample, width in zip(samples, widths, strict=True):
        counts = np.bincount(np.rint((sample - low + margin) / step).astype(np.int64), minlength=GRID_POINTS)
        width = max(width, step)
        reach = np.arange(-int(_MARGIN * width / step) - 1, int(_MARGIN * width / step) + 2) * step
        kernel = np.exp(-0.5 * (reach / width) ** 2)
        density = np.convolve(counts, kernel)[len(reach) // 2 :][:GRID_POINTS]
        grids.append(density / (density.sum() * step))
    return grids, step


def overlap(sample: Floats, other: Floats) -> Overlap:
    """Area under both samples' densities, and the divergence of the other's from the first's."""
    (first, second), step = densities(sample, other)
    floor = np.maximum(second, _MIN_SHARE)
    inside = first > _MIN_SHARE
    divergence = float((first[inside] * np.log(first[inside] / floor[inside])).sum() * step)
    return Overlap(float(np.minimum(first, second).sum() * step), divergence)


def histogram_overlap(shares: Floats, others: Floats) -> float:
    """Sum over classes of the smaller share."""
    return float(np.minimum(shares, others).sum())


def feature_overlap(feature: Feature, made: Sequence[Excerpt], real: Sequence[Excerpt]) -> Overlap:
    """Of the distances among real excerpts with those from made to real ones."""
    own, true = feature.described(made), feature.described(real)
    return overlap(distances_within(true), distances_between(own, true))


def overlap_figures(
    model: str, made: Sequence[Excerpt], real: Sequence[Excerpt], *, seed: int, split: str
) -> list[Figure]:
    """Each feature's overlap area, divergence and histogram overlap, and the means over features."""
    rows: list[Figure] = []
    table: dict[str, list[float]] = {"overlap area": [], "divergence": [], "histogram overlap": []}
    for feature in FEATURES:
        compared = feature_overlap(feature, made, real)
        plain = histogram_overlap(feature.shares(made), feature.shares(real))
        for (metric, values), value in zip(
            table.items(), (compared.area, compared.divergence_nats, plain), strict=True
        ):
            values.append(value)
            rows.append(Figure(f"{metric}, {feature.name}", model, value, _unit(metric), len(made), seed, split))
    return rows + [
        Figure(f"{metric}, mean", model, float(np.mean(values)), _unit(metric), len(made), seed, split)
        for metric, values in table.items()
    ]


def _unit(metric: str) -> str:
    return "nats" if metric == "divergence" else ""
