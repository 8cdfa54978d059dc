"""What is kept is counted, shown, erased, and puts the next takes in order where that is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicassist.settings import Settings, TakeCount, load_settings, save_settings
from musicassist.ui.keeping_commands import CountsPopup
from window_doubles import Stage
from window_hands import CTRL, SHIFT, offer_takes, press


@pytest.fixture
def story(stage: Stage, qtbot: QtBot) -> Stage:
    offer_takes(stage, qtbot)
    return stage


def counted(story: Stage) -> dict[str, TakeCount]:
    return {row.idea: row for row in story.window.preferences.now.take_counts}


def test_what_became_of_takes_is_shown_and_erased(story: Stage) -> None:
    window = story.window
    press(story, Qt.Key.Key_2)
    press(story, Qt.Key.Key_Return)
    press(story, Qt.Key.Key_N, CTRL)
    story.session.settle()
    kept = [row for row in counted(story).values() if row.kept]
    assert [(row.model, row.idea, row.kept, row.edited_share) for row in kept] == [("lstm", "go-on", 1.0, 0.0)]
    window.actions_table["assistant.kept_takes"].trigger()
    popup = window.findChildren(CountsPopup)[-1]
    assert ("Melody, balanced", "goes on", "1", "1", "1", "0", "0 %") in popup.lines
    assert "Melody, balanced, goes on: 1 offered, 1 heard, 1 kept" in popup.accessibleDescription()
    QTest.mouseClick(popup.erase_button, Qt.MouseButton.LeftButton)
    assert not window.preferences.now.take_counts
    assert not window.actions_table["assistant.kept_takes"].isEnabled()


def test_the_next_takes_stand_in_the_order_of_what_is_kept(story: Stage, qtbot: QtBot) -> None:
    window = story.window
    switch = window.actions_table["assistant.rank_by_kept"]
    switch.trigger()
    assert switch.isChecked() and "Too little was kept" in window.strip.message
    story.session.take_counts.show([TakeCount("lstm", "contrast", offered=9, kept=9), TakeCount("lstm", "go-on", 9)])
    switch.trigger()
    switch.trigger()
    assert "most like what you keep" in window.strip.message
    press(story, Qt.Key.Key_Return, CTRL | SHIFT)
    qtbot.waitUntil(lambda: story.session.takes.phase == "offered")
    takes = story.session.takes.offer
    assert takes[0].plan is not None and takes[0].plan.intent == "contrast" and takes[0].ranked_by == "kept"
    assert "by what you keep" in window.takes_panel._choice.text()


def test_the_counts_are_in_the_settings_of_the_next_start(tmp_path: Path) -> None:
    rows = (TakeCount("lstm", "answer", 4, 2, 0.5, 1, 9, 3),)
    save_settings(Settings(take_counts=rows, rank_by_kept=True), tmp_path / "settings.json")
    assert load_settings(tmp_path / "settings.json").settings.take_counts == rows
