"""Bits per note of melodies: the models beside baselines that read the same columns of the same pieces.

Bits per note are the bits of gap, pitch and duration together, every note counting once; the first note of a piece is
not scored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import nn

from musicassist.evaluation.figures import Figure
from musicassist.families.markov.learning import CountedReader, MarkovReader
from musicassist.families.markov.net import MarkovNet
from musicassist.learning.batches import HIDE_ALL_CONDITIONS, HIDE_FUTURE, melody_bits
from musicassist.learning.pack import Pack
from musicassist.learning.windows import BAR_STEPS
from musicassist.tokens.columns import Columns
from musicassist.tokens.vocabulary import (
    DURATION_COLUMNS,
    MATCH_CLASSES,
    STATE_COLUMNS,
    STEPS_PER_BEAT,
)

FIELDS = ("gap", "pitch", "duration")
FIRST_NOTES = 32
CLASSES = 97
Bits = NDArray[np.float64]
_BAR_STEPS = np.append(4 * STEPS_PER_BEAT, BAR_STEPS[1:])  # of a meter that the vocabulary does not know, those of 4/4
_STATE = [name for name, _ in STATE_COLUMNS]
_DURATION = [name for name, _ in DURATION_COLUMNS]


def model_figures(name: str, model: nn.Module, pack: Pack, split: str) -> list[Figure]:
    """A trained model, called as ``RecurrentModel`` is, with no condition known and with key and style known."""
    plain = melody_bits(model, pack, HIDE_ALL_CONDITIONS)
    known = melody_bits(model, pack, HIDE_FUTURE)
    return [*figures_of(name, plain, pack, split), *figures_of(f"{name}, key and style known", known, pack, split)]


def figures_of(name: str, bits: Sequence[Bits], pack: Pack, split: str) -> list[Figure]:
    """The table's rows of one model from its bits, (notes, fields), of each melody."""
    every = np.concatenate(bits)[:, :3]
    bars = sum(bars_of(pack.line(int(line))) for line in np.flatnonzero(pack.is_melody))
    parts = {
        "": every,
        f", first {FIRST_NOTES}": np.concatenate([line[: FIRST_NOTES - 1, :3] for line in bits]),
        f", after {FIRST_NOTES}": np.concatenate([line[FIRST_NOTES - 1 :, :3] for line in bits]),
        **{f", {field}": every[:, i : i + 1] for i, field in enumerate(FIELDS)},
    }
    styles = [pack.styles[line] for line in np.flatnonzero(pack.is_melody)]
    for style in sorted(set(styles) - {""}):
        own = [line[:, :3] for line, of in zip(bits, styles, strict=True) if of == style]
        parts[f", {style}"] = np.concatenate(own)
    rows = [
        Figure(f"bits per note{part}", name, float(own.sum(1).mean()), "bits", len(own), None, split)
        for part, own in parts.items()
    ]
    per_bar = Figure("bits per bar", name, float(every.sum() / max(1.0, bars)), "bits", round(bars), None, split)
    return [rows[0], per_bar, *rows[1:]]


def bars_of(line: Columns) -> float:
    """Bars from the first note to the last; a gap that the grid cuts counts as far as it goes."""
    here = line.state[:, _STATE.index("position")].astype(np.int64)
    there = line.duration[:, _DURATION.index("next_position")].astype(np.int64)
    steps = _BAR_STEPS[line.state[:, _STATE.index("meter")]]
    gap = line.target[:, 0].astype(np.int64)
    return float(((here + gap - there) / steps).sum() + ((there[-1:] - here[:1]) / steps[:1]).sum())


def baseline_figures(train: Pack, pack: Pack, split: str) -> list[Figure]:
    """Unigram and copy forward."""
    rows: list[Figure] = []
    melodies = [train.line(int(line)) for line in np.flatnonzero(train.is_melody)]
    tested = [pack.line(int(line)) for line in np.flatnonzero(pack.is_melody)]
    unigram = _unigram_shares(melodies)
    rows += figures_of("unigram", [_unigram_bits(line, unigram) for line in tested], pack, split)
    hits = _hit_rates(melodies)
    rows += figures_of("copy forward", [_copy_bits(line, unigram, hits) for line in tested], pack, split)
    return rows


def markov_figures(name: str, model: MarkovNet, pack: Pack, split: str) -> list[Figure]:
    """A stored Markov model as it was counted once, and as it is, when it also learns from the piece so far."""
    once = melody_bits(CountedReader(model), pack, HIDE_ALL_CONDITIONS)
    adaptive = melody_bits(MarkovReader(model), pack, HIDE_ALL_CONDITIONS)
    rows = figures_of(f"{name}, counted once", once, pack, split)
    return [*rows, *figures_of(f"{name}, adaptive", adaptive, pack, split)]


def _unigram_shares(melodies: Sequence[Columns]) -> NDArray[np.float64]:
    """(fields, classes) with one count added to each class."""
    targets = np.concatenate([line.target[:, :3] for line in melodies])
    counts = np.stack([np.bincount(targets[:, field], minlength=CLASSES) + 1.0 for field in range(3)])
    return np.asarray(counts / counts.sum(1, keepdims=True))


def _unigram_bits(line: Columns, unigram: NDArray[np.float64]) -> Bits:
    return np.stack([-np.log2(unigram[field][line.target[:, field]]) for field in range(3)], 1)


def _predictions(line: Columns) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """What followed the longest match, (n, 3), and the class of its length, (n,)."""
    predicted = np.stack([line.gap[:, 0], line.pitch[:, 0], line.duration[:, 0]], 1)
    return predicted, line.state[:, _STATE.index("match")]


def _hit_rates(melodies: Sequence[Columns]) -> NDArray[np.float64]:
    """(match classes, fields): how often the copy was right, smoothed."""
    hits, seen = np.ones((MATCH_CLASSES, 3)), np.full((MATCH_CLASSES, 1), 2.0)
    for line in melodies:
        predicted, length = _predictions(line)
        np.add.at(hits, length, predicted == line.target[:, :3])
        np.add.at(seen, length, 1.0)
    return np.asarray(hits / seen)


def _copy_bits(line: Columns, unigram: NDArray[np.float64], hits: NDArray[np.float64]) -> Bits:
    predicted, length = _predictions(line)
    right = predicted == line.target[:, :3]
    other = np.stack([unigram[field][line.target[:, field]] for field in range(3)], 1)
    exists = predicted < CLASSES
    rate = np.where(exists, hits[length], 0.0)
    return np.asarray(-np.log2(np.where(right, rate, 0.0) + (1 - rate) * other))
