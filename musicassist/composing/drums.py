"""Drums by the song's own patterns: each new bar is one that the track has, chosen by what stood before such bars.

No drum music was learned: what the song has not is not written.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicassist.score.song import Note, Notes
from musicassist.score.timing import TimeMap

PHRASE_BARS = 4
MAX_BARS_HEARD = 64  # LIMIT: older bars are not what the song does now
_CONTEXT_BARS = 8
_PLACES = 48  # in a bar, by which bars are told apart
_Row = tuple[int, int, int, int]  # ticks into the bar, pitch, duration, velocity


@dataclass(frozen=True)
class _Bar:
    number: int
    ticks: int
    rows: tuple[_Row, ...]

    @property
    def figure(self) -> frozenset[tuple[int, int]]:
        """What tells it apart from others."""
        return frozenset((round(row[0] * _PLACES / self.ticks), row[1]) for row in self.rows)


def drum_notes(track: Notes, bars: TimeMap, from_tick: int, to_tick: int, random: np.random.Generator) -> Notes:
    """Drums for a span.

    Args:
        track: The notes of the drum track; those that begin before the span are heard.
        bars: Of the song.
        from_tick: Where the span begins.
        to_tick: Where it ends, a bar line.
        random: Chooses among bars that fit equally well.
    """
    first, last = bars.bar_at(from_tick), bars.bar_at(to_tick - 1)
    heard = track.where(track.start_tick < from_tick)
    history = [_bar(heard, bars, number) for number in range(max(0, first - MAX_BARS_HEARD), first)]
    while history and not history[0].rows:
        history.pop(0)
    pool = list(history)
    if not pool:
        return Notes.of()
    new: list[Note] = []
    for number in range(first, last + 1):
        start = bars.bar_start_tick(number)
        chosen = _chosen(pool, history, number, bars.bar_start_tick(number + 1) - start, random)
        history.append(_Bar(number, chosen.ticks, chosen.rows))
        for ticks, pitch, duration, velocity in chosen.rows:
            if from_tick <= start + ticks < to_tick:
                new.append(Note(start + ticks, pitch, min(duration, to_tick - start - ticks), velocity))
    return Notes.of(new)


def _bar(notes: Notes, bars: TimeMap, number: int) -> _Bar:
    start, end = bars.bar_start_tick(number), bars.bar_start_tick(number + 1)
    own = notes.where(notes.starting_between(start, end))
    rows = tuple((n.start_tick - start, n.pitch, n.duration_ticks, n.velocity) for n in own)
    return _Bar(number, end - start, rows)


def _chosen(pool: list[_Bar], history: list[_Bar], number: int, ticks: int, random: np.random.Generator) -> _Bar:
    """The bar that fits best: by its length, its place in the phrase, and the bars before it."""
    figures = {bar.number: bar.figure for bar in history}

    def fit(bar: _Bar) -> tuple[bool, bool, int, bool]:
        same = 0
        while same < _CONTEXT_BARS:
            then, now = figures.get(bar.number - 1 - same), figures.get(number - 1 - same)
            if then is None or then != now:
                break
            same += 1
        is_end = number % PHRASE_BARS == PHRASE_BARS - 1
        return (
            bar.ticks == ticks,
            (bar.number % PHRASE_BARS == PHRASE_BARS - 1) == is_end,
            same,
            (bar.number - number) % (2 * PHRASE_BARS) == 0,
        )

    fits = [fit(bar) for bar in pool]
    best = [bar for bar, own in zip(pool, fits, strict=True) if own == max(fits)]
    return best[int(random.integers(max(0, len(best) - 2), len(best)))]  # one of the last two
