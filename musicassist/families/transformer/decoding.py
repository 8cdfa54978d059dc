"""A Transformer one step at a time, on NumPy: keys and values are kept, so that a step reads one event.

What all streams have in common (the seed, and what stands behind a hole) is kept once; see ``models.steps.Memory``.

Shapes: ``B`` streams, ``T`` events, ``S`` state columns, ``N`` numbers, ``W`` width, ``A`` attention heads, ``D`` size
of a head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from musicassist.models.steps import HeadConfig, HeadStep, Memory, Size, Tables
from musicassist.models.weights import Floats, Ints, Product, Weights, sigmoid, softmax

MAX_LAYERS = 32  # LIMIT: more is no net of ours
MAX_SEGMENTS = 16  # LIMIT
MAX_WAVE = 1000.0  # of the rotary positions, in events / 2 pi
_EPSILON = np.float32(np.finfo(np.float32).eps)  # torch's for a norm in single precision


@dataclass(frozen=True)
class TransformerConfig:
    """Size and shape of a net.

    Attributes:
        tables: Classes of each embedding table.
        state_columns: The table that each column of the net's input is embedded by.
        heads: In the order in which the fields of an event are chosen.
        numbers: How many plain numbers (0..1) the net reads with each event.
        head_numbers: How many the heads read that want them.
        width: Size of the stream between the layers; a multiple of twice ``attention_heads``.
        layers: Number of layers.
        attention_heads: Of each layer.
        head_hidden: Size of each head's hidden layer.
        dropout: In the layers and heads, while training.
        segments: How many kinds of place an event can have.
        span: An event attends to those less than so many positions away.
    """

    tables: dict[str, Size]
    state_columns: tuple[str, ...]
    heads: tuple[HeadConfig, ...]
    numbers: int
    head_numbers: int
    width: Size = 192
    layers: Annotated[int, Meta(ge=1, le=MAX_LAYERS)] = 5
    attention_heads: Size = 6
    head_hidden: Size = 192
    dropout: float = 0.1
    segments: Annotated[int, Meta(ge=1, le=MAX_SEGMENTS)] = 3
    span: Size = 128

    @property
    def inner(self) -> int:
        """Size of the feed-forward part: 8/3 of the width, in whole sixteens."""
        return -(-8 * self.width // 48) * 16

    def __post_init__(self) -> None:
        if self.width % (2 * self.attention_heads):
            raise ValueError("the width cannot be shared out")


class LayerStep:
    """The weights of one layer; see ``net.Layer``."""

    def __init__(self, config: TransformerConfig, weights: Weights, name: str) -> None:
        width, inner = config.width, config.inner
        self._shape = 3, config.attention_heads, width // config.attention_heads
        self._first_norm = weights.floats(f"{name}.first_norm.weight", width)
        self._second_norm = weights.floats(f"{name}.second_norm.weight", width)
        self._queries_keys_values = Product(weights.floats(f"{name}.queries_keys_values.weight", 3 * width, width))
        self._attended = Product(weights.floats(f"{name}.attended.weight", width, width))
        self._gate_and_inner = Product(weights.floats(f"{name}.gate_and_inner.weight", 2 * inner, width))
        self._outer = Product(weights.floats(f"{name}.outer.weight", width, inner))

    def split(self, stream: Floats, rotation: tuple[Floats, Floats]) -> tuple[Floats, Floats, Floats]:
        """Queries, keys and values, each (n, A, D), of a stream (n, W)."""
        parts = self._queries_keys_values(_normed(stream, self._first_norm)).reshape(len(stream), *self._shape)
        turned = _rotated(parts[:, :2], rotation)
        return turned[:, 0], turned[:, 1], parts[:, 2]

    def joined(self, stream: Floats, read: Floats) -> Floats:
        """The stream after the layer, (n, W), from what its events read, (n, W)."""
        stream = stream + self._attended(read)
        both = self._gate_and_inner(_normed(stream, self._second_norm))
        gate, inner = both[:, : both.shape[1] // 2], both[:, both.shape[1] // 2 :]
        return stream + self._outer(gate * sigmoid(gate) * inner)


def _normed(stream: Floats, weight: Floats) -> Floats:
    square = np.einsum("nw,nw->n", stream, stream)[:, None] / np.float32(stream.shape[1])
    return np.asarray(stream / np.sqrt(square + _EPSILON) * weight)


def _rotation_of(position: Ints, size: int) -> tuple[Floats, Floats]:
    """Cosines and sines, (n, 1, 1, size / 2) each, by which a head of that size is turned at positions (n,)."""
    waves = np.arange(size // 2, dtype=np.float32) / np.float32(size // 2)
    angles = position[:, None].astype(np.float32) * np.float32(MAX_WAVE) ** -waves
    return np.cos(angles)[:, None, None], np.sin(angles)[:, None, None]


def _rotated(parts: Floats, rotation: tuple[Floats, Floats]) -> Floats:
    """Queries and keys (n, 2, A, D) turned by their positions' rotation."""
    cosine, sine = rotation
    half = parts.shape[-1] // 2
    one, other = parts[..., :half], parts[..., half:]
    return np.concatenate([one * cosine - other * sine, one * sine + other * cosine], -1)


