"""The net of the stream: recurrent layers with one step a note, then a head for each field of the note, in a chain.

Shapes: ``B`` windows, ``T`` notes, ``H`` size of the recurrent output, ``V`` classes of a field; ``...`` is ``B, T`` or
one dimension of notes.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from musicassist.families.ensemble import columns as kinds
from musicassist.families.ensemble.columns import REACH, EnsembleConfig
from musicassist.families.ensemble.vocabulary import GAPS, LENGTHS, PITCHES, ROLES, VELOCITY_BINS
from musicassist.models.recurrence import LstmLayer

_WIDTH = 2 * REACH + 1
Batch = Mapping[str, Tensor]  # the columns of ``columns.Rows`` by name
State = list[tuple[Tensor, Tensor]] | None  # of the recurrent layers


class Embeddings(nn.Module):
    """A table for each kind of class; embeds columns side by side."""

    def __init__(self, tables: Mapping[str, int]) -> None:
        super().__init__()
        self.tables = nn.ModuleDict({name: nn.Embedding(n, kinds.embedding_size(n)) for name, n in tables.items()})

    def forward(self, classes: Tensor, columns: tuple[str, ...]) -> Tensor:
        """(..., columns) classes to (..., width), grouped by table."""
        groups = kinds.grouped(columns).items()
        return torch.cat([self.tables[name](classes[..., places]).flatten(-2) for name, places in groups], -1)


class Body(nn.Module):
    """The hidden layers of a head: (..., width) to (..., size)."""

    def __init__(self, width: int, size: int, dropout: float) -> None:
        super().__init__()
        self.inner, self.middle = nn.Linear(width, size), nn.Linear(size, size)
        self.dropout = dropout

    def forward(self, read: Tensor) -> Tensor:
        """Two layers, the second beside itself."""
        read = functional.dropout(read, self.dropout / 2, self.training)
        inner = functional.relu(self.inner(read))
        if self.training and self.dropout:
            kept = torch.rand((*inner.shape[:1], *[1] * (inner.dim() - 2), inner.shape[-1])) >= self.dropout
            inner = inner * (kept / (1 - self.dropout)).to(inner.dtype)
        return functional.relu(self.middle(inner)) + inner


class ClassHead(nn.Module):
    """A field's scores (..., V); it may copy candidates, its first columns of classes."""

    def __init__(self, width: int, size: int, classes: int, candidates: int, dropout: float) -> None:
        super().__init__()
        self.body = Body(width, size, dropout)
        self.outer = nn.Linear(size, classes)
        self.copy = nn.Linear(size, candidates)
        self.candidates = candidates

    def forward(self, read: Tensor, columns: Tensor) -> Tensor:
        """Scores from what is read and the classes in the head's columns."""
        inner = self.body(read)
        scores = functional.pad(self.outer(inner).float(), (0, 1))  # the class behind the last: no candidate
        return scores.scatter_add(-1, columns[..., : self.candidates], self.copy(inner).float())[..., :-1]


class PitchHead(nn.Module):
    """Scores of pitches: from anchors, by degree, by what is known of each pitch class, and by copying."""

    def __init__(self, width: int, size: int, dropout: float) -> None:
        super().__init__()
        self.body = Body(width, size, dropout)
        self.anchored = nn.Linear(size, kinds.ANCHORS * _WIDTH)
        self.by_class = nn.Linear(size, 12 + kinds.CLASS_FEATURES)
        self.copy = nn.Linear(size, kinds.PITCH_CANDIDATES)
        self.register_buffer("columns", anchor_columns(), persistent=False)

    def forward(self, read: Tensor, batch: Batch) -> Tensor:
        """(..., 128)."""
        inner = self.body(read)
        anchors = batch["anchors"]
        anchored = self.anchored(inner).float().unflatten(-1, (kinds.ANCHORS, _WIDTH))
        anchored = functional.pad(anchored, (0, 1))  # too far from the anchor, or no anchor: nothing
        scores = anchored.gather(-1, self.columns[anchors]).sum(-2)
        by_class = self.by_class(inner).float()
        turned = (torch.arange(12, device=read.device) - batch["tonic"].unsqueeze(-1)) % 12
        classes = by_class[..., :12].gather(-1, turned)
        classes = classes + (by_class[..., 12:].unsqueeze(-2) @ batch["classes"].float()).squeeze(-2)
        scores = scores + classes[..., torch.arange(PITCHES, device=read.device) % 12]
        scores = functional.pad(scores, (0, 1))
        return scores.scatter_add(-1, batch["candidates"], self.copy(inner).float())[..., :-1]


def anchor_columns() -> Tensor:
    """(129, 128) for each anchor and pitch the column of its score; the last anchor is none."""
    step = torch.arange(PITCHES)[None, :] - torch.arange(PITCHES)[:, None] + REACH
    columns = torch.where((step >= 0) & (step < _WIDTH), step, _WIDTH)
    return torch.cat([columns, torch.full((1, PITCHES), _WIDTH)])


