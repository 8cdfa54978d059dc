"""A Transformer that is stepped gives what it gives in training."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from musicassist.families.transformer.decoding import LaidOutTransformer, TransformerDecoder
from musicassist.families.transformer.infilling import arranged_positions, arranged_segments
from musicassist.families.transformer.net import TransformerModel
from tiny_models import tiny_transformer


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
    decoder = TransformerDecoder(LaidOutTransformer(model))
    decoder.prefill(
        state[:seed], numbers[:seed], 2, *(() if arranged is None else tuple(part[:seed] for part in arranged))
    )
    for event in range(seed - 1, count):
        if event >= seed:
            decoder.step(state[event].expand(2, -1), numbers[event].expand(2, -1))
        for head, part in enumerate(columns):
            logits = decoder.logits(head, part[event].expand(2, -1), head_numbers[event].expand(2, -1))
            assert torch.allclose(logits, expected[head][0, event].expand(2, -1), atol=1e-4)


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
def test_decoding_in_a_hole_gives_the_logits_of_training() -> None:
    check(tiny_transformer(), 30, 12 + 6 + 1, hole=(12, 6, 12))


@torch.inference_mode()
def test_streams_that_are_kept_go_on_as_if_alone() -> None:
    model = tiny_transformer()
    state, _, numbers, _ = some_events(6)
    together, alone = TransformerDecoder(LaidOutTransformer(model)), TransformerDecoder(LaidOutTransformer(model))
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
