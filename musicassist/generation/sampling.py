"""From logits to a choice: the mask first, then temperature and nucleus, then one random number."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def probabilities(logits: NDArray[np.floating], mask: NDArray[np.bool_], temperature: float, top_p: float) -> Floats:
    """The distribution that is sampled from, (V,): zero where the mask forbids, and outside the nucleus.

    Args:
        logits: (V,), may hold minus infinity.
        mask: (V,), at least one true.
        temperature: Divides the logits; towards 0 it becomes the most likely choice.
        top_p: The smallest set of the most likely choices that holds at least this share is kept.

    Source: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration" (nucleus sampling).
    """
    scores = np.where(mask, np.maximum(logits.astype(np.float64), -1e9), -np.inf) / max(temperature, 1e-3)
    weights = np.exp(scores - scores.max())
    weights /= weights.sum()
    if top_p < 1.0:
        order = np.argsort(-weights, kind="stable")
        before = np.cumsum(weights[order]) - weights[order]
        weights[order[1:][before[1:] >= top_p]] = 0.0  # the most likely one always stays
        weights /= weights.sum()
    return weights


def sample(weights: Floats, random_share: float) -> int:
    """The class under ``random_share`` (0..1) of the cumulated weights."""
    return int(min(np.searchsorted(np.cumsum(weights), random_share, side="right"), np.flatnonzero(weights)[-1]))
