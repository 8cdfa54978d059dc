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
