"""Adaptive n-grams of the fields of the stream: the baseline beside which the net of all parts is measured.

For each field a chain of contexts, each longer than the one before; Witten-Bell mixes them. One model is counted on
training pieces, one on the piece so far; how much each counts depends on how much of the chain was met in the piece
before and in training, and is fitted on training pieces that were not counted. The contexts are read from the rows that
the net reads: place in the bar, the fields of the notes before, those of the part, what sounds, what is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.families.ensemble.columns import FARTHEST, Rows
from musicassist.families.ensemble.vocabulary import GAPS, LENGTHS, ROLES

Keys = NDArray[np.uint64]
FIELDS = ("gap", "role", "pitch", "length")
CLASSES = {"gap": GAPS, "role": ROLES, "pitch": 145, "length": LENGTHS}
_FARTHEST = 72  # an interval is one of 145 classes


def _hashed(columns: Sequence[NDArray[np.int64]], rows: int) -> Keys:
    key = np.full(rows, len(columns), dtype=np.uint64)
    for column in columns:
        key = (key ^ (column.astype(np.int64) + 1000).astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
        key ^= key >> np.uint64(31)
    return key


def _back(column: NDArray[np.int64], by: int) -> NDArray[np.int64]:
    """The column ``by`` rows ago."""
    return np.concatenate([np.full(min(by, len(column)), -1), column[: max(0, len(column) - by)]])


def symbols_of(rows: Rows) -> dict[str, NDArray[np.int64]]:
    """The classes that are foretold: of the pitch its interval from the row's first anchor."""
    target = rows.target.astype(np.int64)
    interval = np.clip(target[:, 2] - rows.anchors[:, 0], -_FARTHEST, _FARTHEST) + _FARTHEST
    return {"gap": target[:, 0], "role": target[:, 1], "pitch": interval, "length": target[:, 3]}


def contexts_of(rows: Rows, *, has_given: bool) -> dict[str, list[Keys]]:
    """For each field its chain of contexts, from none to the longest."""
    n = len(rows)
    gap_read, role_read, pitch_read, length_read = (
        getattr(rows, name).astype(np.int64) for name in ("gap", "role", "pitch", "length")
    )
    target = rows.target.astype(np.int64)
    gap, role = target[:, 0], target[:, 1]
    event = gap * 16 + role  # of the note before and those before it
    events = [_back(event, by) for by in range(1, 6)]
    place, now_place = gap_read[:, 12], role_read[:, 8]
    given = [gap_read[:, 7]] if has_given else []
    own_last, in_chord = pitch_read[:, 20], np.minimum(pitch_read[:, 17], 1)
    rank = pitch_read[:, 17]
    symbols = symbols_of(rows)
    before = _before_in_part(role, symbols["pitch"], 5)
    lengths = _before_in_part(role, target[:, 3], 3)
    low, high = pitch_read[:, 1], pitch_read[:, 2]
    octave = np.where(low == 2 * FARTHEST + 1, 12, (low - FARTHEST) % 12)
    head = [role, rank]
    chains = {
        "gap": [[], given, [*given, place], *([*given, place, *events[:k]] for k in range(1, 6))],
        "role": [[], [gap == 0, events[0] % 16], [gap, events[0] % 16], [gap, now_place, events[0] % 16],
                 *([gap, now_place, *events[:k]] for k in range(1, 5))],
        "pitch": [[], head, [*head, octave], [*head, octave, before[0]], [*head, octave, high, before[0]],
                  *([*head, octave, *before[:k]] for k in range(2, 6))],
        "length": [[], [role, in_chord], [role, in_chord, lengths[0]], [role, in_chord, lengths[0], now_place],
                   *([[role, in_chord, lengths[0], now_place, length_read[:, 11]]] if has_given else []),
                   [role, in_chord, now_place, *lengths[:2]], [role, in_chord, now_place, *lengths[:2], before[0]],
                   [role, in_chord, now_place, *lengths[:3], before[0], symbols["pitch"]]],
    }  # fmt: skip
    assert own_last.shape == (n,)
    return {
        name: [_hashed([np.asarray(c, np.int64) for c in chain], n) for chain in own] for name, own in chains.items()
    }


