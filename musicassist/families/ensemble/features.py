"""What is known when a note is foretold: its past, the given parts one bar ahead, and the fields chosen before.

Row ``i`` of all columns foretells note ``i`` of the view's free notes. The net reads ``state`` and ``state_numbers``,
which say what stands after note ``i - 1``; each head reads columns of its own, which may know the fields of note ``i``
that were chosen before: gap, then role, then pitch, then length, then velocity. Everything counts from pitches, times
and places already there, never from absolute pitch, so a transposed song reads the same.

Shapes: ``N`` notes, ``G`` given notes, 12 pitch classes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from musicassist.families.ensemble.stream import Column, Stream, View
from musicassist.families.ensemble.vocabulary import (
    GAPS,
    LENGTHS,
    LENGTHS_STEPS,
    METERS,
    PITCHES,
    ROLE_CENTRE,
    ROLES,
    STEPS_PER_BEAT,
    VELOCITY_BINS,
    gap_class,
    length_class,
    meter_class,
    velocity_class,
)

LOOK_BACK_BARS = (1, 2, 4, 8)
MATCH_LENGTHS = (16, 8, 4, 2)  # notes of all parts
RHYTHM_MATCH_LENGTHS = (24, 12, 6)
PART_MATCH_LENGTHS = (8, 5, 3, 2, 1)
WINDOW = 24  # LIMIT: notes back among which is searched for what still sounds
FARTHEST = 25  # LIMIT: wider intervals are one class
INTERVALS = 2 * FARTHEST + 2  # the last class: none
PLACES = 145  # LIMIT: steps into the bar, and one class for none
PHRASE_BARS = 8
RANKS = 6  # LIMIT: notes of one chord that are told apart
NEAR_STEPS, FAR_STEPS = 8 * STEPS_PER_BEAT, 64 * STEPS_PER_BEAT
SAME_STEPS = 1  # steps within which an end counts as at an onset
_NONE_ROLE = ROLES
_PROFILES = np.array(  # Krumhansl and Kessler 1982
    [
        [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
        [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
    ]
)
_KEYS = np.stack(  # (12, 24) what each pitch class speaks for
    [np.roll(profile - profile.mean(), tonic) / profile.std() for profile in _PROFILES for tonic in range(12)], 1
)

# The table that each column is embedded by, in the order of the columns.
TABLES = {
    "gap": GAPS + 1,
    "role": ROLES + 1,
    "interval": INTERVALS,
    "length": LENGTHS + 1,
    "velocity": VELOCITY_BINS + 1,
    "place": PLACES,
    "meter": METERS,
    "bar": PHRASE_BARS,
    "degree": 25,
    "rank": RANKS,
    "match": 8,
}
STATE = (
    *("gap", "role", "interval", "length", "velocity", "place", "meter", "bar", "degree", "interval", "rank"),
    *("match", "match"),
)
GAP_COLUMNS = ("gap",) * 10 + ("match", "match", "place", "meter", "role", "length")
GAP_CANDIDATES = 10
ROLE_COLUMNS = ("role",) * 6 + ("match", "match", "place", "gap", "role", "meter")
ROLE_CANDIDATES = 6
PITCH_COLUMNS = ("interval",) * 13 + ("role", "gap", "gap", "place", "rank", "match", "match", "interval")
LENGTH_COLUMNS = ("length",) * 12 + (
    "role",
    "place",
    "interval",
    "interval",
    "degree",
    "match",
    "match",
    "meter",
    "gap",
)
LENGTH_CANDIDATES = 12
VELOCITY_COLUMNS = ("velocity",) * 3 + ("role", "place", "interval", "length", "rank")
VELOCITY_CANDIDATES = 3
ANCHORS = 7  # pitches from which intervals are counted
PITCH_CANDIDATES = 6
CLASS_FEATURES = 9  # kinds of knowledge about each pitch class
STATE_CLASS_FEATURES = 7
STATE_NUMBERS = STATE_CLASS_FEATURES * 12 + 5 * ROLES
GAP_NUMBERS = 2 * ROLES
ROLE_NUMBERS = 7 * ROLES


@cache
def grouped(columns: tuple[str, ...]) -> dict[str, list[int]]:
    """The places of the columns of each table."""
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(columns):
        groups.setdefault(name, []).append(place)
    return groups


def features_hash() -> str:
    """A mark of all tables, columns and vocabularies: weights fit only what they were trained with."""
    page = (sorted(TABLES.items()), STATE, GAP_COLUMNS, ROLE_COLUMNS, PITCH_COLUMNS, LENGTH_COLUMNS, VELOCITY_COLUMNS)
    numbers = (LENGTHS_STEPS.tolist(), LOOK_BACK_BARS, MATCH_LENGTHS, RHYTHM_MATCH_LENGTHS, PART_MATCH_LENGTHS, WINDOW)
    sizes = (STATE_NUMBERS, GAP_NUMBERS, ROLE_NUMBERS, CLASS_FEATURES, ANCHORS, PITCH_CANDIDATES, NEAR_STEPS, FAR_STEPS)
    return sha256(repr((page, numbers, sizes)).encode()).hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Rows:
    """What the net and its heads read, one row a note.

    Attributes:
        state: (N, len(STATE)) classes; ``state_numbers``: (N, STATE_NUMBERS).
        gap, role, pitch, length, velocity: The classes that each head reads, (N, columns).
        gap_numbers, role_numbers: (N, GAP_NUMBERS), (N, ROLE_NUMBERS).
        anchors: (N, ANCHORS) pitches, -1 for none; the first is always there.
        candidates: (N, PITCH_CANDIDATES) pitches that may be copied, ``PITCHES`` for none.
        classes: (N, CLASS_FEATURES, 12) what is known of each pitch class, 0..1.
        tonic: (N,) pitch class that the notes so far have as their home.
        least_role, least_pitch: (N,) what is not below the last note of one chord; with it ``same_role`` (N,), the
            role that ``least_pitch`` holds for.
        target: (N, 5) the fields of the note.
        is_scored: (N, 5).
        free_roles: (N, ROLES) which parts are written.
    """

    state: NDArray[np.int16]
    state_numbers: NDArray[np.float16]
    gap: NDArray[np.int16]
    gap_numbers: NDArray[np.float16]
    role: NDArray[np.int16]
    role_numbers: NDArray[np.float16]
    pitch: NDArray[np.int16]
    anchors: NDArray[np.int16]
    candidates: NDArray[np.int16]
    classes: NDArray[np.float16]
    tonic: NDArray[np.int16]
    length: NDArray[np.int16]
    velocity: NDArray[np.int16]
    least_role: NDArray[np.int16]
    least_pitch: NDArray[np.int16]
    same_role: NDArray[np.int16]
    target: NDArray[np.int16]
    is_scored: NDArray[np.bool_]
    free_roles: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.state)

    def rows(self, first: int, end: int) -> Rows:
        """Some rows."""
        return Rows(*(getattr(self, f.name)[first:end] for f in fields(Rows)))


def rows_of(view: View) -> Rows:
    """The rows of all free notes of a view."""
    return _Reader(view).rows()


def _earlier(keys: NDArray[np.uint64], first: int) -> Column:
    """For each place the last earlier place with an equal key, -1 for none; places before ``first`` have no key."""
    found = np.full(len(keys), -1, dtype=np.int64)
    order = np.argsort(keys[first:], kind="stable") + first
    is_same = keys[order][1:] == keys[order][:-1]
    found[order[1:][is_same]] = order[:-1][is_same]
    return found


def _longest_matches(tokens: NDArray[np.uint64], lengths: tuple[int, ...]) -> tuple[Column, Column]:
    """The place behind the latest earlier place with the longest equal past, -1 for none, and which length it has.

    The second column is the place of the matching length in ``lengths`` plus 1, counted from its end; 0 for none.
    """
    place = np.full(len(tokens), -1, dtype=np.int64)
    which = np.zeros(len(tokens), dtype=np.int64)
    ascending = sorted(lengths)
    keys = tokens.copy()
    for length in range(1, ascending[-1] + 1):
        if length > 1:
            keys[1:] = tokens[1:] + keys[:-1] * np.uint64(0x9E3779B97F4A7C15)
        if length in lengths:
            found = _earlier(keys, length - 1)
            is_found = found >= 0
            place[is_found] = found[is_found] + 1
            which[is_found] = ascending.index(length) + 1
    return place, which


def _mixed(*columns: Column) -> NDArray[np.uint64]:
    """One well-spread number of several small ones."""
    key = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        key = (key ^ (column + 512).astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
        key ^= key >> np.uint64(29)
    return key * np.uint64(0x94D049BB133111EB)


def interval_class(from_pitch: Column, to_pitch: Column) -> Column:
    """Classes of intervals; none where one of the pitches is negative or no pitch."""
    is_there = (from_pitch >= 0) & (to_pitch >= 0) & (to_pitch < PITCHES)
    step = np.clip(to_pitch - from_pitch, -FARTHEST, FARTHEST) + FARTHEST
    return np.where(is_there, step, INTERVALS - 1)


def _taken(column: Column, place: Column, none: int) -> Column:
    """The values at some places, ``none`` where the place is negative."""
    if not len(column):
        return np.full(len(place), none, dtype=np.int64)
    return np.where(place >= 0, column[np.maximum(place, 0)], none)


def _bits(masks: Column) -> NDArray[np.float32]:
    """(N,) masks to (N, 12)."""
    return ((masks[:, None] >> np.arange(12)) & 1).astype(np.float32)


class _Sounding:
    """What of some notes sounds at some times.

    Attributes:
        mask: (N,) of pitch classes.
        low, high: (N,) pitches; -1 for none.
    """

    def __init__(self, notes: Stream, before: Column, at_step: Column) -> None:
        self.mask = np.zeros(len(before), dtype=np.int64)
        self.low = np.full(len(before), PITCHES, dtype=np.int64)
        self.high = np.full(len(before), -1, dtype=np.int64)
        if len(notes):
            end, bit = notes.end_step, 1 << (notes.pitch % 12)
            for back in range(1, WINDOW + 1):
                place = before - back
                at = np.maximum(place, 0)
                sounds = (place >= 0) & (end[at] > at_step)
                self.mask |= np.where(sounds, bit[at], 0)
                self.low = np.where(sounds, np.minimum(self.low, notes.pitch[at]), self.low)
                self.high = np.where(sounds, np.maximum(self.high, notes.pitch[at]), self.high)
        self.low[self.low == PITCHES] = -1


class _Weights:
    """Sums of lengths of pitch classes over stretches of notes."""

    def __init__(self, notes: Stream) -> None:
        weight = np.zeros((len(notes) + 1, 12), dtype=np.float64)
        weight[np.arange(1, len(notes) + 1), notes.pitch % 12] = np.minimum(LENGTHS_STEPS[notes.length], 48)
        self._sums = np.cumsum(weight, axis=0)
        self._onset = notes.onset_step

    def between(self, from_step: Column, before: Column) -> NDArray[np.float64]:
        """(N, 12) of the notes with onsets behind ``from_step`` and rows less than ``before``."""
        first = np.minimum(np.searchsorted(self._onset, from_step, side="right"), before)
        return np.asarray(self._sums[before] - self._sums[first])


def _share(weights: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(weights / np.maximum(weights.max(1, keepdims=True), 1.0), dtype=np.float32)


class _Reader:
    """Reads one view."""

    def __init__(self, view: View) -> None:
        self._view = view
        free, given = view.free, view.given
        n = len(free)
        self._n, self._free, self._given = n, free, given
        self._row = np.arange(n)
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
        self._last_chord_first = np.where(is_there, last_chord - _taken(self._part_place, last_chord, 0), -1)
        size = np.where(is_there, _taken(self._part_place, last_chord, 0) + 1, 1)
        same_rank = np.where(is_there, self._last_chord_first + np.minimum(self._part_place, size - 1), -1)
        self._same_rank = same_rank
        second = _taken(self._last_chord_first, same_rank, -1)
        self._second = second
        in_chord = self._part_place > 0
        below = np.where(in_chord, _taken(pitch, self._row - 1, 0), _taken(pitch, self._last_chord_first, -1))
        self._own = np.where(below < 0, ROLE_CENTRE[role], below)
        self._is_first = (~in_chord) & ~is_there
        self._interval = np.where(self._is_first, 0, pitch - self._own)
        self._part_gap = np.where(is_there, onset - _taken(onset, last_chord, 0), GAPS - 1)
        self._in_chord = in_chord
        # times: at the last note, and at this one
        self._was = _shifted(onset, view.begin_step)
        self._now = onset
        bars = view.bars
        self._was_place, self._was_bar, self._was_number = bars.at(self._was)
        self._now_place, self._now_bar, _ = bars.at(self._now)
        self._given_onset = given.onset_step
        self._given_starts = np.unique(self._given_onset)
        self._weights, self._given_weights = _Weights(free), _Weights(given)
        self._last_of_role = self._lasts()
        self._match, self._match_kind = self._whole_matches(
            _mixed(gap_class(self._gap), role, self._interval), MATCH_LENGTHS
        )
        rhythm = _mixed(gap_class(self._gap), role)
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
        place, kind = _longest_matches(tokens, lengths)
        return _shifted(place, -1), _shifted(kind, 0)

    def _part_matches(self) -> tuple[Column, Column]:
        """For each row the note that followed in its part where its part's past was met before, and how much of it."""
        order = self._order
        tokens = _mixed(self._free.role, gap_class(np.where(self._in_chord, 0, self._part_gap)), self._interval)
        place, kind = _longest_matches(tokens[order], PART_MATCH_LENGTHS)
        follower, kinds = np.full(self._n, -1, dtype=np.int64), np.zeros(self._n, dtype=np.int64)
        follower[order] = np.where(place >= 0, order[np.minimum(np.maximum(place, 0), max(self._n - 1, 0))], -1)
        kinds[order] = kind
        return _taken(follower, self._former, -1), _taken(kinds, self._former, 0)

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
        last_role, last_pitch = _shifted(free.role, -1), _shifted(free.pitch, -1)
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
        lowest = _Sounding(free, self._row, self._was).low
        pitch = _taken(free.pitch, last, -1)
        return [
            _taken(gap_class(self._gap), last, GAPS),
            _taken(free.role, last, _NONE_ROLE),
            _taken(_clipped(self._interval), last, INTERVALS - 1),
            _taken(free.length, last, LENGTHS),
            _taken(velocity, last, VELOCITY_BINS),
            np.minimum(self._was_place, PLACES - 2),
            meter_class(self._was_bar),
            self._was_number % PHRASE_BARS,
            np.where(pitch >= 0, (pitch - tonic) % 12 + 12 * is_minor, 24),
            interval_class(lowest, pitch),
            np.minimum(_taken(self._part_place, last, 0), RANKS - 1),
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
        sounding = _Sounding(self._free, self._row, was).mask | _Sounding(self._given, upto, was).mask
        beat, bar = self._ahead(was, self._was_bar)
        lane, next_lane = self._lane(was, self._was_bar)
        known = np.stack([_bits(sounding), _share(near), _share(far), beat, bar, _bits(lane), _bits(next_lane)], 1)
        turned = np.take_along_axis(known, ((np.arange(12) + tonic[:, None]) % 12)[:, None, :], axis=2)
        free_roles, given_roles = np.zeros(ROLES, np.float32), np.zeros(ROLES, np.float32)
        free_roles[list(view.free_roles)] = 1
        given_roles[np.unique(self._given.role)] = 1
        flags = np.broadcast_to(np.concatenate([free_roles, given_roles]), (self._n, 2 * ROLES))
        left, since = self._left_and_since(was)
        pitch = _taken(self._free.pitch, self._row - 1, 60)
        lasts = _taken(self._free.pitch, self._last_of_role.ravel(), -1).reshape(self._n, ROLES)
        height = np.where(lasts >= 0, np.clip((lasts - pitch[:, None]) / 24, -2, 2), 0)
        numbers = np.concatenate([turned.reshape(self._n, -1), flags, left, since, height], 1)
        return tonic, is_minor, numbers.astype(np.float32)

    def _left_and_since(self, at_step: Column) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(N, ROLES) for how long the last note of each part still sounds, and for how long it has; 0 to about 1."""
        last = self._last_of_role
        shape = last.shape
        end = _taken(self._free.end_step, last.ravel(), 0).reshape(shape)
        onset = _taken(self._free.onset_step, last.ravel(), 0).reshape(shape)
        left = np.where(last >= 0, np.clip(end - at_step[:, None], 0, 96), 0)
        since = np.where(last >= 0, np.clip(at_step[:, None] - onset, 0, 192), 192)
        return np.log1p(left) / 4.6, np.log1p(since) / 5.3

    def _ahead(self, at_step: Column, bar_steps: Column) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(N, 12) the weights of the given notes of the next beat and of the next bar."""
        weights = []
        for ahead in (np.full(self._n, STEPS_PER_BEAT), bar_steps):
            before = np.searchsorted(self._given_onset, at_step + ahead, side="right")
            weights.append(_share(self._given_weights.between(at_step, before)))
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
        return _taken(lane.mask, row, 0), np.where(is_near, lane.mask[following], 0)

    # --- the gap ---

    def _gap_columns(self) -> list[Column]:
        free, was = self._free, self._was
        last = self._row - 1
        candidates = [self._gap_back(bars) for bars in LOOK_BACK_BARS]
        classes = gap_class(self._gap)
        candidates.append(_taken(classes, self._match, GAPS))
        candidates.append(_taken(classes, self._rhythm, GAPS))
        last_of_role = self._last_of_role
        end = _taken(free.end_step, last_of_role.ravel(), -1).reshape(last_of_role.shape)
        left = np.where((last_of_role >= 0) & (end > was[:, None]), end - was[:, None], GAPS)
        candidates.append(np.minimum(left.min(1), GAPS))
        candidates += self._given_gaps()
        return [
            *candidates,
            self._match_kind,
            self._rhythm_kind,
            np.minimum(self._was_place, PLACES - 2),
            meter_class(self._was_bar),
            _taken(free.role, last, _NONE_ROLE),
            _taken(free.length, last, LENGTHS),
        ]

    def _gap_back(self, bars: int) -> Column:
        """The gap behind the note that stood at the last note's place some bars ago."""
        onset = self._free.onset_step
        then = self._was - bars * self._was_bar
        group = np.searchsorted(onset, then, side="left")
        place = _taken(self._place, self._row - 1, 0) + 1
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
            candidates.append(np.where(onset[inside] == then, free.role[inside], _NONE_ROLE))
        for place in (self._match, self._rhythm):
            fits = _taken(gap_class(self._gap), place, -1) == gap_class(self._gap)
            candidates.append(np.where(fits, _taken(free.role, place, _NONE_ROLE), _NONE_ROLE))
        return [
            *candidates,
            self._match_kind,
            self._rhythm_kind,
            np.minimum(self._now_place, PLACES - 2),
            gap_class(self._gap),
            _taken(free.role, last, _NONE_ROLE),
            meter_class(self._now_bar),
        ]

    def _role_numbers(self) -> NDArray[np.float64]:
        """For each part whether it was silent so far, is silent, ends, sounds on or begins now; and the given ones."""
        last = self._last_of_role
        now = self._now[:, None]
        onset = _taken(self._free.onset_step, last.ravel(), 0).reshape(last.shape)
        end = _taken(self._free.end_step, last.ravel(), 0).reshape(last.shape)
        is_there, begins = last >= 0, (last >= 0) & (onset == now)
        ends = is_there & ~begins & (np.abs(end - now) <= SAME_STEPS)
        sounds = is_there & ~begins & (end > now + SAME_STEPS)
        silent = is_there & ~begins & (end < now - SAME_STEPS)
        starts_now, sounding = self._given_states(self._now)
        return np.concatenate([~is_there, silent, ends, sounds, begins, starts_now, sounding], 1).astype(np.float64)

    def _given_states(self, at_step: Column) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(N, ROLES) whether a given part begins a note there, and whether one sounds on."""
        begins, sounds = np.zeros((self._n, ROLES)), np.zeros((self._n, ROLES))
        for role in np.unique(self._given.role):
            mine = self._given.of_roles([int(role)])
            row = np.searchsorted(mine.onset_step, at_step, side="right") - 1
            onset, end = _taken(mine.onset_step, row, -1), _taken(mine.end_step, row, -1)
            begins[:, role] = onset == at_step
            sounds[:, role] = (onset < at_step) & (end > at_step)
        return begins, sounds

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
        candidates = [_taken(pitch, back, PITCHES) for back in backs]
        fits = _taken(free.role, self._match, -1) == free.role
        fits &= _taken(self._in_chord.astype(np.int64), self._match, 0) == self._in_chord
        candidates.append(_moved(own, _taken(self._interval, self._match, 0), fits))
        fits = (self._part_match >= 0) & (
            _taken(self._in_chord.astype(np.int64), self._part_match, 0) == self._in_chord
        )
        candidates.append(_moved(own, _taken(self._interval, self._part_match, 0), fits))
        mine = _Sounding(free, self._row, now)
        upto = np.searchsorted(self._given_onset, now, side="right")
        theirs = _Sounding(self._given, upto, now)
        low = np.where((mine.low < 0) | ((theirs.low >= 0) & (theirs.low < mine.low)), theirs.low, mine.low)
        high = np.maximum(mine.high, theirs.high)
        next_low, next_high = self._next_given(now)
        same_rank, second = _taken(pitch, self._same_rank, -1), _taken(pitch, self._second, -1)
        anchors = [own, same_rank, low, high, next_low, next_high, second]
        columns = [interval_class(own, other) for other in (*anchors[1:], *candidates)]
        columns.append(interval_class(own, _taken(pitch, self._row - 1, -1)))
        last_interval = np.where(self._in_chord, self._row - 1, self._last_chord_first)
        columns += [
            free.role,
            gap_class(self._gap),
            gap_class(self._part_gap),
            np.minimum(self._now_place, PLACES - 2),
            np.minimum(self._part_place, RANKS - 1),
            np.where(fits, self._part_kind, 0),
            self._match_kind,
            _taken(_clipped(self._interval), last_interval, INTERVALS - 1),
        ]
        self._sounding_now = mine.mask, theirs.mask
        return columns, anchors, candidates, backs

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
        known = [_bits(mine), _bits(theirs), _bits(starting), _share(near), _share(far), beat, bar]
        return np.stack([*known, _bits(lane), _bits(next_lane)], 1)

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
        to_next = np.where(following >= 0, _taken(free.onset_step, following, 0) - free.onset_step, 1)
        to_next_class = length_class(np.maximum(to_next, 1))
        legato = []
        for back in (backs[0], self._part_match):
            known = (back >= 0) & (_taken(following, back, -1) >= 0) & (_taken(following, back, -1) < self._row)
            legato.append(np.where(known, _taken(to_next_class, back, none), none))
        starts = self._given_starts
        to_given = np.full(self._n, none, dtype=np.int64)
        if len(starts):
            row = np.searchsorted(starts, self._now, side="right")
            steps = starts[np.minimum(row, len(starts) - 1)] - self._now
            is_near = (row < len(starts)) & (steps <= self._now_bar)
            to_given = np.where(is_near, length_class(np.maximum(steps, 1)), none)
        fits = (_taken(free.role, self._match, -1) == free.role) & (self._match >= 0)
        candidates = [
            *(_taken(length, back, none) for back in backs),
            np.where(fits, _taken(length, self._match, none), none),
            _taken(length, self._part_match, none),
            np.where(self._in_chord, _taken(length, self._row - 1, none), none),
            _taken(length, self._same_rank, none),
            np.where(self._place > 0, _taken(length, self._row - 1, none), none),
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

    def _chord_lasts(self) -> Column:
        """For each note the last note of its part's chord."""
        if not self._n:
            return np.zeros(0, dtype=np.int64)
        is_last = np.concatenate([self._part_place[1:] == 0, [True]])
        ends = np.where(is_last, self._row, self._n)
        return np.minimum.accumulate(ends[::-1])[::-1]

    # --- the velocity, where all else is known ---

    def _velocity_columns(self, velocity: Column) -> list[Column]:
        free = self._free
        return [
            _taken(velocity, self._former, VELOCITY_BINS),
            _taken(velocity, self._row - 1, VELOCITY_BINS),
            _taken(velocity, self._part_match, VELOCITY_BINS),
            free.role,
            np.minimum(self._now_place, PLACES - 2),
            interval_class(self._own, free.pitch),
            free.length,
            np.minimum(self._part_place, RANKS - 1),
        ]


def _classes16(columns: list[Column]) -> NDArray[np.int16]:
    return np.stack(columns, 1).astype(np.int16)


def _shifted(column: Column, first: int) -> Column:
    """The column one row later."""
    return np.concatenate([[first], column[:-1]]).astype(np.int64) if len(column) else column


def _clipped(interval: Column) -> Column:
    return np.clip(interval, -FARTHEST, FARTHEST) + FARTHEST


def _moved(pitch: Column, interval: Column, fits: NDArray[np.bool_]) -> Column:
    moved = pitch + interval
    return np.where(fits & (moved >= 0) & (moved < PITCHES), moved, PITCHES)


def home_of(weights: NDArray[np.float64]) -> tuple[Column, Column]:
    """The tonic and whether it is minor that (N, 12) weights speak for; C major for nothing."""
    best = (weights @ _KEYS).argmax(1)
    return best % 12, best // 12
