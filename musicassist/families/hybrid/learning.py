"""The hybrid of a net and the piece's own n-grams: its gate is learned, the net stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from musicassist.composing.note_history import MIXED_FIELDS
from musicassist.families.gate_learning import GateTrainee, Mixture, mixed, own_expert, read_melodies
from musicassist.families.hybrid.predictor import MIXED_GATE_FIELDS, NET, mixed_config_of
from musicassist.learning.batches import bits_of
from musicassist.learning.pack import Corpus, Pack
from musicassist.learning.recipe import GATE_SCHEDULE, Learning, Nets, Recipe, Settings
from musicassist.models.heads import Gate
from musicassist.models.steps import GateConfig

_VELOCITY = len(MIXED_FIELDS)


def mixed_config(net: str) -> GateConfig:
    """The shape of a gate between an installed net, by its name, and the piece's own n-grams."""
    return GateConfig(MIXED_GATE_FIELDS, {NET: net})


@dataclass(frozen=True)
class MixedSettings(Settings):
    """How a hybrid learns: a gate between an installed net and the piece's own n-grams.

    Attributes:
        config: Shape of the gate, and which net it mixes.
    """

    config: GateConfig

    def trainee(self, corpus: Corpus, seed: int, parts: Nets) -> GateTrainee:
        """A gate that trusts the net alone."""
        gate = Gate(self.config)
        return GateTrainee(gate, MixedReader(gate, parts[NET]), corpus.sides["valid"], seed)

    def figures(self, model: nn.Module, pack: Pack, parts: Nets) -> dict[str, float]:
        """Bits per note with nothing known, and with key and style known."""
        assert isinstance(model, Gate)
        return bits_of(MixedReader(model, parts[NET]), pack)


class MixedReader(nn.Module):
    """A hybrid that is called as its net is."""

    def __init__(self, gate: Gate, net: nn.Module) -> None:
        super().__init__()
        self.gate = gate
        self.net = net

    def mixtures(
        self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, head_numbers: Tensor
    ) -> list[list[Mixture]]:
        """For each melody one mixture a field; the net comes first."""
        return self._with_net(state, columns, numbers, self.net(state, columns, numbers, head_numbers))

    def forward(self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, head_numbers: Tensor) -> list[Tensor]:
        """Logits (B, T, V) of each field; see ``RecurrentModel.forward``."""
        logits = self.net(state, columns, numbers, head_numbers)
        return [*mixed(self.gate, self._with_net(state, columns, numbers, logits)), logits[_VELOCITY]]

    def _with_net(
        self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, logits: Sequence[Tensor]
    ) -> list[list[Mixture]]:
        net = [own.float().log_softmax(-1) for own in logits[:_VELOCITY]]
        return [
            [
                Mixture(torch.cat([net[field][melody][:, None], own.logs], 1), own.places)
                for field, own in enumerate(fields)
            ]
            for melody, fields in enumerate(read_melodies(state, columns, numbers, own_expert))
        ]


LEARNING = Learning(
    net=lambda page: Gate(mixed_config_of(page)),
    recipes=(Recipe("lstm-seed", "hybrid+net", MixedSettings(mixed_config("lstm")), GATE_SCHEDULE),),
    whole=lambda model, parts: MixedReader(model, parts[NET]),
)
