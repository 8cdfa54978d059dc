"""What may come next: the mask that every sampler obeys, so that music that breaks a demand cannot be made.

One :class:`Grammar` guards one take. It is asked, in this order, for the gaps, the pitches and the durations that are
allowed, and told of each note that was chosen. It always leaves something to choose: where it leaves no gap, the take
ends. Where two demands cannot both be met, the later one of this list gives way: span, rhythm, pitches, density,
chords, largest leap, no third equal bar, several pitches, only new music, few repeats, few leaps, the end.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musicassist.tokens.context import MelodyContext
from musicassist.tokens.demands import FIFTH, Demands, Mask, beside, chord_pitches, is_chord_bound
from musicassist.tokens.rhythm import shuffle_step
from musicassist.tokens.vocabulary import DURATION_CLASSES, GAP_CLASSES, STEPS_PER_BEAT

MIN_REST_STEPS = 3  # LIMIT: nothing shorter than a 16th is left over before the last bar line
MAX_EQUAL_BARS = 2  # LIMIT: a bar that stands twice running is not made a third time
MIN_PITCHES = 3  # LIMIT: a take of several bars uses at least this many pitches
MAX_COPY = 8  # LIMIT: notes that may follow the seed word for word where only new music is wanted

_SIXTEENTH_STEPS = STEPS_PER_BEAT // 4


class Grammar:
    """The rules of one take; follows the :class:`MelodyContext` that the take grows.

    Args:
        demands: What the take must meet.
        context: Its past; the take has grown it by ``begun_notes`` already.
        begun_notes: How many notes of the context belong to the take.
    """

    def __init__(self, demands: Demands, context: MelodyContext, *, begun_notes: int = 0) -> None:
        self.demands = demands
        self.context = context
        self._first_new_row = len(context)
        self._pitches: set[int] = set()
        self._signatures: dict[int, list[tuple[int, int]]] = {}
        self._shortest_steps = max(MIN_REST_STEPS, demands.onset_grid_steps)
        bars, end, grid = demands.bars, demands.end, demands.onset_grid_steps
        self._beat_steps = bars.ticks_per_beat
        self._least_rest_steps = MIN_REST_STEPS * self._beat_steps // STEPS_PER_BEAT
        self._stop_step = demands.to_step if end.by_step is None else min(end.by_step, demands.to_step)
        inside = [place for place in end.places if demands.from_step <= place < self._stop_step]
        places = [place for place in inside if place % grid == 0 and demands.rhythm.knows(place)]
        self._last_bar = bars.bar_at(places[-1] if places else self._stop_step - 1)
        self._last_bar_step = bars.bar_start_tick(self._last_bar)
        bar_end_step = min(self._stop_step, bars.bar_start_tick(self._last_bar + 1))
        half_bar_steps = (bar_end_step - self._last_bar_step) // 2
        self._least_steps = max(1, min(end.least_steps, half_bar_steps))
        self._final_steps = max(self._shortest_steps, self._least_steps)
        self._places = [place for place in places if place + self._least_steps <= bar_end_step]
        self._latest_final_step = self._places[-1] if self._places else bar_end_step - self._final_steps
        self._latest_first_step = min(self._last_bar_step + half_bar_steps, self._latest_final_step)
        self._first_bar = bars.bar_at(demands.from_step)
        has_several_bars = self._last_bar - self._first_bar + 1 >= MIN_PITCHES
        possible = min(int(demands.pitch_allowed.sum()), self._slots(self._first_bar))
        self._wanted_pitches = min(MIN_PITCHES, possible) if has_several_bars else 0
        final = beside(context.pitch[0], demands.pitch_allowed) if end.leads_back and begun_notes else end.pitches
        final = None if final is None else final & demands.pitch_allowed
        self._final = final if final is not None and final.any() else None
        self._leaps, self._is_given = 0, False
        for row in range(len(context) - begun_notes, len(context)):
            self._count(row)

    def chose(self, *, is_given: bool = False) -> None:
        """The context has grown by a note, which owes nothing where it was given."""
        self._is_given = is_given
        self._count(len(self.context) - 1)

    def _count(self, row: int) -> None:
        context = self.context
        self._pitches.add(context.pitch[row])
        self._leaps += row > 0 and abs(context.pitch[row] - context.pitch[row - 1]) > FIFTH
        self._signatures.setdefault(context.bar[row], []).append((context.position[row], context.pitch[row]))

    @property
    def end_step(self) -> int:
        """Where the last note ends."""
        return self.context.onset[-1] + self.context.duration[-1]

    @property
    def is_complete(self) -> bool:
        """Whether nothing can follow the last note."""
        return bool(self._pitches) and self.end_step >= self._stop_step

    @property
    def may_end(self) -> bool:
        """Whether the take may end with its last note."""
        context = self.context
        is_late = bool(self._pitches) and context.onset[-1] >= self._last_bar_step
        has_room = self._latest_onset(self._bar(), 1) > context.onset[-1] and self._slots(self._bar()) > 0
        is_owed = self._owed() > 0 or (self._missing_pitches() > 0 and has_room)
        is_long = context.duration[-1] >= self._least_steps
        return is_late and is_long and not is_owed and self._may_end(context.onset[-1], context.pitch[-1])

    def ending_gaps(self) -> Mask:
        """(97,), the gaps that mean the take's end, where it may end."""
        rest_steps = self.demands.end.rest_steps
        ending_step = self._stop_step
        if rest_steps is not None:
            ending_step = min(ending_step, self.end_step + rest_steps)
        return np.asarray(self.context.onset[-1] + np.arange(GAP_CLASSES) >= ending_step)

    # gaps

    def gaps(self) -> Mask:
        """(97,), the gaps that may follow the last note; none where the take ends."""
        last_onset = self.context.onset[-1]
        onsets = last_onset + np.arange(GAP_CLASSES)
        earliest = max(self.end_step, self.demands.from_step, last_onset + 1)
        possible = (onsets >= earliest) & (onsets < self._stop_step) & (onsets % self.demands.onset_grid_steps == 0)
        rhythmic = possible & self._in_rhythm(onsets)
        possible = rhythmic if rhythmic.any() or self._pitches else possible
        if self.demands.latest_first_step is not None and len(self.context) == self._first_new_row:
            in_reach = possible & (onsets <= self.demands.latest_first_step)
            possible = in_reach if in_reach.any() else possible
        possible = self._where_it_may_lead(onsets, possible)
        in_time: Mask = onsets <= self._latest_onset(self._bar(), self._wanted(self._missing_pitches()) + self._owed())
        sparse, fresh = ~self._full_bars(onsets), ~self._third_equal_bars(onsets)
        tidy: Mask = possible & in_time & sparse
        calm: Mask = onsets <= self.end_step + (self.demands.longest_rest_steps or 0)
        if self.demands.longest_rest_steps is not None and self._pitches and (tidy & calm).any():
            tidy &= calm
        tidy = self.on_usual_places(tidy, onsets)
        if (tidy & fresh & self._where_it_may_end(onsets)).any():
            tidy &= self._where_it_may_end(onsets)
        if (tidy & fresh).any() or self.may_end:
            return np.asarray(tidy & fresh)
        if tidy.any():
            return tidy
        if (possible & sparse).any() or (self._pitches and self._bar() == self._last_bar):  # it ends where that is full
            return _first(possible & sparse)
        # a bar so long and so sparse that no gap reaches its end: as far as one does
        return _first((possible & in_time)[::-1])[::-1] if (possible & in_time).any() else _first(possible)

    def _in_rhythm(self, steps: NDArray[np.int64]) -> Mask:
        """Where notes may start by the rule of rhythm."""
        begun = [place for place, _ in self._signatures.get(self._bar(), ())]
        return self.demands.rhythm.may_start(steps, self._bar(), begun, self.demands.from_step)

    def on_usual_places(self, mask: Mask, steps: NDArray[np.int64]) -> Mask:
        """Of the places of a mask those where the phrase has its notes as well, wherever that leaves some."""
        sixteenths, shuffled = self.demands.is_in_sixteenths, self.demands.is_shuffled
        for is_asked, usual in ((True, self._in_rhythm), (sixteenths, self._in_sixteenths), (shuffled, self._shuffled)):
            mask = mask & usual(steps) if is_asked and (mask & usual(steps)).any() else mask
        return mask

    def _in_sixteenths(self, steps: NDArray[np.int64]) -> Mask:
        """Which places lie on a sixteenth of their bar."""
        return np.asarray((steps - self.demands.bars.bar_spans(steps)[0]) % _SIXTEENTH_STEPS == 0)

    def _shuffled(self, steps: NDArray[np.int64]) -> Mask:
        """Which places lie on a beat or on its last triplet."""
        bars = self.demands.bars
        return np.isin((steps - bars.bar_spans(steps)[0]) % self._beat_steps, (0, shuffle_step(bars)))

    def _where_it_may_end(self, onsets: NDArray[np.int64]) -> Mask:
        """Every place, but in a last bar that has room for one more note only those of the last note."""
        if not self._places or self._slots(self._last_bar) > 1:
            return np.ones(len(onsets), dtype=bool)
        return (onsets < self._last_bar_step) | np.isin(onsets, self._places)

    def _bar(self) -> int:
        """The bar that the take has reached."""
        return self.context.bar[-1] if self._pitches else self._first_bar

    def _latest_onset(self, bar: int, missing_pitches: int) -> int:
        """The last step for a note after one in ``bar``.

        No more than one bar stays without an onset, the last bar begins in its first half and has room for its last
        note, and there is room for the pitches that are missing.
        """
        room_steps = self._shortest_steps * (max(1, missing_pitches) - 1)
        latest_bar = bar + 2 if self._last_bar > bar + 2 else self._last_bar
        while latest_bar > bar and self._slots(latest_bar) < missing_pitches:
            latest_bar -= 1
        latest = min(self.demands.bars.bar_start_tick(latest_bar + 1) - 1, self._latest_final_step - room_steps)
        latest = min(latest, self.demands.rhythm.latest(self._latest_final_step, missing_pitches))
        if bar < latest_bar == self._last_bar:
            latest = min(latest, self._latest_first_step)
        return latest - latest % self.demands.onset_grid_steps

    def _full_bars(self, onsets: NDArray[np.int64]) -> Mask:
        """Where the bar has as many notes as it may have."""
        full = np.zeros(len(onsets), dtype=bool)
        if self.demands.notes_per_beat is None:
            return full
        bars = self.demands.bars
        for bar in range(bars.bar_at(int(onsets[0])), bars.bar_at(int(onsets[-1])) + 1):
            if len(self._signatures.get(bar, ())) >= self._most_notes(bar):
                full |= (onsets >= bars.bar_start_tick(bar)) & (onsets < bars.bar_start_tick(bar + 1))
        return full

    def _most_notes(self, bar: int) -> int:
        """How many notes may start in a bar."""
        if self.demands.notes_per_beat is None:
            return GAP_CLASSES
        bars = self.demands.bars
        beats = (bars.bar_start_tick(bar + 1) - bars.bar_start_tick(bar)) / self._beat_steps
        return max(1, round(self.demands.notes_per_beat * beats))

    def _slots(self, bar: int, most: int = MIN_PITCHES) -> int:
        """How many notes may still start from a bar on; no more than ``most``, or a bar more, are counted."""
        slots = 0
        while bar <= self._last_bar and slots < most:
            slots += self._most_notes(bar) - len(self._signatures.get(bar, ()))
            bar += 1
        return slots

    def _third_equal_bars(self, onsets: NDArray[np.int64]) -> Mask:
        """Where any pitch that is allowed would make a bar equal to the two before it."""
        equal = np.zeros(len(onsets), dtype=bool)
        for bar in (self._bar(), self._bar() + 1):
            last = self._last_of_third_equal_bar(bar)
            if last is not None:
                gap = self.demands.bars.bar_start_tick(bar) + last[0] - int(onsets[0])
                equal[gap : gap + 1] = 0 < gap < GAP_CLASSES and self.pitches(gap)[last[1]]
        return equal

    # pitches

    def pitches(self, gap: int) -> Mask:
        """(128,), the pitches that may start ``gap`` steps after the last onset."""
        onset = self.context.onset[-1] + gap
        allowed = self._in_scale(onset)
        tones = self._chord_tones(onset, gap)
        if tones is not None and (allowed & tones).any():
            allowed &= tones
        allowed = self._in_reach(allowed)
        narrowings = [self._not_a_third_equal_bar(onset), self._new_pitches(onset)]
        if self.demands.only_new:
            narrowings.append(_without(self.context.copied_pitches(gap, MAX_COPY)))
        narrowings += [self._no_further_repeat(), self._no_further_leap()]
        narrowings.append(self._final if self._is_for_the_end(onset) else None)
        for narrowing in narrowings:
            if narrowing is not None and (allowed & narrowing).any():
                allowed &= narrowing
        return allowed

    def _in_reach(self, allowed: Mask) -> Mask:
        """Those within the largest leap; the first note of a take comes as near to the phrase as it can."""
        if self.demands.largest_leap is None:
            return allowed
        far = np.abs(np.arange(128) - self.context.pitch[-1])
        return np.asarray(allowed & (far <= max(self.demands.largest_leap, int(far[allowed].min()))))

    def _in_scale(self, onset: int) -> Mask:
        """The pitches of the scale; what may only lead up, where there is room; behind that, what it leads to."""
        if self._owed():
            return np.asarray(np.arange(128) == self.demands.leading[self.context.pitch[-1]])
        allowed = self.demands.pitch_allowed.copy()
        for pitch in self.demands.leading:
            allowed[pitch] |= self._may_lead(onset, pitch)
        return allowed

    def _owed(self, pitch: int | None = None) -> int:
        """How many notes have to follow a note of the take (without a pitch its last one), because it leads up."""
        if pitch is None:
            pitch = self.context.pitch[-1] if self._pitches and not self._is_given else -1
        owed = 0
        while pitch in self.demands.leading:
            owed, pitch = owed + 1, self.demands.leading[pitch]
        return owed

    def _may_lead(self, onset: int, pitch: int) -> bool:
        """Whether there is room behind a note for those that it leads to, and for the pitches that are missing."""
        if self.demands.in_chord and self.demands.onset_grid_steps % self._beat_steps == 0:
            return False  # every note is on a beat, and the chord there may lack what it leads to
        needed = self._owed(pitch) + self._wanted(self._missing_pitches())
        has_room = onset + self._shortest_steps * (needed + 1) <= self._latest_final_step
        has_room &= onset < self.demands.rhythm.latest(self._latest_final_step, needed)
        return has_room and self._slots(self.demands.bars.bar_at(onset), needed + 2) > needed + 1

    def _where_it_may_lead(self, onsets: NDArray[np.int64], possible: Mask) -> Mask:
        """Of the onsets that are possible those whose chord has the note that is led to; all where none has it."""
        if not (self._owed() and self.demands.in_chord):
            return possible
        target = self.demands.leading[self.context.pitch[-1]]
        tones = [self._chord_tones(int(onset), int(onset - onsets[0])) for onset in onsets]
        fits = possible & np.array([mask is None or bool(mask[target]) for mask in tones])
        return fits if fits.any() else possible

    def intervals(self, gap: int) -> Mask:
        """(97,), the same as interval classes from the last pitch; none where all lie too far from it."""
        return self.context.intervals_to(self.pitches(gap))

    def nearest_pitch(self, gap: int) -> int:
        """The allowed pitch nearest to the last one, for where no interval reaches an allowed pitch."""
        return self.context.nearest_of(self.pitches(gap))

    def _is_last_chance(self, onset: int) -> bool:
        """Whether a note there may have no note after it, so that it has to be a last one."""
        left_steps = self._latest_final_step - onset
        is_late = left_steps <= 0 if self._places else left_steps < self._shortest_steps
        return onset >= self._last_bar_step and (is_late or self._slots(self._last_bar) <= 1)

    def _is_for_the_end(self, onset: int) -> bool:
        """Whether a note there has to be one that may end the take; without places, in its last beat."""
        is_in_last_beat = not self._places and self._stop_step - onset <= self._beat_steps
        return self._is_last_chance(onset) or (onset > self._last_bar_step and is_in_last_beat)

    def _may_end(self, onset: int, pitch: int) -> bool:
        is_right = self._final is None or bool(self._final[pitch])
        return (is_right and (not self._places or onset in self._places)) or self._is_last_chance(onset)

    def _no_further_repeat(self) -> Mask | None:
        last = self.context.pitch[-self.demands.most_repeats :]
        return _without(set(last)) if len(last) == self.demands.most_repeats and len(set(last)) == 1 else None

    def _no_further_leap(self) -> Mask | None:
        if self.demands.most_leaps is None:
            return None
        widest = self.demands.widest_leap if self._leaps < self.demands.most_leaps else FIFTH
        return np.asarray(np.abs(np.arange(128) - self.context.pitch[-1]) <= widest)

    def _chord_tones(self, onset: int, gap: int) -> Mask | None:
        mask = self.context.chord_mask(gap) if self.demands.in_chord else 0
        is_bound = bool(mask) and is_chord_bound(self.demands.in_chord, self.demands.bars, onset)
        return chord_pitches(mask) if is_bound else None

    def _not_a_third_equal_bar(self, onset: int) -> Mask | None:
        """Rules out the pitch that would make the bar at ``onset`` equal to the two before it."""
        bar, position = self.demands.bars.bar_and_offset_ticks(onset)
        last = self._last_of_third_equal_bar(bar)
        return _without({last[1]}) if last is not None and last[0] == position else None

    def _last_of_third_equal_bar(self, bar: int) -> tuple[int, int] | None:
        """Position and pitch of the one note that would make a bar equal to the two before it."""
        before = self._signatures.get(bar - 1)
        own = self._signatures.get(bar, [])
        if before is None or any(self._signatures.get(bar - 1 - k) != before for k in range(1, MAX_EQUAL_BARS)):
            return None
        return before[-1] if own == before[:-1] else None

    def _missing_pitches(self) -> int:
        return self._wanted_pitches - len(self._pitches)

    def _wanted(self, missing_pitches: int) -> int:
        """How many notes it takes to make up for the pitches that are missing: the last note may have to be another."""
        return missing_pitches + (self._final is not None) if missing_pitches > 0 else 0

    def _new_pitches(self, onset: int) -> Mask | None:
        """Rules out the pitches that were used, where too few notes are left for those that are missing."""
        missing = self._missing_pitches()
        wanted = self._wanted(missing)
        bar = self.demands.bars.bar_at(onset)
        is_late = wanted > self._last_bar - bar or self._slots(bar, MIN_PITCHES + 1) <= wanted
        is_late = is_late or onset + self._shortest_steps * wanted > self._latest_final_step
        return _without(self._pitches) if missing > 0 and is_late else None

    # durations

    def _next_steps(self, onset: int) -> NDArray[np.int64]:
        """The onsets that a rhythm of whole bars has next in reach of a note there."""
        bar, place = self.demands.bars.bar_and_offset_ticks(onset)
        begun = [own for own, _ in self._signatures.get(bar, ())] + [place]
        steps = onset + np.arange(1, GAP_CLASSES)
        may_start = self.demands.rhythm.may_start(steps, bar, begun, self.demands.from_step)
        return np.asarray(steps[may_start & (steps < self._stop_step)])

    def durations(self, gap: int, pitch: int) -> Mask:
        """(97,), the durations that a note of that pitch, ``gap`` steps after the last onset, may have."""
        onset = self.context.onset[-1] + gap
        ends = onset + np.arange(DURATION_CLASSES)
        possible = (ends > onset) & (ends <= self._stop_step)
        missing = self._wanted(self._missing_pitches() - (pitch not in self._pitches)) + self._owed(pitch)
        if self._owed(pitch) and self.demands.in_chord:  # a place off the beat stays in reach of a gap
            possible &= ends < onset + GAP_CLASSES - self.demands.onset_grid_steps
        tidy = possible & (ends <= self._latest_onset(self.demands.bars.bar_at(onset), missing))
        may_be_last = onset >= self._last_bar_step and missing <= 0 and self._may_end(onset, pitch)
        if may_be_last:
            left_steps = self._stop_step - ends
            final = possible & (ends - onset >= self._least_steps)
            final &= (left_steps == 0) | (left_steps >= min(self._least_rest_steps, self._stop_step - onset - 1))
            tidy = final if final.any() and self._is_last_chance(onset) else tidy | final
        elif self.demands.longest_note_steps is not None:
            short = ends - onset <= self.demands.longest_note_steps
            tidy = tidy & short if (tidy & short).any() else tidy
        if self.demands.is_in_sixteenths and (tidy & self._in_sixteenths(ends)).any():
            tidy = tidy & self._in_sixteenths(ends)
        places = self.demands.rhythm.on_places(ends)
        tidy = tidy & places if (tidy & places).any() else tidy
        if self.demands.rhythm.patterns and not may_be_last and len(steps := self._next_steps(onset)):
            in_time = ends <= steps[-1]  # none is so long that no onset of the rhythm comes behind it
            possible, tidy = possible & in_time, tidy & in_time
        return tidy if tidy.any() else possible & (ends == onset + 1)


def _first(mask: Mask) -> Mask:
    return np.asarray(mask & (np.cumsum(mask) == 1))


def _without(pitches: set[int]) -> Mask:
    allowed = np.ones(128, dtype=bool)
    allowed[list(pitches)] = False
    return allowed
