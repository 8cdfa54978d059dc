"""The Notes menu."""

from __future__ import annotations

from PySide6.QtCore import Qt

from window_doubles import Stage
from window_hands import CTRL, SHIFT, pitches, press


def test_keys_move_the_selected_notes(stage: Stage) -> None:
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    assert pitches(stage) == [63, 67, 70, 72]
    press(stage, Qt.Key.Key_Down, SHIFT)
    assert pitches(stage) == [51, 55, 58, 60]


def test_what_moves_notes_wants_some_that_are_selected(stage: Stage) -> None:
    action = stage.window.actions_table["notes.octave_up"]
    assert not action.isEnabled() and "Select some notes first." in action.toolTip()
    press(stage, Qt.Key.Key_A, CTRL)
    assert action.isEnabled()


def test_a_key_pins_the_selected_notes_and_the_roll_shows_it(stage: Stage) -> None:
    actions, view = stage.window.actions_table, stage.window.workspace.roll.view
    assert not actions["notes.pin"].isEnabled() and not actions["notes.unpin_all"].isEnabled()
    press(stage, Qt.Key.Key_A, CTRL)
    bare = view.grab().toImage()
    press(stage, Qt.Key.Key_P, SHIFT)
    assert stage.document.track.notes.pinned.all() and actions["notes.pin"].isChecked()
    assert view.grab().toImage() != bare
    actions["notes.unpin_all"].trigger()
    assert not stage.document.track.notes.has_pins and view.grab().toImage() == bare
