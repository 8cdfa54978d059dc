"""The benchmark ``jsb_16th``: four voices on a grid of 16ths, in nats per note token.

A token is the pitch (or silence) of one voice in one 16th; held and repeated notes look the same. Serialisation: within
a 16th soprano, alto, tenor, bass, each foretold from all 16ths before and the voices above. A figure is the mean over
all tokens but those of each chorale's first 16th, which is only read. Papers report the validation split, which also
decides when training stops; the test split is read once, after training. The data are in their original keys: in
training each chorale is moved by -5 to 6 semitones, drawn anew in each epoch.

Source: Huang et al. 2017 (Coconet: grid and unit); the split is that of Boulanger-Lewandowski et al. 2012.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lab.benchmarks.fitting import Plan, batches_of_like_length, fit, one_thread
from lab.benchmarks.repeats import followers, numbered
from lab.benchmarks.sixteenth_model import (
    LEVELS,
    LOWEST,
    MATCHES,
    MAX_HELD,
    MAX_MATCH,
    NONE,
    PITCHES,
    STEPS,
    VOICES,
    Chorale,
    CountChain,
    Passage,
    VoicesLstm,
)
from musicassist.disk import read_unpacked
from musicassist.errors import UsageError
from musicassist.evaluation.figures import Figure

NAME = "jsb_16th"
MAX_BYTES = 256 * 2**20  # LIMIT: of the tables of a benchmark, unpacked
METRIC = "nats per note token"
SPLITS = ("valid", "test")
SHIFTS = (-5, 6)  # semitones, both inclusive
ODD_SHARE = 0.15  # of the odd 16ths, in which next to nothing moves, so many are trained on, with the weight of all
PLAN = Plan(epochs=22, learning_rate=3e-3, batch=8)


@dataclass(frozen=True)
class Columns:
    """What the net reads of one chorale, as in :class:`Passage`; a beat of nothing stands before the beginning."""

    pitch: Tensor
    former: Tensor
    held: Tensor
    copied: Tensor
    matched: Tensor

    def moved(self, semitones: int) -> Columns:
        """The same music higher or lower."""
        pitches = (self.pitch, self.former, self.copied)
        pitch, former, copied = (torch.where(part == NONE, NONE, part + semitones) for part in pitches)
        return replace(self, pitch=pitch, former=former, copied=copied)


def read_chorales(folder: Path) -> dict[str, list[Chorale]]:
    """The chorales of each split.

    Raises:
        UsageError: The folder does not hold the benchmark.
    """
    try:
        page = json.loads(read_unpacked(folder / "Jsb16thSeparated.json.gz", MAX_BYTES))
        splits = {split: page[split] for split in ("train", *SPLITS)}
        for chorale in (chorale for chorales in splits.values() for chorale in chorales):
            _check(np.array(chorale))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError("{folder} does not hold the benchmark {name}.", folder=folder, name=NAME) from error
    return splits


def _check(steps: np.ndarray) -> None:
    low, high = LOWEST - SHIFTS[0], LOWEST + PITCHES - 1 - SHIFTS[1]
    if steps.ndim != 2 or steps.shape[1] != VOICES or len(steps) % STEPS:
        raise ValueError("no whole beats of four voices")
    if not np.all((steps == -1) | ((steps >= low) & (steps <= high))):
        raise ValueError("a pitch is out of range")


def columns_of(chorale: Chorale) -> Columns:
    """Pitch classes, and for each voice and step the pitch before the one it has, and for how long it has had it."""
    steps = np.array(chorale, dtype=np.int64)
    nothing = np.full((STEPS, VOICES), NONE)
    pitch = np.concatenate([nothing, np.where(steps < 0, NONE, steps - LOWEST)])
    former, held = np.full_like(pitch, NONE), np.zeros_like(pitch)
    held[STEPS] = 1
    for step in range(STEPS + 1, len(pitch)):
        holds = pitch[step] == pitch[step - 1]
        former[step] = np.where(holds, former[step - 1], pitch[step - 1])
        held[step] = np.where(holds, np.minimum(held[step - 1] + 1, MAX_HELD), 1)
    return Columns(*(torch.from_numpy(part) for part in (pitch, former, held, *_copies(pitch))))


def _copies(pitch: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(T, MATCHES, V) what followed the longest earlier matches, (T, MATCHES) how many whole beats of them match."""
    music = pitch[STEPS:]
    copied = np.full((len(pitch), MATCHES, VOICES), NONE)
    matched = np.zeros((len(pitch), MATCHES), dtype=np.int64)
    for match, keys in enumerate((music, music[:, 0])):
        place, length = followers(numbered(keys))
        matched[STEPS:, match] = np.minimum(length // STEPS, MAX_MATCH)
        copied[STEPS:, match] = np.where(matched[STEPS:, match, None] > 0, music[place], NONE)
    return copied, matched


def passage_of(chorales: Sequence[Columns]) -> Passage:
    """Whole chorales as one batch; all steps after each one's first are scored."""
    pitch, former, held, copied, matched = (
        nn.utils.rnn.pad_sequence([getattr(own, name) for own in chorales], batch_first=True, padding_value=padding)
        for name, padding in (("pitch", NONE), ("former", NONE), ("held", 0), ("copied", NONE), ("matched", 0))
    )
    length = torch.tensor([len(own.pitch) for own in chorales])
    step = torch.arange(pitch.shape[1]) - STEPS
    is_scored = (step[None, :] > 0) & (step[None, :] < length[:, None] - STEPS)
    return Passage(pitch, former, held, copied, matched, step.clamp(min=0).expand(len(chorales), -1), is_scored)


def training_batches(chorales: Sequence[Columns], size: int, random: np.random.Generator) -> Iterator[Passage]:
    """An epoch: each chorale once, moved by some semitones, a share of its odd steps left out."""
    for batch in batches_of_like_length([len(own.pitch) for own in chorales], size, random):
        shifts = random.integers(SHIFTS[0], SHIFTS[1] + 1, len(batch))
        drawn = [chorales[i].moved(int(by)) for i, by in zip(batch, shifts, strict=True)]
        passage = passage_of(drawn)
        is_drawn = torch.from_numpy(random.random(tuple(passage.step.shape)) < ODD_SHARE)
        yield replace(passage, is_scored=passage.is_scored & (is_drawn | (passage.step % 2 == 0)))


def training_loss(net: nn.Module, passage: Passage) -> Tensor:
    """Mean nats per token, as if all odd steps were there."""
    weight = torch.where(passage.step[passage.is_scored] % 2 == 0, 1.0, 1 / ODD_SHARE)
    return (net.losses(passage).mean(1) * weight).sum() / weight.sum()


@torch.no_grad()
def nats_per_token(net: nn.Module, chorales: Sequence[Columns], size: int = 16) -> float:
    """Mean over all scored tokens of whole chorales."""
    ordered = sorted(chorales, key=lambda own: len(own.pitch))
    parts = [net.losses(passage_of(ordered[at : at + size])) for at in range(0, len(ordered), size)]
    return float(torch.cat(parts).mean())


@one_thread()
def figures(folder: Path, *, seed: int, plan: Plan = PLAN) -> list[Figure]:
    """The counts at each level and the net, on both splits."""
    chorales = read_chorales(folder)
    rows = _count_rows(chorales)
    sides = {split: [columns_of(chorale) for chorale in own] for split, own in chorales.items()}
    torch.manual_seed(seed)
    net = fit(
        VoicesLstm(),
        lambda random: training_batches(sides["train"], plan.batch, random),
        training_loss,
        lambda net: nats_per_token(net, sides["valid"]),
        plan,
        seed=seed,
    )
    millions = sum(weights.numel() for weights in net.parameters()) / 1e6
    name = f"LSTM over beats, {millions:.2f} M"
    return rows + [
        Figure(METRIC, name, nats_per_token(net, sides[split]), "nats", _tokens(chorales[split]), seed, split)
        for split in SPLITS
    ]


def _count_rows(chorales: dict[str, list[Chorale]]) -> list[Figure]:
    counts = CountChain(chorales["train"])
    return [
        Figure(METRIC, f"counts, {level}", value, "nats", _tokens(chorales[split]), None, split)
        for split in SPLITS
        for level, value in zip(LEVELS, counts.nats(chorales[split]), strict=True)
    ]


def _tokens(chorales: Sequence[Chorale]) -> int:
    return sum(VOICES * (len(chorale) - 1) for chorale in chorales)