def _before_in_part(role: NDArray[np.int64], column: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """What the last notes of the same part had, the nearest first; -1 for none."""
    found = [np.full(len(role), -1, dtype=np.int64) for _ in range(count)]
    for part in np.unique(role):
        where = np.flatnonzero(role == part)
        for by in range(1, count + 1):
            found[by - 1][where] = _back(column[where], by)
    return found


@dataclass(frozen=True)
class _Counts:
    """Counts of one place in a chain: of contexts with a symbol, of contexts, and of different symbols behind each."""

    with_symbol: tuple[Keys, NDArray[np.int64]]
    contexts: tuple[Keys, NDArray[np.int64], NDArray[np.int64]]

    @staticmethod
    def of(context: Keys, symbol: NDArray[np.int64]) -> _Counts:
        both, count = np.unique(_joined(context, symbol), return_counts=True)
        first = np.unique(_joined(context, symbol), return_index=True)[1]
        names, total = np.unique(context, return_counts=True)
        different = np.unique(context[first], return_counts=True)[1]
        return _Counts((both, count), (names, total, different))

    def look_up(self, context: Keys, symbol: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
        """Count with the symbol, count, different symbols."""
        own = _found(*self.with_symbol, _joined(context, symbol))
        names, total, different = self.contexts
        return own, _found(names, total, context), _found(names, different, context)


def _joined(context: Keys, symbol: NDArray[np.int64]) -> Keys:
    key = (context ^ (symbol + 77).astype(np.uint64)) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(29))


def _found(keys: Keys, values: NDArray[np.int64], wanted: Keys) -> NDArray[np.float64]:
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], 0).astype(np.float64)


def _so_far(context: Keys, symbol: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
    """For each row the same three counts over the rows before it."""
    both = _joined(context, symbol)
    own, total = _earlier_equal(both), _earlier_equal(context)
    is_new = (own == 0).astype(np.float64)
    order = np.argsort(context, kind="stable")
    sums = np.cumsum(is_new[order]) - is_new[order]
    starts = np.concatenate([[True], np.diff(context[order]) != 0])
    base = np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
    different = np.empty(len(order))
    different[order] = sums - sums[base]
    return own, total, different


def _earlier_equal(keys: Keys) -> NDArray[np.float64]:
    order = np.argsort(keys, kind="stable")
    starts = np.concatenate([[True], np.diff(keys[order]) != 0])
    base = np.maximum.accumulate(np.where(starts, np.arange(len(keys)), 0))
    earlier = np.empty(len(keys))
    earlier[order] = np.arange(len(keys)) - base
    return earlier


def _mixed(
    counts: list[tuple[NDArray[np.float64], ...]], classes: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The Witten-Bell probability of the symbols, and how many places of the chain were met."""
    probability = np.full(len(counts[0][0]), 1.0 / classes)
    met = np.zeros(len(probability), dtype=np.int64)
    for own, total, different in counts:
        weight = total + different
        probability = np.where(total > 0, (own + different * probability) / np.maximum(weight, 1), probability)
        met += total > 0
    return probability, met


class NGrams:
    """The two models and their weights."""

    def __init__(self, pieces: Sequence[Rows], *, has_given: bool) -> None:
        """Counts nine of ten pieces and fits the weights on the others."""
        self._has_given = has_given
        fitted = [rows for at, rows in enumerate(pieces) if at % 10 == 9]
        counted = [rows for at, rows in enumerate(pieces) if at % 10 != 9]
        self._counts: dict[str, list[_Counts]] = {}
        read = [(contexts_of(rows, has_given=has_given), symbols_of(rows)) for rows in counted]
        for name in FIELDS:
            symbol = np.concatenate([symbols[name] for _, symbols in read])
            depth = len(read[0][0][name])
            self._counts[name] = [
                _Counts.of(np.concatenate([chains[name][at] for chains, _ in read]), symbol) for at in range(depth)
            ]
        self._weights: dict[str, NDArray[np.float64]] = {}
        for name in FIELDS:
            parts = [self._both(rows)[name] for rows in fitted]
            once, so_far, bucket = (np.concatenate([part[k][1:] for part in parts]) for k in range(3))
            self._weights[name] = _fitted(once, so_far, bucket)

    def _both(self, rows: Rows) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]]:
        chains, symbols = contexts_of(rows, has_given=self._has_given), symbols_of(rows)
        page = {}
        for name in FIELDS:
            symbol = symbols[name]
            once = [c.look_up(k, symbol) for c, k in zip(self._counts[name], chains[name], strict=True)]
            so_far = [_so_far(k, symbol) for k in chains[name]]
            p, met = _mixed(once, CLASSES[name])
            q, near = _mixed(so_far, CLASSES[name])
            page[name] = p, q, met * 16 + near
        return page

    def bits(self, rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(N, 4) bits of the model that was trained once, and of both together; a first note is not scored: 0."""
        once, both = np.zeros((len(rows), 4)), np.zeros((len(rows), 4))
        for place, (name, (p, q, bucket)) in enumerate(self._both(rows).items()):
            weight = self._weights[name][bucket]
            once[:, place], both[:, place] = -np.log2(p), -np.log2(weight * p + (1 - weight) * q)
        once[:1] = both[:1] = 0
        return once, both


def _fitted(p: NDArray[np.float64], q: NDArray[np.float64], bucket: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each bucket the weight of the first model that makes the symbols likeliest."""
    weights = np.full(256, 0.5)
    for _ in range(40):
        share = weights[bucket] * p / (weights[bucket] * p + (1 - weights[bucket]) * q)
        total = np.bincount(bucket, minlength=256)
        weights = (np.bincount(bucket, share, minlength=256) + 1.0) / (total + 2.0)
    return weights
