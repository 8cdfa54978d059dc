"""The parts of nets of events for decoding, on NumPy: few operations a step, since each costs more than its numbers.

What a linear layer makes of an embedded column depends on the column's class alone, so it is computed beforehand, one
row of a table for each class; a step adds up the rows of its classes. ``models.heads`` has the nets that learn.

Shapes: ``B`` streams, ``T`` events, ``C`` columns, ``H`` size of the net's output, ``W`` width of what the net reads,
``N`` plain numbers, ``V`` classes of a field, ``A`` attention heads, ``D`` size of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import numpy as np
from msgspec import Meta

from musicassist.models.weights import Floats, Ints, Product, Weights, gelu

MAX_WIDTH = 65_536  # LIMIT: of a layer or a table
Size = Annotated[int, Meta(ge=1, le=MAX_WIDTH)]
HEAD_SIZE = 32  # of an attention head
DISTANCES = 16  # classes of distance, two for each doubling
MAX_EXPERTS = 64  # LIMIT: of a field; and of kinds of places
MIN_LOG = -40.0  # what an expert thinks all but impossible may still be raised by the others


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
    classes: Size
    columns: tuple[str, ...]
    candidates: int = 0
    reads_numbers: bool = False
    floor_column: int | None = None


def embedding_size(classes: int) -> int:
    """Size of a table's vectors: 24 for large tables, less for small ones."""
    return 24 if classes > 24 else 12 if classes > 8 else 6


def columns_by_table(columns: Sequence[str]) -> dict[str, list[int]]:
    """The places of the columns that each table embeds; their vectors stand side by side in this order."""
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(columns):
        groups.setdefault(name, []).append(place)
    return groups


class Tables:
    """The embedding tables of a net."""

    def __init__(self, sizes: Mapping[str, int], weights: Weights) -> None:
        self._tables = {
            name: weights.floats(f"embeddings.tables.{name}.weight", size, embedding_size(size))
            for name, size in sizes.items()
        }

    def width(self, columns: Sequence[str]) -> int:
        """Size of the vectors of these columns side by side."""
        return sum(self._tables[name].shape[1] for name in columns)

    def embed(self, classes: Ints, columns: Sequence[str]) -> Floats:
        """(..., C) classes to (..., width)."""
        parts = [
            self._tables[name][classes[..., place]]
            for name, places in columns_by_table(columns).items()
            for place in places
        ]
        return np.concatenate(parts, -1)

    def products(self, columns: Sequence[str], matrix: Floats) -> ColumnProducts:
        """What a matrix (outputs, width) makes of embedded columns."""
        groups = columns_by_table(columns)
        count = sum(len(self._tables[name]) * len(places) for name, places in groups.items())
        rows = np.empty((count, len(matrix)), dtype=np.float32)
        firsts, row, start = [0] * len(columns), 0, 0
        for name, places in groups.items():
            table = self._tables[name]
            width = table.shape[1]
            for place in places:
                np.matmul(table, matrix[:, start : start + width].T, out=rows[row : row + len(table)])
                firsts[place], row, start = row, row + len(table), start + width
        return ColumnProducts(rows, np.array(firsts))


class ColumnProducts:
    """The product of a matrix with embedded columns, looked up.

    Args:
        rows: (classes of all columns, outputs).
        firsts: (C,), where each column's classes begin.
    """

    def __init__(self, rows: Floats, firsts: Ints) -> None:
        self._rows = rows
        self._firsts = firsts

    def __call__(self, classes: Ints) -> Floats:
        """(B, C) classes to (B, outputs)."""
        return np.asarray(np.add.reduce(self._rows.take(classes + self._firsts, 0), 1))


