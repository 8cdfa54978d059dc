"""Files dropped on the window, and music that other programs copied: where the user wants it, in one step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from builders import phrase
from musicassist.midi import write_song
from musicassist.score.song import Song, Track
from window_doubles import Stage
from window_hands import CTRL, NONE, pitches, press

THEIRS = Song((Track("Theirs", phrase(70, 72, 74, step_ticks=480)), Track("Low", phrase(40, step_ticks=480))))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "theirs.mid"
    path.write_bytes(write_song(THEIRS))
    return path


def drop(stage: Stage, *paths: Path) -> QMenu:
    """The menu that opens where files are dropped."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(QPointF(600, 300), Qt.DropAction.CopyAction, data, Qt.MouseButton.NoButton, NONE)
    stage.window.dropEvent(event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose_by_keys(menu: QMenu, text: str) -> None:
    """Down until it is chosen, and Enter."""
    for _ in menu.actions():
        active = menu.activeAction()
        if active is not None and active.text() == text:
            break
        QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)


def test_a_dropped_file_asks_what_shall_become_of_it(stage: Stage, path: Path) -> None:
    before = stage.document.song
    menu = drop(stage, path)
    texts = [action.text() for action in menu.actions() if action.text()]
    uses = ["Open it", "Add its tracks", "Put it at the playhead", "Use it as the other phrase"]
    assert texts == ["theirs.mid", *uses]
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert stage.document.song is before and stage.document.path is None


def test_a_dropped_file_opens(stage: Stage, qtbot: QtBot, path: Path) -> None:
    choose_by_keys(drop(stage, path), "Open it")
    qtbot.waitUntil(lambda: stage.document.path == path)


def test_tracks_of_a_dropped_file_are_added(stage: Stage, qtbot: QtBot, path: Path) -> None:
    before = stage.document.song
    choose_by_keys(drop(stage, path), "Add its tracks")
    qtbot.waitUntil(lambda: len(stage.document.song.tracks) == 4)
    assert [track.name for track in stage.document.song.tracks] == ["Melody", "Bass", "Theirs", "Low"]
    assert "2 tracks of theirs.mid are in the song" in stage.window.strip.message
    stage.document.undo()
    assert stage.document.song is before


def test_tracks_of_several_dropped_files_are_added_a_step_for_each(
    stage: Stage, qtbot: QtBot, path: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.mid"
    other.write_bytes(write_song(Song((Track("Other", phrase(50)),))))
    choose_by_keys(drop(stage, path, other), "Add the tracks of 2 files")
    qtbot.waitUntil(lambda: len(stage.document.song.tracks) == 5)
    assert [track.name for track in stage.document.song.tracks[2:]] == ["Theirs", "Low", "Other"]
    stage.document.undo()
    assert len(stage.document.song.tracks) == 4


def test_a_dropped_file_is_put_at_the_playhead(stage: Stage, qtbot: QtBot, path: Path) -> None:
    stage.session.transport.put_playhead(1920)
    choose_by_keys(drop(stage, path), "Put it at the playhead")
    qtbot.waitUntil(lambda: len(pitches(stage)) == 7)
    assert pitches(stage) == [62, 66, 69, 71, 70, 72, 74]
    assert stage.document.track.notes.start_tick.tolist()[4:] == [1920, 2400, 2880]
    assert "Its other track was left out" in stage.window.strip.message


def test_a_dropped_file_is_the_other_phrase(stage: Stage, qtbot: QtBot, path: Path) -> None:
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.generator.is_ready)
    stage.document.select(np.ones(4, dtype=np.bool_))
    choose_by_keys(drop(stage, path), "Use it as the other phrase")
    qtbot.waitUntil(lambda: stage.session.takes.phase == "offered")
    request = stage.engine.requests[-1]
    assert request.kind == "interpolate" and request.other is not None
    assert request.other.tracks[0].notes.pitch.tolist() == [70, 72, 74]


def test_what_cannot_be_done_with_a_dropped_file_says_why_before_the_press(stage: Stage, path: Path) -> None:
    stage.session.notes.select_none()
    menu = drop(stage, path)
    blend = next(action for action in menu.actions() if action.text() == "Use it as the other phrase")
    assert not blend.isEnabled() and stage.window.actions_table.commands["assistant.blend_phrases"].why_not()
    assert stage.window.actions_table.commands["assistant.blend_phrases"].why_not() in blend.toolTip()
    menu.close()


