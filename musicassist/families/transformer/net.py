"""A Transformer decoder over events with chained heads that may copy: every event looks back at those before it.

Between tables and heads (``models.heads``) stand pre-norm layers: attention with rotary positions, then a gated
feed-forward part. An event belongs to a segment (what stands before, what stands behind, what is being filled in), and
its position may be given apart from its place in the sequence, so that the future can be read before the middle.

Shapes: ``B`` streams, ``T`` events, ``W`` width, ``A`` attention heads, ``D`` size of a head, ``S`` columns of the
state, ``C`` columns of a head, ``N`` plain numbers, ``V`` classes.

Source: Vaswani et al. 2017, "Attention Is All You Need"; Su et al. 2021, "RoFormer" (rotary positions); Shazeer 2020,
"GLU Variants Improve Transformer"; Zhang and Sennrich 2019, "Root Mean Square Layer Normalization".
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.families.transformer.decoding import MAX_WAVE, TransformerConfig
from musicassist.models.heads import Embeddings, Head


def rotation_of(position: Tensor, size: int) -> Tensor:
    """Cosines and sines, (2, ..., T, size / 2), by which a head of that size is turned at positions (..., T)."""
    waves = torch.arange(size // 2, device=position.device) / (size // 2)
    angles = position[..., None] * MAX_WAVE**-waves
    return torch.stack([angles.cos(), angles.sin()])


def rotated(parts: Tensor, rotation: Tensor) -> Tensor:
    """Queries or keys (B, A, T, D) turned by their positions' rotation, (2, T, D/2) or (2, B, 1, T, D/2)."""
    cosine, sine = rotation.to(parts.dtype)
    one, other = parts.chunk(2, -1)
    return torch.cat([one * cosine - other * sine, one * sine + other * cosine], -1)


def visible(position: Tensor, span: int) -> Tensor:
    """(..., T, T): which events (columns) each event (row) attends to, from positions (..., T).

    Those that stand no later in the sequence and less than ``span`` positions away.
    """
    apart = (position[..., :, None] - position[..., None, :]).abs()
    return (apart < span) & torch.ones_like(apart, dtype=torch.bool).tril()


class Layer(nn.Module):
    """Attention, then the gated feed-forward part, each added to the stream."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.attention_heads = config.attention_heads
        self.dropout = config.dropout
        self.first_norm = nn.RMSNorm(config.width)
        self.queries_keys_values = nn.Linear(config.width, 3 * config.width, bias=False)
        self.attended = nn.Linear(config.width, config.width, bias=False)
        self.second_norm = nn.RMSNorm(config.width)
        self.gate_and_inner = nn.Linear(config.width, 2 * config.inner, bias=False)
        self.outer = nn.Linear(config.inner, config.width, bias=False)
        for added in (self.attended, self.outer):  # the stream keeps its size however many layers add to it
            added.weight.data *= (2 * config.layers) ** -0.5

    def split(self, stream: Tensor, rotation: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, each (B, A, T, D), of a stream (B, T, W)."""
        parts = self.queries_keys_values(self.first_norm(stream)).unflatten(-1, (3, self.attention_heads, -1))
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        return rotated(queries, rotation), rotated(keys, rotation), values

    def joined(self, stream: Tensor, read: Tensor) -> Tensor:
        """The stream after the layer, from what its events read, (B, A, T, D)."""
        stream = stream + self._dropped(self.attended(read.transpose(1, 2).flatten(-2)))
        gate, inner = self.gate_and_inner(self.second_norm(stream)).chunk(2, -1)
        return stream + self._dropped(self.outer(functional.silu(gate) * inner))

    def forward(self, stream: Tensor, rotation: Tensor, mask: Tensor) -> Tensor:
        """(B, T, W) to the same, all events at once."""
        queries, keys, values = self.split(stream, rotation)
        return self.joined(stream, functional.scaled_dot_product_attention(queries, keys, values, mask))

    def _dropped(self, part: Tensor) -> Tensor:
        return functional.dropout(part, self.dropout, self.training)


class TransformerModel(nn.Module):
    """The net, its tables and its heads."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config.tables)
        self.entry = nn.Linear(self.embeddings.width(config.state_columns) + config.numbers, config.width)
        self.segments = nn.Embedding(config.segments, config.width)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.RMSNorm(config.width)
        self.heads = nn.ModuleList(
            Head(head, self.embeddings, config.width, config.head_hidden, config.head_numbers) for head in config.heads
        )

    @property
    def head_size(self) -> int:
        """Size of an attention head, ``D``."""
        return self.config.width // self.config.attention_heads

    def entered(self, state: Tensor, numbers: Tensor, segment: Tensor) -> Tensor:
        """The stream before the first layer, (..., W), from classes (..., S), numbers (..., N) and segments (...)."""
        read = torch.cat([self.embeddings(state, self.config.state_columns), numbers], -1)
        return self.entry(read) + self.segments(segment)

    def outputs(self, state: Tensor, numbers: Tensor, segment: Tensor, position: Tensor) -> Tensor:
        """The net's outputs (B, T, W); segments (B, T), positions (T,) for all streams or (B, T)."""
        stream = functional.dropout(self.entered(state, numbers, segment), self.config.dropout, self.training)
        rotation, mask = rotation_of(position, self.head_size), visible(position, self.config.span)
        if position.dim() > 1:  # the same for all attention heads
            rotation, mask = rotation[:, :, None], mask[:, None]
        for layer in self.layers:
            stream = layer(stream, rotation, mask)
        return functional.dropout(self.norm(stream), self.config.dropout, self.training)

    def forward(
        self,
        state: Tensor,
        columns: Sequence[Tensor],
        numbers: Tensor,
        head_numbers: Tensor,
        segment: Tensor | None = None,
        position: Tensor | None = None,
    ) -> list[Tensor]:
        """Logits of each field.

        Args:
            state: (B, T, S) classes, int64.
            columns: For each head (B, T, C) classes; what was chosen for the event stands in them.
            numbers: (B, T, N) in 0..1, read by the net.
            head_numbers: (B, T, N) in 0..1, read by the heads that want them.
            segment: (B, T), or None where all events are of the first.
            position: (B, T), or None where the events stand in their order.

        Returns:
            For each head (B, T, V).
        """
        segment = torch.zeros_like(state[..., 0]) if segment is None else segment
        position = torch.arange(state.shape[1], device=state.device) if position is None else position
        outputs = self.outputs(state, numbers, segment, position)
        drop = self.config.dropout if self.training else 0.0
        return [
            head(outputs, own, head_numbers, self.embeddings, drop)
            for head, own in zip(self.heads, columns, strict=True)
        ]
