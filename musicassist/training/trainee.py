"""What the training loop asks of a model that learns, whatever its family."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, Self

import torch
from torch import Tensor, nn


class TrainingBatch(Protocol):
    """Examples side by side."""

    def to(self, device: torch.device) -> Self:
        """The same on another device."""
        ...

    def part(self, rank: int, count: int) -> Self:
        """The examples ``rank``, ``rank + count``, ...: what one of several processes reads of it."""
        ...


class Trainee(Protocol):
    """A model with its music and its losses.

    Attributes:
        model: Everything that is stored. Validation and the checkpoint use the running average of its weights.
        unit: Of what :meth:`told` tells, as ``bits per note``.
    """

    model: nn.Module
    unit: str

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """The parameters of each optimiser: one for most models, two where a critic learns against a generator."""
        ...

    def batches(self, epoch: int) -> Iterator[TrainingBatch]:
        """The batches of one epoch, on the CPU; a function of the run's seed and the epoch alone."""
        ...

    def losses(self, batch: Any, step: int) -> Iterator[tuple[str, Tensor]]:
        """The part that learns next, and its loss; the part is stepped before the next loss is computed."""
        ...

    def told(self) -> tuple[float, int]:
        """Of the last batch the sum of what progress shows (bits, say), and over how many (notes, say)."""
        ...

    def validate(self, model: nn.Module) -> dict[str, float]:
        """Figures of a model on the validation side, by name; the first one decides, and less is better."""
        ...
