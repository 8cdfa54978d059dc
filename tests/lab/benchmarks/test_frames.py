"""The next frame of a piano roll: baselines by hand, that no net looks ahead, and figures on made-up pieces."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lab.benchmarks.fitting import Plan
from lab.benchmarks.frame_models import KEYS, ChordLstm, IndependentLstm
from lab.benchmarks.frames import (
    INDEPENDENT,
    JOINT,
    figures,
    markov_nats,
    nats_per_frame,
    piece_of,
    pieces_of,
    read_rolls,
    unigram_nats,
)
from musicassist.errors import UsageError

CHORDS = ([40, 44, 47], [40, 45, 49], [39, 42, 47], [], [40, 44, 47, 52], [35])
NETS = (IndependentLstm, ChordLstm)


def _roll(*chords: list[int]) -> NDArray[np.float32]:
    roll = np.zeros((len(chords), KEYS), dtype=np.float32)
    for frame, chord in enumerate(chords):
        roll[frame, chord] = 1
    return roll


def _net(kind: type[torch.nn.Module]) -> torch.nn.Module:
    torch.manual_seed(1)
    return kind().eval()


def _write(folder: Path, rolls: dict[str, list[NDArray[np.float32]]]) -> Path:
    arrays: dict[str, NDArray] = {}
    for split, own in rolls.items():
        arrays[f"{split}_frames"] = np.concatenate(own).astype(np.uint8)
        arrays[f"{split}_lengths"] = np.array([len(roll) for roll in own])
    np.savez(folder / "jsb_chorales.npz", **arrays)
    return folder


def test_unigram_by_hand() -> None:
    train = [_roll([1], [1], [])]  # 2.5 of 4 frames with key 1; each other key 0.5 of 4
    nats = unigram_nats(train, [_roll([], [1], [])])
    others = -(KEYS - 1) * math.log(1 - 0.5 / 4)
    assert nats == pytest.approx(others - (math.log(2.5 / 4) + math.log(1.5 / 4)) / 2, rel=1e-5)


def test_markov_by_hand() -> None:
    train = [_roll([1], [1], [], [])]  # after key 1: on, off; after none: off
    nats = markov_nats(train, [_roll([1], [1], [1])])
    others = -(KEYS - 1) * math.log(1 - 0.5 / 4)
    assert nats == pytest.approx(others - math.log(1.5 / 3), rel=1e-5)


@pytest.mark.parametrize("kind", NETS)
def test_a_frame_is_foretold_from_the_frames_before_alone(kind: type[torch.nn.Module]) -> None:
    changed = [*CHORDS[:4], [41, 44, 47, 52], CHORDS[5]]
    one, other = (_net(kind).frame_losses(pieces_of([piece_of(_roll(*chords))])) for chords in (CHORDS, changed))
    assert len(one) == len(CHORDS) - 1
    assert torch.allclose(one[:3], other[:3], atol=1e-6)
    assert not torch.isclose(one[4], other[4], atol=1e-6)


@pytest.mark.parametrize("kind", NETS)
def test_padding_changes_no_figure(kind: type[torch.nn.Module]) -> None:
    pieces = [piece_of(_roll(*CHORDS)), piece_of(_roll(*CHORDS[:3]))]
    apart = [nats_per_frame(_net(kind), [own]) for own in pieces]
    assert nats_per_frame(_net(kind), pieces) == pytest.approx((5 * apart[0] + 2 * apart[1]) / 7, rel=1e-5)


def test_the_shares_of_all_small_chords_stay_below_one() -> None:
    """The empty frame and all single notes; a chord's notes are chosen in one order only, so none counts twice."""
    chords = [[], *([key] for key in range(KEYS))]
    pieces = pieces_of([piece_of(_roll(CHORDS[0], chord)) for chord in chords])
    shares = torch.exp(-_net(ChordLstm).frame_losses(pieces).detach())
    assert 0 < float(shares.sum()) < 1


def test_the_figures_of_made_up_pieces_are_equal_twice(tmp_path: Path) -> None:
    folder = _write(tmp_path, {split: [_roll(*CHORDS)] * 4 for split in ("train", "valid", "test")})
    plans = {"independent": Plan(epochs=1), "joint": Plan(epochs=1)}
    rows = figures(folder, seed=3, runs=2, **plans)
    assert rows == figures(folder, seed=3, runs=2, **plans)
    assert {row.seed for row in rows if row.metric == JOINT} == {3, 4}
    runs = [row.value for row in rows if row.metric == JOINT and row.split == "test"]
    mean = next(row for row in rows if row.metric == f"{JOINT}, mean of the runs" and row.split == "test")
    assert (mean.value, mean.n) == (pytest.approx(sum(runs) / 2), 2)
    assert len([row for row in rows if row.metric == INDEPENDENT]) == 6


def test_a_folder_without_the_benchmark_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not hold the benchmark"):
        read_rolls(tmp_path)
