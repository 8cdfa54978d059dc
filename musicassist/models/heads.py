"""The parts of nets of events that learn; ``models.steps`` has the same for decoding.

Shapes: ``B`` streams, ``T`` events, ``H`` size of the outputs, ``W`` width of what the net reads, ``A`` heads, ``D``
size of a head, ``n`` notes, ``E`` experts, ``V`` classes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.models.steps import (
    DISTANCES,
    HEAD_SIZE,
    MIN_LOG,
    GateConfig,
    GateField,
    HeadConfig,
    columns_by_table,
    embedding_size,
)


class EventAttention(nn.Module):
    """Adds to each output what followed the earlier events that it attends to. It begins as doing nothing.

    Keys are the net's outputs, values are what the net read *next*: so a place that resembles the present tells how it
    went on. Compare Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and Translate", and
    the induction heads of Olsson et al. 2022.
    """

    def __init__(self, hidden: int, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(hidden, heads * HEAD_SIZE)
        self.key = nn.Linear(hidden, heads * HEAD_SIZE)
        self.value = nn.Linear(width, heads * HEAD_SIZE)
        self.distance = nn.Embedding(DISTANCES, heads)
        self.outer = nn.Linear(heads * HEAD_SIZE, hidden)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)

    def keys(self, outputs: Tensor) -> Tensor:
        """(B, T, H) to (B, A, T, D)."""
        return self._split(self.key(outputs))

    def values(self, reads: Tensor) -> Tensor:
        """(B, T, W) to (B, A, T, D)."""
        return self._split(self.value(reads))

    def _split(self, parts: Tensor) -> Tensor:
        return parts.unflatten(-1, (self.heads, HEAD_SIZE)).transpose(-2, -3)

    def attend(self, outputs: Tensor, keys: Tensor, values: Tensor, first: int) -> Tensor:
        """The outputs with what they attended to.

        Args:
            outputs: (B, Q, H) of the events ``first``, ``first + 1``, ...
            keys: (B, A, S, D) of the events 0, 1, ...; may be empty.
            values: (B, A, S, D), of the event after each of them.
            first: Number of events before the first of ``outputs``.

        Returns:
            (B, Q, H). An event attends to those before it, or to nothing at all.
        """
        here = torch.arange(first, first + outputs.shape[-2], device=outputs.device)
        apart = here[:, None] - torch.arange(keys.shape[-2], device=outputs.device)
        scores = self._split(self.query(outputs)) @ keys.transpose(-1, -2) / math.sqrt(HEAD_SIZE)
        scores = scores + self.distance(_distance_classes(apart)).permute(2, 0, 1)
        scores = scores.float().masked_fill(apart < 1, float("-inf"))
        nothing = torch.zeros_like(scores[..., :1])  # a place to look where nothing resembles the present
        shares = torch.cat([nothing, scores], -1).softmax(-1)[..., 1:].to(values.dtype)
        return outputs + self.outer((shares @ values).transpose(-2, -3).flatten(-2))

    def forward(self, outputs: Tensor, reads: Tensor) -> Tensor:
        """All events at once: outputs (B, T, H) and what the net read (B, T, W) to (B, T, H)."""
        return self.attend(outputs, self.keys(outputs[..., :-1, :]), self.values(reads[..., 1:, :]), 0)


def _distance_classes(apart: Tensor) -> Tensor:
    """Classes 0.. of distances 1..; two for each doubling, the last for all beyond."""
    return (2 * apart.clamp(min=1).float().log2()).long().clamp(max=DISTANCES - 1)


class Embeddings(nn.Module):
    """All tables; embeds columns of classes side by side."""

    def __init__(self, tables: Mapping[str, int]) -> None:
        super().__init__()
        self.tables = nn.ModuleDict({name: nn.Embedding(size, embedding_size(size)) for name, size in tables.items()})

    def width(self, columns: Sequence[str]) -> int:
        """Size of what :meth:`forward` gives for these columns."""
        return sum(self.tables[name].embedding_dim for name in columns)  # type: ignore[misc]

    def forward(self, classes: Tensor, columns: Sequence[str]) -> Tensor:
        """(..., C) classes to (..., width), grouped by table so that each table is looked up once."""
        groups = columns_by_table(columns).items()
        return torch.cat([self.tables[name](classes[..., places]).flatten(-2) for name, places in groups], -1)


class Head(nn.Module):
    """One field's distribution."""

    def __init__(self, config: HeadConfig, embeddings: Embeddings, hidden: int, head_hidden: int, numbers: int) -> None:
        super().__init__()
        self.config = config
        width = hidden + embeddings.width(config.columns) + (numbers if config.reads_numbers else 0)
        self.inner = nn.Linear(width, head_hidden)
        self.middle = nn.Linear(head_hidden, head_hidden)
        self.outer = nn.Linear(head_hidden, config.classes)
        self.copy = nn.Linear(head_hidden, config.candidates) if config.candidates else None

    def forward(self, output: Tensor, columns: Tensor, numbers: Tensor, embeddings: Embeddings, drop: float) -> Tensor:
        """Logits (..., V) from the net's output (..., H), the head's columns (..., C) and the numbers (..., N)."""
        parts = [output, embeddings(columns, self.config.columns).to(output.dtype)]
        if self.config.reads_numbers:
            parts.append(numbers.to(output.dtype))
        inner = functional.dropout(functional.gelu(self.inner(torch.cat(parts, -1))), drop, drop > 0)
        inner = functional.gelu(self.middle(inner)) + inner
        logits = self.outer(inner).float()
        if self.copy is not None:
            candidates = columns[..., : self.config.candidates]
            padded = functional.pad(logits, (0, 1))
            logits = padded.scatter_add(-1, candidates, self.copy(inner).float())[..., :-1]
        if self.config.floor_column is not None:
            least = columns[..., self.config.floor_column].unsqueeze(-1)
            below = torch.arange(self.config.classes, device=logits.device) < least
            logits = logits.masked_fill(below, float("-inf"))
        return logits


class Gate(nn.Module):
    """Several distributions of the same field become one, each raised to a power that was learned.

    The powers, (places, E) for each field, depend on how long a context the piece so far knows again, so that its own
    n-grams count for more in repeats. They begin with the first expert alone.

    Sources: Hinton 2002, "Training products of experts by minimizing contrastive divergence"; Pearce 2005, "The
    construction and evaluation of statistical models of melodic structure", chapter 7 (combining by a weighted
    geometric mean; there the weights come from entropies, here they are learned).
    """

    def __init__(self, config: GateConfig) -> None:
        super().__init__()
        self.config = config
        self.weights = nn.ParameterDict({own.name: nn.Parameter(_first_alone(own)) for own in config.fields})

    def forward(self, name: str, logs: Tensor, places: Tensor) -> Tensor:
        """Logits (n, V) of a field from its experts' log-probabilities (n, E, V) and the kinds of places (n,).

        What any expert rules out, with a log-probability of minus infinity, stays ruled out.
        """
        weights = functional.embedding(places, self.weights[name])
        mixed = (weights[..., None] * logs.clamp(min=MIN_LOG)).sum(1)
        return mixed.masked_fill(logs.isneginf().any(1), float("-inf"))


def _first_alone(own: GateField) -> Tensor:
    return torch.tensor([[1.0, *[0.0] * (own.experts - 1)]] * own.places)
