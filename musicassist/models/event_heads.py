"""Events as chained fields: the tables that embed them and the heads that predict them, whatever net stands between.

An event's fields are predicted in order; each head reads the net's output, some columns of classes (among them what was
chosen before for the same event) and, if it wants, some plain numbers. Its first columns are *candidates*: classes that
it may raise directly, weighted by what it read (a pointer; compare See et al. 2017, "Get To The Point").

Shapes: ``H`` size of the net's output, ``C`` columns of a head, ``N`` plain numbers, ``V`` classes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDEST = 65_536  # LIMIT: of a layer or a table


@dataclass(frozen=True)
class HeadConfig:
    """One field of an event.

    Attributes:
        name: Of the field.
        classes: How many values it has.
        columns: The table that each of its columns is embedded by.
        candidates: How many of the first columns are classes it may copy (``classes`` stands for none).
        reads_numbers: Whether it also reads the plain numbers.
        floor_column: Column of the head's input that holds the least class that is possible, or None.
    """

    name: str
    classes: int
    columns: tuple[str, ...]
    candidates: int = 0
    reads_numbers: bool = False
    floor_column: int | None = None


def event_fields(page: Mapping[str, object], names: Collection[str]) -> dict[str, Any]:
    """The fields of a net's configuration from a card: heads and columns as they were, all else as it stands.

    Raises:
        ValueError: A field is missing, unknown or of another kind.
    """
    if set(page) != set(names):
        raise ValueError(f"fields {sorted(set(page) ^ set(names))} are missing or unknown")
    values: dict[str, Any] = dict(page)
    if not isinstance(values["heads"], (list, tuple)):
        raise ValueError("heads must be a list")
    values["heads"] = tuple(HeadConfig(**{**head, "columns": tuple(head["columns"])}) for head in values["heads"])
    values["state_columns"] = tuple(values["state_columns"])
    return values


def embedding_size(classes: int) -> int:
    """Size of a table's vectors: 24 for large tables, less for small ones."""
    return 24 if classes > 24 else 12 if classes > 8 else 6


class Embeddings(nn.Module):
    """All tables; embeds columns of classes side by side."""

    def __init__(self, tables: Mapping[str, int]) -> None:
        super().__init__()
        self.tables = nn.ModuleDict({name: nn.Embedding(size, embedding_size(size)) for name, size in tables.items()})

    def width(self, columns: Sequence[str]) -> int:
        """Size of what :meth:`forward` gives for these columns."""
        return sum(self.tables[name].embedding_dim for name in columns)  # type: ignore[misc]

    def order(self, columns: Sequence[str]) -> list[int]:
        """The places of the columns in the order in which their vectors stand side by side."""
        return [place for places in _by_table(columns).values() for place in places]

    def forward(self, classes: Tensor, columns: Sequence[str]) -> Tensor:
        """(..., C) classes to (..., width), grouped by table so that each table is looked up once."""
        groups = _by_table(columns).items()
        return torch.cat([self.tables[name](classes[..., places]).flatten(-2) for name, places in groups], -1)


def _by_table(columns: Sequence[str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(columns):
        groups.setdefault(name, []).append(place)
    return groups


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
