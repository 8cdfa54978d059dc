"""The classic GAN learns: each loss moves its own net, and a run in pieces is one run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from corpora import small_corpus
from musicassist.families.gan.learning import RollGanSettings, RollGanTrainee, made_symbols, roll_pairs, roll_unlikeness
from musicassist.families.gan.net import PianoRollGan
from musicassist.families.gan.predictor import SILENT, roll_config
from musicassist.learning.recipe import NO_PARTS, Recipe, Schedule
from musicassist.training.loop import Training, train

CORPUS = small_corpus()
CONFIG = roll_config(noise=8, embedding=4, slot_width=12, beat_width=16, whole=24)
SETTINGS = RollGanSettings(CONFIG, batch=16, writing_steps=3, penalty=1.0, penalty_every=2, validated=16)
SCHEDULE = Schedule(steps=6, optimiser="adam", betas=(0.0, 0.99), warmup_steps=2, validate_every=2)


def trainee() -> RollGanTrainee:
    torch.manual_seed(3)
    return SETTINGS.trainee(CORPUS, 3, NO_PARTS)


def test_the_first_stage_learns_to_write_rolls_again() -> None:
    own = trainee()
    optimiser = torch.optim.Adam(own.parts()["writing"], 0.01)
    batch = next(own.batches(0))
    losses = []
    for _ in range(30):
        ((part, loss),) = own.losses(batch, 0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert part == "writing"
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("step", [4, 5])  # with and without the penalty
def test_each_loss_of_the_second_stage_moves_its_own_net_only(step: int) -> None:
    own = trainee()
    optimisers = {name: torch.optim.SGD(part, 0.1) for name, part in own.parts().items()}
    told = []
    for part, loss in own.losses(next(own.batches(0)), step):
        before = {name: tensor.clone() for name, tensor in own.model.state_dict().items()}
        optimisers[part].zero_grad()
        loss.backward()
        optimisers[part].step()
        moved = {
            name.split(".")[0] for name, tensor in own.model.state_dict().items() if not tensor.equal(before[name])
        }
        assert moved == {part}
        told.append(part)
    assert told == ["critic", "generator"]
    assert own.told()[1] == SETTINGS.batch


def test_the_penalty_makes_a_steep_critic_dearer() -> None:
    def critic_loss(step: int) -> float:
        own = trainee()
        with torch.no_grad():
            own.model.critic.score.weight.mul_(50)
        torch.manual_seed(0)
        return float(next(own.losses(next(own.batches(0)), step))[1].detach())

    assert critic_loss(4) > 2 * critic_loss(5)


def test_batches_are_a_function_of_seed_and_epoch() -> None:
    one, other = (list(trainee().batches(1)) for _ in range(2))
    assert len(one) == len(roll_pairs(CORPUS.sides["train"])) // SETTINGS.batch
    assert all(
        torch.equal(a.roll, b.roll) and torch.equal(a.previous, b.previous) for a, b in zip(one, other, strict=True)
    )
    assert not torch.equal(one[0].roll, next(trainee().batches(0)).roll)


def test_some_rolls_are_learned_from_nothing_and_some_without_style_or_mode() -> None:
    batches = list(trainee().batches(0))
    silent = torch.cat([(batch.previous == SILENT).all(1) for batch in batches]).float().mean()
    hidden = torch.cat([batch.condition[:, 1:] == 0 for batch in batches]).float().mean(0)
    assert 0.05 < silent < 0.5
    assert ((hidden > 0) & (hidden < 0.5)).all()
    assert all((batch.condition[:, 0] == 1).all() for batch in batches)


def test_parts_of_a_batch_for_several_processes_are_all_of_it() -> None:
    batch = next(trainee().batches(0))
    parts = [batch.part(rank, 3) for rank in range(3)]
    assert sum(len(part.roll) for part in parts) == SETTINGS.batch
    assert torch.equal(parts[1].roll[0], batch.roll[1])


def test_real_rolls_are_not_unlike_themselves_and_random_ones_are() -> None:
    model, pairs = PianoRollGan(CONFIG).eval(), roll_pairs(CORPUS.sides["valid"])
    figures = roll_unlikeness(model, pairs, 16)
    assert list(figures) == ["pitch class", "interval", "duration", "onset", "notes", "qualified", "key"]
    assert np.mean(list(figures.values())) > 0.2
    assert roll_unlikeness(model, pairs, 16) == figures
    assert not np.array_equal(made_symbols(model, pairs, seed=0), made_symbols(model, pairs, seed=1))


def test_the_mean_decides() -> None:
    own = trainee()
    figures = own.validate(own.model)
    first, *others = figures.values()
    assert next(iter(figures)) == "mean"
    assert first == pytest.approx(np.mean(others))


def test_a_run_in_pieces_gives_the_same_bits_as_one_run(tmp_path: Path) -> None:
    recipe = Recipe("gan", "gan", SETTINGS, SCHEDULE)

    def run(folder: str, stop_after: int | None) -> dict[str, torch.Tensor]:
        told: list[object] = []
        made = train(Training(recipe, CORPUS, tmp_path / folder, 4), told.append, stop_after_steps=stop_after)
        return made.state_dict()

    whole = run("whole", None)
    for steps in (2, 2, None):  # the second piece stops in the second stage
        pieces = run("pieces", steps)
    assert all(torch.equal(whole[name], pieces[name]) for name in whole)