class HeadStep:
    """One field's distribution; gives what ``models.heads.Head`` gives.

    Args:
        config: Of the head.
        tables: Those of the net.
        weights: Of the checkpoint.
        name: What the head's own are called there.
        sizes: Of the net's output, of the hidden layer, and of the plain numbers.
    """

    def __init__(
        self, config: HeadConfig, tables: Tables, weights: Weights, name: str, sizes: tuple[int, int, int]
    ) -> None:
        self.config = config
        hidden, inner_size, numbers = sizes
        width = tables.width(config.columns)
        inner = weights.floats(
            f"{name}.inner.weight", inner_size, hidden + width + (numbers if config.reads_numbers else 0)
        )
        self._columns = tables.products(config.columns, inner[:, hidden : hidden + width])
        self._inner = Product(
            np.concatenate([inner[:, :hidden], inner[:, hidden + width :]], 1),
            weights.floats(f"{name}.inner.bias", inner_size),
        )
        self._middle = Product.of(weights, f"{name}.middle", inner_size, inner_size)
        # the outer layer, one column that stands for no class, and the copying weights: one product
        outer = [
            weights.floats(f"{name}.outer.weight", config.classes, inner_size),
            np.zeros((1, inner_size), dtype=np.float32),
        ]
        bias = [weights.floats(f"{name}.outer.bias", config.classes), np.zeros(1, dtype=np.float32)]
        if config.candidates:
            outer.append(weights.floats(f"{name}.copy.weight", config.candidates, inner_size))
            bias.append(weights.floats(f"{name}.copy.bias", config.candidates))
        self._outer = Product(np.concatenate(outer), np.concatenate(bias))
        self._classes = np.arange(config.classes)

    def __call__(self, output: Floats, columns: Ints, numbers: Floats) -> Floats:
        """Logits (B, V) from the net's output (B, H), the head's columns (B, C) and the numbers (B, N)."""
        config = self.config
        inner = self._inner(np.concatenate((output, numbers), 1) if config.reads_numbers else output)
        inner += self._columns(columns)
        inner = gelu(inner)
        inner += gelu(self._middle(inner))
        both = self._outer(inner)
        logits = both[:, : config.classes + 1]
        if config.candidates:
            streams = np.arange(len(both))[:, None]
            np.add.at(logits, (streams, columns[:, : config.candidates]), both[:, config.classes + 1 :])
        logits = logits[:, : config.classes]
        if config.floor_column is not None:
            logits[self._classes < columns[:, config.floor_column, None]] = -np.inf
        return logits


