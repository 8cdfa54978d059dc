"""Generator and critic of latent points."""

from __future__ import annotations

import pytest
import torch

from musicassist.families.latent.net import LatentGan, LatentGanConfig
from musicassist.models.checkpoints import parameter_count
from musicassist.values import plain_of, value_of

CONFIG = LatentGanConfig(6, (3, 4), width=16, blocks=2, embedding=4)
CONDITION = torch.tensor([[0, 1], [2, 3], [1, 0]])
NOISE, BEFORE = torch.randn(2, 3, 6, generator=torch.Generator().manual_seed(0))


def gan(*, trained: bool = True) -> LatentGan:
    torch.manual_seed(1)
    model = LatentGan(CONFIG)
    if trained:
        torch.nn.init.normal_(model.generator.move.weight)
    return model


def test_an_untrained_generator_draws_from_the_prior() -> None:
    assert torch.equal(gan(trained=False)(NOISE, BEFORE, CONDITION), NOISE)


@pytest.mark.parametrize("net", ["generator", "critic"])
def test_both_nets_hear_what_stands_before_and_the_conditions(net: str) -> None:
    own = getattr(gan(), net)
    plain = own(NOISE, BEFORE, CONDITION)
    assert plain.shape == ((3, 6) if net == "generator" else (3,))
    assert not torch.allclose(plain, own(NOISE, torch.zeros(3, 6), CONDITION))
    for column in (0, 1):
        other = CONDITION.clone()
        other[:, column] = (other[:, column] + 1) % 3
        assert not torch.allclose(plain, own(NOISE, BEFORE, other))


def test_the_critic_sees_whether_all_points_are_one() -> None:
    same = NOISE[:1].expand(3, -1)
    known = BEFORE[:1].expand(3, -1), CONDITION[:1].expand(3, -1)
    alike = gan().critic(same, *known)[0]
    assert alike != gan().critic(torch.cat([same[:1], NOISE[1:]]), *known)[0]


def test_a_configuration_survives_json() -> None:
    assert value_of(LatentGanConfig, plain_of(CONFIG)) == CONFIG
    assert CONFIG.parts == {"vae": "vae"}


@pytest.mark.parametrize(
    "change", [{"latent": 0}, {"blocks": 99}, {"width": 10**6}, {"other": 1}, {"conditions": ["a"]}]
)
def test_absurd_configurations_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"Expected `int`|unknown"):
        value_of(LatentGanConfig, {**plain_of(CONFIG), **change})


def test_parameters_are_counted() -> None:
    assert parameter_count(gan()) == sum(parameter.numel() for parameter in gan().parameters())
