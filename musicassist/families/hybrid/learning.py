"""The tables of a Markov model, counted on the training side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from musicassist.composing.note_history import FIELDS, LONGEST_COUNTED, MIXED_FIELDS, UNKNOWN_DEGREE, NoteHistory
from musicassist.composing.whole_melodies import MarkovReader, MixedReader, Mixture
from musicassist.families.checkpoints import load_checkpoint
from musicassist.families.hybrid.predictor import MIXED_GATE_FIELDS, NET
from musicassist.families.markov.chain import MarkovConfig, MarkovModel
from musicassist.families.markov.predictor import CLASSES, MARKOV_GATE
from musicassist.families.recurrent.learning import bits_of
from musicassist.learning.batches import HIDE_ALL_CONDITIONS, HIDE_FUTURE, gather, hide
from musicassist.learning.pack import Corpus, Pack
from musicassist.models.gate import Gate, GateConfig
from musicassist.resources import checkpoints_folder
from musicassist.tokens.columns import Columns
from musicassist.tokens.vocabulary import vocabulary_hash

Contexts = NDArray[np.int64]


def counted(pack: Pack, *, fewest: int) -> MarkovModel:
    """A model of a side's melodies; its gate is not learned yet.

    Args:
        pack: The training side.
        fewest: See ``MarkovModel.of``.
    """
    lines = [pack.line(int(line)) for line in np.flatnonzero(pack.is_melody)]
    parts = [contexts_of(line) for line in lines]
    events = {
        name: (
            np.concatenate([part[field] for part in parts]),
            np.concatenate([line.target[:, field] for line in lines]).astype(np.int64),
        )
        for field, name in enumerate(FIELDS)
    }
    contexts, values = events["interval"]  # each counts twice, once as where no key is known
    events["interval"] = np.concatenate([contexts, _without_key(contexts)]), np.concatenate([values, values])
    return MarkovModel.of(events, CLASSES, MARKOV_GATE, longest=LONGEST_COUNTED, fewest=fewest)


def contexts_of(line: Columns) -> list[Contexts]:
    """For each field the contexts of a melody's notes, (n, LONGEST_COUNTED)."""
    history = NoteHistory()
    heads = [own.tolist() for own in (line.gap, line.pitch, line.duration, line.velocity)]
    contexts: list[list[tuple[int, ...]]] = [[] for _ in FIELDS]
    for place, state in enumerate(line.state.tolist()):
        history.hear(state)
        for field, own in enumerate(contexts):
            own.append(history.counted(field, heads[field][place]))
    return [np.array(own, dtype=np.int64).reshape(-1, LONGEST_COUNTED) for own in contexts]


def _without_key(contexts: Contexts) -> Contexts:
    """The contexts of intervals where the key is hidden."""
    hidden = contexts.copy()
    hidden[:, 0] = UNKNOWN_DEGREE
    return hidden


BATCH_NOTES = 2048


@dataclass(frozen=True)
class MarkovSettings:
    """How a Markov model comes about: counted on the training side, its gate learned on the validation side.

    Attributes:
        fewest: How often a context of three classes or more must have occurred to be kept.
    """

    fewest: int = 32

    @property
    def config(self) -> MarkovConfig:
        """Its shape before anything is counted."""
        return MarkovConfig((), LONGEST_COUNTED, MARKOV_GATE)

    def trainee(self, corpus: Corpus, seed: int) -> GateTrainee:
        """Tables that are full, and a gate that is not learned."""
        model = counted(corpus.sides["train"], fewest=self.fewest)
        return GateTrainee(model, MarkovReader(model), corpus.sides["valid"], seed)

    def figures(self, model: nn.Module, pack: Pack) -> dict[str, float]:
        """Bits per note with nothing known, and with key and style known."""
        assert isinstance(model, MarkovModel)
        return bits_of(MarkovReader(model), pack)


@dataclass(frozen=True)
class MixedSettings:
    """How a hybrid learns: a gate between an installed net and the piece's own n-grams.

    Attributes:
        net: Name of the installed net.
    """

    net: str

    @property
    def config(self) -> GateConfig:
        """Shape of the gate."""
        return GateConfig(MIXED_GATE_FIELDS, {NET: self.net})

    def trainee(self, corpus: Corpus, seed: int) -> GateTrainee:
        """A gate that trusts the net alone."""
        gate = Gate(self.config)
        return GateTrainee(gate, MixedReader(gate, self._net()), corpus.sides["valid"], seed)

    def figures(self, model: nn.Module, pack: Pack) -> dict[str, float]:
        """Bits per note with nothing known, and with key and style known."""
        assert isinstance(model, Gate)
        return bits_of(MixedReader(model, self._net()), pack)

    def _net(self) -> nn.Module:
        model, _ = load_checkpoint(checkpoints_folder() / f"{self.net}.safetensors", vocabulary=vocabulary_hash())
        assert isinstance(model, nn.Module)
        return model


