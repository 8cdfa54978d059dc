"""Copied notes as a value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from builders import note_columns, phrase, song_of
from musicassist.score.meant_times import MeantTimes
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import MeterChange, tempo_change
from musicassist.session.clipboard import Clipboard


@given(note_columns(), st.integers(0, 8), st.sampled_from([24, 96, 480, 960]))
def test_pasted_where_they_were_copied_the_notes_are_the_same(notes: Notes, beats: int, ticks_per_beat: int) -> None:
    assume(len(notes) > 0)
    song = Song(tracks=(Track(notes=notes),), ticks_per_beat=ticks_per_beat)
    clipboard = Clipboard.of(song, 0, np.ones(len(notes), dtype=np.bool_))
    first_beat = int(MeantTimes.of(notes, song.time_map).start_tick.min()) // ticks_per_beat
    assert clipboard.notes_at(first_beat * ticks_per_beat, ticks_per_beat) == notes
    later = clipboard.notes_at((first_beat + beats) * ticks_per_beat, ticks_per_beat)
    assert (later.start_tick - notes.start_tick).tolist() == [beats * ticks_per_beat] * len(notes)


def test_another_division_keeps_the_beats() -> None:
    clipboard = Clipboard.of(song_of(Note(720, 60, 240), Note(960, 62, 480)), 0, np.ones(2, dtype=np.bool_))
    assert list(clipboard.notes_at(0, 96)) == [Note(48, 60, 48), Note(96, 62, 96)]


def test_the_shortest_note_stays_a_note() -> None:
    clipboard = Clipboard.of(song_of(Note(0, 60, 1)), 0, np.ones(1, dtype=np.bool_))
    assert list(clipboard.notes_at(10, 24)) == [Note(10, 60, 1)]


@pytest.mark.parametrize("early_ticks", [-30, -5, 0, 10, 35])
def test_an_early_downbeat_is_pasted_as_early_before_the_bar_line_that_it_is_meant_for(early_ticks: int) -> None:
    notes = Notes.of(Note(max(0, i * 480 - early_ticks * (i % 4 == 0)), 60 + i % 5, 440) for i in range(16))
    song = Song((Track(notes=notes),), tempo_changes=(tempo_change(0, 100),))
    clipboard = Clipboard.of(song, 0, np.isin(np.arange(16), [8, 9, 10, 11]))
    pasted = clipboard.notes_at(5 * 1920, 480)
    assert pasted.start_tick.tolist() == [5 * 1920 - early_ticks, *(5 * 1920 + 480 * k for k in (1, 2, 3))]
    assert int(clipboard.notes_at(0, 480).start_tick[0]) == max(0, -early_ticks)


def test_a_bar_of_an_odd_meter_is_pasted_on_the_bar_line() -> None:
    song = Song((Track(notes=phrase(*range(60, 74), step_ticks=240)),), meter_changes=(MeterChange(0, 7, 8),))
    clipboard = Clipboard.of(song, 0, np.arange(14) >= 7)  # its second bar
    assert int(clipboard.notes_at(3 * 1680, 480).start_tick[0]) == 3 * 1680
