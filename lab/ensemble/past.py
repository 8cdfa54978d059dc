"""The past of each note of a view: its part, its chord, the chord before, matches, and the given parts around it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lab.ensemble.knowledge import Weights, shares, shifted, taken
from lab.ensemble.matching import longest_matches, mixed
from lab.ensemble.pieces import View
from musicassist.families.ensemble.columns import MATCH_LENGTHS, PART_MATCH_LENGTHS, RHYTHM_MATCH_LENGTHS
from musicassist.families.ensemble.stream import Column
from musicassist.families.ensemble.vocabulary import GAPS, ROLE_CENTRE, ROLES, STEPS_PER_BEAT, gap_class


class Past:
    """One view's notes, and for each where it stands among those before it."""

    def __init__(self, view: View) -> None:
        self._view = view
        free, given = view.free, view.given
        n = len(free)
        self._n, self._free, self._given = n, free, given
        self._row: Column = np.arange(n)
        onset, role, pitch = free.onset_step, free.role, free.pitch
        self._gap = np.diff(onset, prepend=view.begin_step)
        # the place of each note in its chord, that of its part and that of all parts
        self._part_place = self._places(onset * 16 + role)
        self._place = self._places(onset)
        order = np.argsort(role, kind="stable")
        self._order = order
        former = np.full(n, -1, dtype=np.int64)
        same = role[order][1:] == role[order][:-1]
        former[order[1:][same]] = order[:-1][same]
        self._former = former  # the note before in the part
        first = self._row - self._part_place
        last_chord = former[first]  # its last note
        is_there = last_chord >= 0
        self._last_chord_first = np.where(is_there, last_chord - taken(self._part_place, last_chord, 0), -1)
        size = np.where(is_there, taken(self._part_place, last_chord, 0) + 1, 1)
        same_rank = np.where(is_there, self._last_chord_first + np.minimum(self._part_place, size - 1), -1)
        self._same_rank = same_rank
        second = taken(self._last_chord_first, same_rank, -1)
        self._second = second
        in_chord = self._part_place > 0
        below = np.where(in_chord, taken(pitch, self._row - 1, 0), taken(pitch, self._last_chord_first, -1))
        self._own = np.where(below < 0, ROLE_CENTRE[role], below)
        self._is_first = (~in_chord) & ~is_there
        self._interval = np.where(self._is_first, 0, pitch - self._own)
        self._part_gap = np.where(is_there, onset - taken(onset, last_chord, 0), GAPS - 1)
        self._in_chord = in_chord
        # times: at the last note, and at this one
        self._was = shifted(onset, view.begin_step)
        self._now = onset
        bars = view.bars
        self._was_place, self._was_bar, self._was_number = bars.at(self._was)
        self._now_place, self._now_bar, _ = bars.at(self._now)
        self._given_onset = given.onset_step
        self._given_starts = np.unique(self._given_onset)
        self._weights, self._given_weights = Weights(free), Weights(given)
        self._last_of_role = self._lasts()
        self._match, self._match_kind = self._whole_matches(
            mixed(gap_class(self._gap), role, self._interval), MATCH_LENGTHS
        )
        rhythm = mixed(gap_class(self._gap), role)
        self._rhythm, self._rhythm_kind = self._whole_matches(rhythm, RHYTHM_MATCH_LENGTHS)
        self._part_match, self._part_kind = self._part_matches()

    @staticmethod
    def _places(keys: Column) -> Column:
        """For each row how many rows with the same key stand right before it."""
        is_new = np.concatenate([[True], np.diff(keys) != 0]) if len(keys) else np.zeros(0, bool)
        firsts = np.maximum.accumulate(np.where(is_new, np.arange(len(keys)), 0))
        return np.arange(len(keys)) - firsts

    def _lasts(self) -> Column:
        """(N, ROLES) the last note of each part before each row, -1 for none."""
        lasts = np.where(self._free.role[:, None] == np.arange(ROLES), self._row[:, None], -1)
        lasts = np.maximum.accumulate(lasts, axis=0)
        return np.concatenate([np.full((1, ROLES), -1, dtype=np.int64), lasts[:-1]])[: self._n]

    def _whole_matches(self, tokens: NDArray[np.uint64], lengths: tuple[int, ...]) -> tuple[Column, Column]:
        place, kind = longest_matches(tokens, lengths)
        return shifted(place, -1), shifted(kind, 0)

    def _part_matches(self) -> tuple[Column, Column]:
        """For each row the note that followed in its part where its part's past was met before, and how much of it."""
        order = self._order
        tokens = mixed(self._free.role, gap_class(np.where(self._in_chord, 0, self._part_gap)), self._interval)
        place, kind = longest_matches(tokens[order], PART_MATCH_LENGTHS)
        follower, kinds = np.full(self._n, -1, dtype=np.int64), np.zeros(self._n, dtype=np.int64)
        follower[order] = np.where(place >= 0, order[np.minimum(np.maximum(place, 0), max(self._n - 1, 0))], -1)
        kinds[order] = kind
        return taken(follower, self._former, -1), taken(kinds, self._former, 0)

    def _left_and_since(self, at_step: Column) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(N, ROLES) for how long the last note of each part still sounds, and for how long it has; 0 to about 1."""
        last = self._last_of_role
        shape = last.shape
        end = taken(self._free.end_step, last.ravel(), 0).reshape(shape)
        onset = taken(self._free.onset_step, last.ravel(), 0).reshape(shape)
        left = np.where(last >= 0, np.clip(end - at_step[:, None], 0, 96), 0)
        since = np.where(last >= 0, np.clip(at_step[:, None] - onset, 0, 192), 192)
        return np.log1p(left) / 4.6, np.log1p(since) / 5.3

    def _ahead(self, at_step: Column, bar_steps: Column) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(N, 12) the weights of the given notes of the next beat and of the next bar."""
        weights = []
        for ahead in (np.full(self._n, STEPS_PER_BEAT), bar_steps):
            before = np.searchsorted(self._given_onset, at_step + ahead, side="right")
            weights.append(shares(self._given_weights.between(at_step, before)))
        return weights[0], weights[1]

    def _lane(self, at_step: Column, bar_steps: Column) -> tuple[Column, Column]:
        """Masks of the chord that is told for now, and of the next one within a bar."""
        lane = self._view.lane
        if not len(lane.mask):
            nothing = np.zeros(self._n, dtype=np.int64)
            return nothing, nothing
        row = np.searchsorted(lane.start_step, at_step, side="right") - 1
        following = np.minimum(row + 1, len(lane.mask) - 1)
        is_near = (following > row) & (lane.start_step[following] <= at_step + bar_steps)
        return taken(lane.mask, row, 0), np.where(is_near, lane.mask[following], 0)

    def _given_states(self, at_step: Column) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(N, ROLES) whether a given part begins a note there, and whether one sounds on."""
        begins, sounds = np.zeros((self._n, ROLES)), np.zeros((self._n, ROLES))
        for role in np.unique(self._given.role):
            mine = self._given.of_roles([int(role)])
            row = np.searchsorted(mine.onset_step, at_step, side="right") - 1
            onset, end = taken(mine.onset_step, row, -1), taken(mine.end_step, row, -1)
            begins[:, role] = onset == at_step
            sounds[:, role] = (onset < at_step) & (end > at_step)
        return begins, sounds

    def _next_given(self, at_step: Column) -> tuple[Column, Column]:
        """The lowest and the highest note of the next onset of the given parts within a bar."""
        starts, given = self._given_starts, self._given
        if not len(starts):
            return np.full(self._n, -1, dtype=np.int64), np.full(self._n, -1, dtype=np.int64)
        first = np.searchsorted(given.onset_step, starts)
        lowest, highest = np.minimum.reduceat(given.pitch, first), np.maximum.reduceat(given.pitch, first)
        row = np.searchsorted(starts, at_step, side="right")
        at = np.minimum(row, len(starts) - 1)
        is_near = (row < len(starts)) & (starts[at] <= at_step + self._now_bar)
        return np.where(is_near, lowest[at], -1), np.where(is_near, highest[at], -1)

    def _chord_lasts(self) -> Column:
        """For each note the last note of its part's chord."""
        if not self._n:
            return np.zeros(0, dtype=np.int64)
        is_last = np.concatenate([self._part_place[1:] == 0, [True]])
        ends = np.where(is_last, self._row, self._n)
        return np.minimum.accumulate(ends[::-1])[::-1]
