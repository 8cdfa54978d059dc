"""Markov models of variable order over classes: counted once and stored, or learned from the piece so far.

Source: Witten and Bell 1991, "The zero-frequency problem" (escape method C, interpolated).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.models.steps import GateConfig, GateStep
from musicassist.models.weights import Weights

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CLASS_BITS = 7
MAX_CONTEXT = 63 // CLASS_BITS  # LIMIT: a context is packed into one number
MAX_CLASSES = 2**CLASS_BITS - 2  # LIMIT: the rest says "nothing before" and "no more"
MAX_REMEMBERED = 20_000  # LIMIT: distributions that a table keeps; 16 MB


@dataclass(frozen=True)
class FieldConfig:
    """The table of one field.

    Attributes:
        name: Of the field.
        classes: How many values it has.
        contexts: How many contexts its table holds.
        entries: How many values after contexts.
    """

    name: str
    classes: int
    contexts: int
    entries: int


@dataclass(frozen=True)
class MarkovConfig:
    """Shape of a stored model.

    Attributes:
        fields: Its tables.
        longest: Length of the longest context.
        gate: How they are mixed with what the piece so far says.
    """

    fields: tuple[FieldConfig, ...]
    longest: int
    gate: GateConfig

    def __post_init__(self) -> None:
        sizes = [field.classes for field in self.fields]
        if not 0 <= self.longest <= MAX_CONTEXT or not all(1 <= size <= MAX_CLASSES for size in sizes):
            raise ValueError("contexts or classes of another size")


class CountTable:
    """What followed each context, and how often.

    Args:
        config: Of the field.
        longest: Length of the longest context.
        weights: Of the checkpoint: contexts (C,) packed and sorted, kinds (C,) how many values followed each; values
            and counts (E,), context by context.

    Raises:
        ValueError: They hold numbers that were not counted.
    """

    def __init__(self, config: FieldConfig, longest: int, weights: Weights) -> None:
        rows, kinds = (weights.whole(f"tables.{config.name}.{part}", config.contexts) for part in ("contexts", "kinds"))
        self._values, self._counts = (
            weights.whole(f"tables.{config.name}.{part}", config.entries) for part in ("values", "counts")
        )
        self._longest = longest
        self._ends = np.cumsum(kinds, dtype=np.int64)
        entries = int(self._ends[-1]) if len(self._ends) else 0
        if entries != config.entries or (rows[1:] <= rows[:-1]).any():
            raise ValueError("a table of another kind")
        if (self._values >= config.classes).any() or (self._counts < 1).any() or (kinds < 1).any():
            raise ValueError("counts of nothing")
        self._starts = self._ends - kinds
        self._row_of = {key: row for row, key in enumerate(rows.tolist())}
        self._remembered: dict[int, Floats] = {}
        self._even = np.full(config.classes, 1.0 / config.classes)

    def distribution(self, context: Sequence[int]) -> Floats:
        """(classes,) probabilities of what follows a context, nearest class first; every class has some. Read-only."""
        shares = self._even
        for key in _packed_prefixes(context[: self._longest]):
            row = self._row_of.get(key)
            if row is None:
                break
            shares = self._shares(row, shares)
        return shares

    def _shares(self, row: int, below: Floats) -> Floats:
        """The shares after the context of a row; ``below`` are those after the context without its farthest class."""
        shares = self._remembered.get(row)
        if shares is None:
            part = slice(self._starts[row], self._ends[row])
            kinds, seen = self._ends[row] - self._starts[row], self._counts[part].sum()
            shares = below * (kinds / (seen + kinds))
            shares[self._values[part]] += self._counts[part] / (seen + kinds)
            shares.flags.writeable = False
            if len(self._remembered) < MAX_REMEMBERED:
                self._remembered[row] = shares
        return shares


class MarkovModel:
    """One table a field, and a gate; a stored model as composing reads it."""

    def __init__(self, config: MarkovConfig, weights: Weights) -> None:
        self.config = config
        self._tables = {field.name: CountTable(field, config.longest, weights) for field in config.fields}
        self.gate = GateStep(config.gate, weights, "gate.")
        weights.check_all_read()

    def distribution(self, field: str, context: Sequence[int]) -> Floats:
        """(classes,) probabilities of a field's next value after a context, nearest class first."""
        return self._tables[field].distribution(context)


def _packed_prefixes(context: Sequence[int]) -> list[int]:
    """A context's first 0, 1, 2, ... classes, each as one number."""
    keys = [0]
    for place, value in enumerate(context):
        keys.append(keys[-1] | (value + 2) << CLASS_BITS * place)
    return keys
