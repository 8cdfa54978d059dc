"""The layers that learn are those of torch."""

from __future__ import annotations

import torch

from musicassist.models.recurrence import LstmLayer


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
