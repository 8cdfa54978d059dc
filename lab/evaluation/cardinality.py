"""How much of a true continuation a generated one holds.

Source: Meredith, Lemström and Wiggins 2002, SIA(TEC); MIREX "Patterns for Prediction", cardinality and pitch score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

Point = tuple[float, int]  # onset in beats, pitch
CUTOFFS_BEATS = tuple(np.arange(2.0, 10.01, 0.5).tolist())


def cardinality_f1(truth: Sequence[Point], made: Sequence[Point], *, is_strict: bool = True) -> float | None:
    """F1 of the largest number of points that one translation brings together.

    With m that number: recall is (m - 1) / (true points - 1) and precision (m - 1) / (made points - 1).

    Args:
        truth: What really followed.
        made: What was made.
        is_strict: Fewer than two made points count 0 (they would give None).

    Returns:
        0..1, or None where the truth has fewer than two points.
    """
    if len(truth) < 2:
        return None
    if len(made) < 2:
        return 0.0 if is_strict else None
    shifts = Counter((round(q[0] - p[0], 4), q[1] - p[1]) for p in truth for q in made)
    together = shifts.most_common(1)[0][1]
    recall, precision = (together - 1) / (len(truth) - 1), (together - 1) / (len(made) - 1)
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def mean_over_cutoffs(
    pairs: Sequence[tuple[float, Sequence[Point], Sequence[Point]]], *, is_strict: bool = True
) -> tuple[float, dict[float, float]]:
    """The headline (mean of the cut-offs' means) and each cut-off's mean over tunes.

    Args:
        pairs: For each tune the last onset of its prime in beats, the truth and what was made.
        is_strict: See :func:`cardinality_f1`.
    """
    means = {}
    for cutoff in CUTOFFS_BEATS:
        scores = [
            cardinality_f1(_until(truth, last + cutoff), _until(made, last + cutoff), is_strict=is_strict)
            for last, truth, made in pairs
        ]
        means[cutoff] = float(np.mean([score for score in scores if score is not None]))
    return float(np.mean(list(means.values()))), means


def _until(points: Sequence[Point], latest_beats: float) -> list[Point]:
    return [point for point in points if point[0] <= latest_beats + 1e-9]


def pitch_overlap(truth: Sequence[Point], made: Sequence[Point], *, octave_free: bool = False) -> float:
    """Sum over pitches of the smaller of the two shares."""
    if not truth or not made:
        return 0.0
    size = 12 if octave_free else 128
    shares = [np.bincount([p % size for _, p in points], minlength=size) / len(points) for points in (truth, made)]
    return float(np.minimum(*shares).sum())
