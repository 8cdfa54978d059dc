"""The training loop: it learns, and a run that was stopped goes on as if it had not been."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from corpora import small_corpus
from musicassist.errors import TrainingDataError
from musicassist.generation.melody_model import melody_config
from musicassist.models.state_file import read_state
from musicassist.training.batches import HIDE_ALL_CONDITIONS, HIDE_FUTURE
from musicassist.training.loop import STATE_FILE, Progress, mean_bits_per_note, melody_bits, train
from musicassist.training.recipes import RECIPES, Recipe
from tiny_models import tiny_model

CORPUS = small_corpus()
RECIPE = Recipe(
    "tiny",
    "lstm",
    melody_config("lstm", 16, head_hidden=16),
    steps=6,
    notes=16,
    batch_notes=128,
    warmup_steps=2,
    validate_every=2,
)
CPU = torch.device("cpu")


def run(
    folder: Path, recipe: Recipe = RECIPE, *, stop_after: int | None = None
) -> tuple[dict[str, torch.Tensor], list[Progress]]:
    told: list[Progress] = []
    model = train(recipe, CORPUS, folder, seed=4, on_progress=told.append, device=CPU, stop_after_steps=stop_after)
    return model.state_dict(), told


def test_a_run_in_pieces_gives_the_same_bits_as_one_run(tmp_path: Path) -> None:
    whole, whole_told = run(tmp_path / "whole")
    for steps in (1, 2, None):
        pieces, told = run(tmp_path / "pieces", stop_after=steps)
    assert all(torch.equal(whole[name], pieces[name]) for name in whole)
    assert (told[-1].step, told[-1].valid_bits) == (6, whole_told[-1].valid_bits)
    one, other = (json.loads(_page(tmp_path / name)) for name in ("whole", "pieces"))
    assert one == other


def _page(folder: Path) -> str:
    return json.dumps(read_state(folder / STATE_FILE)[1])


def test_a_finished_run_has_nothing_left_to_do(tmp_path: Path) -> None:
    first, _ = run(tmp_path)
    again, told = run(tmp_path)
    assert told == []
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_training_learns(tmp_path: Path) -> None:
    recipe = replace(RECIPE, steps=40, learning_rate=0.02, average=0.5, validate_every=20)
    _, told = run(tmp_path, recipe)
    valid = [line.valid_bits for line in told if line.valid_bits is not None]
    assert valid[-1] < 0.75 * 3 * math.log2(97)  # far below three even guesses
    assert json.loads(told[-1].as_json())["step"] == 40


def test_it_stops_early_when_nothing_gets_better(tmp_path: Path) -> None:
    recipe = replace(RECIPE, steps=50, validate_every=1, patience=2, learning_rate=0.0, last_learning_rate=0.0)
    _, told = run(tmp_path, recipe)
    assert told[-1].step < 50


@pytest.mark.parametrize("change", [{"steps": 7}, {"notes": 24}])
def test_a_run_of_another_recipe_is_not_resumed(tmp_path: Path, change: dict[str, int]) -> None:
    run(tmp_path, stop_after=1)
    with pytest.raises(TrainingDataError, match="another folder"):
        run(tmp_path, replace(RECIPE, **change))


def test_a_run_of_other_music_or_seed_is_not_resumed(tmp_path: Path) -> None:
    run(tmp_path, stop_after=1)
    for corpus, seed in ((replace(CORPUS, data_hash="other"), 4), (CORPUS, 5)):
        with pytest.raises(TrainingDataError):
            train(RECIPE, corpus, tmp_path, seed=seed, on_progress=lambda _line: None, device=CPU)


def test_a_damaged_state_file_is_told_in_words(tmp_path: Path) -> None:
    run(tmp_path, stop_after=1)
    (tmp_path / STATE_FILE).write_bytes(b"damaged")
    with pytest.raises(TrainingDataError, match="cannot go on"):
        run(tmp_path)


def test_bits_count_every_note_of_every_melody_once() -> None:
    model, pack = tiny_model(), CORPUS.sides["valid"]
    bits = melody_bits(model, pack, HIDE_ALL_CONDITIONS)
    assert [own.shape for own in bits] == [(39, 4)] * 3
    assert all((own > 0).all() for own in bits)
    assert mean_bits_per_note(bits) == pytest.approx(float(np.mean([own[:, :3].sum(1).mean() for own in bits])))
    one_by_one = melody_bits(model, pack, HIDE_ALL_CONDITIONS, batch_notes=1)
    for one, other in zip(bits, one_by_one, strict=True):
        assert np.allclose(one, other, atol=1e-4)


def test_what_is_known_changes_the_bits() -> None:
    model, pack = tiny_model(), CORPUS.sides["valid"]
    plain, known = (mean_bits_per_note(melody_bits(model, pack, own)) for own in (HIDE_ALL_CONDITIONS, HIDE_FUTURE))
    assert plain != known


def test_every_recipe_makes_a_model() -> None:
    assert {recipe.family for recipe in RECIPES.values()} == {"lstm", "lstm-attention", "gru", "rnn"}
    assert all(
        bool(recipe.config.attention_heads) == recipe.family.endswith("attention") for recipe in RECIPES.values()
    )
    assert all(name == recipe.name for name, recipe in RECIPES.items())
