"""Music for pictures: how many bars at which tempo let the end and the accents fall on bar lines and beats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import log

import numpy as np
from numpy.typing import NDArray

from musicassist.errors import QT_TRANSLATE_NOOP, ConstraintError
from musicassist.score.meant_times import meant_end_line_tick
from musicassist.score.song import Song
from musicassist.score.timing import MAX_BPM, MIN_BPM, TempoChange, TimeMap, tempo_change

MAX_OFF_SECONDS = 0.010  # what an eye and an ear take for together
MAX_ACCENTS = 16
MAX_PICTURE_SECONDS = 4 * 3600.0
MOST_CHANGE_SHARE, MAX_CHANGE_SHARE = 0.2, 0.5
_MAX_BAR_COUNTS = 12  # LIMIT: numbers of bars that are tried, those next to the song's tempo first
_OFF_LINE_COST = 1e-4  # an accent on a beat, against one on a bar line: as 1 % of tempo
_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)")
Floats = NDArray[np.float64]


def parsed_time(text: str) -> float:
    """Seconds of ``30.5``, ``0:30.5`` or ``1:02:03``.

    Raises:
        ValueError: In words.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text.strip()!r} is no time; write it as 0:30.5")
    hours, minutes, seconds = found.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)


def spoken_time(seconds: float) -> str:
    """A time as people write it, to a millisecond: ``0:30.5``."""
    whole, ms = divmod(round(seconds * 1000), 1000)
    rest = f"{ms:03}".rstrip("0") or "0"
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}.{rest}" if hours else f"{minute}:{second:02}.{rest}"


@dataclass(frozen=True)
class HitPoints:
    """What a picture asks for.

    Attributes:
        end_seconds: Where the music ends, on a bar line, from its start.
        accents_seconds: Where a beat falls; any order.
        bars: How many bars, or None for those of the song, else as many as stay next to its tempo.
        most_change_share: How far any tempo may be from the song's own there, 0..0.5.
    """

    end_seconds: float
    accents_seconds: tuple[float, ...] = ()
    bars: int | None = None
    most_change_share: float = MOST_CHANGE_SHARE


@dataclass(frozen=True)
class Hit:
    """One point as it is met: wanted and real seconds, and the tick that sounds there."""

    wanted_seconds: float
    seconds: float
    tick: int

    @property
    def off_ms(self) -> float:
        """How late it is in milliseconds; early below 0."""
        return (self.seconds - self.wanted_seconds) * 1000


@dataclass(frozen=True)
class Fit:
    """Tempos and bars that meet the points.

    Attributes:
        tempo_changes: All of the song.
        bars: How many bars the music has.
        end_tick: The bar line behind the last one.
        end: The end as it is met.
        accents: The accents, in order of time.
        tempo_share: Lowest and highest tempo against the song's own there, 1 for as it was.
        steps: How often the tempo is another one than a scaled song would have; 0 where one factor serves all.
    """

    tempo_changes: tuple[TempoChange, ...]
    bars: int
    end_tick: int
    end: Hit
    accents: tuple[Hit, ...]
    tempo_share: tuple[float, float]
    steps: int

    @property
    def most_off_ms(self) -> float:
        """How far the worst point is off."""
        return max(abs(hit.off_ms) for hit in (self.end, *self.accents))


def bars_of(song: Song) -> int:
    """How many bars the music of a song takes, by where it is meant to end."""
    return song.time_map.bar_at(meant_end_line_tick(song))


