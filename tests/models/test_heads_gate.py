"""A gate: one expert alone at first, then what it learned; what one rules out stays ruled out."""

from __future__ import annotations

import math

import pytest
import torch

from musicassist.models.checkpoints import weights_of
from musicassist.models.heads import Gate
from musicassist.models.steps import GateConfig, GateField, GateStep

CONFIG = GateConfig((GateField("pitch", 2, 3),), {"net": "lstm"})
SURE, EVEN = torch.tensor([0.5, 0.25, 0.25]).log(), torch.full((3,), 1 / 3).log()


def mixed(gate: Gate, first: torch.Tensor, second: torch.Tensor, place: int = 0) -> list[float]:
    logs = torch.stack([first, second])[None]
    logits = gate("pitch", logs, torch.tensor([place])).detach()
    composing = GateStep(gate.config, weights_of(gate))("pitch", logs.numpy(), [place])
    assert composing[0].tolist() == pytest.approx(logits[0].tolist())
    return torch.softmax(logits[0], -1).tolist()


def test_it_begins_with_the_first_expert_alone() -> None:
    assert mixed(Gate(CONFIG), SURE, EVEN) == pytest.approx([0.5, 0.25, 0.25])


def test_each_kind_of_place_has_its_own_powers() -> None:
    gate = Gate(CONFIG)
    with torch.no_grad():
        gate.weights["pitch"][1] = torch.tensor([2.0, 1.0])
    assert mixed(gate, SURE, EVEN, 0) == pytest.approx([0.5, 0.25, 0.25])
    assert mixed(gate, SURE, EVEN, 1) == pytest.approx([4 / 6, 1 / 6, 1 / 6])  # squares of 2 : 1 : 1


def test_what_one_expert_rules_out_stays_ruled_out_whatever_its_power() -> None:
    gate = Gate(CONFIG)
    with torch.no_grad():
        gate.weights["pitch"][:] = torch.tensor([-0.5, 0.0])
    assert mixed(gate, torch.tensor([-math.inf, 0.0, -math.inf]), EVEN) == pytest.approx([0, 1, 0])
