"""Where the past of a note was met before: the longest equal pasts, for all places at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musicassist.families.ensemble.stream import Column


def _earlier(keys: NDArray[np.uint64], first: int) -> Column:
    """For each place the last earlier place with an equal key, -1 for none; places before ``first`` have no key."""
    found = np.full(len(keys), -1, dtype=np.int64)
    order = np.argsort(keys[first:], kind="stable") + first
    is_same = keys[order][1:] == keys[order][:-1]
    found[order[1:][is_same]] = order[:-1][is_same]
    return found


def longest_matches(tokens: NDArray[np.uint64], lengths: tuple[int, ...]) -> tuple[Column, Column]:
    """The place behind the latest earlier place with the longest equal past, -1 for none, and which length it has.

    The second column is the place of the matching length in ``lengths`` plus 1, counted from its end; 0 for none.
    """
    place = np.full(len(tokens), -1, dtype=np.int64)
    which = np.zeros(len(tokens), dtype=np.int64)
    ascending = sorted(lengths)
    keys = tokens.copy()
    for length in range(1, ascending[-1] + 1):
        if length > 1:
            keys[1:] = tokens[1:] + keys[:-1] * np.uint64(0x9E3779B97F4A7C15)
        if length in lengths:
            found = _earlier(keys, length - 1)
            is_found = found >= 0
            place[is_found] = found[is_found] + 1
            which[is_found] = ascending.index(length) + 1
    return place, which


def mixed(*columns: Column) -> NDArray[np.uint64]:
    """One well-spread number of several small ones."""
    key = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        key = (key ^ (column + 512).astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
        key ^= key >> np.uint64(29)
    return key * np.uint64(0x94D049BB133111EB)
