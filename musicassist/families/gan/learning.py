"""How the classic GAN learns: pairs of rolls from the packed lines, its losses, and how far its rolls are from real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from musicassist.families.gan.decoding import PianoRollGanConfig
from musicassist.families.gan.net import PianoRollGan, roll_of_symbols
from musicassist.families.gan.predictor import (
    LOWEST_ROW,
    ROWS,
    SILENT,
    SLOTS,
    Ints,
    Symbols,
    notes_of,
    roll_config,
    roll_config_of,
    row_in_reach,
    symbols_of,
)
from musicassist.learning.pack import Corpus, Pack
from musicassist.learning.recipe import ADVERSARIAL_SCHEDULE, Learning, Nets, Recipe, Settings, Trainee, TrainingBatch
from musicassist.learning.windows import BAR_STEPS, bar_steps, runs_of
from musicassist.tokens.windows import WINDOW_BARS, WindowNotes, unlikeness

MIN_NOTES = 2  # LIMIT: a roll with fewer teaches nothing
_CONDITIONS = 3


@dataclass(frozen=True)
class RollPairs:
    """Different pairs of rolls, ``N`` of them; both of a pair count their rows from the same tonic.

    Attributes:
        previous: (N, SLOTS), symbols of the two bars before; silent where nothing stands there.
        roll: (N, SLOTS), symbols of two bars.
        condition: (N, 3), meter, mode and style.
    """

    previous: Symbols
    roll: Symbols
    condition: Symbols

    def __len__(self) -> int:
        return len(self.roll)

    def rows(self, chosen: NDArray[np.integer] | slice) -> RollPairs:
        """Some of the pairs."""
        return RollPairs(self.previous[chosen], self.roll[chosen], self.condition[chosen])

    def without_previous(self) -> RollPairs:
        """The same rolls as if nothing stood before them."""
        return RollPairs(np.full_like(self.previous, SILENT), self.roll, self.condition)


def roll_pairs(pack: Pack, *, melodies_only: bool = True) -> RollPairs:
    """All different pairs of the lines whose key is known; a roll begins at each bar line.

    Args:
        pack: One side of the split.
        melodies_only: Whether to leave out the lines that are no melody.
    """
    tables = [np.zeros((0, 2 * SLOTS + _CONDITIONS), dtype=np.uint8)]
    for line in np.flatnonzero(pack.is_melody) if melodies_only else range(len(pack)):
        columns = pack.line(int(line))
        for run in runs_of(columns):
            tables.append(_pairs(run.notes, run.meter, run.condition))
    table = np.unique(np.concatenate(tables), axis=0)
    return RollPairs(*(np.ascontiguousarray(part) for part in np.split(table, [SLOTS, 2 * SLOTS], axis=1)))


def _pairs(notes: Ints, meter: int, condition: Symbols) -> Symbols:
    """The pairs of one run, (pairs, 2 * SLOTS + 3)."""
    onset, steps = np.cumsum(notes[:, 0]), bar_steps(meter) * WINDOW_BARS
    starts = np.unique(onset - notes[:, 1])
    window, note = _inside(onset, starts, steps)
    before_window, before = _inside(onset, starts - steps, steps)
    # the tonic at or below the mean of what stands before, or of the roll itself
    means = np.where(
        np.isin(np.arange(len(starts)), before_window),
        _means(before_window, notes[before, 2], len(starts)),
        _means(window, notes[note, 2], len(starts)),
    )
    lowest = np.floor(means / 12).astype(np.int64) * 12 + LOWEST_ROW
    row = notes[note, 2] - lowest[window]
    before_row = row_in_reach(notes[before, 2] - lowest[before_window])
    kept = np.bincount(window, minlength=len(starts)) >= MIN_NOTES
    kept[window[(row < 0) | (row >= ROWS)]] = False
    row = np.clip(row, 0, ROWS - 1)
    place, before_place = onset[note] - starts[window], onset[before] - (starts - steps)[before_window]
    length = np.minimum(notes[note, 3], steps - place)
    before_length = np.minimum(notes[before, 3], steps - before_place)
    previous = symbols_of(before_window, before_place, before_row, before_length, len(starts))
    roll = symbols_of(window, place, row, length, len(starts))
    conditions = np.tile(np.array([meter, *condition], dtype=np.uint8), (len(starts), 1))
    return np.concatenate([previous, roll, conditions], 1)[kept]


def _inside(onset: Ints, starts: Ints, steps: int) -> tuple[Ints, Ints]:
    """For each note of each window the window and the note."""
    first, last = np.searchsorted(onset, starts), np.searchsorted(onset, starts + steps)
    counts = last - first
    window = np.repeat(np.arange(len(starts)), counts)
    return window, np.arange(len(window)) - np.repeat(np.cumsum(counts) - counts, counts) + first[window]


def _means(window: Ints, pitch: Ints, windows: int) -> NDArray[np.float64]:
    counts = np.bincount(window, minlength=windows)
    return np.asarray(np.bincount(window, pitch, minlength=windows) / np.maximum(counts, 1))


@dataclass(frozen=True)
class RollBatch(TrainingBatch):
    """Pairs of rolls side by side.

    Attributes:
        previous, roll: (B, T) symbols, condition: (B, K) classes; all int64.
    """

    previous: Tensor
    roll: Tensor
    condition: Tensor


@dataclass(frozen=True)
class RollGanSettings(Settings):
    """How the classic GAN learns.

    Attributes:
        config: Size of the nets.
        batch: Pairs in a batch.
        first_share: Chance that a roll is learned without the roll before it, as something new.
        hidden_share: Chance, for style and mode each, that it is hidden.
        writing_steps: Steps of the first stage.
        divergence: Weight of how far the noise of real rolls is from the noise that is drawn; rises in
            the second half of the first stage.
        recovery: Weight of how well the critic tells what noise a roll was made of, in the second.
        penalty: Weight of the critic's squared slopes.
        penalty_every: Steps between two penalties; each counts for all steps since the last.
        validated: Real rolls that as many made ones are compared with.
    """

    config: PianoRollGanConfig
    batch: int = 64
    first_share: float = 0.25
    hidden_share: float = 0.15
    writing_steps: int = 1200
    divergence: float = 0.2
    recovery: float = 0.1
    penalty: float = 0.05
    penalty_every: int = 8
    validated: int = 2048

    def shortened(self, times: int) -> RollGanSettings:
        """With as much shorter a first stage."""
        return replace(self, writing_steps=self.writing_steps // times)

    def trainee(self, corpus: Corpus, seed: int, parts: Nets) -> RollGanTrainee:
        """Nets with random weights, drawn from torch's random state, and their music."""
        return RollGanTrainee(self, corpus, seed)

    def figures(self, model: nn.Module, pack: Pack, parts: Nets) -> dict[str, float]:
        """How far made rolls are from those of one side."""
        figures = roll_unlikeness(model, roll_pairs(pack), self.validated)
        return {f"unlikeness, {name}": round(value, 4) for name, value in figures.items()}


