"""A Markov model as training stores it: tables of counts as buffers of a net, and a gate that is learned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from musicassist.families.markov.decoding import CLASS_BITS, FieldConfig, MarkovConfig, MarkovModel
from musicassist.models.checkpoints import weights_of
from musicassist.models.heads import Gate
from musicassist.models.steps import GateConfig

Ints = NDArray[np.int64]
_ALWAYS_KEPT = 2  # contexts of up to this length are kept however seldom they occur


class _Table(nn.Module):
    """The buffers of one field; see ``chain.CountTable``."""

    def __init__(self, config: FieldConfig) -> None:
        super().__init__()
        self.register_buffer("contexts", torch.zeros(config.contexts, dtype=torch.int64))
        self.register_buffer("kinds", torch.zeros(config.contexts, dtype=torch.uint8))
        self.register_buffer("values", torch.zeros(config.entries, dtype=torch.uint8))
        self.register_buffer("counts", torch.zeros(config.entries, dtype=torch.int32))


class MarkovNet(nn.Module):
    """One table a field, and a gate.

    Attributes:
        chain: The tables as they are looked up in. Its gate is the one that was loaded; while a gate is learned, ask
            ``gate``.
    """

    chain: MarkovModel

    def __init__(self, config: MarkovConfig) -> None:
        super().__init__()
        self.config = config
        self.tables = nn.ModuleDict({field.name: _Table(field) for field in config.fields})
        self.gate = Gate(config.gate)

    @staticmethod
    def of(
        events: Mapping[str, tuple[Ints, Ints]],
        classes: Mapping[str, int],
        gate: GateConfig,
        *,
        longest: int,
        fewest: int,
    ) -> MarkovNet:
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
        model = MarkovNet(MarkovConfig(fields, longest, gate))
        tables = {f"tables.{name}.{part}": tensor for name, parts in counted.items() for part, tensor in parts.items()}
        model.load_state_dict(tables, strict=False)
        return model

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:  # noqa: FBT001, FBT002
        """As torch's; the tables are then checked and ready.

        Raises:
            ValueError: They hold numbers that were not counted.
        """
        told = super().load_state_dict(state_dict, strict, assign)
        self.chain = MarkovModel(self.config, weights_of(self))
        return told

    @property
    def parameter_count(self) -> int:
        """How many numbers were counted and learned."""
        counted = sum(field.entries for field in self.config.fields)
        return counted + sum(parameter.numel() for parameter in self.gate.parameters())


def _counted(contexts: Ints, values: Ints, longest: int, fewest: int) -> dict[str, torch.Tensor]:
    """The buffers of a table."""
    pairs, keys = [], np.zeros(len(values), dtype=np.int64)
    for length in range(longest + 1):
        if length:
            keys = keys | (contexts[:, length - 1] + 2) << CLASS_BITS * (length - 1)
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
