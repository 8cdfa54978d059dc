"""Work is copied as it is done, and offered after a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from builders import save_as
from musicassist.document.entry import Entry
from musicassist.document.journal_file import read_journal
from musicassist.score.song import Song
from musicassist.sound.messages import MidiReceived
from window_doubles import Stage, raise_stage
from window_hands import CTRL, pitches, press, tell


def test_each_edit_is_recorded_at_once_until_it_is_saved(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    def recorded() -> Entry:
        (path,) = (tmp_path / "recovery").glob("*.journal")
        stage.journal.flush()
        return read_journal(path)

    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    assert recorded().is_unsaved and recorded().song == stage.document.song
    save_as(stage.session, tmp_path / "mine.mid")
    assert not recorded().is_unsaved and recorded().path == tmp_path / "mine.mid"


def test_work_is_kept_for_recovery_and_taken_back(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    stage.window.shut_down(keep_recovery=True)
    from window_doubles import raise_stage

    after = raise_stage(tmp_path / "recovery")
    after.window.show()
    after.window.recovering.offer()
    qtbot.waitUntil(lambda: bool(after.window.notices.texts))
    after.window.notices.press("recovery_offer", "Take it back")
    qtbot.waitUntil(lambda: pitches(after) == [63, 67, 70, 72])
    assert after.document.is_modified
    after.window.shut_down(keep_recovery=False)


def test_what_a_killed_save_left_beside_recent_songs_is_swept_at_the_next_start(
    stage: Stage, qtbot: QtBot, tmp_path: Path
) -> None:
    stray = tmp_path / "songs" / ".musicassist-0123456789abcdef.tmp"
    stray.parent.mkdir()
    stray.write_bytes(b"half a song")
    stage.window.preferences.change(recent_files=(str(stray.with_name("story.mid")),))
    stage.window.recovering.offer()
    qtbot.waitUntil(lambda: not stray.exists())


def test_a_damaged_record_is_told_once(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "recovery" / "1-aa.journal").write_bytes(b"noise")
    stage.window.recovering.offer()
    told = "The recovery copy 1-aa.journal is damaged and was set aside."
    qtbot.waitUntil(lambda: stage.window.notices.texts == (told,))
    stage.window.notices.dismiss("recovery_damaged")
    stage.window.recovering.offer()
    qtbot.waitUntil(lambda: not stage.window.recovering._tasks.is_busy)
    assert stage.window.notices.texts == ()


def test_taking_work_back_asks_before_it_replaces_unsaved_work(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    stage.window.shut_down(keep_recovery=True)
    from window_doubles import raise_stage

    after = raise_stage(tmp_path / "recovery")
    after.window.show()
    after.window.recovering.offer()
    qtbot.waitUntil(lambda: bool(after.window.notices.texts))
    after.window.files.show_demo()
    press(after, Qt.Key.Key_A, CTRL)
    press(after, Qt.Key.Key_Down)
    written = pitches(after)
    assert written != [63, 67, 70, 72]
    after.window.notices.press("recovery_offer", "Take it back")
    qtbot.waitUntil(lambda: "There is work that is not saved." in after.window.notices.texts)
    assert pitches(after) == written
    after.window.notices.press("unsaved", "Take it back without saving")
    assert pitches(after) == [63, 67, 70, 72]
    after.window.shut_down(keep_recovery=False)


def test_what_is_recorded_is_copied_for_recovery_while_it_goes_on(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies: list[Song] = []
    monkeypatch.setattr(stage.journal, "record", lambda entry: copies.append(entry.song))

    def copied(pitch: int) -> int:
        return copies[-1].tracks[0].notes.pitch.tolist().count(pitch) if copies else 0

    press(stage, Qt.Key.Key_R)
    for count, tick in enumerate((100, 300), start=1):
        tell(stage, MidiReceived((0.0, 0.1), (tick, tick + 50), (b"\x90\x30\x50", b"\x80\x30\x00")))
        qtbot.waitUntil(lambda: copied(48) == count)  # noqa: B023  # it is waited for here
    assert stage.document.undo_name is None
    press(stage, Qt.Key.Key_R)
    assert copies[-1] == stage.document.song


def test_what_was_being_recorded_when_the_program_was_ended_is_taken_back(stage: Stage, tmp_path: Path) -> None:
    press(stage, Qt.Key.Key_R)
    tell(stage, MidiReceived((0.0, 0.1), (100.0, 200.0), (b"\x90\x30\x50", b"\x80\x30\x00")))
    stage.window.shut_down(keep_recovery=True)
    after = raise_stage(tmp_path / "recovery")
    after.session.recover(after.journal.load(after.journal.recoveries()[0]))
    assert sorted(pitches(after)) == [48, 62, 66, 69, 71]
    after.window.shut_down(keep_recovery=False)
