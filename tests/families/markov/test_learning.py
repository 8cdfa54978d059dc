"""A Markov model learns its gate."""

from __future__ import annotations

from pathlib import Path

import torch

from counting_training import CORPUS, bits, trained
from musicassist.families.markov.learning import MarkovSettings, counted
from musicassist.families.markov.net import MarkovNet
from musicassist.learning.recipe import NO_PARTS
from musicassist.models.checkpoints import rounded_as_stored


def test_a_markov_model_learns_its_gate_and_keeps_its_counts(tmp_path: Path) -> None:
    settings = MarkovSettings(fewest=2)
    model, told = trained(settings, tmp_path)
    assert isinstance(model, MarkovNet)
    assert bits(told)[-1] < bits(told)[0]
    table = counted(CORPUS.sides["train"], fewest=2).tables["gap"]
    assert torch.equal(model.tables["gap"].counts, table.counts)
    figures = settings.figures(rounded_as_stored(model), CORPUS.sides["test"], NO_PARTS)
    assert 1.0 < figures["bits per note"] < 9.0
