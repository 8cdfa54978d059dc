"""Playing into the song as the user of the window meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from builders import save_as
from musicassist.midi import read_song, write_song
from musicassist.sound.messages import ControlLearned, ControlPressed, MidiReceived
from roll_desk import Hand
from window_doubles import Stage
from window_hands import CTRL, KEYS, NONE, SHIFT, choose, keyboard_menu, pitches, press, tell

FLUTE = 73  # of the phrase that the window has


# Capturing


def test_letter_keys_that_nobody_recorded_are_captured(stage: Stage) -> None:
    stage.session.transport.seek(1920)
    press(stage, Qt.Key.Key_K, CTRL)
    press(stage, Qt.Key.Key_A)
    press(stage, Qt.Key.Key_R, SHIFT)
    assert pitches(stage) == [62, 66, 69, 71, 60]
    assert int(stage.document.track.notes.start_tick[-1]) == 1920
    assert stage.window.strip.message == "Captured as played, notes: 1. Q moves them to the grid."
    assert stage.window.actions_table["edit.undo"].text() == "Undo: Capture notes"


def test_capturing_the_same_again_writes_nothing_and_says_so(stage: Stage) -> None:
    Hand(stage.window.roll.keys).click(20, 100)
    press(stage, Qt.Key.Key_R, SHIFT)
    song = stage.document.song
    press(stage, Qt.Key.Key_R, SHIFT)
    assert stage.document.song is song
    assert stage.window.strip.message.startswith("Nothing was played that is not in the song.")


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
    assert stage.document.undo_name is None


def test_capturing_while_recording_ends_the_recording_and_writes_once(stage: Stage) -> None:
    press(stage, Qt.Key.Key_R)
    press(stage, Qt.Key.Key_K, CTRL)
    press(stage, Qt.Key.Key_A)
    press(stage, Qt.Key.Key_R, SHIFT)
    assert not stage.session.input.is_recording
    assert sorted(pitches(stage)) == [60, 62, 66, 69, 71]


def test_a_letter_that_is_down_while_another_track_is_selected_goes_up_where_it_sounds(stage: Stage) -> None:
    press(stage, Qt.Key.Key_K, CTRL)
    channels: list[int] = []
    stage.sound.note_off = lambda pitch, channel=0: channels.append(channel)  # type: ignore[method-assign]
    QTest.keyPress(QApplication.focusWidget(), Qt.Key.Key_A)
    stage.session.tracks.select(1)
    QTest.keyRelease(QApplication.focusWidget(), Qt.Key.Key_A)
    assert channels == [0]


def test_what_was_recorded_is_selected_and_quantise_is_offered_and_keeps_the_raw_timing(stage: Stage) -> None:
    press(stage, Qt.Key.Key_K, CTRL)
    stage.session.transport.seek(1920)
    press(stage, Qt.Key.Key_S, NONE)  # a letter key plays
    stage.session.input.toggle_recording()
    stage.sound.position = 1947
    press(stage, Qt.Key.Key_A)
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


def test_letter_keys_that_are_struck_in_the_count_in_are_not_recorded(stage: Stage) -> None:
    before = pitches(stage)
    press(stage, Qt.Key.Key_K, CTRL)
    press(stage, Qt.Key.Key_C, SHIFT)
    stage.session.input.toggle_recording()
    stage.sound.waiting = 960
    press(stage, Qt.Key.Key_A)
    stage.sound.waiting, stage.sound.position = 0, 480
    stage.session.input.toggle_recording()
    assert pitches(stage) == before


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


@pytest.mark.parametrize("leave", ["file.new", "file.quit"])
def test_whoever_leaves_the_song_while_recording_loses_nothing_unasked(stage: Stage, leave: str) -> None:
    press(stage, Qt.Key.Key_R)
    press(stage, Qt.Key.Key_K, CTRL)
    press(stage, Qt.Key.Key_A)
    stage.window.actions_table.run(leave)
    assert stage.window.notices.texts[-1] == "There is work that is not saved."
    assert sorted(pitches(stage)) == [60, 62, 66, 69, 71]


@pytest.mark.parametrize("answer", ["Save first", "Open without saving"])
def test_what_is_recorded_while_a_file_is_opened_is_asked_about(
    stage: Stage, qtbot: QtBot, tmp_path: Path, answer: str
) -> None:
    mine, other = tmp_path / "mine.mid", tmp_path / "other.mid"
    save_as(stage.session, mine)
    other.write_bytes(write_song(stage.document.song))
    stage.window.files.open_path(other)
    press(stage, Qt.Key.Key_R)
    stage.session.receive(MidiReceived((0.0, 0.1), (100.0, 200.0), (b"\x90\x30\x50", b"\x80\x30\x00")))
    qtbot.waitUntil(lambda: "There is work that is not saved." in stage.window.notices.texts)
    assert not stage.session.input.is_recording
    assert stage.document.path == mine
    stage.window.notices.press("unsaved", answer)
    qtbot.waitUntil(lambda: stage.document.path == other)
    assert (48 in read_song(mine).song.tracks[0].notes.pitch) == (answer == "Save first")


def test_a_recording_that_was_begun_after_the_question_is_asked_about_once_more(stage: Stage) -> None:
    stage.session.notes.select_all()
    stage.session.notes.transpose(1)
    stage.window.actions_table.run("file.new")
    press(stage, Qt.Key.Key_R)
    stage.session.receive(MidiReceived((0.0, 0.1), (100.0, 200.0), (b"\x90\x30\x50", b"\x80\x30\x00")))
    stage.window.notices.press("unsaved", "Go on without saving")
    assert 48 in pitches(stage)
    stage.window.notices.press("unsaved", "Go on without saving")
    assert pitches(stage) == []


def test_replacing_is_a_switch_in_the_play_menu(stage: Stage) -> None:
    stage.window.actions_table.run("play.replace")
    assert stage.session.input.way.is_replacing
    assert stage.window.actions_table["play.replace"].isChecked()
    assert stage.window.strip.message == "Recording replaces what is there."
    assert stage.window.preferences.now.replace_recording


def test_replacing_that_is_chosen_while_recording_is_said_to_count_from_the_next_one(stage: Stage) -> None:
    press(stage, Qt.Key.Key_R)
    for words in ("The next recording replaces what is there.", "The next recording adds to what is there."):
        stage.window.actions_table.run("play.replace")
        assert stage.window.strip.message == words


# The keyboard's menu


def test_whoever_has_both_hands_on_the_keyboard_reaches_everything_that_goes_with_playing(stage: Stage) -> None:
    tell(stage, KEYS)
    words = [action.text() for action in keyboard_menu(stage, "Learn a key or knob for…").actions()]
    assert words == [
        "Play or stop", "Record", "Stop and go back", "Back to the start", "Capture what was played",
        "Continue this phrase", "Continue and listen", "Next take", "Keep the take", "Call and response",
        "Keep the last exchange", "Duet",
    ]  # fmt: skip


def test_a_pedal_switches_call_and_response_on_and_off(stage: Stage) -> None:
    tell(stage, KEYS)
    choose(stage, "Learn a key or knob for…", "Call and response")
    tell(stage, ControlLearned("Keystation 49", 0xB0, 0, 64))
    assert stage.window.strip.message.startswith("Call and response: sustain pedal, channel 1 of Keystation 49.")
    for is_on in (True, False):
        tell(stage, ControlPressed("assistant.call_and_response"))
        assert stage.window.ensemble.talk.is_on == is_on
        assert stage.window.actions_table["assistant.call_and_response"].isChecked() == is_on


def test_a_stop_button_stops_and_never_starts(stage: Stage) -> None:
    tell(stage, KEYS)
    choose(stage, "Learn a key or knob for…", "Stop and go back")
    tell(stage, ControlLearned("Keystation 49", 0xB0, 0, 116))
    stage.session.transport.seek(480)
    stage.session.transport.play()
    stage.sound.position = 960
    for _ in range(2):
        tell(stage, ControlPressed("play.stop_and_return"))
        assert (stage.sound.is_playing, stage.sound.position) == (False, 480)


def test_what_cannot_be_done_now_says_why_though_a_knob_asks_for_it(stage: Stage) -> None:
    tell(stage, ControlPressed("assistant.accept"))
    assert stage.window.strip.message == "Ask for a continuation first."


def test_an_instrument_that_is_chosen_on_the_keyboard_is_named_and_shown_on_its_track(stage: Stage) -> None:
    tell(stage, MidiReceived((1.0,), (0.0,), (b"\xc0\x30",)))
    assert "Strings 1" in stage.window.strip.message
    assert stage.document.track.program == 48
    stage.session.document.undo()
    assert stage.document.track.program == FLUTE


# Step input


def test_letter_keys_and_keyboard_write_step_by_step_with_rests_and_steps_back(stage: Stage) -> None:
    stage.session.transport.seek(1920)
    press(stage, Qt.Key.Key_K, CTRL)
    press(stage, Qt.Key.Key_K, CTRL | SHIFT)
    assert stage.window.actions_table["play.step_input"].isChecked()
    assert any(text.startswith("Step input is on") for text in stage.window.notices.texts)
    press(stage, Qt.Key.Key_A)
    press(stage, Qt.Key.Key_Right)
    tell(stage, MidiReceived((0.0, 0.1), (0.0, 0.0), (b"\x90\x43\x50", b"\x80\x43\x00")))
    press(stage, Qt.Key.Key_S)
    press(stage, Qt.Key.Key_Backspace)
    written = [(note.start_tick, note.pitch, note.duration_ticks) for note in stage.document.track.notes][4:]
    assert written == [(1920, 60, 120), (2160, 67, 120)]
    assert stage.sound.position == 2280
    press(stage, Qt.Key.Key_K, CTRL | SHIFT)
    assert not stage.session.input.is_stepping
    assert not any(text.startswith("Step input") for text in stage.window.notices.texts)


def test_ctrl_z_takes_a_step_back_together_with_the_playhead(stage: Stage) -> None:
    stage.session.transport.seek(1920)
    press(stage, Qt.Key.Key_K, CTRL)
    press(stage, Qt.Key.Key_K, CTRL | SHIFT)
    press(stage, Qt.Key.Key_A)
    press(stage, Qt.Key.Key_Z, CTRL)
    assert stage.sound.position == 1920
    press(stage, Qt.Key.Key_S)
    stage.window.heartbeat.beat()
    assert [(note.start_tick, note.pitch) for note in stage.document.track.notes][4:] == [(1920, 62)]
    assert stage.window.transport_bar.position.text() == "2.1.120"


def test_arrows_and_backspace_are_the_editors_again_after_step_input(stage: Stage) -> None:
    press(stage, Qt.Key.Key_K, CTRL | SHIFT)
    press(stage, Qt.Key.Key_R)
    assert not stage.session.input.is_stepping
    press(stage, Qt.Key.Key_R)
    stage.session.transport.stop()
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Backspace)
    assert pitches(stage) == []
