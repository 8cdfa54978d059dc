"""Playing into the song as the user of the window meets it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from roll_desk import Hand
from window_doubles import Stage

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


def press(stage: Stage, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """A key for whatever has the keyboard."""
    QTest.keyClick(QApplication.focusWidget() or stage.window, key, modifiers)


def pitches(stage: Stage) -> list[int]:
    return stage.document.track.notes.pitch.tolist()


# Capturing


def test_letter_keys_that_nobody_recorded_are_captured(stage: Stage) -> None:
    stage.session.transport.seek(1920)
    press(stage, Qt.Key.Key_K, CTRL)
    press(stage, Qt.Key.Key_Z)
    press(stage, Qt.Key.Key_R, SHIFT)
    assert pitches(stage) == [62, 66, 69, 71, 48]
    assert int(stage.document.track.notes.start_tick[-1]) == 1920
    assert stage.window.strip.message == "Captured as played, notes: 1. Q moves them to the grid."
    assert stage.window.actions_table["edit.undo"].text() == "Undo: Capture notes"


def test_clicks_on_the_piano_sound_while_they_are_held_and_are_captured(stage: Stage) -> None:
    keys = stage.window.roll.keys
    Hand(keys).click(20, 100)
    pitch = stage.window.roll.viewport.pitches.to_pitch(100)
    assert stage.sound.said[-2:] == [("note_on", pitch), ("note_off", pitch)]
    press(stage, Qt.Key.Key_R, SHIFT)
    assert sorted(pitches(stage)) == sorted([62, 66, 69, 71, pitch])


def test_nothing_to_capture_is_said(stage: Stage) -> None:
    press(stage, Qt.Key.Key_R, SHIFT)
    assert "Play first" in stage.window.strip.message
    assert not stage.document.can_undo


def test_a_letter_that_is_down_while_another_track_is_selected_goes_up_where_it_sounds(stage: Stage) -> None:
    press(stage, Qt.Key.Key_K, CTRL)
    channels: list[int] = []
    stage.sound.note_off = lambda pitch, channel=0: channels.append(channel)  # type: ignore[method-assign]
    QTest.keyPress(QApplication.focusWidget(), Qt.Key.Key_Z)
    stage.session.tracks.select(1)
    QTest.keyRelease(QApplication.focusWidget(), Qt.Key.Key_Z)
    assert channels == [0]


def test_what_was_recorded_is_selected_and_quantise_is_offered_and_keeps_the_raw_timing(stage: Stage) -> None:
    press(stage, Qt.Key.Key_K, CTRL)
    stage.session.transport.seek(1920)
    press(stage, Qt.Key.Key_R, NONE)  # a letter key plays
    stage.session.toggle_recording()
    stage.sound.position = 1947
    press(stage, Qt.Key.Key_Z)
    press(stage, Qt.Key.Key_K, CTRL)
    press(stage, Qt.Key.Key_R)
    assert stage.window.strip.message == "Recorded as played, notes: 1. Q moves them to the grid."
    press(stage, Qt.Key.Key_Q)
    assert stage.document.track.notes.start_tick.tolist() == [0, 480, 960, 1440, 1920]
    press(stage, Qt.Key.Key_Z, CTRL)
    assert stage.document.track.notes.start_tick.tolist() == [0, 480, 960, 1440, 1947]
    press(stage, Qt.Key.Key_Z, CTRL)
    assert len(pitches(stage)) == 4


# Recording


def test_the_count_in_is_chosen_kept_and_counted_down_in_words(stage: Stage) -> None:
    said = []
    for _ in range(3):
        press(stage, Qt.Key.Key_C, SHIFT)
        said.append((stage.window.strip.message, stage.session.input.way.count_in_bars))
    assert said == [("Count-in: one bar.", 1), ("Count-in: two bars.", 2), ("Recording begins at once.", 0)]
    press(stage, Qt.Key.Key_C, SHIFT)
    assert stage.window.preferences.now.count_in_bars == 1
    assert stage.window.actions_table["play.count_in"].isChecked()

    press(stage, Qt.Key.Key_R)
    stage.sound.waiting = 1700
    stage.window.heartbeat.beat()
    bar = stage.window.transport_bar
    assert (bar.position.text(), stage.window.strip.message) == ("\N{MINUS SIGN}4", "Counting in: 4")
    stage.sound.waiting, stage.sound.position = 0, 4
    stage.window.heartbeat.beat()
    assert (bar.position.text(), stage.window.strip.message) == ("1.1.004", "Recording into Melody.")


def test_replacing_is_a_switch_in_the_play_menu(stage: Stage) -> None:
    stage.window.actions_table.run("play.replace")
    assert stage.session.input.way.is_replacing
    assert stage.window.actions_table["play.replace"].isChecked()
    assert stage.window.strip.message == "Recording replaces what is there."
    assert stage.window.preferences.now.replace_recording
