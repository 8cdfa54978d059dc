"""The latent GAN learns in the space of a VAE that stays as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from corpora import pack_of, small_corpus, tune
from melodies import even_melody
from musicassist.errors import TrainingDataError
from musicassist.families.latent.gan_learning import (
    LatentGanSettings,
    LatentGanTrainee,
    points_of_windows,
    window_pairs,
)
from musicassist.families.latent.scripts import latent_gan_config
from musicassist.learning.recipe import Recipe, Schedule
from musicassist.tokens.windows import LOWEST_PITCH
from musicassist.training.loop import Training, train
from tiny_latent_models import TINY, tiny_vae

CORPUS = small_corpus()
PARTS = {"vae": tiny_vae()}


@pytest.fixture
def settings() -> LatentGanSettings:
    config = latent_gan_config(latent=TINY.latent, width=24)
    return LatentGanSettings(config, batch=16, critic_steps=2, validated=16)


def trainee(settings: LatentGanSettings) -> LatentGanTrainee:
    torch.manual_seed(3)
    return settings.trainee(CORPUS, 3, PARTS)


def sizes_and_pitches(*pitches: int) -> list[tuple[int, list[int]]]:
    """Of a melody of two notes a bar: notes before, and semitones above the reference, of each window of a pair."""
    pairs = window_pairs(pack_of([even_melody(*pitches, step=24)]), 99, seed=0)
    after = zip(pairs.previous.count, pairs.window.fields, pairs.window.count, strict=True)
    return [(int(before), [int(note) + LOWEST_PITCH for note in own[:count, 1]]) for before, own, count in after]


def test_pairs_are_windows_after_each_other_in_one_register() -> None:
    assert (4, [0, 2, 4, 7]) in sizes_and_pitches(60, 62, 64, 65, 60, 62, 64, 67)
    assert (4, [0, 2, 4, 7]) not in sizes_and_pitches(60, 62, 64, 65, 72, 74, 76, 79)


def test_no_more_pairs_are_read_than_wanted() -> None:
    pack = pack_of([tune(number) for number in range(6)])
    assert len(window_pairs(pack, 5, seed=0)) == 5
    assert len(window_pairs(pack, 10**6, seed=0)) > 5


def test_points_are_those_of_each_window_whatever_stands_beside_it() -> None:
    windows = window_pairs(CORPUS.sides["train"], 8, seed=0).window
    together = points_of_windows(tiny_vae(), windows)
    alone = torch.cat([points_of_windows(tiny_vae(), windows.rows(np.array([row]))) for row in range(8)])
    assert torch.allclose(together, alone, atol=1e-5)


def test_each_loss_moves_its_own_net_and_never_the_vae(settings: LatentGanSettings) -> None:
    own = trainee(settings)
    optimisers = {name: torch.optim.SGD(part, 0.1) for name, part in own.parts().items()}
    told = []
    for part, loss in own.losses(next(own.batches(0)), 0):
        before = {name: tensor.clone() for name, tensor in own.model.state_dict().items()}
        optimisers[part].zero_grad()
        loss.backward()
        optimisers[part].step()
        moved = {
            name.split(".")[0] for name, tensor in own.model.state_dict().items() if not tensor.equal(before[name])
        }
        assert moved == {part}
        told.append(part)
    assert told == ["critic", "critic", "generator"]
    assert own.told()[1] == settings.batch


def test_batches_are_a_function_of_seed_and_epoch(settings: LatentGanSettings) -> None:
    one, other = (list(trainee(settings).batches(1)) for _ in range(2))
    assert all(
        torch.equal(a.point, b.point) and torch.equal(a.previous, b.previous) for a, b in zip(one, other, strict=True)
    )
    assert any((batch.previous == 0).all(1).any() for batch in one)
    parts = [one[0].part(rank, 3) for rank in range(3)]
    assert sum(len(part.point) for part in parts) == settings.batch


def test_the_mean_of_what_windows_are_like_decides(settings: LatentGanSettings) -> None:
    own = trainee(settings)
    figures = own.validate(own.model)
    first, *others = figures.values()
    assert first == pytest.approx(np.mean(others))
    assert own.validate(own.model) == figures


def test_a_run_in_pieces_gives_the_same_bits_as_one_run(settings: LatentGanSettings, tmp_path: Path) -> None:
    schedule = Schedule(steps=6, optimiser="adam", betas=(0.0, 0.9), warmup_steps=2, validate_every=2)
    recipe = Recipe("gan-latent", "hybrid+vae", settings, schedule)

    def run(folder: str, stop_after: int | None) -> dict[str, torch.Tensor]:
        told: list[object] = []
        training = Training(recipe, CORPUS, tmp_path / folder, 4, parts=PARTS)
        made = train(training, told.append, stop_after_steps=stop_after)
        return made.state_dict()

    whole = run("whole", None)
    for steps in (1, 2, None):
        pieces = run("pieces", steps)
    assert all(torch.equal(whole[name], pieces[name]) for name in whole)


def test_with_a_vae_of_another_size_it_says_so(settings: LatentGanSettings) -> None:
    with pytest.raises(TrainingDataError, match="latent space of 8"):
        replace(settings, config=latent_gan_config(latent=8)).trainee(CORPUS, 1, PARTS)
