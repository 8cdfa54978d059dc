"""How the VAE learns: to write each window again from its point, with the points near the prior; and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from musicassist.families.latent.decoding import VaeConfig
from musicassist.families.latent.net import VaeModel, divergence
from musicassist.families.latent.scripts import latent_config, vae_config_of
from musicassist.learning.pack import Corpus, Pack
from musicassist.learning.recipe import Learning, Nets, Recipe, Schedule, Settings, Trainee, TrainingBatch
from musicassist.learning.windows import Windows, windows_of
from musicassist.tokens.windows import END

ACTIVE_VARIANCE = 0.01  # Source: Burda et al. 2016, "Importance Weighted Autoencoders": of a unit that is used
MIN_NOTES = 3  # LIMIT: windows with fewer say little; they are learned from, but not measured on
_METER, _STYLE = 0, 2
_VALIDATED = 2048  # LIMIT: windows that a validation reads
_FITTED = 8192  # LIMIT: windows that the prior is fitted to
_TOGETHER = 512


@dataclass(frozen=True)
class WindowBatch(TrainingBatch):
    """Windows side by side, int64: ``B`` windows of ``T`` events, the last of each ending it.

    Attributes:
        events: (B, T, 3) classes, read: (B, T, 3) what the decoder is told of them.
        count: (B,) notes of each window.
        condition: (B, 3).
    """

    events: Tensor
    read: Tensor
    count: Tensor
    condition: Tensor

    @property
    def step(self) -> Tensor:
        """(1, T), the number of each event."""
        return torch.arange(self.events.shape[1], device=self.events.device)[None]


@dataclass(frozen=True)
class VaeSettings(Settings):
    """What is trained, and on what.

    Attributes:
        config: Size of the net.
        batch_windows: Windows in a batch.
        other_share: Share of the windows of lines other than melodies that is read in each epoch.
        early_beta: Weight of the divergence, reached after ``ramp_steps``: first the space is put in order.
        beta: Its weight from step ``early_steps`` on, less, so that more of each window is kept.
        free_nats: Divergence of each dimension that costs nothing.
        hidden_events_share: Events hidden from the decoder, so that it asks the point.
        style_share, meter_share: Windows whose style or meter is hidden.
    """

    config: VaeConfig
    batch_windows: int = 128
    other_share: float = 0.3
    early_beta: float = 0.2
    ramp_steps: int = 800
    beta: float = 0.03
    early_steps: int = 1600
    free_nats: float = 0.1
    hidden_events_share: float = 0.2
    style_share: float = 0.3
    meter_share: float = 0.05

    def weight(self, step: int) -> float:
        """Weight of the divergence at a step."""
        return self.beta if step >= self.early_steps else self.early_beta * min(1.0, (step + 1) / self.ramp_steps)

    def trainee(self, corpus: Corpus, seed: int, parts: Nets) -> VaeTrainee:
        """A net with random weights, drawn from torch's random state, and its windows."""
        train = corpus.sides["train"]
        others = windows_of(train, ~train.is_melody)
        return VaeTrainee(
            self, windows_of(train, train.is_melody), others, measured_windows(corpus.sides["valid"]), seed
        )

    def figures(self, model: nn.Module, pack: Pack, parts: Nets) -> dict[str, float]:
        """What a validation tells, of another side."""
        figures = window_figures(model, measured_windows(pack), self.beta)
        return {name: round(value, 4) for name, value in figures.items()}


def measured_windows(pack: Pack) -> Windows:
    """The windows of a side's melodies that say something."""
    return windows_of(pack, pack.is_melody, fewest_notes=MIN_NOTES)


