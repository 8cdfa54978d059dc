"""What leads a take of all parts beside the net: where in the bar each part has played, and what its plan takes up.

The net alone forgets after some bars where in the bar a part begins its notes. And it cannot read a plan: so what the
bar that is taken up has at this place weighs more, in every part, as ``composing.plan_following`` does for lines.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.leaning import SCALE_WEIGHT
from musicassist.composing.plan import NO_PLAN, POINTING, Ending, Plan, Relation
from musicassist.families.ensemble.arrangement import Arrangement
from musicassist.families.ensemble.habits import Habits
from musicassist.families.ensemble.stream import Stream
from musicassist.families.ensemble.vocabulary import GAPS, LENGTHS, PITCHES, ROLES

Floats = NDArray[np.float32]
Struck = list[tuple[int, int]]  # pitch and class of length, from low to high

# how much more what the plan says weighs, and how much less a place at which a part has not played, in nats
GAP_WEIGHT, ROLE_WEIGHT, PITCH_WEIGHT, LENGTH_WEIGHT, COMMA_WEIGHT = 2.0, 2.0, 2.5, 1.5, 2.0
STRANGE_WEIGHT, STRANGE_LEAD_WEIGHT = 3.0, 1.0
_FARTHEST_IN_SEQUENCE = 5  # semitones between the first notes of a bar and of its sequence


class Leading:
    """What leads one take; it is told of each note. Everything it says is added to the net's scores.

    Args:
        arrangement: What is written.
        habits: Of its parts; takes may share them.
        plan: Of the bars before and of its own.
    """

    def __init__(self, arrangement: Arrangement, habits: Habits, plan: Plan = NO_PLAN) -> None:
        self._own, self._habits, self._plan = arrangement, habits, plan
        self._lead = arrangement.lead
        self._struck: dict[tuple[int, int, int], Struck] = defaultdict(list)  # by role, bar and place in it
        self._onsets: dict[int, dict[int, list[int]]] = {role: defaultdict(list) for role in arrangement.parts}
        if any(own.relation in POINTING for own in plan.bars):
            seed: Stream = arrangement.seed
            columns = (seed.onset_step, seed.role, seed.pitch, seed.length)
            for step, role, pitch, length in zip(*(column.tolist() for column in columns), strict=True):
                self.add(step, role, pitch, length)
        self._tending = np.zeros(PITCHES, dtype=np.float32)
        if arrangement.tends_to is not None:
            in_key = np.isin(np.arange(PITCHES) % 12, list(arrangement.tends_to.pitch_classes))
            self._tending[~in_key] = -SCALE_WEIGHT
        self._last_pitch = (
            int(own[-1]) if len(own := arrangement.seed.pitch[arrangement.seed.role == self._lead]) else -1
        )

    def add(self, step: int, role: int, pitch: int, length: int) -> None:
        """A note stands; ``length`` is a class."""
        bar, position = self._own.bars.bar_and_offset_ticks(step)
        onsets = self._onsets[role][bar]
        if not onsets or onsets[-1] != position:
            onsets.append(position)
        self._struck[role, bar, position].append((pitch, length))
        if role == self._lead:
            self._last_pitch = pitch

    def gaps(self, step: int, role: int, earliest: Mapping[int, int], *, is_begun: bool) -> Floats:
        """(GAPS,) for the next onset after a note of a part.

        Args:
            step: Its onset.
            role: Its part.
            earliest: From which step on each part may begin another one.
            is_begun: Whether that note belongs to the take.
        """
        said = np.zeros(GAPS, dtype=np.float32)
        own = self._own
        said[self._habits.strange_gaps(step, earliest)] -= STRANGE_WEIGHT
        if is_begun and any(self._waits(part, step) for part in own.parts if part >= role):
            said[0] += GAP_WEIGHT
            return said
        bar, position = own.bars.bar_and_offset_ticks(max(step, own.from_step - (not is_begun)))
        for number in (bar, bar + 1):
            start = own.bars.bar_start_tick(number)
            places = self._places(number)
            later = [
                place for place in places if number > bar or place > position or (place == position and not is_begun)
            ]
            if later:
                gap = start + later[0] - step
                if 0 < gap < GAPS - 1:
                    said[gap] += GAP_WEIGHT
                break
        return said

    def roles(self, step: int) -> Floats:
        """(ROLES,) for the part whose note begins there."""
        said = np.zeros(ROLES, dtype=np.float32)
        bar, position = self._own.bars.bar_and_offset_ticks(step)
        for role in self._own.parts:
            if self._struck.get((role, bar, position)) and step >= self._own.from_step:
                continue  # more notes of its chord
            if self._habits.is_strange(role, step):
                said[role] -= STRANGE_LEAD_WEIGHT if role == self._lead else STRANGE_WEIGHT
        waits = [role for role in self._own.parts if self._waits(role, step)]
        if waits:
            said[min(waits)] += ROLE_WEIGHT
        if self._plan.at(bar).ending > Ending.NONE and self._lead not in waits and self._is_comma(bar, position):
            said[self._lead] -= COMMA_WEIGHT
        return said

    def pitches(self, role: int, step: int) -> Floats:
        """(PITCHES,) for a note of a part there: where a bar comes again its own; in a sequence how it moved."""
        said = self._tending.copy()
        bar, position = self._own.bars.bar_and_offset_ticks(step)
        relation = self._plan.at(bar).relation
        if relation not in POINTING or relation == Relation.RHYTHM:
            return said
        taken = self._taken(role, bar, position)
        rank = len(self._struck.get((role, bar, position), ()))
        if rank >= len(taken):
            return said
        pitch = taken[rank][0]
        if relation == Relation.SAME:
            if role == self._lead or self._is_in_chord(pitch, step):
                said[pitch] += PITCH_WEIGHT
        elif role == self._lead and self._last_pitch >= 0:
            before = self._before_taken(role, bar, position)
            near = (
                [self._last_pitch + pitch - before + more for more in (-1, 0, 1)]
                if before >= 0
                else [
                    pitch + (1 if relation == Relation.SEQUENCE_UP else -1) * far
                    for far in range(1, _FARTHEST_IN_SEQUENCE + 1)
                ]
            )
            said[[own for own in near if 0 <= own < PITCHES]] += PITCH_WEIGHT
        return said

    def lengths(self, role: int, step: int) -> Floats:
        """(LENGTHS,) for the note whose pitch is chosen: the length of the one that is taken up."""
        said = np.zeros(LENGTHS, dtype=np.float32)
        bar, position = self._own.bars.bar_and_offset_ticks(step)
        taken = self._taken(role, bar, position)
        if taken:
            rank = min(len(self._struck.get((role, bar, position), ())), len(taken) - 1)
            said[taken[rank][1]] += LENGTH_WEIGHT
        return said

    # what is taken up

    def _taken_bar(self, bar: int) -> int:
        own = self._plan.at(bar)
        return bar - own.back_bars if own.relation in POINTING else -1

    def _taken(self, role: int, bar: int, position: int) -> Struck:
        """The notes of a part at the same place of the bar that is taken up."""
        taken = self._taken_bar(bar)
        return self._struck.get((role, taken, position), []) if taken >= 0 else []

    def _places(self, bar: int) -> list[int]:
        """Where in a bar notes begin if it is followed."""
        taken = self._taken_bar(bar)
        return sorted({place for own in self._onsets.values() for place in own.get(taken, ())}) if taken >= 0 else []

    def _waits(self, role: int, step: int) -> bool:
        """Whether the plan has one more note of a part there."""
        bar, position = self._own.bars.bar_and_offset_ticks(step)
        return len(self._taken(role, bar, position)) > len(self._struck.get((role, bar, position), ()))

    def _before_taken(self, role: int, bar: int, position: int) -> int:
        """The pitch before the note that is taken up, in its bar; -1 for none."""
        taken = self._taken_bar(bar)
        onsets = self._onsets[role].get(taken, [])
        row = bisect_left(onsets, position) - 1
        return self._struck[role, taken, onsets[row]][-1][0] if row >= 0 else -1

    def _is_in_chord(self, pitch: int, step: int) -> bool:
        """Whether a pitch is a tone of the chord that is known there; where none is, it is."""
        mask = self._own.chord_mask(step)
        return not mask or bool(mask >> pitch % 12 & 1)

    def _is_comma(self, bar: int, position: int) -> bool:
        """Whether the edited part began its last note around the middle of a bar: there a phrase may end on it."""
        onsets = self._onsets[self._lead].get(bar, [])
        bar_steps = self._own.bars.bar_start_tick(bar + 1) - self._own.bars.bar_start_tick(bar)
        return (
            bool(onsets) and onsets[-1] < position and bar_steps <= 2 * onsets[-1] and 3 * onsets[-1] <= 2 * bar_steps
        )
