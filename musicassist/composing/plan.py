"""The plan of a melody: for each bar what it takes up from an earlier one, and whether a phrase ends in it.

The labels are computed from the notes by plain rules; a plan for bars that are not yet written has the same form.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise

import numpy as np

from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.vocabulary import STEPS_PER_BEAT, UNKNOWN_TONIC

MAX_BACK_BARS = 16  # LIMIT: how far back a bar is sought that another takes up
BACK_ORDER = (4, 8, 2, 1, 16, 12, 6, 3, 5, 7, 9, 10, 11, 13, 14, 15)
_FEWEST_IN_RHYTHM = 2  # notes that make a rhythm
_FEWEST_IN_SEQUENCE = 3
_LONG_NOTE_OF_BAR = 3  # a phrase ends on no less than this part of a bar
_LONG_NOTE_OF_MEDIAN = 1.5


class Relation(IntEnum):
    """What a bar takes up from an earlier one."""

    UNKNOWN = 0
    NEW = 1
    RHYTHM = 2  # the same onsets
    SAME = 3  # the same onsets and pitches
    SEQUENCE_UP = 4  # the same onsets, and the same intervals within a semitone, higher
    SEQUENCE_DOWN = 5
    HELD = 6  # nothing starts in it


class Ending(IntEnum):
    """How a phrase ends in a bar."""

    UNKNOWN = 0
    NONE = 1
    OPEN = 2
    CLOSED = 3  # on the tonic


POINTING = (Relation.RHYTHM, Relation.SAME, Relation.SEQUENCE_UP, Relation.SEQUENCE_DOWN)


@dataclass(frozen=True)
class BarPlan:
    """One bar.

    Attributes:
        relation: What it takes up.
        back_bars: From how many bars earlier, below 0 from later ones; 0 where it takes up nothing.
        ending: Whether a phrase ends in it.
    """

    relation: Relation = Relation.UNKNOWN
    back_bars: int = 0
    ending: Ending = Ending.UNKNOWN


UNKNOWN_BAR = BarPlan()


@dataclass(frozen=True)
class Plan:
    """Bars in a row.

    Attributes:
        first_bar: Number of the first, as the song counts.
        bars: One each.
    """

    first_bar: int = 0
    bars: tuple[BarPlan, ...] = ()

    def at(self, bar: int) -> BarPlan:
        """The plan of a bar; unknown outside."""
        row = bar - self.first_bar
        return self.bars[row] if 0 <= row < len(self.bars) else UNKNOWN_BAR

    def followed_by(self, bars: tuple[BarPlan, ...], from_bar: int) -> Plan:
        """This plan up to a bar, and others from there on."""
        count = max(0, from_bar - self.first_bar)
        known = self.bars[:count] + (UNKNOWN_BAR,) * (count - len(self.bars))
        return Plan(self.first_bar if known else from_bar, known + bars)


NO_PLAN = Plan()
Bar = tuple[tuple[int, ...], tuple[int, ...]]  # positions and pitches of its notes


def plan_of(melody: Melody, place: Surroundings) -> Plan:
    """The labels of each bar from that of the first note to that of the last; those of the last melodies are kept."""
    if not len(melody):
        return NO_PLAN
    columns = (melody.onset_step, melody.pitch, melody.duration_steps)
    return _plan_of(tuple(own.tobytes() for own in columns), place.bars, place.tonic)


@lru_cache(maxsize=4)
def _plan_of(columns: tuple[bytes, ...], bars_map: TimeMap, tonic: int) -> Plan:
    onset, pitch, duration = (np.frombuffer(own, dtype=np.int64) for own in columns)
    melody, place = Melody(onset, pitch, duration, np.zeros_like(onset)), Surroundings(bars_map, tonic=tonic)
    bars, first_bar, rows = bars_of(melody, bars_map)
    lines = [bars_map.bar_start_tick(first_bar + row) for row in range(len(bars) + 1)]
    lengths = [end - start for start, end in pairwise(lines)]
    made = [_taken_up(bars, lengths, row) for row in range(len(bars))]
    endings = _endings(melody, place, bars, lengths, rows)
    return Plan(first_bar, tuple(BarPlan(*own, ending) for own, ending in zip(made, endings, strict=True)))


def bars_of(melody: Melody, bars: TimeMap) -> tuple[list[Bar], int, list[tuple[int, int]]]:
    """The notes of each bar from that of the first note on, that bar's number, and each one's rows from and to."""
    numbers = bars.bars_at(melody.onset_step)
    positions, pitches = (melody.onset_step - bars.bar_spans(melody.onset_step)[0]).tolist(), melody.pitch.tolist()
    first_bar, last_bar = int(numbers[0]), int(numbers[-1])
    rows = list(pairwise(np.searchsorted(numbers, np.arange(first_bar, last_bar + 2)).tolist()))
    return [(tuple(positions[low:high]), tuple(pitches[low:high])) for low, high in rows], first_bar, rows


def _taken_up(bars: list[Bar], lengths: list[int], row: int) -> tuple[Relation, int]:
    positions, pitches = bars[row]
    if not positions:
        return Relation.HELD, 0
    earlier = (back for back in BACK_ORDER if back <= row and bars[row - back][0] == positions)
    alike = [back for back in earlier if lengths[row - back] == lengths[row]]
    for back in alike:
        if bars[row - back][1] == pitches:
            return Relation.SAME, back
    if len(positions) >= _FEWEST_IN_SEQUENCE:
        for back in alike:
            other = bars[row - back][1]
            if _is_sequence(other, pitches):
                return Relation.SEQUENCE_UP if pitches[0] > other[0] else Relation.SEQUENCE_DOWN, back
    if len(positions) >= _FEWEST_IN_RHYTHM and alike:
        return Relation.RHYTHM, alike[0]
    return Relation.NEW, 0


def _is_sequence(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether a bar has the intervals of another, each within a semitone and in the same direction, elsewhere."""
    if one[0] == other[0] or min(one) == max(one):
        return False
    steps = zip(pairwise(one), pairwise(other), strict=True)
    moves = ((end - start, other_end - other_start) for (start, end), (other_start, other_end) in steps)
    return all(abs(own - its) <= 1 and (own > 0) == (its > 0) and (own < 0) == (its < 0) for own, its in moves)


def _endings(
    melody: Melody, place: Surroundings, bars: list[Bar], lengths: list[int], rows: list[tuple[int, int]]
) -> list[Ending]:
    gaps = np.diff(melody.onset_step)
    median = float(np.median(gaps)) if len(gaps) else float(STEPS_PER_BEAT)
    home = place.tonic if place.tonic != UNKNOWN_TONIC else int(melody.pitch[-1]) % 12
    waits, endings = gaps.tolist(), []
    for (positions, pitches), length, (_, high) in zip(bars, lengths, rows, strict=True):
        if not positions:
            endings.append(Ending.NONE)
            continue
        is_last = high == len(melody)
        wait = max(int(melody.duration_steps[-1]), length - positions[-1]) if is_last else waits[high - 1]
        if wait >= max(length / _LONG_NOTE_OF_BAR, _LONG_NOTE_OF_MEDIAN * median):
            endings.append(Ending.CLOSED if pitches[-1] % 12 == home else Ending.OPEN)
        else:
            endings.append(Ending.NONE)
    return endings


def first_whole_bar(melody: Melody, place: Surroundings) -> int:
    """The bar of the first note, or the one after it where that note is in its second half: a pickup."""
    bar, at = place.bars.bar_and_offset_ticks(int(melody.onset_step[0]))
    return bar + (2 * at >= place.bars.bar_start_tick(bar + 1) - place.bars.bar_start_tick(bar))
