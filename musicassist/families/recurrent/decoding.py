"""One step at a time, fast: the weights of a trained net laid out for decoding a few streams.

``torch.nn.LSTM`` re-orders its weights at every call on a CPU, which costs seven to ten times the step itself. Here the
input and recurrent weights of a layer are one matrix that is laid out once, and a step is one product with it. What the
first layer makes of the embedded columns is looked up, see ``fused_heads``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from musicassist.families.recurrent.net import RecurrentModel
from musicassist.models.fused_heads import ColumnProducts, FusedHead
from musicassist.models.heads import AttentionMemory


class FusedCell:
    """One layer's step. Shapes: ``B`` streams, ``I`` inputs, ``H`` hidden, ``G`` gates (4 H, 3 H or H)."""

    def __init__(self, net: torch.nn.RNNBase, layer: int) -> None:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = [getattr(net, f"{name}_l{layer}").detach() for name in names]
        self.cell = net.mode
        self.hidden = net.hidden_size
        self.inputs = weights[0].shape[1]
        if self.cell == "GRU":  # its candidate needs the recurrent product by itself
            self.input_matrix, self.input_bias = weights[0].t().contiguous(), weights[2]
            self.matrix, self.bias = weights[1].t().contiguous(), weights[3]
        else:
            self.matrix = torch.cat(weights[:2], 1).t().contiguous()
            self.bias = weights[2] + weights[3]

    def take_columns(self, width: int) -> Tensor:
        """Takes the weights (width, G) of the first inputs out: from now on their product is ``added`` to a step."""
        self.inputs -= width
        if self.cell == "GRU":
            taken, self.input_matrix = self.input_matrix[:width], self.input_matrix[width:].contiguous()
        else:
            taken, self.matrix = self.matrix[:width], self.matrix[width:].contiguous()
        return taken

    def step(self, read: Tensor, state: tuple[Tensor, ...], added: Tensor | None = None) -> tuple[Tensor, ...]:
        """(B, I) and the last state, each (B, H), to the new state; its first part is the output.

        ``added``, (B, G), is what other inputs come to.
        """
        if self.cell == "GRU":
            return self._gru(read, state[0], added)
        bias = self.bias if added is None else added.add_(self.bias)
        gates = torch.addmm(bias, torch.cat((read, state[0]), 1), self.matrix)
        return self._lstm(gates, state[1]) if self.cell == "LSTM" else (gates.tanh_(),)

    def _lstm(self, gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        size = self.hidden
        entered = gates[:, : 2 * size].sigmoid_()
        new = gates[:, 2 * size : 3 * size].tanh_()
        cell = torch.addcmul(entered[:, size:] * cell, entered[:, :size], new)
        return gates[:, 3 * size :].sigmoid_() * cell.tanh(), cell

    def _gru(self, read: Tensor, last: Tensor, added: Tensor | None) -> tuple[Tensor]:
        own = torch.addmm(self.input_bias if added is None else added.add_(self.input_bias), read, self.input_matrix)
        kept = torch.addmm(self.bias, last, self.matrix)
        size = self.hidden
        gates = (own[:, : 2 * size] + kept[:, : 2 * size]).sigmoid_()
        new = torch.addcmul(own[:, 2 * size :], gates[:, :size], kept[:, 2 * size :]).tanh_()
        return (torch.lerp(new, last, gates[:, size:]),)


class LaidOutNet:
    """A trained recurrent net as its decoder reads it; made once, shared by all decoders."""

    def __init__(self, model: RecurrentModel) -> None:
        self.model = model.eval()
        config, embeddings = model.config, model.embeddings
        first = FusedCell(model.net, 0)
        width = embeddings.width(config.state_columns)
        self.columns = ColumnProducts(embeddings, config.state_columns, first.take_columns(width).t())
        self.cells = [first, *(FusedCell(model.net, layer) for layer in range(1, config.layers))]
        self.heads = [FusedHead(head, embeddings, config.hidden) for head in model.heads]  # type: ignore[arg-type]


class Decoder:
    """A trained model's net, its state for some streams, and its heads. Used by one thread at a time.

    Shapes: ``B`` streams, ``S`` state columns, ``N`` numbers, ``H`` hidden.
    """

    def __init__(self, net: LaidOutNet) -> None:
        self.net = net
        model = net.model
        self._state: list[tuple[Tensor, ...]] = []
        self._memory = AttentionMemory(model.attention) if model.attention is not None else None
        self.output = torch.zeros(0)

    @torch.inference_mode()
    def prefill(self, state: Tensor, numbers: Tensor, streams: int) -> None:
        """Reads a seed, (T, S) and (T, N), once, and goes on from it with ``streams`` equal streams."""
        model = self.net.model
        read = model.input_of(state[None], numbers[None])
        outputs, last = model.net(read)
        parts = last if isinstance(last, tuple) else (last,)
        layers = range(model.config.layers)
        self._state = [tuple(part[layer].expand(streams, -1).contiguous() for part in parts) for layer in layers]
        if self._memory is not None:
            outputs = self._memory.begin(outputs, read, streams)
        self.output = outputs[0, -1].expand(streams, -1).contiguous()

    @torch.inference_mode()
    def step(self, state: Tensor, numbers: Tensor) -> Tensor:
        """Reads one event of each stream, (B, S) and (B, N); gives and keeps the output (B, H)."""
        output, added = numbers, self.net.columns(state)
        for layer, cell in enumerate(self.net.cells):
            self._state[layer] = cell.step(output, self._state[layer], added)
            output, added = self._state[layer][0], None
        if self._memory is not None:
            output = self._memory.step(output, self.net.model.input_of(state, numbers))
        self.output = output
        return output

    @torch.inference_mode()
    def logits(self, head: int, columns: Tensor, numbers: Tensor) -> Tensor:
        """Logits (B, V) of a field from its columns (B, C) and the heads' numbers (B, N)."""
        return self.net.heads[head](self.output, columns, numbers)

    def keep(self, streams: list[int]) -> None:
        """Goes on with some of the streams only, in that order."""
        rows = torch.tensor(streams)
        self._state = [tuple(part[rows] for part in layer) for layer in self._state]
        self.output = self.output[rows]
        if self._memory is not None:
            self._memory.keep(rows)