@dataclass(frozen=True)
class Past:
    """What a net has read of one melody; never changed, so that many may go on from it.

    Attributes:
        keys, values: For each layer parts of (n, A, D).
        positions: (T,), of the events.
        segment: Of the newest.
        output: (1, W), of the newest.
    """

    keys: tuple[tuple[Floats, ...], ...]
    values: tuple[tuple[Floats, ...], ...]
    positions: Ints
    segment: int
    output: Floats


class TransformerStep:
    """A trained net as decoding reads it; made once, shared by all who compose with it."""

    def __init__(self, config: TransformerConfig, weights: Weights) -> None:
        self.config = config
        tables = Tables(config.tables, weights)
        columns = tables.width(config.state_columns)
        entry = weights.floats("entry.weight", config.width, columns + config.numbers)
        self._columns = tables.products(config.state_columns, entry[:, :columns])
        self._numbers = Product(entry[:, columns:], weights.floats("entry.bias", config.width))
        self._segments = weights.floats("segments.weight", config.segments, config.width)
        self.layers = [LayerStep(config, weights, f"layers.{layer}") for layer in range(config.layers)]
        self.norm = weights.floats("norm.weight", config.width)
        sizes = config.width, config.head_hidden, config.head_numbers
        self.heads = [HeadStep(head, tables, weights, f"heads.{i}", sizes) for i, head in enumerate(config.heads)]
        weights.check_all_read()

    def decoder(self) -> TransformerDecoder:
        """Somebody who composes with it."""
        return TransformerDecoder(self)

    def beginning(self) -> Past:
        """Before the first event."""
        none: tuple[tuple[Floats, ...], ...] = ((),) * self.config.layers
        return Past(none, none, np.zeros(0, np.int64), 0, np.zeros((1, self.config.width), dtype=np.float32))

    def read(
        self, past: Past, state: Ints, numbers: Floats, *, segment: int = 0, positions: Ints | None = None
    ) -> Past:
        """The past after some more events of one melody, (T, S) and (T, N); at least one.

        Args:
            past: What was read before.
            state: Classes.
            numbers: In 0..1.
            segment: Of these events. The steps go on in it.
            positions: (T,); None where the events stand behind the last one. The steps go on from the last of these.
        """
        before = len(past.positions)
        if positions is None:
            positions = np.arange(len(state)) + (past.positions[-1] + 1 if before else 0)
        stream = self.entered(state, numbers, segment)
        rotation, places = self.rotation(positions), np.concatenate([past.positions, positions])
        hidden = np.abs(positions[:, None] - places) >= self.config.span
        hidden[:, before:] |= np.arange(len(state))[:, None] < np.arange(len(state))
        seen = _Seen.of([*map(len, past.keys[0]), len(state)], ~hidden.all(axis=0))
        hidden = hidden[:, seen.events]
        keys, values = [], []
        for layer, known_keys, known_values in zip(self.layers, past.keys, past.values, strict=True):
            queries, own_keys, own_values = layer.split(stream, rotation)
            keys.append((*known_keys, own_keys))
            values.append((*known_values, own_values))
            stream = layer.joined(stream, _attended(queries, seen.joined(keys[-1]), seen.joined(values[-1]), hidden))
        return Past(tuple(keys), tuple(values), places, segment, _normed(stream[-1:], self.norm))

    def entered(self, state: Ints, numbers: Floats, segment: int) -> Floats:
        """The stream before the first layer, (n, W), of events of one segment."""
        return np.asarray(self._numbers(numbers) + self._columns(state) + self._segments[segment])

    def rotation(self, positions: Ints) -> tuple[Floats, Floats]:
        """How the heads are turned at these positions."""
        return _rotation_of(positions, self.config.width // self.config.attention_heads)

    def normed(self, stream: Floats) -> Floats:
        """The output, (n, W), of the stream behind the last layer."""
        return _normed(stream, self.norm)


def _attended(queries: Floats, keys: Floats, values: Floats, hidden: NDArray[np.bool_]) -> Floats:
    """What events (T, A, D) read of those before them and of themselves, (T, W)."""
    scores = queries.transpose(1, 0, 2) @ keys.transpose(1, 2, 0) * np.float32(queries.shape[-1] ** -0.5)
    scores[:, hidden] = -np.inf
    return np.asarray((softmax(scores) @ values.transpose(1, 0, 2)).transpose(1, 0, 2).reshape(len(queries), -1))


@dataclass(frozen=True)
class _Seen:
    """The parts of a past of which anything is seen; a seed is much longer than the net's span.

    Attributes:
        parts: Which of all.
        events: (T,), which events are theirs.
    """

    parts: list[int]
    events: NDArray[np.bool_]

    @staticmethod
    def of(lengths: Sequence[int], is_seen: NDArray[np.bool_]) -> _Seen:
        """Of parts with so many events each, at least one, and which events are seen."""
        has_some = np.logical_or.reduceat(is_seen, np.cumsum([0, *lengths[:-1]]))
        return _Seen(np.flatnonzero(has_some).tolist(), np.repeat(has_some, lengths))

    def joined(self, parts: Sequence[Floats]) -> Floats:
        """Their keys or values, (n, A, D), of one layer."""
        return np.concatenate([parts[number] for number in self.parts])


class TransformerDecoder:
    """Some streams that go on from one past. Used by one thread at a time."""

    def __init__(self, net: TransformerStep) -> None:
        self._net = net
        self._memories: list[Memory] = []
        self._positions = np.zeros(0, dtype=np.int64)
        self._segment = 0
        self.output = np.zeros((0, net.config.width), dtype=np.float32)

    def begin(self, past: Past, streams: int) -> None:
        """Goes on from a past with equal streams."""
        in_reach = past.positions > past.positions[-1] + 1 - self._net.config.span
        seen = _Seen.of([*map(len, past.keys[0])], in_reach)
        own = in_reach[seen.events]
        layers = zip(past.keys, past.values, strict=True)
        self._memories = [Memory(seen.joined(keys)[own], seen.joined(values)[own], streams) for keys, values in layers]
        self._positions, self._segment = past.positions[in_reach], past.segment
        self.output = np.repeat(past.output, streams, 0)

    def step(self, state: Ints, numbers: Floats) -> Floats:
        """Reads one event of each stream, (B, S) and (B, N); gives and keeps the output (B, W)."""
        net, here = self._net, self._positions[-1:] + 1
        self._positions = np.concatenate([self._positions, here])
        rotation = net.rotation(here)
        hidden = np.abs(self._positions - here) >= net.config.span
        stream = net.entered(state, numbers, self._segment)
        for layer, memory in zip(net.layers, self._memories, strict=True):
            queries, keys, values = layer.split(stream, rotation)
            memory.add(keys, values)
            scores = memory.scores(queries)
            scores[..., hidden] = -np.inf
            stream = layer.joined(stream, memory.read(softmax(scores)))
        self.output = net.normed(stream)
        return self.output

    def logits(self, head: int, columns: Ints, numbers: Floats) -> Floats:
        """Logits (B, V) of a field from its columns (B, C) and the heads' numbers (B, N)."""
        return self._net.heads[head](self.output, columns, numbers)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only, in that order."""
        self.output = self.output[streams]
        for memory in self._memories:
            memory.keep(streams)