def test_a_dropped_file_that_is_no_music_is_told_and_changes_nothing(
    stage: Stage, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "note.txt"
    path.write_text("no music")
    before = stage.document.song
    choose_by_keys(drop(stage, path), "Add its tracks")
    qtbot.waitUntil(lambda: len(stage.window.notices.texts) == 1)
    assert "note.txt" in stage.window.notices.texts[0]
    assert stage.document.song is before


@pytest.mark.parametrize("command_id", ["file.add_tracks", "file.put_at_playhead"])
def test_the_commands_ask_for_the_file(
    command_id: str, stage: Stage, qtbot: QtBot, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_asked: (str(path), ""))
    before = stage.document.song
    stage.window.actions_table.run(command_id)
    qtbot.waitUntil(lambda: stage.document.song is not before)
    assert "Theirs" in [track.name for track in stage.document.song.tracks] or 70 in pitches(stage)


def put_on_clipboard(path: Path | None = None, music: bytes = b"") -> None:
    """What another program has copied."""
    data = QMimeData()
    if path is not None:
        data.setUrls([QUrl.fromLocalFile(str(path))])
    if music:
        data.setData("audio/midi", music)
    QGuiApplication.clipboard().setMimeData(data)
    QApplication.processEvents()


@pytest.mark.parametrize("is_file", [True, False])
def test_music_that_another_program_copied_is_pasted(is_file: bool, stage: Stage, qtbot: QtBot, path: Path) -> None:
    put_on_clipboard(path if is_file else None, b"" if is_file else path.read_bytes())
    assert stage.window.actions_table["edit.paste"].isEnabled()
    stage.window.roll.scene.set_edit_cursor(3840)
    press(stage, Qt.Key.Key_V, CTRL)
    qtbot.waitUntil(lambda: len(pitches(stage)) == 7)
    assert stage.document.track.notes.start_tick.tolist()[4:] == [3840, 4320, 4800]


def test_what_was_copied_last_is_pasted_wherever_that_was(stage: Stage, qtbot: QtBot, path: Path) -> None:
    put_on_clipboard(path)
    stage.document.select(np.array([True, False, False, False]))
    press(stage, Qt.Key.Key_C, CTRL)
    stage.window.roll.scene.set_edit_cursor(3840)
    press(stage, Qt.Key.Key_V, CTRL)  # before the system's clipboard has it
    assert pitches(stage) == [62, 66, 69, 71, 62]
    qtbot.waitUntil(lambda: not stage.window.files.outgoing.is_copying)
    stage.window.roll.scene.set_edit_cursor(5760)
    press(stage, Qt.Key.Key_V, CTRL)
    assert pitches(stage) == [62, 66, 69, 71, 62, 62]
    put_on_clipboard(music=path.read_bytes())
    stage.window.roll.scene.set_edit_cursor(7680)
    press(stage, Qt.Key.Key_V, CTRL)
    qtbot.waitUntil(lambda: len(pitches(stage)) == 9)


def test_words_on_the_clipboard_leave_our_own_notes_to_paste(stage: Stage, qtbot: QtBot) -> None:
    stage.document.select(np.array([True, False, False, False]))
    stage.session.notes.copy()
    qtbot.waitUntil(lambda: not stage.window.files.outgoing.is_copying)
    QGuiApplication.clipboard().setText("words")
    QApplication.processEvents()
    stage.window.roll.scene.set_edit_cursor(3840)
    press(stage, Qt.Key.Key_V, CTRL)
    assert pitches(stage) == [62, 66, 69, 71, 62]


def test_damaged_music_on_the_clipboard_is_told(stage: Stage, qtbot: QtBot) -> None:
    put_on_clipboard(music=b"MThd" + bytes(20))
    before = stage.document.song
    press(stage, Qt.Key.Key_V, CTRL)
    qtbot.waitUntil(lambda: len(stage.window.notices.texts) == 1)
    assert stage.document.song is before
