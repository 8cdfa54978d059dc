"""The Transformer: shapes, causality, relative positions, its reach, and what its card may say."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch

from musicassist.families.transformer.net import TransformerConfig, TransformerModel, rotated, rotation_of, visible
from musicassist.models.heads import HeadConfig
from musicassist.values import plain_of, value_of

CONFIG = TransformerConfig(
    tables={"colour": 6, "size": 5},
    state_columns=("colour", "size", "size"),
    heads=(
        HeadConfig("colour", 5, ("colour", "size", "colour"), candidates=1, floor_column=1),
        HeadConfig("size", 4, ("size",), reads_numbers=True),
    ),
    numbers=2,
    head_numbers=3,
    width=16,
    layers=2,
    attention_heads=2,
    head_hidden=8,
)
Inputs = tuple[torch.Tensor, list[torch.Tensor], torch.Tensor, torch.Tensor]


def model_of(config: TransformerConfig = CONFIG) -> TransformerModel:
    torch.manual_seed(3)
    return TransformerModel(config).eval()


def inputs_of(batch: int = 2, events: int = 7) -> Inputs:
    random = torch.Generator().manual_seed(4)

    def classes(columns: tuple[str, ...]) -> torch.Tensor:
        own = [torch.randint(CONFIG.tables[name] - 1, (batch, events), generator=random) for name in columns]
        return torch.stack(own, -1)

    numbers = torch.rand(batch, events, CONFIG.numbers, generator=random)
    head_numbers = torch.rand(batch, events, CONFIG.head_numbers, generator=random)
    return classes(CONFIG.state_columns), [classes(head.columns) for head in CONFIG.heads], numbers, head_numbers


def outputs_of(model: TransformerModel, inputs: Inputs, position: torch.Tensor | None = None) -> torch.Tensor:
    state, _, numbers, _ = inputs
    position = torch.arange(state.shape[1]) if position is None else position
    return model.outputs(state, numbers, torch.zeros_like(state[..., 0]), position)


@pytest.mark.parametrize("layers", [1, 3])
def test_each_head_gives_logits_of_its_classes(layers: int) -> None:
    logits = model_of(replace(CONFIG, layers=layers))(*inputs_of())
    assert [tuple(own.shape) for own in logits] == [(2, 7, 5), (2, 7, 4)]


def test_the_future_does_not_change_the_past() -> None:
    model = model_of()
    state, columns, numbers, head_numbers = inputs_of()
    before = model(state, columns, numbers, head_numbers)
    state[:, 4:], numbers[:, 4:], head_numbers[:, 4:] = 0, 0.0, 0.0
    for part in columns:
        part[:, 4:] = 0
    after = model(state, columns, numbers, head_numbers)
    for one, other in zip(before, after, strict=True):
        assert torch.equal(one[:, :4], other[:, :4])
        assert not torch.equal(one[:, 4:], other[:, 4:])


def test_one_stream_does_not_change_another() -> None:
    model, inputs = model_of(), inputs_of()
    state, columns, numbers, head_numbers = inputs
    alone = model(state[:1], [part[:1] for part in columns], numbers[:1], head_numbers[:1])
    for one, other in zip(model(*inputs), alone, strict=True):
        assert torch.allclose(one[:1], other, atol=1e-6)


def test_only_distances_between_positions_count() -> None:
    model, inputs = model_of(), inputs_of()
    plain = outputs_of(model, inputs)
    assert torch.allclose(outputs_of(model, inputs, torch.arange(7) + 50), plain, atol=1e-5)
    assert not torch.allclose(outputs_of(model, inputs, 2 * torch.arange(7)), plain, atol=1e-3)


def test_positions_may_differ_between_streams() -> None:
    model, inputs = model_of(), inputs_of()
    positions = torch.stack([torch.arange(7), 2 * torch.arange(7)])
    together = outputs_of(model, inputs, positions)
    for row in range(2):
        assert torch.allclose(together[row], outputs_of(model, inputs, positions[row])[row], atol=1e-5)


def test_the_segment_of_an_event_counts() -> None:
    model, inputs = model_of(), inputs_of()
    segment = torch.tensor([0, 0, 1, 1, 2, 2, 2]).expand(2, -1)
    plain, told = model(*inputs), model(*inputs, segment)
    for one, other in zip(plain, told, strict=True):
        assert torch.equal(one[:, :2], other[:, :2])
        assert not torch.equal(one[:, 2], other[:, 2])


def test_what_lies_beyond_the_span_is_not_seen() -> None:
    model = model_of(replace(CONFIG, layers=1, span=3))
    inputs = inputs_of()
    before = outputs_of(model, inputs)
    inputs[2][:, 0] = 0.0  # the first event
    after = outputs_of(model, inputs)
    assert torch.equal(before[:, 3:], after[:, 3:])
    assert not torch.allclose(before[:, 2], after[:, 2], atol=1e-6)


def test_visible_is_the_past_within_the_span() -> None:
    assert visible(torch.tensor([0, 1, 9, 2]), 3).int().tolist() == [
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [0, 0, 1, 0],
        [1, 1, 0, 1],
    ]


def test_a_rotation_keeps_lengths_and_turns_by_the_position() -> None:
    parts = torch.randn(1, 1, 4, 8, generator=torch.Generator().manual_seed(1))
    turned = rotated(parts, rotation_of(torch.arange(4), 8))
    assert torch.allclose(turned.norm(dim=-1), parts.norm(dim=-1), atol=1e-5)
    assert torch.equal(turned[..., 0, :], parts[..., 0, :])
    one = rotated(torch.tensor([[1.0, 0.0]]), rotation_of(torch.tensor([2]), 2))
    assert one[0].tolist() == pytest.approx([math.cos(2), math.sin(2)])


def test_the_loss_falls_on_one_batch() -> None:
    model = model_of()
    inputs = inputs_of()
    target = torch.randint(4, (2, 7), generator=torch.Generator().manual_seed(1))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.03)
    losses = []
    for _ in range(30):
        loss = torch.nn.functional.cross_entropy(model(*inputs)[1].flatten(0, 1), target.flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.3 * losses[0]


def test_dropout_is_for_training_only() -> None:
    model, inputs = model_of(), inputs_of()
    assert torch.equal(model(*inputs)[1], model(*inputs)[1])
    model.train()
    assert not torch.equal(model(*inputs)[1], model(*inputs)[1])


def test_a_configuration_comes_back_from_its_page() -> None:
    assert value_of(TransformerConfig, plain_of(CONFIG)) == CONFIG


@pytest.mark.parametrize(
    "change",
    [
        {"width": 0},
        {"width": 10**9},
        {"width": 18, "attention_heads": 4},
        {"attention_heads": 0},
        {"layers": 0},
        {"layers": 1000},
        {"segments": 0},
        {"span": 0},
        {"head_hidden": 10**9},
        {"tables": {"colour": 10**9, "size": 5}},
        {"heads": "none"},
        {"colour": 1},
    ],
)
def test_a_page_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"Expected|shared out|unknown"):
        value_of(TransformerConfig, {**plain_of(CONFIG), **change})


def test_a_page_without_a_field_is_refused() -> None:
    page = {name: value for name, value in plain_of(CONFIG).items() if name != "span"}
    with pytest.raises(ValueError, match="span"):
        value_of(TransformerConfig, page)
