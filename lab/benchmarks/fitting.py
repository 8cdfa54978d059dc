"""Training of a benchmark's small net: early stopping on the validation split, the best averaged weights kept."""

from __future__ import annotations

import copy
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Batches = Callable[[np.random.Generator], Iterable[Any]]


@dataclass(frozen=True)
class Plan:
    """How a net is trained.

    Attributes:
        epochs: At most so many times through the training split.
        patience: Stops after so many epochs without a better validation loss.
        learning_rate: At its highest; it rises over the first twentieth and falls as a cosine.
        weight_decay: Of AdamW.
        average: Share of the running average of the weights that stays at each step.
        batch: Pieces in a batch.
    """

    epochs: int
    patience: int = 8
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    average: float = 0.99
    batch: int = 16


def batches_of_like_length(lengths: Sequence[int], size: int, random: np.random.Generator) -> list[NDArray[np.intp]]:
    """An epoch: numbers of pieces, those of about the same length in one batch, so that little is padded."""
    order = np.argsort(np.array(lengths) * random.uniform(0.8, 1.25, len(lengths)))
    starts = random.permutation(np.arange(0, len(order), size))
    return [order[start : start + size] for start in starts]


def fit(
    net: nn.Module,
    batches: Batches,
    loss: Callable[[nn.Module, Any], Tensor],
    valid_loss: Callable[[nn.Module], float],
    plan: Plan,
    *,
    seed: int,
) -> nn.Module:
    """Trains ``net`` and gives the average of its weights at the best epoch.

    Args:
        net: Its weights are already drawn.
        batches: The batches of an epoch; the generator decides their order.
        loss: Mean loss of a batch.
        valid_loss: What early stopping looks at; called without gradients and dropout.
        plan: How long and how fast.
        seed: Of the order of batches and of dropout.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    average = copy.deepcopy(net).eval()
    best, best_loss, stale, step = copy.deepcopy(average), math.inf, 0, 0
    optimiser = torch.optim.AdamW(net.parameters(), lr=plan.learning_rate, weight_decay=plan.weight_decay)
    for epoch in range(plan.epochs):
        drawn = list(batches(random))
        for place, batch in enumerate(drawn):
            rate = _rate((epoch + place / len(drawn)) / plan.epochs)
            for group in optimiser.param_groups:
                group["lr"] = plan.learning_rate * rate
            _step(net.train(), optimiser, loss, batch)
            _follow(average, net, min(plan.average, (1 + step) / (10 + step)))
            step += 1
        now = _measured(average, valid_loss)
        _say(f"epoch {epoch + 1} of {plan.epochs}: {now:.4f}")
        best, best_loss, stale = (copy.deepcopy(average), now, 0) if now < best_loss else (best, best_loss, stale + 1)
        if stale >= plan.patience:
            break
    return best


@contextmanager
def one_thread() -> Iterator[None]:
    """The same sums in the same order on every machine with the same kind of processor, however many cores it has."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _step(
    net: nn.Module, optimiser: torch.optim.Optimizer, loss: Callable[[nn.Module, Any], Tensor], batch: Any
) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss(net, batch).backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()


def _rate(share: float) -> float:
    """Of the highest learning rate, at a share of the way."""
    return min(1.0, 20 * share + 0.01) * 0.5 * (1 + math.cos(math.pi * share))


def _follow(average: nn.Module, net: nn.Module, decay: float) -> None:
    for kept, new in zip(average.parameters(), net.parameters(), strict=True):
        kept.data.lerp_(new.data, 1 - decay)


@torch.no_grad()
def _measured(net: nn.Module, valid_loss: Callable[[nn.Module], float]) -> float:
    return valid_loss(net)


def _say(what: str) -> None:
    if sys.stderr.isatty():
        print(what, file=sys.stderr)
