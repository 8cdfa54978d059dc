"""Notes, tracks and songs as values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import note_columns, phrase, single_notes
from musicassist.score.song import Note, Notes, Song, Track


@given(st.lists(single_notes(), max_size=30))
def test_columns_hold_the_notes_in_order(notes: list[Note]) -> None:
    columns = Notes.of(notes)
    assert sorted(columns) == sorted(notes)
    assert [(n.start_tick, n.pitch) for n in columns] == sorted((n.start_tick, n.pitch) for n in notes)
    assert columns.end_tick.tolist() == [n.end_tick for n in columns]


@given(note_columns(), note_columns())
def test_adding_notes_loses_none(a: Notes, b: Notes) -> None:
    assert sorted(a.plus(b)) == sorted([*a, *b])


@given(note_columns(), st.data())
def test_a_mask_and_its_opposite_make_the_whole(notes: Notes, data: st.DataObject) -> None:
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(notes), max_size=len(notes))), dtype=np.bool_)
    assert sorted(notes.where(mask).plus(notes.where(~mask))) == sorted(notes)


@given(note_columns(), st.integers(0, 4000), st.integers(0, 4000))
def test_starting_between_is_half_open(notes: Notes, a: int, b: int) -> None:
    assert notes.starting_between(a, b).tolist() == [a <= n.start_tick < b for n in notes]


@given(note_columns(), st.integers(0, 5000), st.integers(0, 5000))
def test_what_stays_when_a_span_is_cleared_is_silent_in_it(notes: Notes, a: int, length: int) -> None:
    kept = notes.without_span(a, a + length)
    assert list(kept.pitch) == [n.pitch for n in notes if not a <= n.start_tick < a + length]
    if length:
        assert all(n.end_tick <= a or n.start_tick >= a + length for n in kept)
    assert all(n.duration_ticks >= 1 for n in kept)


def test_columns_cannot_be_changed() -> None:
    notes = phrase(60, 62)
    for column in (notes.start_tick, notes.pitch, notes.duration_ticks, notes.velocity, notes.end_tick):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1


def test_columns_are_copies() -> None:
    start = np.array([0, 10])
    notes = Notes.from_columns(start, start, start + 1, start + 1)
    start[0] = 99
    assert notes.start_tick.tolist() == [0, 10]


def test_equal_music_is_equal() -> None:
    assert phrase(60, 62) == phrase(60, 62)
    assert phrase(60, 62) != phrase(60, 63)
    assert phrase(60) != phrase(60, 62)
    assert Song(tracks=(Track(notes=phrase(60)),)) == Song(tracks=(Track(notes=phrase(60)),))
    assert (phrase(60) == 7) is False


@given(note_columns(), note_columns())
def test_notes_are_among_others_that_hold_equal_ones(notes: Notes, more: Notes) -> None:
    others = notes.where(notes.pitch > 60).plus(more)
    held = list(others)
    assert notes.among(others).tolist() == [note in held for note in notes]


def test_a_song_ends_with_its_last_note() -> None:
    song = Song(tracks=(Track(notes=phrase(60, 62)), Track(), Track(notes=Notes.of([Note(0, 40, 5000)]))))
    assert (song.end_tick, song.note_count) == (5000, 3)
    assert Song().end_tick == 0
    changed = song.with_track(1, Track("Bass"))
    assert [track.name for track in changed.tracks] == ["", "Bass", ""]
    assert changed.tracks[2] is song.tracks[2]


def test_channel_ten_is_drums() -> None:
    assert Track(channel=9).is_drums
    assert not Track(channel=0).is_drums
