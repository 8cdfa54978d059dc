"""How the Transformer learns: windows, some with a hole of bars (see ``infilling``), its losses and figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from musicassist.composing.predictor import melody_fields, of_melodies
from musicassist.families.transformer.decoding import TransformerConfig
from musicassist.families.transformer.infilling import (
    BEFORE,
    BEHIND,
    COUNTDOWN,
    INTERVAL,
    MAX_FOLLOWING_NOTES,
    MIDDLE,
    PHRASE,
    arranged_positions,
    arranged_segments,
    hide_middle,
)
from musicassist.families.transformer.net import TransformerModel
from musicassist.learning.batches import HIDE_FUTURE, Batch, Dropout, bits_of, gather_rows, hide, windows_together
from musicassist.learning.pack import Corpus, Pack
from musicassist.learning.recipe import Learning, Nets, Recipe, Schedule, Settings, Trainee, TrainingBatch
from musicassist.tokens.columns import TARGETS, Columns
from musicassist.tokens.context import interval_class
from musicassist.tokens.vocabulary import MAX_COUNTDOWN_BARS, MAX_INTERVAL, PHRASE_BARS
from musicassist.values import value_of

MAX_HOLE_BARS = 8


@dataclass(frozen=True)
class Hole:
    """A window of a melody with a hole in it. Rows are those of ``Columns``: each a note that was heard.

    Attributes:
        start: First row of the window.
        first: First note in the hole, after ``start``.
        behind: First note behind it.
        stop: End of the rows that may be read behind it.
        last_bar: Bar in which the hole ends, as :func:`bars_of` counts.
    """

    start: int
    first: int
    behind: int
    stop: int
    last_bar: int

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Rows of prefix, suffix and middle."""
        suffix = min(self.stop - self.behind, MAX_FOLLOWING_NOTES)
        return self.first - self.start, suffix, self.behind - self.first + 1

    def rows(self) -> NDArray[np.int64]:
        """The arranged rows."""
        before, suffix, _ = self.sizes
        return np.concatenate(
            [
                np.arange(self.start, self.start + before),
                np.arange(self.behind, self.behind + suffix),
                np.arange(self.first - 1, self.behind),
            ]
        )


@dataclass(frozen=True)
class ArrangedBatch(TrainingBatch):
    """Windows side by side, some of them with a hole.

    Attributes:
        batch: Their rows as they are arranged.
        segment, position: (B, T), int64.
        scored: (B, T, 4), true where a field is learned: not behind a hole, and of the note there only its gap.
    """

    batch: Batch
    segment: Tensor
    position: Tensor
    scored: Tensor

    def part(self, rank: int, count: int) -> ArrangedBatch:
        """The windows ``rank``, ``rank + count``, ...; where there are none, one without notes."""
        part = super().part(rank, count)
        if rank < len(self.segment):
            return part
        return replace(part, batch=self.batch.part(rank, count), scored=torch.zeros_like(part.scored))


def bars_of(columns: Columns, start: int, stop: int) -> NDArray[np.int64]:
    """The bar of each note of a window, from 0; a rest of more than eight bars counts as fewer."""
    phrase = columns.state[start:stop, PHRASE].astype(np.int64)
    return np.concatenate([[0], np.cumsum(np.diff(phrase) % PHRASE_BARS)])


def hole_in(columns: Columns, start: int, stop: int, random: np.random.Generator) -> Hole | None:
    """A hole of one to eight whole bars somewhere in a window; None where the window has no room for one."""
    bars = bars_of(columns, start, stop)
    if bars[-1] < 1:
        return None
    count = int(random.integers(1, min(MAX_HOLE_BARS, bars[-1]) + 1))
    first_bar = int(random.integers(0, bars[-1] - count + 1))
    first = max(1, int(np.searchsorted(bars, first_bar)))
    behind = int(np.searchsorted(bars, first_bar + count))
    if behind <= first:
        return None
    return Hole(start, start + first, start + behind, stop, first_bar + count - 1)


