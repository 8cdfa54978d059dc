"""What stands behind the notes of a track: the other ones, drawn once."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from lab.window.edit_bench import wide_song
from musicassist.midi import ImportedSong
from musicassist.score.song import Notes, Song, Track
from musicassist.ui.piano_roll.scene import COLORS, backdrop_of
from musicassist.ui.theme import TRACK_HUES
from window_doubles import Stage


def test_a_backdrop_has_as_many_colours_as_the_theme() -> None:
    assert len(TRACK_HUES) == COLORS


def test_a_backdrop_is_the_same_until_one_of_its_own_tracks_is_another() -> None:
    song = wide_song(40)
    first = backdrop_of(song, 3)
    edited = song.with_track(3, Track("Part 4", Notes.of()))
    assert backdrop_of(edited, 3, first) is first
    assert backdrop_of(song.with_track(3, song.tracks[3]), 3, first) is first
    other = song.with_track(7, Track("Part 8", Notes.of()))
    assert backdrop_of(other, 3, first) is not first
    assert backdrop_of(song, 4, first) is not first


def test_only_colours_whose_tracks_are_others_are_gathered_anew() -> None:
    song = wide_song(40)
    first = backdrop_of(song, 3)
    edited = song.with_track(7, Track("Part 8", song.tracks[8].notes))
    now, fresh = backdrop_of(edited, 4, first), backdrop_of(edited, 4)
    assert [(color, index.notes) for color, index in now.layers] == [(c, index.notes) for c, index in fresh.layers]
    assert {color for color, index in now.layers if index is not dict(first.layers).get(color)} == {3, 4, 7}


def test_a_backdrop_holds_each_note_of_the_others_once_and_no_drums() -> None:
    tracks = (*wide_song(30).tracks, Track("Drums", wide_song(1).tracks[0].notes, 9))
    layers = backdrop_of(Song(tracks), 2).layers
    assert sum(len(index.notes) for _, index in layers) == 29 * 64
    assert len({color for color, _ in layers}) == len(layers) <= COLORS


def test_a_hundred_tracks_upon_each_other_are_no_stronger_than_one(stage: Stage) -> None:
    """The notes of the edited track stay the strongest, however many play the same."""
    view = stage.window.roll.view
    pictures = []
    notes = wide_song(1).tracks[0].notes
    for count in (2, 100):  # the first of them is the edited one
        behind = tuple(Track(f"{n}", notes, 0) for n in range(0, 12 * count, 12))
        spaced = [Track("", Notes.of())] * (12 * count)
        for number, track in zip(range(11, 12 * count, 12), behind, strict=True):
            spaced[number] = track
        stage.session.open(ImportedSong(Song(tuple(spaced)), (), 1, 6), None)
        stage.window.roll.set_key(None)
        QApplication.processEvents()
        pictures.append(view.grab().toImage())
    assert pictures[0] == pictures[1]
