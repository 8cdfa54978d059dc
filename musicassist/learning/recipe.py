"""What a recipe is: how weights move, and what a family says of its model, its music and its losses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from torch import Tensor, nn

from musicassist.learning.pack import Corpus, Pack

Nets = Mapping[str, nn.Module]
NO_PARTS: Nets = MappingProxyType({})


@dataclass(frozen=True)
class TrainingBatch:
    """Examples side by side: each field of a batch is a tensor with a row for each, or a batch or tuple of such."""

    def to(self, device: torch.device) -> Self:
        """The same on another device."""
        return self.mapped(lambda tensor: tensor.to(device))

    def part(self, rank: int, count: int) -> Self:
        """The examples ``rank``, ``rank + count``, ...: what one of several processes reads of it.

        Of fewer examples than processes it is the first.
        """
        return self.mapped(lambda tensor: tensor[rank::count] if rank < len(tensor) else tensor[:1])

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Self:
        """The same with all its tensors changed."""
        return type(self)(*(_mapped(getattr(self, own.name), change) for own in fields(self)))


def _mapped(part: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(part, Tensor):
        return change(part)
    return part.mapped(change) if isinstance(part, TrainingBatch) else tuple(_mapped(own, change) for own in part)


class Trainee(ABC):
    """A model with its music and its losses.

    Attributes:
        model: Everything that is stored. Validation and the checkpoint use the running average of its weights.
        unit: Of what :meth:`told` tells, as ``bits per note``.
    """

    model: Any
    unit: ClassVar[str]

    def __init__(self, model: nn.Module, seed: int) -> None:
        self.model = model
        self._seed = seed
        self._told = (0.0, 0)

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """The parameters of each optimiser: one for most models, two where a critic learns against a generator."""
        return {"model": list(self.model.parameters())}

    def random(self, epoch: int) -> np.random.Generator:
        """The chance of one epoch."""
        return np.random.default_rng((self._seed, epoch))

    @abstractmethod
    def batches(self, epoch: int) -> Iterator[TrainingBatch]:
        """The batches of one epoch, on the CPU; a function of the run's seed and the epoch alone."""

    @abstractmethod
    def losses(self, batch: Any, step: int) -> Iterator[tuple[str, Tensor]]:
        """The part that learns next, and its loss; the part is stepped before the next loss is computed."""

    def told(self) -> tuple[float, int]:
        """Of the last batch the sum of what progress shows (bits, say), and over how many (notes, say)."""
        return self._told

    @abstractmethod
    def validate(self, model: nn.Module) -> dict[str, float]:
        """Figures of a model on the validation side, by name; the first one decides, and less is better."""


@dataclass(frozen=True)
class Schedule:
    """How the weights move.

    Attributes:
        steps: Optimiser steps of a full run.
        optimiser: ``adamw``, ``adam`` or ``sgd`` (with ``momentum``).
        learning_rate, last_learning_rate, warmup_steps: Linear warm-up, then a cosine; equal rates make it constant.
        momentum: Of SGD.
        betas: Of Adam.
        weight_decay: Of AdamW and SGD.
        clip_norm: Gradients are scaled to at most this norm.
        average: Decay of the running average of the weights, which is what is stored; 0 for none.
        validate_every: Steps between two validations.
        patience: Validations without a better one until training stops early.
    """

    steps: int = 2400
    optimiser: Literal["adamw", "adam", "sgd"] = "adamw"
    learning_rate: float = 2.5e-3
    last_learning_rate: float = 2e-5
    warmup_steps: int = 100
    momentum: float = 0.9
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    average: float = 0.998
    validate_every: int = 250
    patience: int = 8


class Settings(ABC):
    """What is particular to a family: the net's configuration, and how it becomes a trainee.

    Attributes:
        config: Shape of the net, a frozen dataclass.
        needs_parts_beside: Whether the models that it works with have to lie beside its checkpoint, as they must when
            it composes; else those that are shipped are taken.
    """

    config: Any
    needs_parts_beside: ClassVar[bool] = False

    @abstractmethod
    def trainee(self, corpus: Corpus, seed: int, parts: Nets) -> Trainee:
        """A model with random weights, drawn from torch's random state, and its music.

        Args:
            corpus: The packed music.
            seed: Of the order of batches.
            parts: The installed models that it works with, by their roles in the configuration.

        Raises:
            TrainingDataError: A part is no model that it can work with.
        """

    @abstractmethod
    def figures(self, model: nn.Module, pack: Pack, parts: Nets) -> dict[str, float]:
        """What the card tells of a trained model, measured on one side of the split, by name."""

    def shortened(self, times: int) -> Self:
        """The same for a training that has so many times fewer steps."""
        return self


@dataclass(frozen=True)
class Recipe:
    """How a model is trained.

    Attributes:
        name: What ``--model`` takes.
        variant: Of model, by the mark of its ``composing.family.Variant``, which says what it can be asked for.
        settings: What is particular to its family.
        schedule: How its weights move.
    """

    name: str
    variant: str
    settings: Settings
    schedule: Schedule = field(default_factory=Schedule)

    def shortened(self, times: int) -> Recipe:
        """A recipe to go on from trained weights: of so many times fewer steps, and as much gentler."""
        schedule = self.schedule
        gentle = replace(
            schedule,
            steps=max(1, schedule.steps // times),
            learning_rate=schedule.learning_rate / times,
            warmup_steps=schedule.warmup_steps // times,
            validate_every=max(1, schedule.validate_every // times),
        )
        return replace(self, settings=self.settings.shortened(times), schedule=gentle)


@dataclass(frozen=True)
class Learning:
    """How the models of a family learn and are measured; costs torch.

    Attributes:
        net: The net of a card's configuration, with weights that are still to be loaded. Raises ValueError, TypeError
            or KeyError where the configuration is none of the family's, or none that reads our music.
        recipes: The ways to train one.
        whole: A trained model with its parts, by their roles, as what is asked about whole melodies at once, as
            ``RecurrentModel`` is; None where the family does not tell how likely each note is.
    """

    net: Callable[[Mapping[str, object]], nn.Module]
    recipes: Sequence[Recipe]
    whole: Callable[[nn.Module, Nets], nn.Module] | None = None


# for the few weights of a gate
GATE_SCHEDULE = Schedule(
    steps=300,
    learning_rate=0.05,
    last_learning_rate=1e-3,
    warmup_steps=0,
    weight_decay=0.0,
    average=0.95,
    validate_every=50,
    patience=4,
)

# adversaries: no momentum, and a short average, since each moves the other's goal
ADVERSARIAL_SCHEDULE = Schedule(
    steps=3600,
    optimiser="adam",
    learning_rate=1e-3,
    last_learning_rate=5e-5,
    betas=(0.0, 0.99),
    clip_norm=10.0,
    average=0.995,
    validate_every=150,
    patience=20,
)
