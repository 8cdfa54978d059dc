"""What a training follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from musicassist.errors import TrainingDataError
from musicassist.families.registry import FAMILIES
from musicassist.learning.recipe import Recipe
from musicassist.training.command import recipes
from short_trainings import RECIPE, run, scheduled


@pytest.mark.parametrize(
    "other", [scheduled(steps=7), replace(RECIPE, settings=replace(RECIPE.settings, notes=24))], ids=["steps", "notes"]
)
def test_a_run_of_another_recipe_is_not_resumed(tmp_path: Path, other: Recipe) -> None:
    run(tmp_path, stop_after=1)
    with pytest.raises(TrainingDataError, match="another folder"):
        run(tmp_path, other)


def test_every_recipe_has_its_name_and_each_variant_has_a_recipe() -> None:
    assert all(name == recipe.name for name, recipe in recipes().items())
    variants = {variant.mark for family in FAMILIES.families for variant in family.variants}
    of_laboratory = {"ensemble", "lstm-form"}  # what they read, the word ``train`` does not pack
    assert {recipe.variant for recipe in recipes().values()} == variants - of_laboratory
