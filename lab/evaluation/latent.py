"""Figures of a latent model: does it write windows again, does its space hold music, is the way between two smooth.

The windows are those of two bars of the melodies of one side of the split, each counted once, with three notes or more.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from musicassist.evaluation.figures import Figure
from musicassist.families.latent.decoding import VaeStep
from musicassist.families.latent.net import VaeModel, divergence
from musicassist.families.latent.predictor import write_windows
from musicassist.families.latent.scripts import slerp
from musicassist.families.latent.vae_learning import ACTIVE_VARIANCE, encoded, measured_windows
from musicassist.learning.pack import Pack
from musicassist.learning.windows import Windows
from musicassist.models.checkpoints import weights_of
from musicassist.models.weights import Floats, Ints
from musicassist.tokens.windows import END, MAX_NOTES, PITCH_CLASSES, WINDOW_STEPS

MAX_WINDOWS = 1024  # LIMIT: more windows than that say nothing new
STEPS = 8  # of a way from one window to another, ends included
_PAIRS = 512
_BATCH = 512
Choice = Callable[[Floats], Ints]
Notes = NDArray[np.int64]  # (N, MAX_NOTES, 3), as ``families.latent.decoding.write_windows`` gives them


def latent_figures(name: str, model: VaeModel, pack: Pack, split: str, *, seed: int) -> list[Figure]:
    """The table's rows of one model."""
    windows = _some(measured_windows(pack), MAX_WINDOWS, seed)
    true, condition = notes_of(windows), torch.from_numpy(windows.condition).long()
    mean, log_variance = encoded(model, windows)
    point = mean + _noise(mean.shape, seed) * (0.5 * log_variance).exp()
    likely = _written(model, point, condition, _likeliest)
    sampled = _written(model, point, condition, _sampler(seed))
    noise = _noise(mean.shape, seed + 1)
    prior = _written(model, model.from_prior(noise), condition, _sampler(seed + 1))
    plain = overlap_areas(true, _written(model, noise, condition, _sampler(seed + 1)))
    areas = overlap_areas(true, prior)
    ways = _monotony(model, windows, mean, seed)

    def row(metric: str, value: float, unit: str = "", n: int = len(windows)) -> Figure:
        return Figure(metric, name, value, unit, n, seed, split)

    return [
        row("note F1, sampled point, likeliest notes", note_f1(true, likely)),
        row("note F1, sampled point, sampled notes", note_f1(true, sampled)),
        row("note F1, mean point, likeliest notes", note_f1(true, _written(model, mean, condition, _likeliest))),
        row("divergence", float(divergence(mean, log_variance).sum(1).mean()), "nats"),
        row("active units", float((mean.var(0) > ACTIVE_VARIANCE).sum())),
        row("overlap area of prior samples, mean", float(np.mean(list(areas.values())))),
        *(row(f"overlap area of prior samples, {feature}", area) for feature, area in areas.items()),
        row("overlap area of standard normal samples, mean", float(np.mean(list(plain.values())))),
        row("interpolation, Spearman of Hamming distance", float(np.mean(ways)), n=len(ways)),
    ]


def _some(windows: Windows, most: int, seed: int) -> Windows:
    chosen = np.random.default_rng(seed).permutation(len(windows))[:most]
    return windows.rows(chosen)


def notes_of(windows: Windows) -> Notes:
    """Windows as ``write_windows`` would give them."""
    notes = windows.fields.astype(np.int64)
    notes[np.arange(MAX_NOTES) >= windows.count[:, None]] = END
    return notes


def _written(model: VaeModel, points: Tensor, condition: Tensor, choose: Choice) -> Notes:
    step = VaeStep(model.config, weights_of(model))
    pairs = zip(points.detach().split(_BATCH), condition.split(_BATCH), strict=True)
    return np.concatenate(
        [write_windows(step, at.numpy(), of.numpy(), choose, most=MAX_NOTES, end=END) for at, of in pairs]
    )


def _likeliest(logits: Floats) -> Ints:
    return logits.argmax(-1)


def _sampler(seed: int) -> Choice:
    """Chooses at temperature 1."""
    random = torch.Generator().manual_seed(seed)
    return lambda logits: (
        torch.multinomial(torch.from_numpy(logits).softmax(-1), 1, generator=random).squeeze(-1).numpy()
    )


