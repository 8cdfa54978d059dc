"""A gate: several distributions of the same field become one, each raised to a power that was learned.

The powers depend on how long a context the piece so far knows again, so that its own n-grams count for more in repeats.
Sources: Hinton 2002, "Training products of experts by minimizing contrastive divergence"; Pearce 2005, "The
construction and evaluation of statistical models of melodic structure", chapter 7 (combining by a weighted geometric
mean; there the weights come from entropies, here they are learned).

Shapes: ``n`` notes, ``E`` experts, ``V`` classes.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.models.steps import MIN_LOG, GateConfig, GateField


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
        mixed = (weights[..., None] * logs.clamp(min=MIN_LOG)).sum(1)
        return mixed.masked_fill(logs.isneginf().any(1), float("-inf"))


def _first_alone(own: GateField) -> Tensor:
    return torch.tensor([[1.0, *[0.0] * (own.experts - 1)]] * own.places)
