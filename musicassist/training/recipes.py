"""Recipes: each names a model of the family and how it is trained."""

from __future__ import annotations

from dataclasses import dataclass, field

from musicassist.models.recurrent import HeadConfig, RecurrentConfig
from musicassist.tokens.vocabulary import (
    CANDIDATES,
    CHORD_SIZE,
    DURATION_CLASSES,
    DURATION_COLUMNS,
    GAP_CLASSES,
    GAP_COLUMNS,
    INTERVAL_CLASSES,
    PITCH_COLUMNS,
    PROFILE_SIZE,
    STATE_COLUMNS,
    TABLES,
    VELOCITY_CLASSES,
    VELOCITY_COLUMNS,
)
from musicassist.training.batches import Dropout

_LAST_DURATION = [name for name, _ in GAP_COLUMNS].index("duration")


def _tables_of(columns: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(table for _, table in columns)


MELODY_HEADS = (
    # a note is cut at the next onset, so no gap is shorter than the duration before it
    HeadConfig("gap", GAP_CLASSES, _tables_of(GAP_COLUMNS), CANDIDATES, floor_column=_LAST_DURATION),
    HeadConfig("interval", INTERVAL_CLASSES, _tables_of(PITCH_COLUMNS), CANDIDATES, reads_numbers=True),
    HeadConfig("duration", DURATION_CLASSES, _tables_of(DURATION_COLUMNS), CANDIDATES, reads_numbers=True),
    HeadConfig("velocity", VELOCITY_CLASSES, _tables_of(VELOCITY_COLUMNS)),
)


def melody_config(cell: str, hidden: int, *, layers: int = 2, head_hidden: int = 256) -> RecurrentConfig:
    """A recurrent model of melodies."""
    return RecurrentConfig(
        tables=dict(TABLES),
        state_columns=_tables_of(STATE_COLUMNS),
        heads=MELODY_HEADS,
        numbers=PROFILE_SIZE,
        head_numbers=PROFILE_SIZE + CHORD_SIZE,
        cell=cell,
        hidden=hidden,
        layers=layers,
        head_hidden=head_hidden,
    )


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
    steps: int = 3200
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
        Recipe("lstm-tiny", "lstm", melody_config("lstm", 64, head_hidden=64), steps=300, batch_notes=2048, validate_every=100),
    )
}
