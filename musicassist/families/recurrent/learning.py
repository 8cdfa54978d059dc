"""Melody models as trainees: bits per note of gap, pitch, duration and velocity, each given what came before."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.families.recurrent.net import RecurrentConfig, RecurrentModel
from musicassist.learning.batches import (
    HIDE_ALL_CONDITIONS,
    HIDE_FUTURE,
    Batch,
    Dropout,
    gather,
    hide,
    training_batches,
)
from musicassist.learning.pack import Corpus, Pack


@dataclass(frozen=True)
class MelodySettings:
    """How a recurrent net learns melodies.

    Attributes:
        config: Size of the net.
        notes, batch_notes: Longest window, and the notes of all windows of a batch.
        other_share: Share of the lines other than melodies that is read in each epoch.
        velocity_weight: Weight of the velocity's loss beside the other three.
        dropout: What is hidden from the model while training.
    """

    config: RecurrentConfig
    notes: int = 128
    batch_notes: int = 8192
    other_share: float = 0.3
    velocity_weight: float = 0.2
    dropout: Dropout = field(default_factory=Dropout)

    def trainee(self, corpus: Corpus, seed: int) -> MelodyTrainee:
        """A net with random weights, drawn from torch's random state, and its music."""
        return MelodyTrainee(self, corpus, seed)

    def figures(self, model: nn.Module, pack: Pack) -> dict[str, float]:
        """Bits per note with nothing known, and with key and style known."""
        return bits_of(model, pack)


def bits_of(model: nn.Module, pack: Pack) -> dict[str, float]:
    """Bits per note of one side with nothing known, and with key and style known."""
    plain, known = (mean_bits_per_note(melody_bits(model, pack, own)) for own in (HIDE_ALL_CONDITIONS, HIDE_FUTURE))
    return {"bits per note": round(plain, 4), "bits per note, key and style known": round(known, 4)}


class MelodyTrainee:
    """See :class:`trainee.Trainee`."""

    unit = "bits per note"

    def __init__(self, settings: MelodySettings, corpus: Corpus, seed: int) -> None:
        self.settings = settings
        self.model = RecurrentModel(settings.config)
        self._corpus = corpus
        self._seed = seed
        self._told = (0.0, 0)

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """One optimiser for all."""
        return {"model": list(self.model.parameters())}

    def batches(self, epoch: int) -> Iterator[Batch]:
        """Windows of all melodies, and of some of the other lines."""
        settings = self.settings
        return training_batches(
            self._corpus.sides["train"],
            notes=settings.notes,
            batch_notes=settings.batch_notes,
            other_share=settings.other_share,
            dropout=settings.dropout,
            seed=self._seed,
            epoch=epoch,
        )

    def losses(self, batch: Batch, step: int) -> Iterator[tuple[str, Tensor]]:
        """Nats per note; velocity counts less than the music."""
        losses = note_losses(self.model, batch)
        notes = batch.mask.sum()
        music = torch.stack(losses[:3]).sum()
        self._told = (float(music.detach()) / math.log(2), int(notes))
        yield "model", (music + self.settings.velocity_weight * losses[3].sum()) / notes.clamp(min=1)

    def told(self) -> tuple[float, int]:
        """Bits and notes."""
        return self._told

    def validate(self, model: nn.Module) -> dict[str, float]:
        """Bits per note with nothing known and with key and style known; their mean decides."""
        bits = bits_of(model, self._corpus.sides["valid"])
        return {"mean": sum(bits.values()) / len(bits), **bits}


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
