"""How the latent GAN learns: pairs of points from the packed lines, its losses, and how real what it makes looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from musicassist.errors import TrainingDataError
from musicassist.families.latent.decoding import LatentGanConfig, VaeStep
from musicassist.families.latent.net import LatentCritic, LatentGan, VaeModel
from musicassist.families.latent.predictor import write_windows
from musicassist.families.latent.scripts import gan_config_of, latent_gan_config
from musicassist.families.latent.vae_learning import batch_of
from musicassist.learning.pack import Corpus, Pack
from musicassist.learning.recipe import ADVERSARIAL_SCHEDULE, Learning, Nets, Recipe, Settings, Trainee, TrainingBatch
from musicassist.learning.windows import BAR_STEPS, Run, Windows, bar_steps, runs_of, windows_at
from musicassist.models.checkpoints import weights_of
from musicassist.models.weights import Floats, Ints
from musicassist.tokens.windows import END, LOWEST_PITCH, MAX_NOTES, WINDOW_BARS, WindowNotes, unlikeness

MIN_NOTES = 2  # LIMIT: a window with fewer teaches nothing
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
    kept = before[3] & own[3] & (before[2] == own[2]) & (own[1] >= MIN_NOTES)
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


@dataclass(frozen=True)
class PointBatch(TrainingBatch):
    """Pairs of points side by side.

    Attributes:
        previous, point: (B, Z); zeros where nothing stands before. condition: (B, K) classes.
    """

    previous: Tensor
    point: Tensor
    condition: Tensor


@dataclass(frozen=True)
class LatentGanSettings(Settings):
    """How the latent GAN learns.

    Attributes:
        config: Size of the nets, and the name of the VAE.
        batch: Pairs in a batch.
        critic_steps: Steps of the critic for each of the generator.
        penalty: Weight of the critic's slopes.
        first_share: Chance that a point is learned without the one before it, as something new.
        hidden_share: Chance, for mode and style each, that it is hidden.
        most_pairs: Pairs that are read.
        validated: Real windows that as many made ones are compared with.
    """

    needs_parts_beside = True
    config: LatentGanConfig
    batch: int = 128
    critic_steps: int = 3
    penalty: float = 10.0
    first_share: float = 0.15
    hidden_share: float = 0.15
    most_pairs: int = 60_000
    validated: int = 1024

    def trainee(self, corpus: Corpus, seed: int, parts: Nets) -> LatentGanTrainee:
        """Nets with random weights, drawn from torch's random state, and their points.

        Raises:
            TrainingDataError: The VAE's space is of another size.
        """
        vae = parts["vae"]
        if not isinstance(vae, VaeModel) or vae.config.latent != self.config.latent:
            raise TrainingDataError(
                "The model {name} has no latent space of {size}.",
                name=self.config.parts["vae"],
                size=self.config.latent,
            )
        return LatentGanTrainee(self, vae, corpus, seed)

    def figures(self, model: nn.Module, pack: Pack, parts: Nets) -> dict[str, float]:
        """How far made windows are from those of one side."""
        figures = point_unlikeness(model, parts["vae"], window_pairs(pack, self.validated, seed=0))
        return {f"unlikeness, {name}": round(value, 4) for name, value in figures.items()}


class LatentGanTrainee(Trainee):
    """See :class:`~musicassist.learning.recipe.Trainee`.

    Source: Gulrajani et al. 2017, "Improved Training of Wasserstein GANs".
    """

    unit = "critic's margin"

    def __init__(self, settings: LatentGanSettings, vae: VaeModel, corpus: Corpus, seed: int) -> None:
        super().__init__(LatentGan(settings.config), seed)
        self.settings = settings
        self._vae = vae
        pairs = window_pairs(corpus.sides["train"], settings.most_pairs, seed=seed)
        self._previous, self._points = (points_of_windows(vae, own) for own in (pairs.previous, pairs.window))
        self._condition = torch.from_numpy(pairs.window.condition).long()
        self._valid = window_pairs(corpus.sides["valid"], settings.validated, seed=0)

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """One optimiser each for critic and generator."""
        return {
            "critic": list(self.model.critic.parameters()),
            "generator": list(self.model.generator.parameters()),
        }

    def batches(self, epoch: int) -> Iterator[PointBatch]:
        """All pairs once, in random order, some with conditions hidden; what is left over waits for the next epoch."""
        random = self.random(epoch)
        order, size = torch.from_numpy(random.permutation(len(self._points))), self.settings.batch
        for start in range(0, max(1, len(order) - size + 1), size):
            rows = order[start : start + size]
            previous, condition = self._previous[rows], self._condition[rows]
            previous[torch.from_numpy(random.random(len(rows)) < self.settings.first_share)] = 0.0
            for place in (1, 2):  # mode and style
                condition[torch.from_numpy(random.random(len(rows)) < self.settings.hidden_share), place] = 0
            yield PointBatch(previous, self._points[rows], condition)

    def losses(self, batch: PointBatch, step: int) -> Iterator[tuple[str, Tensor]]:
        """The critic's loss some times, each against other points, then the generator's."""
        critic, known = self.model.critic, (batch.previous, batch.condition)
        for _ in range(self.settings.critic_steps):
            with torch.no_grad():
                made = self.model(torch.randn_like(batch.point), *known)
            margin = critic(batch.point, *known) - critic(made, *known)
            self._told = (float(margin.detach().sum()), len(margin))
            yield "critic", self.settings.penalty * _slopes(critic, batch, made) - margin.mean()
        made = self.model(torch.randn_like(batch.point), *known)
        yield "generator", -critic(made, *known).mean()

    def validate(self, model: nn.Module) -> dict[str, float]:
        """How far made windows are from real ones, each made after the window before a real one; the mean decides."""
        figures = point_unlikeness(model, self._vae, self._valid)
        return {"mean": float(np.mean(list(figures.values()))), **figures}


def _slopes(critic: LatentCritic, batch: PointBatch, made: Tensor) -> Tensor:
    """How far the critic's slopes between real and made points are from one, squared."""
    share = torch.rand(len(made), 1, device=made.device)
    between = (share * batch.point + (1 - share) * made).requires_grad_()
    scores = critic(between, batch.previous, batch.condition)
    (slope,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    return (slope.norm(dim=-1) - 1).square().mean()


@torch.no_grad()
def point_unlikeness(model: nn.Module, vae: nn.Module, pairs: WindowPairs) -> dict[str, float]:
    """How far windows written from made points are from real ones, by name; see ``tokens.windows.unlikeness``."""
    assert isinstance(vae, VaeModel)
    random = torch.Generator().manual_seed(0)
    previous = points_of_windows(vae, pairs.previous)
    condition = torch.from_numpy(pairs.window.condition).long()
    noise = torch.randn(previous.shape, generator=random)
    device = next(model.parameters()).device
    points = model(noise.to(device), previous.to(device), condition.to(device)).cpu()

    def drawn(logits: Floats) -> Ints:
        shares = torch.from_numpy(logits).softmax(-1)
        return torch.multinomial(shares, 1, generator=random).squeeze(-1).numpy()

    step = VaeStep(vae.config, weights_of(vae))
    made = write_windows(step, points.detach().numpy(), condition.numpy(), drawn, most=MAX_NOTES, end=END)
    real = np.where(np.arange(made.shape[1])[:, None] < pairs.window.count[:, None, None], pairs.window.fields, END)
    return unlikeness(*(_notes(fields.astype(np.int64), pairs) for fields in (made, real)))


def _notes(fields: np.ndarray, pairs: WindowPairs) -> WindowNotes:
    """Windows (N, MAX_NOTES, 3) as ``write_windows`` gives them."""
    exists = fields[..., 0] < END
    place, pitch, length = fields[exists].T
    condition = pairs.window.condition.astype(np.int64)
    bars = BAR_STEPS[condition[:, 0]]
    return WindowNotes(np.nonzero(exists)[0], place, pitch + LOWEST_PITCH, np.maximum(length, 1), bars, condition[:, 1])


LEARNING = Learning(
    net=lambda page: LatentGan(gan_config_of(page)),
    recipes=(
        Recipe(
            "gan-latent",
            "hybrid+vae",
            LatentGanSettings(latent_gan_config()),
            replace(ADVERSARIAL_SCHEDULE, steps=2400, learning_rate=2e-4, last_learning_rate=2e-5, betas=(0.0, 0.9)),
        ),
    ),
)
