"""Learning: views, windows, batches, and a sitting that goes on where it was stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ensemble_music import FOUR_FOUR, PARTS, drawn, view_of
from lab.ensemble.features import rows_of
from lab.ensemble.learning import Plan, batch_of, bits_of, blinded, drawn_view, learn, mean_bits, windows_of
from lab.ensemble.pieces import Piece
from musicassist.families.ensemble.columns import EnsembleConfig
from musicassist.families.ensemble.net import EnsembleNet
from musicassist.families.ensemble.stream import NO_LANE

PLAN = Plan(seconds=4.0, notes=40, windows=3, warmup_steps=5, validate_every_seconds=2, save_every_seconds=0.5)


def piece(seed: int) -> Piece:
    return Piece(f"a/{seed}", "", "train", drawn(seed), FOUR_FOUR, NO_LANE, has_velocities=True)


def small_net() -> EnsembleNet:
    torch.manual_seed(1)
    return EnsembleNet(EnsembleConfig(hidden=32, layers=1, head_hidden=24))


def test_drawn_views_write_something_and_give_what_they_say() -> None:
    random = np.random.default_rng(1)
    sizes = set()
    for _ in range(60):
        view = drawn_view(piece(1), PLAN, random)
        assert len(view.free)
        assert set(view.free.role.tolist()) <= set(view.free_roles)
        assert not set(view.given.role.tolist()) & set(view.free_roles)
        sizes.add((len(view.free_roles), len(set(view.given.role.tolist()))))
    assert {(3, 0), (1, 2)} < sizes


def test_windows_hold_every_row_at_most_once() -> None:
    rows = rows_of(view_of(drawn(2), PARTS))
    for seed in range(6):
        windows = list(windows_of(rows, 64, np.random.default_rng(seed)))
        held = np.concatenate([window.target for window in windows])
        assert len(held) <= len(rows)
        assert len(held) > len(rows) - 64
        assert all(24 <= len(window) <= 64 for window in windows)


def test_blind_rows_tell_nothing_of_matches() -> None:
    rows = rows_of(view_of(drawn(3), PARTS))
    blind = blinded(rows)
    assert (rows.state[:, -2:] > 0).any() and not (blind.state[:, -2:] > 0).any()
    assert (rows.candidates[:, 4:6] < 128).any() and (blind.candidates[:, 4:6] == 128).all()
    assert np.array_equal(rows.candidates[:, :4], blind.candidates[:, :4])
    assert np.array_equal(rows.target, blind.target)


def test_a_batch_pads_with_rows_that_do_not_count() -> None:
    rows = rows_of(view_of(drawn(4), PARTS))
    short, long = rows.rows(0, 30), rows.rows(0, 50)
    batch = batch_of([short, long])
    assert batch["state"].shape[:2] == (2, 50)
    assert not batch["is_scored"][0, 30:].any() and batch["is_scored"][1].all()
    net = small_net().eval()
    with torch.no_grad():
        both, alone = net.losses(batch), net.losses(batch_of([short]))
    assert torch.allclose(both[0, :30], alone[0], atol=1e-4)
    assert torch.isfinite(both).all() and (both[0, 30:] == 0).all()


def test_bits_do_not_depend_on_what_is_read_beside() -> None:
    net, views = small_net(), [view_of(drawn(seed, 60 + seed), PARTS) for seed in (5, 6, 7)]
    together, alone = bits_of(net, views), [bits_of(net, [view])[0] for view in views]
    for one, other in zip(together, alone, strict=True):
        assert np.allclose(one, other, atol=1e-3)
    assert mean_bits(together).shape == (5,)


def test_a_sitting_learns_and_goes_on(tmp_path: Path) -> None:
    pieces, said = [piece(1), piece(2)], []
    net = small_net()
    before = float(mean_bits(bits_of(net, [view_of(drawn(1), PARTS)]))[:4].sum())
    half = replace(PLAN, seconds=2.0)
    learn(net, pieces, [1, 2], lambda _: {"x": 1.0}, half, tmp_path, seed=1, say=said.append)
    steps = json.loads((tmp_path / "run.json").read_text())["step"]
    assert steps > 0
    average = learn(small_net(), pieces, [1, 2], lambda _: {"x": 1.0}, PLAN, tmp_path, seed=1, say=said.append)
    assert json.loads((tmp_path / "run.json").read_text())["step"] > steps
    assert float(mean_bits(bits_of(average, [view_of(drawn(1), PARTS)]))[:4].sum()) < before
    assert "valid at the end" in said[-1]
