"""The take that is heard is explained under the notes, and lines lead from motifs to where they return."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from window_doubles import Stage
from window_hands import CTRL, offer_takes, press


def test_a_key_explains_the_take_that_is_heard_and_each_one_after_it(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    strip, scene = stage.window.explanation_strip, stage.window.roll.scene
    assert strip.isHidden() and scene.motifs == ()
    press(stage, Qt.Key.Key_W)
    first = strip.label.text()
    assert strip.isVisible() and ("bar 2" in first or "bars 2" in first)
    press(stage, Qt.Key.Key_2)
    assert strip.label.text() != first
    press(stage, Qt.Key.Key_Return)
    assert strip.isHidden() and scene.motifs == ()
    press(stage, Qt.Key.Key_Z, CTRL)
    assert strip.isVisible()  # they are on offer again
    press(stage, Qt.Key.Key_W)
    assert strip.isHidden() and not stage.window.preferences.now.explain_takes


def test_without_takes_there_is_nothing_to_explain(stage: Stage) -> None:
    action = stage.window.actions_table["assistant.explain"]
    assert not action.isEnabled() and "Ask for a continuation first." in action.toolTip()
