"""How the recurrent nets are trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from musicassist.families.recurrent.learning import MelodySettings, melody_config
from musicassist.learning.recipe import Schedule
from musicassist.training.loop import Training, train
from short_trainings import CORPUS, RECIPE, run


def test_attention_may_begin_with_a_net_that_has_none(tmp_path: Path) -> None:
    trained, _ = run(tmp_path / "plain")
    attentive = melody_config("lstm", 16, head_hidden=16, attention_heads=2)
    recipe = replace(RECIPE, settings=MelodySettings(attentive, notes=16, batch_notes=128))
    still = replace(recipe, schedule=Schedule(steps=1, learning_rate=0.0, last_learning_rate=0.0, warmup_steps=0))
    training = Training(still, CORPUS, tmp_path / "attentive", 4, begin_with=trained, begin_mark="plain")
    model = train(training, lambda _line: None)
    assert all(torch.allclose(trained[name], model.state_dict()[name], atol=1e-6) for name in trained)
    assert {name.split(".")[0] for name in set(model.state_dict()) - set(trained)} == {"attention"}