class RollGanTrainee(Trainee):
    """See :class:`~musicassist.learning.recipe.Trainee`.

    Two stages, since a generator that begins with random weights takes long to meet real rolls at all. In the first
    the critic says what noise a real roll may have come from, and the generator writes the roll again from it. In the
    second they are adversaries: each made roll is scored beside a real one after the same roll, with penalties on the
    critic's slopes at both; and the critic goes on telling the noise, so that no two noises become one roll.

    Source: Larsen et al. 2016, "Autoencoding beyond pixels" (first stage); Huang et al. 2024, "The GAN is dead; long
    live the GAN!" (second); Chen et al. 2016, "InfoGAN" (the noise); Dong and Yang 2018 (two stages).
    """

    unit = "loss"

    def __init__(self, settings: RollGanSettings, corpus: Corpus, seed: int) -> None:
        super().__init__(PianoRollGan(settings.config), seed)
        self.settings = settings
        self._pairs = roll_pairs(corpus.sides["train"])
        self._valid = roll_pairs(corpus.sides["valid"])

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """One optimiser for both in the first stage, one each in the second."""
        return {
            "writing": list(self.model.parameters()),
            "critic": list(self.model.critic.parameters()),
            "generator": list(self.model.generator.parameters()),
        }

    def batches(self, epoch: int) -> Iterator[RollBatch]:
        """All pairs once, in random order, some with conditions hidden; what is left over waits for the next epoch."""
        random = self.random(epoch)
        order, size = random.permutation(len(self._pairs)), self.settings.batch
        for start in range(0, max(1, len(order) - size + 1), size):
            yield self._batch(self._pairs.rows(order[start : start + size]), random)

    def _batch(self, pairs: RollPairs, random: np.random.Generator) -> RollBatch:
        previous, condition = pairs.previous.copy(), pairs.condition.copy()
        previous[random.random(len(pairs)) < self.settings.first_share] = SILENT
        for place in (1, 2):  # mode and style
            condition[random.random(len(pairs)) < self.settings.hidden_share, place] = 0
        return RollBatch(*(torch.from_numpy(part).long() for part in (previous, pairs.roll, condition)))

    def losses(self, batch: RollBatch, step: int) -> Iterator[tuple[str, Tensor]]:
        """Of the first stage one loss; of the second the critic's, then the generator's against the critic as it is."""
        real, previous = (roll_of_symbols(symbols, ROWS) for symbols in (batch.roll, batch.previous))
        if step < self.settings.writing_steps:
            weight = self.settings.divergence * max(0.0, 2 * step / self.settings.writing_steps - 1)
            loss = self._writing(real, previous, batch, weight)
            yield self._part("writing", loss, len(real))
            return
        noise = torch.randn(len(real), self.settings.config.noise, device=real.device)
        made = self.model.made(noise, previous, batch.condition)
        loss, real_scores = self._judging(real, made.detach(), noise, previous, batch.condition, step)
        yield "critic", loss
        scores, mean, _ = self.model.critic(made, previous, batch.condition)
        loss = functional.softplus(real_scores - scores).mean()
        yield self._part("generator", loss + self.settings.recovery * functional.mse_loss(mean, noise), len(real))

    def _part(self, name: str, loss: Tensor, rolls: int) -> tuple[str, Tensor]:
        self._told = (float(loss.detach()) * rolls, rolls)
        return name, loss

    def _writing(self, real: Tensor, previous: Tensor, batch: RollBatch, weight: float) -> Tensor:
        """Nats per slot of writing real rolls again, and of their noise's divergence from what is drawn later."""
        _, mean, log_variance = self.model.critic(real, previous, batch.condition)
        noise = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        logits = self.model(noise, previous, batch.condition)
        nats = functional.cross_entropy(logits.flatten(0, 1), batch.roll.flatten())
        apart = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1).mean()
        return nats + weight * apart / batch.roll.shape[1]

    def _judging(
        self, real: Tensor, made: Tensor, noise: Tensor, previous: Tensor, condition: Tensor, step: int
    ) -> tuple[Tensor, Tensor]:
        """The critic's loss, and its scores of the real rolls."""
        is_penalised = step % self.settings.penalty_every == 0
        for roll in (real, made):
            roll.requires_grad_(is_penalised)
        real_scores, _, _ = self.model.critic(real, previous, condition)
        scores, mean, _ = self.model.critic(made, previous, condition)
        loss = functional.softplus(scores - real_scores).mean()
        loss = loss + self.settings.recovery * functional.mse_loss(mean, noise)
        if is_penalised:
            weight = self.settings.penalty * self.settings.penalty_every
            loss = loss + weight * _slopes((real_scores, scores), (real, made))
        return loss, real_scores.detach()

    def validate(self, model: nn.Module) -> dict[str, float]:
        """How far made rolls are from real ones, after the rolls before them and from nothing; the mean decides."""
        figures = roll_unlikeness(model, self._valid, self.settings.validated)
        fresh = roll_unlikeness(model, self._valid.without_previous(), self.settings.validated)
        figures |= {f"{name}, from nothing": value for name, value in fresh.items()}
        return {"mean": float(np.mean(list(figures.values()))), **figures}


