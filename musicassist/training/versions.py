"""Copies and versions of one tune among pieces that nobody has sorted: dropped, or kept on one side of the split.

Two melodies are copies where all intervals and all ratios of successive gaps are equal, so that transposition and
doubled note values do not matter. They are versions of one tune where they share enough runs of notes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from musicassist.tokens.codec import Melody

RUN_NOTES = 8  # steps from note to note that make a run
FEWEST_SHARED_RUNS = 8
LEAST_SHARED_SHARE = 0.22  # of the runs of the shorter melody
_MOST_PIECES_OF_A_RUN = 64  # LIMIT: a run that stands in more pieces is a commonplace and tells nothing
Step = tuple[int, int]


def steps_of(melody: Melody) -> tuple[Step, ...]:
    """From each note to the next: the interval, and the rounded binary logarithm of how the gap grows, in quarters."""
    gaps = np.diff(melody.onset_step)
    growth = np.concatenate([[0.0], np.log2(gaps[1:] / gaps[:-1])]) if len(gaps) else np.zeros(0)
    return tuple(zip(np.diff(melody.pitch).tolist(), np.rint(4 * growth).astype(np.int64).tolist(), strict=True))


def tunes_of(melodies: Sequence[Melody]) -> list[int]:
    """For each melody the place of the first one that it is a version of, directly or by way of others."""
    runs = [_runs(melody) for melody in melodies]
    pieces_of: dict[tuple[Step, ...], list[int]] = defaultdict(list)
    for place, own in enumerate(runs):
        for run in own:
            pieces_of[run].append(place)
    first = list(range(len(melodies)))
    for place, own in enumerate(runs):
        shared: dict[int, int] = defaultdict(int)
        for run in own:
            pieces = pieces_of[run]
            if len(pieces) <= _MOST_PIECES_OF_A_RUN:
                for other in pieces:
                    shared[other] += other < place
        for other, count in shared.items():
            if count >= FEWEST_SHARED_RUNS and count >= LEAST_SHARED_SHARE * min(len(own), len(runs[other])):
                _join(first, place, other)
    return [_first(first, place) for place in range(len(melodies))]


def _runs(melody: Melody) -> set[tuple[Step, ...]]:
    steps = steps_of(melody)
    return {steps[i : i + RUN_NOTES] for i in range(len(steps) - RUN_NOTES + 1)}


def _first(first: list[int], place: int) -> int:
    while first[place] != place:
        first[place] = first[first[place]]
        place = first[place]
    return place


def _join(first: list[int], one: int, other: int) -> None:
    low, high = sorted((_first(first, one), _first(first, other)))
    first[high] = low
