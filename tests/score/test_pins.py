"""Pins of notes: a column like the others, and what may stand beside pinned notes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from builders import note_columns
from musicassist.score.pins import sounding_with, with_pins
from musicassist.score.song import NOTE_COLUMNS, Note, Notes, Song, Track
from musicassist.score.song_bytes import notes_of, pack_changes, pack_notes, with_changes


@st.composite
def pinned_columns(draw: st.DrawFn) -> Notes:
    notes = draw(note_columns(most=8))
    mask = draw(st.lists(st.booleans(), min_size=len(notes), max_size=len(notes)))
    return notes.with_pins(np.array(mask, dtype=np.bool_))


def song(notes: Notes) -> Song:
    return Song((Track(notes=notes),))


@given(pinned_columns(), pinned_columns())
def test_what_sounds_with_another_of_its_pitch_is_told_as_by_looking_at_each_pair(one: Notes, other: Notes) -> None:
    def clash(a: Note, b: Note) -> bool:
        return a.pitch == b.pitch and a.start_tick < b.end_tick and b.start_tick < a.end_tick

    assert sounding_with(one, other).tolist() == [any(clash(a, b) for b in other) for a in one]
    assert all(note in with_pins(one, other) for note in other)


@given(pinned_columns(), pinned_columns())
def test_pins_go_through_bytes_copies_and_selections(before: Notes, after: Notes) -> None:
    assert with_changes(song(before), pack_changes(song(before), song(after))) == song(after)
    assert notes_of(pack_notes(after)) == after
    assert list(before.plus(after)) == sorted([*before, *after], key=lambda note: (note.start_tick, note.pitch))
    assert list(after.where(after.pinned)) == [note for note in after if note.is_pinned]
    assert Notes.of(after) == after
    assert after.has_pins == any(note.is_pinned for note in after)


@given(note_columns(most=8))
def test_notes_without_pins_are_written_as_before_there_were_any(notes: Notes) -> None:
    data = pack_notes(notes)
    assert data[0] == len(NOTE_COLUMNS) - 1 and notes_of(data) == notes and not notes_of(data).has_pins
    pinned = song(notes.with_pins(np.ones(len(notes), dtype=np.bool_)))
    assert not with_changes(pinned, pack_changes(pinned, song(notes))).tracks[0].notes.has_pins


def test_a_pin_is_a_difference_and_none_costs_no_memory() -> None:
    notes = Notes.of([Note(0, 60, 480), Note(480, 62, 480)])
    pinned = notes.with_pins(np.array([True, False]))
    assert pinned != notes and pinned[0] == Note(0, 60, 480, is_pinned=1) and pinned[1] == notes[1]
    assert notes.is_pinned.strides == notes.where(np.array([True, True])).is_pinned.strides == (0,)
    assert pinned.with_pins(np.zeros(2, dtype=np.bool_)) == notes
