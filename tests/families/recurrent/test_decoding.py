"""A step on NumPy gives what the trained net gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from musicassist.families.recurrent.decoding import CellStep
from tiny_models import step_of, tiny_model

CELLS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("inputs", "hidden"), [(7, 16), (24, 32), (300, 512)])
@torch.inference_mode()
def test_a_step_equals_the_nets_own(cell: str, inputs: int, hidden: int) -> None:
    torch.manual_seed(hidden)
    net = CELLS[cell](inputs, hidden, batch_first=True)
    weights = [getattr(net, f"{name}_l0").detach().numpy() for name in ("weight_ih", "bias_ih", "weight_hh", "bias_hh")]
    step = CellStep(cell, (weights[0], weights[1]), (weights[2], weights[3]))
    read = torch.randn(3, 12, inputs)
    expected, _ = net(read)
    state = step.begin(3)
    for time in range(12):
        state = step.step(read[:, time].numpy(), state)
        np.testing.assert_allclose(state[0], expected[:, time].numpy(), atol=1e-5)


def some_events(count: int) -> tuple[torch.Tensor, list[torch.Tensor], torch.Tensor, torch.Tensor]:
    config = tiny_model().config
    random = torch.Generator().manual_seed(5)

    def classes(columns: tuple[str, ...]) -> torch.Tensor:
        return torch.stack([torch.randint(config.tables[name], (count,), generator=random) for name in columns], -1)

    heads = [classes(head.columns) for head in config.heads]
    numbers = torch.rand(count, config.numbers, generator=random)
    return classes(config.state_columns), heads, numbers, torch.rand(count, config.head_numbers, generator=random)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("attention_heads", [0, 3])
@pytest.mark.parametrize("parts", [(1,), (8,), (1, 5, 2)])
@torch.inference_mode()
def test_decoding_gives_the_logits_of_training(cell: str, attention_heads: int, parts: tuple[int, ...]) -> None:
    """Whether the seed is read at once or in parts."""
    model, count = tiny_model(cell=cell, attention_heads=attention_heads), 20
    state, columns, numbers, head_numbers = some_events(count)
    expected = model(state[None], [part[None] for part in columns], numbers[None], head_numbers[None])
    net, read = step_of(model), 0
    past = net.beginning()
    for part in parts:
        past = net.read(past, state[read : read + part].numpy(), numbers[read : read + part].numpy())
        read += part
    decoder = net.decoder()
    decoder.begin(past, 2)
    for event in range(read - 1, count):
        if event >= read:
            decoder.step(state[event].expand(2, -1).numpy(), numbers[event].expand(2, -1).numpy())
        for head, part in enumerate(columns):
            logits = decoder.logits(head, part[event].expand(2, -1).numpy(), head_numbers[event].expand(2, -1).numpy())
            np.testing.assert_allclose(logits, expected[head][0, event].expand(2, -1).numpy(), atol=1e-4)


@pytest.mark.parametrize("attention_heads", [0, 3])
@torch.inference_mode()
def test_streams_that_are_kept_go_on_as_if_alone(attention_heads: int) -> None:
    net = step_of(tiny_model(attention_heads=attention_heads))
    state, _, numbers, _ = (part.numpy() if isinstance(part, torch.Tensor) else part for part in some_events(6))
    past = net.read(net.beginning(), state[:2], numbers[:2])
    together, alone = net.decoder(), net.decoder()
    together.begin(past, 3)
    alone.begin(past, 1)
    together.step(state[2:5], numbers[2:5])
    alone.step(state[4:5], numbers[4:5])
    together.keep([2, 0])
    output = together.step(state[[5, 5]], numbers[[5, 5]])
    expected = alone.step(state[5:6], numbers[5:6])
    assert output.shape[0] == 2
    np.testing.assert_allclose(output[0], expected[0], atol=1e-5)
    assert not np.allclose(output[1], expected[0], atol=1e-3)


def test_a_past_is_never_changed_by_what_goes_on_from_it() -> None:
    net = step_of(tiny_model(attention_heads=3))
    state, _, numbers, _ = (part.numpy() if isinstance(part, torch.Tensor) else part for part in some_events(8))
    past = net.read(net.beginning(), state[:4], numbers[:4])
    first = net.read(past, state[4:6], numbers[4:6]).output.copy()
    decoder = net.decoder()
    decoder.begin(past, 2)
    decoder.step(state[6:8], numbers[6:8])
    assert np.array_equal(net.read(past, state[4:6], numbers[4:6]).output, first)
