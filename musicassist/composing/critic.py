"""Which takes are shown: a small net says how much like real music each goes on, and different ones are kept apart.

The net reads notes, four bars of a take at a time behind what stands before them, and was trained to tell what really
followed from what the models made (``lab.training.critic``). It sees gaps, intervals, lengths, degrees and places, and
no absolute pitch.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicassist.models.weights import Weights, open_weights
from musicassist.resources import checkpoints_folder
from musicassist.score.timing import TimeMap
from musicassist.tokens.vocabulary import STEPS_PER_BEAT, UNKNOWN_TONIC

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Row = tuple[int, ...]  # onset step, pitch, duration in steps; more is not read

PART_BARS = 4
MAX_PARTS = 8  # LIMIT: of a longer take the first are judged
MAX_SEED_NOTES = 64
MAX_PART_NOTES = 64
MAX_SHARED = 0.6  # of the notes of two takes that start at one place with one length, for them to be different
PENALTY = 2.0  # of a score, for sharing all beyond that
WIDTH = 48
HEADS = 4
HIDDEN = 32
LENGTH_EDGES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 21, 24, 30, 36, 42, 48, 60, 72, 96)
_METERS = (18, 24, 36, 48, 54, 72)  # lengths of bars in steps
_REACH = 13  # semitones
_BEFORE_BARS = 8
BAR_DISTANCES = 13

# Name of each table of what is read of a note, and how many classes it has; the last two are not what it sounds like.
TABLES: dict[str, int] = {
    "gap": len(LENGTH_EDGES) + 1,
    "steps": len(LENGTH_EDGES) + 1,
    "interval": 2 * _REACH + 1,
    "height": 2 * _REACH + 1,
    "degree": UNKNOWN_TONIC + 1,
    "place": STEPS_PER_BEAT,
    "beat": 8,
    "meter": len(_METERS) + 1,
    "bar": _BEFORE_BARS + PART_BARS + 1,
    "is_new": 2,
}
BAR, IS_NEW = list(TABLES).index("bar"), list(TABLES).index("is_new")
SOUNDING = len(TABLES) - 2
PLACE = tuple(list(TABLES).index(name) for name in ("beat", "place"))


@dataclass(frozen=True)
class Before:
    """What a take stands behind.

    Attributes:
        rows: The notes before it, by onset; may be none.
        bars: Bars and meters in steps.
        tonic: Pitch class, or ``UNKNOWN_TONIC``.
        from_step: Where the takes begin.
    """

    rows: Sequence[Row]
    bars: TimeMap
    tonic: int
    from_step: int

    @property
    def first_line(self) -> int:
        """The bar line at or after the beginning; what stands before it belongs to the first part."""
        return self.bars.bar_line_at_or_after(self.from_step)


def parts_of(before: Before, take: Sequence[Row]) -> list[Ints]:
    """What the net reads of a take: for each four bars that have notes, classes (notes, tables) with those before."""
    rows = np.array([row[:3] for row in (*before.rows, *take)], dtype=np.int64).reshape(-1, 3)
    is_new = np.arange(len(rows)) >= len(before.rows)
    parts = []
    line = before.first_line
    bar = before.bars.bar_at(line)
    onsets = rows[is_new, 0]
    for number in range(MAX_PARTS):
        start = before.bars.bar_start_tick(bar + number * PART_BARS)
        stop = before.bars.bar_start_tick(bar + (number + 1) * PART_BARS)
        first = len(before.rows) + int(np.searchsorted(onsets, start)) if number else len(before.rows)
        last = len(before.rows) + int(np.searchsorted(onsets, stop))
        if last > first:
            begin, last = max(0, first - MAX_SEED_NOTES), min(last, first + MAX_PART_NOTES)
            parts.append(columns_of(rows[begin:last], first - begin, before.bars, before.tonic, start))
        if stop > (onsets[-1] if len(onsets) else 0):
            break
    return parts


def columns_of(rows: Ints, new_from: int, bars: TimeMap, tonic: int, line: int) -> Ints:
    """Classes (notes, tables) of notes of which those from a place on are new, around the bar line of the new ones."""
    onset, pitch, steps = rows[:, 0], rows[:, 1], rows[:, 2]
    starts, stops = bars.bar_spans(onset)
    length = np.maximum(stops - starts, 1)
    gap = np.diff(onset, prepend=onset[:1])
    middle = int(np.median(pitch[:new_from])) if new_from else int(np.median(pitch))
    degree = (pitch - tonic) % 12 if tonic != UNKNOWN_TONIC else np.full(len(rows), UNKNOWN_TONIC)
    at = onset - starts
    columns = {
        "gap": np.searchsorted(LENGTH_EDGES, gap, side="right"),
        "steps": np.searchsorted(LENGTH_EDGES, steps, side="right"),
        "interval": np.clip(np.diff(pitch, prepend=pitch[:1]), -_REACH, _REACH) + _REACH,
        "height": np.clip(pitch - middle, -_REACH, _REACH) + _REACH,
        "degree": degree,
        "place": at % STEPS_PER_BEAT,
        "beat": np.minimum(at // STEPS_PER_BEAT, TABLES["beat"] - 1),
        "meter": np.select([length == own for own in _METERS], range(len(_METERS)), len(_METERS)),
        "bar": np.clip(np.rint((starts - line) / length), -_BEFORE_BARS, PART_BARS).astype(np.int64) + _BEFORE_BARS,
        "is_new": (np.arange(len(rows)) >= new_from).astype(np.int64),
    }
    return np.stack([columns[name] for name in TABLES], axis=1).astype(np.int64)


def together(parts: Sequence[Ints]) -> tuple[Ints, NDArray[np.bool_]]:
    """Parts as one batch (parts, notes, tables), and where there are notes."""
    size = max(len(part) for part in parts)
    batch = np.zeros((len(parts), size, len(TABLES)), dtype=np.int64)
    is_there = np.zeros((len(parts), size), dtype=bool)
    for row, part in enumerate(parts):
        batch[row, : len(part)] = part
        is_there[row, : len(part)] = True
    return batch, is_there


class CriticNet:
    """The net in NumPy: notes in their neighbourhood, each new one beside all others, then all new ones together."""

    def __init__(self, weights: Weights) -> None:
        floats = weights.floats
        self._tables = [floats(f"table.{name}", size, WIDTH) for name, size in TABLES.items()]
        self._near = [(floats(f"near{n}.weight", 3, WIDTH, WIDTH), floats(f"near{n}.bias", WIDTH)) for n in range(3)]
        self._likens, self._brings = (floats(f"{name}.weight", WIDTH, WIDTH) for name in ("likens", "brings"))
        self._joins = floats("joins.weight", WIDTH + 2 * HEADS, WIDTH)
        self._sharpness = floats("sharpness", HEADS)
        self._distance = floats("distance", HEADS, 2 * BAR_DISTANCES)
        self._inner = floats("inner.weight", 2 * WIDTH, HIDDEN), floats("inner.bias", HIDDEN)
        self._outer = floats("outer.weight", HIDDEN, 1)
        weights.check_all_read()

    def scores(self, parts: Sequence[Ints]) -> Floats:
        """(parts,), higher for what is more like real music; each part has new notes."""
        batch, is_there = together(parts)
        notes = sum(table[batch[..., column]] for column, table in enumerate(self._tables[:SOUNDING]))
        there = is_there[..., None].astype(np.float32)
        notes = _near(notes * there, *self._near[0]) * there
        notes = (notes + _near(notes, *self._near[1])) * there
        notes = (
            notes
            + sum(self._tables[column][batch[..., column]] for column in (BAR, IS_NEW))
            + self._beside(notes, batch, is_there)
        )
        notes = _near(notes * there, *self._near[2])
        is_new = (is_there & (batch[..., IS_NEW] > 0))[..., None]
        mean = (notes * is_new).sum(1) / is_new.sum(1)
        highest = np.where(is_new, notes, 0).max(1)
        inner, bias = self._inner
        hidden = np.maximum(np.concatenate([mean, highest], axis=1) @ inner + bias, 0)
        return np.asarray((hidden @ self._outer)[:, 0], dtype=np.float32)

    def _beside(self, notes: Floats, batch: Ints, is_there: NDArray[np.bool_]) -> Floats:
        """Each note beside all others that sound like it, and how much of that stands before, and among the new ones.

        Notes are alike where they and their neighbours are, as the net has learned to compare them.
        """
        parts, size, _ = notes.shape
        heads = (parts, size, HEADS, WIDTH // HEADS)
        likened, brings = (
            (notes @ matrix).reshape(heads).transpose(0, 2, 1, 3) for matrix in (self._likens, self._brings)
        )
        likened = likened / (np.sqrt((likened**2).sum(-1, keepdims=True)) + np.float32(1e-4))
        likeness = self._sharpness[:, None, None] * (likened @ likened.transpose(0, 1, 3, 2))
        likeness += self._distance[:, distances_of(batch)].transpose(1, 0, 2, 3)
        weight = np.exp(np.minimum(likeness, np.float32(30)))
        weight *= is_there[:, None, None, :] & ~np.eye(size, dtype=bool)
        is_new = (batch[..., IS_NEW] > 0)[:, None, None, :]
        sums = [(weight * mask).sum(-1).transpose(0, 2, 1) for mask in (~is_new, is_new)]
        weight /= 1 + weight.sum(-1, keepdims=True)
        mixed = (weight @ brings).transpose(0, 2, 1, 3).reshape(parts, size, WIDTH)
        return np.asarray(np.concatenate([mixed, *map(np.log1p, sums)], -1) @ self._joins, dtype=np.float32)


def distances_of(batch: Ints) -> Ints:
    """(parts, notes, notes), how many bars each note is behind each; classes of their own for one place in the bar."""
    bar = batch[..., BAR]
    apart = np.clip(bar[:, :, None] - bar[:, None, :], -1, BAR_DISTANCES - 2) + 1
    at = batch[..., PLACE[0]] * STEPS_PER_BEAT + batch[..., PLACE[1]]
    return np.asarray(apart + BAR_DISTANCES * (at[:, :, None] == at[:, None, :]), dtype=np.int64)


def _near(notes: Floats, weight: Floats, bias: Floats) -> Floats:
    """Each note with its two neighbours."""
    made = notes @ weight[1] + bias
    made[:, 1:] += notes[:, :-1] @ weight[0]
    made[:, :-1] += notes[:, 1:] @ weight[2]
    return np.asarray(np.maximum(made, 0), dtype=np.float32)


@cache
def shipped_critic() -> CriticNet:
    """The one that ships."""
    return critic_of(checkpoints_folder() / "critic.safetensors")


def critic_of(path: Path) -> CriticNet:
    """The critic in a file.

    Raises:
        CheckpointError: It is none.
    """
    with open_weights(path) as weights:
        return CriticNet(weights)


def scores_of(critic: CriticNet, before: Before, takes: Sequence[Sequence[Row]]) -> list[float]:
    """For each take how much like real music it goes on, the mean of its parts."""
    parts = [parts_of(before, take) for take in takes]
    flat = [part for own in parts for part in own]
    scores = iter(critic.scores(flat).tolist() if flat else ())
    return [sum(next(scores) for _ in own) / len(own) if own else -np.inf for own in parts]


def best_of(
    scores: Sequence[float],
    takes: Sequence[Sequence[Row]],
    count: int,
    plans: Sequence[Hashable] | None = None,
) -> list[int]:
    """Places of the takes that are shown, the best first.

    The best is always among them. Then come those that have a plan of their own; who has the rhythm of one before
    must be so much better, and who has all its notes comes last.

    Args:
        scores: Of each take.
        takes: Their notes.
        count: How many are shown.
        plans: What tells the plans of the takes apart; None without plans.
    """
    rhythms = [{(row[0], row[2]) for row in take} for take in takes]
    notes = [{tuple(row[:3]) for row in take} for take in takes]
    left = sorted(range(len(takes)), key=lambda place: -scores[place])
    chosen: list[int] = []
    while left and len(chosen) < count:
        used = {plans[place] for place in chosen} if plans is not None else set()
        most = {place: max((_shared(rhythms[place], rhythms[own]) for own in chosen), default=0.0) for place in left}
        own_notes = [place for place in left if all(notes[place] != notes[own] for own in chosen)] or left
        fresh = [place for place in own_notes if plans is None or plans[place] not in used] or own_notes
        place = max(fresh, key=lambda own: scores[own] - PENALTY * max(0, most[own] - MAX_SHARED))
        left.remove(place)
        chosen.append(place)
    return sorted(chosen, key=lambda place: -scores[place])


def _shared(one: set[tuple[int, int]], other: set[tuple[int, int]]) -> float:
    """Share of the notes of two takes that start at one place with one length."""
    return 2 * len(one & other) / max(1, len(one) + len(other))
