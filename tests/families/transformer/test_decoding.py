"""A Transformer that is stepped gives what it gives in training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from musicassist.families.transformer.infilling import arranged_positions, arranged_segments
from musicassist.families.transformer.net import TransformerModel
from tiny_models import tiny_transformer, transformer_step


def some_events(count: int) -> tuple[torch.Tensor, list[torch.Tensor], torch.Tensor, torch.Tensor]:
    config = tiny_transformer().config
    random = torch.Generator().manual_seed(5)

    def classes(columns: tuple[str, ...]) -> torch.Tensor:
        return torch.stack([torch.randint(config.tables[name], (count,), generator=random) for name in columns], -1)

    heads = [classes(head.columns) for head in config.heads]
    numbers = torch.rand(count, config.numbers, generator=random)
    return classes(config.state_columns), heads, numbers, torch.rand(count, config.head_numbers, generator=random)


def check(model: TransformerModel, count: int, seed: int, *, hole: tuple[int, int, int] | None = None) -> None:
    """Decodes events one by one behind a seed, and compares with the forward pass that training makes."""
    state, columns, numbers, head_numbers = some_events(count)
    arranged = None if hole is None else [torch.from_numpy(f(*hole)) for f in (arranged_segments, arranged_positions)]
    extra = () if arranged is None else tuple(part[None] for part in arranged)
    expected = model(state[None], [part[None] for part in columns], numbers[None], head_numbers[None], *extra)
    net = transformer_step(model)
    if arranged is None:
        past = net.read(net.beginning(), state[: seed // 2].numpy(), numbers[: seed // 2].numpy()) if seed > 1 else None
        past = net.read(past or net.beginning(), state[seed // 2 : seed].numpy(), numbers[seed // 2 : seed].numpy())
    else:
        past, segments, positions = net.beginning(), *(part.numpy() for part in arranged)
        for segment in sorted(set(segments[:seed])):
            here = np.flatnonzero(segments[:seed] == segment)
            past = net.read(
                past, state[here].numpy(), numbers[here].numpy(), segment=segment, positions=positions[here]
            )
    decoder = net.decoder()
    decoder.begin(past, 2)
    for event in range(seed - 1, count):
        if event >= seed:
            decoder.step(state[event].expand(2, -1).numpy(), numbers[event].expand(2, -1).numpy())
        for head, part in enumerate(columns):
            logits = decoder.logits(head, part[event].expand(2, -1).numpy(), head_numbers[event].expand(2, -1).numpy())
            np.testing.assert_allclose(logits, expected[head][0, event].expand(2, -1).numpy(), atol=1e-4)


@pytest.mark.parametrize("seed", [1, 8])
@torch.inference_mode()
def test_decoding_gives_the_logits_of_training(seed: int) -> None:
    check(tiny_transformer(), 20, seed)


@torch.inference_mode()
def test_decoding_goes_on_beyond_the_memory_laid_out_and_beyond_its_span() -> None:
    check(tiny_transformer(), 80, 4)  # of 64 events for each stream
    near = TransformerModel(replace(tiny_transformer().config, span=7)).eval()
    check(near, 30, 10)


@torch.inference_mode()
def test_parts_of_a_past_that_nobody_sees_any_more_change_nothing() -> None:
    net = transformer_step(TransformerModel(replace(tiny_transformer().config, layers=1, span=7)).eval())
    state, _, numbers, _ = (part.numpy() if isinstance(part, torch.Tensor) else part for part in some_events(30))
    outputs = []
    for first in (0, 12):  # of one layer nothing reaches farther than the span
        past = net.beginning()
        for part in range(first, 27, 3):
            past = net.read(past, state[part : part + 3], numbers[part : part + 3], positions=np.arange(part, part + 3))
        decoder = net.decoder()
        decoder.begin(past, 1)
        outputs.append((past.output, decoder.step(state[27:28], numbers[27:28])))
    assert all(np.array_equal(long, short) for long, short in zip(*outputs, strict=True))


@torch.inference_mode()
def test_decoding_in_a_hole_gives_the_logits_of_training() -> None:
    check(tiny_transformer(), 30, 12 + 6 + 1, hole=(12, 6, 12))


@torch.inference_mode()
def test_streams_that_are_kept_go_on_as_if_alone() -> None:
    net = transformer_step()
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
