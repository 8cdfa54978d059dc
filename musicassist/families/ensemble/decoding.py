"""One step of the net on NumPy alone: the scores of a note's fields, one field after the other.

Shapes: ``K`` streams that are written side by side, ``H`` size of the recurrent output, ``V`` classes of a field. The
rows of classes and numbers are those of ``columns.Rows``, one for each stream.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.families.ensemble import columns as kinds
from musicassist.families.ensemble.columns import REACH
from musicassist.families.ensemble.vocabulary import GAPS, LENGTHS, PITCHES, ROLES, VELOCITY_BINS
from musicassist.models.weights import Product, Weights, sigmoid

Floats = NDArray[np.float32]
Classes = NDArray[np.int64]
_DEGREES = 12


@dataclass(frozen=True)
class Memory:
    """What the recurrent layers remember of each stream: outputs and cells, each (layers, K, H)."""

    outputs: Floats
    cells: Floats

    def of(self, streams: list[int]) -> Memory:
        """The memory of some streams, in this order; one may be named more than once."""
        return Memory(self.outputs[:, streams], self.cells[:, streams])


class Decoder:
    """The net on its fp32 arrays.

    Args:
        config: Its sizes.
        weights: Its numbers, by the names that the torch net has for them; ValueError where they do not fit.
    """

    def __init__(self, config: kinds.EnsembleConfig, weights: Weights) -> None:
        hidden, size = config.hidden, config.head_hidden
        self.hidden, self._layers = hidden, config.layers
        self._tables = {
            name: weights.floats(f"embeddings.tables.{name}.weight", count, kinds.embedding_size(count))
            for name, count in kinds.TABLES.items()
        }
        read = kinds.width_of(kinds.STATE) + kinds.STATE_NUMBERS
        self._entering = [
            Product.of(weights, f"layers.{layer}.entering", hidden if layer else read, 4 * hidden)
            for layer in range(config.layers)
        ]
        self._recurring = [
            Product(weights.floats(f"layers.{layer}.recurring", 4 * hidden, hidden)) for layer in range(config.layers)
        ]
        known = {
            "gap": kinds.GAP_NUMBERS,
            "role": kinds.ROLE_NUMBERS,
            "pitch": _DEGREES * kinds.CLASS_FEATURES,
            "length": kinds.CLASS_FEATURES,
            "velocity": 0,
        }
        outer = {
            "gap": {"outer": GAPS, "copy": kinds.GAP_CANDIDATES},
            "role": {"outer": ROLES, "copy": kinds.ROLE_CANDIDATES},
            "pitch": {
                "anchored": kinds.ANCHORS * (2 * REACH + 1),
                "by_class": _DEGREES + kinds.CLASS_FEATURES,
                "copy": kinds.PITCH_CANDIDATES,
            },
            "length": {"outer": LENGTHS, "copy": kinds.LENGTH_CANDIDATES},
            "velocity": {"outer": VELOCITY_BINS, "copy": kinds.VELOCITY_CANDIDATES},
        }
        self._linear: dict[str, Product] = {}
        for head, columns in kinds.HEAD_COLUMNS.items():
            own = size // 2 if head == "velocity" else size
            layers = {"body.inner": (hidden + kinds.width_of(columns) + known[head], own), "body.middle": (own, own)}
            layers |= {name: (own, outputs) for name, outputs in outer[head].items()}
            for name, (inputs, outputs) in layers.items():
                self._linear[f"{head}.{name}"] = Product.of(weights, f"{head}.{name}", inputs, outputs)
        weights.check_all_read()

    def begin(self, streams: int) -> Memory:
        """The memory before the first note."""
        nothing = np.zeros((self._layers, streams, self.hidden), dtype=np.float32)
        return Memory(nothing, nothing)

    def read(self, state: Classes, numbers: Floats, memory: Memory) -> tuple[Floats, Memory]:
        """The output (K, H) after the last note, and the new memory."""
        return self._step(self._entering[0](self._state(state, numbers)), memory)

    def read_all(self, state: Classes, numbers: Floats, memory: Memory) -> tuple[Floats, Memory]:
        """Many rows of one stream, one after the other: the output (1, H) after the last, and the memory."""
        entered = self._entering[0](self._state(state, numbers))
        output = memory.outputs[-1]
        for row in range(len(entered)):
            output, memory = self._step(entered[row : row + 1], memory)
        return output, memory

    def _state(self, state: Classes, numbers: Floats) -> Floats:
        return np.concatenate([self._embedded(state, kinds.STATE), numbers.astype(np.float32)], 1)

    def _step(self, entered: Floats, memory: Memory) -> tuple[Floats, Memory]:
        outputs: list[Floats] = []
        cells: list[Floats] = []
        size = self.hidden
        for layer in range(self._layers):
            gates = entered if layer == 0 else self._entering[layer](outputs[-1])
            gates = gates + self._recurring[layer](memory.outputs[layer])
            enter, keep = sigmoid(gates[:, :size]), sigmoid(gates[:, size : 2 * size])
            cell = keep * memory.cells[layer] + enter * np.tanh(gates[:, 2 * size : 3 * size])
            outputs.append(sigmoid(gates[:, 3 * size :]) * np.tanh(cell))
            cells.append(cell)
        return outputs[-1], Memory(np.stack(outputs), np.stack(cells))

    def gap(self, output: Floats, columns: Classes, numbers: Floats) -> Floats:
        """Scores (K, GAPS)."""
        read = [output, self._embedded(columns, kinds.GAP_COLUMNS), numbers]
        return self._copying("gap", read, columns, kinds.GAP_CANDIDATES)

    def role(
        self, output: Floats, columns: Classes, numbers: Floats, least_role: Classes, free_roles: NDArray[np.bool_]
    ) -> Floats:
        """Scores (K, ROLES), -inf for what cannot be."""
        read = [output, self._embedded(columns, kinds.ROLE_COLUMNS), numbers]
        scores = self._copying("role", read, columns, kinds.ROLE_CANDIDATES)
        scores[(np.arange(ROLES) < least_role[:, None]) | ~free_roles] = -np.inf
        return scores

    def pitch(
        self, output: Floats, columns: Classes, anchors: Classes, candidates: Classes, classes: Floats, tonic: Classes,
        least_pitch: Classes,
    ) -> Floats:  # fmt: skip
        """Scores (K, PITCHES), -inf for what cannot be."""
        streams = np.arange(len(output))
        turn = (np.arange(_DEGREES) + anchors[:, :1]) % _DEGREES
        turned = np.take_along_axis(classes, turn[:, None, :], 2).reshape(len(output), -1)
        inner = self._inner("pitch", [output, self._embedded(columns, kinds.PITCH_COLUMNS), turned])
        anchored = self._linear["pitch.anchored"](inner).reshape(len(output), kinds.ANCHORS, -1)
        by_class, copy = self._linear["pitch.by_class"](inner), self._linear["pitch.copy"](inner)
        degrees = (np.arange(_DEGREES) - tonic[:, None]) % _DEGREES
        of_class = np.take_along_axis(by_class[:, :_DEGREES], degrees, 1)
        of_class = of_class + (by_class[:, None, _DEGREES:] @ classes)[:, 0]
        scores = np.concatenate([of_class[:, np.arange(PITCHES) % _DEGREES], np.zeros((len(output), 1))], 1)
        scores = scores.astype(np.float32)
        for stream in streams.tolist():
            for place, anchor in enumerate(anchors[stream].tolist()):
                if 0 <= anchor < PITCHES:
                    low, high = max(0, anchor - REACH), min(PITCHES, anchor + REACH + 1)
                    first = low - anchor + REACH
                    scores[stream, low:high] += anchored[stream, place, first : first + high - low]
        np.add.at(scores, (streams[:, None], candidates), copy)
        scores = scores[:, :-1]
        scores[np.arange(PITCHES) < least_pitch[:, None]] = -np.inf
        return scores

    def length(self, output: Floats, columns: Classes, classes: Floats, pitch: Classes) -> Floats:
        """Scores (K, LENGTHS) of a note of that pitch."""
        of_pitch = np.take_along_axis(classes, (pitch % _DEGREES)[:, None, None], 2)[:, :, 0]
        read = [output, self._embedded(columns, kinds.LENGTH_COLUMNS), of_pitch]
        return self._copying("length", read, columns, kinds.LENGTH_CANDIDATES)

    def velocity(self, output: Floats, columns: Classes) -> Floats:
        """Scores (K, VELOCITY_BINS)."""
        read = [output, self._embedded(columns, kinds.VELOCITY_COLUMNS)]
        return self._copying("velocity", read, columns, kinds.VELOCITY_CANDIDATES)

    def _embedded(self, classes: Classes, columns: tuple[str, ...]) -> Floats:
        parts = []
        for name, places in kinds.grouped(columns).items():
            parts.append(self._tables[name][classes[:, places]].reshape(len(classes), -1))
        return np.concatenate(parts, 1)

    def _inner(self, head: str, read: list[Floats]) -> Floats:
        inner = np.maximum(self._linear[f"{head}.body.inner"](np.concatenate(read, 1, dtype=np.float32)), 0)
        return np.maximum(self._linear[f"{head}.body.middle"](inner), 0) + inner

    def _copying(self, head: str, read: list[Floats], columns: Classes, candidates: int) -> Floats:
        inner = self._inner(head, read)
        outer = self._linear[f"{head}.outer"](inner)
        scores = np.concatenate([outer, np.zeros((len(outer), 1), dtype=np.float32)], 1)  # the last: no candidate
        streams = np.arange(len(scores))[:, None]
        np.add.at(scores, (streams, columns[:, :candidates]), self._linear[f"{head}.copy"](inner))
        return scores[:, :-1]
