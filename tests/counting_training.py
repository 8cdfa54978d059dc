"""Models that count, trained on a small corpus."""

from __future__ import annotations

from pathlib import Path

import torch

from corpora import small_corpus
from musicassist.families.hybrid.learning import MixedSettings
from musicassist.families.markov.learning import MarkovSettings
from musicassist.learning.recipe import NO_PARTS, Nets, Recipe, Schedule
from musicassist.training.loop import Progress, Training, train

CORPUS = small_corpus()


SCHEDULE = Schedule(
    steps=60, learning_rate=0.05, last_learning_rate=0.01, warmup_steps=0, average=0.5, validate_every=10
)


def trained(
    settings: MarkovSettings | MixedSettings, folder: Path, *, parts: Nets = NO_PARTS, stop_after: int | None = None
) -> tuple[torch.nn.Module, list[Progress]]:
    told: list[Progress] = []
    recipe = Recipe("gated", "markov", settings, SCHEDULE)
    model = train(Training(recipe, CORPUS, folder, 2, parts=parts), told.append, stop_after_steps=stop_after)
    return model, told


def bits(told: list[Progress]) -> list[float]:
    return [line.valid["bits per note"] for line in told if line.valid is not None]