class Memory:
    """Keys and values that some streams attend to: those of the seed, once for all, and each stream's own.

    Args:
        keys: (T, A, D), of the seed.
        values: (T, A, D).
        streams: How many go on from it.
    """

    _FIRST_ROOM = 64  # events of each stream before the memory is doubled

    def __init__(self, keys: Floats, values: Floats, streams: int) -> None:
        self._seed_keys = np.ascontiguousarray(keys.transpose(1, 2, 0))
        self._seed_values = np.ascontiguousarray(values.transpose(1, 0, 2))
        self._own = np.zeros((2, streams, keys.shape[1], self._FIRST_ROOM, keys.shape[2]), dtype=np.float32)
        self._count = 0

    def __len__(self) -> int:
        return self._seed_keys.shape[2] + self._count

    def add(self, keys: Floats, values: Floats) -> None:
        """One event of each stream, both (B, A, D)."""
        if self._count == self._own.shape[3]:
            self._own = np.concatenate([self._own, np.zeros_like(self._own)], 3)
        self._own[0, :, :, self._count], self._own[1, :, :, self._count] = keys, values
        self._count += 1

    def scores(self, queries: Floats) -> Floats:
        """(B, A, T + own), how much each event resembles what queries (B, A, D) look for, scaled by their size."""
        common = (queries.transpose(1, 0, 2) @ self._seed_keys).transpose(1, 0, 2)
        own = (self._own[0, :, :, : self._count] @ queries[..., None])[..., 0]
        return np.concatenate([common, own], -1) * np.float32(queries.shape[-1] ** -0.5)

    def read(self, shares: Floats) -> Floats:
        """(B, A D), what shares (B, A, T + own) of the values come to."""
        seed = self._seed_values.shape[1]
        read = (shares[..., :seed].transpose(1, 0, 2) @ self._seed_values).transpose(1, 0, 2)
        read = read + (shares[..., None, seed:] @ self._own[1, :, :, : self._count])[..., 0, :]
        return read.reshape(len(read), -1)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only, in that order."""
        self._own = self._own[:, streams]


class AttentionStep:
    """The weights of a recurrent net's attention; see ``models.heads.EventAttention``."""

    def __init__(self, weights: Weights, hidden: int, width: int, heads: int) -> None:
        self._heads = heads
        size = heads * HEAD_SIZE
        self._query = Product.of(weights, "attention.query", hidden, size)
        self._key = Product.of(weights, "attention.key", hidden, size)
        self._value = Product.of(weights, "attention.value", width, size)
        self._outer = Product.of(weights, "attention.outer", size, hidden)
        self._distance = weights.floats("attention.distance.weight", DISTANCES, heads)

    def keys(self, outputs: Floats) -> Floats:
        """(n, H) to (n, A, D)."""
        return self._key(outputs).reshape(len(outputs), self._heads, HEAD_SIZE)

    def values(self, reads: Floats) -> Floats:
        """(n, W) to (n, A, D)."""
        return self._value(reads).reshape(len(reads), self._heads, HEAD_SIZE)

    def attend(self, outputs: Floats, memory: Memory) -> Floats:
        """The outputs (B, H) of the newest events with what they attended to, of those before them."""
        if not len(memory):
            return outputs + self._outer(np.zeros((len(outputs), self._heads * HEAD_SIZE), dtype=np.float32))
        queries = self._query(outputs).reshape(len(outputs), self._heads, HEAD_SIZE)
        apart = np.arange(len(memory), 0, -1, dtype=np.float32)
        scores = memory.scores(queries)
        scores += self._distance[np.minimum((2 * np.log2(apart)).astype(np.int64), DISTANCES - 1)].T
        most = np.maximum(scores.max(-1, keepdims=True), 0)
        shares = np.exp(scores - most)
        shares /= shares.sum(-1, keepdims=True) + np.exp(-most)  # a place to look where nothing resembles the present
        return outputs + self._outer(memory.read(shares))


@dataclass(frozen=True)
class GateField:
    """What is mixed for one field.

    Attributes:
        name: Of the field.
        experts: How many distributions.
        places: How many kinds of places have weights of their own.
    """

    name: str
    experts: int
    places: int


@dataclass(frozen=True)
class GateConfig:
    """Shape of a gate.

    Attributes:
        fields: What it mixes.
        parts: The models whose distributions come first, each by its role; a hybrid names them.
    """

    fields: tuple[GateField, ...]
    parts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sizes = [size for own in self.fields for size in (own.experts, own.places)]
        if not all(1 <= size <= MAX_EXPERTS for size in sizes):
            raise ValueError("sizes out of range")


class GateStep:
    """Several distributions of the same field become one, by learned weights; see ``models.heads.Gate``.

    Args:
        config: What it mixes.
        weights: Of the checkpoint.
        under: What the names of the gate's own begin with there.
    """

    def __init__(self, config: GateConfig, weights: Weights, under: str = "") -> None:
        self.config = config
        self._weights = {
            own.name: weights.floats(f"{under}weights.{own.name}", own.places, own.experts) for own in config.fields
        }

    def __call__(self, name: str, logs: Floats, places: Sequence[int]) -> Floats:
        """Logits (n, V) of a field from its experts' log-probabilities (n, E, V) and the kinds of places (n,).

        What any expert rules out, with a log-probability of minus infinity, stays ruled out.
        """
        shares = self._weights[name][list(places)][:, None]
        mixed = (shares @ np.maximum(logs, np.float32(MIN_LOG)))[:, 0]
        mixed[np.isneginf(logs).any(1)] = -np.inf
        return np.asarray(mixed)
