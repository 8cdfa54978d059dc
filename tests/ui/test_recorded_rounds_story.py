"""Every pass is a take: whoever records over a loop chooses among the rounds afterwards, in the lanes."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from musicassist.sound.messages import MidiReceived
from musicassist.ui.piano_roll.take_lanes import LANE_PX
from window_doubles import Stage
from window_hands import CTRL, press, tell

BAR = 1920


def record_over_loop(stage: Stage, *pitches: int) -> None:
    """A bar of the loop for each pitch, by the keys R, the keyboard, and R again."""
    stage.session.transport.set_loop(4 * BAR, 5 * BAR)
    stage.sound.position = 4 * BAR
    press(stage, Qt.Key.Key_R)
    for pitch in pitches:
        for at, message in ((480, bytes((0x90, pitch, 80))), (900, bytes((0x80, pitch, 0)))):
            stage.sound.position = 4 * BAR + at
            tell(stage, MidiReceived((at / 960,), (float(4 * BAR + at),), (message,)))
        for at in (1400, 1900, 20):
            stage.sound.position = 4 * BAR + at
            tell(stage)
    stage.sound.position = 5 * BAR - 20
    press(stage, Qt.Key.Key_R)


def test_a_round_is_chosen_in_the_lanes_kept_and_taken_back(stage: Stage) -> None:
    before = stage.document.track.notes.pitch.tolist()
    record_over_loop(stage, 72, 76, 79)
    lanes, panel = stage.window.roll.take_lanes, stage.window.takes_panel
    assert lanes.isVisible() and len(lanes.lanes.notes) == 4
    assert [row.face.plan for row in panel.rows] == ["Round 1", "Round 2", "Round 3", "As recorded"]
    assert panel.isVisible() and stage.session.takes.auditioned == 4
    recorded = stage.document.track.notes.pitch.tolist()
    assert recorded == [*before, 72, 76, 79]
    press(stage, Qt.Key.Key_2)
    assert stage.sound.heard is not None and stage.sound.heard.pitch.tolist() == [76]
    place = QPoint(round(lanes.x_of(4 * BAR + 200)), LANE_PX // 2)
    QTest.mouseClick(lanes, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert stage.session.takes.heard is not None and stage.session.takes.heard.notes.pitch.tolist() == [72]
    press(stage, Qt.Key.Key_Return)
    assert stage.document.track.notes.pitch.tolist() == [*before, 72]
    press(stage, Qt.Key.Key_Z, CTRL)
    assert stage.document.track.notes.pitch.tolist() == recorded and stage.session.takes.phase == "offered"


def test_rounds_are_taken_only_where_that_is_wanted(stage: Stage) -> None:
    action = stage.window.actions_table["play.keep_rounds"]
    assert action.isChecked()
    action.trigger()
    assert not action.isChecked() and not stage.window.preferences.now.keep_rounds
    record_over_loop(stage, 72, 76)
    assert stage.session.takes.phase == "idle" and stage.session.shelf.names() == ()
