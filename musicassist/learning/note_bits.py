"""Bits per note of a model that is asked about whole melodies at once: gap, pitch, duration and velocity."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.learning.batches import HIDE_ALL_CONDITIONS, HIDE_FUTURE, Batch, Dropout, gather, hide
from musicassist.learning.pack import Pack


def bits_of(model: nn.Module, pack: Pack) -> dict[str, float]:
    """Bits per note of one side with nothing known, and with key and style known."""
    plain, known = (mean_bits_per_note(melody_bits(model, pack, own)) for own in (HIDE_ALL_CONDITIONS, HIDE_FUTURE))
    return {"bits per note": round(plain, 4), "bits per note, key and style known": round(known, 4)}


def note_losses(model: nn.Module, batch: Batch) -> list[Tensor]:
    """For each field the loss of each note in nats, (B, T); padding is 0. The model is one like ``RecurrentModel``."""
    logits = model(batch.state, batch.columns, batch.numbers, batch.head_numbers)
    losses = []
    for place, own in enumerate(logits):
        loss = functional.cross_entropy(own.flatten(0, 1), batch.target[..., place].flatten(), reduction="none")
        losses.append(loss.view(batch.mask.shape) * batch.mask)
    return losses


@torch.no_grad()
def melody_bits(model: nn.Module, pack: Pack, dropout: Dropout, *, batch_notes: int = 16384) -> list[np.ndarray]:
    """Bits of each field of each note, (notes, 4), for each melody of a side, each read whole from its start."""
    model.eval()
    lines = np.flatnonzero(pack.is_melody)
    lengths = np.diff(pack.first_row)[lines]
    order = np.argsort(-lengths, kind="stable")
    bits: list[np.ndarray] = [np.zeros((0, 4))] * len(lines)
    start = 0
    while start < len(order):
        chosen = order[start : start + max(1, batch_notes // int(lengths[order[start]]))]
        batch = gather(pack.columns, pack.first_row[lines[chosen]], lengths[chosen])
        batch = hide(batch, dropout, np.random.default_rng(0))
        losses = torch.stack(note_losses(model, batch.to(next(model.parameters()).device)), -1).cpu().numpy()
        for row, place in enumerate(chosen):
            bits[place] = losses[row, : lengths[place]] / math.log(2)
        start += len(chosen)
    return bits


def mean_bits_per_note(bits: list[np.ndarray]) -> float:
    """Bits per note over gap, pitch and duration, every note counting once."""
    return float(np.concatenate(bits)[:, :3].sum(1).mean())
