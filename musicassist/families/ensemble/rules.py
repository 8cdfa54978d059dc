"""The rules of takes of all parts, as masks on what is chosen: what breaks one cannot be drawn.

Rules: no note before the span and none beyond it; in each part no more notes at once than it may have, none struck
again while it sounds, none more often in a row than in the song, starts of its rhythm, pitches of its range, of the
scale, within its largest leap and, where chords bind, of the chord; the four voices do not cross; no part rests for
longer than it does in the song; what closes comes home in all parts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musicassist.families.ensemble.arrangement import Arrangement
from musicassist.families.ensemble.habits import Habits
from musicassist.families.ensemble.part_limits import PartLimits
from musicassist.families.ensemble.vocabulary import GAPS, LENGTHS_STEPS, ROLES, STEPS_PER_BEAT, Role
from musicassist.tokens.demands import FIFTH, chord_pitches, is_chord_bound

Mask = NDArray[np.bool_]
Sounds = list[tuple[int, int]]  # end step and pitch
_FAR = 10**9
_BASSES = (Role.BASS, Role.CHORAL_BASS, Role.LEFT_HAND)
_VOICES = (Role.CHORAL_BASS, Role.TENOR, Role.ALTO, Role.SOPRANO)


class Rules:
    """What may be chosen next in one take; it is told of each note.

    Args:
        arrangement: What is written.
        habits: Where its parts play; takes may share them.
        home_step: Where the edited part begins its last note, on one of its end's pitches; None: it ends as it comes.
    """

    def __init__(self, arrangement: Arrangement, habits: Habits, home_step: int | None = None) -> None:
        self._own, self._habits = arrangement, habits
        self._home_step = _FAR if home_step is None else home_step
        end = arrangement.end
        self._home = end.pitches if end.pitches is not None and home_step is not None else None
        is_led_back = end.leads_back and end.pitches is not None
        self._back_step = arrangement.to_step - STEPS_PER_BEAT if is_led_back else _FAR
        self._is_home = False
        line = arrangement.seed.pitch[arrangement.seed.role == arrangement.lead]
        self._lead_pitch = int(line[-1]) if len(line) else None
        self._parts = arrangement.parts
        self._sounds: dict[int, Sounds] = {role: [] for role in self._parts}
        self._run: dict[int, tuple[int, int]] = {}  # lowest note of a part's last onset, and how often it came
        self._in_bar: dict[tuple[int, int], set[int]] = {}
        steps = range(arrangement.from_step, arrangement.to_step)
        self._starts = {
            role: {step for step in steps if part.rhythm.knows(step)}
            for role, part in self._parts.items()
            if not part.rhythm.is_free
        }
        self._is_narrow = bool(self._starts) or any(
            part.most_per_beat is not None or part.largest_leap is not None for part in self._parts.values()
        )
        seed = arrangement.seed  # what of it is held into the span will end where that begins
        self._last = dict(zip(seed.role.tolist(), seed.onset_step.tolist(), strict=True))
        self.count = 0
        self.step = int(seed.onset_step[-1]) if len(seed) else arrangement.begin_step
        self._role = self._pitch = -1

    def add(self, step: int, role: int, pitch: int, length_steps: int) -> None:
        """A note was chosen."""
        if step != self.step or not self.count:
            self._role = -1
        if self._last.get(role) != step or role not in self._run:
            last, times = self._run.get(role, (pitch, 0))
            self._run[role] = (pitch, times + 1 if last == pitch else 1)
        self._sounds[role] = [*self._sounding(role, step), (step + length_steps, pitch)]
        self._last[role] = step
        if role == self._own.lead:
            self._lead_pitch = pitch
        self._is_home |= role == self._own.lead and step == self._home_step
        self._in_bar.setdefault((role, self._own.bars.bar_at(step)), set()).add(step)
        self.step, self._role, self._pitch, self.count = step, role, pitch, self.count + 1

    # gaps

    def gaps(self) -> tuple[Mask, Mask]:
        """(GAPS,) the gaps that lead to another note, and those that end the take; all that do may be open or none."""
        own, onsets = self._own, self.step + np.arange(GAPS)
        due = min((self._due(role) for role in self._parts), default=_FAR)
        possible = (onsets >= own.from_step) & (onsets < own.to_step) & (onsets % own.grid_steps == 0)
        possible[GAPS - 1] = False
        here = self.step >= own.from_step
        starts = [self._earliest(role) for role in self._parts]
        possible &= onsets >= min(starts)
        if self._is_narrow:
            possible &= np.array(
                [bool(at) and bool(self.roles(int(step)).any()) for at, step in zip(possible, onsets, strict=True)]
            )
        possible[0] = here and bool(self.roles(self.step).any())
        if here and possible[0] and self._must_go_on():
            possible[1:] = False
        possible = _narrowed(possible, own.places[onsets % STEPS_PER_BEAT])
        latest = max(due, self.step + own.grid_steps) if self.count else min(self._latest_first(), self._home_step)
        in_time = possible & (onsets <= latest)
        possible = in_time if in_time.any() else _first(possible)
        ends = onsets >= own.to_step
        ends[GAPS - 1] = True
        if possible.any() and (not self.count or due < own.to_step or (possible[1:].sum() == 0 and self._must_go_on())):
            ends[:] = False
        return possible, ends

    def _must_go_on(self) -> bool:
        return any(self._is_due(role, self.step) and role >= self._role for role in self._parts)

    def first_step(self) -> int:
        """Where a take begins whose seed lies too far back for a gap."""
        return self._own.from_step

    def _latest_first(self) -> int:
        own = self._own
        if own.request.constraints.begins_at_once:
            return own.from_step
        return own.to_step if own.latest_step is None else max(own.latest_step, own.from_step)

    @property
    def earliest(self) -> dict[int, int]:
        """From which step on each part may begin another note."""
        return {role: self._earliest(role) for role in self._parts}

    def _earliest(self, role: int) -> int:
        """The first step at which another note of a part may begin."""
        if role == self._own.lead and self._is_home:
            return _FAR
        ends = sorted(end for end, _ in self._sounding(role, self.step))
        room = self._parts[role].polyphony
        return self.step if len(ends) < room else ends[len(ends) - room]

    def _due(self, role: int) -> int:
        """When a part has rested for as long as it may; a note that sounds is no rest. The edited one goes home.

        It waits until it comes where it plays: else who was late once would stay so.
        """
        part, home_step = self._parts[role], self._home_step if role == self._own.lead else _FAR
        if role == self._own.lead and self._is_home:
            return _FAR
        if part.longest_rest_steps is None:
            return home_step
        last = max(self._last.get(role, self._own.from_step), self._own.from_step - STEPS_PER_BEAT)
        ends = (end for end, _ in self._sounding(role, self.step))
        return min(home_step, self._habits.known_from(role, max([last + part.longest_rest_steps, *ends])))

    def _is_due(self, role: int, step: int) -> bool:
        return self._due(role) <= step and self._last.get(role) != step

    # roles

    def roles(self, step: int) -> Mask:
        """(ROLES,) the parts that may begin a note there."""
        possible = np.zeros(ROLES, dtype=bool)
        is_same = self.count > 0 and step == self.step
        for role in self._parts:
            if is_same and role < self._role:
                continue
            possible[role] = self._may_start(role, step)
        due = [role for role in self._parts if possible[role] and self._is_due(role, step)]
        if due:
            possible[min(due) + 1 :] = False
        if not self.count and self._own.request.constraints.begins_at_once:
            possible = _narrowed(possible, np.isin(np.arange(ROLES), self._own.edited_roles))
        return possible

    def _may_start(self, role: int, step: int) -> bool:
        part, is_lead = self._parts[role], role == self._own.lead
        if is_lead and self._is_home and step > self._home_step:
            return False
        if len(self._sounding(role, step)) >= part.polyphony:
            return False
        if role in self._starts and step not in self._starts[role]:
            return False
        if self._is_full(part, step) and not (is_lead and step == self._home_step):
            return False
        return bool(self.pitches(role, step).any())

    def _is_full(self, part: PartLimits, step: int) -> bool:
        """Whether a bar has as many onsets of a part as it may have."""
        if part.most_per_beat is None:
            return False
        bars = self._own.bars
        bar = bars.bar_at(step)
        begun = self._in_bar.get((part.role, bar), set())
        beats = (bars.bar_start_tick(bar + 1) - bars.bar_start_tick(bar)) / STEPS_PER_BEAT
        return step not in begun and len(begun) >= max(1, round(part.most_per_beat * beats))

    # pitches

    def pitches(self, role: int, step: int) -> Mask:
        """(128,) the pitches that a part may begin there."""
        part = self._parts[role]
        allowed = part.allowed.copy()
        for other in self._own.roles_of(part.track_index):  # of two hands neither strikes what the other holds
            for _, pitch in self._sounding(other, step):
                allowed[pitch] = False
        if self.count and step == self.step and role == self._role:
            allowed[: self._pitch + 1] = False
        tones = self._chord_tones(step)
        if tones is not None and (part.allowed & tones).any():
            allowed &= tones
        allowed = self._homeward(self._in_reach(allowed, role, step), role, step)
        if role in _VOICES:
            allowed = _narrowed(allowed, self._uncrossed(role, step))
        pitch, times = self._run.get(role, (0, 0))
        if times >= part.longest_run and self._last.get(role) != step:
            others = allowed.copy()
            others[pitch] = False
            allowed = _narrowed(allowed, others)
        return allowed

    def _in_reach(self, allowed: Mask, role: int, step: int) -> Mask:
        """Those within the part's largest leap; its first note comes as near to the phrase as it can."""
        leap = self._parts[role].largest_leap
        if leap is None or (role in self._run and self._last.get(role) == step):
            return allowed
        if role in self._run:
            return allowed & (np.abs(np.arange(128) - self._run[role][0]) <= leap)
        if role != self._own.lead or self._lead_pitch is None or not allowed.any():
            return allowed
        far = np.abs(np.arange(128) - self._lead_pitch)
        return np.asarray(allowed & (far <= max(leap, int(far[allowed].min()))))

    def _homeward(self, allowed: Mask, role: int, step: int) -> Mask:
        """Those of the end: all parts come home together, the bass to the tonic; a loop leads near its begin."""
        own = self._own
        if role == own.lead and step >= self._back_step and own.end.pitches is not None:
            return _narrowed(allowed, own.end.pitches)
        if self._home is None or step < self._home_step:
            return allowed
        if self.count and step == self.step and role == self._role:
            return allowed & self._home  # more tones of a chord
        allowed = _narrowed(allowed, self._home)
        if role == own.lead and self._lead_pitch is not None:  # nobody leaps to the last note
            allowed = _narrowed(allowed, np.abs(np.arange(128) - self._lead_pitch) <= FIFTH)
        is_root = role in _BASSES and step == self._home_step and own.tonic is not None
        return _narrowed(allowed, np.arange(128) % 12 == own.tonic) if is_root else allowed

    def _uncrossed(self, role: int, step: int) -> Mask:
        """The pitches at which a voice crosses no other of the four."""
        low, high = 0, 127
        for other in self._parts:
            pitches = [pitch for _, pitch in self._sounding(other, step)] if other in _VOICES else []
            if pitches and other < role:
                low = max(low, *pitches)
            elif pitches and other > role:
                high = min(high, *pitches)
        given = self._own.given
        if given.roles and all(other in _VOICES and other > role for other in given.roles):
            lowest = given.sounding(step)[1]
            high = min(high, lowest) if lowest >= 0 else high
        return (np.arange(128) >= low) & (np.arange(128) <= high)

    def _chord_tones(self, step: int) -> Mask | None:
        own = self._own
        mask = own.chord_mask(step) if own.in_chord else 0
        return chord_pitches(mask) if mask and is_chord_bound(own.in_chord, own.bars, step) else None

    # lengths

    def lengths(self, role: int, step: int, pitch: int = 0) -> Mask:
        """(LENGTHS,) the lengths of a note there: none ends beyond the take, nor is shorter than the part's are.

        Before all come home a note ends, unless it is at home there; the edited part's last one has its breath.
        """
        possible, end = step + LENGTHS_STEPS <= self._own.to_step, self._own.end
        is_lead = role == self._own.lead
        if step < self._home_step and (is_lead or (self._home is not None and not self._home[pitch])):
            possible = _narrowed(possible, step + LENGTHS_STEPS <= self._home_step)
        elif is_lead and step == self._home_step:
            possible = _narrowed(possible, step + LENGTHS_STEPS <= (end.by_step or self._own.to_step))
            possible = _narrowed(possible, end.least_steps <= LENGTHS_STEPS)
        return _narrowed(possible, self._parts[role].shortest_steps <= LENGTHS_STEPS)

    def _sounding(self, role: int, step: int) -> Sounds:
        return [sound for sound in self._sounds[role] if sound[0] > step]


def _narrowed(mask: Mask, narrowing: Mask) -> Mask:
    """The mask, narrowed where that leaves something."""
    narrow = mask & narrowing
    return np.asarray(narrow if narrow.any() else mask)


def _first(mask: Mask) -> Mask:
    return np.asarray(mask & (np.cumsum(mask) == 1))
