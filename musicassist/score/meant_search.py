"""How meant times are found: the notes as strokes, the grid of the strokes, and after an edit only what it reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from musicassist.score.grid import BARS_APART, DRAWN_SHARE, Floats, PhraseGrid, Places
from musicassist.score.song import Column, Mask, Notes
from musicassist.score.timing import TimeMap

MAX_STRUM_SECONDS = 0.08  # LIMIT: notes that begin within it and sound together are one chord
_NEVER = int(np.iinfo(np.int64).max)
_Columns = tuple[Column, Column]


@dataclass(frozen=True, eq=False)
class Strokes:
    """Notes, chords and strummed chords, each as one.

    Attributes:
        first, last: The first and last onset of each in ticks, rising, shape (s,).
        row: The stroke of each note, shape (n,).
    """

    first: Column
    last: Column
    row: Column

    @staticmethod
    def of(notes: Notes, time_map: TimeMap) -> Strokes:
        """Those of some notes, at least one."""
        onsets, onset_of_row = np.unique(notes.start_tick, return_inverse=True)
        ends = np.full(len(onsets), _NEVER)
        np.minimum.at(ends, onset_of_row, notes.end_tick)
        seconds = time_map.ticks_to_seconds(onsets)
        longest = MAX_STRUM_SECONDS + (time_map.ticks_to_seconds(onsets + 1) - seconds) / 2  # a file rounds to ticks
        is_apart = np.diff(seconds, prepend=-np.inf) > longest
        begins, near = is_apart.copy(), ~(is_apart & np.append(is_apart[1:], True))
        begins[near] = list(_stroke_begins(onsets[near], seconds[near], longest[near], ends[near]))
        drawn = Places.of(onsets, onsets, time_map).is_drawn
        begins |= drawn & (drawn.mean() >= DRAWN_SHARE)
        stroke = np.cumsum(begins) - 1
        first = onsets[begins]
        last = onsets[np.append(np.flatnonzero(begins)[1:], len(onsets)) - 1]
        return Strokes(first, last, stroke[onset_of_row])


def _stroke_begins(onsets: Column, seconds: Floats, longest: Floats, ends: Column) -> Iterable[bool]:
    """For each onset whether a new stroke begins with it, or it belongs to a strum that is ``longest`` seconds long.

    Notes of a strum sound together for longer than it takes to strum them; those of a fast line do not.
    """
    first_tick, first_seconds, end_tick = -1, -1.0, -1
    columns = (onsets.tolist(), seconds.tolist(), longest.tolist(), ends.tolist())
    for tick, second, most_seconds, end in zip(*columns, strict=True):
        common_ticks = min(end, end_tick) - tick
        is_strum = second - first_seconds <= most_seconds and common_ticks > tick - first_tick
        if first_tick < 0 or not is_strum:
            first_tick, first_seconds, end_tick = tick, second, end
            yield True
        else:
            end_tick = min(end, end_tick)
            yield False


@dataclass(frozen=True, eq=False)
class FoundTimes:
    """Where the notes of a track are meant, and what that was found by.

    Attributes:
        notes: As they are played; at least one.
        time_map: The times of their song.
        strokes: Theirs.
        onsets: Where each stroke is meant to begin, shape (s,).
        end_tick: Where each note is meant to end, shape (n,).
    """

    notes: Notes
    time_map: TimeMap
    strokes: Strokes
    onsets: Column
    end_tick: Column

    @property
    def start_tick(self) -> Column:
        """Where each note is meant to begin, shape (n,)."""
        return self.onsets[self.strokes.row]

    @staticmethod
    def of(notes: Notes, time_map: TimeMap) -> FoundTimes:
        """Looks at all of them."""
        return FoundTimes._of(notes, time_map, Strokes.of(notes, time_map))

    @staticmethod
    def _of(notes: Notes, time_map: TimeMap, strokes: Strokes) -> FoundTimes:
        grid = PhraseGrid.of(Places.of(strokes.first, strokes.last, time_map))
        onsets = grid.onsets()
        start = onsets[strokes.row]
        return FoundTimes(notes, time_map, strokes, onsets, _ends(grid, notes.end_tick, start, onsets, time_map))

    def edited(self, notes: Notes) -> FoundTimes:
        """Equal to :meth:`of` other notes of the same song; only the bars that they can have a say in are looked at.

        A stroke is meant by the phrases of the bars around, and those by the strokes behind their own.
        """
        strokes, time_map = Strokes.of(notes, self.time_map), self.time_map
        edit = _Edit.of(self, notes, strokes)
        if edit is None:
            return replace(self, notes=notes)
        bars = np.unique(time_map.bar_spans(strokes.first)[0])
        lines = time_map.bar_spans(np.array([edit.from_tick, edit.to_tick]))[0]
        first, last = int(np.searchsorted(bars, lines[0])), int(np.searchsorted(bars, lines[1], side="right"))
        if last - first + 4 * BARS_APART >= len(bars):
            return FoundTimes._of(notes, time_map, strokes)
        from_tick, to_tick = (_line(bars, own) for own in (first - BARS_APART, last + BARS_APART))
        around = [_line(bars, own) for own in (first - 2 * BARS_APART, last + 2 * BARS_APART)]
        rows = slice(*np.searchsorted(strokes.first, around).tolist())
        grid = PhraseGrid.of(Places.of(strokes.first[rows], strokes.last[rows], time_map))
        low, high = np.searchsorted(strokes.first, [from_tick, to_tick]).tolist()
        behind = len(strokes.first) - high
        found = grid.onsets()[low - rows.start : high - rows.start]
        onsets = np.concatenate([self.onsets[:low], found, self.onsets[len(self.onsets) - behind :]])
        end = edit.spliced(self.end_tick, notes.end_tick)
        at = (notes.end_tick >= from_tick) & (notes.end_tick < to_tick)
        end[at] = _ends(grid, notes.end_tick[at], onsets[strokes.row[at]], onsets, time_map)
        return FoundTimes(notes, time_map, strokes, onsets, end)


def _ends(grid: PhraseGrid, end: Column, start: Column, onsets: Column, time_map: TimeMap) -> Column:
    reach = np.maximum(end, start + 1)
    return grid.ends(Places.of(reach, reach, time_map), start, onsets)


def _line(bars: Column, number: int) -> int:
    """A bar line; 0 before the first one, never behind the last one."""
    return 0 if number <= 0 else int(bars[number]) if number < len(bars) else _NEVER


@dataclass(frozen=True)
class _Edit:
    """What notes have otherwise than others.

    Attributes:
        before, behind: How many of their rows are the same, from the first and from the last on.
        from_tick, to_tick: Between which everything lies that one of them has alone, strokes and ends as well.
    """

    before: int
    behind: int
    from_tick: int
    to_tick: int

    @staticmethod
    def of(known: FoundTimes, notes: Notes, strokes: Strokes) -> _Edit | None:
        """None where all starts and ends are the same."""
        old, new = ((own.start_tick, own.end_tick) for own in (known.notes, notes))
        before, behind = common = _common(old, new)
        if before == len(notes) == len(known.notes):
            return None
        old_strokes, new_strokes = ((own.first, own.last) for own in (known.strokes, strokes))
        apart = _apart(old, new, common) + _apart(old_strokes, new_strokes, _common(old_strokes, new_strokes))
        first, last = (np.concatenate(ticks) for ticks in zip(*apart, strict=True))
        return _Edit(before, behind, int(first.min()), int(last.max()))

    def spliced(self, known: Column, own: Column) -> Column:
        """Of the rows that are the same what is known of them, of the others what they are themselves."""
        changed = own[self.before : len(own) - self.behind]
        return np.concatenate([known[: self.before], changed, known[len(known) - self.behind :]])


def _common(some: _Columns, others: _Columns) -> tuple[int, int]:
    """How many rows of two are equal from the first on, and of the rest from the last on."""
    count = min(len(some[0]), len(others[0]))
    before = _leading(np.logical_and(*(own[:count] == other[:count] for own, other in zip(some, others, strict=True))))
    rest = count - before
    backwards = [(own[::-1][:rest], other[::-1][:rest]) for own, other in zip(some, others, strict=True)]
    return before, _leading(np.logical_and(*(own == other for own, other in backwards)))


def _leading(is_same: Mask) -> int:
    apart = np.flatnonzero(~is_same)
    return int(apart[0]) if len(apart) else len(is_same)


def _apart(some: _Columns, others: _Columns, common: tuple[int, int]) -> list[_Columns]:
    """The rows of each that the other does not have."""
    before, behind = common
    return [(a[before : len(a) - behind], b[before : len(b) - behind]) for a, b in (some, others)]
