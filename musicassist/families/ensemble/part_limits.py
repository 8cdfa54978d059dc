"""What holds for each part that is written: its range, how many notes it has at once, how long it rests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from musicassist.composing import melody_task
from musicassist.composing.request import GenerationRequest
from musicassist.families.ensemble.stream import steps_of
from musicassist.families.ensemble.vocabulary import ROLE_CENTRE, STEPS_PER_BEAT, Role
from musicassist.score.song import DEFAULT_VELOCITY, Notes, Song
from musicassist.score.theory import Key
from musicassist.score.timing import TimeMap
from musicassist.tokens.demands import within_reach
from musicassist.tokens.rhythm import ANY_RHYTHM, Rhythm, rhythm_of

MAX_POLYPHONY = 6  # LIMIT: of a part that has no notes yet and of one that has more
_BARS_HEARD = 16  # in which a part shows what it is
MIN_PLACED = 12  # LIMIT: notes that show a rhythm
_WIDER = 5  # semitones beyond what it had, for a part with notes before
_REACH, _WIDE_REACH = 10, 15  # from its centre, for one without; for chords and hands
MIN_RUN = 4  # LIMIT: so often the same note may come, also where a part has none so often
_EMPTY_POLYPHONY = {Role.CHORDS: 4, Role.LEFT_HAND: 3, Role.RIGHT_HAND: 3}  # others: one
_ACCOMPANYING = (Role.BASS, Role.CHORDS, Role.LEFT_HAND, Role.CHORAL_BASS)


@dataclass(frozen=True, eq=False)
class PartLimits:
    """What holds for one part.

    Attributes:
        track_index: Its track.
        role: What it does, see ``vocabulary.Role``.
        polyphony: Most notes at once.
        allowed: (128,) pitches in its range and the scale.
        velocity: Of its notes where velocities were not played.
        longest_rest_steps: From one onset to the next, at the most; None leaves it to the net.
        most_per_beat: Most onsets per beat, on the average of a bar; None for any.
        shortest_steps: No note is shorter, but where the take ends.
        longest_run: Most onsets in a row with the same lowest note.
        largest_leap: Most semitones between its lowest notes of two onsets; None for any.
        rhythm: Where its notes start.
    """

    track_index: int
    role: int
    polyphony: int
    allowed: NDArray[np.bool_]
    velocity: int
    longest_rest_steps: int | None = None
    most_per_beat: float | None = None
    shortest_steps: int = 1
    longest_run: int = MIN_RUN
    largest_leap: int | None = None
    rhythm: Rhythm = ANY_RHYTHM


@dataclass(frozen=True, eq=False)
class Voice:
    """A part that is written: its track, its notes before the span, and all of them."""

    track_index: int
    before: Notes
    whole: Notes
    hands: int = 1  # how many parts its track has


def limits_of(request: GenerationRequest, role: int, voice: Voice, from_tick: int, bars: TimeMap) -> PartLimits:
    """Those of a part, as its notes before show them and as they are asked for."""
    constraints, song, before = request.constraints, request.song, voice.before
    is_edited = voice.track_index == request.track_index
    first_bar = max(0, song.time_map.bar_at(from_tick) - _BARS_HEARD)
    heard = before.where(before.start_tick >= song.time_map.bar_start_tick(first_bar))
    heard = heard if len(heard) else before if len(before) else voice.whole
    allowed = melody_task.allowed_pitches(constraints) if is_edited else _in_scale(constraints.kept_key)
    allowed = _with_leading(allowed, constraints.kept_key, request if is_edited else None)
    reach = _WIDE_REACH if role in _EMPTY_POLYPHONY else _REACH
    low, high = int(ROLE_CENTRE[role]) - reach, int(ROLE_CENTRE[role]) + reach
    if len(heard):
        low, high = (int(pitch) for pitch in np.percentile(heard.pitch, [2, 98]))
        low, high = low - _WIDER, high + _WIDER
    near = allowed & (np.arange(128) >= low) & (np.arange(128) <= high)
    allowed = near if near.sum() >= MAX_POLYPHONY else allowed
    polyphony = _polyphony(heard, role)
    if constraints.polyphony is not None:
        most = constraints.polyphony
        hand = most // 2 if role == Role.LEFT_HAND else most - most // 2
        polyphony = min(polyphony, most if voice.hands == 1 else hand)
    return PartLimits(
        voice.track_index,
        role,
        max(1, min(polyphony, int(allowed.sum()))),
        allowed,
        round(float(np.median(heard.velocity))) if len(heard) else DEFAULT_VELOCITY,
        _longest_rest(heard, role, song, bars, round(from_tick * STEPS_PER_BEAT / song.ticks_per_beat)),
        constraints.density if is_edited else None,
        _shortest(heard, song.ticks_per_beat),
        _longest_run(heard),
        constraints.largest_leap if is_edited else None,
        _rhythm(request, voice, bars),
    )


def _rhythm(request: GenerationRequest, voice: Voice, bars: TimeMap) -> Rhythm:
    """That is asked for; one that is kept is the part's own."""
    ticks, notes = request.song.ticks_per_beat, voice.before if len(voice.before) else voice.whole
    onsets = np.unique(steps_of(notes.start_tick, ticks))
    parts = [(onsets, int(onsets[-1]) + int(bars.bar_lengths(onsets[-1:])[0]))] if len(onsets) else []
    is_shuffled = melody_task.is_shuffle(onsets, int(onsets[0]), bars) if len(onsets) else False
    return rhythm_of(request.constraints.rhythm, bars, parts, is_shuffled=is_shuffled, density=None)


