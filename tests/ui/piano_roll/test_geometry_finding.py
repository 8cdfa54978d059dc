"""Notes are found as a slow search would find them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from builders import note_columns
from musicassist.score.song import Note, Notes
from musicassist.ui.piano_roll.geometry import NoteIndex


def index_of(*notes: Note, selected: tuple[int, ...] = ()) -> NoteIndex:
    columns = Notes.of(notes)
    mask = np.zeros(len(columns), dtype=bool)
    mask[list(selected)] = True
    return NoteIndex(columns, mask)


@given(note_columns(), st.integers(0, 5000), st.integers(1, 3000), st.integers(0, 127), st.integers(0, 60))
def test_a_box_holds_what_sounds_in_it(notes: Notes, from_tick: int, length: int, low: int, rows: int) -> None:
    index = NoteIndex(notes, np.zeros(len(notes), dtype=bool))
    found = index.rows_in_box(from_tick, from_tick + length, low, low + rows).tolist()
    slow = [
        row
        for row, note in enumerate(notes)
        if note.start_tick < from_tick + length and note.end_tick > from_tick and low <= note.pitch <= low + rows
    ]
    assert found == slow
    assert np.flatnonzero(index.mask_in_box(from_tick, from_tick + length, low, low + rows)).tolist() == slow


def test_a_long_note_that_began_before_the_view_is_still_in_it() -> None:
    index = index_of(Note(0, 60, 10_000), *(Note(i * 100, 70, 50) for i in range(50)))
    assert 0 in index.rows_between(9_000, 9_500).tolist()


def test_an_empty_track_has_nothing_to_find() -> None:
    index = index_of()
    assert len(index.rows_between(0, 1000)) == 0
    assert index.at(0, 60, 0.1) is None


def test_the_selected_note_lies_above() -> None:
    notes = Note(0, 60, 480), Note(100, 60, 480)
    assert index_of(*notes).at(200, 60, 0.2).row == 1
    assert index_of(*notes, selected=(0,)).at(200, 60, 0.2).row == 0


def test_parts_of_a_note() -> None:
    index = index_of(Note(480, 60, 480))
    parts = [index.at(tick, 60, 0.2).part for tick in (482, 700, 958)]
    assert parts == ["start", "body", "end"]
    assert index.at(470, 60, 0.2) is None
    assert index.at(960, 60, 0.2) is None
    assert index.at(700, 61, 0.2) is None


def test_short_notes_can_be_moved_and_lengthened_and_hairs_caught() -> None:
    short = index_of(Note(0, 60, 40))  # 8 pixels
    assert short.at(5, 60, 0.2).part == "body"
    assert short.at(36, 60, 0.2).part == "end"
    hair = index_of(Note(480, 60, 1))
    assert hair.at(478, 60, 0.2).row == 0
