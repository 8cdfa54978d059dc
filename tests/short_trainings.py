"""Trainings of a few steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from corpora import small_corpus
from musicassist.families.recurrent.learning import MelodySettings, melody_config
from musicassist.learning.recipe import Recipe, Schedule
from musicassist.training.loop import Progress, Training, train

CORPUS = small_corpus()


RECIPE = Recipe(
    "tiny",
    "lstm",
    MelodySettings(melody_config("lstm", 16, head_hidden=16), notes=16, batch_notes=128),
    Schedule(steps=6, warmup_steps=2, validate_every=2),
)


def scheduled(**changes: object) -> Recipe:
    return replace(RECIPE, schedule=replace(RECIPE.schedule, **changes))  # type: ignore[arg-type]


def run(
    folder: Path, recipe: Recipe = RECIPE, *, stop_after: int | None = None
) -> tuple[dict[str, torch.Tensor], list[Progress]]:
    told: list[Progress] = []
    model = train(Training(recipe, CORPUS, folder, 4), told.append, stop_after_steps=stop_after)
    return model.state_dict(), told
