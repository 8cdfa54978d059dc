"""Comps: pieces of takes as one take; nothing is cut, doubled or lost, and joins are judged."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase, song_of
from musicassist.composing.request import Constraints, Part, Take
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.session.comping import MIX, Comp, Piece, mix_of

BAR, SPAN = 1920, (1920, 1920 * 5)


def take(number: int, notes: Notes, *parts: Part) -> Take:
    return Take(notes, *SPAN, "lstm-form", 7, number, 1.0, 0.5 * number, Constraints(), parts=parts)


def line(rows: list[tuple[int, int, int]]) -> Notes:
    """One note after the other, from gaps, lengths (in sixteenths) and pitches, inside the span."""
    notes, at = [], SPAN[0]
    for gap, length, pitch in rows:
        start, at = at + 120 * gap, at + 120 * (gap + length)
        if at <= SPAN[1]:
            notes.append(Note(start, pitch, 120 * length, 80))
    return Notes.of(notes)


LINES = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 24), st.integers(50, 80)), max_size=40).map(line)
SWIPES = st.lists(st.tuples(st.integers(10, 90), st.integers(1, 40), st.integers(1, 3)), max_size=8)


def test_a_swipe_gives_bars_to_another_take() -> None:
    comp = Comp.of(0, 4, 1).swiped(1, 2, 2).swiped(3, 9, 2)
    assert comp.pieces == (Piece(0, 1, 1), Piece(1, 2, 2), Piece(2, 3, 1), Piece(3, 4, 2))
    assert comp.swiped(2, 3, 2).pieces == (Piece(0, 1, 1), Piece(1, 4, 2))
    assert comp.takes == (1, 2)
    assert comp.swiped(0, 4, 3) == Comp.of(0, 4, 3)
    assert comp.swiped(7, 9, 3) == comp
    assert comp.without(2, 1) == Comp.of(0, 4, 1)


@given(st.lists(LINES, min_size=3, max_size=3), SWIPES)
def test_no_note_of_a_mix_is_cut_doubled_or_lost(lines: list[Notes], swipes: list[tuple[int, int, int]]) -> None:
    takes = {number: take(number, notes) for number, notes in enumerate(lines, 1)}
    comp = Comp.of(*SPAN, 1)
    for at, length, number in swipes:
        comp = comp.swiped(120 * at, 120 * (at + length), number)
    mix = mix_of(comp, takes, song_of(*phrase(60, 62)))
    bounds = [SPAN[0], *(join.tick for join in mix.joins), SPAN[1]]
    assert bounds == sorted(bounds)
    wanted = [
        note
        for piece, (start, stop) in zip(comp.pieces, pairwise(bounds), strict=True)
        for note in takes[piece.take].notes
        if start <= note.start_tick < stop
    ]
    assert list(mix.take.notes) == sorted(wanted)
    starts, ends = mix.take.notes.start_tick, mix.take.notes.end_tick
    assert np.all(starts[1:] >= ends[:-1])


@given(LINES, SWIPES)
def test_a_mix_of_equal_takes_is_the_take(notes: Notes, swipes: list[tuple[int, int, int]]) -> None:
    takes = {number: take(number, notes) for number in (1, 2, 3)}
    comp = Comp.of(*SPAN, 1)
    for at, length, number in swipes:
        comp = comp.swiped(120 * at, 120 * (at + length), number)
    assert mix_of(comp, takes, Song()).take.notes == notes


def test_a_held_note_moves_the_join_to_where_it_ends() -> None:
    held = Notes.of([Note(BAR, 60, BAR + 480, 80)])
    steps = phrase(*range(70, 86), step_ticks=480, from_tick=BAR)
    mix = mix_of(Comp.of(*SPAN, 1).swiped(2 * BAR, SPAN[1], 2), {1: take(1, held), 2: take(2, steps)}, Song())
    assert [join.tick for join in mix.joins] == [2 * BAR + 480]
    assert mix.take.notes[0] == held[0]
    assert mix.take.notes[1].start_tick == 2 * BAR + 480
    assert (mix.take.number, mix.joins[0].leap_semitones, mix.joins[0].is_rough) == (MIX, 15, True)


def test_a_first_note_that_rubs_against_the_chord_is_marked() -> None:
    chord = Track("Chords", Notes.of([Note(0, 60, 8 * BAR, 60)]))
    one, other = phrase(67, 67, step_ticks=BAR, from_tick=BAR), phrase(72, 72, 73, 72, step_ticks=BAR, from_tick=BAR)
    song = Song(tracks=(Track("Melody"), chord))
    takes = {1: take(1, one), 2: take(2, other)}
    assert mix_of(Comp.of(*SPAN, 1).swiped(3 * BAR, SPAN[1], 2), takes, song).joins[0].clashes
    assert not mix_of(Comp.of(*SPAN, 1).swiped(2 * BAR, SPAN[1], 2), takes, song).joins[0].clashes


def test_each_part_of_an_arrangement_joins_where_none_of_its_own_notes_is_held() -> None:
    own = phrase(*[72] * 8, step_ticks=960, from_tick=BAR)
    one, other = (Notes.of([Note(BAR, 40 + n, 3 * BAR, 70), Note(4 * BAR, 45 + n, BAR, 70)]) for n in (0, 1))
    takes = {1: take(1, own, Part(1, one)), 2: take(2, own, Part(1, other))}
    mix = mix_of(Comp.of(*SPAN, 1).swiped(3 * BAR, SPAN[1], 2), takes, Song(tracks=(Track(), Track("Bass"))))
    assert list(mix.take.parts[0].notes) == [one[0], other[1]]
    assert mix.take.notes == own


def test_how_new_a_mix_is_counts_by_the_length_of_its_pieces() -> None:
    takes = {number: take(number, phrase(60, from_tick=BAR)) for number in (1, 2)}
    assert mix_of(Comp.of(*SPAN, 1).swiped(2 * BAR, SPAN[1], 2), takes, Song()).take.originality == 0.25 * 0.5 + 0.75
