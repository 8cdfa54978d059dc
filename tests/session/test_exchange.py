"""Music out of a session and into it, without a window: one step each, nothing else changed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from builders import phrase
from musicassist.document.document import Document
from musicassist.errors import MusicAssistError
from musicassist.midi import ImportedSong
from musicassist.score.song import Song, Track
from musicassist.session.commands import NoteCommands
from musicassist.session.exchange import Exchange
from musicassist.session.offers import Offer
from musicassist.session.takes import Takes


class NoTakes:
    """Nothing is on offer."""

    request, track_index, current = None, None, Offer()


def desk() -> tuple[Document, Exchange]:
    document = Document()
    document.replace_song(Song((Track("Tune", phrase(60, 62, 64, 65, step_ticks=480)),)), None)
    takes: Takes = NoTakes()  # type: ignore[assignment]
    return document, Exchange(document, NoteCommands(document), takes)


OTHER = Song((Track("Bass", phrase(40, 41)), Track("Lead", phrase(70, 72, step_ticks=480))))


def test_the_phrase_is_what_is_selected_and_a_track_is_whole() -> None:
    document, exchange = desk()
    document.select(np.zeros(4, dtype=np.bool_))
    assert exchange.phrase() is None
    document.select(np.array([False, True, True, False]))
    piece = exchange.phrase()
    assert piece is not None
    document.select(np.zeros(4, dtype=np.bool_))  # it is what was selected when it was asked for
    assert piece().tracks[0].notes.pitch.tolist() == [62, 64]
    assert exchange.track(0)().note_count == 4
    assert exchange.take(1) is None


def test_tracks_are_added_in_one_step_and_the_first_is_edited_then() -> None:
    document, exchange = desk()
    before = document.song
    assert exchange.add_tracks(exchange.joining()(ImportedSong(OTHER, (), 1, 4))) == 2
    assert [track.name for track in document.song.tracks] == ["Tune", "Bass", "Lead"]
    assert (document.selected_track, document.undo_name) == (1, "Add tracks of a file")
    document.undo()
    assert document.song is before


def test_tracks_that_were_joined_with_a_song_that_was_edited_since_lose_no_edit() -> None:
    document, exchange = desk()
    joined = exchange.joining()(ImportedSong(OTHER, (), 1, 4))
    document.select(np.array([True, False, False, False]))
    NoteCommands(document).transpose(2)
    assert exchange.add_tracks(joined) == 2
    assert document.song.tracks[0].notes.pitch.tolist() == [62, 62, 64, 65]
    assert len(document.song.tracks) == 3


def test_the_melody_is_put_into_the_track_and_the_rest_is_counted() -> None:
    document, exchange = desk()
    assert exchange.put(ImportedSong(OTHER, (), 1, 4, first_track=1), 1920.0) == 1
    notes = document.track.notes
    assert notes.pitch.tolist() == [60, 62, 64, 65, 70, 72]
    assert notes.start_tick.tolist()[-2:] == [1920, 2400]
    assert document.selection.tolist() == [False] * 4 + [True] * 2
    document.undo()
    assert len(document.track.notes) == 4


def test_a_file_without_notes_changes_nothing_and_is_told() -> None:
    document, exchange = desk()
    before = document.song
    acts: tuple[Callable[[ImportedSong], object], ...] = (exchange.joining(), lambda file: exchange.put(file, 0.0))
    for act in acts:
        with pytest.raises(MusicAssistError, match="no notes"):
            act(ImportedSong(Song((Track("Empty"),)), (), 1, 0))
    assert document.song is before
