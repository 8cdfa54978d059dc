"""A fast step gives what the trained net gives."""

from __future__ import annotations

import pytest
import torch

from musicassist.families.recurrent.decoding import Decoder, FusedCell, LaidOutNet
from tiny_models import tiny_model

CELLS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("inputs", "hidden", "layers"), [(7, 16, 1), (24, 32, 3), (300, 512, 2)])
@torch.inference_mode()
def test_a_step_equals_the_nets_own(cell: str, inputs: int, hidden: int, layers: int) -> None:
    torch.manual_seed(hidden)
    net = CELLS[cell](inputs, hidden, layers, batch_first=True)
    steps = [FusedCell(net, layer) for layer in range(layers)]
    read = torch.randn(3, 12, inputs)
    expected, _ = net(read)
    parts = 2 if cell == "lstm" else 1
    states = [tuple(torch.zeros(3, hidden) for _ in range(parts)) for _ in range(layers)]
    for time in range(12):
        output = read[:, time]
        for layer, step in enumerate(steps):
            states[layer] = step.step(output, states[layer])
            output = states[layer][0]
        assert torch.allclose(output, expected[:, time], atol=1e-4)


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
@pytest.mark.parametrize("seed", [1, 8])
@torch.inference_mode()
def test_decoding_gives_the_logits_of_training(cell: str, attention_heads: int, seed: int) -> None:
    model, count = tiny_model(cell=cell, attention_heads=attention_heads), 20
    state, columns, numbers, head_numbers = some_events(count)
    expected = model(state[None], [part[None] for part in columns], numbers[None], head_numbers[None])
    decoder = Decoder(LaidOutNet(model))
    decoder.prefill(state[:seed], numbers[:seed], streams=2)
    for event in range(seed - 1, count):
        if event >= seed:
            decoder.step(state[event].expand(2, -1), numbers[event].expand(2, -1))
        for head, part in enumerate(columns):
            logits = decoder.logits(head, part[event].expand(2, -1), head_numbers[event].expand(2, -1))
            assert torch.allclose(logits, expected[head][0, event].expand(2, -1), atol=1e-4)


@pytest.mark.parametrize("attention_heads", [0, 3])
@torch.inference_mode()
def test_streams_that_are_kept_go_on_as_if_alone(attention_heads: int) -> None:
    model = tiny_model(attention_heads=attention_heads)
    state, _, numbers, _ = some_events(6)
    together, alone = Decoder(LaidOutNet(model)), Decoder(LaidOutNet(model))
    together.prefill(state[:2], numbers[:2], streams=3)
    alone.prefill(state[:2], numbers[:2], streams=1)
    together.step(state[2:5], numbers[2:5])
    alone.step(state[4:5], numbers[4:5])
    together.keep([2, 0])
    output = together.step(state[5].expand(2, -1), numbers[5].expand(2, -1))
    expected = alone.step(state[5:6], numbers[5:6])
    assert output.shape[0] == 2
    assert torch.allclose(output[0], expected[0], atol=1e-5)
    assert not torch.allclose(output[1], expected[0], atol=1e-3)
