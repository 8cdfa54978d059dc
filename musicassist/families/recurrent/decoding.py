"""A recurrent net one step at a time, on NumPy: what its card says, its weights laid out, and its streams.

The input and recurrent weights of a layer are one matrix, and a step is one product with it. What the first layer makes
of the embedded columns is looked up, see ``models.steps``.

Shapes: ``B`` streams, ``T`` events, ``S`` state columns, ``N`` numbers, ``H`` hidden, ``G`` gates (4 H, 3 H or H).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta

from musicassist.models.steps import AttentionStep, ColumnProducts, HeadConfig, HeadStep, Memory, Size, Tables
from musicassist.models.weights import Floats, Ints, Product, Weights, sigmoid
from musicassist.values import value_of

MAX_LAYERS = 16  # LIMIT: more is no net of ours
MAX_ATTENTION_HEADS = 64  # LIMIT
Cell = Literal["lstm", "gru", "rnn"]
GATES = {"lstm": 4, "gru": 3, "rnn": 1}
State = tuple[Floats, ...]  # (B, H) each; the first is the output


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

    tables: dict[str, Size]
    state_columns: tuple[str, ...]
    heads: tuple[HeadConfig, ...]
    numbers: int
    head_numbers: int
    cell: Cell = "lstm"
    hidden: Size = 384
    layers: Annotated[int, Meta(ge=1, le=MAX_LAYERS)] = 2
    head_hidden: Size = 256
    dropout: float = 0.2
    attention_heads: Annotated[int, Meta(ge=0, le=MAX_ATTENTION_HEADS)] = 0

    @staticmethod
    def of(page: Mapping[str, object]) -> RecurrentConfig:
        """The configuration in a card, or ``ValueError``; those from before there was attention do not name it."""
        return value_of(RecurrentConfig, {"attention_heads": 0, **page})


class CellStep:
    """One layer's step.

    Args:
        cell: ``lstm``, ``gru`` or ``rnn``.
        from_input: Weights (G, I) and bias (G,).
        from_state: Weights (G, H) and bias (G,).
    """

    def __init__(self, cell: str, from_input: tuple[Floats, Floats], from_state: tuple[Floats, Floats]) -> None:
        self._cell = cell
        self.hidden = from_state[0].shape[1]
        if cell == "gru":  # its candidate needs the recurrent product by itself
            self._input, self._product = Product(*from_input), Product(*from_state)
        else:
            matrix = np.concatenate([from_input[0], from_state[0]], 1)
            self._product = Product(matrix, from_input[1] + from_state[1])

    def step(self, read: Floats, state: State, added: Floats | float = 0.0) -> State:
        """(B, I) and the last state to the new one; ``added``, (B, G), is what other inputs come to."""
        if self._cell == "gru":
            return self._gru(read, state[0], added)
        gates = self._product(np.concatenate((read, state[0]), 1))
        gates += added
        return self._lstm(gates, state[1]) if self._cell == "lstm" else (np.tanh(gates),)

    def begin(self, streams: int) -> State:
        """The state before the first event."""
        return (np.zeros((streams, self.hidden), dtype=np.float32),) * (2 if self._cell == "lstm" else 1)

    def _lstm(self, gates: Floats, cell: Floats) -> State:
        size = self.hidden
        entered = sigmoid(gates[:, : 2 * size])
        new = np.tanh(gates[:, 2 * size : 3 * size])
        new *= entered[:, :size]
        cell = entered[:, size:] * cell
        cell += new
        return sigmoid(gates[:, 3 * size :]) * np.tanh(cell), cell

    def _gru(self, read: Floats, last: Floats, added: Floats | float) -> State:
        made, kept = self._input(read) + added, self._product(last)
        size = self.hidden
        gates = sigmoid(made[:, : 2 * size] + kept[:, : 2 * size])
        new = np.tanh(made[:, 2 * size :] + gates[:, :size] * kept[:, 2 * size :])
        return (new + gates[:, size:] * (last - new),)


@dataclass(frozen=True)
class Past:
    """What a net knows of one melody after some of its events; never changed, so that many may go on from it.

    Attributes:
        layers: The state of each.
        output: (1, H), of the newest event, with what it attends to where there is attention.
        keys, values: Parts, (n, A, D) each, of what attention remembers; empty where there is none.
        pending: (1, A, D), the newest event's keys, whose values are those of the event after it.
    """

    layers: tuple[State, ...]
    output: Floats
    keys: tuple[Floats, ...] = ()
    values: tuple[Floats, ...] = ()
    pending: Floats | None = None


class RecurrentStep:
    """A trained net as decoding reads it; made once, shared by all who compose with it."""

    def __init__(self, config: RecurrentConfig, weights: Weights) -> None:
        self.config = config
        self.tables = tables = Tables(config.tables, weights)
        gates, hidden = GATES[config.cell] * config.hidden, config.hidden
        columns, width = tables.width(config.state_columns), tables.width(config.state_columns) + config.numbers
        self.cells = []
        for layer in range(config.layers):
            matrix = weights.floats(f"net.weight_ih_l{layer}", gates, hidden if layer else width)
            if not layer:
                self.columns: ColumnProducts = tables.products(config.state_columns, matrix[:, :columns])
                matrix = matrix[:, columns:]
            own = weights.floats(f"net.weight_hh_l{layer}", gates, hidden)
            biases = [weights.floats(f"net.bias_{part}_l{layer}", gates) for part in ("ih", "hh")]
            self.cells.append(CellStep(config.cell, (matrix, biases[0]), (own, biases[1])))
        heads = config.attention_heads
        self.attention = AttentionStep(weights, hidden, width, heads) if heads else None
        sizes = hidden, config.head_hidden, config.head_numbers
        self.heads = [HeadStep(head, tables, weights, f"heads.{i}", sizes) for i, head in enumerate(config.heads)]
        weights.check_all_read()

    def decoder(self) -> Decoder:
        """Somebody who composes with it."""
        return Decoder(self)

    def beginning(self) -> Past:
        """Before the first event."""
        return Past(tuple(cell.begin(1) for cell in self.cells), np.zeros((1, self.config.hidden), dtype=np.float32))

    def read(self, past: Past, state: Ints, numbers: Floats) -> Past:
        """The past after some more events of one melody, (T, S) and (T, N); at least one."""
        layers, added = past.layers, self.columns(state)
        outputs = np.empty((len(state), self.config.hidden), dtype=np.float32)
        for event in range(len(state)):
            layers = self.stepped(layers, added[event : event + 1], numbers[event : event + 1])
            outputs[event] = layers[-1][0][0]
        if self.attention is None:
            return Past(layers, outputs[-1:])
        made, values = self.attention.keys(outputs), self.attention.values(self.input_of(state, numbers))
        if past.pending is None:
            keys, values = made[:-1], values[1:]
        else:
            keys = np.concatenate([past.pending, made[:-1]])
        past = Past(layers, outputs[-1:], (*past.keys, keys), (*past.values, values), made[-1:])
        return Past(layers, self.attention.attend(outputs[-1:], remembered(past, 1)), past.keys, past.values, made[-1:])

    def stepped(self, layers: Sequence[State], added: Floats, numbers: Floats) -> tuple[State, ...]:
        """The state of each layer after one event of each stream; ``added`` is what its columns come to."""
        made: list[State] = []
        for cell, state in zip(self.cells, layers, strict=True):
            made.append(cell.step(made[-1][0] if made else numbers, state, 0.0 if made else added))
        return tuple(made)

    def input_of(self, state: Ints, numbers: Floats) -> Floats:
        """What the net reads, (n, W), from classes (n, S) and numbers (n, N)."""
        return np.concatenate([self.tables.embed(state, self.config.state_columns), numbers], 1)


def remembered(past: Past, streams: int) -> Memory:
    """What streams attend to that go on from a past."""
    return Memory(np.concatenate(past.keys), np.concatenate(past.values), streams)


class Decoder:
    """Some streams that go on from one past. Used by one thread at a time."""

    def __init__(self, net: RecurrentStep) -> None:
        self._net = net
        self._layers: tuple[State, ...] = ()
        self._memory: Memory | None = None
        self._pending = self.output = np.zeros((0, net.config.hidden), dtype=np.float32)

    def begin(self, past: Past, streams: int) -> None:
        """Goes on from a past with equal streams."""
        self._layers = tuple(tuple(np.repeat(part, streams, 0) for part in layer) for layer in past.layers)
        self.output = np.repeat(past.output, streams, 0)
        if past.pending is not None:
            self._memory, self._pending = remembered(past, streams), np.repeat(past.pending, streams, 0)

    def step(self, state: Ints, numbers: Floats) -> Floats:
        """Reads one event of each stream, (B, S) and (B, N); gives and keeps the output (B, H)."""
        self._layers = self._net.stepped(self._layers, self._net.columns(state), numbers)
        self.output = self._layers[-1][0]
        attention = self._net.attention
        if attention is not None and self._memory is not None:
            self._memory.add(self._pending, attention.values(self._net.input_of(state, numbers)))
            self._pending = attention.keys(self.output)
            self.output = attention.attend(self.output, self._memory)
        return self.output

    def logits(self, head: int, columns: Ints, numbers: Floats) -> Floats:
        """Logits (B, V) of a field from its columns (B, C) and the heads' numbers (B, N)."""
        return self._net.heads[head](self.output, columns, numbers)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only, in that order."""
        self._layers = tuple(tuple(part[streams] for part in layer) for layer in self._layers)
        self.output = self.output[streams]
        if self._memory is not None:
            self._memory.keep(streams)
            self._pending = self._pending[streams]
