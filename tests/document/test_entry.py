"""An entry: what makes it another one, and what a stranger wrote into it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import phrase
from musicassist.document.document import Document
from musicassist.document.edits import insert_notes
from musicassist.document.entry import Entry, reaching, sound_entry
from musicassist.document.history import NO_UNDO
from musicassist.document.pages import NO_PAGES, Page
from musicassist.score.song import Note, Notes, Song, Track

SONG = Song((Track("A", phrase(60, 62)),))


def edited() -> Entry:
    document = Document(SONG)
    document.apply("Draw note", insert_notes(document.song, 0, Notes.of([Note(5000, 60, 5)])))
    document.keep_page("shelf/1", Page.of({}, (), (SONG,)))
    return Entry(document.song, None, 0, undo=document.undo_list, pages=document.pages)


@pytest.mark.parametrize(
    "change",
    [
        {"song": replace(SONG)},
        {"path": Path("/a")},
        {"selected_track": 1},
        {"is_unsaved": False},
        {"file_mark": "m"},
        {"selection": np.array([True, False, False])},
        {"undo": NO_UNDO},
        {"pages": NO_PAGES},
    ],
)
def test_whatever_changes_makes_another_entry_but_not_the_time(change: dict[str, object]) -> None:
    entry = edited()
    assert not replace(entry, **change).is_like(entry)  # type: ignore[arg-type]
    assert replace(entry, at_unix_seconds=5.0, selection=np.zeros(3, dtype=np.bool_)).is_like(entry)
    assert not entry.is_like(None)


def test_an_entry_that_is_sound_stays_the_very_songs_that_it_has() -> None:
    entry = edited()
    sound, was_mended = sound_entry(entry)
    assert not was_mended and sound.song is entry.song
    assert sound.undo.done[0].after.song is entry.song
    assert sound.pages["shelf/1"].songs[0] is SONG


def test_values_out_of_range_are_brought_back_in_the_past_too() -> None:
    entry = edited()
    zero = np.zeros(1, dtype=np.int64)
    bad = SONG.with_track(0, Track("A", Notes(zero - 5, zero + 300, zero, zero)))
    step = entry.undo.done[0]
    hostile = replace(entry.undo, done=(replace(step, before=replace(step.before, song=bad)),))
    sound, was_mended = sound_entry(replace(entry, undo=hostile))
    assert was_mended
    assert list(sound.undo.done[0].before.song.tracks[0].notes) == [Note(0, 127, 1, 1)]
    with pytest.raises(ValueError):
        sound_entry(replace(entry, song=Song((Track("A", channel=99),))))


def test_the_song_that_undo_reaches_needs_no_step_more() -> None:
    entry = edited()
    assert reaching(entry) is entry.undo
    assert reaching(replace(entry, song=replace(entry.song), undo=NO_UNDO)) is NO_UNDO
    (_, more) = reaching(replace(entry, song=SONG)).done
    assert more.name == "Record notes" and more.before.song is entry.song and more.after.song is SONG
