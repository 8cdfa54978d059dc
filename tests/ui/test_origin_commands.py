"""Kept bars tell where they come from, are composed exactly so again, and are marked in the ruler."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musicassist.ui import origin_commands
from window_doubles import Stage
from window_hands import CTRL, offer_takes, press

ALT = Qt.KeyboardModifier.AltModifier
BAR = 1920


def keep_second(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    press(stage, Qt.Key.Key_2)
    press(stage, Qt.Key.Key_Return)


def test_kept_bars_tell_what_was_asked_and_what_was_edited_since(stage: Stage, qtbot: QtBot) -> None:
    keep_second(stage, qtbot)
    stage.session.notes.select_none()
    stage.sound.position = BAR + 100
    press(stage, Qt.Key.Key_W, CTRL | ALT)
    panel = stage.window.origin_panel
    assert panel.isVisible() and panel.title.text() == "bars 2-5 of Melody"
    words = panel.words.text()
    assert "composed by Melody, balanced" in words and "take 2 of 4" in words and "random number 5" in words
    assert words.endswith("as it was composed")
    stage.session.notes.select_next()
    stage.session.notes.select_all()
    mask = stage.document.track.notes.start_tick == BAR
    stage.document.select(mask)
    stage.session.notes.transpose(1)
    assert panel.words.text().endswith("1 of 16 notes edited since")
    panel.setFocus()
    press(stage, Qt.Key.Key_Escape)
    assert panel.isHidden() and QApplication.focusWidget() is stage.window.roll.view


def test_the_very_same_is_composed_again_and_offered_in_its_place(stage: Stage, qtbot: QtBot) -> None:
    keep_second(stage, qtbot)
    kept = stage.document.track.notes
    mask = kept.start_tick == BAR
    stage.document.select(mask)
    stage.session.notes.transpose(3)
    stage.document.select(stage.document.track.notes.start_tick == BAR)
    press(stage, Qt.Key.Key_W, CTRL | ALT)
    stage.window.origin_panel.again.click()
    qtbot.waitUntil(lambda: stage.session.takes.phase == "offered")
    assert stage.window.strip.message == "Composed again: 16 notes, the very same as when they were kept."
    press(stage, Qt.Key.Key_Return)
    assert stage.document.track.notes == kept


def test_the_takes_are_asked_for_as_then(stage: Stage, qtbot: QtBot) -> None:
    keep_second(stage, qtbot)
    takes = stage.session.takes
    assert takes.controls.seed is None
    stage.window.actions_table["assistant.ask_as_then"].trigger()
    assert takes.controls.seed is None  # the playhead is elsewhere
    stage.sound.position = BAR + 1
    stage.window.actions_table["assistant.ask_as_then"].trigger()
    assert takes.controls.seed == 5
    assert "random number 5" in stage.window.strip.message


def test_without_a_kept_take_it_says_why_not_and_the_ruler_marks_bars_on_demand(stage: Stage, qtbot: QtBot) -> None:
    for name in ("origin", "same_again", "ask_as_then"):
        action = stage.window.actions_table[f"assistant.{name}"]
        assert not action.isEnabled() and "No take was kept" in action.toolTip()
    keep_second(stage, qtbot)
    scene = stage.window.roll.scene
    assert scene.origin_spans == ()
    stage.window.actions_table["assistant.show_origins"].trigger()
    assert scene.origin_spans == ((BAR, 5 * BAR),) and stage.window.preferences.now.show_origins
    press(stage, Qt.Key.Key_Z, CTRL)
    assert scene.origin_spans == ()


def test_the_credits_page_is_written_where_the_user_wants_it(
    stage: Stage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = stage.window.actions_table["assistant.credits"]
    assert not action.isEnabled() and "No take was kept" in action.toolTip()
    keep_second(stage, qtbot)
    path = tmp_path / "credits.html"
    monkeypatch.setattr(origin_commands, "ask_where_to_write", lambda *_: path)
    action.trigger()
    qtbot.waitUntil(lambda: "Exported" in stage.window.strip.message)
    page = path.read_text()
    assert "bars 2-5 of Melody" in page and "<svg" in page and "OpenScore Lieder (CC0)" in page
