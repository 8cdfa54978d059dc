"""A rule of rhythm: where in the bars notes start.

Either on some places of each beat, or bar by bar: each bar that a take fills then has the onsets of one of the bars
that are known, as far as the take has the whole bar.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from musicassist.score.timing import TimeMap

Mask = NDArray[np.bool_]
Steps = NDArray[np.int64]
Pattern = tuple[int, ...]  # onsets of one bar, in steps from its begin
_STRAIGHT, _FINE_STRAIGHT, _THIRDS, _EIGHTHS = 4, 8, 3, 2  # parts of a beat
_COARSE_STEPS = 12  # steps of a beat without places for 32nds


@dataclass(frozen=True, eq=False)
class Rhythm:
    """Where notes start; without places and patterns anywhere.

    Attributes:
        bars: The bars in steps.
        places: Of a beat, in steps; empty for all.
        patterns: The bars that are known, by their length in steps. A bar of another length is free.
    """

    bars: TimeMap = field(default_factory=lambda: TimeMap(_COARSE_STEPS))
    places: tuple[int, ...] = ()
    patterns: dict[int, tuple[Pattern, ...]] = field(default_factory=dict)

    @property
    def is_free(self) -> bool:
        """Whether notes start anywhere."""
        return not self.places and not self.patterns

    def on_places(self, steps: Steps) -> Mask:
        """(n,), which steps lie on the places of a beat, or on a bar line."""
        if not self.places:
            return np.ones(len(steps), dtype=bool)
        starts, _ = self.bars.bar_spans(steps)
        return np.isin((steps - starts) % self.bars.ticks_per_beat, self.places)

    def knows(self, step: int) -> bool:
        """Whether a note may start there in some take."""
        if not self.on_places(np.array([step]))[0]:
            return False
        bar, place = self.bars.bar_and_offset_ticks(step)
        known = self._of_bar(bar, 0)
        return known is None or any(place in own for own in known)

    def latest(self, last_step: int, notes: int) -> int:
        """The first of so many places in a row, the last of them not behind ``last_step``; that without places."""
        if not self.places or notes < 1:
            return last_step
        steps = np.arange(max(0, last_step - notes * self.bars.ticks_per_beat), last_step + 1)
        places = steps[self.on_places(steps)]
        return int(places[-min(notes, len(places))]) if len(places) else last_step

    def may_start(self, steps: Steps, bar: int, begun: Sequence[int], from_step: int) -> Mask:
        """(n,), where the next note may start.

        Args:
            steps: Rising, none before what is begun.
            bar: The bar that the take has reached.
            begun: Where in it notes of the take start.
            from_step: Where the take begins; of its first bar only what lies behind that counts.
        """
        mask = self.on_places(steps)
        if not self.patterns or not len(steps):
            return mask
        open_ = np.zeros(len(steps), dtype=bool)
        last, prefix = self.bars.bar_at(int(steps[-1])), tuple(begun)
        while bar <= last:
            start = self.bars.bar_start_tick(bar)
            places = steps - start
            inside = (places >= 0) & (steps < self.bars.bar_start_tick(bar + 1))
            known = self._of_bar(bar, from_step - start)
            if known is None:
                open_ |= inside
            else:
                fitting = [own for own in known if own[: len(prefix)] == prefix]
                open_ |= inside & np.isin(places, [own[len(prefix)] for own in fitting if len(own) > len(prefix)])
                if prefix not in fitting:
                    break  # nobody leaves a bar before it is done
            bar, prefix = bar + 1, ()
        return mask & open_

    def _of_bar(self, bar: int, from_place: int) -> list[Pattern] | None:
        """The patterns for a bar, from a place on; None where it is free."""
        length = self.bars.bar_start_tick(bar + 1) - self.bars.bar_start_tick(bar)
        known = self.patterns.get(length) if self.patterns else None
        return known if known is None else [tuple(at for at in own if at >= from_place) for own in known]


ANY_RHYTHM = Rhythm()


def shuffle_step(bars: TimeMap) -> int:
    """Where the last triplet of a beat is."""
    return 2 * bars.ticks_per_beat // 3


def rhythm_of(
    kind: str, bars: TimeMap, parts: Iterable[tuple[Steps, int]], *, is_shuffled: bool, density: float | None
) -> Rhythm:
    """A rule of rhythm.

    Args:
        kind: One of ``composing.request.RHYTHMS``.
        bars: The bars in steps.
        parts: Of each stretch of the phrase the onsets, in steps, rising, and where it ends.
        is_shuffled: Whether the phrase is written with its eighths on the last triplet of the beat.
        density: Most notes per beat; bars of the phrase that have more are no patterns.
    """
    beat = bars.ticks_per_beat
    if kind == "straight":
        return Rhythm(bars, _parts_of(beat, _STRAIGHT if beat == _COARSE_STEPS else _FINE_STRAIGHT))
    if kind == "triplets":
        return Rhythm(bars, _parts_of(beat, _THIRDS))
    if kind == "swing":
        return Rhythm(bars, (0, shuffle_step(bars)) if is_shuffled else _parts_of(beat, _EIGHTHS))
    if kind != "kept":
        return ANY_RHYTHM
    found: dict[int, set[Pattern]] = {}
    for onsets, end_step in parts:
        for length, pattern in bars_played(bars, onsets, end_step):
            most = len(pattern) if density is None else max(1, round(density * length / beat))
            if len(pattern) <= most:
                found.setdefault(length, set()).add(pattern)
    known = {length: tuple(sorted(own)) for length, own in found.items() if any(own)}
    return Rhythm(bars, patterns=known)


def bars_played(bars: TimeMap, onsets: Steps, end_step: int) -> list[tuple[int, Pattern]]:
    """Length and onsets of each bar of a phrase; a pickup is none, nor a last bar that is cut, where there are others.

    Args:
        bars: The bars in steps.
        onsets: In steps, rising.
        end_step: Where the phrase is cut.
    """
    if not len(onsets):
        return []
    first, last = bars.bar_at(int(onsets[0])), bars.bar_at(int(onsets[-1]))
    is_cut = bars.bar_start_tick(last + 1) > end_step and last > first
    begin = first + (bars.bar_start_tick(first) < int(onsets[0]) and last - is_cut > first)
    found = []
    for bar in range(begin, last + 1 - is_cut):
        start, stop = bars.bar_start_tick(bar), bars.bar_start_tick(bar + 1)
        inside = onsets[(onsets >= start) & (onsets < stop)] - start
        found.append((stop - start, tuple(np.unique(inside).tolist())))
    return found


def _parts_of(beat_steps: int, parts: int) -> tuple[int, ...]:
    return tuple(range(0, beat_steps, beat_steps // parts))
