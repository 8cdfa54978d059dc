"""The training loop: it learns, and a run that was stopped goes on as if it had not been."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from musicassist.errors import TrainingDataError
from musicassist.models.checkpoints import read_state
from musicassist.training.command import PRESETS, with_preset
from musicassist.training.loop import STATE_FILE, Training, train
from short_trainings import CORPUS, RECIPE, run, scheduled


def test_a_run_in_pieces_gives_the_same_bits_as_one_run(tmp_path: Path) -> None:
    whole, whole_told = run(tmp_path / "whole")
    for steps in (1, 2, None):
        pieces, told = run(tmp_path / "pieces", stop_after=steps)
    assert all(torch.equal(whole[name], pieces[name]) for name in whole)
    assert (told[-1].step, told[-1].valid) == (6, whole_told[-1].valid)
    one, other = (json.loads(_page(tmp_path / name)) for name in ("whole", "pieces"))
    assert one == other


def _page(folder: Path) -> str:
    return json.dumps(read_state(folder / STATE_FILE)[1])


def test_the_average_of_a_short_training_is_not_what_it_began_with(tmp_path: Path) -> None:
    plain = {"steps": 1, "warmup_steps": 0, "validate_every": 1, "weight_decay": 0.0}
    begun, _ = run(tmp_path / "begun", scheduled(**plain, average=0.0, learning_rate=0.0, last_learning_rate=0.0))
    trained, _ = run(tmp_path / "trained", scheduled(**plain, average=0.0))
    average, _ = run(tmp_path / "average", scheduled(**plain, average=0.999))
    assert any(not torch.equal(begun[name], trained[name]) for name in begun)
    for name in begun:  # after the first step a tenth of it is left
        assert torch.allclose(average[name], begun[name].lerp(trained[name], 0.9), atol=1e-6)


def test_the_learning_rate_ends_where_it_was_told_to(tmp_path: Path) -> None:
    plain = {"warmup_steps": 0, "average": 0.0, "learning_rate": 1e-2}
    level, _ = run(tmp_path / "level", scheduled(**plain, steps=6, last_learning_rate=1e-2))
    long, _ = run(tmp_path / "long", scheduled(**plain, steps=10**9, last_learning_rate=0.0), stop_after=6)
    falling, _ = run(tmp_path / "falling", scheduled(**plain, steps=6, last_learning_rate=0.0))
    assert all(torch.allclose(level[name], long[name], atol=1e-6) for name in level)
    assert not all(torch.allclose(level[name], falling[name], atol=1e-4) for name in level)


def test_a_finished_run_has_nothing_left_to_do(tmp_path: Path) -> None:
    first, _ = run(tmp_path)
    again, told = run(tmp_path)
    assert told == []
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_training_learns(tmp_path: Path) -> None:
    recipe = scheduled(steps=40, learning_rate=0.02, average=0.5, validate_every=20)
    _, told = run(tmp_path, recipe)
    valid = [line.valid["bits per note"] for line in told if line.valid is not None]
    assert valid[-1] < 0.75 * 3 * math.log2(97)  # far below three even guesses
    assert json.loads(told[-1].as_json())["step"] == 40


def test_it_stops_early_when_nothing_gets_better(tmp_path: Path) -> None:
    recipe = scheduled(steps=50, validate_every=1, patience=2, learning_rate=0.0, last_learning_rate=0.0)
    _, told = run(tmp_path, recipe)
    assert told[-1].step < 50


def test_a_run_of_other_music_or_seed_is_not_resumed(tmp_path: Path) -> None:
    run(tmp_path, stop_after=1)
    for corpus, seed in ((replace(CORPUS, data_hash="other"), 4), (CORPUS, 5)):
        with pytest.raises(TrainingDataError):
            train(Training(RECIPE, corpus, tmp_path, seed), lambda _line: None)


def test_a_damaged_state_file_is_told_in_words(tmp_path: Path) -> None:
    run(tmp_path, stop_after=1)
    (tmp_path / STATE_FILE).write_bytes(b"damaged")
    with pytest.raises(TrainingDataError, match="cannot go on"):
        run(tmp_path)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_plain_recipe_learns_and_resumes_to_the_same_bits(tmp_path: Path, preset: str) -> None:
    recipe = with_preset(scheduled(steps=8, validate_every=4), preset)
    whole, told = run(tmp_path / "whole", recipe)
    run(tmp_path / "pieces", recipe, stop_after=5)
    pieces, _ = run(tmp_path / "pieces", recipe)
    assert all(torch.equal(whole[name], pieces[name]) for name in whole)
    valid = [line.valid["bits per note"] for line in told if line.valid is not None]
    assert valid[-1] < valid[0]


def test_a_run_may_begin_with_trained_weights(tmp_path: Path) -> None:
    trained, _ = run(tmp_path / "first", scheduled(steps=20, learning_rate=0.01))

    def begun(folder: str, weights: dict[str, torch.Tensor], mark: str) -> dict[str, torch.Tensor]:
        still = scheduled(steps=10, learning_rate=0.0, last_learning_rate=0.0).shortened(10)
        assert still.schedule.steps == 1
        training = Training(still, CORPUS, tmp_path / folder, 4, begin_with=weights, begin_mark=mark)
        return train(training, lambda _line: None).state_dict()

    gone_on = begun("second", trained, "first")
    assert all(torch.allclose(trained[name], gone_on[name], atol=1e-6) for name in trained)
    with pytest.raises(TrainingDataError):
        begun("second", trained, "other weights")
