"""Packed lines to batches: windows, with what is told hidden at random."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lab.form.columns import FormRows
from lab.form.shards import FormPack
from musicassist.families.recurrent.form_context import harmony_numbers
from musicassist.families.recurrent.form_vocabulary import (
    FORM_CANDIDATES,
    FORM_DURATION_COLUMNS,
    FORM_GAP_COLUMNS,
    FORM_PITCH_COLUMNS,
)
from musicassist.families.recurrent.form_vocabulary import FORM_STATE_COLUMNS as STATE
from musicassist.learning.batches import Batch, batches_of
from musicassist.tokens.codec import NO_BASS
from musicassist.tokens.columns import PROFILE_SCALE
from musicassist.tokens.vocabulary import NONE_CLASS, UNKNOWN_TONIC

_STATE = [name for name, _ in STATE]
_HEADS = [[name for name, _ in page] for page in (FORM_GAP_COLUMNS, FORM_PITCH_COLUMNS, FORM_DURATION_COLUMNS)]
_HIDDEN_CLASS = {
    "tonic": UNKNOWN_TONIC,
    "bass": NO_BASS,
    "agreement": 8,
    "plan_fit": 3,
    "match_fit": 3,
    "second_fit": 3,
}
_KEY = ("tonic", "mode", "bass")
_PLAN = (
    "relation",
    "next_relation",
    "ending",
    "next_ending",
    "back",
    "plan_gap",
    "plan_interval",
    "plan_duration",
    "plan_fit",
)
_ENDINGS = ("ending", "next_ending")
_RELATIONS = tuple(name for name in _PLAN if name not in _ENDINGS)
_END = ("countdown", "wish", "left")
_PLAN_CANDIDATE = FORM_CANDIDATES - 1


@dataclass(frozen=True)
class Dropout:
    """Chance, for each window, that something is hidden from the net.

    Attributes:
        all: That everything is hidden but the melody itself; the others count in the other windows.
        key, style, end, wish, harmony, matches: That they are; ``wish`` where the end is told.
        bass: That the basses are, where the harmony is told.
        plan, relations, endings: That the whole plan is, or a part of it.
    """

    all: float = 0.25
    key: float = 0.3
    style: float = 0.3
    end: float = 0.5
    wish: float = 0.2
    harmony: float = 0.25
    bass: float = 0.2
    plan: float = 0.35
    relations: float = 0.15
    endings: float = 0.2
    matches: float = 0.08


NOTHING_TOLD = Dropout(all=1.0, matches=0.0)
_TOLD = dict.fromkeys(
    ("all", "key", "style", "end", "wish", "harmony", "bass", "plan", "relations", "endings", "matches"), 0.0
)
HARMONY_TOLD = Dropout(**{**_TOLD, "key": 1.0, "style": 1.0, "end": 1.0, "plan": 1.0})
PLAN_TOLD = Dropout(**{**_TOLD, "key": 1.0, "style": 1.0, "end": 1.0, "harmony": 1.0})
ALL_TOLD = Dropout(**_TOLD)


def gather(
    rows: FormRows, at: NDArray[np.int64], mask: NDArray[np.bool_], dropout: Dropout, random: np.random.Generator
) -> Batch:
    """Windows of given rows, (B, T), of which those in the mask count, with conditions hidden by chance."""
    windows = len(at)

    def chance(share: float) -> NDArray[np.bool_]:
        return random.random(windows) < share

    nothing = chance(dropout.all)
    state, heads = rows.state[at], [rows.gap[at], rows.pitch[at], rows.duration[at]]

    def hide(windows: NDArray[np.bool_], names: tuple[str, ...]) -> None:
        for page, columns in zip((state, *heads), (_STATE, *_HEADS), strict=True):
            for place, name in enumerate(columns):
                if name in names:
                    candidate = page is not state and place < FORM_CANDIDATES
                    page[windows, :, place] = NONE_CLASS if candidate else _HIDDEN_CLASS.get(name, 0)

    hide(nothing | chance(dropout.key), _KEY)
    hide(nothing | chance(dropout.style), ("style",))
    hide(nothing | chance(dropout.end), _END)
    hide(chance(dropout.wish), ("wish",))
    hide(nothing | chance(dropout.plan), _PLAN)
    hide(chance(dropout.relations), _RELATIONS)
    hide(chance(dropout.endings), _ENDINGS)
    no_harmony, no_bass = nothing | chance(dropout.harmony), chance(dropout.bass)
    hide(no_harmony | no_bass, ("bass",))
    no_match = chance(dropout.matches)
    hide(no_match, ("match", "agreement", "match_length", "second_length", "rhythm_length", "contour_length"))
    hide(no_match, ("match_fit", "second_fit"))
    for page in heads:
        page[no_match, :, :_PLAN_CANDIDATE] = NONE_CLASS
    heard = rows.heard[at]
    heard[no_harmony, ..., :-1] = 0
    heard[no_harmony | no_bass, ..., -1] = NO_BASS
    profile = rows.profile[at].astype(np.float32) / PROFILE_SCALE
    told = harmony_numbers(heard, rows.last_pitch[at][..., None])
    numbers, head_numbers = (torch.from_numpy(np.concatenate([profile, told[:, :, own]], -1)) for own in (0, 1))
    columns = tuple(_classes(page) for page in (*heads, rows.velocity[at]))
    target = _classes(rows.target[at])
    return Batch(_classes(state), columns, numbers, head_numbers, target, torch.from_numpy(mask))


def _classes(page: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(page).long()


def windows_at(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The rows of windows, (B, T), padded to the longest with the first row, and which of them count."""
    steps = np.arange(int(lengths.max()))
    mask = steps < lengths[:, None]
    return np.where(mask, starts[:, None] + steps, starts[:, None]), mask


def training_batches(
    pack: FormPack, *, notes: int, batch_notes: int, other_share: float, dropout: Dropout, random: np.random.Generator
) -> Iterator[Batch]:
    """Batches of one reading: each melody, and some of the other lines, cut into windows at a random offset.

    Args:
        pack: The training side, or a part of it.
        notes: Of the longest window.
        batch_notes: Notes in a batch, padding included.
        other_share: Share of the lines that are no melody that is read.
        dropout: What is hidden.
        random: Of the run.
    """
    starts: list[int] = []
    lengths: list[int] = []
    for line in np.flatnonzero(pack.is_melody | (random.random(len(pack)) < other_share)):
        first, last = int(pack.first_row[line]), int(pack.first_row[line + 1])
        cut = int(random.integers(notes // 2, notes + 1))
        edges = [first, *range(first + cut, last - notes // 8, notes), last]
        starts += edges[:-1]
        lengths += [min(b - a, notes + notes // 8) for a, b in pairwise(edges)]
    all_starts, all_lengths = np.array(starts, dtype=np.int64), np.array(lengths, dtype=np.int64)
    order = np.argsort(all_lengths + random.integers(0, notes // 4, len(all_lengths)), kind="stable")
    batches = batches_of(order, all_lengths, batch_notes)
    for place in random.permutation(len(batches)):
        chosen = batches[place]
        yield gather(pack.rows, *windows_at(all_starts[chosen], all_lengths[chosen]), dropout, random)
