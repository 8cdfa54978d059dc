"""The benchmark ``jsb_nottingham_frames``, its chorales: the next frame of a piano roll, in nats per frame.

A frame is 88 keys, sounding or not. Frame t is foretold from the frames before it; the first of a piece is only read.
A figure is the mean negative log-likelihood of all other frames of the split, each frame with the same weight.
Two families that must not be compared with each other:

* independent: 88 Bernoulli outputs; a frame's figure is the sum over the keys;
* joint: a chord as tokens, its notes from low to high and then its end; a frame's figure is the sum over its tokens.

The nets are trained on the training split alone; validation decides when they stop; the test split is read once, after
that. The data are already in C, so nothing is transposed.

Source: Boulanger-Lewandowski, Bengio and Vincent 2012 (data, splits, unit); Chung et al. 2014 (independent LSTM).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lab.benchmarks.fitting import Plan, batches_of_like_length, fit, one_thread
from lab.benchmarks.frame_models import KEYS, ChordLstm, IndependentLstm, Pieces
from lab.benchmarks.repeats import followers, numbered
from musicassist.errors import UsageError
from musicassist.evaluation.figures import Figure

NAME = "jsb_nottingham_frames"
INDEPENDENT, JOINT = "nats per frame, independent keys", "nats per frame, chord modelled jointly"
RUNS = 3
SPLITS = ("valid", "test")
INDEPENDENT_PLAN = Plan(epochs=45, learning_rate=6e-3, batch=8)
JOINT_PLAN = Plan(epochs=11, learning_rate=3e-3, batch=8)
Rolls = list[NDArray[np.float32]]  # (frames, KEYS) of 0 and 1 for each piece


def read_rolls(folder: Path) -> dict[str, Rolls]:
    """The chorales of each split.

    Raises:
        UsageError: The folder does not hold the benchmark.
    """
    try:
        with np.load(folder / "jsb_chorales.npz", allow_pickle=False) as arrays:
            return {split: _pieces(arrays, split) for split in ("train", *SPLITS)}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise UsageError("{folder} does not hold the benchmark {name}.", folder=folder, name=NAME) from error


def _pieces(arrays: np.lib.npyio.NpzFile, split: str) -> Rolls:
    frames, lengths = arrays[f"{split}_frames"], arrays[f"{split}_lengths"]
    if frames.ndim != 2 or frames.shape[1] != KEYS or lengths.sum() != len(frames) or len(lengths) == 0:
        raise ValueError("no piano rolls")
    return np.split(frames.astype(np.float32), np.cumsum(lengths)[:-1])


def unigram_nats(train: Rolls, scored: Rolls) -> float:
    """Each key at its own rate; half a frame is added to the frames with and without it."""
    frames = np.concatenate(train)
    rate = (frames.sum(0) + 0.5) / (len(frames) + 1)
    return _bernoulli_nats(np.concatenate([roll[1:] for roll in scored]), rate)


def markov_nats(train: Rolls, scored: Rolls) -> float:
    """Each key at its rate after frames in which it sounded, or did not."""
    before, after = (np.concatenate(part) for part in zip(*((roll[:-1], roll[1:]) for roll in train), strict=True))
    rates = [(((before == was) * after).sum(0) + 0.5) / ((before == was).sum(0) + 1) for was in (0, 1)]
    last, now = (np.concatenate(part) for part in zip(*((roll[:-1], roll[1:]) for roll in scored), strict=True))
    return _bernoulli_nats(now, np.where(last > 0, rates[1], rates[0]))


def _bernoulli_nats(frames: NDArray[np.float32], rate: NDArray[np.float64]) -> float:
    return float(-np.log(np.where(frames > 0, rate, 1 - rate)).sum(1).mean())


@dataclass(frozen=True)
class Piece:
    """What the nets read of one piece, as in :class:`Pieces`."""

    roll: Tensor
    follower: Tensor
    matched: Tensor


def piece_of(roll: NDArray[np.float32]) -> Piece:
    """With the longest earlier matches of all notes and of the highest alone."""
    highest = np.where(roll.any(1), KEYS - np.argmax(roll[:, ::-1], axis=1), 0)
    found = [followers(numbered(keys)) for keys in (roll, highest)]
    place, length = (torch.from_numpy(np.stack(part, 1)) for part in zip(*found, strict=True))
    return Piece(torch.from_numpy(roll), place, length)


def pieces_of(pieces: Sequence[Piece]) -> Pieces:
    """A batch, the shorter pieces padded."""
    rolls, follower, matched = (
        nn.utils.rnn.pad_sequence([getattr(piece, name) for piece in pieces], batch_first=True)
        for name in ("roll", "follower", "matched")
    )
    return Pieces(rolls, torch.tensor([len(piece.roll) for piece in pieces]), follower, matched)


def training_batches(train: Sequence[Piece], size: int, random: np.random.Generator) -> Iterator[Pieces]:
    """An epoch: each piece once."""
    for batch in batches_of_like_length([len(piece.roll) for piece in train], size, random):
        yield pieces_of([train[i] for i in batch])


@torch.no_grad()
def nats_per_frame(net: nn.Module, pieces: Sequence[Piece], size: int = 16) -> float:
    """Mean over all scored frames."""
    ordered = sorted(pieces, key=lambda piece: len(piece.roll))
    parts = [net.frame_losses(pieces_of(ordered[at : at + size])) for at in range(0, len(ordered), size)]
    return float(torch.cat(parts).mean())


@one_thread()
def figures(
    folder: Path, *, seed: int, runs: int = RUNS, independent: Plan = INDEPENDENT_PLAN, joint: Plan = JOINT_PLAN
) -> list[Figure]:
    """Both families, counts beside nets; the joint net in several runs, whose seeds follow each other."""
    rolls = read_rolls(folder)
    rows = [
        Figure(
            INDEPENDENT,
            name,
            nats(rolls["train"], rolls[split]),
            "nats",
            sum(len(roll) - 1 for roll in rolls[split]),
            None,
            split,
        )
        for name, nats in (("unigram", unigram_nats), ("Markov-1 of each key", markov_nats))
        for split in SPLITS
    ]
    pieces = {split: [piece_of(roll) for roll in own] for split, own in rolls.items()}
    rows += _net_rows(INDEPENDENT, IndependentLstm, pieces, independent, seed)
    seeds = [(seed + run) % 2**63 for run in range(runs)]
    joint_rows = [row for own in seeds for row in _net_rows(JOINT, ChordLstm, pieces, joint, own)]
    return rows + joint_rows + [_mean_row(joint_rows, split) for split in SPLITS]


def _net_rows(
    metric: str, kind: type[nn.Module], pieces: dict[str, list[Piece]], plan: Plan, seed: int
) -> list[Figure]:
    torch.manual_seed(seed)
    net = fit(
        kind(),
        lambda random: training_batches(pieces["train"], plan.batch, random),
        lambda net, batch: net.frame_losses(batch).mean(),
        lambda net: nats_per_frame(net, pieces["valid"]),
        plan,
        seed=seed,
    )
    millions = sum(weights.numel() for weights in net.parameters()) / 1e6
    return [
        Figure(metric, f"LSTM, {millions:.2f} M", nats_per_frame(net, own), "nats", _frames(own), seed, split)
        for split, own in pieces.items()
        if split in SPLITS
    ]


def _mean_row(rows: Sequence[Figure], split: str) -> Figure:
    own = [row for row in rows if row.split == split]
    value = float(np.mean([row.value for row in own]))
    return Figure(f"{JOINT}, mean of the runs", own[0].model, value, "nats", len(own), None, split)


def _frames(pieces: Sequence[Piece]) -> int:
    return sum(len(piece.roll) - 1 for piece in pieces)
