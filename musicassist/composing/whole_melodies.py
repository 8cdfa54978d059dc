"""Whole melodies as an expert that follows them note by note says them: for measuring, and for learning a gate.

Shapes: ``B`` melodies of ``T`` notes, ``E`` experts, ``V`` classes; the rest as in ``RecurrentModel.forward``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from musicassist.composing.note_history import MIXED_FIELDS, Logs, OwnCounts
from musicassist.learning.gate_learning import Mixture
from musicassist.models.gate import Gate
from musicassist.tokens.vocabulary import DURATION_COLUMNS, VELOCITY_COLUMNS

_CHOSEN = [[name for name, _ in VELOCITY_COLUMNS].index(name) for name in ("next_interval", "next_duration")]
_NEXT_GAP = [name for name, _ in DURATION_COLUMNS].index("next_gap")
Expert = Callable[[OwnCounts, int, Sequence[int], Sequence[float]], tuple[Logs, int]]


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
