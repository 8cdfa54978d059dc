"""From a request to what is written: parts with their roles and limits, the notes before, what is given around them."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from musicassist.composing import melody_task
from musicassist.composing.parts import Written, is_polyphonic, without_span, written_by
from musicassist.composing.request import GenerationRequest
from musicassist.composing.span import Span, span_of
from musicassist.errors import SeedError
from musicassist.families.ensemble.given import Given
from musicassist.families.ensemble.stream import Lane, Stream, bars_of, led_back, roles_of, steps_of, stream_of
from musicassist.families.ensemble.vocabulary import ROLE_CENTRE, ROLES, STEPS_PER_BEAT, Role
from musicassist.score.chord_track import ChordSpan
from musicassist.score.meant_times import MeantTimes
from musicassist.score.song import DEFAULT_VELOCITY, Notes, Song
from musicassist.score.theory import Key
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import step_map
from musicassist.tokens.demands import ANY_END, End

MAX_SEED_NOTES = 640  # LIMIT: of all parts; older ones are not read
MAX_POLYPHONY = 6  # LIMIT: of a part that has no notes yet and of one that has more
_BARS_HEARD = 16  # in which a part shows what it is
_NOTES_PLACED, _MIN_PLACED, _RARE = 256, 12, 0.02  # LIMIT: last notes, and shares of them, that show a rhythm
_WIDER = 5  # semitones beyond what it had, for a part with notes before
_REACH, _WIDE_REACH = 10, 15  # from its centre, for one without; for chords and hands
MIN_RUN = 4  # LIMIT: so often the same note may come, also where a part has none so often
_FEWEST_VELOCITIES = 6  # fewer different ones are written in, not played
_EMPTY_POLYPHONY = {Role.CHORDS: 4, Role.LEFT_HAND: 3, Role.RIGHT_HAND: 3}  # others: one
_MIN_HANDS, _HANDS_APART = 8, 20  # LIMIT: notes, and semitones between the low and the high ones, that show two hands
_ACCOMPANYING = (Role.BASS, Role.CHORDS, Role.LEFT_HAND, Role.CHORAL_BASS)
_LIKE: dict[Role, tuple[Role, ...]] = {  # what a track becomes where another one has its role
    Role.BASS: (Role.LEFT_HAND, Role.CHORAL_BASS),
    Role.CHORDS: (Role.RIGHT_HAND, Role.LEFT_HAND, Role.SECOND_VOICE),
    Role.MELODY: (Role.SECOND_VOICE, Role.SOPRANO, Role.ALTO),
    Role.SECOND_VOICE: (Role.ALTO, Role.TENOR, Role.SOPRANO),
}


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


@dataclass(frozen=True, eq=False)
class Arrangement:
    """One request, ready to be written.

    Attributes:
        span: Of the edited track, in ticks.
        written: The tracks that are written.
        parts: What holds for each pitched one, by its role.
        seed: The notes of these parts that stand before, as they are meant.
        given: The other parts, and what follows in these.
        begin_step: From where the first gap is counted.
        from_step, to_step: No note begins before, none ends behind.
        latest_step: The latest place for a first note.
        grid_steps: Onsets lie on this grid.
        places: (STEPS_PER_BEAT,) where in a beat notes begin, as they do in the song.
        bars: Of the song, in steps.
        chord_starts, chord_masks: The harmony that is known.
        in_chord: Which notes must be chord tones; see ``tokens.grammar.Demands``.
        has_velocities: Whether velocities were played.
        key: That was asked for, or is told.
        end: How the edited part ends.
        tonic: Of the key that is heard, where it is one of the pitch classes that a closed end has.
    """

    request: GenerationRequest
    span: Span
    written: Written
    parts: dict[int, PartLimits]
    seed: Stream
    given: Given
    begin_step: int
    from_step: int
    to_step: int
    latest_step: int | None
    grid_steps: int
    places: NDArray[np.bool_]
    bars: TimeMap
    chord_starts: tuple[int, ...]
    chord_masks: tuple[int, ...]
    in_chord: str
    has_velocities: bool
    key: Key | None
    end: End = ANY_END
    tonic: int | None = None

    @cached_property
    def edited_roles(self) -> tuple[int, ...]:
        """The roles of the track that was chosen: one, or two hands."""
        return self.roles_of(self.request.track_index)

    @cached_property
    def lead(self) -> int:
        """The role that the edited track's line has: of two hands the right one."""
        return max(self.edited_roles)

    def chord_mask(self, step: int) -> int:
        """The pitch classes of the chord that is known there; 0 for none."""
        row = bisect_right(self.chord_starts, step) - 1
        return self.chord_masks[row] if row >= 0 else 0

    def roles_of(self, track_index: int) -> tuple[int, ...]:
        """The roles of a track that is written."""
        return self._roles_of_tracks.get(track_index, ())

    @cached_property
    def _roles_of_tracks(self) -> dict[int, tuple[int, ...]]:
        found: dict[int, tuple[int, ...]] = {}
        for role, part in self.parts.items():
            found[part.track_index] = (*found.get(part.track_index, ()), role)
        return found


