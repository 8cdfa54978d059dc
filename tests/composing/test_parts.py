"""Which tracks a request writes, and where they are gone on from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ensemble_songs import BAR, band
from musicassist.composing.parts import Written, is_polyphonic, without_span, written_by
from musicassist.composing.request import GenerationRequest
from musicassist.composing.span import span_of
from musicassist.errors import SeedError
from musicassist.score.song import Note, Notes, Song

SONG = band()
REQUEST = GenerationRequest("continue", SONG, bars=4, model="parts", all_parts=True)


def with_notes(song: Song, index: int, notes: Notes) -> Song:
    return song.with_track(index, replace(song.tracks[index], notes=notes))


def test_all_parts_are_those_that_play_at_the_seam() -> None:
    assert written_by(REQUEST) == Written((0, 1, 2), (3,))
    early = with_notes(SONG, 1, SONG.tracks[1].notes.where(SONG.tracks[1].notes.start_tick < BAR))
    assert written_by(replace(REQUEST, song=early)) == Written((0, 2), (3,))


def test_a_track_that_plays_on_is_heard_as_it_is() -> None:
    longer = with_notes(SONG, 1, band(8).tracks[1].notes)
    request = replace(REQUEST, song=longer)
    assert written_by(request) == Written((0, 2), (3,))
    assert written_by(replace(request, at_tick=2 * BAR)) == Written((0, 1, 2), (3,))


def test_chosen_tracks_are_written_with_the_edited_one() -> None:
    assert written_by(replace(REQUEST, all_parts=False, parts=(2, 0))).tracks == (0, 2)
    assert written_by(replace(REQUEST, all_parts=False)).tracks == (0,)
    with pytest.raises(SeedError, match="gone"):
        written_by(replace(REQUEST, parts=(9,)))
    with pytest.raises(SeedError, match="Drums"):
        written_by(replace(REQUEST, track_index=3))


def test_several_tracks_go_on_where_the_last_of_them_ends() -> None:
    shorter = with_notes(SONG, 0, SONG.tracks[0].notes.where(SONG.tracks[0].notes.start_tick < 3 * BAR + 960))
    span = span_of(replace(REQUEST, song=shorter))
    assert (span.from_tick, span.to_tick) == (4 * BAR, 8 * BAR)
    alone = span_of(replace(REQUEST, song=shorter, all_parts=False))
    assert alone.from_tick == 3 * BAR + 960


def test_bars_of_an_empty_track_can_be_filled_beside_others() -> None:
    empty = with_notes(SONG, 2, Notes.of())
    request = replace(REQUEST, kind="infill", song=empty, track_index=2, to_tick=2 * BAR, all_parts=False, parts=(2,))
    assert span_of(request).to_tick == 2 * BAR
    with pytest.raises(SeedError, match="no notes around"):
        span_of(replace(request, parts=()))
    with pytest.raises(SeedError, match="not varied"):
        span_of(replace(request, kind="vary"))


def test_chords_and_hands_are_told_from_lines() -> None:
    assert [is_polyphonic(track.notes) for track in SONG.tracks] == [False, True, False, False]
    slurred = Notes.of(Note(beat * 480, 60 + beat, 500) for beat in range(8))
    assert not is_polyphonic(slurred)
    held = Notes.of([*(Note(bar * BAR, 40, BAR) for bar in range(4)), *(Note(b * 480, 70, 480) for b in range(16))])
    assert is_polyphonic(held)
    assert not is_polyphonic(Notes.of())


def test_a_span_is_cleared_in_the_written_tracks_alone() -> None:
    bare = without_span(SONG, (0, 2), BAR, 2 * BAR)
    assert len(bare.tracks[0].notes) == len(SONG.tracks[0].notes) - 4
    assert bare.tracks[1] is SONG.tracks[1]