def _slopes(scores: tuple[Tensor, Tensor], rolls: tuple[Tensor, Tensor]) -> Tensor:
    """Half the mean squared slope of the scores at both kinds of rolls."""
    slopes = torch.autograd.grad([own.sum() for own in scores], list(rolls), create_graph=True)
    return torch.stack([slope.square().sum((1, 2)).mean() for slope in slopes]).sum() / 2


def roll_unlikeness(model: nn.Module, pairs: RollPairs, most: int) -> dict[str, float]:
    """How far made rolls are from real ones, by name; see ``tokens.windows.unlikeness``.

    Args:
        model: The GAN.
        pairs: Real rolls, each after the roll before it.
        most: How many are made.
    """
    chosen = pairs.rows(np.random.default_rng(0).permutation(len(pairs))[:most])
    made = made_symbols(model, chosen, seed=0)
    return unlikeness(_notes(made, chosen), _notes(chosen.roll, chosen))


@torch.no_grad()
def made_symbols(model: nn.Module, pairs: RollPairs, *, seed: int) -> np.ndarray:
    """A roll (N, T) after each pair's first, its symbols drawn as often as the net says."""
    device = next(model.parameters()).device
    random = torch.Generator().manual_seed(seed)
    parts = []
    for start in range(0, len(pairs), 512):
        own = pairs.rows(slice(start, start + 512))
        noise = torch.randn(len(own), model.config.noise, generator=random)  # type: ignore[union-attr]
        previous = roll_of_symbols(torch.from_numpy(own.previous).long(), ROWS)
        logits = model(noise.to(device), previous.to(device), torch.from_numpy(own.condition).long().to(device))
        weights = logits.softmax(-1).cpu().flatten(0, 1)
        parts.append(torch.multinomial(weights, 1, generator=random).view(len(own), -1).to(torch.uint8).numpy())
    return np.concatenate(parts)


def _notes(symbols: np.ndarray, pairs: RollPairs) -> WindowNotes:
    condition = pairs.condition.astype(np.int64)
    return WindowNotes(*notes_of(symbols), BAR_STEPS[condition[:, 0]], condition[:, 1])


LEARNING = Learning(
    net=lambda page: PianoRollGan(roll_config_of(page)),
    recipes=(Recipe("gan", "gan", RollGanSettings(roll_config()), ADVERSARIAL_SCHEDULE),),
)
