"""A Transformer as a trainee: half of its windows it continues, in the other half it fills a hole."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.models.transformer import TransformerConfig, TransformerModel
from musicassist.training.batches import HIDE_FUTURE, Dropout
from musicassist.training.holes import ArrangedBatch, arrange, arranged_batches, hole_in, in_holes
from musicassist.training.melody_trainee import bits_of
from musicassist.training.pack import Corpus, Pack


@dataclass(frozen=True)
class TransformerSettings:
    """How a Transformer learns melodies.

    Attributes:
        config: Size of the net.
        notes, batch_notes: Longest window, and the notes of all windows of a batch.
        other_share: Share of the lines other than melodies that is read in each epoch.
        hole_share: Share of the windows that get a hole.
        velocity_weight: Weight of the velocity's loss beside the other three.
        dropout: What is hidden from the model while training.
    """

    config: TransformerConfig
    notes: int = 160
    batch_notes: int = 8192
    other_share: float = 0.3
    hole_share: float = 0.5
    velocity_weight: float = 0.2
    dropout: Dropout = field(default_factory=Dropout)

    def trainee(self, corpus: Corpus, seed: int) -> TransformerTrainee:
        """A net with random weights, drawn from torch's random state, and its music."""
        return TransformerTrainee(self, corpus, seed)

    def figures(self, model: nn.Module, pack: Pack) -> dict[str, float]:
        """Bits per note where it continues, and in holes."""
        return {**bits_of(model, pack), "bits per note in holes": round(hole_bits(model, pack, self.notes), 4)}


class TransformerTrainee:
    """See :class:`trainee.Trainee`."""

    unit = "bits per note"

    def __init__(self, settings: TransformerSettings, corpus: Corpus, seed: int) -> None:
        self.settings = settings
        self.model = TransformerModel(settings.config)
        self._corpus = corpus
        self._seed = seed
        self._told = (0.0, 0)

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """One optimiser for all."""
        return {"model": list(self.model.parameters())}

    def batches(self, epoch: int) -> Iterator[ArrangedBatch]:
        """Windows of all melodies and of some of the other lines, some with a hole."""
        settings = self.settings
        return arranged_batches(
            self._corpus.sides["train"],
            notes=settings.notes,
            batch_notes=settings.batch_notes,
            other_share=settings.other_share,
            hole_share=settings.hole_share,
            dropout=settings.dropout,
            seed=self._seed,
            epoch=epoch,
        )

    def losses(self, batch: ArrangedBatch, step: int) -> Iterator[tuple[str, Tensor]]:
        """Nats per note; velocity counts less than the music."""
        losses = arranged_losses(self.model, batch)
        notes = batch.scored.all(-1).sum()
        music = losses[..., :3].sum()
        self._told = (float(music.detach()) / math.log(2), int(notes))
        yield "model", (music + self.settings.velocity_weight * losses[..., 3].sum()) / notes.clamp(min=1)

    def told(self) -> tuple[float, int]:
        """Bits and notes."""
        return self._told

    def validate(self, model: nn.Module) -> dict[str, float]:
        """Bits per note where it continues (the mean decides, as of the recurrent nets), and in holes."""
        pack = self._corpus.sides["valid"]
        bits = bits_of(model, pack)
        holes = hole_bits(model, pack, self.settings.notes)
        return {"mean": sum(bits.values()) / len(bits), **bits, "bits per note in holes": round(holes, 4)}


def arranged_losses(model: nn.Module, arranged: ArrangedBatch) -> Tensor:
    """The loss of each field of each note in nats, (B, T, 4); 0 where it is not scored."""
    batch = arranged.batch
    logits = model(batch.state, batch.columns, batch.numbers, batch.head_numbers, arranged.segment, arranged.position)
    fields = [
        functional.cross_entropy(own.flatten(0, 1), batch.target[..., place].flatten(), reduction="none")
        for place, own in enumerate(logits)
    ]
    return torch.stack([loss.view(batch.mask.shape) for loss in fields], -1) * arranged.scored


@torch.no_grad()
def hole_bits(model: nn.Module, pack: Pack, notes: int, *, batch_windows: int = 64) -> float:
    """Bits per note of gap, pitch and duration in holes, key and style known: one hole in each window of a side.

    Every note in a hole counts once; the windows have up to ``notes`` notes, and holes are drawn from a fixed seed.
    """
    model.eval()
    random = np.random.default_rng(0)
    holes = []
    for line in np.flatnonzero(pack.is_melody):
        first, last = int(pack.first_row[line]), int(pack.first_row[line + 1])
        holes += [hole_in(pack.columns, at, min(at + notes, last), random) for at in range(first, last, notes)]
    windows = [hole for hole in holes if hole is not None]
    bits, count = 0.0, 0
    device = next(model.parameters()).device
    for at in range(0, len(windows), batch_windows):
        batch = arrange(pack.columns, windows[at : at + batch_windows], HIDE_FUTURE, random).to(device)
        rows = in_holes(batch)
        bits += float(arranged_losses(model, batch)[rows][:, :3].sum()) / math.log(2)
        count += int(rows.sum())
    return bits / max(1, count)
