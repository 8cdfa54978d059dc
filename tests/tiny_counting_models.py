"""Tiny models that count, alone and behind a net."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from corpora import pack_of, tune
from musicassist.composing.engine import Engine
from musicassist.families.hybrid.predictor import MIXED_GATE_FIELDS, NET
from musicassist.families.markov.learning import counted
from musicassist.families.markov.net import MarkovNet
from musicassist.families.registry import FAMILIES
from musicassist.models.cards import ModelCard
from musicassist.models.checkpoints import save_checkpoint
from musicassist.models.heads import Gate
from musicassist.models.steps import GateConfig
from musicassist.tokens.vocabulary import vocabulary_hash
from musicassist.values import plain_of
from tiny_models import install_tiny_model, tiny_model

TRAIN = pack_of([tune(number) for number in range(6)])


def markov() -> MarkovNet:
    """Counted on some tunes; its gate trusts table and seed alike."""
    model = counted(TRAIN, fewest=2)
    with torch.no_grad():
        for weights in model.gate.weights.values():
            weights[:, :3] = 0.4
    return model.eval()


def gate() -> Gate:
    made = Gate(GateConfig(MIXED_GATE_FIELDS, {NET: "tiny"}))
    with torch.no_grad():
        for weights in made.weights.values():
            weights[:, 1:] = 0.3
    return made


MARKOV, GATE, NET_MODEL = markov(), gate(), tiny_model()


def install(folder: Path, model: MarkovNet | Gate, name: str, family: str) -> None:
    verbs = ("continue", "generate")
    card = ModelCard(name, family, verbs, 0, 0, vocabulary_hash(), plain_of(model.config))
    save_checkpoint(model, card, folder / f"{name}.safetensors")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("checkpoints")
    install_tiny_model(folder)
    install(folder, MARKOV, "counts", "markov")
    install(folder, GATE, "mixed", "hybrid")
    return Engine(folder, FAMILIES)
