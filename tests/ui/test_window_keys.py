"""The letter keys as a piano: by their place, in two layouts, by octaves, and never in the way of others."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musicassist.settings import Settings
from musicassist.ui.window_keys import LIVE, ROWS, layout_named, place_of
from window_doubles import Stage, raise_stage

OFFSET = 8 if sys.platform.startswith("linux") else 0
CTRL = Qt.KeyboardModifier.ControlModifier
KEYPAD = Qt.KeyboardModifier.KeypadModifier
WHITE_FROM_C = [0, 2, 4, 5, 7, 9, 11, 12, 14, 16, 17]


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path) -> Stage:
    raised = raise_stage(tmp_path)
    qtbot.addWidget(raised.window)
    show(raised, qtbot)
    return raised


def show(stage: Stage, qtbot: QtBot) -> None:
    with qtbot.waitExposed(stage.window):
        stage.window.show()
    stage.window.activateWindow()
    stage.window.roll.setFocus()


def key_of(letter: str) -> Qt.Key:
    return Qt.Key(ord(letter))


def press(letter: str, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget(), key_of(letter), modifiers)


def struck(stage: Stage) -> list[int]:
    pitches = [said[1] for said in stage.sound.said if said[0] == "note_on"]
    stage.sound.said.clear()
    return pitches


@pytest.mark.parametrize(
    ("scan_code", "place"), [(0x2C, "Z"), (0x1F, "S"), (0x10, "Q"), (0x03, "2"), (0x27, ";"), (0x28, "'"), (0x39, None)]
)
def test_keys_are_found_by_their_place(scan_code: int, place: str | None) -> None:
    # On a German keyboard the key below A is Y: its place counts, not its letter.
    assert place_of(scan_code + OFFSET, Qt.Key.Key_Y) == place


def test_without_a_scan_code_the_letter_counts() -> None:
    assert place_of(0, Qt.Key.Key_M) == "M"
    assert place_of(0, Qt.Key.Key_Space) is None
    assert place_of(0, Qt.Key.Key_Shift) is None


def test_in_lives_layout_the_home_row_is_white_and_the_row_above_it_black() -> None:
    assert [LIVE.semitones[letter] for letter in "ASDFGHJKL;'"] == WHITE_FROM_C
    assert [LIVE.semitones[letter] for letter in "WETYUOP"] == [1, 3, 6, 8, 10, 13, 15]
    assert LIVE.places.isdisjoint("QRIBNM1234567890")  # these stay shortcuts


def test_in_two_rows_each_row_is_an_octave() -> None:
    assert [ROWS.semitones[letter] for letter in "ZXCVBNM"] == WHITE_FROM_C[:7]
    assert [ROWS.semitones[letter] - 12 for letter in "QWERTYUIOP"] == WHITE_FROM_C[:10]
    assert ROWS.lowest_pitch + 12 == LIVE.lowest_pitch


@pytest.mark.parametrize(("name", "layout"), [("live", LIVE), ("rows", ROWS), ("", LIVE), ("piano", LIVE)])
def test_a_layout_that_nobody_knows_is_lives(name: str, layout: object) -> None:
    assert layout_named(name) is layout


def test_letters_play_and_z_and_x_move_by_octaves_and_c_and_v_play_softer_and_louder(stage: Stage) -> None:
    press("K", CTRL)
    stage.sound.said.clear()
    for letter in "AWSK":
        press(letter)
    assert struck(stage) == [60, 61, 62, 72]
    for letter in "ZAXXA":
        press(letter)
    assert struck(stage) == [48, 72]
    velocities = []
    for letter in "CVVVV":
        press(letter)
        velocities.append(stage.window.typing.velocity)
    assert velocities == [68, 88, 108, 127, 127]


def test_the_octaves_end_where_the_pitches_do(stage: Stage) -> None:
    press("K", CTRL)
    for _ in range(12):
        press("Z")
    stage.sound.said.clear()
    press("A")
    assert struck(stage) == [0]
    for _ in range(12):
        press("X")
    press("A")
    press("K")  # it would be above the highest
    assert struck(stage) == [120]


def test_a_key_that_is_down_while_the_octave_moves_lets_its_own_pitch_go(stage: Stage) -> None:
    press("K", CTRL)
    stage.sound.said.clear()
    QTest.keyPress(QApplication.focusWidget(), Qt.Key.Key_A)
    press("X")
    QTest.keyRelease(QApplication.focusWidget(), Qt.Key.Key_A)
    assert [said[:2] for said in stage.sound.said if said[0].startswith("note_")] == [("note_on", 60), ("note_off", 60)]


def test_a_key_that_comes_up_with_a_modifier_held_is_let_go(stage: Stage) -> None:
    press("K", CTRL)
    QTest.keyPress(QApplication.focusWidget(), Qt.Key.Key_A)
    QTest.keyRelease(QApplication.focusWidget(), Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert ("note_off", 60) in stage.sound.said


def test_letters_that_play_nothing_stay_shortcuts(stage: Stage) -> None:
    press("K", CTRL)
    press("M")
    assert stage.document.track.muted


def test_keys_of_the_keypad_are_left_to_a_screen_reader(stage: Stage) -> None:
    stage.window.actions_table.run("play.two_rows")
    press("K", CTRL)
    stage.sound.said.clear()
    for digit in "2356790":
        press(digit, KEYPAD)
    assert struck(stage) == []
    press("2")
    assert struck(stage) == [61]


def test_two_rows_are_chosen_kept_and_shown(stage: Stage) -> None:
    press("K", CTRL)
    stage.window.actions_table.run("play.two_rows")
    stage.sound.said.clear()
    press("Z")
    press("Q")
    assert struck(stage) == [48, 60]
    assert stage.window.preferences.now.letter_layout == "rows"
    assert stage.window.actions_table["play.two_rows"].isChecked()
    stage.window.actions_table.run("play.two_rows")
    assert stage.window.preferences.now.letter_layout == "live"


def test_the_layout_of_the_last_time_is_there_again(qtbot: QtBot, tmp_path: Path) -> None:
    stage = raise_stage(tmp_path, settings=Settings(letter_layout="rows"))
    qtbot.addWidget(stage.window)
    assert stage.window.typing.layout is ROWS
    assert stage.window.actions_table["play.two_rows"].isChecked()


def test_the_piano_shows_the_letters_while_they_play_and_moves_them_with_the_octave(stage: Stage) -> None:
    keys = stage.window.roll.keys
    assert keys.letters == {}
    press("K", CTRL)
    assert (keys.letters[60], keys.letters[61], keys.letters[72]) == ("A", "W", "K")
    before = keys.grab().toImage()
    press("X")
    assert keys.letters[72] == "A"
    assert keys.grab().toImage() != before
    press("K", CTRL)
    assert keys.letters == {}


def test_what_another_keyboard_has_in_a_place_is_shown_once_it_was_struck(stage: Stage) -> None:
    press("K", CTRL)
    down = QKeyEvent(
        QEvent.Type.KeyPress, Qt.Key.Key_Z, Qt.KeyboardModifier.NoModifier, 0x15 + OFFSET, 0, 0, "z"
    )  # fmt: skip
    QApplication.sendEvent(QApplication.focusWidget(), down)
    assert stage.window.roll.keys.letters[68] == "Z"  # German: right of T


def test_f1_tells_the_layout_that_is_chosen(stage: Stage) -> None:
    for layout in (LIVE, ROWS):
        stage.window.help_commands.keys()
        popup = QApplication.activePopupWidget()
        shown = popup.shown_texts  # type: ignore[union-attr]
        popup.close()  # type: ignore[union-attr]
        assert [text for text in shown if text.startswith("Letter keys")] == [text for text, _ in layout.rows]
        stage.window.actions_table.run("play.two_rows")


def test_step_input_turns_the_letters_on_and_off_again(stage: Stage) -> None:
    stage.window.actions_table.run("play.step_input")
    assert stage.window.typing.is_on
    assert len(stage.window.notices.texts) == 1
    assert "letter keys" in stage.window.notices.texts[0]
    press("A")
    assert 60 in stage.document.track.notes.pitch.tolist()
    stage.window.actions_table.run("play.step_input")
    assert not stage.window.typing.is_on


def test_what_was_said_of_the_letters_of_step_input_goes_with_them(stage: Stage) -> None:
    run = stage.window.actions_table.run
    run("play.step_input")
    run("play.two_rows")
    assert stage.window.strip.message.startswith("The letter keys play from")
    run("play.step_input")
    assert stage.window.strip.message == ""


def test_letters_that_were_on_before_step_input_stay_so_and_those_that_were_ended_in_it_stay_off(stage: Stage) -> None:
    press("K", CTRL)
    for _ in range(2):
        stage.window.actions_table.run("play.step_input")
    assert stage.window.typing.is_on
    press("K", CTRL)
    stage.window.actions_table.run("play.step_input")
    press("K", CTRL)
    assert not stage.window.typing.is_on
    stage.session.transport.set_metronome(enabled=True)  # any news while stepping
    assert not stage.window.typing.is_on
    stage.window.actions_table.run("play.step_input")
    assert not stage.window.typing.is_on
