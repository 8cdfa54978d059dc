"""What may come next: the mask that every sampler obeys, so that music that breaks a demand cannot be made.

One :class:`Grammar` guards one take. It is asked, in this order, for the gaps, the pitches and the durations that are allowed, and
told of each note that was chosen. It always leaves something to choose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.score.timing import TimeMap
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.vocabulary import (
    DURATION_CLASSES,
    GAP_CLASSES,
    INTERVAL_CLASSES,
    LONGEST_STEPS,
    STEPS_PER_BEAT,
    WIDEST_INTERVAL,
)

Mask = NDArray[np.bool_]
SHORTEST_REST_STEPS = 3  # LIMIT: nothing shorter than a 16th is left over before the last bar line
MOST_EQUAL_BARS = 2  # LIMIT: a bar that stands twice running is not made a third time
FEWEST_PITCHES = 3  # LIMIT: a take of several bars uses at least this many pitches
LONGEST_COPY = 8  # LIMIT: notes that may follow the seed word for word where only new music is wanted


@dataclass(frozen=True)
class Demands:
    """What the notes of a take must meet.

    Attributes:
        bars: The bars in steps.
        from_step: No note starts before it.
        to_step: A bar line; the last note ends on it.
        pitch_allowed: (128,), the pitches that may be used at all.
        first_onset_step: Where the first note must start, or None.
        notes_per_beat: Most notes per beat, averaged over a bar, or None.
        on_beat_in_chord: Whether notes on a beat must be tones of the chord that sounds there.
        only_new: Whether long copies of what went before are ruled out.
    """

    bars: TimeMap
    from_step: int
    to_step: int
    pitch_allowed: Mask
    first_onset_step: int | None = None
    notes_per_beat: float | None = None
    on_beat_in_chord: bool = False
    only_new: bool = False


class Grammar:
    """The rules of one take; follows the :class:`MelodyContext` that the take grows."""

    def __init__(self, demands: Demands, context: MelodyContext) -> None:
        self.demands = demands
        self.context = context
        self._first_row = len(context)
        self._pitches: set[int] = set()
        self._signatures: dict[int, list[tuple[int, int]]] = {}
        bars = demands.bars
        self._last_bar = bars.bar_at(demands.to_step - 1)
        self._first_bar = bars.bar_at(demands.from_step)
        self._last_bar_step = bars.bar_start_tick(self._last_bar)

    def chose(self) -> None:
        """The context has grown by a note."""
        context = self.context
        self._pitches.add(context.pitch[-1])
        self._signatures.setdefault(context.bar[-1], []).append((context.position[-1], context.pitch[-1]))

    @property
    def end_step(self) -> int:
        """Where the last note ends."""
        return self.context.onset[-1] + self.context.duration[-1]

    @property
    def is_complete(self) -> bool:
        """Whether the take ends on its last bar line."""
        return len(self.context) > self._first_row and self.end_step >= self.demands.to_step

    @property
    def may_hold(self) -> bool:
        """Whether the last note may be held to the last bar line instead of another note."""
        steps = self.demands.to_step - self.context.onset[-1]
        started = len(self.context) > self._first_row and self.context.onset[-1] >= self._last_bar_step
        return started and 0 < steps <= LONGEST_STEPS and not self._needs_new_pitch(self._last_bar)

    # gaps

    def gaps(self) -> Mask:
        """(97,), the gaps that may follow the last note."""
        last_onset = self.context.onset[-1]
        onsets = last_onset + np.arange(GAP_CLASSES)
        first = self.demands.first_onset_step
        if first is not None and len(self.context) == self._first_row:
            return np.asarray(onsets == first)
        earliest = max(self.end_step, self.demands.from_step, last_onset + 1)
        allowed = (onsets >= earliest) & (onsets <= self.demands.to_step - SHORTEST_REST_STEPS)
        allowed &= onsets <= self._latest_onset()
        allowed &= ~self._full_bars(onsets)
        if not allowed.any():
            allowed = (onsets >= earliest) & (onsets < self.demands.to_step)
            allowed &= onsets == onsets[allowed].min() if allowed.any() else False
        return allowed

    def _latest_onset(self) -> int:
        """No more than one bar stays without an onset, and the last bar is never left empty."""
        bar = self.context.bar[-1] if len(self.context) > self._first_row else self._first_bar
        bars = self.demands.bars
        if bar < self._last_bar <= bar + 2:
            return self.demands.to_step - SHORTEST_REST_STEPS
        return bars.bar_start_tick(bar + 3) - 1

    def _full_bars(self, onsets: NDArray[np.int64]) -> Mask:
        full = np.zeros(len(onsets), dtype=bool)
        if self.demands.notes_per_beat is None:
            return full
        bars = self.demands.bars
        for bar in {bars.bar_at(int(onset)) for onset in onsets[:: STEPS_PER_BEAT // 2]}:
            start, stop = bars.bar_start_tick(bar), bars.bar_start_tick(bar + 1)
            most = max(1, round(self.demands.notes_per_beat * (stop - start) / STEPS_PER_BEAT))
            if len(self._signatures.get(bar, ())) >= most:
                full |= (onsets >= start) & (onsets < stop)
        return full

    # pitches

    def pitches(self, gap: int) -> Mask:
        """(128,), the pitches that may start ``gap`` steps after the last onset."""
        onset = self.context.onset[-1] + gap
        allowed = self.demands.pitch_allowed.copy()
        narrowings = [self._chord_tones(onset, gap), self._not_a_third_equal_bar(onset), self._new_pitches(onset)]
        if self.demands.only_new:
            narrowings.append(self._not_copied(gap))
        for narrowing in narrowings:
            if narrowing is not None and (allowed & narrowing).any():
                allowed &= narrowing
        return allowed

    def intervals(self, gap: int) -> Mask:
        """(97,), the same as interval classes from the last pitch; never empty."""
        allowed = self.pitches(gap)
        last = self.context.pitch[-1]
        pitches = last + np.arange(INTERVAL_CLASSES) - WIDEST_INTERVAL
        inside = (pitches >= 0) & (pitches < 128)
        return np.asarray(inside & allowed[np.clip(pitches, 0, 127)])

    def nearest_pitch(self, gap: int) -> int:
        """The allowed pitch nearest to the last one, for where no interval reaches an allowed pitch."""
        allowed = np.flatnonzero(self.pitches(gap))
        return int(allowed[np.argmin(np.abs(allowed - self.context.pitch[-1]))])

    def _chord_tones(self, onset: int, gap: int) -> Mask | None:
        mask = self.context.chord_mask(gap) if self.demands.on_beat_in_chord else 0
        bar, position = self.demands.bars.bar_and_offset_ticks(onset)
        del bar
        if not mask or position % STEPS_PER_BEAT:
            return None
        tones = np.array([(mask >> pitch_class) & 1 for pitch_class in range(12)], dtype=bool)
        return tones[np.arange(128) % 12]

    def _not_a_third_equal_bar(self, onset: int) -> Mask | None:
        """Rules out the pitch that would make the bar at ``onset`` equal to the two before it."""
        bar, position = self.demands.bars.bar_and_offset_ticks(onset)
        before = self._signatures.get(bar - 1)
        own = self._signatures.get(bar, [])
        if before is None or any(self._signatures.get(bar - 1 - k) != before for k in range(1, MOST_EQUAL_BARS)):
            return None
        if len(own) + 1 != len(before) or own != before[: len(own)] or before[-1][0] != position:
            return None
        allowed = np.ones(128, dtype=bool)
        allowed[before[-1][1]] = False
        return allowed

    def _needs_new_pitch(self, bar: int) -> bool:
        whole_take = self._last_bar - self._first_bar + 1 >= FEWEST_PITCHES
        return whole_take and FEWEST_PITCHES - len(self._pitches) > self._last_bar - bar

    def _new_pitches(self, onset: int) -> Mask | None:
        if not self._needs_new_pitch(self.demands.bars.bar_at(onset)):
            return None
        allowed = np.ones(128, dtype=bool)
        allowed[list(self._pitches)] = False
        return allowed

    def _not_copied(self, gap: int) -> Mask | None:
        copied = self.context.copied_pitches(gap, LONGEST_COPY)
        if not copied:
            return None
        allowed = np.ones(128, dtype=bool)
        allowed[list(copied)] = False
        return allowed

    # durations

    def durations(self, gap: int, pitch: int) -> Mask:
        """(97,), the durations that a note ``gap`` steps after the last onset may have."""
        del pitch
        onset = self.context.onset[-1] + gap
        steps = np.arange(DURATION_CLASSES)
        rest = self.demands.to_step - onset - steps
        allowed = (steps >= 1) & (rest >= 0)
        tidy = allowed & ((rest == 0) | (rest >= SHORTEST_REST_STEPS))
        return tidy if tidy.any() else allowed
