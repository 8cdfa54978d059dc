"""The net with a plan: the recurrent net of melodies with more columns, begun from its weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from musicassist.families.recurrent.decoding import RecurrentConfig
from musicassist.families.recurrent.form_vocabulary import (
    BASE_COLUMNS,
    FORM_COLUMNS,
    FORM_STATE_COLUMNS,
    FORM_TABLES,
    Columns,
    tables_of,
)
from musicassist.families.recurrent.net import RecurrentModel
from musicassist.models.heads import Embeddings
from musicassist.models.recurrence import LstmSteps
from musicassist.models.steps import columns_by_table, embedding_size
from musicassist.tokens.vocabulary import CANDIDATES, CHORD_SIZE, PROFILE_SIZE, STATE_COLUMNS

_GAP = 0


class FormModel(RecurrentModel):
    """See :class:`RecurrentModel`; the head of gaps reads the numbers of the note before, as the net does."""

    def outputs(self, state: Tensor, numbers: Tensor) -> tuple[Tensor, object]:
        """The net's outputs (B, T, H) after each event; the products of the layers are made for all events at once."""
        drop = self.config.dropout
        read = functional.dropout(self.input_of(state, numbers), drop / 2, self.training).transpose(0, 1)
        outputs = read
        for layer in range(self.config.layers):
            if layer:
                outputs = functional.dropout(outputs, drop, self.training)
            weight, own, *biases = (
                getattr(self.net, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            entered = functional.linear(outputs, weight, biases[0] + biases[1])
            nothing = torch.zeros((outputs.shape[1], self.config.hidden))
            outputs, _ = LstmSteps.apply(entered, own, nothing, nothing)
        outputs = outputs.transpose(0, 1)
        return functional.dropout(outputs, drop, self.training), None

    def forward(self, state: Tensor, columns: Sequence[Tensor], numbers: Tensor, head_numbers: Tensor) -> list[Tensor]:
        """Logits of each field, as of :class:`RecurrentModel`; ``head_numbers`` are those of each note itself."""
        outputs, _ = self.outputs(state, numbers)
        drop = self.config.dropout if self.training else 0.0
        return [
            head(outputs, own, numbers if field == _GAP else head_numbers, self.embeddings, drop)
            for field, (head, own) in enumerate(zip(self.heads, columns, strict=True))
        ]


def begun_from(weights: Mapping[str, Tensor], config: RecurrentConfig) -> dict[str, Tensor]:
    """The weights of a net with a plan that foretells what the net of melodies foretells: what is new counts nothing.

    Args:
        weights: Of a net of melodies of two layers and the same size.
        config: Of the net that is begun.
    """
    model = FormModel(config)
    fresh = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    old_config = _Old(model.embeddings)
    for name, tensor in weights.items():
        tensor = tensor.float()
        if name == "net.weight_ih_l0":
            at = old_config.places(STATE_COLUMNS, FORM_STATE_COLUMNS, range(len(STATE_COLUMNS)))
            fresh[name] = _spread(tensor, fresh[name], [*at, *old_config.numbers(FORM_STATE_COLUMNS, PROFILE_SIZE)])
        elif name.endswith(".inner.weight"):
            field = int(name.split(".")[1])
            fresh[name] = _spread(tensor, fresh[name], old_config.head_places(field, config.hidden, tensor.shape[1]))
        elif name.endswith((".copy.weight", ".copy.bias")):
            fresh[name][:CANDIDATES] = tensor
            fresh[name][CANDIDATES:] = 0.0
        else:
            fresh[name] = tensor
    return fresh


class _Old:
    """Where the columns of the net of melodies stand in the wider net's input."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings

    def width(self, columns: Columns) -> int:
        return self._embeddings.width(tables_of(columns))

    def numbers(self, new: Columns, count: int) -> range:
        """Where the numbers stand that the net of melodies reads."""
        return range(self.width(new), self.width(new) + count)

    def places(self, old: Columns, new: Columns, kept: Sequence[int]) -> list[int]:
        """For each number of the old columns' vectors its place in the new ones; ``kept`` are their new places."""
        first_of = _firsts(new)
        places: list[int] = []
        for table, own in columns_by_table(tables_of(old)).items():
            size = embedding_size(FORM_TABLES[table])
            for column in own:
                first = first_of[kept[column]]
                places += range(first, first + size)
        return places

    def head_places(self, field: int, hidden: int, width: int) -> list[int]:
        """The same for a head's input: the output, its columns, then the numbers that it read."""
        old, new = BASE_COLUMNS[field], FORM_COLUMNS[field]
        has_new_candidate = len(new) != len(old)
        kept = [place + (has_new_candidate and place >= CANDIDATES) for place in range(len(old))]
        columns = [hidden + place for place in self.places(old, new, kept)]
        numbers = width - hidden - len(columns)
        assert numbers in (0, PROFILE_SIZE + CHORD_SIZE)
        first = hidden + self.width(new)
        return [*range(hidden), *columns, *range(first, first + numbers)]


def _firsts(columns: Columns) -> list[int]:
    """Where each column's vector begins."""
    firsts, at = [0] * len(columns), 0
    for table, places in columns_by_table(tables_of(columns)).items():
        for place in places:
            firsts[place], at = at, at + embedding_size(FORM_TABLES[table])
    return firsts


def _spread(old: Tensor, fresh: Tensor, places: Sequence[int]) -> Tensor:
    spread = torch.zeros_like(fresh)
    spread[:, list(places)] = old
    return spread


def save_form(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Writes weights as fp16."""
    save_file({name: tensor.half().contiguous() for name, tensor in tensors.items()}, path)


def load_form(path: Path, config: RecurrentConfig) -> FormModel:
    """The net of a file, ready to foretell."""
    net = FormModel(config)
    net.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
    net.eval()
    return net