@dataclass(frozen=True)
class GateBatch:
    """Notes of some melodies: for each field what is mixed, (n, E, V) and (n,), and the true class, (n,)."""

    mixtures: tuple[Mixture, ...]
    targets: tuple[Tensor, ...]

    def to(self, device: torch.device) -> GateBatch:
        """The same on another device."""
        mixtures = tuple(Mixture(own.logs.to(device), own.places.to(device)) for own in self.mixtures)
        return GateBatch(mixtures, tuple(target.to(device) for target in self.targets))

    def part(self, rank: int, count: int) -> GateBatch:
        """The notes ``rank``, ``rank + count``, ..."""
        mixtures = tuple(Mixture(own.logs[rank::count], own.places[rank::count]) for own in self.mixtures)
        return GateBatch(mixtures, tuple(target[rank::count] for target in self.targets))


class GateTrainee:
    """See :class:`trainee.Trainee`.

    Args:
        model: What is stored; the reader's gate is in it.
        reader: Gives what is mixed.
        valid: The validation side.
        seed: Of the order of notes.
    """

    unit = "bits per note"

    def __init__(self, model: nn.Module, reader: MarkovReader | MixedReader, valid: Pack, seed: int) -> None:
        self.model = model
        self._gate = reader.gate
        self._seed = seed
        self._told = (0.0, 0)
        melodies = list(melody_batches(reader, valid))
        self._learned = joined(melodies[::2])
        self._judged = joined(melodies[1::2] or melodies)

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """One optimiser for the gate."""
        return {"model": list(self._gate.parameters())}

    def batches(self, epoch: int) -> Iterator[GateBatch]:
        """All notes in another order."""
        random = np.random.default_rng((self._seed, epoch))
        order = torch.from_numpy(random.permutation(len(self._learned.targets[0])))
        for chosen in order.split(BATCH_NOTES):
            mixtures = tuple(Mixture(own.logs[chosen], own.places[chosen]) for own in self._learned.mixtures)
            yield GateBatch(mixtures, tuple(target[chosen] for target in self._learned.targets))

    def losses(self, batch: GateBatch, step: int) -> Iterator[tuple[str, Tensor]]:
        """Nats per note."""
        loss = gate_loss(self._gate, batch)
        notes = len(batch.targets[0])
        self._told = (float(loss.detach()) * notes / math.log(2), notes)
        yield "model", loss

    def told(self) -> tuple[float, int]:
        """Bits and notes."""
        return self._told

    @torch.no_grad()
    def validate(self, model: nn.Module) -> dict[str, float]:
        """Bits per note of the pieces that judge."""
        gate = model if isinstance(model, Gate) else model.gate
        assert isinstance(gate, Gate)
        device = next(gate.parameters()).device
        return {"bits per note": float(gate_loss(gate, self._judged.to(device))) / math.log(2)}


def gate_loss(gate: Gate, batch: GateBatch) -> Tensor:
    """Nats per note, all fields together."""
    fields = zip(MIXED_FIELDS, batch.mixtures, batch.targets, strict=True)
    return torch.stack(
        [functional.cross_entropy(gate(name, own.logs, own.places), target) for name, own, target in fields]
    ).sum()


@torch.no_grad()
def melody_batches(reader: MarkovReader | MixedReader, pack: Pack) -> Iterator[GateBatch]:
    """Each melody of a side as a batch; of two pairs of melodies one has its conditions hidden."""
    for number, line in enumerate(np.flatnonzero(pack.is_melody)):
        start, stop = pack.first_row[line], pack.first_row[line + 1]
        batch = gather(pack.columns, np.array([start]), np.array([stop - start]))
        batch = hide(batch, HIDE_ALL_CONDITIONS if number % 4 < 2 else HIDE_FUTURE, np.random.default_rng(0))
        (mixtures,) = reader.mixtures(batch.state, batch.columns, batch.numbers, batch.head_numbers)
        yield GateBatch(tuple(mixtures), tuple(batch.target[0, :, field] for field in range(len(mixtures))))


def joined(batches: Sequence[GateBatch]) -> GateBatch:
    """The notes of all batches."""
    fields = range(len(MIXED_FIELDS))
    mixtures = tuple(
        Mixture(
            torch.cat([batch.mixtures[field].logs for batch in batches]),
            torch.cat([batch.mixtures[field].places for batch in batches]),
        )
        for field in fields
    )
    return GateBatch(mixtures, tuple(torch.cat([batch.targets[field] for batch in batches]) for field in fields))
