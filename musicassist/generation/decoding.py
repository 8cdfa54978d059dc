"""One step at a time, fast: the weights of a trained net laid out for decoding a few streams.

``torch.nn.LSTM`` re-orders its weights at every call on a CPU, which costs seven to ten times the step itself. Here the
input and recurrent weights of a layer are one matrix that is laid out once, and a step is one product with it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from musicassist.models.attention import AttentionMemory
from musicassist.models.recurrent import RecurrentModel


class FusedCell:
    """One layer's step. Shapes: ``B`` streams, ``I`` inputs, ``H`` hidden."""

    def __init__(self, net: torch.nn.RNNBase, layer: int) -> None:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = [getattr(net, f"{name}_l{layer}").detach() for name in names]
        self.cell = net.mode
        self.hidden = net.hidden_size
        if self.cell == "GRU":  # its candidate needs the recurrent product by itself
            self.input_matrix, self.input_bias = weights[0].t().contiguous(), weights[2]
            self.matrix, self.bias = weights[1].t().contiguous(), weights[3]
        else:
            self.matrix = torch.cat(weights[:2], 1).t().contiguous()
            self.bias = weights[2] + weights[3]

    def step(self, read: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """(B, I) and the last state, each (B, H), to the new state; its first part is the output."""
        if self.cell == "LSTM":
            return self._lstm(read, *state)
        if self.cell == "GRU":
            return self._gru(read, *state)
        return (torch.addmm(self.bias, torch.cat((read, state[0]), 1), self.matrix).tanh_(),)

    def _lstm(self, read: Tensor, last: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        gates = torch.addmm(self.bias, torch.cat((read, last), 1), self.matrix)
        size = self.hidden
        entered = gates[:, : 2 * size].sigmoid_()
        new = gates[:, 2 * size : 3 * size].tanh_()
        cell = torch.addcmul(entered[:, size:] * cell, entered[:, :size], new)
        return gates[:, 3 * size :].sigmoid_() * cell.tanh(), cell

    def _gru(self, read: Tensor, last: Tensor) -> tuple[Tensor]:
        own = torch.addmm(self.input_bias, read, self.input_matrix)
        kept = torch.addmm(self.bias, last, self.matrix)
        size = self.hidden
        gates = (own[:, : 2 * size] + kept[:, : 2 * size]).sigmoid_()
        new = torch.addcmul(own[:, 2 * size :], gates[:, :size], kept[:, 2 * size :]).tanh_()
        return (torch.lerp(new, last, gates[:, size:]),)


class Decoder:
    """A trained model's net, its state for some streams, and its heads. Used by one thread at a time.

    Shapes: ``B`` streams, ``S`` state columns, ``N`` numbers, ``H`` hidden.
    """

    def __init__(self, model: RecurrentModel) -> None:
        self.model = model.eval()
        self.cells = [FusedCell(model.net, layer) for layer in range(model.config.layers)]
        self._state: list[tuple[Tensor, ...]] = []
        self._memory = AttentionMemory(model.attention) if model.attention is not None else None
        self.output = torch.zeros(0)

    @torch.inference_mode()
    def prefill(self, state: Tensor, numbers: Tensor, streams: int) -> None:
        """Reads a seed, (T, S) and (T, N), once, and goes on from it with ``streams`` equal streams."""
        read = self.model.input_of(state[None], numbers[None])
        outputs, last = self.model.net(read)
        parts = last if isinstance(last, tuple) else (last,)
        layers = range(self.model.config.layers)
        self._state = [tuple(part[layer].expand(streams, -1).contiguous() for part in parts) for layer in layers]
        if self._memory is not None:
            outputs = self._memory.begin(outputs, read, streams)
        self.output = outputs[0, -1].expand(streams, -1).contiguous()

    @torch.inference_mode()
    def step(self, state: Tensor, numbers: Tensor) -> Tensor:
        """Reads one event of each stream, (B, S) and (B, N); gives and keeps the output (B, H)."""
        read = output = self.model.input_of(state, numbers)
        for layer, cell in enumerate(self.cells):
            self._state[layer] = cell.step(output, self._state[layer])
            output = self._state[layer][0]
        self.output = output if self._memory is None else self._memory.step(output, read)
        return self.output

    @torch.inference_mode()
    def logits(self, head: int, columns: Tensor, numbers: Tensor) -> Tensor:
        """Logits (B, V) of a field from its columns (B, C) and the heads' numbers (B, N)."""
        return self.model.heads[head](self.output, columns, numbers, self.model.embeddings, 0.0)  # type: ignore[no-any-return]

    def keep(self, streams: list[int]) -> None:
        """Goes on with some of the streams only, in that order."""
        rows = torch.tensor(streams)
        self._state = [tuple(part[rows] for part in layer) for layer in self._state]
        self.output = self.output[rows]
        if self._memory is not None:
            self._memory.keep(rows)
