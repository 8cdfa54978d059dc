"""A net and counts together."""

from __future__ import annotations

import pytest

from musicassist.composing.engine import Engine
from musicassist.errors import CheckpointError
from musicassist.families.hybrid.predictor import MIXED_GATE_FIELDS, NET
from musicassist.models.heads import Gate
from musicassist.models.steps import GateConfig
from tiny_counting_models import install


@pytest.mark.parametrize("part", ["mixed", "counts", "nothing"])
def test_a_hybrid_without_its_net_is_refused(engine: Engine, part: str) -> None:
    install(engine.folder, Gate(GateConfig(MIXED_GATE_FIELDS, {NET: part})), "broken", "hybrid")
    with pytest.raises(CheckpointError):
        engine.load("broken")


def test_a_gate_of_another_kind_is_refused(engine: Engine) -> None:
    install(engine.folder, Gate(GateConfig(MIXED_GATE_FIELDS[:2], {NET: "tiny"})), "other", "hybrid")
    with pytest.raises(CheckpointError, match="does not fit"):
        engine.load("other")
