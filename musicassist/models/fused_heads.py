"""The heads of a net of events laid out for decoding: few operations a field, since each costs more than its numbers.

What a linear layer makes of an embedded column depends on the column's class alone, so it is computed beforehand, one
row of a table for each class; a step adds up the rows of its classes.

Shapes: ``B`` streams, ``C`` columns, ``H`` size of the net's output, ``N`` plain numbers, ``V`` classes of a field.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from musicassist.models.heads import Embeddings, Head


class ColumnProducts:
    """The product of a weight matrix with embedded columns.

    Args:
        embeddings: The tables.
        columns: The table of each column.
        weight: (outputs, width) as ``Embeddings.width`` and its order of columns have it.
    """

    def __init__(self, embeddings: Embeddings, columns: Sequence[str], weight: Tensor) -> None:
        rows, firsts, row, start = [], [0] * len(columns), 0, 0
        for place in embeddings.order(columns):
            table = embeddings.tables[columns[place]].weight.detach()
            rows.append(table @ weight[:, start : start + table.shape[1]].t())
            firsts[place], row, start = row, row + len(table), start + table.shape[1]
        self.rows = torch.cat(rows).contiguous()
        self.firsts = torch.tensor(firsts)

    def __call__(self, classes: Tensor) -> Tensor:
        """(B, C) classes to (B, outputs)."""
        return functional.embedding_bag(classes + self.firsts, self.rows, mode="sum")


class FusedHead:
    """One field's distribution; gives what ``models.event_heads.Head`` gives."""

    def __init__(self, head: Head, embeddings: Embeddings, hidden: int) -> None:
        self.config = head.config
        width = embeddings.width(head.config.columns)
        inner = head.inner.weight.detach()
        self._columns = ColumnProducts(embeddings, head.config.columns, inner[:, hidden : hidden + width])
        self._inner = torch.cat([inner[:, :hidden], inner[:, hidden + width :]], 1).t().contiguous()
        self._inner_bias = head.inner.bias.detach()
        self._middle, self._middle_bias = head.middle.weight.detach().t().contiguous(), head.middle.bias.detach()
        # the outer layer, one column that stands for no class, and the copying weights: one product
        outer = [head.outer.weight, torch.zeros(1, head.outer.in_features)]
        bias = [head.outer.bias, torch.zeros(1)]
        if head.copy is not None:
            outer, bias = [*outer, head.copy.weight], [*bias, head.copy.bias]
        self._outer, self._outer_bias = torch.cat(outer).detach().t().contiguous(), torch.cat(bias).detach()
        self._classes = torch.arange(head.config.classes)

    def __call__(self, output: Tensor, columns: Tensor, numbers: Tensor) -> Tensor:
        """Logits (B, V) from the net's output (B, H), the head's columns (B, C) and the numbers (B, N)."""
        read = torch.cat((output, numbers), 1) if self.config.reads_numbers else output
        inner = functional.gelu(torch.addmm(self._inner_bias, read, self._inner).add_(self._columns(columns)))
        inner = functional.gelu(torch.addmm(self._middle_bias, inner, self._middle)).add_(inner)
        both = torch.addmm(self._outer_bias, inner, self._outer)
        count = self.config.classes
        logits = both[:, : count + 1]
        if self.config.candidates:
            logits.scatter_add_(1, columns[:, : self.config.candidates], both[:, count + 1 :])
        logits = logits[:, :count]
        if self.config.floor_column is not None:
            logits.masked_fill_(self._classes < columns[:, self.config.floor_column, None], float("-inf"))
        return logits
