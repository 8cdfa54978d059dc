"""From logits to a choice: the mask first, then temperature and nucleus, then one random number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def probabilities(logits: NDArray[np.floating], mask: NDArray[np.bool_], temperature: float, top_p: float) -> Floats:
    """The distributions that are sampled from, (..., V): zero where the mask forbids, and outside the nucleus.

    Args:
        logits: (..., V), may hold minus infinity.
        mask: (..., V), in each row at least one true.
        temperature: Divides the logits; towards 0 it becomes the most likely choice.
        top_p: The smallest set of the most likely choices that holds at least this share is kept.

    Source: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration" (nucleus sampling).
    """
    scores = np.where(mask, np.maximum(logits.astype(np.float64), -1e9), -np.inf) / max(temperature, 1e-3)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    if top_p < 1.0:
        order = np.argsort(-weights, axis=-1, kind="stable")
        ranked = np.take_along_axis(weights, order, -1)
        outside = ranked.cumsum(-1) - ranked >= top_p
        outside[..., 0] = False  # the most likely one always stays
        np.put_along_axis(weights, order, np.where(outside, 0.0, ranked), -1)
        weights /= weights.sum(-1, keepdims=True)
    return weights


def sample(weights: Floats, random_share: float) -> int:
    """The class of a distribution (V,) under ``random_share`` (0..1) of the cumulated weights."""
    return samples(weights[None], [random_share])[0]


def samples(weights: Floats, random_shares: Sequence[float]) -> list[int]:
    """The class under each row's random share, (B,), of the cumulated weights (B, V)."""
    under = (weights.cumsum(-1) <= np.asarray(random_shares)[:, None]).sum(-1)
    last = weights.shape[-1] - 1 - np.argmax(weights[:, ::-1] > 0, axis=-1)
    drawn: list[int] = np.minimum(under, last).tolist()
    return drawn