def fitted(time_map: TimeMap, own_bars: int, points: HitPoints) -> Fit:
    """How the points are met within 10 ms, by one tempo where that serves, else by steps at bar lines.

    Own changes of tempo keep their shape. Cheap: some milliseconds for a song of 200 bars.

    Args:
        time_map: That of the song.
        own_bars: How many bars the song has.
        points: What is asked for.

    Raises:
        ConstraintError: They cannot be met, and why.
    """
    _check(points)
    accents = tuple(sorted(set(points.accents_seconds)))
    most, failures = points.most_change_share, []
    for bars in _bar_counts(time_map, own_bars, points):
        ruler = _Ruler.of(time_map, bars)
        for factors in _factors(ruler, accents, points.end_seconds, most):
            fit = _realised(ruler, factors, accents, points.end_seconds)
            if fit.most_off_ms <= 1000 * MAX_OFF_SECONDS and _is_within(fit.tempo_share, most):
                return fit
            failures.append(fit)
    raise _unmet(time_map, own_bars, points, failures)


def _check(points: HitPoints) -> None:
    end = points.end_seconds
    if not 0 < end <= MAX_PICTURE_SECONDS:
        raise ConstraintError(
            QT_TRANSLATE_NOOP("Errors", "The end must lie behind the start and within {hours} hours."), hours=4
        )
    if len(points.accents_seconds) > MAX_ACCENTS:
        raise ConstraintError(QT_TRANSLATE_NOOP("Errors", "There can be up to {count} accents."), count=MAX_ACCENTS)
    for accent in points.accents_seconds:
        if not 0 < accent < end:
            raise ConstraintError(
                QT_TRANSLATE_NOOP(
                    "Errors", "The accent at {accent} does not lie between the start and the end at {end}."
                ),
                accent=spoken_time(accent),
                end=spoken_time(end),
            )


def _limits(most: float) -> tuple[float, float]:
    """The factors of durations that keep a tempo within a share of what it was."""
    return 1 / (1 + most), 1 / (1 - most)


def _is_within(tempo_share: tuple[float, float], most: float) -> bool:
    return tempo_share[0] >= 1 - most - 1e-3 and tempo_share[1] <= 1 + most + 1e-3


def _bar_counts(time_map: TimeMap, own_bars: int, points: HitPoints) -> list[int]:
    """The numbers of bars worth trying: the one that is said, else the song's, and then those next to its tempo."""
    if points.bars is not None:
        return [points.bars]
    low, high = _limits(points.most_change_share)

    def factor(bars: int) -> float:
        return points.end_seconds / time_map.tick_to_seconds(time_map.bar_start_tick(bars))

    first = max(1, time_map.bar_at(time_map.seconds_to_tick(points.end_seconds / high)))
    last = time_map.bar_at(time_map.seconds_to_tick(points.end_seconds / low)) + 1
    near = max(1, time_map.bar_at(time_map.seconds_to_tick(points.end_seconds)))
    around = range(max(first, near - _MAX_BAR_COUNTS), min(last, near + _MAX_BAR_COUNTS) + 1)
    counts = sorted((b for b in around if b != own_bars), key=lambda bars: abs(log(factor(bars))))
    wanted = [own_bars, *counts[:_MAX_BAR_COUNTS]] if own_bars else counts[:_MAX_BAR_COUNTS]
    return [bars for bars in wanted if low <= factor(bars) <= high]


@dataclass(frozen=True, eq=False)
class _Ruler:
    """Bars and pulses of a song up to an end, in its own time.

    Attributes:
        lines: Tick of each bar line, the last one included, shape (bars + 1,).
        seconds: When they sound, of the same shape.
        pulse_ticks, pulse_seconds, pulse_bars: Of each pulse: where, when and in which bar.
    """

    time_map: TimeMap
    lines: NDArray[np.int64]
    seconds: Floats
    pulse_ticks: NDArray[np.int64]
    pulse_seconds: Floats
    pulse_bars: NDArray[np.int64]

    @staticmethod
    def of(time_map: TimeMap, bars: int) -> _Ruler:
        lines = np.array([time_map.bar_start_tick(bar) for bar in range(bars + 1)], dtype=np.int64)
        rows = []
        for bar in range(bars):
            start, end = int(lines[bar]), int(lines[bar + 1])
            pulse_ticks = time_map.pulse_ticks_at(start)
            pulses = range(max(1, round((end - start) / pulse_ticks)))
            rows += [(round(start + pulse * pulse_ticks), bar) for pulse in pulses]
        table = np.array(rows, dtype=np.int64)
        at_seconds = time_map.ticks_to_seconds(table[:, 0])
        return _Ruler(time_map, lines, time_map.ticks_to_seconds(lines), table[:, 0], at_seconds, table[:, 1])

    @property
    def lengths(self) -> Floats:
        """How long each bar lasts in the song's own time."""
        return np.diff(self.seconds)


