"""The latent model of melodies: windows of two bars, read by a net that knows only numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from musicassist.families.latent.vae import VaeConfig, VaeModel
from musicassist.tokens.vocabulary import METERS, MODES, STEPS_PER_BEAT, STYLES
from musicassist.tokens.windows import LENGTH_CLASSES, PITCH_CLASSES, PLACE_CLASSES, WINDOW_STEPS, Ints

WINDOW_CLASSES = (PLACE_CLASSES, PITCH_CLASSES, LENGTH_CLASSES)
WINDOW_CONDITION = (len(METERS), len(MODES), len(STYLES))


def latent_config(*, latent: int = 128, part: int = 96, hidden: int = 192, head_hidden: int = 256) -> VaeConfig:
    """A VAE of windows, of which each beat is a part."""
    parts = WINDOW_STEPS // STEPS_PER_BEAT
    return VaeConfig(WINDOW_CLASSES, WINDOW_CONDITION, parts, latent, part, hidden, head_hidden)


def is_latent_config(config: VaeConfig) -> bool:
    """Whether a net reads and writes windows, whatever its size."""
    return config.classes == WINDOW_CLASSES and config.condition == WINDOW_CONDITION


@torch.inference_mode()
def mean_points(model: VaeModel, windows: Sequence[Ints], conditions: Sequence[Sequence[int]]) -> Tensor:
    """Where each window stands in the latent space: the mean of its posterior, (W, Z).

    Args:
        model: The net.
        windows: The fields of each window's notes, (n, 3).
        conditions: Meter, mode and style of each.
    """
    events = torch.zeros(len(windows), max(1, *map(len, windows)), 3, dtype=torch.long)
    for row, fields in enumerate(windows):
        events[row, : len(fields)] = torch.from_numpy(np.ascontiguousarray(fields))
    count = torch.tensor([len(fields) for fields in windows])
    return model.encode(events, count, torch.tensor(conditions))[0]


def slerp(start: Tensor, stop: Tensor, share: float) -> Tensor:
    """The point a share of the way along the arc from one point to another, (..., Z) each.

    Source: Shoemake 1985, "Animating Rotation with Quaternion Curves"; White 2016, "Sampling Generative Networks", for
    latent spaces. The lengths are those of the two points, mixed.
    """
    cosine = torch.nn.functional.cosine_similarity(start, stop, dim=-1).clamp(-1, 1).unsqueeze(-1)
    angle = torch.acos(cosine)
    sine = torch.sin(angle)
    straight = (1 - share) * start + share * stop
    arc = (torch.sin((1 - share) * angle) * start + torch.sin(share * angle) * stop) / sine.clamp(min=1e-6)
    return torch.where(sine > 1e-3, arc, straight)
