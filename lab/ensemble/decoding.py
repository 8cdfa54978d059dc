"""One step of the net on NumPy alone: the scores of a note's fields, one field after the other.

Shapes: ``K`` streams that are written side by side, ``H`` size of the recurrent output, ``V`` classes of a field. The
rows of classes and numbers are those of ``columns.Rows``, one for each stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lab.ensemble import columns as kinds
from lab.ensemble.vocabulary import PITCHES, ROLES

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
    """The net with its weights as fp32 arrays."""

    def __init__(self, weights: Mapping[str, NDArray[np.floating]]) -> None:
        """Takes the weights by the names that the net's file gives them, in any precision."""
        self._w: dict[str, Floats] = {n: np.ascontiguousarray(a, dtype=np.float32) for n, a in weights.items()}
        self._turned = {n: np.ascontiguousarray(a.T) for n, a in self._w.items() if a.ndim == 2 and "tables" not in n}
        self._layers = 1 + max(int(name.split(".")[1]) for name in self._w if name.startswith("layers."))
        self.hidden = self._w["layers.0.recurring"].shape[1]
        self._reach = (len(self._w["pitch.anchored.weight"]) // kinds.ANCHORS - 1) // 2

    def begin(self, streams: int) -> Memory:
        """The memory before the first note."""
        nothing = np.zeros((self._layers, streams, self.hidden), dtype=np.float32)
        return Memory(nothing, nothing)

    def read(self, state: Classes, numbers: Floats, memory: Memory) -> tuple[Floats, Memory]:
        """The output (K, H) after the last note, and the new memory."""
        read = np.concatenate([self._embedded(state, kinds.STATE), numbers.astype(np.float32)], 1)
        outputs, cells = [], []
        size = self.hidden
        for layer in range(self._layers):
            gates = read @ self._turned[f"layers.{layer}.entering.weight"] + self._w[f"layers.{layer}.entering.bias"]
            gates += memory.outputs[layer] @ self._turned[f"layers.{layer}.recurring"]
            enter, keep = _sigmoid(gates[:, :size]), _sigmoid(gates[:, size : 2 * size])
            cell = keep * memory.cells[layer] + enter * np.tanh(gates[:, 2 * size : 3 * size])
            read = _sigmoid(gates[:, 3 * size :]) * np.tanh(cell)
            outputs.append(read)
            cells.append(cell)
        return read, Memory(np.stack(outputs), np.stack(cells))

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
        anchored = self._linear("pitch.anchored", inner).reshape(len(output), kinds.ANCHORS, -1)
        by_class, copy = self._linear("pitch.by_class", inner), self._linear("pitch.copy", inner)
        degrees = (np.arange(_DEGREES) - tonic[:, None]) % _DEGREES
        of_class = np.take_along_axis(by_class[:, :_DEGREES], degrees, 1)
        of_class = of_class + (by_class[:, None, _DEGREES:] @ classes)[:, 0]
        scores = np.concatenate([of_class[:, np.arange(PITCHES) % _DEGREES], np.zeros((len(output), 1))], 1)
        scores = scores.astype(np.float32)
        for stream in streams.tolist():
            for place, anchor in enumerate(anchors[stream].tolist()):
                if 0 <= anchor < PITCHES:
                    low, high = max(0, anchor - self._reach), min(PITCHES, anchor + self._reach + 1)
                    first = low - anchor + self._reach
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
            parts.append(self._w[f"embeddings.tables.{name}.weight"][classes[:, places]].reshape(len(classes), -1))
        return np.concatenate(parts, 1)

    def _linear(self, name: str, read: Floats) -> Floats:
        return read @ self._turned[f"{name}.weight"] + self._w[f"{name}.bias"]

    def _inner(self, head: str, read: list[Floats]) -> Floats:
        inner = np.maximum(self._linear(f"{head}.body.inner", np.concatenate(read, 1, dtype=np.float32)), 0)
        return np.maximum(self._linear(f"{head}.body.middle", inner), 0) + inner

    def _copying(self, head: str, read: list[Floats], columns: Classes, candidates: int) -> Floats:
        inner = self._inner(head, read)
        scores = np.pad(self._linear(f"{head}.outer", inner), ((0, 0), (0, 1)))
        streams = np.arange(len(scores))[:, None]
        np.add.at(scores, (streams, columns[:, :candidates]), self._linear(f"{head}.copy", inner))
        return scores[:, :-1]


def _sigmoid(read: Floats) -> Floats:
    return np.asarray(0.5 * (np.tanh(0.5 * read) + 1.0), dtype=np.float32)