def reaching(request: GenerationRequest, part: PartLimits, masks: Sequence[int]) -> PartLimits:
    """The part with those of its pitches alone from which each chord can be reached."""
    constraints = request.constraints
    if part.largest_leap is None:
        return part
    near = within_reach(part.allowed, masks, part.largest_leap)
    wide = _with_leading(melody_task.allowed_pitches(constraints), constraints.kept_key, request)
    return replace(part, allowed=near if near.any() else melody_task.reached_pitches(constraints, wide, masks))


def _in_scale(key: Key | None) -> NDArray[np.bool_]:
    return np.ones(128, dtype=bool) if key is None else np.isin(np.arange(128) % 12, list(key.pitch_classes))


def _with_leading(allowed: NDArray[np.bool_], key: Key | None, request: GenerationRequest | None) -> NDArray[np.bool_]:
    """With the raised degrees of a minor key, which chords need, in the range that was asked for."""
    if key is None or not key.leading_steps:
        return allowed
    wide = allowed | np.isin(np.arange(128) % 12, list(key.leading_steps))
    if request is not None:
        pitches = np.arange(128)
        wide &= (pitches >= request.constraints.lowest_pitch) & (pitches <= request.constraints.highest_pitch)
    return wide


def _polyphony(heard: Notes, role: int) -> int:
    """How many notes a part has at once; a slur of a line makes it no chord."""
    if not len(heard):
        return _EMPTY_POLYPHONY.get(Role(role), 1)
    overlap = np.maximum(1, heard.duration_ticks // 4)
    at = heard.start_tick
    sounding = [
        int(((at <= tick) & ((heard.end_tick - overlap > tick) | (at == tick))).sum())
        for tick in np.unique(at).tolist()
    ]
    return min(MAX_POLYPHONY, round(float(np.percentile(sounding, 98))))


def _longest_rest(heard: Notes, role: int, song: Song, bars: TimeMap, from_step: int) -> int | None:
    """A part that plays rests no longer than it did; a leading or a new one a bar. With few notes the net decides."""
    onsets = np.unique(steps_of(heard.start_tick, song.ticks_per_beat))
    begin, end = bars.bar_spans(np.array([from_step]))
    if not len(onsets):
        return int(end[0] - begin[0])
    if len(onsets) < MIN_PLACED // 2:
        return None
    usual = float(np.percentile(np.diff(onsets), 98))
    return math.ceil(max(usual, STEPS_PER_BEAT if role in _ACCOMPANYING else int(end[0] - begin[0])))


def _longest_run(heard: Notes) -> int:
    order = np.lexsort((heard.pitch, heard.start_tick))
    starts, pitches = heard.start_tick[order], heard.pitch[order]
    lowest = pitches[np.concatenate([[True], np.diff(starts) > 0])] if len(starts) else pitches
    ends = np.flatnonzero(np.diff(lowest) != 0)
    runs = np.diff(np.concatenate([[-1], ends, [len(lowest) - 1]]))
    return max(MIN_RUN, int(runs.max()))


def _shortest(heard: Notes, ticks_per_beat: int) -> int:
    if len(heard) < MIN_PLACED:
        return 1
    lengths = steps_of(heard.end_tick, ticks_per_beat) - steps_of(heard.start_tick, ticks_per_beat)
    return max(1, int(np.percentile(lengths, 5)))