def arrange(
    columns: Columns, windows: Sequence[tuple[int, int] | Hole], dropout: Dropout, random: np.random.Generator
) -> ArrangedBatch:
    """Plain windows (first row, end) and windows with holes as one batch, padded to the longest.

    Conditions are hidden at random, and behind each hole what would tell of it.
    """
    own = [_arranged(window) for window in windows]
    shape = (len(own), max(len(rows) for rows, _, _ in own))
    table, segment, position = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    mask = np.zeros(shape, dtype=bool)
    for line, (rows, segments, positions) in enumerate(own):
        size = len(rows)
        table[line], mask[line, :size] = rows[0], True
        table[line, :size], segment[line, :size], position[line, :size] = rows, segments, positions
    batch = hide(gather_rows(columns, table, mask), dropout, random)
    scored = np.repeat((mask & (segment != BEHIND))[..., None], len(TARGETS), -1)
    for line, window in enumerate(windows):
        if isinstance(window, Hole):
            _dig(batch, line, window, columns)
            scored[line, sum(window.sizes) - 1, 1:] = False
    return ArrangedBatch(batch, torch.from_numpy(segment), torch.from_numpy(position), torch.from_numpy(scored))


def _arranged(window: tuple[int, int] | Hole) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Rows, segments and positions of a window."""
    if isinstance(window, Hole):
        return window.rows(), arranged_segments(*window.sizes), arranged_positions(*window.sizes)
    rows = np.arange(*window)
    return rows, np.full(len(rows), BEFORE), np.arange(len(rows))


def _dig(batch: Batch, line: int, hole: Hole, columns: Columns) -> None:
    """Counts the bars down in the hole, and hides it from the rows behind it; in place."""
    before, suffix, middle = hole.sizes
    state = batch.state[line].numpy()
    state[:before, COUNTDOWN] = 0
    bars = bars_of(columns, hole.start, hole.behind)[-middle:]
    state[before + suffix : before + suffix + middle, COUNTDOWN] = 2 + np.minimum(
        hole.last_bar - bars, MAX_COUNTDOWN_BARS
    )
    leap = (columns.state[hole.first : hole.behind + 1, INTERVAL].astype(np.int64) - MAX_INTERVAL).sum()
    hide_middle(state[before : before + suffix], interval_class(int(leap)))
    batch.numbers[line, before : before + suffix] = 0.0


def arranged_batches(
    pack: Pack,
    *,
    notes: int,
    batch_notes: int,
    other_share: float,
    hole_share: float,
    dropout: Dropout,
    seed: int,
    epoch: int,
) -> Iterator[ArrangedBatch]:
    """One epoch as ``batches.training_batches`` gives it, with a hole in some of the windows.

    Deterministic in ``seed`` and ``epoch``.

    Args:
        pack: The training side.
        notes: Longest window.
        batch_notes: Notes in a batch, padding included.
        other_share: Share of the lines that are no melody read in each epoch.
        hole_share: Share of the windows that get a hole, where there is room for one.
        dropout: What is hidden.
        seed: Of the run.
        epoch: From 0.
    """
    random = np.random.default_rng((seed, epoch))
    for own in windows_together(pack, notes, batch_notes, other_share, random):
        windows = [
            _window(pack.columns, int(start), int(length), random if random.random() < hole_share else None)
            for start, length in zip(*own, strict=True)
        ]
        yield arrange(pack.columns, windows, dropout, random)


def _window(columns: Columns, start: int, length: int, random: np.random.Generator | None) -> tuple[int, int] | Hole:
    """A window, with a hole where ``random`` is given and there is room."""
    hole = hole_in(columns, start, start + length, random) if random is not None else None
    return (start, start + length) if hole is None else hole


def in_holes(arranged: ArrangedBatch) -> Tensor:
    """(B, T), true for the rows that predict a whole note in a hole."""
    return (arranged.segment == MIDDLE) & arranged.scored.all(-1)


def melody_transformer(
    width: int, *, layers: int = 5, attention_heads: int = 5, head_hidden: int = 160
) -> TransformerConfig:
    """A Transformer of melodies."""
    return TransformerConfig(
        **melody_fields(), width=width, layers=layers, attention_heads=attention_heads, head_hidden=head_hidden
    )


@dataclass(frozen=True)
class TransformerSettings(Settings):
    """How a Transformer learns melodies.

    Attributes:
        config: Size of the net.
        notes, batch_notes: Longest window, and the notes of all windows of a batch.
        other_share: Share of the lines other than melodies that is read in each epoch.
        hole_share: Share of the windows that get a hole.
        velocity_weight: Weight of the velocity's loss beside the other three.
        dropout: What is hidden from the model while training.
    """

    config: TransformerConfig
    notes: int = 160
    batch_notes: int = 8192
    other_share: float = 0.3
    hole_share: float = 0.5
    velocity_weight: float = 0.2
    dropout: Dropout = field(default_factory=Dropout)

    def trainee(self, corpus: Corpus, seed: int, parts: Nets) -> TransformerTrainee:
        """A net with random weights, drawn from torch's random state, and its music."""
        return TransformerTrainee(self, corpus, seed)

    def figures(self, model: nn.Module, pack: Pack, parts: Nets) -> dict[str, float]:
        """Bits per note where it continues, and in holes."""
        return {**bits_of(model, pack), "bits per note in holes": round(hole_bits(model, pack, self.notes), 4)}