@dataclass(frozen=True, eq=False)
class _Voice:
    """A part that is written: its track, its notes before the span, and all of them."""

    track_index: int
    before: Notes
    whole: Notes
    hands: int = 1  # how many parts its track has


def arrangement_of(
    request: GenerationRequest, proposed: Sequence[ChordSpan] = (), end: End = ANY_END, tonic: int | None = None
) -> Arrangement:
    """What a request asks for.

    Args:
        request: What is wanted.
        proposed: Chords for bars that the song's own do not reach.
        end: How the edited part ends; see ``composing.endings``.
        tonic: Of the key that is heard.

    Raises:
        SeedError: There is nothing to go on from.
        ConstraintError: The demands cannot be met together.
    """
    span, written = span_of(request), written_by(request)
    from_tick, to_tick = span.from_tick, span.to_tick
    song = request.song
    bare = without_span(song, (*written.tracks, *written.drums), from_tick, to_tick)
    voices = _voices(request, span, written)
    ticks_per_beat = song.ticks_per_beat
    from_step = -(-from_tick * STEPS_PER_BEAT // ticks_per_beat)
    to_step = round(to_tick * STEPS_PER_BEAT / ticks_per_beat)
    grid = STEPS_PER_BEAT // math.gcd(STEPS_PER_BEAT, ticks_per_beat) if ticks_per_beat < STEPS_PER_BEAT else 1
    from_step = -(-from_step // grid) * grid
    seed = _last_notes(_stream({role: voice.before for role, voice in voices.items()}, ticks_per_beat))
    grid_bars = bars_of(song)
    own = [int(seed.onset_step[0])] if len(seed) else []
    begin_step = min([*own, from_step])
    begin_step -= int(grid_bars.at(np.array([begin_step]))[0][0])
    given = _given(bare, written, voices, begin_step, request)
    if request.kind == "infill" and len(given) and given.onset_step[-1] >= to_step:
        end = ANY_END  # the others go on
    if end.leads_back:
        given = led_back(given, seed, grid_bars, to_step)
    bars = step_map(song)
    starts, masks, _ = melody_task.chords_of(replace(request, song=bare), from_tick, to_tick, proposed)
    key = request.constraints.key
    first = melody_task.first_beat(bars, from_step, grid) if request.kind == "continue" else None
    lane = Lane(np.array(starts, dtype=np.int64), np.array(masks, dtype=np.int64))
    return Arrangement(
        request=request,
        span=span,
        written=written,
        parts={role: _limits(request, role, voice, from_tick, bars) for role, voice in voices.items()},
        seed=seed,
        given=Given(given, grid_bars, lane, [role for role in range(ROLES) if role not in voices]),
        begin_step=begin_step,
        from_step=from_step,
        to_step=to_step,
        latest_step=None if first is None else melody_task.latest_start(bars, first, grid),
        grid_steps=grid,
        places=_places(seed, given),
        bars=bars,
        chord_starts=starts,
        chord_masks=masks,
        in_chord=melody_task.bound_notes(request.constraints),
        has_velocities=len(seed) > 0 and len(np.unique(seed.velocity)) >= _FEWEST_VELOCITIES,
        key=key,
        end=end,
        tonic=tonic if tonic is not None and end.pitches is not None and end.pitches[tonic] else None,
    )


def _roles(song: Song) -> dict[int, int]:
    """The role of each pitched track, of an empty one by its name."""
    tracks = [index for index in range(len(song.tracks)) if not song.is_drum_track(index)]
    found = roles_of([song.tracks[index] for index in tracks])
    # what the net learned from had chords that nobody plays on such tracks; here they are played, like any others
    return {index: int(Role.CHORDS if role is None else role) for index, role in zip(tracks, found, strict=True)}


def _voices(request: GenerationRequest, span: Span, written: Written) -> dict[int, _Voice]:
    """The parts that are written, by role; no two share one. A track for two hands is two parts."""
    song, polyphony = request.song, request.constraints.polyphony
    roles = _roles(song)
    voices: dict[int, _Voice] = {}
    rest = [Role(role) for role in range(ROLES)]
    for index in written.tracks:
        whole = MeantTimes.of_track(song.tracks[index].notes, song.time_map).notes
        before = span.seed if index == request.track_index else whole.where(whole.start_tick < span.from_tick)
        before = before.without_span(span.from_tick, span.from_tick + 1)
        role = Role(roles[index])
        is_chordal = (polyphony is None or polyphony > 1) and is_polyphonic(before if len(before) else whole)
        hands = {Role.LEFT_HAND, Role.RIGHT_HAND}
        if is_chordal and not hands & voices.keys() and not hands & {roles[other] for other in written.tracks}:
            split = split_pitch(before if len(before) else whole)
            if split is not None:
                for hand, is_low in ((Role.LEFT_HAND, True), (Role.RIGHT_HAND, False)):
                    own, all_own = (n.where((n.pitch < split) == is_low) for n in (before, whole))
                    voices[int(hand)] = _Voice(index, own, all_own, 2)
                continue
        if is_chordal and role in (Role.MELODY, Role.SECOND_VOICE):
            role = Role.RIGHT_HAND
        free = [other for other in (role, *_LIKE.get(role, ()), *rest) if other not in voices]
        if not free:
            raise SeedError("More tracks are to be written than parts are known. Choose fewer.")
        voices[int(free[0])] = _Voice(index, before, whole)
    return voices


def split_pitch(notes: Notes) -> int | None:
    """From which pitch on a track for two hands is the right one's; None where it is no such track."""
    if len(notes) < _MIN_HANDS:
        return None
    low, high = np.percentile(notes.pitch, [10, 90])
    if high - low < _HANDS_APART:
        return None
    pitches = np.arange(int(low) + 6, int(high) - 4)
    near = [int((np.abs(notes.pitch - (pitch - 0.5)) < 3).sum()) for pitch in pitches.tolist()]
    best = np.flatnonzero(np.array(near) == min(near))
    return int(pitches[best[len(best) // 2]])


def _stream(parts: dict[int, Notes], ticks_per_beat: int) -> Stream:
    columns: list[tuple[NDArray[np.int64], ...]] = [tuple(np.zeros(0, np.int64) for _ in range(5))]
    for role, notes in parts.items():
        onset, end = steps_of(notes.start_tick, ticks_per_beat), steps_of(notes.end_tick, ticks_per_beat)
        columns.append((onset, np.full(len(notes), role), notes.pitch, end - onset, notes.velocity))
    return stream_of(*(np.concatenate(rows) for rows in zip(*columns, strict=True)))


def _places(seed: Stream, given: Stream) -> NDArray[np.bool_]:
    """Where in a beat the last notes begin; what is rare among them was a slip. Anywhere, where there are few notes."""
    onsets = np.concatenate([given.onset_step, seed.onset_step])[-_NOTES_PLACED:]
    if len(onsets) < _MIN_PLACED:
        return np.ones(STEPS_PER_BEAT, dtype=bool)
    places = np.bincount(onsets % STEPS_PER_BEAT, minlength=STEPS_PER_BEAT) >= _RARE * len(onsets)
    places[0] = True
    return np.asarray(places)


def _last_notes(stream: Stream) -> Stream:
    return stream.where(np.arange(len(stream)) >= len(stream) - MAX_SEED_NOTES)


def _given(
    bare: Song, written: Written, voices: dict[int, _Voice], begin_step: int, request: GenerationRequest
) -> Stream:
    """The other parts, and what stands in the written ones behind the span of an infill."""
    parts: dict[int, Notes] = {}
    for index, role in _roles(bare).items():
        track = bare.tracks[index]
        if index not in written.tracks and not track.muted and len(track.notes):
            notes = MeantTimes.of_track(track.notes, bare.time_map).notes
            parts[role] = parts[role].plus(notes) if role in parts else notes
    if request.kind == "infill":
        for role, voice in voices.items():
            notes = voice.whole.where(voice.whole.start_tick >= request.to_tick)
            parts[role] = parts[role].plus(notes) if role in parts else notes
    stream = _stream(parts, bare.ticks_per_beat)
    return stream.where(stream.onset_step >= begin_step)


def _limits(request: GenerationRequest, role: int, voice: _Voice, from_tick: int, bars: TimeMap) -> PartLimits:
    constraints, song, before = request.constraints, request.song, voice.before
    is_edited = voice.track_index == request.track_index
    first_bar = max(0, song.time_map.bar_at(from_tick) - _BARS_HEARD)
    heard = before.where(before.start_tick >= song.time_map.bar_start_tick(first_bar))
    heard = heard if len(heard) else before if len(before) else voice.whole
    allowed = melody_task.allowed_pitches(constraints) if is_edited else _in_scale(constraints.key)
    allowed = _with_leading(allowed, constraints.key, request if is_edited else None)
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
    )


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
    if len(onsets) < _MIN_PLACED // 2:
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
    if len(heard) < _MIN_PLACED:
        return 1
    lengths = steps_of(heard.end_tick, ticks_per_beat) - steps_of(heard.start_tick, ticks_per_beat)
    return max(1, int(np.percentile(lengths, 5)))
