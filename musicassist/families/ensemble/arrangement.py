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
from musicassist.composing.request import GenerationRequest, Part, Take
from musicassist.composing.span import Span, span_of
from musicassist.families.ensemble.given import Given
from musicassist.families.ensemble.part_limits import MIN_PLACED, PartLimits, Voice, limits_of, reaching
from musicassist.families.ensemble.stream import Lane, Stream, bars_of, led_back, roles_of, steps_of, stream_of
from musicassist.families.ensemble.vocabulary import ROLES, STEPS_PER_BEAT, Role
from musicassist.score.chord_track import ChordSpan
from musicassist.score.meant_times import MeantTimes
from musicassist.score.song import Notes, Song
from musicassist.score.theory import Key
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import step_map
from musicassist.tokens.demands import ANY_END, End

MAX_SEED_NOTES = 640  # LIMIT: of all parts; older ones are not read
_NOTES_PLACED, _RARE = 256, 0.02  # LIMIT: last notes, and shares of them, that show a rhythm
_FEWEST_VELOCITIES = 6  # fewer different ones are written in, not played
_HOME_AT_ONCE = 2 / 3  # of the closed takes come home where their last bar begins, the others in its middle
_MIN_HANDS, _HANDS_APART = 8, 20  # LIMIT: notes, and semitones between the low and the high ones, that show two hands
_LIKE: dict[Role, tuple[Role, ...]] = {  # what a track becomes where another one has its role
    Role.BASS: (Role.LEFT_HAND, Role.CHORAL_BASS),
    Role.CHORDS: (Role.RIGHT_HAND, Role.LEFT_HAND, Role.SECOND_VOICE),
    Role.MELODY: (Role.SECOND_VOICE, Role.SOPRANO, Role.ALTO),
    Role.SECOND_VOICE: (Role.ALTO, Role.TENOR, Role.SOPRANO),
}


