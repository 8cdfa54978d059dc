"""Recurrent nets with chained heads that may copy: one step of the net for each event, then one head for each field.

The net knows numbers only. Shapes: ``B`` streams in a batch, ``T`` events, ``H`` hidden size, ``C`` columns of a head,
``V`` classes.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.families.recurrent.decoding import RecurrentConfig
from musicassist.models.heads import Embeddings, EventAttention, Head

_CELLS: dict[str, type[nn.RNNBase]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


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
