"""An untrained VAE, small enough for tests."""

from __future__ import annotations

from pathlib import Path

import torch

from musicassist.families.latent.decoding import VaeStep
from musicassist.families.latent.net import VaeConfig, VaeModel
from musicassist.families.latent.scripts import latent_config
from musicassist.models.cards import ModelCard
from musicassist.models.checkpoints import save_checkpoint, weights_of
from musicassist.tokens.vocabulary import vocabulary_hash
from musicassist.values import plain_of

VERBS = ("vary", "interpolate", "generate")
TINY: VaeConfig = latent_config(latent=16, part=16, hidden=24, head_hidden=24)


def tiny_vae(seed: int = 1) -> VaeModel:
    """A VAE of windows with random weights."""
    torch.manual_seed(seed)
    return VaeModel(TINY).eval()


def vae_step(model: VaeModel | None = None) -> VaeStep:
    """One as composing reads it."""
    model = model or tiny_vae()
    return VaeStep(model.config, weights_of(model))


def install_tiny_vae(folder: Path, model: VaeModel | None = None, name: str = "tiny-vae") -> Path:
    """Writes one into a folder of checkpoints."""
    model = model or tiny_vae()
    path = folder / f"{name}.safetensors"
    card = ModelCard(name, "vae", VERBS, 0, 0, vocabulary_hash(), plain_of(model.config))
    save_checkpoint(model, card, path)
    return path