@dataclass(frozen=True, eq=False)
class Arrangement:
    """One request, ready to be written.

    Attributes:
        span: Of the edited track, in ticks.
        written: The tracks that are written.
        left: Further ones, for which there are no roles left: they are written when these stand.
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
        tends_to: The key that pitches lean to; None without one.
        proposed, heard_key: As given to ``arrangement_of``.
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
    tends_to: Key | None = None
    left: tuple[int, ...] = ()
    proposed: tuple[ChordSpan, ...] = ()
    heard_key: Key | None = None

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


def arrangement_of(
    request: GenerationRequest, proposed: Sequence[ChordSpan] = (), end: End = ANY_END, key: Key | None = None
) -> Arrangement:
    """What a request asks for.

    Args:
        request: What is wanted.
        proposed: Chords for bars that the song's own do not reach.
        end: How the edited part ends; see ``composing.endings``.
        key: That is heard.

    Raises:
        SeedError: There is nothing to go on from.
        ConstraintError: The demands cannot be met together.
    """
    span, written = span_of(request), written_by(request)
    from_tick, to_tick = span.from_tick, span.to_tick
    song = request.song
    bare = without_span(song, (*written.tracks, *written.drums), from_tick, to_tick)
    voices = _voices(request, span, written)
    at_once = {voice.track_index for voice in voices.values()}
    left = tuple(index for index in written.tracks if index not in at_once)
    written = replace(written, tracks=tuple(index for index in written.tracks if index in at_once))
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
    tonic, constraints = key.tonic if key is not None else None, request.constraints
    first = melody_task.first_beat(bars, from_step, grid) if request.kind == "continue" else None
    lane = Lane(np.array(starts, dtype=np.int64), np.array(masks, dtype=np.int64))
    parts = {role: limits_of(request, role, voice, from_tick, bars) for role, voice in voices.items()}
    if constraints.largest_leap is not None and constraints.binds_chords:
        parts = {role: reaching(request, own, masks) for role, own in parts.items()}
    return Arrangement(
        request=request,
        span=span,
        written=written,
        parts=parts,
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
        in_chord=melody_task.bound_notes(constraints),
        has_velocities=len(seed) > 0 and len(np.unique(seed.velocity)) >= _FEWEST_VELOCITIES,
        key=constraints.kept_key,
        end=end,
        tonic=tonic if tonic is not None and end.pitches is not None and end.pitches[tonic] else None,
        tends_to=key if constraints.scale_strength == "tend" else None,
        left=left,
        proposed=tuple(proposed),
        heard_key=key,
    )


def end_of(task: melody_task.MelodyTask) -> End:
    """How the line of the edited part ends, on the grid of all parts: a line with 32nds has a finer one."""
    end, steps = task.passage.demands.end, task.grid.steps_per_beat

    def on_grid(own_steps: int | None) -> int | None:
        return None if own_steps is None else own_steps * STEPS_PER_BEAT // steps

    return replace(
        end,
        by_step=on_grid(end.by_step),
        places=tuple(place * STEPS_PER_BEAT // steps for place in end.places),
        least_steps=max(1, end.least_steps * STEPS_PER_BEAT // steps),
        rest_steps=on_grid(end.rest_steps),
    )


def home_step(own: Arrangement, random: np.random.Generator) -> int | None:
    """Where a closed take comes home: mostly where its last bar begins, but not before the last chord does.

    None for one that ends as it comes.
    """
    places = [step for step in own.end.places if step >= own.from_step] if own.end.is_last else []
    places = [step for step in places if own.parts[own.lead].rhythm.knows(step)]
    places = [step for step in places if own.chord_mask(step) == own.chord_mask(places[-1])]
    if not places:
        return None
    return places[0] if len(places) == 1 or random.random() < _HOME_AT_ONCE else places[-1]


def left_of(own: Arrangement, take: Take) -> Arrangement:
    """What is left of an arrangement, around what a take of it wrote: the next tracks, as parts of the same bars.

    Range, density and leaps were asked of the edited track, and do not bind these.
    """
    request, song = own.request, own.request.song
    rows = list(
        without_span(song, (*own.written.tracks, *own.written.drums), own.span.from_tick, own.span.to_tick).tracks
    )
    for part in (Part(request.track_index, take.notes), *take.parts):
        rows[part.track_index] = replace(rows[part.track_index], notes=rows[part.track_index].notes.plus(part.notes))
    constraints = replace(request.constraints, lowest_pitch=0, highest_pitch=127, density=None, largest_leap=None)
    again = replace(
        request,
        kind="infill",
        song=replace(song, tracks=tuple(rows)),
        track_index=own.left[0],
        parts=own.left,
        all_parts=False,
        selection=None,
        at_tick=None,
        from_tick=own.span.from_tick,
        to_tick=own.span.to_tick,
        seed=int(np.random.SeedSequence((request.seed, take.number, own.left[0])).generate_state(1)[0]),
        constraints=constraints,
    )
    return arrangement_of(again, own.proposed, own.end, own.heard_key)


def _roles(song: Song) -> dict[int, int]:
    """The role of each pitched track, of an empty one by its name."""
    tracks = [index for index in range(len(song.tracks)) if not song.is_drum_track(index)]
    found = roles_of([song.tracks[index] for index in tracks])
    # what the net learned from had chords that nobody plays on such tracks; here they are played, like any others
    return {index: int(Role.CHORDS if role is None else role) for index, role in zip(tracks, found, strict=True)}


def _voices(request: GenerationRequest, span: Span, written: Written) -> dict[int, Voice]:
    """The parts that are written at once, by role; no two share one. A track for two hands is two parts."""
    song, polyphony = request.song, request.constraints.polyphony
    roles = _roles(song)
    voices: dict[int, Voice] = {}
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
                    voices[int(hand)] = Voice(index, own, all_own, 2)
                continue
        if is_chordal and role in (Role.MELODY, Role.SECOND_VOICE):
            role = Role.RIGHT_HAND
        free = [other for other in (role, *_LIKE.get(role, ()), *rest) if other not in voices]
        if free:
            voices[int(free[0])] = Voice(index, before, whole)
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
    if len(onsets) < MIN_PLACED:
        return np.ones(STEPS_PER_BEAT, dtype=bool)
    places = np.bincount(onsets % STEPS_PER_BEAT, minlength=STEPS_PER_BEAT) >= _RARE * len(onsets)
    places[0] = True
    return np.asarray(places)


def _last_notes(stream: Stream) -> Stream:
    return stream.where(np.arange(len(stream)) >= len(stream) - MAX_SEED_NOTES)


def _given(
    bare: Song, written: Written, voices: dict[int, Voice], begin_step: int, request: GenerationRequest
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
