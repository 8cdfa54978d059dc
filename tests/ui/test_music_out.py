"""Takes, phrases and tracks leave the window as MIDI files: by the mouse, by the clipboard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDrag, QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicassist.midi import read_song_bytes
from musicassist.score.song import Song
from musicassist.ui.music_out import MIDI_KINDS, MusicOut, file_name
from window_doubles import Stage
from window_hands import CTRL, drag_by, offer_takes, press


@pytest.fixture
def dragged(monkeypatch: pytest.MonkeyPatch) -> list[QMimeData]:
    """What drags carried, as the program they go to sees it."""
    carried: list[QMimeData] = []

    def take(drag: QDrag, _actions: object) -> Qt.DropAction:
        copy = QMimeData()
        copy.setUrls(drag.mimeData().urls())
        for kind in drag.mimeData().formats():
            copy.setData(kind, drag.mimeData().data(kind))
        carried.append(copy)
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", take)
    monkeypatch.setattr(MusicOut, "is_held", lambda _out: True)
    return carried


def music_of(data: QMimeData) -> tuple[str, Song]:
    """The file's name and what it holds, which is the same as the music itself."""
    (url,) = data.urls()
    path = Path(url.toLocalFile())
    for kind in MIDI_KINDS:
        assert bytes(data.data(kind).data()) == path.read_bytes()
    return path.name, read_song_bytes(path.read_bytes(), path.name).song


def select(stage: Stage, *rows: int) -> None:
    stage.document.select(np.isin(np.arange(len(stage.document.track.notes)), rows))


def test_a_track_is_dragged_out_by_its_row(stage: Stage, qtbot: QtBot, dragged: list[QMimeData]) -> None:
    drag_by(stage.window.track_list.rows[1], 40)
    qtbot.waitUntil(lambda: len(dragged) == 1)
    name, song = music_of(dragged[0])
    assert name == "Untitled - Bass.mid"
    (bass,) = (track for track in song.tracks if len(track.notes))
    assert (bass.name, bass.program, bass.notes.pitch.tolist()) == ("Bass", 32, [38, 45])
    assert song.time_map.tempo_bpm_at(0) == pytest.approx(112, abs=0.01)
    assert stage.document.selected_track == 1


def test_a_phrase_is_dragged_out_by_its_grip(stage: Stage, qtbot: QtBot, dragged: list[QMimeData]) -> None:
    grip = stage.window.phrase_grip
    select(stage)
    assert grip.isHidden()
    select(stage, 1, 2)
    assert grip.isVisible()
    before = stage.document.song
    drag_by(grip, 40)
    qtbot.waitUntil(lambda: len(dragged) == 1)
    name, song = music_of(dragged[0])
    assert name == "Untitled - phrase.mid"
    assert song.tracks[0].notes.pitch.tolist() == [66, 69]
    assert stage.document.song is before


def test_a_take_is_dragged_out_by_its_row(stage: Stage, qtbot: QtBot, dragged: list[QMimeData]) -> None:
    offer_takes(stage, qtbot)
    drag_by(stage.window.takes_panel.rows[1], 40)
    qtbot.waitUntil(lambda: len(dragged) == 1)
    name, song = music_of(dragged[0])
    take = stage.session.takes.offer[1]
    assert name == "Untitled - take 2.mid"
    assert song.tracks[0].notes.pitch.tolist() == take.notes.pitch.tolist()
    assert (song.tracks[0].name, song.tracks[0].program) == ("Melody", 73)
    assert song.time_map.tempo_bpm_at(0) == pytest.approx(112, abs=0.01)
    assert stage.session.takes.phase == "offered"


def test_a_drag_that_is_over_before_the_file_is_there_carries_nothing(
    stage: Stage, qtbot: QtBot, dragged: list[QMimeData], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MusicOut, "is_held", lambda _out: False)
    drag_by(stage.window.track_list.rows[0], 40)
    qtbot.waitUntil(lambda: not stage.window.tasks.is_busy)
    assert dragged == []


def test_a_click_is_no_drag(stage: Stage, qtbot: QtBot, dragged: list[QMimeData]) -> None:
    QTest.mouseClick(stage.window.track_list.rows[1], Qt.MouseButton.LeftButton, pos=QPoint(6, 6))
    qtbot.waitUntil(lambda: not stage.window.tasks.is_busy)
    assert dragged == []


def test_what_is_copied_is_a_midi_file_for_other_programs(stage: Stage, qtbot: QtBot) -> None:
    select(stage, 0, 3)
    press(stage, Qt.Key.Key_C, CTRL)
    qtbot.waitUntil(lambda: not stage.window.files.outgoing.is_copying)
    name, song = music_of(QGuiApplication.clipboard().mimeData())
    assert name == "Untitled - phrase.mid"
    assert song.tracks[0].notes.pitch.tolist() == [62, 71]


def test_the_command_copies_the_take_the_phrase_or_the_track(stage: Stage, qtbot: QtBot) -> None:
    out, run = stage.window.files.outgoing, stage.window.actions_table.run

    def copied() -> tuple[str, Song]:
        run("file.copy_midi")
        qtbot.waitUntil(lambda: not out.is_copying)
        return music_of(QGuiApplication.clipboard().mimeData())

    select(stage)
    assert copied()[0] == "Untitled - Melody.mid"
    select(stage, 1)
    assert copied()[0] == "Untitled - phrase.mid"
    assert stage.window.strip.message == "Untitled - phrase.mid is on the clipboard."
    offer_takes(stage, qtbot)
    assert copied()[0] == "Untitled - take 1.mid"


def test_the_files_are_private_and_go_with_the_window(stage: Stage, qtbot: QtBot) -> None:
    stage.window.actions_table.run("file.copy_midi")
    qtbot.waitUntil(lambda: not stage.window.files.outgoing.is_copying)
    path = Path(QGuiApplication.clipboard().mimeData().urls()[0].toLocalFile())
    assert path.exists() and path.parent.parent.stat().st_mode & 0o077 == 0
    stage.window.shut_down(keep_recovery=False)
    assert not path.parent.parent.exists()


WORDS = st.text(st.sampled_from('aZé9/\\:*?"<>|. \n\0\u202e\ud800漢😀'), max_size=90)


@given(WORDS, WORDS)
def test_any_names_make_a_name_of_a_file(song: str, track: str) -> None:
    name = file_name(song, track)
    assert name.endswith(".mid") and 4 < len(name) <= 64
    assert not set(name) & set('/\\:*?"<>|\n\0')
    assert not name.startswith(".")
    assert name.encode()
