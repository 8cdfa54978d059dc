"""A tiny VAE and what surrounds its windows."""

from __future__ import annotations

import pytest
import torch

from musicassist.families.latent.decoding import VaeStep
from musicassist.families.latent.net import VaeModel
from tiny_latent_models import tiny_vae, vae_step

CONDITIONS = torch.tensor([[1, 1, 0], [2, 2, 5]])


@pytest.fixture(scope="module")
def model() -> VaeModel:
    return tiny_vae()


@pytest.fixture(scope="module")
def net(model: VaeModel) -> VaeStep:
    return vae_step(model)
