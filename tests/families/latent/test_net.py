"""A group of events becomes a point, and the point writes the group."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from musicassist.families.latent.net import VaeConfig, VaeModel, divergence
from musicassist.models.checkpoints import parameter_count
from musicassist.values import plain_of, value_of

CONFIG = VaeConfig((9, 5, 7), (3, 2), part_count=2, latent=6, part=10, hidden=16, head_hidden=16, plan=3, guide=4)
END = 8


@pytest.fixture
def model() -> VaeModel:
    """As if it had learned something: the layers that begin at zero are not."""
    torch.manual_seed(3)
    model = VaeModel(CONFIG).eval()
    for layer in (model.posterior[-1], model.planner[-1]):
        torch.nn.init.normal_(layer.weight)
    return model


def group(*events: tuple[int, int, int]) -> Tensor:
    return torch.tensor([[*events, (END, 0, 0)]])


EVENTS = group((0, 1, 2), (2, 4, 1), (3, 0, 5))
COUNT, CONDITION = torch.tensor([3]), torch.tensor([[1, 1]])


def test_shapes(model: VaeModel) -> None:
    mean, log_variance = model.encode(EVENTS, COUNT, CONDITION)
    assert mean.shape == log_variance.shape == (1, 6)
    logits = model.decode(mean, CONDITION, EVENTS, EVENTS)
    assert [part.shape for part in logits] == [(1, 4, 9), (1, 4, 5), (1, 4, 7)]


def test_what_stands_behind_the_last_event_is_not_read(model: VaeModel) -> None:
    longer = torch.cat([EVENTS, torch.tensor([[[7, 3, 3], [1, 1, 1]]])], 1)
    torch.testing.assert_close(model.encode(longer, COUNT, CONDITION), model.encode(EVENTS, COUNT, CONDITION))


def test_an_empty_group_has_a_point(model: VaeModel) -> None:
    mean, _ = model.encode(torch.zeros(1, 1, 3, dtype=torch.long), torch.tensor([0]), CONDITION)
    assert mean.isfinite().all()


@pytest.mark.parametrize("field", range(3))
@pytest.mark.parametrize("event", range(3))
def test_every_field_of_every_event_counts(model: VaeModel, event: int, field: int) -> None:
    other = EVENTS.clone()
    other[0, event, field] += 1
    assert not torch.allclose(model.encode(EVENTS, COUNT, CONDITION)[0], model.encode(other, COUNT, CONDITION)[0])


def test_equal_parts_have_equal_shares_of_the_point_before_anything_is_learned() -> None:
    """What corrects a part by the others begins as nothing."""
    torch.manual_seed(3)
    mean, _ = VaeModel(CONFIG).encode(group((0, 1, 2), (4, 1, 2)), torch.tensor([2]), CONDITION)
    torch.testing.assert_close(mean[:, :3], mean[:, 3:])


def test_a_place_comes_after_the_one_before(model: VaeModel) -> None:
    place, _, _ = model.decode(torch.zeros(1, 6), CONDITION, EVENTS, EVENTS)
    for event, last in enumerate((-1, 0, 2, 3)):
        assert place[0, event, : last + 1].isneginf().all()
        assert place[0, event, last + 1 :].isfinite().all()


@pytest.mark.parametrize("field", range(3))
def test_a_field_knows_only_what_was_chosen_before_it(model: VaeModel, field: int) -> None:
    """Changing a field of the second event changes no logits of the first, nor its own or earlier ones."""
    changed = EVENTS.clone()
    changed[0, 1, field] = {0: 1, 1: 2, 2: 6}[field]
    logits = model.decode(torch.ones(1, 6), CONDITION, EVENTS, EVENTS)
    others = model.decode(torch.ones(1, 6), CONDITION, changed, changed)
    for place, (own, other) in enumerate(zip(logits, others, strict=True)):
        torch.testing.assert_close(own[:, 0], other[:, 0])
        if place <= field:
            torch.testing.assert_close(own[:, 1], other[:, 1])
        else:
            assert not torch.allclose(own[:, 1], other[:, 1])


def test_a_hidden_event_is_not_read_but_still_comes_before(model: VaeModel) -> None:
    hidden = EVENTS.clone()
    hidden[0, 0] = torch.tensor(CONFIG.classes)
    other = EVENTS.clone()
    other[0, 0, 1:] = torch.tensor([3, 4])
    both = [model.decode(torch.ones(1, 6), CONDITION, own, hidden)[0][:, 1:] for own in (EVENTS, other)]
    torch.testing.assert_close(*both)
    assert both[0][0, 0, 0].isneginf()


def test_the_divergence_is_zero_at_the_prior_and_as_computed_by_hand() -> None:
    assert divergence(torch.zeros(1, 2), torch.zeros(1, 2)).abs().max() == 0
    apart = divergence(torch.tensor([[1.0]]), torch.tensor([[2.0]]).log())
    assert apart.item() == pytest.approx(0.5 * (1 + 2 - 1 - 0.6931472))


def test_the_fitted_prior_has_the_mean_and_spread_of_the_points(model: VaeModel) -> None:
    random = torch.Generator().manual_seed(0)
    mixed = torch.randn(6, 6, generator=random)
    means = torch.randn(5000, 6, generator=random) @ mixed + 3
    model.settle_prior(means, torch.full((5000, 6), 0.5).log())
    drawn = model.from_prior(torch.randn(50_000, 6, generator=random))
    expected = mixed.T @ mixed + 0.5 * torch.eye(6)
    torch.testing.assert_close(drawn.mean(0), means.mean(0), atol=0.1, rtol=0)
    torch.testing.assert_close(torch.cov(drawn.T), expected, atol=0.1 * expected.abs().max().item(), rtol=0)
    torch.testing.assert_close(model.from_prior(model.to_noise(means[:9])), means[:9], atol=1e-3, rtol=1e-3)


def test_before_that_it_is_the_standard_normal_one(model: VaeModel) -> None:
    noise = torch.ones(2, 6)
    torch.testing.assert_close(model.from_prior(noise), noise)


def test_a_configuration_survives_json() -> None:
    assert value_of(VaeConfig, plain_of(CONFIG)) == CONFIG


@pytest.mark.parametrize(
    "page",
    [
        {},
        {**plain_of(CONFIG), "more": 1},
        {**plain_of(CONFIG), "classes": [9, 5]},
        {**plain_of(CONFIG), "latent": 0},
        {**plain_of(CONFIG), "latent": 7},
        {**plain_of(CONFIG), "part_count": 3},
        {**plain_of(CONFIG), "hidden": 10**9},
        {**plain_of(CONFIG), "condition": ["x"]},
    ],
)
def test_an_absurd_configuration_is_refused(page: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        value_of(VaeConfig, page)


def test_sizes_decide_the_number_of_parameters() -> None:
    assert parameter_count(VaeModel(replace(CONFIG, hidden=32))) > parameter_count(VaeModel(CONFIG))
