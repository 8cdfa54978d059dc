"""The tracks on the left."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from builders import phrase
from musicassist.document.song_edits import write_chord
from musicassist.midi import ImportedSong
from musicassist.score.song import Song, Track
from musicassist.score.theory import parse_chord
from window_doubles import Stage


def test_a_track_is_chosen_renamed_and_muted_in_the_list(stage: Stage) -> None:
    rows = stage.window.track_list.rows
    QTest.mouseClick(rows[1], Qt.MouseButton.LeftButton, pos=QPoint(60, 30))
    assert stage.document.selected_track == 1
    rows[1].start_renaming()
    QTest.keyClicks(rows[1].editor, "Low")
    QTest.keyClick(rows[1].editor, Qt.Key.Key_Return)
    assert stage.document.song.tracks[1].name.endswith("Low")
    rows[1].mute.click()
    assert stage.document.song.tracks[1].muted


def test_the_tracks_unfold_to_be_renamed(stage: Stage) -> None:
    stage.window.actions_table.run("view.tracks_panel")
    stage.window.actions_table.run("view.rename_track")
    assert stage.window.track_list.isVisible()
    assert stage.window.actions_table["view.tracks_panel"].isChecked()


def test_a_track_that_only_names_chords_is_no_part(stage: Stage) -> None:
    tracks, document = stage.window.track_list, stage.document
    document.apply("Write chord", write_chord(document.song, 0, 1920, parse_chord("Am7")))
    assert [track.name for track in document.song.tracks] == ["Melody", "Bass", "CHORDS"]
    assert [row.index for row in tracks.rows] == [0, 1]
    stage.session.tracks.add()
    assert [row.index for row in tracks.rows] == [0, 1, 3]
    assert tracks.rows[2].y() - tracks.rows[1].y() == tracks.rows[1].y() - tracks.rows[0].y()
    stage.session.tracks.select_previous()
    assert document.track.name == "Bass"
    stage.session.tracks.select_next()
    assert document.selected_track == 3
    stage.session.tracks.remove(3)
    assert document.track.name == "Bass"  # not the chords, which stand next to it
    notes = document.song.tracks[2].with_notes(phrase(60))
    document.apply("Add notes", document.song.with_track(2, notes))
    assert [row.index for row in tracks.rows] == [0, 1, 2]


def test_a_song_never_opens_on_its_chords(stage: Stage) -> None:
    written = write_chord(Song((Track(),)), 0, 1920, parse_chord("Am7"))
    song = Song((written.tracks[1], Track("Melody")))
    stage.session.open(ImportedSong(song, (), 0, 0), None)
    assert stage.document.track.name == "Melody"
    assert [row.index for row in stage.window.track_list.rows] == [1]
