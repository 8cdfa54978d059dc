"""LSTM layers whose learning is fast on processors: the steps' products one by one, all other products at once.

The weights are those of ``torch.nn.LSTM`` with the two biases as one. Shapes: ``B`` windows, ``T`` notes, ``H`` hidden
size; the gates stand in the order input, forget, cell, output.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class LstmSteps(torch.autograd.Function):
    """All steps of one layer, from the products of its input."""

    @staticmethod
    def forward(ctx: Any, entered: Tensor, weight: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        """(T, B, 4H) products of the input, (4H, H) weights, (B, H) state to (T, B, H) outputs and the last cell."""
        steps, count, size = entered.shape[0], entered.shape[1], weight.shape[1]
        kind = entered.dtype
        turned = weight.to(kind).t().contiguous()
        gates = torch.empty((steps, count, 4 * size), dtype=torch.float32)
        cells = torch.empty((steps + 1, count, size), dtype=torch.float32)
        bent = torch.empty((steps, count, size), dtype=torch.float32)
        outputs = torch.empty((steps + 1, count, size), dtype=kind)
        cells[0], outputs[0] = cell, hidden
        for step in range(steps):
            gate = gates[step]
            torch.add(entered[step], outputs[step] @ turned, out=gate)
            gate[:, : 2 * size].sigmoid_()
            gate[:, 2 * size : 3 * size].tanh_()
            gate[:, 3 * size :].sigmoid_()
            i, f, g, o = gate.chunk(4, 1)
            torch.mul(f, cells[step], out=cells[step + 1])
            cells[step + 1].addcmul_(i, g)
            torch.tanh(cells[step + 1], out=bent[step])
            outputs[step + 1] = o * bent[step]
        ctx.save_for_backward(weight, gates, cells, bent, outputs)
        return outputs[1:], cells[-1]

    @staticmethod
    def backward(ctx: Any, d_outputs: Tensor, d_last: Tensor | None) -> tuple[Tensor, Tensor, None, None]:
        """The gradients of the input's products and of the weights."""
        weight, gates, cells, bent, outputs = ctx.saved_tensors
        kind = outputs.dtype
        used = weight.to(kind)
        steps, count, size = bent.shape
        i, f, g, o = gates.chunk(4, 2)
        # what each gate's gradient is multiplied by, for all steps at once
        to_cell = o * (1 - bent * bent)
        by_i, by_f = g * i * (1 - i), cells[:-1] * f * (1 - f)
        by_g, by_o = i * (1 - g * g), bent * o * (1 - o)
        d_gates = torch.empty((steps, count, 4 * size), dtype=kind)
        d_hidden = torch.zeros((count, size))
        d_cell = torch.zeros((count, size))
        for step in range(steps - 1, -1, -1):
            d_hidden = d_hidden + d_outputs[step]
            d_cell = torch.addcmul(d_cell, d_hidden, to_cell[step])
            d_gate = d_gates[step]
            d_gate[:, :size] = d_cell * by_i[step]
            d_gate[:, size : 2 * size] = d_cell * by_f[step]
            d_gate[:, 2 * size : 3 * size] = d_cell * by_g[step]
            d_gate[:, 3 * size :] = d_hidden * by_o[step]
            d_hidden = (d_gate @ used).float()
            d_cell = d_cell * f[step]
        d_weight = d_gates.flatten(0, 1).t() @ outputs[:-1].flatten(0, 1)
        return d_gates, d_weight.to(weight.dtype), None, None


class LstmLayer(nn.Module):
    """One layer."""

    def __init__(self, width: int, size: int) -> None:
        super().__init__()
        self.entering = nn.Linear(width, 4 * size)
        self.recurring = nn.Parameter(torch.empty(4 * size, size))
        self.size = size
        bound = size**-0.5
        for weights in (self.entering.weight, self.entering.bias, self.recurring):
            nn.init.uniform_(weights, -bound, bound)
        with torch.no_grad():
            self.entering.bias[size : 2 * size] += 1.0  # remember, to begin with

    def forward(self, read: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """(T, B, width) to (T, B, H), and the last output and cell, each (B, H). No gradient goes into the state."""
        entered = self.entering(read)
        nothing = torch.zeros((read.shape[1], self.size))
        hidden, cell = state or (nothing, nothing)
        outputs, last = LstmSteps.apply(entered, self.recurring, hidden, cell)
        return outputs, (outputs[-1].float(), last)
