"""Gates learn how far to trust their experts, and tables are counted as they are asked."""

from __future__ import annotations

from pathlib import Path

import torch

from corpora import small_corpus
from musicassist.families.hybrid.learning import MixedSettings, mixed_config
from musicassist.families.hybrid.predictor import NET
from musicassist.families.markov.learning import MarkovSettings, counted
from musicassist.families.markov.net import MarkovNet
from musicassist.learning.recipe import NO_PARTS, Nets, Recipe, Schedule
from musicassist.models.checkpoints import rounded_as_stored
from musicassist.models.gate import Gate
from musicassist.training.loop import Progress, Training, train
from tiny_models import tiny_model

CORPUS = small_corpus()
SCHEDULE = Schedule(
    steps=60, learning_rate=0.05, last_learning_rate=0.01, warmup_steps=0, average=0.5, validate_every=10
)


def trained(
    settings: MarkovSettings | MixedSettings, folder: Path, *, parts: Nets = NO_PARTS, stop_after: int | None = None
) -> tuple[torch.nn.Module, list[Progress]]:
    told: list[Progress] = []
    recipe = Recipe("gated", "markov", settings, SCHEDULE)
    model = train(Training(recipe, CORPUS, folder, 2, parts=parts), told.append, stop_after_steps=stop_after)
    return model, told


def bits(told: list[Progress]) -> list[float]:
    return [line.valid["bits per note"] for line in told if line.valid is not None]


def test_a_markov_model_learns_its_gate_and_keeps_its_counts(tmp_path: Path) -> None:
    settings = MarkovSettings(fewest=2)
    model, told = trained(settings, tmp_path)
    assert isinstance(model, MarkovNet)
    assert bits(told)[-1] < bits(told)[0]
    table = counted(CORPUS.sides["train"], fewest=2).tables["gap"]
    assert torch.equal(model.tables["gap"].counts, table.counts)
    figures = settings.figures(rounded_as_stored(model), CORPUS.sides["test"], NO_PARTS)
    assert 1.0 < figures["bits per note"] < 9.0


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
    assert model.config.as_json()["parts"] == {NET: "tiny"}
    assert bits(told)[-1] < bits(told)[0]
    # the tiny net knows nothing, so the piece's own n-grams help a lot
    assert settings.figures(model, CORPUS.sides["test"], parts)["bits per note"] < alone["bits per note"] - 1
