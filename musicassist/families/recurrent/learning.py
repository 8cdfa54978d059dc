"""Recurrent nets as trainees: bits per note of gap, pitch, duration and velocity, each given what came before."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from musicassist.composing.predictor import melody_fields, of_melodies
from musicassist.families.recurrent.decoding import Cell, RecurrentConfig
from musicassist.families.recurrent.form_vocabulary import of_forms
from musicassist.families.recurrent.net import RecurrentModel
from musicassist.learning.batches import Batch, Dropout, bits_of, note_losses, training_batches
from musicassist.learning.pack import Corpus, Pack
from musicassist.learning.recipe import Learning, Nets, Recipe, Schedule, Settings, Trainee


def melody_config(
    cell: Cell, hidden: int, *, layers: int = 2, head_hidden: int = 256, attention_heads: int = 0
) -> RecurrentConfig:
    """A recurrent model of melodies."""
    return RecurrentConfig(
        **melody_fields(),
        cell=cell,
        hidden=hidden,
        layers=layers,
        head_hidden=head_hidden,
        attention_heads=attention_heads,
    )


@dataclass(frozen=True)
class MelodySettings(Settings):
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

    def trainee(self, corpus: Corpus, seed: int, parts: Nets) -> MelodyTrainee:
        """A net with random weights, drawn from torch's random state, and its music."""
        return MelodyTrainee(self, corpus, seed)

    def figures(self, model: nn.Module, pack: Pack, parts: Nets) -> dict[str, float]:
        """Bits per note with nothing known, and with key and style known."""
        return bits_of(model, pack)


class MelodyTrainee(Trainee):
    """See :class:`~musicassist.learning.recipe.Trainee`."""

    unit = "bits per note"

    def __init__(self, settings: MelodySettings, corpus: Corpus, seed: int) -> None:
        super().__init__(RecurrentModel(settings.config), seed)
        self.settings = settings
        self._corpus = corpus

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

    def validate(self, model: nn.Module) -> dict[str, float]:
        """Bits per note with nothing known and with key and style known; their mean decides."""
        bits = bits_of(model, self._corpus.sides["valid"])
        return {"mean": sum(bits.values()) / len(bits), **bits}


LEARNING = Learning(
    net=lambda page: RecurrentModel(of_melodies(RecurrentConfig.of(page))),
    recipes=(
        Recipe("lstm", "lstm", MelodySettings(melody_config("lstm", 448))),
        Recipe("lstm-attention", "lstm-attention", MelodySettings(melody_config("lstm", 448, attention_heads=4))),
        Recipe("gru", "gru", MelodySettings(melody_config("gru", 208, head_hidden=128))),
        Recipe("rnn", "rnn", MelodySettings(melody_config("rnn", 320, head_hidden=160))),
        Recipe(
            "lstm-tiny",
            "lstm",
            MelodySettings(melody_config("lstm", 64, head_hidden=64), batch_notes=2048),
            Schedule(steps=300, validate_every=100),
        ),
    ),
    whole=lambda model, _parts: model,
)
# it is trained in the laboratory, ``lab.training.form``, on more than the packed music knows
FORM_LEARNING = Learning(net=lambda page: RecurrentModel(of_forms(RecurrentConfig.of(page))), recipes=())
