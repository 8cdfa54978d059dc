"""One step on NumPy gives what the net gives, and the layers that learn are those of torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ensemble_music import PARTS, drawn, view_of
from lab.ensemble.decoding import Decoder, Memory
from lab.ensemble.features import rows_of
from lab.ensemble.learning import batch_of
from lab.ensemble.net import EnsembleConfig, EnsembleNet
from lab.ensemble.recurrence import LstmLayer
from lab.ensemble.stream import Lane
from lab.ensemble.vocabulary import Role
from lab.ensemble.weights import load_net, save_net

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
    decoder = Decoder({name: tensor.numpy() for name, tensor in net.state_dict().items()})
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


def test_a_memory_can_be_told_apart_and_doubled() -> None:
    table = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)
    memory = Memory(table, table + 1).of([2, 0, 2])
    assert np.array_equal(memory.outputs[:, 0], table[:, 2])
    assert np.array_equal(memory.cells[:, 1], table[:, 0] + 1)


def test_layers_are_those_of_torch() -> None:
    torch.manual_seed(0)
    layer, theirs = LstmLayer(30, 16), torch.nn.LSTM(30, 16)
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(layer.entering.weight)
        theirs.weight_hh_l0.copy_(layer.recurring)
        theirs.bias_ih_l0.copy_(layer.entering.bias)
        theirs.bias_hh_l0.zero_()
    read = torch.randn(20, 5, 30, requires_grad=True)
    same = read.detach().clone().requires_grad_()
    outputs, (hidden, cell) = layer(read)
    expected, (last, last_cell) = theirs(same)
    assert torch.allclose(outputs, expected, atol=1e-6)
    assert torch.allclose(hidden, last[0], atol=1e-6)
    assert torch.allclose(cell, last_cell[0], atol=1e-6)
    weight = torch.randn_like(outputs)
    (outputs * weight).sum().backward()
    (expected * weight).sum().backward()
    assert torch.allclose(read.grad, same.grad, atol=1e-5)
    assert torch.allclose(layer.recurring.grad, theirs.weight_hh_l0.grad, atol=1e-4)
    assert torch.allclose(layer.entering.bias.grad, theirs.bias_ih_l0.grad, atol=1e-4)


def test_a_net_comes_back_from_its_file(tmp_path: Path) -> None:
    net = small_net()
    save_net(net, tmp_path / "net.safetensors")
    again = load_net(tmp_path / "net.safetensors")
    assert again.config == net.config
    for name, tensor in net.state_dict().items():
        assert torch.allclose(again.state_dict()[name], tensor, atol=2e-3), name