class VaeTrainee(Trainee):
    """See :class:`~musicassist.learning.recipe.Trainee`."""

    unit = "nats per note"

    def __init__(self, settings: VaeSettings, melodies: Windows, others: Windows, valid: Windows, seed: int) -> None:
        super().__init__(VaeModel(settings.config), seed)
        self.settings = settings
        self._melodies, self._others, self._valid = melodies, others, valid

    def batches(self, epoch: int) -> Iterator[WindowBatch]:
        """All windows of melodies and some of the others; those of like length stand together."""
        random = self.random(epoch)
        windows = self._melodies.plus(self._others.rows(random.random(len(self._others)) < self.settings.other_share))
        order = np.argsort(windows.count + random.random(len(windows)), kind="stable")
        size = self.settings.batch_windows
        for place in random.permutation(-(-len(order) // size)):
            yield _hidden(batch_of(windows.rows(order[place * size : (place + 1) * size])), self.settings, random)

    def losses(self, batch: WindowBatch, step: int) -> Iterator[tuple[str, Tensor]]:
        """Nats per note: of the notes, and of the divergence beyond what is free, by its weight at this step."""
        nats, apart, _ = window_nats(self.model, batch, sampled=True)
        notes = int(batch.count.sum())
        self._told = (float(nats.detach().sum()), notes)
        weight, free = self.settings.weight(step), self.settings.free_nats
        yield "model", (nats.sum() + weight * len(nats) * apart.mean(0).clamp(min=free).sum()) / max(1, notes)

    def validate(self, model: nn.Module) -> dict[str, float]:
        """Figures per window of the validation side, in nats; the bound decides. Fits the model's prior first."""
        assert isinstance(model, VaeModel)
        model.settle_prior(*encoded(model, self._melodies.rows(_spread(self._melodies, _FITTED))))
        return window_figures(model, self._valid, self.settings.beta)


@torch.no_grad()
def window_figures(model: nn.Module, windows: Windows, beta: float) -> dict[str, float]:
    """How well windows are written again from sampled points, and what that costs.

    The first figure is the sum of nats that the notes cost and of the divergence, weighted by ``beta``.
    """
    assert isinstance(model, VaeModel)
    model.eval()
    device = next(model.parameters()).device
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        batches = [batch.to(device) for batch in valid_batches(windows)]
        parts = [window_nats(model, batch, sampled=True) for batch in batches]
    nats, apart, hits = (torch.cat(part) for part in zip(*parts, strict=True))
    means = torch.cat([model.encode(batch.events, batch.count, batch.condition)[0] for batch in batches])
    return {
        "bound, nats per window": float(nats.mean() + beta * apart.sum(1).mean()),
        "notes, nats per window": float(nats.mean()),
        "divergence, nats per window": float(apart.sum(1).mean()),
        "active units": float((means.var(0) > ACTIVE_VARIANCE).sum()),
        "notes told right": float(hits.mean()),
    }


@torch.no_grad()
def encoded(model: VaeModel, windows: Windows) -> tuple[Tensor, Tensor]:
    """Mean and logarithm of the variance of each window's point, (N, Z) each."""
    model.eval()
    device = next(model.parameters()).device
    parts = []
    for start in range(0, len(windows), _TOGETHER):
        batch = batch_of(windows.rows(np.arange(start, min(start + _TOGETHER, len(windows))))).to(device)
        parts.append(model.encode(batch.events, batch.count, batch.condition))
    mean, log_variance = zip(*parts, strict=True)
    return torch.cat(mean), torch.cat(log_variance)


def valid_batches(windows: Windows) -> Iterator[WindowBatch]:
    """Some of the windows, spread over all, nothing hidden."""
    chosen = _spread(windows, _VALIDATED)
    chosen = chosen[np.argsort(windows.count[chosen], kind="stable")]
    for start in range(0, len(chosen), _TOGETHER):
        yield batch_of(windows.rows(chosen[start : start + _TOGETHER]))


def _spread(windows: Windows, most: int) -> NDArray[np.int64]:
    return np.linspace(0, len(windows) - 1, min(len(windows), most)).astype(np.int64)


def batch_of(windows: Windows) -> WindowBatch:
    """Windows as numbers for the net."""
    count = torch.from_numpy(windows.count)
    longest = int(windows.count.max())
    events = torch.zeros(len(windows), longest + 1, 3, dtype=torch.long)
    events[:, :longest] = torch.from_numpy(windows.fields[:, :longest]).long()
    events[torch.arange(longest + 1) >= count[:, None]] = torch.tensor([END, 0, 0])
    return WindowBatch(events, events, count, torch.from_numpy(windows.condition).long())


def _hidden(batch: WindowBatch, settings: VaeSettings, random: np.random.Generator) -> WindowBatch:
    """The same with some events hidden from the decoder, and some conditions."""
    read, condition = batch.events.clone(), batch.condition.clone()
    hidden = torch.from_numpy(random.random(read.shape[:2]) < settings.hidden_events_share)
    read[hidden] = torch.tensor(settings.config.classes)
    condition[torch.from_numpy(random.random(len(read)) < settings.style_share), _STYLE] = 0
    condition[torch.from_numpy(random.random(len(read)) < settings.meter_share), _METER] = 0
    return WindowBatch(batch.events, read, batch.count, condition)


def window_nats(model: VaeModel, batch: WindowBatch, *, sampled: bool) -> tuple[Tensor, Tensor, Tensor]:
    """How well a batch is written again.

    Args:
        model: The net.
        batch: Windows.
        sampled: Whether from a point drawn from the posterior, not its mean.

    Returns:
        Nats of all notes of each window (B,), the divergence of each dimension (B, Z), and of each note whether all
        its fields were the most likely ones, told what stands before it (notes,).
    """
    mean, log_variance = model.encode(batch.events, batch.count, batch.condition)
    point = mean + torch.randn_like(mean) * (0.5 * log_variance).exp() if sampled else mean
    logits = model.decode(point, batch.condition, batch.events, batch.read)
    notes, ends = batch.step < batch.count[:, None], batch.step <= batch.count[:, None]
    nats = torch.zeros(len(batch.events), device=notes.device)
    hits = torch.ones_like(notes)
    for place, (own, counted) in enumerate(zip(logits, (ends, notes, notes), strict=True)):
        target = batch.events[..., place]
        loss = functional.cross_entropy(own.float().flatten(0, 1), target.flatten(), reduction="none").view(
            target.shape
        )
        nats = nats + (loss * counted).sum(1)
        hits &= own.argmax(-1) == target
    return nats, divergence(mean, log_variance), hits[notes].float()


LEARNING = Learning(
    net=lambda page: VaeModel(vae_config_of(page)),
    recipes=(
        Recipe(
            "vae",
            "vae",
            VaeSettings(latent_config()),
            Schedule(steps=8000, learning_rate=2e-3, average=0.995, validate_every=400, patience=14),
        ),
    ),
)
