"""What is known when a note is foretold: its past, the given parts one bar ahead, and the fields chosen before.

Row ``i`` of all columns foretells note ``i`` of the view's free notes. The net reads ``state`` and ``state_numbers``,
which say what stands after note ``i - 1``; each head reads columns of its own, which may know the fields of note ``i``
that were chosen before: gap, then role, then pitch, then length, then velocity. Everything counts from pitches, times
and places already there, never from absolute pitch, so a transposed song reads the same.

Shapes: ``N`` notes, ``G`` given notes, 12 pitch classes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lab.ensemble.knowledge import (
    Sounding,
    bits_of_masks,
    clipped_class,
    interval_class,
    moved_pitch,
    shares,
    shifted,
    taken,
)
from lab.ensemble.past import Past
from lab.ensemble.pieces import View
from musicassist.families.ensemble.columns import (
    FAR_STEPS,
    INTERVALS,
    LOOK_BACK_BARS,
    NEAR_STEPS,
    PHRASE_BARS,
    PLACES,
    RANKS,
    SAME_STEPS,
    Rows,
)
from musicassist.families.ensemble.given import home_of
from musicassist.families.ensemble.stream import Column
from musicassist.families.ensemble.vocabulary import (
    GAPS,
    LENGTHS,
    PITCHES,
    ROLES,
    VELOCITY_BINS,
    gap_class,
    length_class,
    meter_class,
    velocity_class,
)


def rows_of(view: View) -> Rows:
    """The rows of all free notes of a view."""
    return _Reader(view).rows()


class _Reader(Past):
    """Reads one view."""

    def rows(self) -> Rows:
        """All columns."""
        n, free = self._n, self._free
        tonic, is_minor, state_numbers = self._state_numbers()
        pitch_columns, anchors, candidates, backs = self._pitch_columns()
        classes = self._classes()
        velocity = velocity_class(free.velocity) if self._view.has_velocities else np.full(n, VELOCITY_BINS)
        is_scored = np.ones((n, 5), dtype=bool)
        is_scored[:, 4] &= self._view.has_velocities
        target = np.stack(
            [gap_class(self._gap), free.role, free.pitch, free.length, np.minimum(velocity, VELOCITY_BINS - 1)], 1
        )
        is_same = self._gap == 0
        is_same[:1] = False
        last_role, last_pitch = shifted(free.role, -1), shifted(free.pitch, -1)
        same_role = np.where(is_same, last_role, -1)
        roles = np.zeros(ROLES, dtype=bool)
        roles[list(self._view.free_roles)] = True
        state = self._state(tonic, is_minor, velocity)
        return Rows(
            state=_classes16(state),
            state_numbers=state_numbers.astype(np.float16),
            gap=_classes16(self._gap_columns()),
            gap_numbers=self._gap_numbers().astype(np.float16),
            role=_classes16(self._role_columns()),
            role_numbers=self._role_numbers().astype(np.float16),
            pitch=_classes16(pitch_columns),
            anchors=_classes16(anchors),
            candidates=_classes16(candidates),
            classes=classes.astype(np.float16),
            tonic=tonic.astype(np.int16),
            length=_classes16(self._length_columns(tonic, is_minor, anchors, backs)),
            velocity=_classes16(self._velocity_columns(velocity)),
            least_role=np.where(is_same, last_role, 0).astype(np.int16),
            least_pitch=np.where(is_same & (free.role == last_role), last_pitch + 1, 0).astype(np.int16),
            same_role=same_role.astype(np.int16),
            target=target.astype(np.int16),
            is_scored=is_scored,
            free_roles=np.broadcast_to(roles, (n, ROLES)),
        )

    # --- what the net reads: after the last note ---

    def _state(self, tonic: Column, is_minor: Column, velocity: Column) -> list[Column]:
        free = self._free
        last = self._row - 1
        lowest = Sounding(free, self._row, self._was).low
        pitch = taken(free.pitch, last, -1)
        return [
            taken(gap_class(self._gap), last, GAPS),
            taken(free.role, last, ROLES),
            taken(clipped_class(self._interval), last, INTERVALS - 1),
            taken(free.length, last, LENGTHS),
            taken(velocity, last, VELOCITY_BINS),
            np.minimum(self._was_place, PLACES - 2),
            meter_class(self._was_bar),
            self._was_number % PHRASE_BARS,
            np.where(pitch >= 0, (pitch - tonic) % 12 + 12 * is_minor, 24),
            interval_class(lowest, pitch),
            np.minimum(taken(self._part_place, last, 0), RANKS - 1),
            self._match_kind,
            self._rhythm_kind,
        ]

    def _state_numbers(self) -> tuple[Column, Column, NDArray[np.float32]]:
        """The tonic, whether it is minor, and the numbers."""
        was, view = self._was, self._view
        near = self._weights.between(was - NEAR_STEPS, self._row)
        far = self._weights.between(was - FAR_STEPS, self._row)
        upto = np.searchsorted(self._given_onset, was, side="right")
        near = near + self._given_weights.between(was - NEAR_STEPS, upto)
        far = far + self._given_weights.between(was - FAR_STEPS, upto)
        tonic, is_minor = home_of(far)
        sounding = Sounding(self._free, self._row, was).mask | Sounding(self._given, upto, was).mask
        beat, bar = self._ahead(was, self._was_bar)
        lane, next_lane = self._lane(was, self._was_bar)
        known = np.stack(
            [
                bits_of_masks(sounding),
                shares(near),
                shares(far),
                beat,
                bar,
                bits_of_masks(lane),
                bits_of_masks(next_lane),
            ],
            1,
        )
        turned = np.take_along_axis(known, ((np.arange(12) + tonic[:, None]) % 12)[:, None, :], axis=2)
        free_roles, given_roles = np.zeros(ROLES, np.float32), np.zeros(ROLES, np.float32)
        free_roles[list(view.free_roles)] = 1
        given_roles[np.unique(self._given.role)] = 1
        flags = np.broadcast_to(np.concatenate([free_roles, given_roles]), (self._n, 2 * ROLES))
        left, since = self._left_and_since(was)
        pitch = taken(self._free.pitch, self._row - 1, 60)
        lasts = taken(self._free.pitch, self._last_of_role.ravel(), -1).reshape(self._n, ROLES)
        height = np.where(lasts >= 0, np.clip((lasts - pitch[:, None]) / 24, -2, 2), 0)
        numbers = np.concatenate([turned.reshape(self._n, -1), flags, left, since, height], 1)
        return tonic, is_minor, numbers.astype(np.float32)

    # --- the gap ---

    def _gap_columns(self) -> list[Column]:
        free, was = self._free, self._was
        last = self._row - 1
        candidates = [self._gap_back(bars) for bars in LOOK_BACK_BARS]
        classes = gap_class(self._gap)
        candidates.append(taken(classes, self._match, GAPS))
        candidates.append(taken(classes, self._rhythm, GAPS))
        last_of_role = self._last_of_role
        end = taken(free.end_step, last_of_role.ravel(), -1).reshape(last_of_role.shape)
        left = np.where((last_of_role >= 0) & (end > was[:, None]), end - was[:, None], GAPS)
        candidates.append(np.minimum(left.min(1), GAPS))
        candidates += self._given_gaps()
        return [
            *candidates,
            self._match_kind,
            self._rhythm_kind,
            np.minimum(self._was_place, PLACES - 2),
            meter_class(self._was_bar),
            taken(free.role, last, ROLES),
            taken(free.length, last, LENGTHS),
        ]

    def _gap_back(self, bars: int) -> Column:
        """The gap behind the note that stood at the last note's place some bars ago."""
        onset = self._free.onset_step
        then = self._was - bars * self._was_bar
        group = np.searchsorted(onset, then, side="left")
        place = taken(self._place, self._row - 1, 0) + 1
        inside = np.minimum(group + place, self._n - 1)
        is_chord = onset[inside] == then
        following = np.minimum(np.searchsorted(onset, then, side="right"), self._n - 1)
        gap = np.where(is_chord, 0, gap_class(np.maximum(onset[following] - then, 0)))
        is_there = (then >= onset[0]) & (self._row > 0) & (is_chord | (following < self._row))
        return np.where(is_there, gap, GAPS)

    def _given_gaps(self) -> list[Column]:
        """How far ahead the next three onsets of the given parts are."""
        starts = self._given_starts
        if not len(starts):
            return [np.full(self._n, GAPS, dtype=np.int64)] * 3
        row = np.searchsorted(starts, self._was, side="right")
        gaps = []
        for ahead in range(3):
            at = np.minimum(row + ahead, len(starts) - 1)
            gap = starts[at] - self._was
            gaps.append(np.where((row + ahead < len(starts)) & (gap <= self._was_bar), gap_class(gap), GAPS))
        return gaps

    def _gap_numbers(self) -> NDArray[np.float64]:
        left, _ = self._left_and_since(self._was)
        starts_now, _ = self._given_states(self._was)
        return np.concatenate([left, starts_now], 1)

    # --- the role, where the onset is known ---

    def _role_columns(self) -> list[Column]:
        free, now = self._free, self._now
        onset, last = free.onset_step, self._row - 1
        candidates = []
        for bars in LOOK_BACK_BARS:
            then = now - bars * self._now_bar
            inside = np.minimum(np.searchsorted(onset, then, side="left") + self._place, self._n - 1)
            candidates.append(np.where(onset[inside] == then, free.role[inside], ROLES))
        for place in (self._match, self._rhythm):
            fits = taken(gap_class(self._gap), place, -1) == gap_class(self._gap)
            candidates.append(np.where(fits, taken(free.role, place, ROLES), ROLES))
        return [
            *candidates,
            self._match_kind,
            self._rhythm_kind,
            np.minimum(self._now_place, PLACES - 2),
            gap_class(self._gap),
            taken(free.role, last, ROLES),
            meter_class(self._now_bar),
        ]

    def _role_numbers(self) -> NDArray[np.float64]:
        """For each part whether it was silent so far, is silent, ends, sounds on or begins now; and the given ones."""
        last = self._last_of_role
        now = self._now[:, None]
        onset = taken(self._free.onset_step, last.ravel(), 0).reshape(last.shape)
        end = taken(self._free.end_step, last.ravel(), 0).reshape(last.shape)
        is_there, begins = last >= 0, (last >= 0) & (onset == now)
        ends = is_there & ~begins & (np.abs(end - now) <= SAME_STEPS)
        sounds = is_there & ~begins & (end > now + SAME_STEPS)
        silent = is_there & ~begins & (end < now - SAME_STEPS)
        starts_now, sounding = self._given_states(self._now)
        return np.concatenate([~is_there, silent, ends, sounds, begins, starts_now, sounding], 1).astype(np.float64)

    # --- the pitch, where the part is known ---

    def _pitch_columns(self) -> tuple[list[Column], list[Column], list[Column], list[Column]]:
        """The head's columns, the anchors, the candidates, and the notes that stood there some bars ago."""
        free, now, own = self._free, self._now, self._own
        pitch = free.pitch
        key = (free.onset_step * 16 + free.role) * 32 + np.minimum(self._part_place, 31)
        backs = []
        for bars in LOOK_BACK_BARS:
            then = key - bars * self._now_bar * 16 * 32
            at = np.minimum(np.searchsorted(key, then), self._n - 1)
            backs.append(np.where((key[at] == then) & (now - bars * self._now_bar >= 0), at, -1))
        candidates = [taken(pitch, back, PITCHES) for back in backs]
        fits = taken(free.role, self._match, -1) == free.role
        fits &= taken(self._in_chord.astype(np.int64), self._match, 0) == self._in_chord
        candidates.append(moved_pitch(own, taken(self._interval, self._match, 0), fits))
        fits = (self._part_match >= 0) & (taken(self._in_chord.astype(np.int64), self._part_match, 0) == self._in_chord)
        candidates.append(moved_pitch(own, taken(self._interval, self._part_match, 0), fits))
        mine = Sounding(free, self._row, now)
        upto = np.searchsorted(self._given_onset, now, side="right")
        theirs = Sounding(self._given, upto, now)
        low = np.where((mine.low < 0) | ((theirs.low >= 0) & (theirs.low < mine.low)), theirs.low, mine.low)
        high = np.maximum(mine.high, theirs.high)
        next_low, next_high = self._next_given(now)
        same_rank, second = taken(pitch, self._same_rank, -1), taken(pitch, self._second, -1)
        anchors = [own, same_rank, low, high, next_low, next_high, second]
        columns = [interval_class(own, other) for other in (*anchors[1:], *candidates)]
        columns.append(interval_class(own, taken(pitch, self._row - 1, -1)))
        last_interval = np.where(self._in_chord, self._row - 1, self._last_chord_first)
        columns += [
            free.role,
            gap_class(self._gap),
            gap_class(self._part_gap),
            np.minimum(self._now_place, PLACES - 2),
            np.minimum(self._part_place, RANKS - 1),
            np.where(fits, self._part_kind, 0),
            self._match_kind,
            taken(clipped_class(self._interval), last_interval, INTERVALS - 1),
        ]
        self._sounding_now = mine.mask, theirs.mask
        return columns, anchors, candidates, backs

    def _classes(self) -> NDArray[np.float32]:
        """(N, CLASS_FEATURES, 12) at the onset of the note."""
        now, given = self._now, self._given
        upto = np.searchsorted(self._given_onset, now, side="right")
        near = self._weights.between(now - NEAR_STEPS, self._row)
        far = self._weights.between(now - FAR_STEPS, self._row)
        near = near + self._given_weights.between(now - NEAR_STEPS, upto)
        far = far + self._given_weights.between(now - FAR_STEPS, upto)
        beat, bar = self._ahead(now, self._now_bar)
        lane, next_lane = self._lane(now, self._now_bar)
        mine, theirs = self._sounding_now
        starting = np.zeros(self._n, dtype=np.int64)
        if len(given):
            first = np.searchsorted(given.onset_step, self._given_starts)
            masks = np.bitwise_or.reduceat(1 << (given.pitch % 12), first)
            at = np.minimum(np.searchsorted(self._given_starts, now), len(masks) - 1)
            starting = np.where(self._given_starts[at] == now, masks[at], 0)
        known = [
            bits_of_masks(mine),
            bits_of_masks(theirs),
            bits_of_masks(starting),
            shares(near),
            shares(far),
            beat,
            bar,
        ]
        return np.stack([*known, bits_of_masks(lane), bits_of_masks(next_lane)], 1)

    # --- the length, where the pitch is known ---

    def _length_columns(
        self, tonic: Column, is_minor: Column, anchors: list[Column], backs: list[Column]
    ) -> list[Column]:
        free, none = self._free, LENGTHS
        length, pitch = free.length, free.pitch
        following = np.full(self._n, -1, dtype=np.int64)  # the next onset in the part
        firsts = np.flatnonzero(~self._in_chord)
        lasts = self._former[firsts]
        following_of_last = np.full(self._n, -1, dtype=np.int64)
        following_of_last[lasts[lasts >= 0]] = firsts[lasts >= 0]
        chord_last = self._chord_lasts()
        following = following_of_last[chord_last]
        to_next = np.where(following >= 0, taken(free.onset_step, following, 0) - free.onset_step, 1)
        to_next_class = length_class(np.maximum(to_next, 1))
        legato = []
        for back in (backs[0], self._part_match):
            known = (back >= 0) & (taken(following, back, -1) >= 0) & (taken(following, back, -1) < self._row)
            legato.append(np.where(known, taken(to_next_class, back, none), none))
        starts = self._given_starts
        to_given = np.full(self._n, none, dtype=np.int64)
        if len(starts):
            row = np.searchsorted(starts, self._now, side="right")
            steps = starts[np.minimum(row, len(starts) - 1)] - self._now
            is_near = (row < len(starts)) & (steps <= self._now_bar)
            to_given = np.where(is_near, length_class(np.maximum(steps, 1)), none)
        fits = (taken(free.role, self._match, -1) == free.role) & (self._match >= 0)
        candidates = [
            *(taken(length, back, none) for back in backs),
            np.where(fits, taken(length, self._match, none), none),
            taken(length, self._part_match, none),
            np.where(self._in_chord, taken(length, self._row - 1, none), none),
            taken(length, self._same_rank, none),
            np.where(self._place > 0, taken(length, self._row - 1, none), none),
            *legato,
            to_given,
        ]
        return [
            *candidates,
            free.role,
            np.minimum(self._now_place, PLACES - 2),
            interval_class(self._own, pitch),
            interval_class(anchors[1], pitch),
            (pitch - tonic) % 12 + 12 * is_minor,
            self._match_kind,
            self._part_kind,
            meter_class(self._now_bar),
            gap_class(self._part_gap),
        ]

    # --- the velocity, where all else is known ---

    def _velocity_columns(self, velocity: Column) -> list[Column]:
        free = self._free
        return [
            taken(velocity, self._former, VELOCITY_BINS),
            taken(velocity, self._row - 1, VELOCITY_BINS),
            taken(velocity, self._part_match, VELOCITY_BINS),
            free.role,
            np.minimum(self._now_place, PLACES - 2),
            interval_class(self._own, free.pitch),
            free.length,
            np.minimum(self._part_place, RANKS - 1),
        ]


def _classes16(columns: list[Column]) -> NDArray[np.int16]:
    return np.stack(columns, 1).astype(np.int16)
