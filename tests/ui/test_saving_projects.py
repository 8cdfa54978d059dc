"""A project from its first save to its next window: each edit is in it, and undo goes on where it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from musicassist.document.pages import Page
from musicassist.document.project_reading import read_project
from musicassist.midi import read_song
from musicassist.ui.recovering import work_of
from window_doubles import Stage, raise_stage
from window_hands import CTRL, pitches, press


def saved_as(stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    stage.window.files.save_as()
    qtbot.waitUntil(lambda: not stage.window.files.saving.is_busy and stage.document.path == path)


def opened(qtbot: QtBot, folder: Path, path: Path) -> Stage:
    stage = raise_stage(folder)
    stage.window.show()
    stage.window.files.open_path(path)
    qtbot.waitUntil(lambda: stage.document.path == path)
    return stage


def transpose_all(stage: Stage) -> None:
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)


def test_a_song_saved_as_a_project_is_found_again_with_its_undo_list_and_its_pages(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path, before = tmp_path / "song.musicassist", pitches(stage)
    transpose_all(stage)
    saved_as(stage, qtbot, monkeypatch, path)
    assert "Each edit goes into it at once." in stage.window.strip.message
    press(stage, Qt.Key.Key_Up)
    stage.document.keep_page("shelf/1", Page.of({"wish": "more"}))
    after = pitches(stage)
    assert not stage.document.is_modified and stage.window.windowTitle().startswith("song.musicassist")
    stage.window.close()  # and nothing asks
    assert not stage.window.isVisible()
    again = opened(qtbot, tmp_path / "other", path)
    assert pitches(again) == after and again.document.selection.all()
    assert again.document.pages["shelf/1"].plain == {"wish": "more"}
    press(again, Qt.Key.Key_Z, CTRL)
    press(again, Qt.Key.Key_Z, CTRL)
    assert pitches(again) == before and again.document.undo_name is None
    press(again, Qt.Key.Key_Y, CTRL)
    again.window.shut_down(keep_recovery=False)
    last = opened(qtbot, tmp_path / "third", path)
    assert last.document.undo_name is not None and last.document.redo_name is not None
    last.window.shut_down(keep_recovery=False)


def test_saving_says_that_it_is_safe_and_writes_nothing_twice(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "song.musicassist"
    saved_as(stage, qtbot, monkeypatch, path)
    stage.window.workspace.say("")
    press(stage, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: "Saved song.musicassist." in stage.window.strip.message)
    size = path.stat().st_size
    press(stage, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: not stage.window.files.saving.is_busy)
    assert path.stat().st_size == size


def test_the_second_window_says_so_reads_only_and_takes_over_when_the_first_is_closed(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "song.musicassist"
    saved_as(stage, qtbot, monkeypatch, path)
    second = opened(qtbot, tmp_path / "other", path)
    (text,) = second.window.notices.texts
    assert text.startswith("song.musicassist is open in another window. Here it is read-only")
    assert "read-only" in second.window.windowTitle()
    whole = path.read_bytes()
    transpose_all(second)
    asked: list[str] = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *words: (asked.append(words[1]), ("", ""))[1])
    press(second, Qt.Key.Key_S, CTRL)
    assert asked == ["Save as"] and second.document.is_modified and path.read_bytes() == whole
    press(second, Qt.Key.Key_Z, CTRL)
    stage.window.close()
    second.window.notices.press("read_only", "Try again")
    qtbot.waitUntil(lambda: second.document.is_kept)
    assert second.window.notices.texts == () and "read-only" not in second.window.windowTitle()
    second.window.shut_down(keep_recovery=False)


def test_a_midi_file_says_what_it_leaves_out_before_the_first_save_and_a_project_goes_beside(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stage.document.keep_page("shelf/1", Page.of({}))
    path, project = tmp_path / "song.mid", tmp_path / "song.musicassist"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    stage.window.files.save_as()
    qtbot.waitUntil(
        lambda: any(
            "song.mid cannot hold: offers in the shelf (1), what" in text for text in stage.window.notices.texts
        )
    )
    assert not path.exists()
    stage.window.notices.press("overwrite", "Keep a project beside it")
    qtbot.waitUntil(lambda: stage.document.path == project)
    assert read_song(path).song.note_count == stage.document.song.note_count
    transpose_all(stage)
    stage.window.recovering.record_now()
    assert read_project(project).entry.song == stage.document.song


def test_a_midi_file_is_saved_without_a_question_once_that_was_said(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stage.document.keep_page("shelf/1", Page.of({}))
    path = tmp_path / "song.mid"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    stage.window.files.save_as()
    qtbot.waitUntil(lambda: bool(stage.window.notices.texts))
    stage.window.notices.press("overwrite", "Save anyway")
    qtbot.waitUntil(lambda: stage.document.path == path)
    transpose_all(stage)
    press(stage, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: not stage.document.is_modified)
    assert stage.window.notices.texts == ()


def test_offers_that_no_file_holds_are_asked_about_before_the_window_closes(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = tmp_path / "song.musicassist"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(project), ""))
    stage.document.keep_page("view", Page.of({}))
    assert not work_of(stage.session).is_unsaved
    stage.document.keep_page("shelf/1", Page.of({}))
    assert not stage.document.is_modified
    assert work_of(stage.session).is_unsaved  # so that a crash does not lose them either
    assert not stage.window.close()
    assert stage.window.notices.texts == ("The music is as it was saved, but no file holds: offers in the shelf (1).",)
    stage.window.notices.press("unsaved", "Save first")
    qtbot.waitUntil(lambda: not stage.window.isVisible())
    assert set(read_project(project).entry.pages) == {"view", "shelf/1"}


def test_what_was_knowingly_left_out_of_a_file_is_not_asked_about_again(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stage.document.keep_page("versions/1", Page.of({}))
    path = tmp_path / "song.mid"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    stage.window.files.new()
    stage.window.notices.press("unsaved", "Save first")
    qtbot.waitUntil(lambda: any("cannot hold: versions (1)" in text for text in stage.window.notices.texts))
    first = stage.document.song
    stage.window.notices.press("overwrite", "Save anyway")
    qtbot.waitUntil(lambda: stage.document.song is not first)  # the new song
    assert stage.document.path is None and path.exists()


def test_a_project_on_a_full_disk_is_unsaved_work_until_it_is_written(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import os

    path = tmp_path / "song.musicassist"
    saved_as(stage, qtbot, monkeypatch, path)
    inode, write = path.stat().st_ino, os.write

    def full(descriptor: int, data: bytes) -> int:
        if os.fstat(descriptor).st_ino == inode:
            raise OSError(28, "No space left on device")
        return write(descriptor, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        transpose_all(stage)
        qtbot.waitUntil(lambda: stage.document.is_modified)
        assert any("No space left on device" in text for text in stage.window.notices.texts)
    press(stage, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: not stage.document.is_modified)
    assert read_project(path).entry.song == stage.document.song
    assert stage.window.notices.texts == ()


def test_leaving_a_project_for_a_midi_file_or_a_new_song_lets_go_of_it(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "song.musicassist"
    saved_as(stage, qtbot, monkeypatch, path)
    whole = path.read_bytes()
    press(stage, Qt.Key.Key_N, CTRL)
    assert stage.document.path is None and not stage.document.is_kept
    press(stage, Qt.Key.Key_A, CTRL)
    other = opened(qtbot, tmp_path / "other", path)
    assert other.document.is_kept and path.read_bytes() == whole
    other.window.shut_down(keep_recovery=False)


def test_the_last_song_is_opened_at_the_start_unless_somebody_wants_none(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "song.musicassist"
    files = stage.window.files
    assert files.last_file() is None  # at the first start
    saved_as(stage, qtbot, monkeypatch, path)
    transpose_all(stage)
    left = pitches(stage)
    settings = stage.window.preferences.now
    stage.window.close()
    again = raise_stage(tmp_path / "other", settings=settings)
    again.window.show()
    again.window.start(None)
    qtbot.waitUntil(lambda: again.document.path == path)
    assert pitches(again) == left
    again.window.actions_table["file.reopen_last"].trigger()
    assert again.window.files.last_file() is None and not again.window.preferences.now.reopen_last
    again.window.actions_table["file.reopen_last"].trigger()
    again.window.files.new()
    assert again.window.files.last_file() is None
    again.window.shut_down(keep_recovery=False)
