"""Windows of two bars cut from the packed lines, for the models that turn bars into a latent and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from musicassist.learning.pack import Pack
from musicassist.tokens.columns import TARGETS, Columns
from musicassist.tokens.vocabulary import (
    MAX_INTERVAL,
    MAX_STEPS,
    METERS,
    PITCH_COLUMNS,
    STATE_COLUMNS,
    STEPS_PER_BEAT,
    UNKNOWN_TONIC,
)
from musicassist.tokens.windows import HIGHEST_PITCH, LOWEST_PITCH, MAX_BAR_STEPS, MAX_NOTES, WINDOW_BARS

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
_STATE = {name: place for place, (name, _) in enumerate(STATE_COLUMNS)}
_TARGET = {name: place for place, name in enumerate(TARGETS)}
_NEXT_POSITION = [name for name, _ in PITCH_COLUMNS].index("next_position")
_HEADER = 4  # meter, mode, style and count stand before the notes of a row


@dataclass(frozen=True)
class Windows:
    """``N`` windows.

    Attributes:
        fields: (N, MAX_NOTES, 3), place, pitch class and length of each note; zeros behind the last.
        count: (N,), how many notes each has.
        condition: (N, 3), meter, mode and style.
    """

    fields: Bytes
    count: Ints
    condition: Bytes

    def __len__(self) -> int:
        return len(self.count)

    def rows(self, chosen: NDArray[np.integer] | NDArray[np.bool_]) -> Windows:
        """Some of the windows."""
        return Windows(self.fields[chosen], self.count[chosen], self.condition[chosen])

    def plus(self, others: Windows) -> Windows:
        """These and others, which may equal some of these."""
        return Windows(
            np.concatenate([self.fields, others.fields]),
            np.concatenate([self.count, others.count]),
            np.concatenate([self.condition, others.condition]),
        )


@dataclass(frozen=True)
class Run:
    """Notes of a line in one meter, without a gap of unknown length.

    Attributes:
        notes: (n, 5): gap before it, place in its bar, semitones above a tonic, length, meter.
        meter: Row of ``METERS``.
        condition: (2,), mode and style.
    """

    notes: Ints
    meter: int
    condition: Bytes


def windows_of(pack: Pack, lines: NDArray[np.bool_], *, fewest_notes: int = 1) -> Windows:
    """All different windows of some lines, as far as their key is known.

    A window begins at each bar line that a note follows within a bar, so neighbours share a bar.

    Args:
        pack: One side of the split.
        lines: (lines,), which lines are read.
        fewest_notes: Windows with fewer are left out.
    """
    rows = [np.zeros((0, _HEADER + 3 * MAX_NOTES), dtype=np.uint8)]
    for line in np.flatnonzero(lines):
        rows += _line_rows(pack.line(int(line)))
    table = np.unique(np.concatenate(rows), axis=0)
    table = table[table[:, 3] >= fewest_notes]
    fields = table[:, _HEADER:].reshape(len(table), MAX_NOTES, 3)
    return Windows(fields, table[:, 3].astype(np.int64), np.ascontiguousarray(table[:, :3]))


def _line_rows(columns: Columns) -> list[Bytes]:
    """The windows of a line, (windows, 4 + 3 * MAX_NOTES) for each meter that it is in."""
    return [_rows(run.notes, run.meter, run.condition) for run in runs_of(columns)]


def runs_of(columns: Columns) -> Iterator[Run]:
    """The runs of a line; none where its key is not known."""
    if not len(columns) or columns.state[0, _STATE["tonic"]] == UNKNOWN_TONIC:
        return
    condition = columns.state[0, [_STATE["mode"], _STATE["style"]]]
    for meter, notes in _parts(_notes(columns)):
        yield Run(notes, meter, condition)


def _notes(columns: Columns) -> Ints:
    """(n, 5) of a line of n notes: gap before it, place in its bar, semitones above a tonic, length, meter.

    The last note stands only in what was to be predicted.
    """
    state, target = columns.state.astype(np.int64), columns.target[-1].astype(np.int64)
    gap, interval, duration = (np.append(state[:, _STATE[name]], target[_TARGET[name]]) for name in TARGETS[:3])
    position = np.append(state[:, _STATE["position"]], columns.pitch[-1, _NEXT_POSITION])
    interval[0] = state[0, _STATE["tonic"]] + MAX_INTERVAL
    meter = np.append(state[:, _STATE["meter"]], state[-1, _STATE["meter"]])
    return np.stack([gap, position, np.cumsum(interval - MAX_INTERVAL), duration, meter], 1)


def _parts(notes: Ints) -> Iterator[tuple[int, Ints]]:
    """Runs of notes of one meter whose bars a window holds two of, cut at gaps whose length is not known."""
    breaks = (notes[1:, 0] >= MAX_STEPS) | (np.diff(notes[:, 4]) != 0)
    for first, stop in pairwise([0, *(np.flatnonzero(breaks) + 1).tolist(), len(notes)]):
        meter = int(notes[first, 4])
        if meter and bar_steps(meter) <= MAX_BAR_STEPS:
            yield meter, notes[first:stop]


def bar_steps(meter: int) -> int:
    """Steps of a bar of a row of ``METERS`` but the first."""
    beats, unit = map(int, METERS[meter].split("/"))
    return STEPS_PER_BEAT * 4 * beats // unit


BAR_STEPS: Ints = np.array([0, *(bar_steps(meter) for meter in range(1, len(METERS)))])  # of each row of ``METERS``


def _rows(notes: Ints, meter: int, condition: Bytes) -> Bytes:
    """The windows of a run of notes, each where a bar of it begins; those with too many notes or too far apart go."""
    onset, steps = np.cumsum(notes[:, 0]), bar_steps(meter)
    lines = np.unique(onset - notes[:, 1])
    fields, count, _, kept = windows_at(notes, meter, np.union1d(lines, lines[1:] - steps))
    header = np.array([[meter, *condition]]).repeat(len(count), 0)
    return np.hstack([header, count[:, None], fields.reshape(len(count), -1)])[kept].astype(np.uint8)


def windows_at(notes: Ints, meter: int, starts: Ints) -> tuple[Ints, Ints, Ints, NDArray[np.bool_]]:
    """The windows of a run of notes that begin at some steps, ``W`` of them.

    Returns:
        Fields (W, MAX_NOTES, 3) and count (W,) as of :class:`Windows`; the reference tonic of each (W,); and whether
        each is one: it has notes, and not too many or too far apart.
    """
    onset, stop = np.cumsum(notes[:, 0]), starts[:, None] + WINDOW_BARS * bar_steps(meter)
    first = np.searchsorted(onset, starts)[:, None]
    count = np.searchsorted(onset, stop) - first
    row = np.minimum(first + np.arange(MAX_NOTES), len(notes) - 1)
    exists = np.arange(MAX_NOTES) < count
    place, pitch = onset[row] - starts[:, None], notes[row, 2]
    mean = (pitch * exists).sum(1, keepdims=True) / np.maximum(count, 1)
    reference = (mean // 12).astype(np.int64) * 12
    pitch = pitch - reference
    in_reach = (((pitch >= LOWEST_PITCH) & (pitch <= HIGHEST_PITCH)) | ~exists).all(1)
    length = np.minimum(notes[row, 3], stop - onset[row])
    fields = np.stack([place, pitch - LOWEST_PITCH, length], 2) * exists[..., None]
    kept = (count[:, 0] > 0) & (count[:, 0] <= MAX_NOTES) & in_reach
    return fields, count[:, 0], reference[:, 0], kept
