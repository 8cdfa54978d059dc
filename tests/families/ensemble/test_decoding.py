"""One step on NumPy gives what the net gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ensemble_music import PARTS, drawn, view_of
from lab.ensemble.features import rows_of
from lab.ensemble.learning import batch_of
from musicassist.families.ensemble.columns import EnsembleConfig
from musicassist.families.ensemble.decoding import Decoder, Memory
from musicassist.families.ensemble.net import EnsembleNet
from musicassist.families.ensemble.stream import Lane
from musicassist.families.ensemble.vocabulary import Role
from musicassist.models.checkpoints import weights_of

LANE = Lane(np.array([0, 96]), np.array([0b10010001, 0b100010010000]))


def small_net() -> EnsembleNet:
    torch.manual_seed(3)
    net = EnsembleNet(EnsembleConfig(hidden=40, head_hidden=32)).eval()
    with torch.no_grad():
        for weights in net.parameters():
            weights.mul_(1.5)  # scores that differ
    return net


@pytest.mark.parametrize("free", [PARTS, (Role.RIGHT_HAND, Role.MELODY)])
def test_the_numpy_step_equals_the_net(free: tuple[int, ...]) -> None:
    net = small_net()
    streams = [rows_of(view_of(drawn(seed), free, LANE)).rows(0, 60) for seed in (1, 2)]
    batch = batch_of(streams)
    with torch.no_grad():
        output, _ = net.read(batch)
        scores = net.scores(output, batch)
    decoder = Decoder(net.config, weights_of(net))
    memory = decoder.begin(2)
    for place in range(60):
        row = {name: np.stack([getattr(own, name)[place] for own in streams]) for name in batch}
        row = {
            n: a.astype(np.int64 if a.dtype == np.int16 else bool if a.dtype == bool else np.float32)
            for n, a in row.items()
        }
        out, memory = decoder.read(row["state"], row["state_numbers"], memory)
        ours = (
            decoder.gap(out, row["gap"], row["gap_numbers"]),
            decoder.role(out, row["role"], row["role_numbers"], row["least_role"], row["free_roles"]),
            decoder.pitch(
                out, row["pitch"], row["anchors"], row["candidates"], row["classes"], row["tonic"], row["least_pitch"]
            ),
            decoder.length(out, row["length"], row["classes"], row["target"][:, 2]),
            decoder.velocity(out, row["velocity"]),
        )
        for mine, theirs in zip(ours, scores, strict=True):
            expected = theirs[:, place].numpy()
            possible = np.isfinite(expected)
            assert np.array_equal(possible, np.isfinite(mine))
            assert np.abs(mine[possible] - expected[possible]).max() < 1e-4


def test_many_rows_at_once_are_read_as_one_after_the_other() -> None:
    net = small_net()
    decoder, rows = Decoder(net.config, weights_of(net)), rows_of(view_of(drawn(4), PARTS)).rows(0, 30)
    state, numbers = rows.state.astype(np.int64), rows.state_numbers.astype(np.float32)
    memory = decoder.begin(1)
    output, whole = decoder.read_all(state, numbers, memory)
    for place in range(30):
        out, memory = decoder.read(state[place : place + 1], numbers[place : place + 1], memory)
    assert np.allclose(output, out, atol=1e-6)
    assert np.allclose(whole.cells, memory.cells, atol=1e-6)


def test_weights_that_do_not_fit_are_refused() -> None:
    net = small_net()
    with pytest.raises(ValueError, match="another shape"):
        Decoder(EnsembleConfig(hidden=48, head_hidden=32), weights_of(net))


def test_a_memory_can_be_told_apart_and_doubled() -> None:
    table = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)
    memory = Memory(table, table + 1).of([2, 0, 2])
    assert np.array_equal(memory.outputs[:, 0], table[:, 2])
    assert np.array_equal(memory.cells[:, 1], table[:, 0] + 1)
