"""The plan of a melody: for each bar what it takes up from an earlier one, and whether a phrase ends in it.

The labels are computed from the notes by plain rules; a plan for bars that are not yet written has the same form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache

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
    bars, first_bar, starts = bars_of(melody, place.bars)
    lengths = [_bar_steps(place.bars, first_bar + row) for row in range(len(bars))]
    made = [_taken_up(bars, lengths, row) for row in range(len(bars))]
    endings = _endings(melody, place, lengths, starts)
    return Plan(first_bar, tuple(replace(own, ending=ending) for own, ending in zip(made, endings, strict=True)))


def bars_of(melody: Melody, bars: TimeMap) -> tuple[list[Bar], int, list[tuple[int, int]]]:
    """The notes of each bar from that of the first note on, that bar's number, and each one's rows from and to."""
    starts, numbers = _bar_starts(melody, bars)
    first_bar = int(numbers[0])
    found: list[Bar] = []
    rows: list[tuple[int, int]] = []
    for bar in range(first_bar, int(numbers[-1]) + 1):
        low, high = (int(row) for row in np.searchsorted(numbers, [bar, bar + 1]))
        positions = melody.onset_step[low:high] - starts[low:high]
        found.append((tuple(positions.tolist()), tuple(melody.pitch[low:high].tolist())))
        rows.append((low, high))
    return found, first_bar, rows


def _bar_starts(melody: Melody, bars: TimeMap) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.array([bars.bar_at(int(step)) for step in melody.onset_step], dtype=np.int64)
    start_of = {int(bar): bars.bar_start_tick(int(bar)) for bar in np.unique(numbers)}
    return np.array([start_of[int(bar)] for bar in numbers], dtype=np.int64), numbers


def _bar_steps(bars: TimeMap, bar: int) -> int:
    return bars.bar_start_tick(bar + 1) - bars.bar_start_tick(bar)


def _taken_up(bars: list[Bar], lengths: list[int], row: int) -> BarPlan:
    positions, pitches = bars[row]
    if not positions:
        return BarPlan(Relation.HELD)
    earlier = [back for back in BACK_ORDER if back <= row and lengths[row - back] == lengths[row]]
    alike = [back for back in earlier if bars[row - back][0] == positions]
    for back in alike:
        if bars[row - back][1] == pitches:
            return BarPlan(Relation.SAME, back)
    if len(positions) >= _FEWEST_IN_SEQUENCE:
        for back in alike:
            other = bars[row - back][1]
            if _is_sequence(other, pitches):
                return BarPlan(Relation.SEQUENCE_UP if pitches[0] > other[0] else Relation.SEQUENCE_DOWN, back)
    if len(positions) >= _FEWEST_IN_RHYTHM and alike:
        return BarPlan(Relation.RHYTHM, alike[0])
    return BarPlan(Relation.NEW)


def _is_sequence(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    before, after = np.diff(one), np.diff(other)
    is_moved = one[0] != other[0] and bool(before.any())
    return is_moved and bool((np.abs(before - after) <= 1).all() and (np.sign(before) == np.sign(after)).all())


def _endings(melody: Melody, place: Surroundings, lengths: list[int], rows: list[tuple[int, int]]) -> list[Ending]:
    onset = melody.onset_step
    gaps = np.diff(onset)
    median = float(np.median(gaps)) if len(gaps) else float(STEPS_PER_BEAT)
    home = place.tonic if place.tonic != UNKNOWN_TONIC else int(melody.pitch[-1]) % 12
    endings = []
    for (_, high), length in zip(rows, lengths, strict=True):
        last = high - 1
        if last < 0 or _ == high:
            endings.append(Ending.NONE)
            continue
        bar, at = place.bars.bar_and_offset_ticks(int(onset[last]))
        rest_of_bar = _bar_steps(place.bars, bar) - at
        is_last = high == len(onset)
        wait = max(int(melody.duration_steps[last]), rest_of_bar) if is_last else int(gaps[last])
        if wait >= max(length / _LONG_NOTE_OF_BAR, _LONG_NOTE_OF_MEDIAN * median):
            endings.append(Ending.CLOSED if int(melody.pitch[last]) % 12 == home else Ending.OPEN)
        else:
            endings.append(Ending.NONE)
    return endings


def first_whole_bar(melody: Melody, place: Surroundings) -> int:
    """The bar of the first note, or the one after it where that note is in its second half: a pickup."""
    bar, at = place.bars.bar_and_offset_ticks(int(melody.onset_step[0]))
    return bar + (2 * at >= place.bars.bar_start_tick(bar + 1) - place.bars.bar_start_tick(bar))
