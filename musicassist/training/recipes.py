"""The recipes of all families, by name, and other optimisers to compare them with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from musicassist.families.registry import FAMILIES
from musicassist.learning.recipe import Recipe


def recipes() -> dict[str, Recipe]:
    """What ``train --model`` takes."""
    return {recipe.name: recipe for family in FAMILIES.families for recipe in family.learning().recipes}


# How the schedule of any recipe can be replaced, so that plain recipes can be compared; see ``train --optimiser``.
PRESETS: dict[str, dict[str, Any]] = {
    "adamw": {},
    "adam": {"optimiser": "adam", "learning_rate": 1e-3, "last_learning_rate": 1e-3, "warmup_steps": 0, "average": 0.0},
    "sgd": {"optimiser": "sgd", "learning_rate": 0.01, "last_learning_rate": 0.01, "warmup_steps": 0, "average": 0.0},
}


def with_preset(recipe: Recipe, name: str) -> Recipe:
    """A recipe with the optimiser of a preset."""
    return replace(recipe, schedule=replace(recipe.schedule, **PRESETS[name]))
