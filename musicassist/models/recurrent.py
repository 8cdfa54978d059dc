"""Recurrent nets with chained heads that may copy: one step of the net for each event, then one head for each field.

The net knows numbers only. An event's fields are predicted in order; each head reads the net's output, some columns of
classes (among them what was chosen before for the same event) and, if it wants, some plain numbers. Its first columns
are *candidates*: classes that it may raise directly, weighted by what it read (a pointer; compare See et al. 2017, "Get
To The Point").

Shapes: ``B`` streams in a batch, ``T`` events, ``H`` hidden size, ``C`` columns of a head, ``V`` classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.models.attention import EventAttention

MOST_LAYERS = 16  # LIMIT: more is no net of ours
MOST_ATTENTION_HEADS = 64  # LIMIT
WIDEST = 65_536  # LIMIT: of a layer or a table
_CELLS: dict[str, type[nn.RNNBase]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


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


@dataclass(frozen=True)
class RecurrentConfig:
    """Size and shape of a net.

    Attributes:
        tables: Classes of each embedding table.
        state_columns: The table that each column of the net's input is embedded by.
        heads: In the order in which the fields of an event are chosen.
        numbers: How many plain numbers (0..1) the net reads with each event.
        head_numbers: How many the heads read that want them.
        cell: ``lstm``, ``gru`` or ``rnn``.
        hidden: Size of each layer.
        layers: Number of layers.
        head_hidden: Size of each head's hidden layer.
        dropout: Between layers and in the heads, while training.
        attention_heads: How many heads look back over all earlier events; 0 for none.
    """

    tables: dict[str, int]
    state_columns: tuple[str, ...]
    heads: tuple[HeadConfig, ...]
    numbers: int
    head_numbers: int
    cell: str = "lstm"
    hidden: int = 384
    layers: int = 2
    head_hidden: int = 256
    dropout: float = 0.2
    attention_heads: int = 0

    def as_json(self) -> dict[str, object]:
        """Plain values, from which :meth:`from_json` makes an equal configuration."""
        return asdict(self)

    @staticmethod
    def from_json(page: Mapping[str, object]) -> RecurrentConfig:
        """The configuration that a checkpoint holds.

        Raises:
            ValueError: A field is missing, unknown or of another kind.
        """
        names = {f.name for f in fields(RecurrentConfig)}
        values = {"attention_heads": 0, **page}  # cards from before there was attention do not name it
        if set(values) != names:
            raise ValueError(f"fields {sorted(set(values) ^ names)} are missing or unknown")
        heads = values.pop("heads")
        if not isinstance(heads, (list, tuple)):
            raise ValueError("heads must be a list")
        made = tuple(HeadConfig(**{**head, "columns": tuple(head["columns"])}) for head in heads)
        values["state_columns"] = tuple(values["state_columns"])  # type: ignore[arg-type]
        config = RecurrentConfig(heads=made, **values)  # type: ignore[arg-type]
        sizes = (config.hidden, config.head_hidden, *config.tables.values(), *(head.classes for head in made))
        if (
            config.cell not in _CELLS
            or not 1 <= config.layers <= MOST_LAYERS
            or not 0 <= config.attention_heads <= MOST_ATTENTION_HEADS
            or not all(1 <= n <= WIDEST for n in sizes)
        ):
            raise ValueError("an unknown cell, or sizes out of range")
        return config


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

    def forward(self, classes: Tensor, columns: Sequence[str]) -> Tensor:
        """(..., C) classes to (..., width), grouped by table so that each table is looked up once."""
        groups: dict[str, list[int]] = {}
        for place, name in enumerate(columns):
            groups.setdefault(name, []).append(place)
        parts = [self.tables[name](classes[..., places]).flatten(-2) for name, places in groups.items()]
        return torch.cat(parts, -1)


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


class RecurrentModel(nn.Module):
    """The net, its tables and its heads."""

    def __init__(self, config: RecurrentConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config.tables)
        width = self.embeddings.width(config.state_columns) + config.numbers
        self.net = _CELLS[config.cell](
            width, config.hidden, config.layers, batch_first=True, dropout=config.dropout if config.layers > 1 else 0.0
        )
        heads = config.attention_heads
        self.attention = EventAttention(config.hidden, width, heads) if heads else None
        self.heads = nn.ModuleList(
            Head(head, self.embeddings, config.hidden, config.head_hidden, config.head_numbers) for head in config.heads
        )

    @property
    def parameter_count(self) -> int:
        """Numbers that were learned."""
        return sum(parameter.numel() for parameter in self.parameters())

    def input_of(self, state: Tensor, numbers: Tensor) -> Tensor:
        """What the net reads: (..., width) from state classes (..., S) and numbers (..., N)."""
        return torch.cat([self.embeddings(state, self.config.state_columns), numbers], -1)

    def outputs(self, state: Tensor, numbers: Tensor) -> tuple[Tensor, object]:
        """The net's outputs (B, T, H) after each event, with what they attend to, and its last state."""
        read = functional.dropout(self.input_of(state, numbers), self.config.dropout / 2, self.training)
        outputs, last = self.net(read)
        if self.attention is not None:
            outputs = self.attention(outputs, read)
        return functional.dropout(outputs, self.config.dropout, self.training), last

    def forward(self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, head_numbers: Tensor) -> list[Tensor]:
        """Logits of each field.

        Args:
            state: (B, T, S) classes, int64.
            columns: For each head (B, T, C) classes; what was chosen for the event stands in them.
            numbers: (B, T, N) in 0..1, read by the net.
            head_numbers: (B, T, N) in 0..1, read by the heads that want them.

        Returns:
            For each head (B, T, V).
        """
        outputs, _ = self.outputs(state, numbers)
        drop = self.config.dropout if self.training else 0.0
        return [
            head(outputs, own, head_numbers, self.embeddings, drop)
            for head, own in zip(self.heads, columns, strict=True)
        ]
