"""Points of windows in a latent space, each after the point of the window before it, cut from the packed lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from musicassist.models.vae import VaeModel
from musicassist.tokens.windows import WINDOW_BARS
from musicassist.training.pack import Pack
from musicassist.training.vae_trainee import batch_of
from musicassist.training.windows import Run, Windows, bar_steps, runs_of, windows_at

FEWEST_NOTES = 2  # LIMIT: a window with fewer teaches nothing
_BATCH = 512


@dataclass(frozen=True)
class WindowPairs:
    """Windows, each after the one before it in the same register: both have one reference tonic.

    Attributes:
        previous, window: ``N`` each, with equal conditions.
    """

    previous: Windows
    window: Windows

    def __len__(self) -> int:
        return len(self.window)

    def rows(self, chosen: np.ndarray) -> WindowPairs:
        """Some of the pairs."""
        return WindowPairs(self.previous.rows(chosen), self.window.rows(chosen))


def window_pairs(pack: Pack, most: int, *, seed: int) -> WindowPairs:
    """At most so many pairs of the melodies of one side, drawn at random."""
    parts = [_run_pairs(run) for line in np.flatnonzero(pack.is_melody) for run in runs_of(pack.line(int(line)))]
    sides = [Windows(*(np.concatenate(own) for own in zip(*side, strict=True))) for side in zip(*parts, strict=True)]
    chosen = np.random.default_rng(seed).permutation(len(sides[0]))[:most]
    return WindowPairs(sides[0].rows(chosen), sides[1].rows(chosen))


def _run_pairs(run: Run) -> list[tuple[np.ndarray, ...]]:
    """Fields, count and condition of the windows before, and of the windows."""
    onset = np.cumsum(run.notes[:, 0])
    starts = np.unique(onset - run.notes[:, 1])
    before, own = (
        windows_at(run.notes, run.meter, own) for own in (starts - WINDOW_BARS * bar_steps(run.meter), starts)
    )
    kept = before[3] & own[3] & (before[2] == own[2]) & (own[1] >= FEWEST_NOTES)
    condition = np.array([[run.meter, *run.condition]], dtype=np.uint8).repeat(int(kept.sum()), 0)
    return [(side[0][kept].astype(np.uint8), side[1][kept], condition) for side in (before, own)]


@torch.no_grad()
def points_of_windows(model: VaeModel, windows: Windows) -> Tensor:
    """The mean of each window's posterior, (N, Z)."""
    device = next(model.parameters()).device
    order = np.argsort(windows.count, kind="stable")  # those of like length stand together
    points = torch.zeros(len(windows), model.config.latent)
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        batch = batch_of(windows.rows(rows)).to(device)
        points[torch.from_numpy(rows)] = model.encode(batch.events, batch.count, batch.condition)[0].cpu()
    return points
