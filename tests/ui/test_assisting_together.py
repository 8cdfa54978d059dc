"""Call and response and the duet, through the Assistant menu, with letter keys and the piano."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musicassist.score.song import KeyChange
from musicassist.ui.strips import TOGETHER
from window_doubles import Stage

BAR = 1920
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def player(empty_stage: Stage, qtbot: QtBot) -> Stage:
    """An empty song, and the model is loaded."""
    empty_stage.window.model_status.load()
    qtbot.waitUntil(lambda: empty_stage.window.generator.is_ready)
    empty_stage.window.heartbeat.stop()  # the test is the clock
    return empty_stage


def action(stage: Stage, name: str) -> QAction:
    return stage.window.actions_table[f"assistant.{name}"]


def press(stage: Stage, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or stage.window, key, modifiers)


def wind_to(stage: Stage, tick: int) -> None:
    while stage.sound.position < tick:
        stage.sound.position = min(tick, stage.sound.position + 15)
        stage.window.heartbeat.beat()


def test_letter_keys_are_answered_by_the_model_and_the_exchange_is_one_step(player: Stage, qtbot: QtBot) -> None:
    press(player, Qt.Key.Key_R, CTRL_SHIFT)
    assert action(player, "call_and_response").isChecked()
    press(player, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyPress(player.window.roll, Qt.Key.Key_A)
    assert player.sound.is_playing
    wind_to(player, 900)
    QTest.keyRelease(player.window.roll, Qt.Key.Key_A)
    wind_to(player, 1100)
    qtbot.waitUntil(lambda: player.window.ensemble.talk._composed_by == "lstm")
    assert len(player.engine.requests) == 1
    wind_to(player, BAR)
    assert player.sound.heard is not None
    assert player.sound.heard.pitch.tolist() == [61, 62, 63, 64]
    assert player.window.ensemble.talk.answered_by == "lstm"
    wind_to(player, 2 * BAR)
    assert player.document.track.notes.pitch.tolist() == [60, 61, 62, 63, 64]
    assert player.window.actions_table["edit.undo"].text() == "Undo: Call and response"
    player.window.typing.toggle()


def test_step_input_and_call_and_response_end_each_other_and_that_is_said(player: Stage) -> None:
    press(player, Qt.Key.Key_K, CTRL_SHIFT)
    action(player, "call_and_response").trigger()
    assert player.window.strip.message.startswith("Step input is off. Play a phrase:")
    assert not player.window.actions_table["play.step_input"].isChecked()
    press(player, Qt.Key.Key_K, CTRL_SHIFT)
    assert player.window.strip.message == "Call and response is off: step input writes what you play."
    assert not action(player, "call_and_response").isChecked()
    assert player.window.actions_table["play.step_input"].isChecked()


def test_a_click_on_the_piano_is_a_call_too(player: Stage) -> None:
    action(player, "call_and_response").trigger()
    keys = player.window.roll.keys
    QTest.mousePress(keys, Qt.MouseButton.LeftButton, pos=QPoint(20, 100))
    assert player.sound.is_playing and player.window.ensemble.talk._talk.is_calling
    wind_to(player, 400)
    QTest.mouseRelease(keys, Qt.MouseButton.LeftButton, pos=QPoint(20, 100))
    wind_to(player, 2 * BAR)
    assert player.document.track.notes.start_tick[0] == 0
    assert 0 < player.document.track.notes.end_tick[0] <= 400  # real time and the test's both go on


def test_exchanges_are_kept_unless_one_does_not_want_it(player: Stage) -> None:
    assert action(player, "keep_exchanges").isChecked()
    action(player, "keep_exchanges").trigger()
    assert not action(player, "keep_exchanges").isChecked()
    assert not player.window.ensemble.talk.keeps_exchanges


def test_the_strip_shows_who_plays_along_as_long_as_somebody_does(player: Stage) -> None:
    item = player.window.strip.items[TOGETHER]
    assert not item.isVisible()
    action(player, "call_and_response").trigger()
    action(player, "duet").trigger()
    assert item.isVisible() and item.text().strip() == "call and response · duet"
    item.menu().aboutToShow.emit()
    end = next(line for line in item.menu().actions() if line.text() == "Duet")
    assert end.isChecked()
    end.trigger()
    assert item.text().strip() == "call and response"
    action(player, "call_and_response").trigger()
    assert not item.isVisible()


def test_an_exchange_that_was_only_heard_is_kept_from_the_menu(player: Stage) -> None:
    action(player, "keep_last_exchange").trigger()
    assert player.window.strip.message == "There is no exchange that is not in the track."
    action(player, "keep_exchanges").trigger()
    action(player, "call_and_response").trigger()
    keys = player.window.roll.keys
    QTest.mousePress(keys, Qt.MouseButton.LeftButton, pos=QPoint(20, 100))
    wind_to(player, 400)
    QTest.mouseRelease(keys, Qt.MouseButton.LeftButton, pos=QPoint(20, 100))
    wind_to(player, 2 * BAR)
    assert len(player.document.track.notes) == 0
    action(player, "keep_last_exchange").trigger()
    assert len(player.document.track.notes) > 0


def test_continue_and_listen_and_call_and_response_end_each_other(stage: Stage, qtbot: QtBot) -> None:
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.generator.is_ready)
    talk, ahead = stage.window.ensemble.talk, stage.window.ensemble.ahead
    action(stage, "call_and_response").trigger()
    action(stage, "continue_and_listen").trigger()
    assert ahead.is_live and not talk.is_on
    assert not action(stage, "call_and_response").isChecked()
    action(stage, "call_and_response").trigger()
    assert talk.is_on and not ahead.is_live


def test_a_duet_sounds_beside_the_song_and_can_be_written(stage: Stage) -> None:
    stage.window.heartbeat.stop()
    action(stage, "write_accompaniment").trigger()
    assert stage.window.strip.message.startswith("There is no accompaniment yet.")
    press(stage, Qt.Key.Key_D, CTRL_SHIFT)
    assert action(stage, "duet").isChecked()
    stage.session.transport.play()
    wind_to(stage, BAR - 1)
    assert stage.sound.song is not None and len(stage.sound.song.tracks) == len(stage.document.song.tracks) + 1
    stage.session.transport.stop()
    action(stage, "duet").trigger()
    assert stage.sound.song == stage.document.song
    action(stage, "write_accompaniment").trigger()
    written = stage.document.song.tracks[-1]
    assert written.name == "Chords" and len(written.notes) >= 4
    assert KeyChange(0, 2) in stage.document.song.key_changes