def _factors(ruler: _Ruler, accents: tuple[float, ...], end: float, most: float) -> Iterator[Floats]:
    """Factors of the durations of the bars that are worth trying: one for all, then steps."""
    bars = len(ruler.lengths)
    yield np.full(bars, end / ruler.seconds[-1])
    if accents:
        for lines_only in (False, True):
            pulses = _chosen_pulses(ruler, accents, end, most, lines_only=lines_only)
            if pulses is not None:
                yield _stepped(ruler, pulses, accents, end)


def _chosen_pulses(
    ruler: _Ruler, accents: tuple[float, ...], end: float, most: float, *, lines_only: bool
) -> list[int] | None:
    """The pulse for each accent with which the tempo changes least, by dynamic programming; None without any."""
    low, high = _limits(most)
    is_line = np.isin(ruler.pulse_ticks, ruler.lines)
    seconds, total = ruler.pulse_seconds, float(ruler.seconds[-1])
    costs, rows, back = np.zeros(1), np.zeros(1, dtype=np.int64), []
    before_seconds = 0.0
    for accent in accents:
        ahead, left = end - accent, total - seconds
        near = (seconds > 0) & (seconds >= accent / high) & (seconds <= accent / low)
        near &= (left >= ahead / high) & (left <= ahead / low) & (is_line | (not lines_only))
        here = np.flatnonzero(near)
        if not len(here):
            return None
        step = costs[:, None] + _cost(accent - before_seconds, seconds[here] - seconds[rows][:, None], low, high)
        best = step.argmin(axis=0)
        back.append((best, here))
        costs = step[best, np.arange(len(here))] + np.where(is_line[here], 0.0, _OFF_LINE_COST * end)
        rows, before_seconds = here, accent
    costs = costs + _cost(end - before_seconds, total - seconds[rows], low, high)
    if not np.isfinite(costs).any():
        return None
    chosen, place = [], int(costs.argmin())
    for best, here in reversed(back):
        chosen.append(int(here[place]))
        place = int(best[place])
    return chosen[::-1]


def _cost(wanted_seconds: float, own_seconds: Floats, low: float, high: float) -> Floats:
    """What it costs to let stretches last as long as is wanted: more the longer they are and the more they change."""
    factor = wanted_seconds / np.maximum(own_seconds, 1e-9)
    fits = (factor >= low) & (factor <= high)
    return np.where(fits, np.log(factor) ** 2 * wanted_seconds, np.inf)


def _stepped(ruler: _Ruler, pulses: list[int], accents: tuple[float, ...], end: float) -> Floats:
    """The factors of the bars with which each pulse falls on its accent, and which differ least from one another."""
    lengths = ruler.lengths
    rows = [np.where(np.arange(len(lengths)) < ruler.pulse_bars[pulse], lengths, 0.0) for pulse in pulses]
    for row, pulse in zip(rows, pulses, strict=True):
        bar = ruler.pulse_bars[pulse]
        row[bar] += ruler.pulse_seconds[pulse] - ruler.seconds[bar]
    table, wanted = np.stack([*rows, lengths]), np.array([*accents, end])
    usual = end / ruler.seconds[-1]
    weights = np.sqrt(lengths)
    change = np.linalg.lstsq(table / weights, wanted - table.sum(axis=1) * usual, rcond=None)[0]
    return np.asarray(usual + change / weights)


