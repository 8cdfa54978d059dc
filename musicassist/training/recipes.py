"""What the training loop asks of a model that learns, whatever its family."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, Self

import torch
from torch import Tensor, nn

from musicassist.composing.melody_model import melody_config, melody_transformer
from musicassist.families.gan.learning import RollGanSettings
from musicassist.families.gan.predictor import roll_config
from musicassist.families.hybrid.learning import MarkovSettings, MixedSettings
from musicassist.families.latent.gan_learning import LatentGanSettings
from musicassist.families.latent.model import latent_config
from musicassist.families.latent.scripts import latent_gan_config
from musicassist.families.latent.vae_learning import VaeSettings
from musicassist.families.recurrent.learning import MelodySettings
from musicassist.families.transformer.learning import TransformerSettings
from musicassist.learning.pack import Corpus, Pack


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


CONTINUING = ("continue", "generate")


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


class Settings(Protocol):
    """What is particular to a family: the net's configuration, and how it becomes a trainee."""

    @property
    def config(self) -> Any:
        """Shape of the net; has ``as_json``."""
        ...

    def trainee(self, corpus: Corpus, seed: int) -> Trainee:
        """A model with random weights and its music."""
        ...

    def figures(self, model: nn.Module, pack: Pack) -> dict[str, float]:
        """What the card tells of a trained model, measured on one side of the split, by name."""
        ...


@dataclass(frozen=True)
class Recipe:
    """How a model is trained.

    Attributes:
        name: What ``--model`` takes.
        family: Of the table of models.
        settings: What is particular to its family.
        schedule: How its weights move.
        verbs: What it can be asked for; what can continue can fill bars too, even if it sees only what stands before.
    """

    name: str
    family: str
    settings: Settings
    schedule: Schedule = field(default_factory=Schedule)
    verbs: tuple[str, ...] = (*CONTINUING, "infill")


# How the schedule of any recipe can be replaced, so that plain recipes can be compared; see ``train --optimiser``.
PRESETS: dict[str, dict[str, Any]] = {
    "adamw": {},
    "adam": {"optimiser": "adam", "learning_rate": 1e-3, "last_learning_rate": 1e-3, "warmup_steps": 0, "average": 0.0},
    "sgd": {"optimiser": "sgd", "learning_rate": 0.01, "last_learning_rate": 0.01, "warmup_steps": 0, "average": 0.0},
}


def with_preset(recipe: Recipe, name: str) -> Recipe:
    """A recipe with the optimiser of a preset."""
    return replace(recipe, schedule=replace(recipe.schedule, **PRESETS[name]))


def fine_tuned(recipe: Recipe) -> Recipe:
    """A recipe to go on from trained weights: a tenth of its steps and of its learning rate."""
    schedule = recipe.schedule
    gentle = replace(
        schedule,
        steps=max(1, schedule.steps // 10),
        learning_rate=schedule.learning_rate / 10,
        warmup_steps=schedule.warmup_steps // 10,
        validate_every=max(1, schedule.validate_every // 10),
    )
    settings = recipe.settings
    if isinstance(settings, RollGanSettings):
        settings = replace(settings, writing_steps=settings.writing_steps // 10)
    return replace(recipe, settings=settings, schedule=gentle)


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
_ADVERSARIAL = Schedule(
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

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe("lstm", "lstm", MelodySettings(melody_config("lstm", 448))),
        Recipe("lstm-attention", "lstm-attention", MelodySettings(melody_config("lstm", 448, attention_heads=4))),
        Recipe("gru", "gru", MelodySettings(melody_config("gru", 208, head_hidden=128))),
        Recipe("rnn", "rnn", MelodySettings(melody_config("rnn", 320, head_hidden=160))),
        Recipe("markov", "markov", MarkovSettings(), GATE_SCHEDULE),
        # from nothing there is no seed to listen to
        Recipe("lstm-seed", "hybrid", MixedSettings("lstm"), GATE_SCHEDULE, verbs=("continue", "infill")),
        Recipe("gan", "gan", RollGanSettings(roll_config()), _ADVERSARIAL, CONTINUING),
        Recipe(
            "gan-latent",
            "hybrid",
            LatentGanSettings(latent_gan_config()),
            replace(_ADVERSARIAL, steps=2400, learning_rate=2e-4, last_learning_rate=2e-5, betas=(0.0, 0.9)),
            CONTINUING,
        ),
        Recipe(
            "transformer",
            "transformer",
            TransformerSettings(melody_transformer(160)),
            Schedule(steps=1200, learning_rate=2e-3, validate_every=150),
        ),
        Recipe(
            "vae",
            "vae",
            VaeSettings(latent_config()),
            Schedule(steps=8000, learning_rate=2e-3, average=0.995, validate_every=400, patience=14),
            ("vary", "interpolate", "generate"),
        ),
        Recipe(
            "lstm-tiny",
            "lstm",
            MelodySettings(melody_config("lstm", 64, head_hidden=64), batch_notes=2048),
            Schedule(steps=300, validate_every=100),
        ),
    )
}
