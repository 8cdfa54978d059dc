"""Any file that holds a song, opened for work or only looked at."""

from __future__ import annotations

from pathlib import Path

from builders import phrase
from musicassist.disk import is_held
from musicassist.document.entry import Entry
from musicassist.document.opening import open_file, read_file, read_file_in_child
from musicassist.document.project_file import begin_project
from musicassist.midi import save_song
from musicassist.score.song import Song, Track

SONG = Song((Track("A", phrase(60, 62)), Track("B", phrase(64))))


def test_a_project_and_a_midi_file_give_the_same_song(tmp_path: Path) -> None:
    midi, project = tmp_path / "a.mid", tmp_path / "b.musicassist"
    save_song(SONG, midi)
    begin_project(project, Entry(SONG, None, 1)).close()
    for read in (read_file, read_file_in_child):
        assert [[*track.notes] for track in read(midi).song.tracks] == [[*track.notes] for track in SONG.tracks]
        assert read(project).song == SONG
        assert read(project).first_track == 1


def test_only_a_project_that_is_opened_for_work_is_held(tmp_path: Path) -> None:
    project = tmp_path / "b.musicassist"
    begin_project(project, Entry(SONG, None, 1)).close()
    read_file_in_child(project)
    assert not is_held(project)
    opened = open_file(project)
    assert opened.project is not None and opened.mark is None and is_held(project)
    opened.leave()
    assert not is_held(project)
    save_song(SONG, tmp_path / "a.mid")
    plain = open_file(tmp_path / "a.mid")
    assert plain.project is None and plain.mark is not None
