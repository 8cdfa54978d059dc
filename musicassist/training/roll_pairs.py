"""Rolls of two bars, each after the two bars before it, cut from the packed lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.tokens.pianoroll import LOWEST_ROW, ROWS, SILENT, SLOTS, Ints, Symbols, row_in_reach, symbols_of
from musicassist.tokens.windows import WINDOW_BARS
from musicassist.training.pack import Pack
from musicassist.training.windows import bar_steps, runs_of

FEWEST_NOTES = 2  # LIMIT: a roll with fewer teaches nothing
_CONDITIONS = 3


@dataclass(frozen=True)
class RollPairs:
    """Different pairs of rolls, ``N`` of them; both of a pair count their rows from the same tonic.

    Attributes:
        previous: (N, SLOTS), symbols of the two bars before; silent where nothing stands there.
        roll: (N, SLOTS), symbols of two bars.
        condition: (N, 3), meter, mode and style.
    """

    previous: Symbols
    roll: Symbols
    condition: Symbols

    def __len__(self) -> int:
        return len(self.roll)

    def rows(self, chosen: NDArray[np.integer] | slice) -> RollPairs:
        """Some of the pairs."""
        return RollPairs(self.previous[chosen], self.roll[chosen], self.condition[chosen])

    def without_previous(self) -> RollPairs:
        """The same rolls as if nothing stood before them."""
        return RollPairs(np.full_like(self.previous, SILENT), self.roll, self.condition)


def roll_pairs(pack: Pack, *, melodies_only: bool = True) -> RollPairs:
    """All different pairs of the lines whose key is known; a roll begins at each bar line.

    Args:
        pack: One side of the split.
        melodies_only: Whether to leave out the lines that are no melody.
    """
    tables = [np.zeros((0, 2 * SLOTS + _CONDITIONS), dtype=np.uint8)]
    for line in np.flatnonzero(pack.is_melody) if melodies_only else range(len(pack)):
        columns = pack.line(int(line))
        for run in runs_of(columns):
            tables.append(_pairs(run.notes, run.meter, run.condition))
    table = np.unique(np.concatenate(tables), axis=0)
    return RollPairs(*(np.ascontiguousarray(part) for part in np.split(table, [SLOTS, 2 * SLOTS], axis=1)))


def _pairs(notes: Ints, meter: int, condition: Symbols) -> Symbols:
    """The pairs of one run, (pairs, 2 * SLOTS + 3)."""
    onset, steps = np.cumsum(notes[:, 0]), bar_steps(meter) * WINDOW_BARS
    starts = np.unique(onset - notes[:, 1])
    window, note = _inside(onset, starts, steps)
    before_window, before = _inside(onset, starts - steps, steps)
    # the tonic at or below the mean of what stands before, or of the roll itself
    means = np.where(
        np.isin(np.arange(len(starts)), before_window),
        _means(before_window, notes[before, 2], len(starts)),
        _means(window, notes[note, 2], len(starts)),
    )
    lowest = np.floor(means / 12).astype(np.int64) * 12 + LOWEST_ROW
    row = notes[note, 2] - lowest[window]
    before_row = row_in_reach(notes[before, 2] - lowest[before_window])
    kept = np.bincount(window, minlength=len(starts)) >= FEWEST_NOTES
    kept[window[(row < 0) | (row >= ROWS)]] = False
    row = np.clip(row, 0, ROWS - 1)
    place, before_place = onset[note] - starts[window], onset[before] - (starts - steps)[before_window]
    length = np.minimum(notes[note, 3], steps - place)
    before_length = np.minimum(notes[before, 3], steps - before_place)
    previous = symbols_of(before_window, before_place, before_row, before_length, len(starts))
    roll = symbols_of(window, place, row, length, len(starts))
    conditions = np.tile(np.array([meter, *condition], dtype=np.uint8), (len(starts), 1))
    return np.concatenate([previous, roll, conditions], 1)[kept]


def _inside(onset: Ints, starts: Ints, steps: int) -> tuple[Ints, Ints]:
    """For each note of each window the window and the note."""
    first, last = np.searchsorted(onset, starts), np.searchsorted(onset, starts + steps)
    counts = last - first
    window = np.repeat(np.arange(len(starts)), counts)
    return window, np.arange(len(window)) - np.repeat(np.cumsum(counts) - counts, counts) + first[window]


def _means(window: Ints, pitch: Ints, windows: int) -> NDArray[np.float64]:
    counts = np.bincount(window, minlength=windows)
    return np.asarray(np.bincount(window, pitch, minlength=windows) / np.maximum(counts, 1))