class EnsembleNet(nn.Module):
    """The recurrent layers, the tables and the heads."""

    def __init__(self, config: EnsembleConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(kinds.TABLES)
        width, hidden, size, drop = kinds.width_of, config.hidden, config.head_hidden, config.dropout
        read = width(kinds.STATE) + kinds.STATE_NUMBERS
        self.layers = nn.ModuleList(LstmLayer(hidden if at else read, hidden) for at in range(config.layers))
        gap, role = width(kinds.GAP_COLUMNS), width(kinds.ROLE_COLUMNS)
        self.gap = ClassHead(hidden + gap + kinds.GAP_NUMBERS, size, GAPS, kinds.GAP_CANDIDATES, drop)
        self.role = ClassHead(hidden + role + kinds.ROLE_NUMBERS, size, ROLES, kinds.ROLE_CANDIDATES, drop)
        classes = 12 * kinds.CLASS_FEATURES
        self.pitch = PitchHead(hidden + width(kinds.PITCH_COLUMNS) + classes, size, drop)
        length = hidden + width(kinds.LENGTH_COLUMNS) + kinds.CLASS_FEATURES
        self.length = ClassHead(length, size, LENGTHS, kinds.LENGTH_CANDIDATES, drop)
        velocity = hidden + width(kinds.VELOCITY_COLUMNS)
        self.velocity = ClassHead(velocity, size // 2, VELOCITY_BINS, kinds.VELOCITY_CANDIDATES, drop)

    @property
    def parameter_count(self) -> int:
        """Numbers that were learned."""
        return sum(parameter.numel() for parameter in self.parameters())

    def read(self, batch: Batch, state: State = None) -> tuple[Tensor, State]:
        """The recurrent output (B, T, H) after each row, and each layer's last output and cell."""
        read = torch.cat([self.embeddings(batch["state"], kinds.STATE), batch["state_numbers"].float()], -1)
        read = self._dropped(read.transpose(0, 1), self.config.dropout / 2)
        lasts = []
        for place, layer in enumerate(self.layers):
            read, last = layer(read, state[place] if state else None)
            read = self._dropped(read, self.config.dropout)
            lasts.append(last)
        return read.transpose(0, 1), lasts

    def _dropped(self, read: Tensor, share: float) -> Tensor:
        """(T, B, size) with numbers of each window left out, the same ones at all its notes."""
        if not self.training or share <= 0:
            return read
        kept = torch.rand(read.shape[1:]) >= share
        return read * (kept / (1 - share)).to(read.dtype)

    def scores(self, output: Tensor, batch: Batch) -> tuple[Tensor, ...]:
        """Scores (..., V) of gap, role, pitch, length and velocity, -inf for what cannot be."""
        embed = self.embeddings
        gap = self.gap(_joined(output, embed(batch["gap"], kinds.GAP_COLUMNS), batch["gap_numbers"]), batch["gap"])
        role = self.role(
            _joined(output, embed(batch["role"], kinds.ROLE_COLUMNS), batch["role_numbers"]), batch["role"]
        )
        below = torch.arange(ROLES, device=output.device) < batch["least_role"].unsqueeze(-1)
        role = role.masked_fill(below | ~batch["free_roles"], float("-inf"))
        known = batch["classes"]
        turn = (torch.arange(12, device=output.device) + batch["anchors"][..., :1]) % 12
        turned = known.gather(-1, turn.unsqueeze(-2).expand_as(known)).flatten(-2)
        pitch = self.pitch(_joined(output, embed(batch["pitch"], kinds.PITCH_COLUMNS), turned), batch)
        below = torch.arange(PITCHES, device=output.device) < batch["least_pitch"].unsqueeze(-1)
        pitch = pitch.masked_fill(below, float("-inf"))
        chosen = (batch["target"][..., 2] % 12)[..., None, None].expand(*known.shape[:-1], 1)
        of_pitch = known.gather(-1, chosen).squeeze(-1)
        length = self.length(_joined(output, embed(batch["length"], kinds.LENGTH_COLUMNS), of_pitch), batch["length"])
        velocity = self.velocity(_joined(output, embed(batch["velocity"], kinds.VELOCITY_COLUMNS)), batch["velocity"])
        return gap, role, pitch, length, velocity

    def losses(self, batch: Batch) -> Tensor:
        """(B, T, 5) nats of each field, 0 where it is not scored."""
        output, _ = self.read(batch)
        is_scored, target = batch["is_scored"], batch["target"]
        losses = [
            functional.cross_entropy(s.flatten(0, -2), target[..., k].flatten(), reduction="none").view(
                is_scored.shape[:-1]
            )
            for k, s in enumerate(self.scores(output, batch))
        ]
        return torch.stack(losses, -1).where(is_scored, 0.0)


def _joined(output: Tensor, *parts: Tensor) -> Tensor:
    return torch.cat([output, *(part.to(output.dtype) for part in parts)], -1)
