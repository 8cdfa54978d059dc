"""What the window says belongs to the last action, and what it warned of goes when it is cured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from builders import phrase
from musicassist.errors import CheckpointError, MusicAssistError, SeedError
from musicassist.midi import save_song
from window_doubles import Stage
from window_hands import CTRL, offer_takes, press


def test_after_undo_nobody_says_that_the_take_is_yours_and_it_can_be_chosen_again(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    press(stage, Qt.Key.Key_3)
    press(stage, Qt.Key.Key_Return)
    assert stage.window.strip.message == "Take 3 is yours. Ctrl+Z takes it back."
    press(stage, Qt.Key.Key_Z, CTRL)
    assert stage.window.strip.message == "The takes are on offer again: 1-4 choose"
    assert stage.window.takes_panel.isVisible()
    assert stage.session.takes.auditioned == 3
    press(stage, Qt.Key.Key_1)
    press(stage, Qt.Key.Key_Return)
    assert stage.document.track.notes.pitch.tolist()[4] == 61


def test_any_change_of_the_song_outdates_what_was_said_before_it_but_not_what_is_said_of_it(stage: Stage) -> None:
    stage.window.workspace.say("Recorded as played, notes: 4.")
    stage.session.notes.insert(phrase(60, from_tick=9000))
    assert stage.window.strip.message == ""
    stage.document.subscribe(lambda change: stage.window.workspace.say("said of it") if change.kind == "song" else None)
    stage.session.notes.insert(phrase(62, from_tick=9600))
    assert stage.window.strip.message == "said of it"
    stage.session.notes.select_none()
    stage.session.transport.seek(480)
    assert stage.window.strip.message == "said of it"


def test_a_command_that_failed_and_now_succeeds_takes_its_notice_away(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem: list[MusicAssistError] = [SeedError("There are no notes to vary. Choose bars that have some.")]

    def vary() -> None:
        if problem:
            raise problem[0]

    actions = stage.window.actions_table
    row = replace(actions.commands["assistant.vary_selection"], run=vary)
    monkeypatch.setitem(actions.commands, row.id, row)
    run = actions.run
    run("assistant.vary_selection")
    assert stage.window.notices.texts == (str(problem[0]),)
    run("edit.select_all")
    assert stage.window.notices.texts  # another command is no cure
    problem.clear()
    run("assistant.vary_selection")
    assert stage.window.notices.texts == ()


def test_composing_that_failed_is_forgotten_when_it_is_begun_anew(stage: Stage, qtbot: QtBot) -> None:
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.generator.is_ready)
    stage.engine.problem = CheckpointError("The model {name} is damaged.", name="lstm")
    press(stage, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: bool(stage.window.notices.texts))
    stage.engine.problem = None
    press(stage, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: stage.session.takes.phase == "offered")
    assert stage.window.notices.texts == ()


def test_a_model_that_is_loaded_after_all_takes_its_notice_away(stage: Stage, qtbot: QtBot) -> None:
    stage.engine.problem = CheckpointError("The model {name} is damaged.", name="lstm")
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: bool(stage.window.notices.texts))
    stage.engine.problem = None
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.generator.is_ready)
    qtbot.waitUntil(lambda: stage.window.notices.texts == ())


def test_a_file_that_opens_after_all_takes_its_notice_away(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "tune.mid"
    path.write_bytes(b"this is no music at all")
    stage.window.files.read(path)
    qtbot.waitUntil(lambda: bool(stage.window.notices.texts))
    save_song(stage.document.song, path)
    stage.window.files.read(path)
    qtbot.waitUntil(lambda: stage.document.path == path)
    assert stage.window.notices.texts == ()


@pytest.mark.parametrize(("text", "stays"), [("Opening tune.mid…", True), ("Saved tune.mid.", False)])
def test_what_is_under_way_is_said_until_it_ends_and_what_is_done_for_a_while(
    stage: Stage, text: str, *, stays: bool
) -> None:
    strip = stage.window.strip
    strip.say("something before")
    strip.say(text)
    assert strip._fade.isActive() is not stays
    if strip._fade.isActive():
        strip._fade.timeout.emit()
    assert strip.message == (text if stays else "")
