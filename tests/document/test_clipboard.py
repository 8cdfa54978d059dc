"""Copied notes as a value."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from builders import note_columns, song_of
from musicassist.document.clipboard import Clipboard
from musicassist.score.song import Note, Notes, Song, Track


@given(note_columns(), st.integers(0, 8), st.sampled_from([24, 96, 480, 960]))
def test_pasted_where_they_were_copied_the_notes_are_the_same(notes: Notes, beats: int, ticks_per_beat: int) -> None:
    assume(len(notes) > 0)
    song = Song(tracks=(Track(notes=notes),), ticks_per_beat=ticks_per_beat)
    clipboard = Clipboard.of(song, 0, np.ones(len(notes), dtype=np.bool_))
    first_beat = int(notes.start_tick[0]) // ticks_per_beat
    assert clipboard.notes_at(first_beat * ticks_per_beat, ticks_per_beat) == notes
    later = clipboard.notes_at((first_beat + beats) * ticks_per_beat, ticks_per_beat)
    assert (later.start_tick - notes.start_tick).tolist() == [beats * ticks_per_beat] * len(notes)


def test_another_division_keeps_the_beats() -> None:
    clipboard = Clipboard.of(song_of(Note(720, 60, 240), Note(960, 62, 480)), 0, np.ones(2, dtype=np.bool_))
    assert list(clipboard.notes_at(0, 96)) == [Note(48, 60, 48), Note(96, 62, 96)]


def test_the_shortest_note_stays_a_note() -> None:
    clipboard = Clipboard.of(song_of(Note(0, 60, 1)), 0, np.ones(1, dtype=np.bool_))
    assert list(clipboard.notes_at(10, 24)) == [Note(10, 60, 1)]
