"""The lines that notes lie on: those that the mouse snaps to, and those that a played phrase moves on.

The grid of the mouse and of quantising begins anew at each bar line. The grid of a phrase is found from its onsets:
each bar is judged with the bars around it. Of the divisions of the beat the one is taken that tells the onsets in the
fewest nats: those of the positions that are used, and those of the distances from them (a Gaussian whose width is
fitted). So evenly spread distances never ask for a finer grid, and a rhythm that needs one gets it.
Source: minimum description length, J. Rissanen, Modeling by shortest data description, Automatica 14 (1978); priors
on the positions in the beat as in A. T. Cemgil, P. Desain, B. Kappen, Rhythm quantization for transcription, CMJ 24
(2000).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.score.song import Column, Mask
from musicassist.score.timing import TimeMap

DIVISIONS = (1, 2, 4, 8, 16, 32, 64)  # of a whole note
Floats = NDArray[np.float64]
MAX_OFF_SECONDS = 0.06  # LIMIT: what is further from its point is meant where it is
MAX_OFF_SHARE = 0.4  # LIMIT: of the phrase's own step
_PLAYED_DIVISIONS = (1, 2, 3, 4, 6, 8, 12)  # of a quarter note
_MIXED = 12  # sixteenths and triplets of one phrase together
_MIXED_POSITIONS = (0, 3, 4, 6, 8, 9)  # nobody means a twelfth beside them: it is a note that comes early or late
_DRAWN = (12, 8)  # what lies exactly on one of these was put there by a program or with the mouse
DRAWN_SHARE = 0.9  # LIMIT: of the onsets around; where fewer lie on the grid, it is by chance
_NO_SLIP = 2  # LIMIT: so many notes on one position are no slip
_ON_BEAT, _SWUNG, _SWUNG_SHARE, _MIN_SWUNG = 0.12, (0.56, 0.73), 0.9, 4  # LIMIT: of a beat; of the off-beats
_BARS_AROUND = 4  # LIMIT: a phrase
BARS_APART = 3 * _BARS_AROUND  # with onsets; from there on nothing has a say: two phrases, and three neighbours
_MIN_SECONDS = 0.005  # LIMIT: the width of a person's timing at the least
_OWN_SHARE = 0.04  # LIMIT: a position of the chosen division that so many onsets have is one of the phrase's own
_STEP_SHARE = 0.25  # LIMIT: so many of the notes are at most as long as the step that the phrase moves in
_FINER_NATS = 0.1  # LIMIT: for each onset and unit of log division, so that chance does not make the grid finer
_RARE_NATS = {8: 0.5}  # LIMIT: 32nds are rarer than early and late notes
_DUPLE, _TRIPLE = (0, 3, 6, 9), (0, 4, 6, 8)  # twelfths of a beat that a lone note may be meant for, by its phrase


@dataclass(frozen=True, slots=True)
class Grid:
    """A note value to snap to.

    Attributes:
        division: Part of a whole note: 16 is a sixteenth. One of ``DIVISIONS``.
        is_triplet: Whether three stand in the place of two.
        is_snapping: Whether the mouse snaps to it; arrows and quantising use it either way.
    """

    division: int = 16
    is_triplet: bool = False
    is_snapping: bool = True

    def ticks(self, ticks_per_beat: int) -> float:
        """Length of one step; not whole where the division of the file does not hold the grid. At least 1."""
        return max(1.0, 4 * ticks_per_beat / self.division * (2 / 3 if self.is_triplet else 1))

    def over(self, time_map: TimeMap) -> SongGrid:
        """Its lines in a song, or none while not snapping."""
        return SongGrid(time_map, self.ticks(time_map.ticks_per_beat) if self.is_snapping else None)

    def snap(self, time_map: TimeMap, tick: float) -> int:
        """The grid line nearest to ``tick``, or ``tick`` itself while not snapping."""
        return self.over(time_map).snapped(tick)

    def __str__(self) -> str:
        return f"1/{self.division}{'T' if self.is_triplet else ''}"


@dataclass(frozen=True)
class SongGrid:
    """The lines of a song that the mouse snaps to; they begin anew at every bar line.

    Attributes:
        time_map: Knows the bars.
        step_ticks: Distance of the lines, not always whole, at least 1; None where nothing snaps.
    """

    time_map: TimeMap
    step_ticks: float | None = None

    @property
    def length_ticks(self) -> int:
        """A note as long as one step; a sixteenth without a grid."""
        return max(1, round(self.step_ticks if self.step_ticks is not None else self.time_map.ticks_per_beat / 4))

    def snapped(self, tick: float) -> int:
        """The nearest line, at least 0; without a grid the nearest tick."""
        if self.step_ticks is None:
            return max(0, round(tick))
        return int(nearest_lines(self.time_map, np.array([float(tick)]), self.step_ticks)[0])

    def floor(self, tick: float) -> int:
        """The last line that is not after ``tick``: the cell a click falls into."""
        if self.step_ticks is None:
            return max(0, int(tick))
        bar_tick = self.time_map.bar_start_tick(self.time_map.bar_at(max(0.0, tick)))
        steps = int((max(0.0, tick) - bar_tick) / self.step_ticks) + 1
        lines = (bar_tick + round(number * self.step_ticks) for number in (steps, steps - 1))
        return next((line for line in lines if line <= tick + 1e-9), bar_tick)

    def shift_ticks(self, start_tick: int, raw_ticks: float) -> int:
        """How far a thing that stands at ``start_tick`` moves when it is dragged by ``raw_ticks``.

        It is drawn to the lines and also to whole steps from where it stood, so that what was played off the grid can
        keep its feel; the nearer of the two wins.
        """
        if self.step_ticks is None:
            return round(raw_ticks)
        to_line = self.snapped(start_tick + raw_ticks) - start_tick
        by_steps = round(round(raw_ticks / self.step_ticks) * self.step_ticks)
        return to_line if abs(to_line - raw_ticks) <= abs(by_steps - raw_ticks) else by_steps

    def without_snap(self) -> SongGrid:
        """The same grid while the user holds Alt."""
        return SongGrid(self.time_map)


def nearest_lines(
    time_map: TimeMap, ticks: Column | NDArray[np.float64], grid_ticks: float, *, swing_share: float = 0.0
) -> Column:
    """The grid line nearest to each tick; bar lines are grid lines always.

    Args:
        time_map: The song's times.
        ticks: Where to look from; the mouse stands between ticks, too.
        grid_ticks: Length of one step.
        swing_share: How late each second line stands, as a share of a step, 0..1 (exclusive). 1/3 is the triplet feel.
    """
    bar, next_bar = time_map.bar_spans(np.floor(np.maximum(ticks, 0)).astype(np.int64))
    offset = np.maximum(ticks, 0) - bar
    pair = np.floor(offset / (2 * grid_ticks)) * 2 * grid_ticks
    candidates = bar + np.rint([pair, pair + (1 + swing_share) * grid_ticks, pair + 2 * grid_ticks]).astype(np.int64)
    candidates = np.concatenate([np.minimum(candidates, next_bar), next_bar[None]])
    nearest = np.abs(candidates - ticks).argmin(axis=0)
    return np.asarray(candidates[nearest, np.arange(len(ticks))], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Places:
    """Times in the bars of a song. All columns have shape (n,).

    Attributes:
        first, last: Ticks between which each lies; the same for a single note, apart for a strummed chord.
        bar, next_bar: The bar lines around ``first``.
        seconds_per_tick: What a tick lasts there.
        beat_ticks: Of a quarter note.
    """

    first: Column
    last: Column
    bar: Column
    next_bar: Column
    seconds_per_tick: Floats
    beat_ticks: int

    @staticmethod
    def of(first: Column, last: Column, time_map: TimeMap) -> Places:
        """Looks the bars up."""
        bar, next_bar = time_map.bar_spans(first)
        seconds = time_map.ticks_to_seconds(first + 1) - time_map.ticks_to_seconds(first)
        return Places(first, last, bar, next_bar, seconds, time_map.ticks_per_beat)

    def points(self, division: int, reach: int) -> tuple[Column, Column]:
        """The grid points around each, shape (2 reach + 1, n): ticks, and positions in the beat (0 for bar lines)."""
        step = self.beat_ticks / division
        middle = (self.first + np.minimum(self.last, self.next_bar)) / 2 - self.bar
        number = np.rint(middle / step).astype(np.int64) + np.arange(-reach, reach + 1)[:, None]
        number = np.maximum(number, 0)
        tick = np.minimum(self.bar + np.rint(number * step).astype(np.int64), self.next_bar)
        return tick, np.where(tick == self.next_bar, 0, number % division)

    def near(self, division: int, reach: int) -> tuple[Column, Column, Floats]:
        """The same, and how far they are off; what nobody means is infinitely far."""
        points, position = self.points(division, reach)
        distance = self.seconds_from(points)
        if division == _MIXED:
            distance = np.where(np.isin(position, _MIXED_POSITIONS), distance, np.inf)
        return points, position, distance

    def seconds_from(self, points: Column) -> Floats:
        """How far each is from points, shape (..., n); nothing for those inside a strum."""
        ticks = np.maximum(np.maximum(self.first - points, points - self.last), 0)
        return np.asarray(ticks * self.seconds_per_tick)

    @property
    def is_drawn(self) -> Mask:
        """Which lie exactly on a line of the finest grids."""
        on_line = np.zeros(len(self.first), dtype=np.bool_)
        for division in _DRAWN:
            step = self.beat_ticks / division
            number = np.rint((self.first - self.bar) / step)
            on_line |= self.bar + np.rint(number * step).astype(np.int64) == self.first
        return np.asarray(on_line & (self.first == self.last))


@dataclass(frozen=True, eq=False)
class _Fit:
    """How well a division tells the onsets around each bar. ``b`` bars, ``d`` divisions.

    Attributes:
        nats: Cost of the onsets around each bar, shape (b,).
        width_seconds: Of the distances from the points, shape (b,).
        position_share: How often each position in the beat is used, shape (b, d).
        is_own: Whether the phrase really moves on a position, shape (b, d): some of its notes do and not one alone, or
            (where it was drawn) one does on a half, a triplet or a sixteenth.
        nearest: The point nearest to each onset, shape (n,).
    """

    nats: Floats
    width_seconds: Floats
    position_share: Floats
    is_own: Mask
    nearest: Column


@dataclass(frozen=True, eq=False)
class PhraseGrid:
    """The grid around each bar that has onsets.

    Attributes:
        places: The onsets.
        bars: Where the bars with onsets begin, rising, shape (b,).
        row: The bar of each onset.
        fits: One for each of ``_PLAYED_DIVISIONS``.
        chosen: Which of them holds in each bar.
        own_step_beats: The step that the phrase around each bar moves in.
    """

    places: Places
    bars: Column
    row: Column
    fits: Sequence[_Fit]
    chosen: Column
    own_step_beats: Floats

    @staticmethod
    def of(places: Places) -> PhraseGrid:
        """Finds it; at least one onset."""
        bars, row = np.unique(places.bar, return_inverse=True)
        count = _around(np.bincount(row, minlength=len(bars)).astype(np.float64))
        drawn_count = np.bincount(row, places.is_drawn, len(bars)).astype(np.float64)
        drawn = _around(drawn_count) >= DRAWN_SHARE * count
        fits = [_fit(places, division, row, count, drawn) for division in _PLAYED_DIVISIONS]
        chosen = np.argmin([fit.nats for fit in fits], axis=0)
        chosen = np.where(_is_swung(places, row, len(bars)), _PLAYED_DIVISIONS.index(3), chosen)
        nearest = np.array([fit.nearest for fit in fits])[chosen[row], np.arange(len(row))]
        return PhraseGrid(places, bars, row, fits, chosen, _own_step(nearest / places.beat_ticks, row, len(bars)))

    def onsets(self) -> Column:
        """The tick that each onset is meant for."""
        meant = self._meant(self.places, self.row, looseness=1.0)
        distance = np.where(self.places.first == self.places.last, np.abs(meant - self.places.first), 0)
        order = np.lexsort((distance, meant))
        is_second = np.append(False, np.diff(meant[order]) == 0)
        meant[order[is_second]] = self.places.first[order[is_second]]  # of two strokes the nearer has the point
        return meant

    def ends(self, places: Places, start: Column, onsets: Column) -> Column:
        """The tick that each note is meant to end at: the onset that follows it closely, else a point of the grid.

        Args:
            places: Where the notes end.
            start: Where each is meant to start.
            onsets: All meant onsets.
        """
        row = np.maximum(np.searchsorted(self.bars, places.bar, side="right") - 1, 0)
        end = self._meant(places, row, looseness=2.0)
        known = np.sort(onsets)
        after = np.searchsorted(known, places.first)
        near = np.stack([known[np.maximum(after - 1, 0)], known[np.minimum(after, len(known) - 1)]])
        distance = places.seconds_from(near)
        nearest = np.take_along_axis(near, distance.argmin(axis=0)[None], axis=0)[0]
        follows = (distance.min(axis=0) <= self._reach_seconds(places, row)) & (nearest > start)
        end = np.where(follows, nearest, end)
        return np.where(end > start, end, np.maximum(places.first, start + 1))

    def _reach_seconds(self, places: Places, row: Column) -> Floats:
        own = self.own_step_beats[row] * places.beat_ticks * places.seconds_per_tick
        return np.minimum(MAX_OFF_SECONDS, MAX_OFF_SHARE * own)

    def _meant(self, places: Places, row: Column, *, looseness: float) -> Column:
        """The most likely point in reach: near, and where the phrase has its notes; else the tick as it is."""
        reach = self._reach_seconds(places, row)
        divisions = np.array(_PLAYED_DIVISIONS)[self.chosen[row]]
        meant = _lone_points(places, reach, divisions)
        for number, division in enumerate(_PLAYED_DIVISIONS):
            at = np.flatnonzero(self.chosen[row] == number)
            if len(at):
                own = _taken(places, at)
                meant[at] = self._likeliest(own, division, self.fits[number], row[at], reach[at], meant[at], looseness)
        return meant

    def _likeliest(
        self, places: Places, division: int, fit: _Fit, row: Column, reach: Floats, other: Column, looseness: float
    ) -> Column:
        points, position, distance = places.near(division, 3)
        width = np.clip(looseness * fit.width_seconds[row], looseness * 2 * _MIN_SECONDS, MAX_OFF_SECONDS / 2)
        likely = np.log(fit.position_share[row, position]) - (distance / width) ** 2 / 2
        likely = np.where(distance <= reach, likely, -np.inf)
        own = np.where(fit.is_own[row, position], likely, -np.inf)
        likely = np.where(own.max(axis=0) > -np.inf, own, likely)
        best = likely.argmax(axis=0)[None]
        is_near = np.take_along_axis(likely, best, axis=0)[0] > -np.inf
        return np.where(is_near, np.take_along_axis(points, best, axis=0)[0], other)


def _taken(places: Places, at: Column) -> Places:
    first, last, bar, next_bar = (c[at] for c in (places.first, places.last, places.bar, places.next_bar))
    return Places(first, last, bar, next_bar, places.seconds_per_tick[at], places.beat_ticks)


def _around(of_bars: Floats) -> Floats:
    """Sums over the bars around each one, which no other bar has a say in, not even by rounding; shape (b, ...)."""
    beside = np.zeros((_BARS_AROUND, *of_bars.shape[1:]))
    padded = np.concatenate([beside, of_bars, beside])
    total = np.zeros_like(of_bars)
    for first in range(2 * _BARS_AROUND + 1):
        total += padded[first : first + len(of_bars)]
    return total


def _fit(places: Places, division: int, row: Column, count: Floats, drawn: Mask) -> _Fit:
    bars = len(count)
    points, position, distance = places.near(division, 2)
    # of two points inside one strum the one on the coarser position
    rank = np.array([np.gcd(division, number) if number else division for number in range(division)])
    best = (distance - 1e-6 * rank[position]).argmin(axis=0)[None]
    near, used = np.take_along_axis(distance, best, axis=0)[0], np.take_along_axis(position, best, axis=0)[0]
    squares = _around(np.bincount(row, near**2, bars).astype(np.float64))
    width = np.maximum(np.sqrt(squares / count), _MIN_SECONDS)
    cells = np.bincount(row * division + used, minlength=bars * division).reshape(bars, division)
    times = _around(cells.astype(np.float64))
    share = times / count[:, None]
    entropy = -np.sum(np.where(share > 0, share * np.log(np.maximum(share, 1e-12)), 0.0), axis=1)
    extra = ((times > 0.5).sum(axis=1) - 1) / 2 * np.log(count + 1)
    rarity = _FINER_NATS * np.log(division) + _RARE_NATS.get(division, 0.0)
    nats = count * (np.log(width) + entropy + rarity) + extra
    base = rank / rank.sum()
    is_simple = np.array([number * 4 % division == 0 or number * 3 % division == 0 for number in range(division)])
    is_several = (share >= _OWN_SHARE - 1e-6) & (times >= _NO_SLIP)
    is_own = is_several | (drawn[:, None] & (times >= np.where(is_simple, 1, _NO_SLIP)))
    nearest = np.take_along_axis(points, best, axis=0)[0]
    return _Fit(nats, width, (times + base) / (count[:, None] + 1), is_own, nearest)


def _is_swung(places: Places, row: Column, bars: int) -> Mask:
    """Around which bars the off-beats are swung eighths, be they drawn in at 7:5 or 3:2: they mean the last triplet."""
    place = (places.first - places.bar) / places.beat_ticks % 1
    is_off = (place > _ON_BEAT) & (place < 1 - _ON_BEAT)
    is_swung = is_off & (place >= _SWUNG[0]) & (place <= _SWUNG[1])
    off, swung = (_around(np.bincount(row, flags, bars).astype(np.float64)) for flags in (is_off, is_swung))
    return np.asarray((swung >= _MIN_SWUNG) & (swung >= _SWUNG_SHARE * off))


def _own_step(onset_beats: Floats, row: Column, bars: int) -> Floats:
    """The step in beats that the phrase around each bar moves in: that of its shorter notes, at most a beat."""
    parts = _DRAWN[0]
    steps = np.rint(np.diff(onset_beats, append=onset_beats[-1] + 1) * parts).astype(np.int64)
    steps = np.clip(np.where(steps > 0, steps, parts), 1, parts)
    cells = np.bincount(row * (parts + 1) + steps, minlength=bars * (parts + 1)).reshape(bars, parts + 1)
    times = _around(cells.astype(np.float64))
    is_common = np.cumsum(times, axis=1) >= _STEP_SHARE * times.sum(axis=1)[:, None] - 1e-6
    is_common[:, 0] = False
    return np.asarray(is_common.argmax(axis=1) / parts)


def _lone_points(places: Places, reach: Floats, divisions: Column) -> Column:
    """Where a note off the phrase's grid is meant: at the nearest half, sixteenth or triplet in reach, if any."""
    points, position = places.points(12, 3)
    sixteenth = places.beat_ticks / 4 * places.seconds_per_tick
    reach = np.minimum(reach, MAX_OFF_SHARE * sixteenth)
    is_duple, is_triple = np.isin(position, _DUPLE), np.isin(position, _TRIPLE)
    is_exact = (points == places.first) & (is_duple | is_triple)
    is_point = np.where(divisions % 3 == 0, is_triple, is_duple) | is_exact
    distance = np.where(is_point, places.seconds_from(points), np.inf)
    nearest = np.take_along_axis(points, distance.argmin(axis=0)[None], axis=0)[0]
    return np.where(distance.min(axis=0) <= reach, nearest, places.first)
