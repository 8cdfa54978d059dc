"""From a request to what is composed: the seed on the grid, what it stands in, and what the takes must meet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.clashes import check_rules, known_rules, leap_clash
from musicassist.composing.endings import Around, end_of, ending_of, start_behind_rest
from musicassist.composing.groove import NO_GROOVE, Groove
from musicassist.composing.kept_notes import ending_with, outline_of
from musicassist.composing.outline import Row
from musicassist.composing.predictor import Passage
from musicassist.composing.proposing import proposed_chords
from musicassist.composing.request import Constraints, GenerationRequest
from musicassist.composing.span import Span, span_of
from musicassist.composing.step_grid import StepGrid, step_grid_of
from musicassist.errors import QT_TRANSLATE_NOOP, ConstraintError, SeedError
from musicassist.harmony.song_chords import song_chords
from musicassist.score.chord_track import ChordSpan
from musicassist.score.keys import key_at
from musicassist.score.meant_times import MeantTimes
from musicassist.score.song import DEFAULT_VELOCITY, Note, Song
from musicassist.score.theory import Chord, Key
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.tokens.codec import NO_BASS, Melody, Surroundings, surroundings
from musicassist.tokens.demands import FIFTH, MAX_REPEATS, Demands, within_reach
from musicassist.tokens.rhythm import Rhythm, rhythm_of, shuffle_step
from musicassist.tokens.vocabulary import MAX_STEPS, STYLES

_NO_STYLE = QT_TRANSLATE_NOOP("Errors", "There is no style {style}. Known: {known}.")
_NO_ROOM = QT_TRANSLATE_NOOP("Errors", "Notes have no room in so few bars ({bars}) of this meter. Ask for more.")
_FIRST_PITCH_DEGREES = (0, 2, 4)  # of the scale: from nothing, a melody starts on one of them where it may
_MIDDLE_PITCH = 67
_QUARTER = 4  # meters in eighths have no shuffled quarters
_MIN_SHUFFLED = 4  # LIMIT: notes off the beat that make a shuffle
PIANO = (21, 108)
_ENDLESS_STEPS = 2**62
_LEAST_RANGE = 14  # LIMIT: semitones; a fifth on each side of one pitch has every tone


@dataclass(frozen=True)
class MelodyTask:
    """One request, ready for ``melody_takes.compose``.

    Attributes:
        passage: What is to be filled, on the grid.
        phrase: What stands there now, for a variation; may be empty.
        key: The key that the model is told of, or None.
        span: In the song's ticks.
        grid: Its steps in the song's ticks.
        groove: How the notes around are played.
        proposed: Chords for bars that the song's own do not reach.
    """

    passage: Passage
    phrase: Melody
    key: Key | None
    span: Span
    grid: StepGrid
    groove: Groove = NO_GROOVE
    proposed: tuple[ChordSpan, ...] = ()

    @property
    def known_phrase(self) -> Melody:
        """What takes are compared with: what they vary, else what stands before them."""
        if len(self.phrase) or self.passage.is_opening:
            return self.phrase
        return self.passage.seed

    def note(self, row: Row) -> Note:
        """A composed note in the song's ticks, as it is played; what ends on the span's end does so exactly."""
        return self.passage.outline.note(row, self._composed) if self.passage.outline else self._composed(row)

    def _composed(self, row: Row) -> Note:
        note = self.grid.note(row)
        if row[0] + row[2] >= self.passage.demands.to_step:
            note = replace(note, duration_ticks=self.span.to_tick - note.start_tick)
        _, place = self.passage.demands.bars.bar_and_offset_ticks(row[0])
        return self.groove.played(note, place, self.span.from_tick, self.span.to_tick)


def melody_task(request: GenerationRequest) -> MelodyTask:
    """What a request asks for.

    Raises:
        SeedError: There is nothing to continue, or no second phrase for an interpolation.
        ConstraintError: The demands cannot be met together.
    """
    if request.kind == "interpolate" and request.other is None:
        raise SeedError(QT_TRANSLATE_NOOP("Errors", "There is no second phrase. Choose a file that holds one."))
    song, span = request.song, span_of(request)
    key = _key(request, span)
    grid = step_grid_of(request, span)
    around = Around(*(grid.melody(notes) for notes in (span.seed, span.phrase, span.following)))
    closes = ending_of(request, around.before, grid.counted(song), grid.nearest(span.to_tick)) == "closed"
    proposed = proposed_chords(request, span.from_tick, span.to_tick, is_closing=closes)
    bars = _aligned(grid.counted(song), song, grid, span.from_tick, span.to_tick)
    check_rules(known_rules(request, span, proposed))
    place = _place(request, key, span, proposed, grid, bars)
    before, outline = around.before, outline_of(request, span, grid)
    demands = ending_with(outline, request, _demands(request, place, key, span, around, grid, bars))
    seed = _seed(before, demands) if len(before) else _first_note(request, span, demands, key or Key(0), place)
    if demands.end.is_last or request.kind not in ("continue", "generate"):
        place = replace(place, last_bar=place.bars.bar_at(demands.to_step - 1))
    return MelodyTask(
        Passage(seed, place, demands, is_opening=len(before) == 0, following=around.behind, outline=outline),
        around.phrase,
        key,
        span,
        grid,
        _groove(request, span, grid),
        proposed,
    )


def _groove(request: GenerationRequest, span: Span, grid: StepGrid) -> Groove:
    """That of the track up to where new notes come, or up to the end of what is varied or filled."""
    if not 0 <= request.track_index < len(request.song.tracks) or not len(span.seed) + len(span.phrase):
        return NO_GROOVE
    notes, time_map = request.song.tracks[request.track_index].notes, request.song.time_map
    before_tick = span.from_tick if request.kind == "continue" else span.to_tick
    groove = Groove.of(MeantTimes.of_track(notes, time_map), time_map, before_tick, grid.steps_per_beat)
    return groove.straight() if request.constraints.rhythm == "straight" else groove


# what the notes stand in


def _key(request: GenerationRequest, span: Span) -> Key | None:
    """The key that was asked for, else that of the song, as it says or as it is heard; from nothing, C."""
    key = request.constraints.key or key_at(request.song, span.from_tick).key
    return Key(0) if key is None and request.kind == "generate" else key


def _place(
    request: GenerationRequest,
    key: Key | None,
    span: Span,
    proposed: tuple[ChordSpan, ...],
    grid: StepGrid,
    bars: TimeMap,
) -> Surroundings:
    style = request.style or ""
    if style not in STYLES:
        raise ConstraintError(_NO_STYLE, style=style, known=", ".join(STYLES[1:]))
    first_tick = grid.tick_at_or_after(first_beat(bars, grid.at_or_after(span.from_tick), 1))
    starts, masks, basses = chords_of(request, first_tick, span.to_tick, proposed, grid)
    place = surroundings(request.song, key=key, style=style)
    return replace(place, bars=grid.as_read(bars), chord_starts=starts, chord_masks=masks, chord_basses=basses)


def _aligned(bars: TimeMap, song: Song, grid: StepGrid, from_tick: int, to_tick: int) -> TimeMap:
    """The bars in steps; where they are no whole steps, each bar line of the span stands at the nearest step."""
    lines = _bar_line_ticks(song, from_tick, to_tick)
    steps = [grid.nearest(tick) for tick in lines]
    if all(bars.bar_line_at_or_after(step) == step for step in steps):
        return bars
    before = tuple(change for change in bars.meter_changes if change.tick < steps[0])
    meters = [song.time_map.meter_at(tick) for tick in lines]
    own = tuple(MeterChange(step, m.numerator, m.denominator) for step, m in zip(steps, meters, strict=True))
    return replace(bars, meter_changes=before + own)


def chords_of(
    request: GenerationRequest,
    from_tick: int,
    to_tick: int,
    proposed: Sequence[ChordSpan] = (),
    grid: StepGrid | None = None,
) -> tuple[tuple[int, ...], ...]:
    """The steps where chords begin, their tones, 0 for none, and their basses, ``NO_BASS`` for none.

    Those that were asked for, one a bar from the bar of the first new note on; else those of the song, and proposed
    ones where those end.
    """
    song, asked = request.song, request.constraints.chords
    grid = grid or StepGrid(song.ticks_per_beat)
    found: dict[int, tuple[int, int]] = {}
    if asked:
        starts = [grid.nearest(tick) for tick in _bar_line_ticks(song, from_tick, to_tick)[:-1]]
        found = {step: _tones(asked[i % len(asked)]) for i, step in enumerate(starts)}
    elif request.constraints.chord_strength != "off":
        end_tick = proposed[0].from_tick if proposed else to_tick
        own = song_chords(song, from_tick, end_tick, but_track=request.track_index) if end_tick > from_tick else ()
        for span in (*own, *proposed):
            found[grid.nearest(span.from_tick)] = _tones(span.chord)
            found.setdefault(grid.nearest(span.to_tick), (0, NO_BASS))
    steps = sorted(found)
    return tuple(steps), tuple(found[step][0] for step in steps), tuple(found[step][1] for step in steps)


def _tones(chord: Chord) -> tuple[int, int]:
    mask = chord.mask
    return mask, NO_BASS if not mask else chord.root if chord.bass is None else chord.bass


def _bar_line_ticks(song: Song, from_tick: int, to_tick: int) -> list[int]:
    """The bar line at or before ``from_tick``, and all up to ``to_tick``."""
    bars = song.time_map
    return [bars.bar_start_tick(bar) for bar in range(bars.bar_at(from_tick), bars.bar_at(to_tick) + 1)]


# what the takes must meet


def _demands(
    request: GenerationRequest,
    place: Surroundings,
    key: Key | None,
    span: Span,
    around: Around,
    grid: StepGrid,
    bars: TimeMap,
) -> Demands:
    constraints, ticks, steps = request.constraints, grid.ticks_per_beat, grid.steps_per_beat
    from_step, to_step = grid.at_or_after(span.from_tick), grid.nearest(span.to_tick)
    # on a grid coarser than ours, two notes must not fall on one tick
    onset_grid = steps // math.gcd(steps, ticks) if ticks < steps else 1
    first = first_beat(bars, from_step, onset_grid) if request.kind == "continue" else from_step
    latest = latest_start(bars, first, onset_grid) if request.kind == "continue" else None
    if request.kind == "continue" and request.at_tick is None and not constraints.begins_at_once:
        from_step, latest = start_behind_rest(around.before, from_step, bars) or (from_step, latest)
    if first >= to_step - 1:
        raise ConstraintError(_NO_ROOM, bars=request.bars)
    range_ = _pitch_range(constraints, around)
    half_bar_steps = int(bars.bar_lengths(np.array([from_step]))[0]) // 2
    allowed = allowed_pitches(constraints, *range_)
    if constraints.largest_leap is not None and constraints.binds_chords:
        allowed = reached_pitches(constraints, allowed, place.chord_masks)
    is_shuffled, rhythm = is_shuffle(around.onset_steps, from_step, bars), constraints.rhythm
    demands = Demands(
        bars=bars,
        from_step=from_step,
        to_step=to_step,
        pitch_allowed=allowed,
        leading=_leading(constraints, allowed, *range_),
        latest_first_step=from_step if constraints.begins_at_once else latest,
        onset_grid_steps=onset_grid,
        notes_per_beat=constraints.density or around.most_notes_per_beat(bars),
        in_chord=bound_notes(constraints),
        only_new=constraints.only_new,
        end=end_of(request, around, place, bars, to_step, allowed, key),
        longest_rest_steps=max(half_bar_steps, around.longest_rest_steps),
        longest_note_steps=max(half_bar_steps, around.longest_note_steps) if len(around.onset_steps) else None,
        largest_leap=constraints.largest_leap,
        rhythm=_rhythm(request, around, bars, from_step, is_shuffled=is_shuffled),
        is_in_sixteenths=around.is_in_sixteenths if rhythm in ("free", "kept") else rhythm == "straight",
        most_repeats=max(MAX_REPEATS, around.longest_repeat),
        is_shuffled=is_shuffled and rhythm == "free",
    )
    if request.kind != "vary":
        return demands
    leaps = around.leaps
    return replace(demands, most_leaps=len(leaps), widest_leap=max(leaps, default=FIFTH))


def _rhythm(request: GenerationRequest, around: Around, bars: TimeMap, from_step: int, *, is_shuffled: bool) -> Rhythm:
    """Of the notes that stand around; the phrase that is gone on from may be cut in a bar."""
    constraints, endless = request.constraints, _ENDLESS_STEPS
    parts = [(part.onset_step, endless) for part in (around.phrase, around.behind)]
    parts.append((around.before.onset_step, from_step))
    return rhythm_of(constraints.rhythm, bars, parts, is_shuffled=is_shuffled, density=constraints.density)


def reached_pitches(constraints: Constraints, allowed: NDArray[np.bool_], masks: Sequence[int]) -> NDArray[np.bool_]:
    """(128,), the allowed pitches from which no leap to a tone of any chord is too wide.

    Raises:
        RuleClash: There are none.
    """
    leap = constraints.largest_leap or 0
    reached = within_reach(allowed, masks, leap)
    if not reached.any():
        raise leap_clash(leap)
    return reached


def bound_notes(constraints: Constraints) -> str:
    """See ``Demands.in_chord``."""
    if constraints.chord_strength in ("strong", "always"):
        return constraints.chord_strength
    return "beats" if constraints.chords else ""


def is_shuffle(steps: NDArray[np.int64], from_step: int, bars: TimeMap) -> bool:
    """Whether all notes off the beat, of those at these steps, are on the last triplet of a quarter."""
    places = (steps - bars.bar_spans(steps)[0]) % bars.ticks_per_beat
    is_off_beat = places > 0
    is_quarter_beat = bars.meter_at(from_step).denominator <= _QUARTER
    is_late = is_quarter_beat and bool((places[is_off_beat] == shuffle_step(bars)).all())
    return is_late and len(np.unique(steps[is_off_beat])) >= _MIN_SHUFFLED


def _pitch_range(constraints: Constraints, around: Around) -> tuple[int, int]:
    """The lowest and highest pitch: as asked for, else a fifth around what stands there, on a piano's keys."""
    asked = max(0, constraints.lowest_pitch), min(127, constraints.highest_pitch)
    if asked != (0, 127):
        return asked
    pitches = around.pitches
    if not len(pitches):
        return PIANO
    low, high = int(pitches.min()), int(pitches.max())
    lowest, highest = max(PIANO[0], low - FIFTH), min(PIANO[1], high + FIFTH)
    if highest - lowest < _LEAST_RANGE:  # near the end of the keys, or beyond them
        lowest = max(0, min(lowest, highest - _LEAST_RANGE))
        highest = max(highest, lowest + _LEAST_RANGE)
    return min(low, lowest), max(high, highest)