class TransformerTrainee(Trainee):
    """See :class:`~musicassist.learning.recipe.Trainee`."""

    unit = "bits per note"

    def __init__(self, settings: TransformerSettings, corpus: Corpus, seed: int) -> None:
        super().__init__(TransformerModel(settings.config), seed)
        self.settings = settings
        self._corpus = corpus

    def batches(self, epoch: int) -> Iterator[ArrangedBatch]:
        """Windows of all melodies and of some of the other lines, some with a hole."""
        settings = self.settings
        return arranged_batches(
            self._corpus.sides["train"],
            notes=settings.notes,
            batch_notes=settings.batch_notes,
            other_share=settings.other_share,
            hole_share=settings.hole_share,
            dropout=settings.dropout,
            seed=self._seed,
            epoch=epoch,
        )

    def losses(self, batch: ArrangedBatch, step: int) -> Iterator[tuple[str, Tensor]]:
        """Nats per note; velocity counts less than the music."""
        losses = arranged_losses(self.model, batch)
        notes = batch.scored.all(-1).sum()
        music = losses[..., :3].sum()
        self._told = (float(music.detach()) / math.log(2), int(notes))
        yield "model", (music + self.settings.velocity_weight * losses[..., 3].sum()) / notes.clamp(min=1)

    def validate(self, model: nn.Module) -> dict[str, float]:
        """Bits per note where it continues (the mean decides, as of the recurrent nets), and in holes."""
        pack = self._corpus.sides["valid"]
        bits = bits_of(model, pack)
        holes = hole_bits(model, pack, self.settings.notes)
        return {"mean": sum(bits.values()) / len(bits), **bits, "bits per note in holes": round(holes, 4)}


def arranged_losses(model: nn.Module, arranged: ArrangedBatch) -> Tensor:
    """The loss of each field of each note in nats, (B, T, 4); 0 where it is not scored."""
    batch = arranged.batch
    logits = model(batch.state, batch.columns, batch.numbers, batch.head_numbers, arranged.segment, arranged.position)
    fields = [
        functional.cross_entropy(own.flatten(0, 1), batch.target[..., place].flatten(), reduction="none")
        for place, own in enumerate(logits)
    ]
    return torch.stack([loss.view(batch.mask.shape) for loss in fields], -1) * arranged.scored


@torch.no_grad()
def hole_bits(model: nn.Module, pack: Pack, notes: int, *, batch_windows: int = 64) -> float:
    """Bits per note of gap, pitch and duration in holes, key and style known: one hole in each window of a side.

    Every note in a hole counts once; the windows have up to ``notes`` notes, and holes are drawn from a fixed seed.
    """
    model.eval()
    random = np.random.default_rng(0)
    holes = []
    for line in np.flatnonzero(pack.is_melody):
        first, last = int(pack.first_row[line]), int(pack.first_row[line + 1])
        holes += [hole_in(pack.columns, at, min(at + notes, last), random) for at in range(first, last, notes)]
    windows = [hole for hole in holes if hole is not None]
    bits, count = 0.0, 0
    device = next(model.parameters()).device
    for at in range(0, len(windows), batch_windows):
        batch = arrange(pack.columns, windows[at : at + batch_windows], HIDE_FUTURE, random).to(device)
        rows = in_holes(batch)
        bits += float(arranged_losses(model, batch)[rows][:, :3].sum()) / math.log(2)
        count += int(rows.sum())
    return bits / max(1, count)


LEARNING = Learning(
    net=lambda page: TransformerModel(of_melodies(value_of(TransformerConfig, page))),
    recipes=(
        Recipe(
            "transformer",
            "transformer",
            TransformerSettings(melody_transformer(160)),
            Schedule(steps=1200, learning_rate=2e-3, validate_every=150),
        ),
    ),
    whole=lambda model, _parts: model,
)
