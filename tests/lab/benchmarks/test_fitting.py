"""Training of a small net: it learns, it keeps its best weights, it stops, and it is equal twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lab.benchmarks.fitting import Plan, fit

POINTS = torch.linspace(-1, 1, 16)[:, None]


def _batches(random: np.random.Generator) -> Iterator[Tensor]:
    order = random.permutation(len(POINTS))
    yield from (POINTS[order[start : start + 4]] for start in range(0, len(order), 4))


def _loss(net: nn.Module, points: Tensor) -> Tensor:
    return ((net(points) - 3 * points) ** 2).mean()


def _fitted(plan: Plan, valid_losses: list[float] | None = None) -> tuple[nn.Module, list[Tensor]]:
    """The fitted net and the average's weight at each validation; the losses of validation can be made up."""
    torch.manual_seed(0)
    made_up = iter(valid_losses or [])
    weights = []

    def valid_loss(net: nn.Module) -> float:
        weights.append(net.weight.detach().clone())
        return next(made_up) if valid_losses else float(_loss(net, POINTS))

    return fit(nn.Linear(1, 1), _batches, _loss, valid_loss, plan, seed=1), weights


def test_a_line_is_found() -> None:
    net, _ = _fitted(Plan(epochs=60, learning_rate=0.1, average=0.9))
    assert net.weight.item() == pytest.approx(3.0, abs=0.05)


def test_the_best_weights_are_given_and_not_the_last() -> None:
    net, weights = _fitted(Plan(epochs=4, learning_rate=0.1), [3.0, 1.0, 2.0, 2.5])
    assert len(weights) == 4
    assert torch.equal(net.weight, weights[1])


def test_it_stops_when_nothing_gets_better() -> None:
    _, weights = _fitted(Plan(epochs=50, patience=3), [1.0] + [2.0] * 49)
    assert len(weights) == 4


def test_equal_seeds_give_equal_weights() -> None:
    (one, _), (other, _) = (_fitted(Plan(epochs=5)) for _ in range(2))
    assert torch.equal(one.weight, other.weight)
