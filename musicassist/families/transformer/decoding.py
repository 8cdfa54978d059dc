"""A Transformer one step at a time: keys and values of what was read are kept, so that a step reads one event.

What all streams have in common (the seed, and what stands behind a hole) is kept once; each stream's own events lie in
memory that is laid out ahead and doubled when it is full.

Shapes: ``B`` streams, ``T`` events of the seed, ``S`` state columns, ``N`` numbers, ``W`` width, ``A`` attention heads,
``D`` size of a head.
"""

from __future__ import annotations

import torch
from torch import Tensor

from musicassist.families.transformer.net import Layer, TransformerModel, rotation_of, visible
from musicassist.models.fused_heads import ColumnProducts, FusedHead

_FIRST_ROOM = 64  # events of each stream before the memory is doubled


class LayerMemory:
    """Keys and values of one layer: the seed's (A, T, D) and each stream's own (B, A, room, D)."""

    def __init__(self, keys: Tensor, values: Tensor, streams: int) -> None:
        self.seed_keys, self.seed_values = keys, values
        self.own = keys.new_zeros(2, streams, keys.shape[0], _FIRST_ROOM, keys.shape[2])
        self.count = 0

    def add(self, keys: Tensor, values: Tensor) -> None:
        """One event of each stream, both (B, A, D)."""
        if self.count == self.own.shape[-2]:
            self.own = torch.cat([self.own, torch.zeros_like(self.own)], -2)
        self.own[0, ..., self.count, :], self.own[1, ..., self.count, :] = keys, values
        self.count += 1

    def attend(self, queries: Tensor, hidden: Tensor) -> Tensor:
        """What the newest events read, (B, A, D), from their queries (B, A, D).

        Args:
            queries: Turned by their position.
            hidden: (T + count,), true where an event is out of reach.
        """
        keys, values = self.own[..., : self.count, :]
        across = queries.transpose(0, 1)  # (A, B, D), so that the seed is read once for all streams
        common = (across @ self.seed_keys.transpose(-1, -2)).transpose(0, 1)
        own = (keys @ queries[..., None])[..., 0]
        scores = torch.cat([common, own], -1) * queries.shape[-1] ** -0.5
        shares = scores.masked_fill(hidden, float("-inf")).softmax(-1)
        common, own = shares.split([self.seed_keys.shape[-2], self.count], -1)
        read = (common.transpose(0, 1) @ self.seed_values).transpose(0, 1)
        return read + (own[..., None, :] @ values)[..., 0, :]

    def keep(self, rows: Tensor) -> None:
        """Goes on with some of the streams only."""
        self.own = self.own[:, rows]


class LaidOutTransformer:
    """A trained model as its decoder reads it; made once, shared by all decoders."""

    def __init__(self, model: TransformerModel) -> None:
        self.model = model.eval()
        config, embeddings, entry = model.config, model.embeddings, model.entry
        width = embeddings.width(config.state_columns)
        self.columns = ColumnProducts(embeddings, config.state_columns, entry.weight.detach()[:, :width])
        self.numbers = entry.weight.detach()[:, width:].t().contiguous()
        self.segments = model.segments.weight.detach() + entry.bias.detach()
        self.heads = [FusedHead(head, embeddings, config.width) for head in model.heads]  # type: ignore[arg-type]

    def entered(self, state: Tensor, numbers: Tensor, segment: Tensor) -> Tensor:
        """What ``TransformerModel.entered`` gives, (B, W), for one event of each stream, all of one segment."""
        return torch.addmm(self.segments[segment], numbers, self.numbers).add_(self.columns(state))


class TransformerDecoder:
    """A trained model, what it has read of some streams, and its heads. Used by one thread at a time."""

    def __init__(self, net: LaidOutTransformer) -> None:
        self.net = net
        self._memories: list[LayerMemory] = []
        self._positions = self._segment = torch.zeros(0, dtype=torch.long)
        self.output = torch.zeros(0)

    @torch.inference_mode()
    def prefill(
        self,
        state: Tensor,
        numbers: Tensor,
        streams: int,
        segment: Tensor | None = None,
        position: Tensor | None = None,
    ) -> None:
        """Reads a seed, (T, S) and (T, N), once, and goes on from it with ``streams`` equal streams.

        Args:
            state: Classes.
            numbers: In 0..1.
            streams: How many.
            segment: (T,); None where all is of the first. The steps go on in the last one's.
            position: (T,); None where the events stand in their order. The steps go on from the last one's.
        """
        model = self.net.model
        segment = torch.zeros(len(state), dtype=torch.long) if segment is None else segment
        self._positions = torch.arange(len(state)) if position is None else position
        self._segment = segment[-1]
        stream = model.entered(state[None], numbers[None], segment[None])
        rotation = rotation_of(self._positions, model.head_size)
        mask = visible(self._positions, model.config.span)
        self._memories = []
        for layer in model.layers:
            _, keys, values = layer.split(stream, rotation)  # type: ignore[operator]
            self._memories.append(LayerMemory(keys[0].contiguous(), values[0].contiguous(), streams))
            stream = layer(stream, rotation, mask)
        self.output = model.norm(stream)[0, -1].expand(streams, -1).contiguous()

    @torch.inference_mode()
    def step(self, state: Tensor, numbers: Tensor) -> Tensor:
        """Reads one event of each stream, (B, S) and (B, N); gives and keeps the output (B, W)."""
        model = self.net.model
        here = self._positions[-1:] + 1
        self._positions = torch.cat([self._positions, here])
        rotation = rotation_of(here, model.head_size)
        hidden = (self._positions - here).abs() >= model.config.span
        stream = self.net.entered(state, numbers, self._segment)[:, None]
        for layer, memory in zip(model.layers, self._memories, strict=True):
            stream = _stepped(layer, memory, stream, rotation, hidden)  # type: ignore[arg-type]
        self.output = model.norm(stream)[:, 0]
        return self.output

    @torch.inference_mode()
    def logits(self, head: int, columns: Tensor, numbers: Tensor) -> Tensor:
        """Logits (B, V) of a field from its columns (B, C) and the heads' numbers (B, N)."""
        return self.net.heads[head](self.output, columns, numbers)

    def keep(self, streams: list[int]) -> None:
        """Goes on with some of the streams only, in that order."""
        rows = torch.tensor(streams)
        self.output = self.output[rows]
        for memory in self._memories:
            memory.keep(rows)


def _stepped(layer: Layer, memory: LayerMemory, stream: Tensor, rotation: Tensor, hidden: Tensor) -> Tensor:
    """One layer's step for each stream, (B, 1, W) to the same."""
    queries, keys, values = (part[:, :, 0] for part in layer.split(stream, rotation))
    memory.add(keys, values)
    return layer.joined(stream, memory.attend(queries, hidden)[:, :, None])
