"""A GAN in the latent space of another model: the next point from noise, after the point before it.

The generator begins as the noise itself, which is what that model's prior draws, and learns to move it; so what it
makes can be decoded from the first step on. The critic scores a point by itself and by how it goes with what it stands
after.

Source: Engel et al. 2018, "Latent Constraints" (a GAN of latent points); Miyato and Koyama 2018, "cGANs with Projection
Discriminator" (the critic's two terms).

Shapes: ``B`` points, ``Z`` size of the latent space, ``K`` conditions.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.families.latent.steps import SLOPE, LatentGanConfig


class _Known(nn.Module):
    """What a point stands after, as one vector: the point before it, whether there is one, and the conditions."""

    def __init__(self, config: LatentGanConfig) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(size, config.embedding) for size in config.conditions)
        self.width = config.latent + 1 + config.embedding * len(config.conditions)

    def forward(self, previous: Tensor, conditions: Tensor) -> Tensor:
        """(B, width) from points (B, Z), zeros for none, and classes (B, K)."""
        exists = (previous != 0).any(-1, keepdim=True).float()
        told = [table(conditions[:, place]) for place, table in enumerate(self.tables)]
        return torch.cat([previous, exists, *told], -1)


class _Trunk(nn.Module):
    """Residual layers of one width."""

    def __init__(self, read: int, config: LatentGanConfig) -> None:
        super().__init__()
        self.first = nn.Linear(read, config.width)
        self.blocks = nn.ModuleList(nn.Linear(config.width, config.width) for _ in range(config.blocks))

    def forward(self, read: Tensor) -> Tensor:
        """(B, read) to (B, width)."""
        hidden = self.first(read)
        for block in self.blocks:
            hidden = hidden + block(functional.leaky_relu(hidden, SLOPE))
        return functional.leaky_relu(hidden, SLOPE)


class LatentGenerator(nn.Module):
    """Noise to the next point."""

    def __init__(self, config: LatentGanConfig) -> None:
        super().__init__()
        self.known = _Known(config)
        self.trunk = _Trunk(config.latent + self.known.width, config)
        self.move = nn.Linear(config.width, config.latent)
        nn.init.zeros_(self.move.weight)
        nn.init.zeros_(self.move.bias)

    def forward(self, noise: Tensor, previous: Tensor, conditions: Tensor) -> Tensor:
        """Points (B, Z) from noise (B, Z), the points before (B, Z; zeros for none) and classes (B, K)."""
        moved: Tensor = noise + self.move(self.trunk(torch.cat([noise, self.known(previous, conditions)], -1)))
        return moved


class LatentCritic(nn.Module):
    """A score for each point after the one before it: the higher, the more it looks real."""

    def __init__(self, config: LatentGanConfig) -> None:
        super().__init__()
        self.known = _Known(config)
        self.trunk = _Trunk(config.latent + 1, config)
        self.score = nn.Linear(config.width, 1)
        self.projection = _Trunk(self.known.width, config)

    def forward(self, point: Tensor, previous: Tensor, conditions: Tensor) -> Tensor:
        """Scores (B,) of points (B, Z) after points (B, Z) under classes (B, K)."""
        # how far the batch's points differ: a generator of one point gives itself away (Karras et al. 2018)
        spread = torch.sqrt(point.var(0, unbiased=False) + 1e-6).mean().expand(len(point), 1)
        hidden = self.trunk(torch.cat([point, spread], -1))
        fit = (hidden * self.projection(self.known(previous, conditions))).sum(-1) / hidden.shape[-1] ** 0.5
        scores: Tensor = self.score(hidden).squeeze(-1) + fit
        return scores


class LatentGan(nn.Module):
    """Generator and critic. Composing uses the generator; with the critic training can go on from a checkpoint."""

    def __init__(self, config: LatentGanConfig) -> None:
        super().__init__()
        self.config = config
        self.generator = LatentGenerator(config)
        self.critic = LatentCritic(config)

    @property
    def parameter_count(self) -> int:
        """Numbers that were learned."""
        return sum(parameter.numel() for parameter in self.parameters())

    def forward(self, noise: Tensor, previous: Tensor, conditions: Tensor) -> Tensor:
        """See :meth:`LatentGenerator.forward`."""
        points: Tensor = self.generator(noise, previous, conditions)
        return points