def _realised(ruler: _Ruler, factors: Floats, accents: tuple[float, ...], end: float) -> Fit:
    """What a file makes of the factors, whose tempos are whole microseconds."""
    time_map, bars = ruler.time_map, len(factors)
    factors = np.maximum(factors, 1e-3)
    end_tick = int(ruler.lines[-1])
    changes: list[TempoChange] = []
    own_ticks = [change.tick for change in time_map.tempo_changes if 0 < change.tick < end_tick]
    for tick in sorted({*ruler.lines[:-1].tolist(), *own_ticks}):
        factor = float(factors[min(int(np.searchsorted(ruler.lines, tick, side="right")) - 1, bars - 1)])
        change = tempo_change(tick, min(max(_exact_bpm(time_map, tick) / factor, MIN_BPM), MAX_BPM))
        if not changes or change.microseconds_per_beat != changes[-1].microseconds_per_beat:
            changes.append(change)
    new = replace(time_map, tempo_changes=tuple(changes))
    pulse_seconds = new.ticks_to_seconds(ruler.pulse_ticks)
    near = [int(np.abs(pulse_seconds - accent).argmin()) for accent in accents]
    hits = tuple(
        Hit(accent, float(pulse_seconds[row]), int(ruler.pulse_ticks[row]))
        for accent, row in zip(accents, near, strict=True)
    )
    shares = ruler.lengths / np.diff(new.ticks_to_seconds(ruler.lines))
    steps = int((np.abs(np.diff(factors)) > 1e-6).sum())
    share = float(shares.min()), float(shares.max())
    return Fit(tuple(changes), bars, end_tick, Hit(end, new.tick_to_seconds(end_tick), end_tick), hits, share, steps)


def _exact_bpm(time_map: TimeMap, tick: int) -> float:
    """The tempo that sounds right at a tick."""
    beats = 1 / time_map.ticks_per_beat
    return 60 * beats / time_map.seconds_between(tick, tick + 1)


def _unmet(time_map: TimeMap, own_bars: int, points: HitPoints, failures: list[Fit]) -> ConstraintError:
    percent = round(100 * points.most_change_share)
    end = spoken_time(points.end_seconds)
    if not failures or not any(_is_within(fit.tempo_share, points.most_change_share) for fit in failures):
        bars = points.bars or own_bars
        own_seconds = time_map.tick_to_seconds(time_map.bar_start_tick(bars))
        one, more = (
            QT_TRANSLATE_NOOP(
                "Errors",
                "{bars} bar cannot end at {end} with a tempo within {percent} % of the song's: it would be {share} %.",
            ),
            QT_TRANSLATE_NOOP(
                "Errors",
                "{bars} bars cannot end at {end} with a tempo within {percent} % of the song's: it would be {share} %.",
            ),
        )
        return ConstraintError(
            one if bars == 1 else more,
            bars=bars,
            end=end,
            percent=percent,
            share=round(100 * own_seconds / points.end_seconds),
        )
    best = min(failures, key=lambda fit: (not _is_within(fit.tempo_share, points.most_change_share), fit.most_off_ms))
    worst = max((best.end, *best.accents), key=lambda hit: abs(hit.off_ms))
    one, more = (
        QT_TRANSLATE_NOOP(
            "Errors",
            "No tempo within {percent} % of the song's puts a beat on all of these times and a bar line on {end}. "
            "With {bars} bar, {point} is off by {off} ms. Allow more change of tempo, or move it.",
        ),
        QT_TRANSLATE_NOOP(
            "Errors",
            "No tempo within {percent} % of the song's puts a beat on all of these times and a bar line on {end}. "
            "With {bars} bars, {point} is off by {off} ms. Allow more change of tempo, or move it.",
        ),
    )
    return ConstraintError(
        one if best.bars == 1 else more,
        percent=percent,
        end=end,
        bars=best.bars,
        point=spoken_time(worst.wanted_seconds),
        off=round(abs(worst.off_ms)),
    )
