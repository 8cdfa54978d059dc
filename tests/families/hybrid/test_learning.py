"""Gates learn how far to trust their experts, and tables are counted as they are asked."""

from __future__ import annotations

from pathlib import Path

import torch

from counting_training import CORPUS, bits, trained
from musicassist.families.hybrid.learning import MixedSettings, mixed_config
from musicassist.families.hybrid.predictor import NET
from musicassist.families.markov.learning import MarkovSettings
from musicassist.models.heads import Gate
from musicassist.values import plain_of
from tiny_models import tiny_model


def test_a_run_in_pieces_gives_the_same_gate_as_one_run(tmp_path: Path) -> None:
    whole, _ = trained(MarkovSettings(fewest=2), tmp_path / "whole")
    trained(MarkovSettings(fewest=2), tmp_path / "pieces", stop_after=25)
    pieces, _ = trained(MarkovSettings(fewest=2), tmp_path / "pieces")
    assert all(torch.equal(one, pieces.state_dict()[name]) for name, one in whole.state_dict().items())


def test_a_hybrid_is_better_than_its_net_alone(tmp_path: Path) -> None:
    settings, parts = MixedSettings(mixed_config("tiny")), {NET: tiny_model()}
    alone = settings.figures(Gate(settings.config), CORPUS.sides["test"], parts)
    model, told = trained(settings, tmp_path / "run", parts=parts)
    assert isinstance(model, Gate)
    assert plain_of(model.config)["parts"] == {NET: "tiny"}
    assert bits(told)[-1] < bits(told)[0]
    # the tiny net knows nothing, so the piece's own n-grams help a lot
    assert settings.figures(model, CORPUS.sides["test"], parts)["bits per note"] < alone["bits per note"] - 1
