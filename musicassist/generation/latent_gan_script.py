"""The latent GAN composes: each window's point is drawn after the one before it, and the VAE writes them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from musicassist.generation.latent_model import WINDOW_CONDITION
from musicassist.generation.latent_predictor import LatentScript
from musicassist.generation.latent_scripts import latent_script, points_of, references_of, windows_of_task
from musicassist.generation.melody_task import MelodyTask
from musicassist.generation.request import GenerationRequest
from musicassist.models.latent_gan import LatentGan, LatentGanConfig
from musicassist.models.vae import VaeModel
from musicassist.tokens.windows import Span


def latent_gan_config(*, latent: int = 128, width: int = 384) -> LatentGanConfig:
    """A GAN in the space of the VAE of windows."""
    return LatentGanConfig(latent, WINDOW_CONDITION, width=width)


def next_windows_script(gan: LatentGan, vae: VaeModel, task: MelodyTask, request: GenerationRequest) -> LatentScript:
    """What the windows of a task are to become, each after the one before it; the first after the seed's last."""
    script = latent_script(vae, task, request)
    conditions = torch.tensor(script.conditions)
    before = _before(vae, task)

    @torch.inference_mode()
    def draw(randoms: Sequence[np.random.Generator]) -> Tensor:
        shape = (len(script.spans), gan.config.latent)
        noise = np.array([random.standard_normal(shape) for random in randoms], dtype=np.float32)
        streams = torch.from_numpy(noise.reshape(len(randoms), *shape))
        previous, points = before.expand(len(randoms), -1), []
        for window in range(len(script.spans)):
            previous = gan(streams[:, window], previous, conditions[window].expand(len(randoms), -1))
            points.append(previous)
        return torch.stack(points, 1)

    return replace(script, draw=draw)


def _before(vae: VaeModel, task: MelodyTask) -> Tensor:
    """The point (1, Z) of the two bars before the first window; zeros where nothing stands there."""
    (first, *_), place, ((_, mode, style), *_) = windows_of_task(task)
    length = first.to_step - first.from_step
    span = Span(first.from_step - length, first.from_step, first.meter)
    seed = task.passage.seed
    inside = (seed.onset_step >= span.from_step) & (seed.onset_step < span.to_step)
    if task.passage.is_opening or not inside.any():
        return torch.zeros(1, vae.config.latent)
    return points_of(vae, seed, (span,), references_of(seed, (span,), place.tonic), ((span.meter, mode, style),))
