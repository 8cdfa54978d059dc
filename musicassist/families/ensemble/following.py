"""The rows of a note that is being written, field by field, as music grows: what ``features.rows_of`` gives, streaming.

A follower knows the notes so far and the given parts. Its methods give what each head reads, each with what was chosen
before; ``add`` takes the finished note. A test holds every number equal to the rows of the whole.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from musicassist.families.ensemble import columns as f
from musicassist.families.ensemble.given import Given, bits_of_mask, home_of, sounding_of
from musicassist.families.ensemble.head_rows import (
    NO_INTERVAL,
    GapRow,
    PitchRow,
    RoleRow,
    clipped,
    interval_between,
    last_of,
    length_of,
    meter_of,
    moved,
)
from musicassist.families.ensemble.vocabulary import (
    GAPS,
    LENGTHS,
    LENGTHS_STEPS,
    PITCHES,
    ROLE_CENTRE,
    ROLES,
    STEPS_PER_BEAT,
    VELOCITY_BINS,
)

Floats = NDArray[np.float32]
_STEPS_OF_LENGTH: list[int] = LENGTHS_STEPS.tolist()
_CENTRE: list[int] = ROLE_CENTRE.tolist()
_Token = tuple[int, ...]


class Follower:
    """Follows the notes of the parts that are written.

    Attributes:
        free_roles: (ROLES,) which parts they are.
        copied: For each part, how many of its last notes in a row stand the same way earlier in it.
    """

    def __init__(
        self, free_roles: Collection[int], given: Given, begin_step: int, *, has_velocities: bool = True
    ) -> None:
        self._given, self._begin, self._has_velocities = given, begin_step, has_velocities
        flags = np.zeros(2 * ROLES, np.float32)
        flags[list(free_roles)] = 1
        flags[[ROLES + role for role in given.roles]] = 1
        self._flags = flags
        self.free_roles = flags[:ROLES] > 0
        self._onset: list[int] = []
        self._role: list[int] = []
        self._pitch: list[int] = []
        self._length: list[int] = []
        self._velocity: list[int] = []
        self._end: list[int] = []
        self._gap: list[int] = []
        self._interval: list[int] = []
        self._part_place: list[int] = []
        self._place: list[int] = []
        self._last_chord: list[int] = []  # the first note of the part's chord before
        self._sums = [np.zeros(12)]
        self._last_of_role = [-1] * ROLES
        self._parts: list[list[int]] = [[] for _ in range(ROLES)]
        self._part_tokens: list[list[_Token]] = [[] for _ in range(ROLES)]
        self._next_chord: dict[int, int] = {}  # of a chord's last note, the first one of the part's next chord
        self._at: dict[tuple[int, int, int], int] = {}
        self._starts: list[int] = []
        self._first_of_start: list[int] = []
        self._tokens: list[_Token] = []
        self._rhythm_tokens: list[_Token] = []
        self._seen: dict[tuple[object, ...], int] = {}
        self._match = self._rhythm = (-1, 0)
        self._part_match = [(-1, 0)] * ROLES
        self._part_met = [-1] * ROLES  # the same as a place in the part
        self.copied = [0] * ROLES
        self._step, self._chosen_role, self._chosen_pitch, self._chosen_length = begin_step, 0, 0, 0
        self._tonic = (0, 0)
        self._own = self._same_rank = self._chord = -1
        self._rank, self._in_chord, self._part_gap = 0, False, 0
        self._backs = [-1] * len(f.LOOK_BACK_BARS)

    def copy(self) -> Follower:
        """Another one that goes on from here by itself."""
        other = object.__new__(Follower)
        for name, value in self.__dict__.items():
            if isinstance(value, list):
                value = [part.copy() if isinstance(part, list) else part for part in value]
            elif isinstance(value, dict):
                value = value.copy()
            other.__dict__[name] = value
        return other

    def __len__(self) -> int:
        return len(self._onset)

    @property
    def step(self) -> int:
        """The onset of the last note."""
        return self._onset[-1] if self._onset else self._begin

    # --- the rows, in the order in which they are asked for ---

    def gap_row(self) -> GapRow:
        """What stands after the last note."""
        n, was, given = len(self), self.step, self._given
        place, bar_steps, number = given.bar_at(was)
        near = self._weights(was - f.NEAR_STEPS) + given.weights(was - f.NEAR_STEPS, was)
        far = self._weights(was - f.FAR_STEPS) + given.weights(was - f.FAR_STEPS, was)
        tonic, is_minor = (int(x[0]) for x in home_of(far[None]))
        self._tonic = tonic, is_minor
        mask, low, _ = sounding_of(self._pitch, self._end, n, was)
        known = self._known([mask | given.sounding(was)[0]], near, far, was, bar_steps)
        turned = known[:, (np.arange(12) + tonic) % 12]
        left, since = self._left_and_since(was)
        pitch = self._pitch[-1] if n else 60
        height = np.zeros(ROLES)
        for role, at in enumerate(self._last_of_role):
            if at >= 0:
                height[role] = min(max((self._pitch[at] - pitch) / 24, -2), 2)
        numbers = np.concatenate([turned.ravel(), self._flags, left, since, height]).astype(np.float32)
        last_pitch = self._pitch[-1] if n else -1
        state = [
            last_of(self._gap, GAPS), last_of(self._role, ROLES), clipped(self._interval[-1]) if n else NO_INTERVAL,
            last_of(self._length, LENGTHS), last_of(self._velocity, VELOCITY_BINS),
            min(place, f.PLACES - 2), meter_of(bar_steps), number % f.PHRASE_BARS,
            (last_pitch - tonic) % 12 + 12 * is_minor if n else 24, interval_between(low, last_pitch),
            min(last_of(self._part_place, 0), f.RANKS - 1), self._match[1], self._rhythm[1],
        ]  # fmt: skip
        candidates = [self._gap_back(bars, was, bar_steps) for bars in f.LOOK_BACK_BARS]
        candidates += [self._gap[at] if at >= 0 else GAPS for at in (self._match[0], self._rhythm[0])]
        ends = [self._end[at] - was for at in self._last_of_role if at >= 0 and self._end[at] > was]
        candidates.append(min([*ends, GAPS]))
        row = bisect_right(given.starts, was)
        for at in range(row, row + 3):
            gap = given.starts[at] - was if at < len(given.starts) else bar_steps + 1
            candidates.append(min(gap, GAPS - 1) if gap <= bar_steps else GAPS)
        columns = [*candidates, self._match[1], self._rhythm[1], state[5], state[6], state[1], state[3]]
        return GapRow(state, numbers, columns, np.concatenate([left, given.states(was)[0]]), tonic)

    def role_row(self, gap_steps: int) -> RoleRow:
        """What is known where the note begins so many steps behind the last one."""
        self._step = now = self.step + gap_steps
        n, gap = len(self), min(gap_steps, GAPS - 1)
        place, bar_steps, _ = self._given.bar_at(now)
        in_onset = self._place_at(now)
        candidates = []
        for bars in f.LOOK_BACK_BARS:
            at = bisect_left(self._starts, now - bars * bar_steps)
            first = self._first_of_start[at] if at < len(self._starts) else n
            inside = first + in_onset
            is_there = inside < n and self._onset[inside] == now - bars * bar_steps
            candidates.append(self._role[inside] if is_there else ROLES)
        for at, _kind in (self._match, self._rhythm):
            candidates.append(self._role[at] if at >= 0 and self._gap[at] == gap else ROLES)
        columns = [
            *candidates, self._match[1], self._rhythm[1], min(place, f.PLACES - 2), gap,
            last_of(self._role, ROLES), meter_of(bar_steps),
        ]  # fmt: skip
        states = np.zeros((5, ROLES), np.float32)
        for role, at in enumerate(self._last_of_role):
            if at < 0:
                states[0, role] = 1
            elif self._onset[at] == now:
                states[4, role] = 1
            elif abs(self._end[at] - now) <= f.SAME_STEPS:
                states[2, role] = 1
            else:
                states[3 if self._end[at] > now else 1, role] = 1
        numbers = np.concatenate([states.ravel(), *self._given.states(now)])
        return RoleRow(columns, numbers, self._role[-1] if n and gap_steps == 0 else 0)

    def pitch_row(self, role: int) -> PitchRow:
        """What is known where the part is."""
        n, now, given = len(self), self._step, self._given
        place, bar_steps, _ = given.bar_at(now)
        self._begin_chord(role)
        rank, in_chord, chord, own = self._rank, self._in_chord, self._chord, self._own
        same_rank = self._at_rank(chord, rank)
        second = self._last_chord[same_rank] if same_rank >= 0 else -1
        self._same_rank = same_rank
        self._backs = [
            self._at.get((now - b * bar_steps, role, min(rank, 31)), -1) if now >= b * bar_steps else -1
            for b in f.LOOK_BACK_BARS
        ]
        candidates = [self._pitch[back] if back >= 0 else PITCHES for back in self._backs]
        match, kind = self._match
        fits = match >= 0 and self._role[match] == role and (self._part_place[match] > 0) == in_chord
        candidates.append(moved(own, self._interval[match]) if fits else PITCHES)
        part, part_kind = self._part_match[role]
        fits = part >= 0 and (self._part_place[part] > 0) == in_chord
        candidates.append(moved(own, self._interval[part]) if fits else PITCHES)
        mine, theirs = sounding_of(self._pitch, self._end, n, now), given.sounding(now)
        lows = [low for low in (mine[1], theirs[1]) if low >= 0]
        low, high = min(lows, default=-1), max(mine[2], theirs[2])
        anchors = [
            own, self._pitch[same_rank] if same_rank >= 0 else -1, low, high, *given.next_pitches(now, bar_steps),
            self._pitch[second] if second >= 0 else -1,
        ]  # fmt: skip
        part_gap = self._part_gap
        last_interval = n - 1 if in_chord else chord
        columns = [
            *(interval_between(own, other) for other in (*anchors[1:], *candidates)),
            interval_between(own, self._pitch[-1] if n else -1),
            role, min(now - self.step, GAPS - 1), min(part_gap, GAPS - 1), min(place, f.PLACES - 2),
            min(rank, f.RANKS - 1), part_kind if fits else 0, kind,
            clipped(self._interval[last_interval]) if last_interval >= 0 else NO_INTERVAL,
        ]  # fmt: skip
        near = self._weights(now - f.NEAR_STEPS) + given.weights(now - f.NEAR_STEPS, now)
        far = self._weights(now - f.FAR_STEPS) + given.weights(now - f.FAR_STEPS, now)
        classes = self._known([mine[0], theirs[0], given.starting(now)], near, far, now, bar_steps)
        is_above = n > 0 and now == self.step and self._role[-1] == role
        least = self._pitch[-1] + 1 if is_above else 0
        return PitchRow(columns, anchors, candidates, classes, least)

    def length_row(self, pitch: int) -> list[int]:
        """What the length's head reads where the pitch is."""
        self._chosen_pitch = pitch
        n, now, role, given = len(self), self._step, self._chosen_role, self._given
        place, bar_steps, _ = given.bar_at(now)
        match, kind = self._match
        part, part_kind = self._part_match[role]
        legato = [self._to_next(at) for at in (self._backs[0], part)]
        at = bisect_right(given.starts, now)
        is_near = at < len(given.starts) and given.starts[at] <= now + bar_steps
        is_chord = n > 0 and now == self.step
        candidates = [
            *(self._length[back] if back >= 0 else LENGTHS for back in self._backs),
            self._length[match] if match >= 0 and self._role[match] == role else LENGTHS,
            self._length[part] if part >= 0 else LENGTHS,
            self._length[n - 1] if self._in_chord else LENGTHS,
            self._length[self._same_rank] if self._same_rank >= 0 else LENGTHS,
            self._length[n - 1] if is_chord else LENGTHS,
            *legato,
            length_of(given.starts[at] - now) if is_near else LENGTHS,
        ]
        tonic, is_minor = self._tonic
        same_rank = self._pitch[self._same_rank] if self._same_rank >= 0 else -1
        return [
            *candidates, role, min(place, f.PLACES - 2),
            interval_between(self._own, pitch), interval_between(same_rank, pitch),
            (pitch - tonic) % 12 + 12 * is_minor, kind, part_kind, meter_of(bar_steps), min(self._part_gap, GAPS - 1),
        ]  # fmt: skip

    def velocity_row(self, length: int) -> list[int]:
        """What the velocity's head reads where all else is chosen; ``length`` is a class."""
        self._chosen_length = length
        role = self._chosen_role
        before, part = self._last_of_role[role], self._part_match[role][0]
        place = self._given.bar_at(self._step)[0]
        return [
            *(self._velocity[at] if at >= 0 else VELOCITY_BINS for at in (before, len(self) - 1, part)),
            role, min(place, f.PLACES - 2), interval_between(self._own, self._chosen_pitch), length,
            min(self._rank, f.RANKS - 1),
        ]  # fmt: skip

    def _begin_chord(self, role: int) -> None:
        """Where a note of a part stands in it: in which chord, at which rank, and from which pitch it is counted."""
        self._chosen_role, now = role, self._step
        before = self._last_of_role[role]
        self._in_chord = before >= 0 and self._onset[before] == now
        self._rank = self._part_place[before] + 1 if self._in_chord else 0
        self._chord = chord = self._last_chord[before] if self._in_chord else self._first_of(before)
        self._own = self._pitch[-1] if self._in_chord else self._pitch[chord] if chord >= 0 else _CENTRE[role]
        self._part_gap = now - self._onset[chord] if chord >= 0 else GAPS - 1

    def read(self, onset_step: int, role: int, pitch: int, length: int, velocity: int) -> None:
        """A note that stands already; ``length`` is a class, ``velocity`` a bin."""
        self._step, self._chosen_pitch, self._chosen_length = onset_step, pitch, length
        self._begin_chord(role)
        self.add(velocity)

    def add(self, velocity: int) -> None:
        """The note that was chosen stands; ``velocity`` is a bin."""
        n, now, role, pitch = len(self), self._step, self._chosen_role, self._chosen_pitch
        before, gap = self._last_of_role[role], now - self.step
        is_first = not self._in_chord and self._chord < 0
        interval = 0 if is_first else pitch - self._own
        in_onset = self._place_at(now)
        if not self._in_chord and before >= 0:
            self._next_chord[before] = n
        if in_onset == 0:
            self._starts.append(now)
            self._first_of_start.append(n)
        self._onset.append(now)
        self._role.append(role)
        self._pitch.append(pitch)
        self._length.append(self._chosen_length)
        self._velocity.append(velocity if self._has_velocities else VELOCITY_BINS)
        self._end.append(now + _STEPS_OF_LENGTH[self._chosen_length])
        self._gap.append(min(gap, GAPS - 1))
        self._interval.append(interval)
        self._part_place.append(self._rank)
        self._place.append(in_onset)
        self._last_chord.append(self._chord)
        weight = np.zeros(12)
        weight[pitch % 12] = min(_STEPS_OF_LENGTH[self._chosen_length], 48)
        self._sums.append(self._sums[-1] + weight)
        self._last_of_role[role] = n
        self._at.setdefault((now, role, min(self._rank, 31)), n)
        self._tokens.append((min(gap, GAPS - 1), role, interval))
        self._rhythm_tokens.append((min(gap, GAPS - 1), role))
        self._match = self._matched("whole", self._tokens, f.MATCH_LENGTHS)
        self._rhythm = self._matched("rhythm", self._rhythm_tokens, f.RHYTHM_MATCH_LENGTHS)
        part_gap = 0 if self._in_chord else min(self._part_gap, GAPS - 1)
        token, met = (part_gap, interval), self._part_met[role]
        is_copy = met >= 0 and self._part_tokens[role][met] == token
        self.copied[role] = self.copied[role] + 1 if is_copy else 0
        self._parts[role].append(n)
        self._part_tokens[role].append(token)
        found, kind = self._matched(f"part {role}", self._part_tokens[role], f.PART_MATCH_LENGTHS)
        self._part_met[role] = found
        self._part_match[role] = self._parts[role][found] if found >= 0 else -1, kind

    # --- what the rows are made of ---

    def _matched(self, name: str, tokens: list[_Token], lengths: tuple[int, ...]) -> tuple[int, int]:
        """The place behind the latest earlier one with the longest equal past, and which length; (-1, 0) for none."""
        place, kind = -1, 0
        for which, length in enumerate(sorted(lengths), 1):
            if len(tokens) < length:
                break
            key = (name, *tokens[-length:])
            found = self._seen.get(key, -1)
            if found >= 0:
                place, kind = found + 1, which
            self._seen[key] = len(tokens) - 1
        return place, kind

    def _weights(self, from_step: int) -> NDArray[np.float64]:
        at = bisect_right(self._starts, from_step)
        first = self._first_of_start[at] if at < len(self._starts) else len(self)
        return np.asarray(self._sums[-1] - self._sums[first])

    def _known(
        self, masks: list[int], near: NDArray[np.float64], far: NDArray[np.float64], step: int, bar_steps: int
    ) -> Floats:
        """(kinds, 12) what is known of each pitch class."""
        beat = self._given.weights(step, step + STEPS_PER_BEAT)
        bar = self._given.weights(step, step + bar_steps)
        shares = [weights / max(float(weights.max()), 1.0) for weights in (near, far, beat, bar)]
        lanes = self._given.lane(step, bar_steps)
        return np.array([*map(bits_of_mask, masks), *shares, *map(bits_of_mask, lanes)], dtype=np.float32)

    def _left_and_since(self, step: int) -> tuple[Floats, Floats]:
        left, since = np.zeros(ROLES), np.full(ROLES, 192.0)
        for role, at in enumerate(self._last_of_role):
            if at >= 0:
                left[role] = min(max(self._end[at] - step, 0), 96)
                since[role] = min(max(step - self._onset[at], 0), 192)
        return (np.log1p(left) / 4.6).astype(np.float32), (np.log1p(since) / 5.3).astype(np.float32)

    def _gap_back(self, bars: int, was: int, bar_steps: int) -> int:
        n, then = len(self), was - bars * bar_steps
        if not n or then < self._onset[0]:
            return GAPS
        at = bisect_left(self._starts, then)
        if at < len(self._starts) and self._starts[at] == then:
            inside = self._first_of_start[at] + self._place[-1] + 1
            if inside < n and self._onset[inside] == then:
                return 0
            at += 1
        return min(self._starts[at] - then, GAPS - 1) if at < len(self._starts) else GAPS

    def _place_at(self, step: int) -> int:
        return self._place[-1] + 1 if self._onset and self._onset[-1] == step else 0

    def _first_of(self, note: int) -> int:
        """The first note of a note's chord."""
        return note - self._part_place[note] if note >= 0 else -1

    def _at_rank(self, chord: int, rank: int) -> int:
        """The note of that rank in a chord, its highest if it has fewer; -1 for none."""
        if chord < 0:
            return -1
        last = chord
        while last + 1 < len(self) and self._part_place[last + 1] == self._part_place[last] + 1:
            last += 1
        return min(chord + rank, last)

    def _to_next(self, note: int) -> int:
        """The class of the time from a note to the next onset of its part."""
        if note < 0:
            return LENGTHS
        while note + 1 < len(self) and self._part_place[note + 1] == self._part_place[note] + 1:
            note += 1
        following = self._next_chord.get(note, -1)
        return length_of(self._onset[following] - self._onset[note]) if following >= 0 else LENGTHS
