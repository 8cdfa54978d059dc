"""How the gate of a model that mixes experts learns, whatever the experts are; they follow whole melodies note by note.

Shapes: ``B`` melodies of ``T`` notes, ``n`` notes, ``E`` experts, ``V`` classes of a field; the rest as in
``RecurrentModel.forward``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.composing.note_history import MIXED_FIELDS, Logs, OwnCounts
from musicassist.learning.batches import HIDE_ALL_CONDITIONS, HIDE_FUTURE, gather, hide
from musicassist.learning.pack import Pack
from musicassist.learning.recipe import Trainee, TrainingBatch
from musicassist.models.heads import Gate
from musicassist.tokens.vocabulary import DURATION_COLUMNS, VELOCITY_COLUMNS

BATCH_NOTES = 2048
_CHOSEN = [[name for name, _ in VELOCITY_COLUMNS].index(name) for name in ("next_interval", "next_duration")]
_NEXT_GAP = [name for name, _ in DURATION_COLUMNS].index("next_gap")
Expert = Callable[[OwnCounts, int, Sequence[int], Sequence[float]], tuple[Logs, int]]


@dataclass(frozen=True)
class Mixture(TrainingBatch):
    """What the gate mixes for one field of each note of a melody: logs (n, E, V), and kinds of places (n,)."""

    logs: Tensor
    places: Tensor


class Mixing(Protocol):
    """A model that mixes experts and is asked about whole melodies at once."""

    @property
    def gate(self) -> Gate:
        """What is learned."""
        ...

    def mixtures(
        self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, head_numbers: Tensor
    ) -> list[list[Mixture]]:
        """For each melody one mixture a field; the arguments are those of ``RecurrentModel.forward``."""
        ...


@dataclass(frozen=True)
class GateBatch(TrainingBatch):
    """Notes of some melodies: for each field what is mixed, (n, E, V) and (n,), and the true class, (n,)."""

    mixtures: tuple[Mixture, ...]
    targets: tuple[Tensor, ...]


class GateTrainee(Trainee):
    """See :class:`~musicassist.learning.recipe.Trainee`.

    Args:
        model: What is stored; the reader's gate is in it.
        reader: Gives what is mixed.
        valid: The validation side.
        seed: Of the order of notes.
    """

    unit = "bits per note"

    def __init__(self, model: nn.Module, reader: Mixing, valid: Pack, seed: int) -> None:
        super().__init__(model, seed)
        self._gate = reader.gate
        melodies = list(melody_batches(reader, valid))
        self._learned = joined(melodies[::2])
        self._judged = joined(melodies[1::2] or melodies)

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """One optimiser for the gate."""
        return {"model": list(self._gate.parameters())}

    def batches(self, epoch: int) -> Iterator[GateBatch]:
        """All notes in another order."""
        order = torch.from_numpy(self.random(epoch).permutation(len(self._learned.targets[0])))
        for chosen in order.split(BATCH_NOTES):
            yield self._learned.mapped(partial(torch.index_select, dim=0, index=chosen))

    def losses(self, batch: GateBatch, step: int) -> Iterator[tuple[str, Tensor]]:
        """Nats per note."""
        loss = gate_loss(self._gate, batch)
        notes = len(batch.targets[0])
        self._told = (float(loss.detach()) * notes / math.log(2), notes)
        yield "model", loss

    @torch.no_grad()
    def validate(self, model: nn.Module) -> dict[str, float]:
        """Bits per note of the pieces that judge."""
        gate = model if isinstance(model, Gate) else model.gate
        assert isinstance(gate, Gate)
        device = next(gate.parameters()).device
        return {"bits per note": float(gate_loss(gate, self._judged.to(device))) / math.log(2)}


def gate_loss(gate: Gate, batch: GateBatch) -> Tensor:
    """Nats per note, all fields together."""
    names = [own.name for own in gate.config.fields]
    fields = zip(names, batch.mixtures, batch.targets, strict=True)
    return torch.stack(
        [functional.cross_entropy(gate(name, own.logs, own.places), target) for name, own, target in fields]
    ).sum()


@torch.no_grad()
def melody_batches(reader: Mixing, pack: Pack) -> Iterator[GateBatch]:
    """Each melody of a side as a batch; of two pairs of melodies one has its conditions hidden."""
    for number, line in enumerate(np.flatnonzero(pack.is_melody)):
        start, stop = pack.first_row[line], pack.first_row[line + 1]
        batch = gather(pack.columns, np.array([start]), np.array([stop - start]))
        batch = hide(batch, HIDE_ALL_CONDITIONS if number % 4 < 2 else HIDE_FUTURE, np.random.default_rng(0))
        (mixtures,) = reader.mixtures(batch.state, batch.columns, batch.numbers, batch.head_numbers)
        yield GateBatch(tuple(mixtures), tuple(batch.target[0, :, field] for field in range(len(mixtures))))


def joined(batches: Sequence[GateBatch]) -> GateBatch:
    """The notes of all batches."""
    fields = range(len(batches[0].mixtures))
    mixtures = tuple(
        Mixture(
            torch.cat([batch.mixtures[field].logs for batch in batches]),
            torch.cat([batch.mixtures[field].places for batch in batches]),
        )
        for field in fields
    )
    return GateBatch(mixtures, tuple(torch.cat([batch.targets[field] for batch in batches]) for field in fields))


def own_expert(counts: OwnCounts, field: int, row: Sequence[int], profile: Sequence[float]) -> tuple[Logs, int]:
    """The piece's own n-grams alone."""
    del profile
    logs, place = counts.logs(field, row)
    return np.stack(logs), place


def read_melodies(state: Tensor, columns: Sequence[Tensor], numbers: Tensor, expert: Expert) -> list[list[Mixture]]:
    """Each melody from its first note on, as it would be composed."""
    heads = [own.tolist() for own in columns]
    profiles = numbers.tolist()
    melodies = []
    for melody, states in enumerate(state.tolist()):
        counts = OwnCounts()
        asked: list[list[tuple[Logs, int]]] = [[] for _ in MIXED_FIELDS]
        for place, heard in enumerate(states):
            counts.hear(heard)
            for field in range(len(MIXED_FIELDS)):
                row = heads[field][melody][place]
                asked[field].append(expert(counts, field, row, profiles[melody][place]))
            gap = heads[2][melody][place][_NEXT_GAP]
            counts.learn((gap, *(heads[3][melody][place][column] for column in _CHOSEN)))
        melodies.append([_mixture(own) for own in asked])
    return melodies


def _mixture(asked: Sequence[tuple[Logs, int]]) -> Mixture:
    logs, places = zip(*asked, strict=True)
    return Mixture(torch.from_numpy(np.stack(logs)), torch.tensor(places))


def mixed(gate: Gate, melodies: Sequence[Sequence[Mixture]]) -> list[Tensor]:
    """Logits (B, T, V) of each field that the gate mixes."""
    return [
        torch.stack([gate(name, own[field].logs, own[field].places) for own in melodies])
        for field, name in enumerate(MIXED_FIELDS)
    ]