def allowed_pitches(
    constraints: Constraints, lowest_pitch: int | None = None, highest_pitch: int | None = None
) -> NDArray[np.bool_]:
    """(128,), the pitches in range (by itself the one asked for) and scale; or none: see ``clashes``."""
    lowest_pitch = max(0, constraints.lowest_pitch) if lowest_pitch is None else lowest_pitch
    highest_pitch = min(127, constraints.highest_pitch) if highest_pitch is None else highest_pitch
    allowed = np.zeros(128, dtype=bool)
    allowed[lowest_pitch : highest_pitch + 1] = True
    if constraints.kept_key is not None:
        allowed &= np.isin(np.arange(128) % 12, list(constraints.kept_key.pitch_classes))
    return allowed


def _leading(
    constraints: Constraints, allowed: NDArray[np.bool_], lowest_pitch: int, highest_pitch: int
) -> dict[int, int]:
    """What a minor key raises, as pitches in range, each with the pitch that it has to lead to, in range as well."""
    found: dict[int, int] = {}
    key, widest = constraints.kept_key, constraints.largest_leap or 127
    steps = key.leading_steps if key is not None else {}
    for pitch in range(min(127, highest_pitch), max(0, lowest_pitch) - 1, -1):  # a sixth leads to a seventh above it
        target = pitch + steps.get(pitch % 12, 0)
        if pitch < target <= min(127, pitch + widest) and (allowed[target] or target in found):
            found[pitch] = target
    return found


