"""Ticks, beats, bars and seconds: the one module that converts between them.

A *tick* is the stored unit, a *beat* is always a quarter note, a *bar* is counted from 0 and follows the meters, and a
*pulse* is what people count in a bar: the note of the meter's denominator, or three of them in 6/8, 9/8 and 12/8.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np
from numpy.typing import NDArray

DEFAULT_TICKS_PER_BEAT = 480
_SLACK_OF_BEAT = 32  # LIMIT: a change that is off by this part of a beat or less was meant for its line
MIN_BPM, MAX_BPM = 4.0, 999.0  # LIMIT: what a file (3.6 at the slowest) and a musician need; song and field hold them
MAX_MICROSECONDS_PER_BEAT = 0xFFFFFF  # LIMIT: three bytes in a Standard MIDI File
DEFAULT_MICROSECONDS_PER_BEAT = 500_000  # 120 bpm, the default of the Standard MIDI File
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TempoChange:
    """A new tempo from ``tick`` on."""

    tick: int
    microseconds_per_beat: int

    @property
    def tempo_bpm(self) -> float:
        """Quarter notes per minute."""
        return 60e6 / self.microseconds_per_beat


def spoken_bpm(tempo_bpm: float, pulse_beats: float = 1.0) -> float:
    """The shortest number for a tempo, since a file holds whole microseconds: 666,666 of them a beat are 90 bpm.

    Args:
        tempo_bpm: Quarter notes a minute.
        pulse_beats: What is counted, in quarter notes.
    """
    micros, pulses = 60e6 / tempo_bpm, tempo_bpm / pulse_beats
    near = (round(pulses, decimals) for decimals in range(4))
    return next((bpm for bpm in near if bpm > 0 and abs(60e6 / (bpm * pulse_beats) - micros) <= 1), pulses)


def slack_ticks(ticks_per_beat: int) -> int:
    """How far off its bar line a meter or tempo may stand, as some programs write it, and counts as on it."""
    return round(ticks_per_beat / _SLACK_OF_BEAT)


def tempo_change(tick: int, tempo_bpm: float) -> TempoChange:
    """The change at ``tick`` to a tempo in quarter notes per minute."""
    return TempoChange(tick, max(1, min(MAX_MICROSECONDS_PER_BEAT, round(60e6 / tempo_bpm))))


@dataclass(frozen=True, slots=True)
class MeterChange:
    """A new time signature from ``tick`` on; a bar line stands there, or within ``slack_ticks``."""

    tick: int
    numerator: int
    denominator: int

    @property
    def is_compound(self) -> bool:
        """Whether three of its notes are counted as one, as in 6/8, 9/8 and 12/8."""
        return self.denominator >= 8 and self.numerator > 3 and self.numerator % 3 == 0

    @property
    def pulse_beats(self) -> float:
        """Length of what is counted in a bar, in quarter notes."""
        return (12 if self.is_compound else 4) / self.denominator

    def bar_ticks(self, ticks_per_beat: int) -> int:
        """Length of one bar in ticks, at least 1."""
        return max(1, ticks_per_beat * 4 * self.numerator // self.denominator)

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


@dataclass(frozen=True)
class TimeMap:
    """Converts times of one song. Immutable; every method may be called from any thread.

    Attributes:
        ticks_per_beat: Ticks in a quarter note.
        tempo_changes: In tick order; before the first, 120 bpm holds.
        meter_changes: In tick order; before the first, 4/4 holds.
    """

    ticks_per_beat: int = DEFAULT_TICKS_PER_BEAT
    tempo_changes: tuple[TempoChange, ...] = ()
    meter_changes: tuple[MeterChange, ...] = ()

    @cached_property
    def _tempo_table(self) -> tuple[Ints, Floats, Floats]:
        """Tick, second and seconds per tick at each tempo change, the first at tick 0."""
        changes = [c for c in self.tempo_changes if c.tick > 0]
        first = [c for c in self.tempo_changes if c.tick <= 0]
        start_micros = first[-1].microseconds_per_beat if first else DEFAULT_MICROSECONDS_PER_BEAT
        ticks = np.array([0, *(c.tick for c in changes)], dtype=np.int64)
        micros = np.array([start_micros, *(c.microseconds_per_beat for c in changes)], dtype=np.float64)
        per_tick = micros / 1e6 / self.ticks_per_beat
        seconds = np.concatenate([[0.0], np.cumsum(np.diff(ticks) * per_tick[:-1])])
        return ticks, seconds, per_tick

    @cached_property
    def _meant_tempo_starts(self) -> Ints:
        return np.array([self.meant_tick(tick) for tick in self._tempo_table[0].tolist()], dtype=np.int64)

    def meant_tick(self, tick: int) -> int:
        """Where a change is meant that stands at ``tick``: on its bar line, if that is within ``slack_ticks``."""
        line_tick = min(self.bar_line_before(tick + 1), self.bar_line_at_or_after(tick), key=lambda t: abs(t - tick))
        return line_tick if abs(line_tick - tick) <= slack_ticks(self.ticks_per_beat) else tick

    @cached_property
    def _meter_table(self) -> tuple[tuple[int, int, MeterChange], ...]:
        """(start tick, number of the bar that starts there, meter) of each stretch of one meter, from tick 0 on."""
        slack = slack_ticks(self.ticks_per_beat)
        rows: list[tuple[int, int, MeterChange]] = [(0, 0, MeterChange(0, 4, 4))]
        for change in self.meter_changes:
            tick, bar, meter = rows[-1]
            bar_ticks = meter.bar_ticks(self.ticks_per_beat)
            line_tick = tick + round((change.tick - tick) / bar_ticks) * bar_ticks
            start_tick = line_tick if abs(line_tick - change.tick) <= slack else change.tick
            if start_tick <= tick:
                rows[-1] = (tick, bar, change)
                continue
            bars = -(-(start_tick - tick) // bar_ticks)  # a bar cut short by the change counts as a bar
            rows.append((start_tick, bar + bars, change))
        return tuple(rows)

    @cached_property
    def _meter_starts(self) -> list[int]:
        return [row[0] for row in self._meter_table]

    @cached_property
    def _meter_bars(self) -> list[int]:
        return [row[1] for row in self._meter_table]

    def tick_to_seconds(self, tick: float) -> float:
        """Seconds from the start of the song."""
        return float(self.ticks_to_seconds(np.array([tick], dtype=np.float64))[0])

    def ticks_to_seconds(self, ticks: Ints | Floats) -> Floats:
        """Seconds from the start of the song, for each tick."""
        starts, seconds, per_tick = self._tempo_table
        row = np.maximum(np.searchsorted(starts, ticks, side="right") - 1, 0)
        return np.asarray(seconds[row] + (ticks - starts[row]) * per_tick[row], dtype=np.float64)

    def seconds_to_tick(self, seconds: float) -> float:
        """The (fractional) tick that is heard ``seconds`` after the start."""
        return float(self.seconds_to_ticks(np.array([seconds], dtype=np.float64))[0])

    def seconds_to_ticks(self, seconds: Floats) -> Floats:
        """The (fractional) tick that is heard, for each number of seconds after the start."""
        starts, at_seconds, per_tick = self._tempo_table
        row = np.maximum(np.searchsorted(at_seconds, seconds, side="right") - 1, 0)
        return np.asarray(starts[row] + (seconds - at_seconds[row]) / per_tick[row], dtype=np.float64)

    def seconds_between(self, from_tick: float, to_tick: float) -> float:
        """Seconds from one place to another; negative if that is before it."""
        return self.tick_to_seconds(to_tick) - self.tick_to_seconds(from_tick)

    def tick_after(self, tick: float, seconds: float) -> float:
        """The (fractional) tick that is heard some seconds after another."""
        return self.seconds_to_tick(self.tick_to_seconds(tick) + seconds)

    def tick_to_beats(self, tick: float) -> float:
        """Quarter notes from the start of the song."""
        return tick / self.ticks_per_beat

    def beats_to_tick(self, beats: float) -> int:
        """The tick nearest to a number of quarter notes."""
        return round(beats * self.ticks_per_beat)

    def tempo_bpm_at(self, tick: float) -> float:
        """Quarter notes per minute at ``tick``; a change within ``slack_ticks`` behind a bar line counts as on it."""
        _, _, per_tick = self._tempo_table
        row = max(int(np.searchsorted(self._meant_tempo_starts, tick, side="right")) - 1, 0)
        return float(60.0 / (per_tick[row] * self.ticks_per_beat))

    def meter_at(self, tick: float) -> MeterChange:
        """The time signature in force at ``tick``."""
        return self._meter_table[max(bisect_right(self._meter_starts, tick) - 1, 0)][2]

    def beat_ticks_at(self, tick: float) -> float:
        """Length of a beat of the meter's denominator at ``tick``; no whole number where the division is odd."""
        return self.ticks_per_beat * 4 / self.meter_at(tick).denominator

    def pulse_ticks_at(self, tick: float) -> float:
        """Length of what is counted in a bar at ``tick``; no whole number where the division is odd."""
        return self.ticks_per_beat * self.meter_at(tick).pulse_beats

    def bar_ticks_at(self, tick: float) -> int:
        """Length of a whole bar of the meter at ``tick``."""
        return self.meter_at(tick).bar_ticks(self.ticks_per_beat)

    def bar_at(self, tick: float) -> int:
        """Number of the bar (from 0) that holds ``tick``."""
        start, bar, meter = self._meter_table[max(bisect_right(self._meter_starts, tick) - 1, 0)]
        return bar + int((tick - start) // meter.bar_ticks(self.ticks_per_beat))

    def bars_at(self, ticks: Ints) -> Ints:
        """For each tick the number of the bar that holds it."""
        starts, first_bars = (np.array(own, dtype=np.int64) for own in (self._meter_starts, self._meter_bars))
        row = self._meter_rows(ticks)
        return np.asarray(first_bars[row] + (ticks - starts[row]) // self.bar_lengths(ticks))

    def bar_start_tick(self, bar: int) -> int:
        """Where bar ``bar`` (from 0) begins."""
        start, first_bar, meter = self._meter_table[max(bisect_right(self._meter_bars, bar) - 1, 0)]
        return start + (bar - first_bar) * meter.bar_ticks(self.ticks_per_beat)

    def bar_spans(self, ticks: Ints) -> tuple[Ints, Ints]:
        """For each tick, where its bar begins and where the next one does."""
        starts = np.array(self._meter_starts, dtype=np.int64)
        limits = np.append(starts[1:], np.iinfo(np.int64).max)
        row, bar_ticks = self._meter_rows(ticks), self.bar_lengths(ticks)
        bar_starts = starts[row] + (ticks - starts[row]) // bar_ticks * bar_ticks
        return bar_starts, np.minimum(bar_starts + bar_ticks, limits[row])

    def bar_lengths(self, ticks: Ints) -> Ints:
        """For each tick the length of a whole bar of its meter, in ticks; its own may be cut short by another meter."""
        lengths = [meter.bar_ticks(self.ticks_per_beat) for _, _, meter in self._meter_table]
        return np.array(lengths, dtype=np.int64)[self._meter_rows(ticks)]

    def _meter_rows(self, ticks: Ints) -> Ints:
        return np.maximum(np.searchsorted(np.array(self._meter_starts), ticks, side="right") - 1, 0)

    def bar_line_at_or_after(self, tick: int) -> int:
        """The first bar line that is not before ``tick``."""
        start = self.bar_start_tick(self.bar_at(tick))
        return start if start == tick else self.bar_start_tick(self.bar_at(tick) + 1)

    def bar_line_before(self, tick: int) -> int:
        """The last bar line before ``tick``, from where one listens into what begins there; 0 at the beginning."""
        return self.bar_start_tick(self.bar_at(max(0, tick - 1)))

    @cached_property
    def has_pickup(self) -> bool:
        """Whether the first bar is shorter than those behind it, so that what stands in it leads into bar 1."""
        table = self._meter_table
        if len(table) < 2 or table[1][1] != 1:
            return False
        first_ticks, (_, _, meter) = table[1][0], table[1]
        return first_ticks < meter.bar_ticks(self.ticks_per_beat)

    def bar_number(self, bar: int) -> int:
        """What people call bar ``bar`` (from 0): the first whole one is 1, a pickup 0, as in MuseScore."""
        return bar + (0 if self.has_pickup else 1)

    def bar_numbered(self, number: int) -> int:
        """The bar (from 0) that people call ``number``; the inverse of ``bar_number``."""
        return number - self.bar_number(0)

    def bar_and_offset_ticks(self, tick: int) -> tuple[int, int]:
        """The bar that holds ``tick`` and how far into it ``tick`` lies."""
        bar = self.bar_at(tick)
        return bar, tick - self.bar_start_tick(bar)

    def position(self, tick: int) -> tuple[int, int, int]:
        """What a transport shows: the number of the bar, the pulse from 1, and ticks into that pulse, from 0."""
        bar, offset_ticks = self.bar_and_offset_ticks(tick)
        pulse_ticks = self.pulse_ticks_at(tick)
        pulse = int(offset_ticks // pulse_ticks)
        return self.bar_number(bar), pulse + 1, offset_ticks - ceil(pulse * pulse_ticks)
