"""The net: shapes, causality, its copying heads and its floor."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from musicassist.families.recurrent.net import RecurrentConfig, RecurrentModel
from musicassist.models.checkpoints import parameter_count
from musicassist.models.heads import HeadConfig, embedding_size
from musicassist.values import plain_of

CELLS = ("lstm", "gru", "rnn")
CONFIG = RecurrentConfig(
    tables={"colour": 6, "size": 5},
    state_columns=("colour", "size", "size"),
    heads=(
        HeadConfig("colour", 5, ("colour", "size", "colour"), candidates=1, floor_column=1),
        HeadConfig("size", 4, ("size",), reads_numbers=True),
    ),
    numbers=2,
    head_numbers=3,
    hidden=8,
    layers=2,
    head_hidden=8,
)
Inputs = tuple[torch.Tensor, list[torch.Tensor], torch.Tensor, torch.Tensor]


def model_of(config: RecurrentConfig = CONFIG) -> RecurrentModel:
    torch.manual_seed(3)
    return RecurrentModel(config).eval()


def inputs_of(batch: int = 2, events: int = 7) -> Inputs:
    random = torch.Generator().manual_seed(4)

    def classes(columns: tuple[str, ...]) -> torch.Tensor:
        own = [torch.randint(CONFIG.tables[name] - 1, (batch, events), generator=random) for name in columns]
        return torch.stack(own, -1)

    numbers = torch.rand(batch, events, CONFIG.numbers, generator=random)
    head_numbers = torch.rand(batch, events, CONFIG.head_numbers, generator=random)
    return classes(CONFIG.state_columns), [classes(head.columns) for head in CONFIG.heads], numbers, head_numbers


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 3])
def test_each_head_gives_logits_of_its_classes(cell: str, layers: int) -> None:
    logits = model_of(replace(CONFIG, cell=cell, layers=layers))(*inputs_of())
    assert [tuple(own.shape) for own in logits] == [(2, 7, 5), (2, 7, 4)]


@pytest.mark.parametrize("cell", CELLS)
def test_the_future_does_not_change_the_past(cell: str) -> None:
    model = model_of(replace(CONFIG, cell=cell))
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
    model = model_of()
    state, columns, numbers, head_numbers = inputs_of()
    both = model(state, columns, numbers, head_numbers)
    alone = model(state[:1], [part[:1] for part in columns], numbers[:1], head_numbers[:1])
    for one, other in zip(both, alone, strict=True):
        assert torch.allclose(one[:1], other, atol=1e-6)


def test_a_class_below_the_floor_is_impossible() -> None:
    state, columns, numbers, head_numbers = inputs_of()
    colour, _ = model_of()(state, columns, numbers, head_numbers)
    least = columns[0][..., 1:2]
    assert torch.equal(torch.isinf(colour), torch.arange(5).expand(2, 7, 5) < least)


def test_a_candidate_changes_only_its_own_logit() -> None:
    """With the embedding held equal, copying raises the candidate's class and nothing else; "none" raises nothing."""
    model = model_of(replace(CONFIG, heads=(replace(CONFIG.heads[0], floor_column=None),)))
    with torch.no_grad():
        model.embeddings.tables["colour"].weight.zero_()
        model.heads[0].copy.bias.fill_(2.5)
        model.heads[0].copy.weight.zero_()
    state, columns, numbers, head_numbers = inputs_of()
    own = columns[0]

    def logits(candidate: int) -> torch.Tensor:
        own[..., 0] = candidate
        return model(state, [own], numbers, head_numbers)[0]

    plain = logits(5)  # the class that stands for none
    for candidate in range(5):
        expected = torch.zeros(5)
        expected[candidate] = 2.5
        assert torch.allclose(logits(candidate) - plain, expected.expand(2, 7, 5), atol=1e-6)


def test_numbers_reach_only_the_heads_that_want_them() -> None:
    model = model_of()
    state, columns, numbers, head_numbers = inputs_of()
    before = model(state, columns, numbers, head_numbers)
    after = model(state, columns, numbers, head_numbers + 1)
    assert torch.equal(before[0], after[0])
    assert not torch.equal(before[1], after[1])


def test_training_makes_one_batch_likelier() -> None:
    model = model_of().train()
    state, columns, numbers, head_numbers = inputs_of(4, 12)
    target = columns[0][..., 1].clamp(max=4)  # at least its floor
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(40):
        logits = model(state, columns, numbers, head_numbers)
        loss = torch.nn.functional.cross_entropy(logits[0].flatten(0, 1), target.flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]


def test_a_configuration_comes_back_from_json() -> None:
    import json

    assert RecurrentConfig.of(json.loads(json.dumps(plain_of(CONFIG)))) == CONFIG


@pytest.mark.parametrize(
    "change",
    [
        {"cell": "perceptron"},
        {"cell": ["lstm"]},
        {"layers": 10**9},
        {"layers": 0},
        {"hidden": -1},
        {"hidden": 10**12},
        {"hidden": "large"},
        {"tables": {"colour": 10**12}},
        {"tables": ["colour"]},
        {"heads": 7},
        {"heads": [{"name": "colour"}]},
        {"heads": [7]},
        {"state_columns": 7},
        {"surprise": 1},
    ],
)
def test_an_absurd_configuration_is_no_configuration(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        RecurrentConfig.of({**plain_of(CONFIG), **change})


def test_small_tables_get_small_vectors() -> None:
    assert [embedding_size(classes) for classes in (3, 8, 9, 24, 25, 98)] == [6, 6, 12, 12, 24, 24]


def test_every_parameter_is_counted() -> None:
    model = model_of()
    assert parameter_count(model) == sum(tensor.numel() for tensor in model.state_dict().values())