def _noise(shape: tuple[int, ...], seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


# the figures


def note_f1(true: Notes, made: Notes) -> float:
    """Harmonic mean of precision and recall of all notes; a note counts when place, pitch and length are equal.

    Source: Bay, Ehmann and Downie 2009, "Evaluation of Multiple-F0 Estimation and Tracking Systems", the note-based
    measure, here on a grid without tolerance.
    """
    own, others = _numbered(true), _numbered(made)
    return 2 * len(np.intersect1d(own, others)) / max(1, len(own) + len(others))


def _numbered(notes: Notes) -> NDArray[np.int64]:
    """One number for each note, another for each window, place, pitch and length."""
    window = np.arange(len(notes))[:, None]
    numbers = ((window * 128 + notes[..., 0]) * 128 + notes[..., 1]) * 128 + notes[..., 2]
    return np.asarray(numbers[notes[..., 0] < END])


def overlap_areas(true: Notes, made: Notes) -> dict[str, float]:
    """For each feature the area that the two histograms share, 0..1.

    Source: Yang and Lerch 2020, "On the evaluation of generative models in music"; histograms instead of their kernel
    density, as all features are whole numbers.
    """
    own, others = _features(true), _features(made)
    return {name: _overlap(own[name], others[name]) for name in own}


def _features(notes: Notes) -> dict[str, NDArray[np.int64]]:
    exists = notes[..., 0] < END
    pairs = exists[:, 1:] & exists[:, :-1]
    return {
        "pitch class": notes[..., 1][exists] % 12,
        "interval": np.diff(notes[..., 1], axis=1)[pairs] + PITCH_CLASSES,
        "duration": notes[..., 2][exists],
        "onset": notes[..., 0][exists],
        "notes per window": exists.sum(1),
    }


def _overlap(own: NDArray[np.int64], others: NDArray[np.int64]) -> float:
    size = int(max(own.max(initial=0), others.max(initial=0))) + 1
    shares = [np.bincount(part, minlength=size) / max(1, len(part)) for part in (own, others)]
    return float(np.minimum(*shares).sum())


def _monotony(model: VaeModel, windows: Windows, mean: Tensor, seed: int) -> list[float]:
    """For pairs of windows of one meter, mode and style: how steadily one becomes the other.

    Spearman's correlation of the step with the Hamming distance from the first window written.
    Source: Roberts et al. 2018, "A Hierarchical Latent Vector Model", section 5.3 (Hamming distance along the way).
    """
    first, last = _pairs(windows, seed)
    condition = torch.from_numpy(windows.condition[first]).long()
    shares = np.linspace(0, 1, STEPS).tolist()
    start, stop = mean[first].numpy(), mean[last].numpy()
    points = [torch.from_numpy(slerp(start, stop, share)) for share in shares]
    rolls = [rolls_of(_written(model, at, condition, _likeliest)) for at in points]
    apart = np.stack([(roll != rolls[0]).mean(1) for roll in rolls], 1)
    return [spearman(np.arange(STEPS), row) for row in apart if np.ptp(row) > 0]


def _pairs(windows: Windows, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Windows and others that differ from them, of the same conditions."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(windows))
    order = order[np.lexsort(windows.condition[order].T)]
    alike = (windows.condition[order[1:]] == windows.condition[order[:-1]]).all(1)
    chosen = random.permutation(np.flatnonzero(alike))[:_PAIRS]
    return order[chosen], order[chosen + 1]


def rolls_of(notes: Notes) -> NDArray[np.int64]:
    """(N, WINDOW_STEPS): at each step the pitch class that sounds with 128 more where it begins, or -1."""
    rolls = np.full((len(notes), WINDOW_STEPS), -1)
    steps = np.arange(WINDOW_STEPS)
    for note in range(notes.shape[1]):
        place, pitch, length = (notes[:, note, field, None] for field in range(3))
        sounds = (steps >= place) & (steps < place + length)
        rolls = np.where(sounds, pitch + 128 * (steps == place), rolls)
    return rolls


def spearman(first: NDArray[np.floating | np.integer], second: NDArray[np.floating | np.integer]) -> float:
    """Spearman's rank correlation, equal values sharing their mean rank.

    Source: Spearman 1904, "The Proof and Measurement of Association between Two Things".
    """
    return float(np.corrcoef(_ranks(first), _ranks(second))[0, 1])


def _ranks(values: NDArray[np.floating | np.integer]) -> NDArray[np.float64]:
    _, where, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[where])
