"""The generator on NumPy makes what the trained one makes."""

from __future__ import annotations

import numpy as np
import torch

from musicassist.families.gan.decoding import RollGeneratorStep
from musicassist.families.gan.net import roll_of_symbols
from musicassist.models.checkpoints import weights_of
from tiny_models import tiny_roll_gan


@torch.no_grad()
def test_it_gives_the_logits_of_training() -> None:
    gan, random = tiny_roll_gan(), np.random.default_rng(1)
    config = gan.config
    noise = random.standard_normal((3, config.noise), dtype=np.float32)
    symbols = random.integers(0, config.rows + 2, (3, config.slots))
    conditions = np.array([[random.integers(size) for size in config.conditions] for _ in range(3)])
    before = roll_of_symbols(torch.from_numpy(symbols), config.rows)
    expected = gan(torch.from_numpy(noise), before, torch.from_numpy(conditions))
    made = RollGeneratorStep(config, weights_of(gan))(noise, symbols, conditions)
    np.testing.assert_allclose(made, expected.numpy(), atol=1e-4)
