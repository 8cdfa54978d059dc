"""The Transformer's recipe: it learns to continue and to fill in, and a stopped run goes on as if it had not been."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import torch

from corpora import small_corpus
from musicassist.families.transformer.learning import TransformerSettings, melody_transformer
from musicassist.families.transformer.net import TransformerModel
from musicassist.learning.recipe import NO_PARTS, Recipe, Schedule
from musicassist.training.loop import Progress, Training, train

CORPUS = small_corpus()
SETTINGS = TransformerSettings(
    melody_transformer(16, layers=1, attention_heads=2, head_hidden=16), notes=24, batch_notes=200
)
RECIPE = Recipe("tiny", "transformer", SETTINGS, Schedule(steps=4, warmup_steps=1, validate_every=2))


def run(
    folder: Path, recipe: Recipe = RECIPE, *, stop_after: int | None = None
) -> tuple[dict[str, torch.Tensor], list[Progress]]:
    told: list[Progress] = []
    model = train(Training(recipe, CORPUS, folder, 4), told.append, stop_after_steps=stop_after)
    return model.state_dict(), told


def test_a_run_in_pieces_gives_the_same_bits_as_one_run(tmp_path: Path) -> None:
    whole, whole_told = run(tmp_path / "whole")
    for steps in (1, None):
        pieces, told = run(tmp_path / "pieces", stop_after=steps)
    assert all(torch.equal(whole[name], pieces[name]) for name in whole)
    assert told[-1].valid == whole_told[-1].valid


def test_it_learns_to_continue_and_to_fill_in(tmp_path: Path) -> None:
    schedule = replace(RECIPE.schedule, steps=30, learning_rate=0.02, average=0.5, validate_every=10)
    _, told = run(tmp_path, replace(RECIPE, schedule=schedule))
    valid = [line.valid for line in told if line.valid is not None]
    assert set(valid[0]) == {
        "mean",
        "bits per note",
        "bits per note, key and style known",
        "bits per note in holes",
    }
    even_guesses = 3 * math.log2(97)
    assert all(value < 0.5 * even_guesses for value in valid[-1].values())


def test_a_card_tells_of_holes_too() -> None:
    figures = SETTINGS.figures(TransformerModel(SETTINGS.config), CORPUS.sides["test"], NO_PARTS)
    assert list(figures)[-1] == "bits per note in holes"
    assert all(value > 0 for value in figures.values())
