"""Attention over events: it looks back only, begins as nothing, and finds what followed an equal place."""

from __future__ import annotations

import torch

from musicassist.models.heads import EventAttention


def _parts(events: int) -> tuple[EventAttention, torch.Tensor, torch.Tensor]:
    torch.manual_seed(3)
    attention = EventAttention(hidden=12, width=7, heads=2)
    torch.nn.init.normal_(attention.outer.weight)
    return attention, torch.randn(2, events, 12), torch.randn(2, events, 7)


@torch.inference_mode()
def test_a_new_attention_changes_nothing() -> None:
    outputs, reads = torch.randn(1, 5, 12), torch.randn(1, 5, 7)
    assert torch.equal(EventAttention(12, 7, 2)(outputs, reads), outputs)


@torch.inference_mode()
def test_the_first_event_has_nothing_to_attend_to() -> None:
    attention, outputs, reads = _parts(4)
    alone = attention(outputs[:, :1], reads[:, :1])
    assert torch.allclose(alone, outputs[:, :1] + attention.outer.bias)
    assert torch.allclose(attention(outputs, reads)[:, :1], alone, atol=1e-6)


@torch.inference_mode()
def test_the_future_does_not_change_the_past() -> None:
    attention, outputs, reads = _parts(9)
    before = attention(outputs, reads)
    outputs[:, 6:], reads[:, 6:] = 0.0, 0.0
    assert torch.allclose(attention(outputs, reads)[:, :6], before[:, :6], atol=1e-6)


@torch.inference_mode()
def test_the_event_just_read_is_seen() -> None:
    attention, outputs, reads = _parts(5)
    before = attention(outputs, reads)
    reads[:, 4] += 1.0
    after = attention(outputs, reads)
    assert torch.allclose(after[:, :4], before[:, :4])
    assert not torch.allclose(after[:, 4], before[:, 4])


def test_it_learns_to_go_on_as_an_equal_place_did() -> None:
    torch.manual_seed(0)
    symbols = torch.randn(8, 12)
    attention, guess = EventAttention(12, 12, 2), torch.nn.Linear(12, 8)
    optimiser = torch.optim.Adam([*attention.parameters(), *guess.parameters()], 0.01)
    losses = []
    for _ in range(150):
        half = torch.stack([torch.randperm(8) for _ in range(16)])
        classes = torch.cat([half, half], 1)  # every symbol once, then all again in the same order
        events = symbols[classes]
        logits = guess(attention(events, events))[:, 8:-1]
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), classes[:, 9:].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 < 1.5 < losses[0]
