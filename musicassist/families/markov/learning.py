"""Markov models: counted on the training side, and asked about whole melodies at once as a net is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from musicassist.composing.note_history import (
    FIELDS,
    MAX_COUNTED,
    MIXED_FIELDS,
    UNKNOWN_DEGREE,
    Logs,
    NoteHistory,
    OwnCounts,
)
from musicassist.families.gate_learning import GateTrainee, Mixture, mixed, read_melodies
from musicassist.families.markov.decoding import MarkovConfig, MarkovModel
from musicassist.families.markov.net import MarkovNet
from musicassist.families.markov.predictor import CLASSES, MARKOV_GATE, counted_log, markov_config_of, markov_logs
from musicassist.learning.batches import bits_of
from musicassist.learning.pack import Corpus, Pack
from musicassist.learning.recipe import GATE_SCHEDULE, Learning, Nets, Recipe, Settings
from musicassist.models.heads import Gate
from musicassist.tokens.columns import Columns

_VELOCITY = len(MIXED_FIELDS)
UNCOUNTED = MarkovConfig((), MAX_COUNTED, MARKOV_GATE)
Contexts = NDArray[np.int64]


def counted(pack: Pack, *, fewest: int) -> MarkovNet:
    """A model of a side's melodies; its gate is not learned yet.

    Args:
        pack: The training side.
        fewest: See ``MarkovNet.of``.
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
    return MarkovNet.of(events, CLASSES, MARKOV_GATE, longest=MAX_COUNTED, fewest=fewest)


def contexts_of(line: Columns) -> list[Contexts]:
    """For each field the contexts of a melody's notes, (n, MAX_COUNTED)."""
    history = NoteHistory()
    heads = [own.tolist() for own in (line.gap, line.pitch, line.duration, line.velocity)]
    contexts: list[list[tuple[int, ...]]] = [[] for _ in FIELDS]
    for place, state in enumerate(line.state.tolist()):
        history.hear(state)
        for field, own in enumerate(contexts):
            own.append(history.counted(field, heads[field][place]))
    return [np.array(own, dtype=np.int64).reshape(-1, MAX_COUNTED) for own in contexts]


def _without_key(contexts: Contexts) -> Contexts:
    """The contexts of intervals where the key is hidden."""
    hidden = contexts.copy()
    hidden[:, 0] = UNKNOWN_DEGREE
    return hidden


@dataclass(frozen=True)
class MarkovSettings(Settings):
    """How a Markov model comes about: counted on the training side, its gate learned on the validation side.

    Attributes:
        config: Its shape before anything is counted.
        fewest: How often a context of three classes or more must have occurred to be kept.
    """

    config: MarkovConfig = UNCOUNTED
    fewest: int = 32

    def trainee(self, corpus: Corpus, seed: int, parts: Nets) -> GateTrainee:
        """Tables that are full, and a gate that is not learned."""
        model = counted(corpus.sides["train"], fewest=self.fewest)
        return GateTrainee(model, MarkovReader(model), corpus.sides["valid"], seed)

    def figures(self, model: nn.Module, pack: Pack, parts: Nets) -> dict[str, float]:
        """Bits per note with nothing known, and with key and style known."""
        assert isinstance(model, MarkovNet)
        return bits_of(MarkovReader(model), pack)


class MarkovReader(nn.Module):
    """A Markov model that is called as a net is."""

    def __init__(self, model: MarkovNet) -> None:
        super().__init__()
        self.model = model

    @property
    def gate(self) -> Gate:
        """What is learned."""
        return self.model.gate

    def mixtures(
        self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, head_numbers: Tensor
    ) -> list[list[Mixture]]:
        """For each melody one mixture a field."""
        del head_numbers

        def expert(counts: OwnCounts, field: int, row: Sequence[int], profile: Sequence[float]) -> tuple[Logs, int]:
            return markov_logs(self.model.chain, counts, field, row, profile)

        return read_melodies(state, columns, numbers, expert)

    def forward(self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, head_numbers: Tensor) -> list[Tensor]:
        """Logits (B, T, V) of each field; see ``RecurrentModel.forward``."""
        logits = mixed(self.gate, self.mixtures(state, columns, numbers, head_numbers))
        velocities = [
            _counted(self.model.chain, states, _VELOCITY, rows)
            for states, rows in zip(state.tolist(), columns[_VELOCITY].tolist(), strict=True)
        ]
        return [*logits, torch.from_numpy(np.stack(velocities))]


class CountedReader(nn.Module):
    """A Markov model without the piece's own n-grams: as it was counted once."""

    def __init__(self, model: MarkovNet) -> None:
        super().__init__()
        self.model = model

    def forward(self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, head_numbers: Tensor) -> list[Tensor]:
        """Logits (B, T, V) of each field; see ``RecurrentModel.forward``."""
        del numbers, head_numbers
        heads = [own.tolist() for own in columns]
        logs = [
            [_counted(self.model.chain, states, field, own[melody]) for melody, states in enumerate(state.tolist())]
            for field, own in enumerate(heads)
        ]
        return [torch.from_numpy(np.array(field)) for field in logs]


def _counted(model: MarkovModel, states: Sequence[Sequence[int]], field: int, rows: Sequence[Sequence[int]]) -> Logs:
    """(T, V) log-probabilities of a field as they were counted once."""
    history, logs = NoteHistory(), []
    for heard, row in zip(states, rows, strict=True):
        history.hear(heard)
        logs.append(counted_log(model, history, field, row))
    return np.stack(logs)


LEARNING = Learning(
    net=lambda page: MarkovNet(markov_config_of(page)),
    recipes=(Recipe("markov", "markov", MarkovSettings(), GATE_SCHEDULE),),
    whole=lambda model, _parts: MarkovReader(model),
)
