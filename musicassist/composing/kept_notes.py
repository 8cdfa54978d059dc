"""Which notes of a span stay while the others are composed: from a request to an outline of its takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.outline import Given, Outline, Piece, Room, Row
from musicassist.composing.predictor import Passage
from musicassist.composing.request import GenerationRequest, Take
from musicassist.composing.span import Span
from musicassist.composing.step_grid import StepGrid
from musicassist.errors import QT_TRANSLATE_NOOP, SeedError
from musicassist.score.meant_times import MeantTimes, meant_between
from musicassist.score.pins import with_pins
from musicassist.score.song import Mask, Notes
from musicassist.score.theory import Key
from musicassist.tokens.codec import Melody
from musicassist.tokens.demands import ANY_END, FIFTH, Demands, End, chord_pitches, is_chord_bound

_NEAR_SEMITONES = 4.0  # how far a first pitch lies from the one that it takes the place of, as a rule
_LOUDER = (-8, 8)
_ACCENT, _ARC = (6.0, 14.0), (6.0, 16.0)  # of velocity
_FIRST_STREAM = 1 << 33  # of the random numbers of first notes; see ``planning``


@dataclass(frozen=True, eq=False)
class _Line:
    """The top line of some notes of a track: its notes on the grid, their rows, and which are composed."""

    notes: Notes
    melody: Melody
    rows: NDArray[np.int64]
    is_free: Mask

    @staticmethod
    def of(meant: MeantTimes, which: Mask, is_kept: Mask, grid: StepGrid) -> _Line:
        rows = np.flatnonzero(which)
        start = meant.start_tick[rows]
        order = np.lexsort((meant.played.pitch[rows], start))  # by when they are meant
        rows = rows[order]
        asked = replace(
            meant.played.where(rows),
            start_tick=start[order],
            duration_ticks=(meant.end_tick - meant.start_tick)[rows],
        )
        top, melody = grid.line(asked)
        return _Line(meant.played, melody, rows[top], ~is_kept[rows[top]])

    def given(self) -> list[Given]:
        """Its notes, all of them as they are."""
        steps = zip(self.melody.onset_step.tolist(), self.melody.duration_steps.tolist(), strict=True)
        return [Given(*at, self.notes[row]) for at, row in zip(steps, self.rows.tolist(), strict=True)]

    def leaders(self, beside: Mask, meant: MeantTimes, chosen: Mask, grid: StepGrid) -> tuple[int, ...]:
        """The onset steps of the notes that some notes beside the line get louder with; -1 of those that stay."""
        rows = np.flatnonzero(beside)
        onset = self.melody.onset_step[self.is_free]
        at = np.searchsorted(onset, [grid.nearest(int(tick)) for tick in meant.start_tick[rows]], side="right") - 1
        return tuple(int(onset[k]) if k >= 0 and chosen[row] else -1 for k, row in zip(at, rows, strict=True))


def outline_of(request: GenerationRequest, span: Span, grid: StepGrid) -> Outline | None:
    """What stays in the span of a request; None where everything there is composed.

    Raises:
        SeedError: Nothing of what was chosen can be composed.
    """
    if not 0 <= request.track_index < len(request.song.tracks):
        return None
    notes = request.song.tracks[request.track_index].notes
    if not request.is_reroll and not notes.has_pins:
        return None
    meant = MeantTimes.of_track(notes, request.song.time_map)
    inside = meant.starting_between(span.from_tick, span.to_tick)
    if not request.is_reroll:
        held = notes.pinned & (meant.start_tick < span.from_tick) & (notes.end_tick > span.from_tick)
        kept = notes.pinned & inside
        return _around(meant, kept, held, span, grid) if (kept | held).any() else None
    chosen = _chosen(request, notes, inside)
    line = _Line.of(meant, inside, ~chosen, grid)
    if not line.is_free.any():
        raise SeedError(
            QT_TRANSLATE_NOOP(
                "Errors",
                "None of these notes can be composed anew: they are pinned, or others sound above them. Select notes "
                "of the top line.",
            )
        )
    beside = inside.copy()
    beside[line.rows] = False
    around = np.ones(len(notes), dtype=np.bool_)
    around[line.rows] = False
    led_by = line.leaders(beside, meant, chosen, grid) if request.keep == "notes" else ()
    led_by = led_by or (-1,) * int(beside.sum())
    pieces, sounding = tuple(_anew(request, line, grid.nearest(span.to_tick))), _sounding(meant, around, span, grid)
    first = notes[int(line.rows[0])]
    return Outline(pieces, notes.where(beside), led_by, sounding, (first.pitch, first.velocity))


def _chosen(request: GenerationRequest, notes: Notes, inside: Mask) -> Mask:
    """The notes of a track that are to be composed anew."""
    return np.asarray((inside if request.selection is None else request.selection & inside) & ~notes.pinned)


def _anew(request: GenerationRequest, line: _Line, end_step: int) -> Iterator[Piece]:
    """The pieces of a line of which some notes are composed anew; none of them begins at the end of the span."""
    given = line.given()
    if request.keep in ("rhythm", "notes"):
        for own, is_free in zip(given, line.is_free.tolist(), strict=True):
            if is_free and request.keep == "rhythm":
                yield replace(own, has_pitch=False)
            else:
                yield replace(own, has_velocity=False) if is_free else own
        return
    first = 0
    while first < len(given):
        last = first
        while line.is_free[first] and last + 1 < len(given) and line.is_free[last + 1]:
            last += 1
        run = given[first : last + 1]
        yield _room(run, end_step, has_pitches=bool(request.keep)) if line.is_free[first] else given[first]
        first = last + 1


def _room(given: list[Given], end_step: int, *, has_pitches: bool) -> Room:
    """In place of some notes that follow each other; what reaches over the end of the span still does."""
    onsets = [own.onset_step for own in given]
    to_step = max(onsets[-1] + 1, min(onsets[-1] + given[-1].duration_steps, end_step))
    from_tick, to_tick = given[0].played.start_tick, given[-1].played.end_tick
    longest = int(np.diff([*onsets, to_step]).max())
    notes = tuple(own.played for own in given) if has_pitches else ()
    return Room(onsets[0], to_step, from_tick, to_tick, notes, longest)


def _around(meant: MeantTimes, kept: Mask, held: Mask, span: Span, grid: StepGrid) -> Outline:
    """Pinned notes, and rooms between them; what is held into the span from before it is waited for."""
    line = _Line.of(meant, kept, kept, grid)
    pieces: list[Piece] = []
    step, tick = grid.at_or_after(span.from_tick), span.from_tick
    if held.any():
        tick = int(meant.played.end_tick[held].max())
        step = max(step, grid.at_or_after(tick))
    for own in line.given():
        if own.onset_step > step and own.played.start_tick > tick:
            pieces.append(Room(step, own.onset_step, tick, own.played.start_tick, may_be_empty=True))
        pieces.append(own)
        step, tick = max(step, own.onset_step + own.duration_steps), max(tick, own.played.end_tick)
    if grid.nearest(span.to_tick) > step and span.to_tick > tick:
        end = grid.nearest(span.to_tick), tick, span.to_tick
        pieces.append(Room(step, *end, may_be_empty=True, is_last=True))
    if not any(isinstance(piece, Room) for piece in pieces):
        raise SeedError(
            QT_TRANSLATE_NOOP(
                "Errors", "The pinned notes leave no room for others here. Unpin some, or choose more bars."
            )
        )
    beside = kept.copy()
    beside[line.rows] = False
    stays = kept | ~meant.starting_between(span.from_tick, span.to_tick)
    stays[line.rows] = False
    notes, first = meant.played.where(beside), meant.played[int(np.flatnonzero(kept | held)[0])]
    sounding = _sounding(meant, stays, span, grid)
    return Outline(tuple(pieces), notes, (-1,) * len(notes), sounding, (first.pitch, first.velocity))


def _sounding(meant: MeantTimes, which: Mask, span: Span, grid: StepGrid) -> tuple[tuple[int, int, int], ...]:
    rows = np.flatnonzero(which & (meant.end_tick > span.from_tick) & (meant.start_tick < span.to_tick))
    columns = (column[rows].tolist() for column in (meant.start_tick, meant.end_tick, meant.played.pitch))
    return tuple((grid.nearest(start), grid.nearest(end), pitch) for start, end, pitch in zip(*columns, strict=True))


def first_row(passage: Passage, key: Key | None, random: np.random.Generator) -> Row:
    """The first note of a take that has nothing before it: what its outline gives of it, and the rest drawn.

    A drawn pitch is one of the key, where one is known.
    """
    outline = passage.outline
    assert outline is not None
    piece = outline.pieces[0]
    if isinstance(piece, Given):
        onset, pitch, duration, velocity = piece.row
        if not piece.has_velocity:
            velocity = int(np.clip(velocity + random.choice(_LOUDER), 1, 127))
        if not piece.has_pitch:
            pitch = _drawn_pitch(passage, key, onset, pitch, random)
        return onset, pitch, duration, velocity
    longest = piece.to_step - piece.from_step - piece.least_steps * max(0, len(piece.notes) - 1)
    lengths = [steps for steps in (3, 6, 9, 12, 18, 24) if steps < longest] or [longest]
    duration = longest if len(piece.notes) == 1 else int(random.choice(lengths))
    pitch, velocity = (piece.notes[0].pitch, piece.notes[0].velocity) if piece.notes else outline.first
    if not piece.notes:
        pitch = _drawn_pitch(passage, key, piece.from_step, pitch, random)
    return piece.from_step, pitch, duration, velocity


def _drawn_pitch(passage: Passage, key: Key | None, step: int, pitch: int, random: np.random.Generator) -> int:
    """A pitch near one, and another than that where no other note gets another one."""
    demands, outline, pitches = passage.demands, passage.outline, np.arange(128)
    assert outline is not None
    is_bound = is_chord_bound(demands.in_chord, demands.bars, step)
    following = outline.pieces[1] if len(outline.pieces) > 1 else None
    narrowings = [chord_pitches(passage.place.chord_at(step))] if is_bound else []
    narrowings += [outline.silent_pitches(step), np.abs(pitches - pitch) <= 2 * FIFTH]
    narrowings += [np.isin(pitches % 12, list(key.pitch_classes))] if key is not None else []
    if isinstance(following, Given) and following.has_pitch:
        narrowings.append(np.abs(pitches - following.played.pitch) <= FIFTH)
    if len(outline.pieces) == 1 or outline.composed_pitches == 1:
        narrowings.append(pitches != pitch)
    allowed = demands.pitch_allowed
    for narrowing in narrowings:
        allowed = allowed & narrowing if (allowed & narrowing).any() else allowed
    pitches = np.flatnonzero(allowed)
    weights = np.exp(-np.abs(pitches - pitch) / _NEAR_SEMITONES)
    return int(random.choice(pitches, p=weights / weights.sum()))


def passages(passage: Passage, key: Key | None, request: GenerationRequest) -> Iterator[tuple[int, Passage, int]]:
    """Passages to compose, with the number of the first take of each and how many it has.

    Takes that have nothing before them and stay in part have a first note of their own each, so they share no past.
    """
    if passage.outline is None or not passage.is_opening:
        yield 0, passage, request.composed
        return
    for take in range(request.composed):
        row = first_row(passage, key, np.random.default_rng((request.seed, _FIRST_STREAM, take)))
        seed = Melody(*(np.array([value], dtype=np.int64) for value in row))
        yield take, replace(passage, seed=seed, plans=passage.plans[take : take + 1]), 1


def differing(request: GenerationRequest, takes: Sequence[Take]) -> list[int]:
    """The places of takes that are neither what stands there nor one of those before; the first where there is none."""
    stands = request.song.tracks[request.track_index].notes
    inside = meant_between(stands, request.song.time_map, request.from_tick, request.to_tick)
    known, places = [stands.where(inside)], []
    for place, take in enumerate(takes):
        if take.notes not in known:
            known.append(take.notes)
            places.append(place)
    return places or [0]


def with_pinned(take: Take, request: GenerationRequest) -> Take:
    """A take of one or several tracks beside what is pinned in its span."""

    def beside(index: int, new: Notes) -> Notes:
        notes = request.song.tracks[index].notes
        if not notes.has_pins:
            return new
        inside = meant_between(notes, request.song.time_map, take.from_tick, take.to_tick)
        return with_pins(new, notes.where(notes.pinned & inside))

    parts = tuple(replace(part, notes=beside(part.track_index, part.notes)) for part in take.parts)
    return replace(take, notes=beside(request.track_index, take.notes), parts=parts)


def ending_with(outline: Outline | None, request: GenerationRequest, demands: Demands) -> Demands:
    """The demands on takes of which some notes are composed anew: where the last one stays, nothing has to end."""
    if outline is None or not request.is_reroll:
        return demands
    return replace(demands, end=ANY_END if outline.ends_as_it_is else End(pitches=demands.end.pitches))


def with_accents(take: Take, request: GenerationRequest) -> Take:
    """A take of other velocities; where the model left them as they are, with accents and an arc of its own.

    Models go on as evenly as a phrase is played, and what was drawn with the mouse is played quite evenly.
    """
    notes, bars = request.song.tracks[request.track_index].notes, request.song.time_map
    inside = meant_between(notes, bars, take.from_tick, take.to_tick)
    if request.keep != "notes" or take.notes != notes.where(inside):
        return take
    rows, start = take.notes.among(notes.where(_chosen(request, notes, inside))), take.notes.start_tick
    random = np.random.default_rng((request.seed, _FIRST_STREAM, take.number))
    offset = start - bars.bar_spans(start)[0]
    accent = np.where(offset == 0, 1.0, np.where(offset % bars.ticks_per_beat == 0, 0.25, -0.5))
    place, peak = (start - start[rows][0]) / max(1, int(np.ptp(start[rows]))), random.uniform(0.3, 0.8)
    arc = 0.5 - np.abs(place - peak) / max(peak, 1 - peak)
    change = np.rint(random.uniform(*_ACCENT) * accent + random.uniform(*_ARC) * arc).astype(np.int64)
    velocity = np.where(rows, np.clip(take.notes.velocity + change, 1, 127), take.notes.velocity)
    return replace(take, notes=replace(take.notes, velocity=velocity))
