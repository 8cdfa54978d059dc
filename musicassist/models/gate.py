"""A gate: several distributions of the same field become one, each raised to a power that was learned.

The powers depend on how long a context the piece so far knows again, so that its own n-grams count for more in repeats.
Sources: Hinton 2002, "Training products of experts by minimizing contrastive divergence"; Pearce 2005, "The
construction and evaluation of statistical models of melodic structure", chapter 7 (combining by a weighted geometric
mean; there the weights come from entropies, here they are learned).

Shapes: ``n`` notes, ``E`` experts, ``V`` classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

MOST_EXPERTS = 64  # LIMIT: of a field; and of kinds of places
_LEAST_LOG = -40.0  # what an expert thinks all but impossible may still be raised by the others


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
        if not all(1 <= size <= MOST_EXPERTS for size in sizes):
            raise ValueError("sizes out of range")

    def as_json(self) -> dict[str, object]:
        """Plain values, as the card holds them."""
        return asdict(self)

    @staticmethod
    def from_json(page: Mapping[str, Any]) -> GateConfig:
        """The inverse of :meth:`as_json`."""
        return GateConfig(tuple(GateField(**own) for own in page["fields"]), dict(page.get("parts", {})))


class Gate(nn.Module):
    """The weights of each field's experts, (places, E). They begin with the first expert alone."""

    def __init__(self, config: GateConfig) -> None:
        super().__init__()
        self.config = config
        self.weights = nn.ParameterDict({own.name: nn.Parameter(_first_alone(own)) for own in config.fields})

    def forward(self, name: str, logs: Tensor, places: Tensor) -> Tensor:
        """Logits (n, V) of a field from its experts' log-probabilities (n, E, V) and the kinds of places (n,).

        What any expert rules out, with a log-probability of minus infinity, stays ruled out.
        """
        weights = functional.embedding(places, self.weights[name])
        mixed = (weights[..., None] * logs.clamp(min=_LEAST_LOG)).sum(1)
        return mixed.masked_fill(logs.isneginf().any(1), float("-inf"))


def _first_alone(own: GateField) -> Tensor:
    return torch.tensor([[1.0, *[0.0] * (own.experts - 1)]] * own.places)
