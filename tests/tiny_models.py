"""Untrained models, small enough for tests, as the checkpoints that a user has installed."""

from __future__ import annotations

from pathlib import Path

import torch

from musicassist.families.gan.net import PianoRollGan
from musicassist.families.gan.predictor import roll_config
from musicassist.families.recurrent.decoding import RecurrentStep
from musicassist.families.recurrent.learning import melody_config
from musicassist.families.recurrent.net import RecurrentModel
from musicassist.families.transformer.decoding import TransformerStep
from musicassist.families.transformer.learning import melody_transformer
from musicassist.families.transformer.net import TransformerModel
from musicassist.models.cards import ModelCard
from musicassist.models.checkpoints import save_checkpoint, weights_of
from musicassist.tokens.vocabulary import vocabulary_hash
from musicassist.values import plain_of


def tiny_model(*, cell: str = "lstm", seed: int = 1, attention_heads: int = 0) -> RecurrentModel:
    """A melody model with random weights, ready to use; its attention, if any, does something already."""
    torch.manual_seed(seed)
    model = RecurrentModel(melody_config(cell, 32, head_hidden=32, attention_heads=attention_heads)).eval()
    if model.attention is not None:
        torch.nn.init.normal_(model.attention.outer.weight, std=0.2)
    return model


def step_of(model: RecurrentModel) -> RecurrentStep:
    """A net as composing reads it."""
    return RecurrentStep(model.config, weights_of(model))


VERBS = ("continue", "generate", "infill")


def card_of(model: RecurrentModel, name: str = "tiny", verbs: tuple[str, ...] = VERBS) -> ModelCard:
    """What such a model says about itself."""
    return ModelCard(name, model.config.cell, verbs, 0, 0, vocabulary_hash(), plain_of(model.config))


def tiny_roll_gan(*, seed: int = 1) -> PianoRollGan:
    """A classic GAN with random weights."""
    torch.manual_seed(seed)
    return PianoRollGan(roll_config(noise=8, embedding=4, slot_width=8, beat_width=12, whole=16)).eval()


def install_roll_gan(folder: Path, name: str = "gan") -> Path:
    """Writes such a GAN into a folder of checkpoints."""
    model, path = tiny_roll_gan(), folder / f"{name}.safetensors"
    verbs = ("continue", "generate")
    save_checkpoint(model, ModelCard(name, "gan", verbs, 0, 0, vocabulary_hash(), plain_of(model.config)), path)
    return path


def install_tiny_model(folder: Path, name: str = "tiny", *, cell: str = "lstm", verbs: tuple[str, ...] = VERBS) -> Path:
    """Writes a tiny model into a folder of checkpoints."""
    model = tiny_model(cell=cell)
    path = folder / f"{name}.safetensors"
    save_checkpoint(model, card_of(model, name, verbs), path)
    return path


def tiny_transformer(*, seed: int = 1) -> TransformerModel:
    """A Transformer of melodies with random weights, ready to use."""
    torch.manual_seed(seed)
    return TransformerModel(melody_transformer(16, layers=2, attention_heads=2, head_hidden=16)).eval()


def install_tiny_transformer(folder: Path, name: str = "tiny-transformer") -> Path:
    """Writes one into a folder of checkpoints."""
    model = tiny_transformer()
    card = ModelCard(name, "transformer", VERBS, 0, 0, vocabulary_hash(), plain_of(model.config))
    path = folder / f"{name}.safetensors"
    save_checkpoint(model, card, path)
    return path


def transformer_step(model: TransformerModel | None = None) -> TransformerStep:
    """One as composing reads it."""
    model = model or tiny_transformer()
    return TransformerStep(model.config, weights_of(model))
