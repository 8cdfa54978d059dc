"""Markov models of variable order over classes: counted once and stored, or learned from the piece so far.

Source: Witten and Bell 1991, "The zero-frequency problem" (escape method C, interpolated).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from musicassist.models.gate import Gate, GateConfig

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_CLASS_BITS = 7
LONGEST_CONTEXT = 63 // _CLASS_BITS  # LIMIT: a context is packed into one number
MOST_CLASSES = 2**_CLASS_BITS - 2  # LIMIT: the rest says "nothing before" and "no more"
MOST_REMEMBERED = 20_000  # LIMIT: distributions that a table keeps; 16 MB
_ALWAYS_KEPT = 2  # contexts of up to this length are kept however seldom they occur


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
        if not 0 <= self.longest <= LONGEST_CONTEXT or not all(1 <= size <= MOST_CLASSES for size in sizes):
            raise ValueError("contexts or classes of another size")

    def as_json(self) -> dict[str, object]:
        """Plain values, as the card holds them."""
        return asdict(self)

    @staticmethod
    def from_json(page: Mapping[str, Any]) -> MarkovConfig:
        """The inverse of :meth:`as_json`."""
        fields = tuple(FieldConfig(**field) for field in page["fields"])
        return MarkovConfig(fields, int(page["longest"]), GateConfig.from_json(page["gate"]))


class CountTable(nn.Module):
    """What followed each context, and how often; rows of contexts are sorted.

    Buffers: contexts (C,) packed, kinds (C,) how many values followed each; values and counts (E,), context by context.
    """

    def __init__(self, config: FieldConfig, longest: int) -> None:
        super().__init__()
        self.config = config
        self.longest = longest
        self.register_buffer("contexts", torch.zeros(config.contexts, dtype=torch.int64))
        self.register_buffer("kinds", torch.zeros(config.contexts, dtype=torch.uint8))
        self.register_buffer("values", torch.zeros(config.entries, dtype=torch.uint8))
        self.register_buffer("counts", torch.zeros(config.entries, dtype=torch.int32))

    def lay_out(self) -> None:
        """Makes the table ready to be looked up in.

        Raises:
            ValueError: Its numbers are none that were counted.
        """
        parts = [buffer.cpu().numpy() for buffer in (self.contexts, self.kinds, self.values, self.counts)]
        rows, kinds, self._values, self._counts = parts
        self._ends = np.cumsum(kinds, dtype=np.int64)
        entries = int(self._ends[-1]) if len(self._ends) else 0
        is_whole = all(np.issubdtype(part.dtype, np.integer) for part in parts) and entries == self.config.entries
        if not is_whole or (rows[1:] <= rows[:-1]).any():
            raise ValueError("a table of another kind")
        if (self._values >= self.config.classes).any() or (self._counts < 1).any() or (kinds < 1).any():
            raise ValueError("counts of nothing")
        self._starts = self._ends - kinds
        self._row_of = {key: row for row, key in enumerate(rows.tolist())}
        self._remembered: dict[int, Floats] = {}
        self._even = np.full(self.config.classes, 1.0 / self.config.classes)

    def distribution(self, context: Sequence[int]) -> Floats:
        """(classes,) probabilities of what follows a context, nearest class first; every class has some. Read-only."""
        shares = self._even
        for key in _packed_prefixes(context[: self.longest]):
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
            if len(self._remembered) < MOST_REMEMBERED:
                self._remembered[row] = shares
        return shares


class MarkovModel(nn.Module):
    """One table a field, and a gate; a stored model."""

    def __init__(self, config: MarkovConfig) -> None:
        super().__init__()
        self.config = config
        self.tables = nn.ModuleDict({field.name: CountTable(field, config.longest) for field in config.fields})
        self.gate = Gate(config.gate)

    @staticmethod
    def of(
        events: Mapping[str, tuple[Ints, Ints]],
        classes: Mapping[str, int],
        gate: GateConfig,
        *,
        longest: int,
        fewest: int,
    ) -> MarkovModel:
        """Counts events.

        Args:
            events: For each field the contexts of its events (n, longest), nearest class first, -1 for "nothing
                before", and the values that followed, (n,).
            classes: How many values each field has.
            gate: Shape of its gate, which is left to be learned.
            longest: Length of the longest context.
            fewest: How often a context of three classes or more must have occurred to be kept.
        """
        counted = {name: _counted(*event, longest, fewest) for name, event in events.items()}
        fields = tuple(
            FieldConfig(name, classes[name], len(parts["contexts"]), len(parts["values"]))
            for name, parts in counted.items()
        )
        model = MarkovModel(MarkovConfig(fields, longest, gate))
        tables = {f"tables.{name}.{part}": tensor for name, parts in counted.items() for part, tensor in parts.items()}
        model.load_state_dict(tables, strict=False)
        return model

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:  # noqa: FBT001, FBT002
        """As torch's; the tables are then checked and ready.

        Raises:
            ValueError: They hold numbers that were not counted.
        """
        told = super().load_state_dict(state_dict, strict, assign)
        for table in self.tables.values():
            table.lay_out()  # type: ignore[operator]
        return told

    @property
    def parameter_count(self) -> int:
        """How many numbers were counted and learned."""
        counted = sum(field.entries for field in self.config.fields)
        return counted + sum(parameter.numel() for parameter in self.gate.parameters())

    def distribution(self, field: str, context: Sequence[int]) -> Floats:
        """(classes,) probabilities of a field's next value after a context, nearest class first."""
        return self.tables[field].distribution(context)  # type: ignore[operator, no-any-return]


def _packed_prefixes(context: Sequence[int]) -> list[int]:
    """A context's first 0, 1, 2, ... classes, each as one number."""
    keys = [0]
    for place, value in enumerate(context):
        keys.append(keys[-1] | (value + 2) << _CLASS_BITS * place)
    return keys


def _counted(contexts: Ints, values: Ints, longest: int, fewest: int) -> dict[str, torch.Tensor]:
    """The buffers of a table."""
    pairs, keys = [], np.zeros(len(values), dtype=np.int64)
    for length in range(longest + 1):
        if length:
            keys = keys | (contexts[:, length - 1] + 2) << _CLASS_BITS * (length - 1)
        _, place, seen = np.unique(keys, return_inverse=True, return_counts=True)
        kept = seen[place] >= (fewest if length > _ALWAYS_KEPT else 1)
        pairs.append(np.stack([keys[kept], values[kept]], 1))
    entries, counts = np.unique(np.concatenate(pairs), axis=0, return_counts=True)
    rows, kinds = np.unique(entries[:, 0], return_counts=True)
    parts = {
        "contexts": rows,
        "kinds": kinds.astype(np.uint8),
        "values": entries[:, 1].astype(np.uint8),
        "counts": counts.astype(np.int32),
    }
    return {name: torch.from_numpy(part) for name, part in parts.items()}
