"""Generator and critic of rolls: shapes, what they see, and that noise matters."""

from __future__ import annotations

import pytest
import torch

from musicassist.families.gan.net import PianoRollGan, PianoRollGanConfig, drawn, roll_of_symbols
from musicassist.families.gan.predictor import HELD, ROWS, SILENT, SLOTS, SYMBOLS, roll_config, roll_config_of
from musicassist.models.checkpoints import parameter_count
from musicassist.values import plain_of, value_of
from tiny_models import tiny_roll_gan

GAN = tiny_roll_gan()
CONDITION = torch.tensor([[1, 1, 5], [2, 2, 0]])
NONE = torch.zeros(2, SLOTS, 2 * ROWS)


def noise(seed: int = 0) -> torch.Tensor:
    return torch.randn(2, GAN.config.noise, generator=torch.Generator().manual_seed(seed))


def test_a_roll_shows_onsets_and_what_sounds() -> None:
    symbols = torch.tensor([[SILENT, 3, HELD, 5, SILENT, HELD]])
    onsets, sounding = roll_of_symbols(symbols, ROWS).split(ROWS, -1)
    assert onsets[0].nonzero().tolist() == [[1, 3], [3, 5]]
    assert sounding[0].nonzero().tolist() == [[1, 3], [2, 3], [3, 5]]


def test_what_is_half_held_half_sounds() -> None:
    onsets, holds = torch.zeros(1, 3, 2), torch.full((1, 3), 0.5)
    onsets[0, 0, 1] = 1.0
    assert drawn(onsets, holds)[0, :, 3].tolist() == [1.0, 0.5, 0.25]


def test_the_generator_gives_logits_of_every_slot() -> None:
    logits = GAN(noise(), NONE, CONDITION)
    assert logits.shape == (2, SLOTS, SYMBOLS)
    assert not torch.equal(logits, GAN(noise(1), NONE, CONDITION))


@pytest.mark.parametrize("column", [0, 1, 2])
def test_both_nets_hear_every_condition_and_the_roll_before(column: int) -> None:
    other = CONDITION.clone()
    other[:, column] = (other[:, column] + 1) % 3
    before = roll_of_symbols(torch.full((2, SLOTS), 4), ROWS)
    for net, first in ((GAN, noise()), (lambda *read: GAN.critic(*read)[0], before)):
        plain = net(first, NONE, CONDITION)
        assert not torch.allclose(plain, net(first, NONE, other))
        assert not torch.allclose(plain, net(first, before, CONDITION))


def test_made_rolls_have_one_symbol_a_slot_and_pass_gradients() -> None:
    torch.manual_seed(0)
    roll = GAN.made(noise(), NONE, CONDITION)
    onsets, sounding = roll.detach().split(ROWS, -1)
    assert set(onsets.unique().tolist()) <= {0.0, 1.0}
    assert (onsets.sum(-1) <= 1).all()
    assert (sounding.sum(-1) <= 1 + 1e-6).all()
    (slope,) = torch.autograd.grad(roll.sum(), [GAN.generator.begin.weight])
    assert slope.abs().sum() > 0


def test_the_critic_scores_each_roll_and_tells_its_noise() -> None:
    scores, mean, log_variance = GAN.critic(NONE, NONE, CONDITION)
    assert scores.shape == (2,)
    assert mean.shape == log_variance.shape == (2, GAN.config.noise)


def test_the_critic_sees_whether_a_batch_is_all_alike() -> None:
    one = roll_of_symbols(torch.full((1, SLOTS), 4), ROWS)
    other = roll_of_symbols(torch.full((1, SLOTS), 9), ROWS)
    same = CONDITION[:1].expand(2, -1)
    alike = GAN.critic(torch.cat([one, one]), NONE, same)[0][0]
    assert alike != GAN.critic(torch.cat([one, other]), NONE, same)[0][0]


def test_a_configuration_survives_json() -> None:
    config = roll_config(whole=24)
    assert value_of(PianoRollGanConfig, plain_of(config)) == config
    assert roll_config_of(plain_of(config)) == config
    with pytest.raises(ValueError, match="something else"):
        roll_config_of({**plain_of(config), "rows": 36})


@pytest.mark.parametrize("change", [{"rows": 0}, {"slots": 47}, {"noise": "8"}, {"other": 1}, {"whole": 10**6}])
def test_absurd_configurations_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"Expected `int`|unknown|whole beats"):
        value_of(PianoRollGanConfig, {**plain_of(roll_config()), **change})


def test_parameters_are_counted() -> None:
    assert parameter_count(GAN) == sum(p.numel() for p in PianoRollGan(GAN.config).parameters())