def first_beat(bars: TimeMap, from_step: int, grid_steps: int) -> int:
    """The first beat of the meter (and of the grid) that is not before ``from_step``."""
    bar, offset = bars.bar_and_offset_ticks(from_step)
    beat_steps = max(1, 4 * bars.ticks_per_beat // bars.meter_at(from_step).denominator)
    beat = bars.bar_start_tick(bar) - (-offset // beat_steps) * beat_steps
    return -(-min(beat, bars.bar_start_tick(bar + 1)) // grid_steps) * grid_steps


def latest_start(bars: TimeMap, first_beat_step: int, grid_steps: int) -> int:
    """The latest step for a first note: less than a bar after the first beat, and in reach of a gap from the seed."""
    bar_steps = bars.meter_at(first_beat_step).bar_ticks(bars.ticks_per_beat)
    return first_beat_step + max(0, min(bar_steps, MAX_STEPS // 2) - 1) // grid_steps * grid_steps


# what the takes go on from


def _seed(melody: Melody, demands: Demands) -> Melody:
    """The seed's top line, as far as it ends before the takes begin.

    A last note that is longer than the grid knows counts from where it comes into reach.
    """
    onset, duration = melody.onset_step.copy(), melody.duration_steps.copy()
    reach = demands.from_step if demands.latest_first_step is None else demands.latest_first_step
    is_settled = reach - demands.from_step < demands.bars.ticks_per_beat  # a late first note is none that may come late
    latest = reach - MAX_STEPS if is_settled else max(demands.from_step - MAX_STEPS // 2, reach - MAX_STEPS)
    onset[-1] = min(max(onset[-1], latest), demands.from_step - 1)
    duration[-1] = min(duration[-1], demands.from_step - onset[-1])
    melody = replace(melody, onset_step=onset, duration_steps=duration)
    return melody.rows(0, -1) if len(melody) > 1 and onset[-2] >= onset[-1] else melody


def _first_note(request: GenerationRequest, span: Span, demands: Demands, key: Key, place: Surroundings) -> Melody:
    """Where nothing stands before it, a take begins with its span, on a tone of the tonic's triad where it may.

    Where chords bind its notes it is one of the first chord's tones.
    From nothing it is near the middle, else near the notes that are varied or come next.
    """
    scale = sorted(key.pitch_classes, key=lambda pitch_class: (pitch_class - key.tonic) % 12)
    degree = _FIRST_PITCH_DEGREES[np.random.default_rng(request.seed).integers(len(_FIRST_PITCH_DEGREES))]
    allowed = np.flatnonzero(demands.pitch_allowed)
    for wanted in (_first_chord(place, demands), {scale[degree]}):
        tones = allowed[np.isin(allowed % 12, list(wanted))]
        allowed = tones if len(tones) else allowed
    known = span.phrase if request.kind in ("vary", "interpolate") else span.following
    middle = int(known.pitch[0]) if len(known) else _MIDDLE_PITCH
    pitch = int(allowed[np.argmin(np.abs(allowed - middle))])
    duration = min(demands.bars.ticks_per_beat, (demands.to_step - demands.from_step) // 2)
    onset = demands.from_step
    return Melody(*(np.array([value], dtype=np.int64) for value in (onset, pitch, duration, DEFAULT_VELOCITY)))


def _first_chord(place: Surroundings, demands: Demands) -> list[int]:
    """The pitch classes that the first note is bound to; none without a chord that binds."""
    before = [
        mask for start, mask in zip(place.chord_starts, place.chord_masks, strict=True) if start <= demands.from_step
    ]
    mask = before[-1] if before and demands.in_chord else 0
    return [pitch_class for pitch_class in range(12) if (mask >> pitch_class) & 1]
