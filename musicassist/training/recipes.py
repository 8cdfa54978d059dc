"""Recipes: each names a model of the family and how it is trained."""

from __future__ import annotations

from dataclasses import dataclass, field

from musicassist.generation.melody_model import melody_config
from musicassist.models.recurrent import RecurrentConfig
from musicassist.training.batches import Dropout


@dataclass(frozen=True)
class Recipe:
    """How a model is trained.

    Attributes:
        name: What ``--model`` takes.
        family: Of the table of models.
        config: Size of the net.
        steps: Optimiser steps of a full run.
        notes, batch_notes: Longest window, and the notes of all windows of a batch.
        other_share: Share of the lines other than melodies that is read in each epoch.
        learning_rate, last_learning_rate, warmup_steps: Linear warm-up, then a cosine.
        weight_decay: Of AdamW.
        clip_norm: Gradients are scaled to at most this norm.
        average: Decay of the running average of the weights, which is what is stored.
        velocity_weight: Weight of the velocity's loss beside the other three.
        validate_every: Steps between two validations.
        patience: Validations without a better one until training stops early.
        dropout: What is hidden from the model while training.
    """

    name: str
    family: str
    config: RecurrentConfig
    steps: int = 2400
    notes: int = 128
    batch_notes: int = 8192
    other_share: float = 0.3
    learning_rate: float = 2.5e-3
    last_learning_rate: float = 2e-5
    warmup_steps: int = 100
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    average: float = 0.998
    velocity_weight: float = 0.2
    validate_every: int = 250
    patience: int = 8
    dropout: Dropout = field(default_factory=Dropout)


RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe("lstm", "lstm", melody_config("lstm", 448)),
        Recipe("lstm-attention", "lstm-attention", melody_config("lstm", 320, attention_heads=4), steps=2000),
        Recipe("gru", "gru", melody_config("gru", 208, head_hidden=128)),
        Recipe("rnn", "rnn", melody_config("rnn", 320, head_hidden=160)),
        Recipe(
            "lstm-tiny",
            "lstm",
            melody_config("lstm", 64, head_hidden=64),
            steps=300,
            batch_notes=2048,
            validate_every=100,
        ),
    )
}
