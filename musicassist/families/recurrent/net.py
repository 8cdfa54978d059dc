"""Recurrent nets with chained heads that may copy: one step of the net for each event, then one head for each field.

The net knows numbers only. Shapes: ``B`` streams in a batch, ``T`` events, ``H`` hidden size, ``C`` columns of a head,
``V`` classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.models.heads import WIDEST, Embeddings, EventAttention, Head, HeadConfig, event_fields

MOST_LAYERS = 16  # LIMIT: more is no net of ours
MOST_ATTENTION_HEADS = 64  # LIMIT
_CELLS: dict[str, type[nn.RNNBase]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


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
        page = {"attention_heads": 0, **page}  # cards from before there was attention do not name it
        config = RecurrentConfig(**event_fields(page, {f.name for f in fields(RecurrentConfig)}))
        sizes = (config.hidden, config.head_hidden, *config.tables.values(), *(head.classes for head in config.heads))
        if (
            config.cell not in _CELLS
            or not 1 <= config.layers <= MOST_LAYERS
            or not 0 <= config.attention_heads <= MOST_ATTENTION_HEADS
            or not all(1 <= n <= WIDEST for n in sizes)
        ):
            raise ValueError("an unknown cell, or sizes out of range")
        return config


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
