"""Melodies as small hashes that neither key nor tempo changes, and what a line shares with very many others.

Each four notes in a row leave eight bits of their three intervals and of how the gaps between their onsets grow, in
half octaves: equal gaps, half as long again, twice as long are told apart, a little earlier or later is not. The notes
themselves are not kept. Where the hashes of two lines agree one after the other, the lines agree note by note, but for
one chance in some hundred at each end. Common figures share a code; two codes in a row, which are looked up, tell more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.tokens.codec import Ints

Codes = NDArray[np.uint8]
GRAM_NOTES = 4  # that leave a code
MIN_RUN_NOTES = GRAM_NOTES + 1  # two codes
MIN_ALIGNED_CODES = 3  # in a row; fewer agree by chance
_RATIO_REACH = 9  # half octaves; gaps that grow or shrink by more are one class
_MIX, _FOLD, _TOP = np.uint64(0x9E3779B97F4A7C15), np.uint64(29), np.uint64(56)
_MAX_COMPARED = 2048  # LIMIT: places that are looked at note by note, those with the longest runs
_PAIRS = 2**16


def codes_of(onset: Ints, pitch: Ints) -> Codes:
    """(notes - 3,), a code for each four notes in a row; onsets rise, in any unit of time."""
    if len(onset) < GRAM_NOTES:
        return np.zeros(0, dtype=np.uint8)
    gap = np.diff(onset).astype(np.float64)
    grown = np.rint(2 * np.log2(gap[1:] / gap[:-1])).astype(np.int64)
    ratio = np.clip(grown, -_RATIO_REACH, _RATIO_REACH) + _RATIO_REACH
    interval = np.diff(pitch).astype(np.int64) + 128
    figure = (interval[:-2] * 256 + interval[1:-1]) * 256 + interval[2:]
    figure = (figure * 32 + ratio[:-1]) * 32 + ratio[1:]
    mixed = figure.astype(np.uint64) * _MIX
    mixed = (mixed ^ (mixed >> _FOLD)) * _MIX
    return np.asarray(mixed >> _TOP, dtype=np.uint8)


@dataclass(frozen=True)
class Alike:
    """Where some codes agree with other lines, as columns: one row for each line that has five notes in a row.

    The first row has the longest run; those behind it come in the order of how many notes agree.

    Attributes:
        line: Number of the other line.
        own_note, note: Where the longest run begins, in the line that was asked about and in the other.
        run_notes: How long it is.
        aligned_notes: How many notes agree in all, so many notes apart as in the run, in runs of six notes and more.
    """

    line: Ints
    own_note: Ints
    note: Ints
    run_notes: Ints
    aligned_notes: Ints

    def __len__(self) -> int:
        return len(self.line)

    def rows(self, chosen: Ints) -> Alike:
        """Some of the rows, in the order that is given."""
        columns = (self.line, self.own_note, self.note, self.run_notes, self.aligned_notes)
        return Alike(*(column[chosen] for column in columns))

    def longest_first(self) -> Alike:
        """The row with the longest run before all others; of equal ones that where most notes agree."""
        if not len(self):
            return self
        first = int(np.lexsort((-self.aligned_notes, -self.run_notes))[0])
        return self.rows(np.concatenate([[first], np.delete(np.arange(len(self)), first)]))


class Fingerprints:
    """Lines that others are compared with. Any thread may ask.

    Args:
        codes: Of all lines, one after the other.
        first_code: (lines + 1,), where each line begins, and at last where the last one ends.
    """

    def __init__(self, codes: Codes, first_code: Ints) -> None:
        self._codes, self._first_code = codes, first_code
        pairs = _pairs_of(codes)  # also those across two lines, which come to nothing when lines are compared
        self._places = np.argsort(pairs, kind="stable").astype(np.int32)
        self._begin = np.concatenate([[0], np.cumsum(np.bincount(pairs, minlength=_PAIRS))])

    def alike(self, own: Codes) -> Alike:
        """The best place of each line that has five notes in a row in common with some codes.

        Where more places agree than are compared, those with the longest runs are.
        """
        place, at = self._ends_of_runs(own)
        line = np.searchsorted(self._first_code, place, side="right") - 1
        width = len(self._codes) + len(own)
        key = np.unique(line * width + (place - at + len(own)))
        found = self._compared(own, *np.divmod(key, width))
        order = np.lexsort((found.own_note, found.line, -found.run_notes, -found.aligned_notes))
        return found.rows(order[np.sort(np.unique(found.line[order], return_index=True)[1])]).longest_first()

    def _ends_of_runs(self, own: Codes) -> tuple[Ints, Ints]:
        """Places where runs with ``own`` end, of the longest ones, and the pairs of ``own`` that they end with."""
        run = np.zeros(len(self._codes) + 1, dtype=np.int16)  # for each place the run that ended just before it
        before = np.zeros(0, dtype=np.int32)
        lengths: list[NDArray[np.int16]] = [np.zeros(0, dtype=np.int16)]
        places, rows = [before], [np.zeros(0, dtype=np.int64)]
        for row, pair in enumerate(_pairs_of(own).tolist()):
            here = self._places[self._begin[pair] : self._begin[pair + 1]]
            length = run[here] + np.int16(1)
            run[before] = 0
            before = here + np.int32(1)
            run[before] = length
            lengths.append(length)
            places.append(here)
            rows.append(np.full(len(here), row))
        length, place, row_of = np.concatenate(lengths), np.concatenate(places), np.concatenate(rows)
        chosen = _longest(length, _MAX_COMPARED)
        return place[chosen].astype(np.int64), row_of[chosen]

    def _compared(self, own: Codes, line: Ints, shift: Ints) -> Alike:
        """What lines have in common with some codes; ``shift``, less the number of codes, is from these to those."""
        shift = shift - len(own)
        place = np.arange(len(own))[:, None] + shift
        is_inside = (place >= self._first_code[line]) & (place < self._first_code[line + 1])
        equal = is_inside & (self._codes[np.where(is_inside, place, 0)] == own[:, None])
        run = equal.astype(np.int32)  # for each code, how long the run is that ends with it
        for row in range(1, len(own)):
            run[row] += run[row - 1] * run[row]
        last = run.argmax(0) if len(own) else shift
        codes = run[last, np.arange(len(line))].astype(np.int64)
        found = Alike(
            line,
            last - codes + 1,
            shift + last - codes + 1 - self._first_code[line],
            codes + GRAM_NOTES - 1,
            _notes_in_runs(run),
        )
        return found.rows(np.flatnonzero(codes >= MIN_RUN_NOTES - GRAM_NOTES + 1))


def _longest(lengths: NDArray[np.int16], most: int) -> Ints:
    """Places of the longest runs, in their order; of equal ones the first."""
    if len(lengths) <= most:
        return np.arange(len(lengths))
    least = int(np.partition(lengths, -most)[-most])
    longer = np.flatnonzero(lengths > least)
    return np.concatenate([longer, np.flatnonzero(lengths == least)[: most - len(longer)]])


def _pairs_of(codes: Codes) -> NDArray[np.uint16]:
    return codes[:-1].astype(np.uint16) * np.uint16(256) + codes[1:]


def _notes_in_runs(run: NDArray[np.int32]) -> Ints:
    """How many notes the runs of each column cover that are not short."""
    size = len(run)
    is_in = np.zeros((size + GRAM_NOTES - 1, run.shape[1]), dtype=np.bool_)
    for back in range(min(MIN_ALIGNED_CODES, size)):  # a long run ends here or a little later
        is_in[: size - back] |= run[back:] >= MIN_ALIGNED_CODES
    covered = is_in.copy()
    for on in range(1, GRAM_NOTES):
        covered[on:] |= is_in[:-on]
    return np.asarray(covered.sum(0), dtype=np.int64)
