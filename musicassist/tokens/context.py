"""A melody as it grows: what the models are told of its past, as the columns of the vocabulary."""

from __future__ import annotations

from bisect import bisect_right
from typing import Self

import numpy as np
from numpy.typing import NDArray

from musicassist.tokens.codec import Surroundings, meter_class
from musicassist.tokens.matches import Match, Matches, Places, agrees
from musicassist.tokens.vocabulary import (
    INTERVAL_CLASSES,
    LOOK_BACK_BARS,
    MAX_COUNTDOWN_BARS,
    MAX_INTERVAL,
    MAX_STEPS,
    NONE_CLASS,
    PHRASE_BARS,
    STEPS_PER_BEAT,
    UNKNOWN_TONIC,
    VELOCITY_CLASSES,
    VELOCITY_STEP,
)

Mask = NDArray[np.bool_]
_SLOW_DECAY, _FAST_DECAY = 0.99, 0.8


def interval_class(interval: int) -> int:
    """Class of a melodic interval in semitones."""
    return max(-MAX_INTERVAL, min(MAX_INTERVAL, interval)) + MAX_INTERVAL


def velocity_class(velocity: int, mean_velocity: float) -> int:
    """Class of a velocity beside the mean of the notes before it."""
    return max(0, min(VELOCITY_CLASSES - 1, round((velocity - mean_velocity) / VELOCITY_STEP) + VELOCITY_CLASSES // 2))


def velocity_of_class(row: int, mean_velocity: float) -> int:
    """A velocity, 1..127, for a class beside a mean."""
    return max(1, min(127, round(mean_velocity + (row - VELOCITY_CLASSES // 2) * VELOCITY_STEP)))


class MelodyContext:
    """Grows note by note; gives the columns of ``vocabulary`` for the note that comes next.

    Not shared between threads. Several takes go on from one seed by :meth:`continued`.
    """

    def __init__(self, place: Surroundings) -> None:
        self.place = place
        self.onset: list[int] = []
        self.pitch: list[int] = []
        self.duration: list[int] = []
        self.bar: list[int] = []
        self.position: list[int] = []
        self.mean_velocity = 0.0
        self._gap: list[int] = []
        self._interval: list[int] = []
        self._velocity: list[int] = []
        self._row_at: Places[int] = Places()
        self._matches = Matches()
        self._agreement = 8
        self._slow = [0.0] * 12
        self._fast = [0.0] * 12
        self._profile: list[float] = []
        self._bar_steps = 4 * STEPS_PER_BEAT
        self._meter = 0
        self._phrase_origin = 0
        self._back_rows: tuple[tuple[int, int], ...] = ()

    def copy(self) -> Self:
        """An independent continuation of the same past."""
        return self._copied(is_shared=False)

    def continued(self) -> Self:
        """A continuation that costs little, however long the melody is. This one must not grow any more."""
        return self._copied(is_shared=True)

    def _copied(self, *, is_shared: bool) -> Self:
        twin = type(self).__new__(type(self))
        for name, value in self.__dict__.items():
            if isinstance(value, (Matches, Places)):
                twin.__dict__[name] = value.copy(is_shared=is_shared)
            else:
                twin.__dict__[name] = value.copy() if isinstance(value, list) else value
        return twin

    def __len__(self) -> int:
        return len(self.onset)

    # growing

    def append(self, onset_step: int, pitch: int, duration_steps: int, velocity: int) -> None:
        """Adds the next note; its onset lies after the last one's."""
        row = len(self.onset)
        gap = min(onset_step - self.onset[-1], MAX_STEPS) if row else 0
        interval = interval_class(pitch - self.pitch[-1]) if row else NONE_CLASS
        self._agreement = self._agreement_with(gap, interval, duration_steps)
        self._velocity.append(velocity_class(velocity, self.mean_velocity) if row else VELOCITY_CLASSES // 2)
        self.mean_velocity += (velocity - self.mean_velocity) / (row + 1)
        self._place(onset_step)
        self.onset.append(onset_step)
        self.pitch.append(pitch)
        self.duration.append(min(duration_steps, MAX_STEPS))
        self._gap.append(gap)
        self._interval.append(interval)
        self._row_at.add(onset_step, row)
        self._hear(pitch % 12, min(duration_steps, 24) / STEPS_PER_BEAT)
        self._matches.follow(self._gap, self._interval, self.position)

    def _place(self, onset_step: int) -> None:
        bars = self.place.bars
        bar = bars.bar_at(onset_step)
        start = bars.bar_start_tick(bar)
        self._bar_steps = bars.meter_at(onset_step).bar_ticks(STEPS_PER_BEAT)
        self._meter = meter_class(bars, onset_step)
        if not self.onset:
            self._phrase_origin = bar + (2 * (onset_step - start) >= self._bar_steps)
        self.bar.append(bar)
        self.position.append(onset_step - start)

    def _hear(self, pitch_class: int, weight: float) -> None:
        self._slow = [share * _SLOW_DECAY for share in self._slow]
        self._fast = [share * _FAST_DECAY for share in self._fast]
        self._slow[pitch_class] += weight
        self._fast[pitch_class] += weight
        self._profile = []

    def _agreement_with(self, gap: int, interval: int, duration: int) -> int:
        after = self._matches.best.row + 1
        if self._matches.best.row < 0 or after >= len(self._gap):
            return 8
        return (
            (self._gap[after] == gap) + 2 * (self._interval[after] == interval) + 4 * (self.duration[after] == duration)
        )

    # columns for the note that comes next, in the order of vocabulary

    def state_row(self) -> list[int]:
        """``STATE_COLUMNS`` of the last note."""
        return [
            self._gap[-1],
            self._interval[-1],
            self.duration[-1],
            min(self.position[-1], MAX_STEPS),
            self._meter,
            self._tonic_class(),
            self.place.mode,
            self._register(),
            self.place.style,
            self._countdown(),
            (self.bar[-1] - self._phrase_origin) % PHRASE_BARS,
            self._velocity[-1],
            self._matches.best.length_class,
            self._agreement,
        ]

    def gap_row(self) -> list[int]:
        """``GAP_COLUMNS`` before the next onset is chosen."""
        return [
            self._gap_after(self._matches.best),
            self._gap_after(self._matches.second),
            self._gap_after(self._matches.rhythm),
            *(self._gap_back(bars) for bars in LOOK_BACK_BARS),
            self._matches.best.length_class,
            self._matches.second.length_class,
            self._matches.rhythm.length_class,
            min(self.position[-1], MAX_STEPS),
            self.duration[-1],
            self._meter,
        ]

    def pitch_row(self, gap: int) -> list[int]:
        """``PITCH_COLUMNS`` after the next onset is chosen, ``gap`` steps after the last one."""
        self._back_rows = tuple((self._row_back(gap, bars), bars) for bars in LOOK_BACK_BARS)
        return [
            self._interval_after(self._matches.best),
            self._interval_after(self._matches.second),
            self._interval_after(self._matches.contour),
            *(self._interval_to(row) for row, _ in self._back_rows),
            self._matches.best.length_class,
            self._matches.second.length_class,
            self._matches.contour.length_class,
            self._fit(self._matches.best, gap),
            self._fit(self._matches.second, gap),
            self._next_position(gap),
            gap,
            self._tonic_class(),
            self.place.mode,
            self._register(),
        ]

    def duration_row(self, gap: int, interval: int) -> list[int]:
        """``DURATION_COLUMNS`` after onset and pitch (an interval class) are chosen; follows :meth:`pitch_row`."""
        return [
            self._duration_after(self._matches.best),
            self._duration_after(self._matches.second),
            self._duration_after(self._matches.rhythm),
            *(self.duration[row] if row >= 0 else NONE_CLASS for row, _ in self._back_rows),
            self._matches.best.length_class,
            self._matches.rhythm.length_class,
            self._fit(self._matches.best, gap, interval),
            self._fit(self._matches.second, gap, interval),
            self._next_position(gap),
            gap,
            interval,
            self.duration[-1],
            self._meter,
        ]

    def velocity_row(self, gap: int, interval: int, duration: int) -> list[int]:
        """``VELOCITY_COLUMNS`` after all else is chosen."""
        return [self._next_position(gap), interval, duration, self._velocity[-1]]

    def profile(self) -> list[float]:
        """Share of each pitch class above the last pitch in what has sounded: 12 slow, then 12 fast; each sums to 1."""
        if not self._profile:  # it is asked for with each field of the next note
            shift = self.pitch[-1] % 12
            slow, fast = sum(self._slow), sum(self._fast)
            self._profile = [self._slow[(shift + i) % 12] / slow for i in range(12)]
            self._profile += [self._fast[(shift + i) % 12] / fast for i in range(12)]
        return self._profile

    def chord_tones(self, gap: int) -> list[int]:
        """Whether each pitch class above the last pitch is in the next onset's chord; last, whether one is known."""
        mask = self.chord_mask(gap)
        shift = self.pitch[-1] % 12
        return [(mask >> ((shift + i) % 12)) & 1 for i in range(12)] + [int(mask > 0)]

    def chord_mask(self, gap: int) -> int:
        """Pitch classes of the chord at the next onset as a 12-bit mask; 0 where none is known."""
        return self.place.chord_at(self.onset[-1] + gap)

    @property
    def match_notes(self) -> int:
        """How many of the last notes stand, in a row, earlier in the melody (at most 48)."""
        return self._matches.best.length

    def copied_pitches(self, gap: int, longest: int) -> set[int]:
        """Pitches that, ``gap`` steps from here, would go on with a copy of ``longest`` notes or more."""
        gaps, intervals, row = self._gap, self._interval, len(self.onset) - 1
        alike = [at for at in range(longest, row) if gaps[at + 1] == gap and intervals[at] == intervals[row]]
        copies = [at for at in alike if all(agrees(gaps, intervals, at - n, row - n) for n in range(longest))]
        return {self.pitch[-1] + intervals[at + 1] - MAX_INTERVAL for at in copies}

    # the next pitch

    def intervals_to(self, allowed: Mask) -> Mask:
        """(97,), some pitches, given as (128,), as interval classes from the last one."""
        pitches = self.pitch[-1] + np.arange(INTERVAL_CLASSES) - MAX_INTERVAL
        return np.asarray((pitches >= 0) & (pitches < 128) & allowed[np.clip(pitches, 0, 127)])

    def nearest_of(self, allowed: Mask) -> int:
        """Of some pitches, given as (128,), the one nearest to the last one."""
        pitches = np.flatnonzero(allowed)
        return int(pitches[np.argmin(np.abs(pitches - self.pitch[-1]))])

    # parts of the columns

    def _tonic_class(self) -> int:
        return UNKNOWN_TONIC if self.place.tonic == UNKNOWN_TONIC else (self.pitch[-1] - self.place.tonic) % 12

    def _register(self) -> int:
        return max(-24, min(24, self.pitch[-1] - self.pitch[0])) + 24

    def _countdown(self) -> int:
        if self.place.last_bar is None:
            return 0
        return 2 + max(0, min(MAX_COUNTDOWN_BARS, self.place.last_bar - self.bar[-1]))

    def _next_position(self, gap: int) -> int:
        position = self.position[-1] + gap
        return min(position % self._bar_steps if position >= self._bar_steps else position, MAX_STEPS)

    def _gap_after(self, match: Match) -> int:
        after = match.row + 1
        return self._gap[after] if match.row >= 0 and after < len(self._gap) else NONE_CLASS

    def _interval_after(self, match: Match) -> int:
        after = match.row + 1
        return self._interval[after] if match.row >= 0 and after < len(self._gap) else NONE_CLASS

    def _duration_after(self, match: Match) -> int:
        after = match.row + 1
        return self.duration[after] if match.row >= 0 and after < len(self._gap) else NONE_CLASS

    def _gap_back(self, bars: int) -> int:
        step = self.onset[-1] - bars * self._bar_steps
        if step < self.onset[0] - self._bar_steps:
            return NONE_CLASS
        row = bisect_right(self.onset, step)
        return min(self.onset[row] - step, MAX_STEPS) if row < len(self.onset) else NONE_CLASS

    def _row_back(self, gap: int, bars: int) -> int:
        return next(iter(self._row_at.of(self.onset[-1] + gap - bars * self._bar_steps)), -1)

    def _interval_to(self, row: int) -> int:
        return interval_class(self.pitch[row] - self.pitch[-1]) if row >= 0 else NONE_CLASS

    def _fit(self, match: Match, gap: int, interval: int | None = None) -> int:
        after = match.row + 1
        if match.row < 0 or after >= len(self._gap):
            return 3
        same_gap = self._gap[after] == gap
        return int(same_gap) if interval is None else int(same_gap) + int(self._interval[after] == interval)
