"""Models with n-grams, asked about whole melodies at once as a net is: for measuring, and for learning their gate.

Shapes: ``B`` melodies of ``T`` notes, ``E`` experts, ``V`` classes; the rest as in ``models.recurrent``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from musicassist.composing.note_history import MIXED_FIELDS, Logs, NoteHistory, OwnCounts
from musicassist.families.markov.chain import MarkovModel
from musicassist.families.markov.predictor import counted_log, markov_logs
from musicassist.models.gate import Gate
from musicassist.tokens.vocabulary import DURATION_COLUMNS, VELOCITY_COLUMNS

_CHOSEN = [[name for name, _ in VELOCITY_COLUMNS].index(name) for name in ("next_interval", "next_duration")]
_NEXT_GAP = [name for name, _ in DURATION_COLUMNS].index("next_gap")
_VELOCITY = len(MIXED_FIELDS)
Expert = Callable[[OwnCounts, int, Sequence[int], Sequence[float]], tuple[Logs, int]]


@dataclass(frozen=True)
class Mixture:
    """What the gate mixes for one field of each note of a melody: logs (T, E, V), and kinds of places (T,)."""

    logs: Tensor
    places: Tensor


class MarkovReader(nn.Module):
    """A Markov model that is called as a net is."""

    def __init__(self, model: MarkovModel) -> None:
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
            return markov_logs(self.model, counts, field, row, profile)

        return _read(state, columns, numbers, expert)

    def forward(self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, head_numbers: Tensor) -> list[Tensor]:
        """Logits (B, T, V) of each field; see ``RecurrentModel.forward``."""
        mixed = _mixed(self.gate, self.mixtures(state, columns, numbers, head_numbers))
        velocities = [
            _counted(self.model, states, _VELOCITY, rows)
            for states, rows in zip(state.tolist(), columns[_VELOCITY].tolist(), strict=True)
        ]
        return [*mixed, torch.from_numpy(np.stack(velocities))]


class CountedReader(nn.Module):
    """A Markov model without the piece's own n-grams: as it was counted once."""

    def __init__(self, model: MarkovModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, head_numbers: Tensor) -> list[Tensor]:
        """Logits (B, T, V) of each field; see ``RecurrentModel.forward``."""
        del numbers, head_numbers
        heads = [own.tolist() for own in columns]
        logs = [
            [_counted(self.model, states, field, own[melody]) for melody, states in enumerate(state.tolist())]
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


class MixedReader(nn.Module):
    """A hybrid that is called as its net is."""

    def __init__(self, gate: Gate, net: nn.Module) -> None:
        super().__init__()
        self.gate = gate
        self.net = net

    def mixtures(
        self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, head_numbers: Tensor
    ) -> list[list[Mixture]]:
        """For each melody one mixture a field; the net comes first."""
        return self._with_net(state, columns, numbers, self.net(state, columns, numbers, head_numbers))

    def forward(self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, head_numbers: Tensor) -> list[Tensor]:
        """Logits (B, T, V) of each field; see ``RecurrentModel.forward``."""
        logits = self.net(state, columns, numbers, head_numbers)
        return [*_mixed(self.gate, self._with_net(state, columns, numbers, logits)), logits[_VELOCITY]]

    def _with_net(
        self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, logits: Sequence[Tensor]
    ) -> list[list[Mixture]]:
        net = [own.float().log_softmax(-1) for own in logits[:_VELOCITY]]
        return [
            [
                Mixture(torch.cat([net[field][melody][:, None], own.logs], 1), own.places)
                for field, own in enumerate(fields)
            ]
            for melody, fields in enumerate(_read(state, columns, numbers, _own))
        ]


def _own(counts: OwnCounts, field: int, row: Sequence[int], profile: Sequence[float]) -> tuple[Logs, int]:
    del profile
    logs, place = counts.logs(field, row)
    return np.stack(logs), place


def _read(state: Tensor, columns: Sequence[Tensor], numbers: Tensor, expert: Expert) -> list[list[Mixture]]:
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


def _mixed(gate: Gate, melodies: Sequence[Sequence[Mixture]]) -> list[Tensor]:
    return [
        torch.stack([gate(name, own[field].logs, own[field].places) for own in melodies])
        for field, name in enumerate(MIXED_FIELDS)
    ]
