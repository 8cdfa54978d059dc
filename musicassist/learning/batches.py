"""Columns to batches: windows of pieces, some conditions dropped at random; and what a note costs a model in bits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from musicassist.learning.pack import Pack
from musicassist.learning.recipe import TrainingBatch
from musicassist.tokens.columns import PROFILE_SCALE, Columns
from musicassist.tokens.vocabulary import (
    CANDIDATES,
    DURATION_COLUMNS,
    GAP_COLUMNS,
    NONE_CLASS,
    PITCH_COLUMNS,
    STATE_COLUMNS,
    UNKNOWN_TONIC,
)

_STATE = [name for name, _ in STATE_COLUMNS]
_PITCH = [name for name, _ in PITCH_COLUMNS]
_MATCH_COLUMNS = {"gap": GAP_COLUMNS, "pitch": PITCH_COLUMNS, "duration": DURATION_COLUMNS}


@dataclass(frozen=True)
class Batch(TrainingBatch):
    """Windows side by side: ``B`` windows of ``T`` notes.

    Attributes:
        state: (B, T, S), columns: one (B, T, C) a head, target: (B, T, 4); all int64.
        numbers: (B, T, 24), head_numbers: (B, T, 37); float32 in 0..1.
        mask: (B, T), true where there is a note.
    """

    state: Tensor
    columns: tuple[Tensor, ...]
    numbers: Tensor
    head_numbers: Tensor
    target: Tensor
    mask: Tensor

    def part(self, rank: int, count: int) -> Batch:
        """The windows ``rank``, ``rank + count``, ...; where there are none, one without notes."""
        part = super().part(rank, count)
        return part if rank < len(self.mask) else replace(part, mask=torch.zeros_like(part.mask))


@dataclass(frozen=True)
class Dropout:
    """Chance, for each window, that something is hidden from the model."""

    key_share: float = 0.3
    style_share: float = 0.3
    ending_share: float = 0.6
    chords_share: float = 0.5
    matches_share: float = 0.08


HIDE_ALL_CONDITIONS = Dropout(1.0, 1.0, 1.0, 1.0, 0.0)
HIDE_FUTURE = Dropout(0.0, 0.0, 1.0, 1.0, 0.0)  # key, meter and style stay; ending and chords go


def gather(columns: Columns, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> Batch:
    """Windows of given first rows and lengths, padded to the longest."""
    steps = np.arange(int(lengths.max()))
    mask = steps < lengths[:, None]
    return gather_rows(columns, np.where(mask, starts[:, None] + steps, starts[:, None]), mask)


def gather_rows(columns: Columns, rows: NDArray[np.int64], mask: NDArray[np.bool_]) -> Batch:
    """Windows of given rows, (B, T), of which those in the mask count."""

    def classes(part: NDArray[np.uint8]) -> Tensor:
        return torch.from_numpy(part[rows]).long()

    profile = torch.from_numpy(columns.profile[rows]).float() / PROFILE_SCALE
    chord = torch.from_numpy(columns.chord[rows]).float()
    return Batch(
        classes(columns.state),
        tuple(classes(part) for part in (columns.gap, columns.pitch, columns.duration, columns.velocity)),
        profile,
        torch.cat([profile, chord], -1),
        classes(columns.target),
        torch.from_numpy(mask),
    )


def hide(batch: Batch, dropout: Dropout, random: np.random.Generator) -> Batch:
    """Hides conditions of whole windows, in place, and gives the batch back."""
    windows = len(batch.mask)

    def chosen(share: float) -> Tensor:
        return torch.from_numpy(random.random(windows) < share)

    no_key = chosen(dropout.key_share)
    pitch = batch.columns[1]
    batch.state[no_key, :, _STATE.index("tonic")] = UNKNOWN_TONIC
    batch.state[no_key, :, _STATE.index("mode")] = 0
    pitch[no_key, :, _PITCH.index("tonic")] = UNKNOWN_TONIC
    pitch[no_key, :, _PITCH.index("mode")] = 0
    batch.state[chosen(dropout.style_share), :, _STATE.index("style")] = 0
    batch.state[chosen(dropout.ending_share), :, _STATE.index("countdown")] = 0
    batch.head_numbers[chosen(dropout.chords_share), :, batch.numbers.shape[-1] :] = 0.0
    no_match = chosen(dropout.matches_share)
    batch.state[no_match, :, _STATE.index("match")] = 0
    batch.state[no_match, :, _STATE.index("agreement")] = 8
    for part, names in zip(batch.columns, _MATCH_COLUMNS.values(), strict=False):
        part[no_match, :, :CANDIDATES] = NONE_CLASS
        for place, (name, _) in enumerate(names):
            if name.endswith("_length"):
                part[no_match, :, place] = 0
            elif name.endswith("_fit"):
                part[no_match, :, place] = 3
    return batch


def training_batches(
    pack: Pack, *, notes: int, batch_notes: int, other_share: float, dropout: Dropout, seed: int, epoch: int
) -> Iterator[Batch]:
    """One epoch: each melody cut into windows at a random offset; windows of like length stand together.

    Deterministic in ``seed`` and ``epoch``.

    Args:
        pack: The training side.
        notes: Longest window.
        batch_notes: Notes in a batch, padding included.
        other_share: Share of the lines that are no melody read in each epoch.
        dropout: What is hidden.
        seed: Of the run.
        epoch: From 0.
    """
    random = np.random.default_rng((seed, epoch))
    for starts, lengths in windows_together(pack, notes, batch_notes, other_share, random):
        yield hide(gather(pack.columns, starts, lengths), dropout, random)


def windows_together(
    pack: Pack, notes: int, batch_notes: int, other_share: float, random: np.random.Generator
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """First rows and lengths of the windows of each batch of an epoch; see :func:`training_batches`."""
    starts, lengths = windows_of(pack, notes, other_share, random)
    order = np.argsort(lengths + random.integers(0, notes // 4, len(lengths)), kind="stable")
    batches = batches_of(order, lengths, batch_notes)
    for place in random.permutation(len(batches)):
        yield starts[batches[place]], lengths[batches[place]]


def windows_of(
    pack: Pack, notes: int, other_share: float, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First rows and lengths of an epoch's windows: each line that is read, cut at a random offset."""
    starts: list[int] = []
    lengths: list[int] = []
    read = pack.is_melody | (random.random(len(pack)) < other_share)
    for line in np.flatnonzero(read):
        first, last = int(pack.first_row[line]), int(pack.first_row[line + 1])
        cut = int(random.integers(notes // 2, notes + 1))
        edges = [first, *range(first + cut, last - notes // 8, notes), last]
        starts += edges[:-1]
        lengths += [b - a for a, b in pairwise(edges)]
    return np.array(starts, dtype=np.int64), np.minimum(np.array(lengths, dtype=np.int64), notes + notes // 8)


def batches_of(order: NDArray[np.int64], lengths: NDArray[np.int64], batch_notes: int) -> list[NDArray[np.int64]]:
    """Runs of windows, short ones first, that fill a batch each."""
    batches, start, longest = [], 0, 0
    for place, window in enumerate(order):
        longest = max(longest, int(lengths[window]))
        if (place + 1 - start) * longest > batch_notes and place > start:
            batches.append(order[start:place])
            start, longest = place, int(lengths[window])
    return [*batches, order[start:]]


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
