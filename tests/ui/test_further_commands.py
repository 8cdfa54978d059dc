"""Further takes in the window: they join those on offer, and Esc ends only them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from musicassist.composing.take_plan import INTENTS
from musicassist.ui.continue_button import COMPOSING
from window_doubles import Stage
from window_hands import CTRL, SHIFT, offer_takes, press


@pytest.fixture
def story(stage: Stage, qtbot: QtBot) -> Stage:
    offer_takes(stage, qtbot)
    return stage


def is_idle(story: Stage) -> bool:
    return not story.session.further.is_running


def names(story: Stage) -> list[str]:
    return [row.accessibleName() for row in story.window.takes_panel.rows]


def test_more_like_the_one_that_is_heard(story: Stage, qtbot: QtBot) -> None:
    press(story, Qt.Key.Key_2)
    press(story, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: is_idle(story))
    assert [request.kind for request in story.engine.requests] == ["continue", "continue", "vary"]
    assert len(story.session.takes.offer) == 8 and story.session.takes.auditioned == 2
    assert "Takes 5 to 8 are beside the others." in story.window.strip.message
    assert names(story)[4].startswith("Take 5, the plan of take 2, ")
    assert names(story)[7].startswith("Take 8, a variation of take 2 · ")
    assert len(story.window.roll.take_lanes.lanes.notes) == 8


def test_another_ending_for_the_one_that_is_heard(story: Stage, qtbot: QtBot) -> None:
    before = story.session.takes.offer[0].notes
    press(story, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: is_idle(story))
    takes = story.session.takes.offer
    assert len(takes) == 7 and takes[4].notes[0] == before[0] and takes[4].to_tick == takes[0].to_tick
    assert names(story)[4].startswith("Take 5, take 1 with another ending")
    press(story, Qt.Key.Key_5)
    press(story, Qt.Key.Key_Return)
    assert story.document.track.notes.pitch.tolist()[-len(takes[4].notes) :] == takes[4].notes.pitch.tolist()
    press(story, Qt.Key.Key_Z, CTRL)
    assert len(story.session.takes.offer) == 7


def test_takes_of_other_models_say_whose_they_are(story: Stage, qtbot: QtBot) -> None:
    press(story, Qt.Key.Key_M, CTRL | SHIFT)
    qtbot.waitUntil(lambda: is_idle(story))
    models = [take.model for take in story.session.takes.offer]
    assert models == ["lstm"] * 4 + ["gru"] * 2
    assert names(story)[0].endswith(" · Melody, balanced, heard now") and names(story)[5].endswith(" · Melody, light")
    others = story.window.actions_table["assistant.other_models"]
    assert not others.isEnabled() and "All models that serve this" in others.toolTip()


def test_one_take_of_each_idea(story: Stage, qtbot: QtBot) -> None:
    press(story, Qt.Key.Key_I, CTRL | SHIFT)
    qtbot.waitUntil(lambda: is_idle(story))
    plans = [take.plan for take in story.session.takes.offer[4:]]
    assert [plan.intent for plan in plans if plan is not None] == list(INTENTS)


def test_escape_ends_what_is_composed_and_leaves_what_is_there(story: Stage, qtbot: QtBot) -> None:
    story.engine.may_end.clear()
    press(story, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: len(story.engine.requests) == 2)
    button, panel = story.window.transport_bar.continuing, story.window.takes_panel
    assert button.state == COMPOSING and "Further takes" in panel._choice.text()
    assert not story.window.actions_table["assistant.other_endings"].isEnabled()
    press(story, Qt.Key.Key_Escape)
    assert is_idle(story) and len(story.session.takes.offer) == 4 and button.state != COMPOSING
    story.engine.may_end.set()
    press(story, Qt.Key.Key_Escape)
    assert story.session.takes.phase == "idle"


def test_blind_takes_say_nothing_of_their_models_and_ideas_until_one_is_kept(story: Stage, qtbot: QtBot) -> None:
    window, blind = story.window, story.window.actions_table["assistant.blind"]
    press(story, Qt.Key.Key_W)
    press(story, Qt.Key.Key_B, CTRL | SHIFT)
    assert blind.isChecked() and window.preferences.now.blind_takes
    press(story, Qt.Key.Key_M, CTRL | SHIFT)
    qtbot.waitUntil(lambda: is_idle(story))
    offer = story.session.takes.current
    assert [take.model for take in offer.takes] != ["lstm"] * 4 + ["gru"] * 2 and len(offer.takes) == 6
    panel, lanes = window.takes_panel, window.roll.take_lanes
    tell_tale = ("Melody", "LSTM", "lstm", "GRU", "gru", "bar", "idea", "goes on", "seed", "critic", "new")
    said = [*names(story), *(row.toolTip() for row in panel.rows), panel._facts.text(), *lanes.lanes.titles]
    said += [panel._choice.text(), window.explanation_strip.label.text(), lanes.place_words().replace("bar 2", "")]
    assert not [words for words in said for mark in tell_tale if mark in words]
    assert not window.actions_table["assistant.next_planned"].isEnabled()
    assert story.window.roll.scene.offer is not None and not story.window.roll.scene.offer.brackets
    press(story, Qt.Key.Key_2)
    press(story, Qt.Key.Key_Return)
    assert "Take 2 is yours" in window.strip.message
    assert "Melody, balanced" in window.strip.message and "Melody, light" in window.strip.message
    press(story, Qt.Key.Key_Z, CTRL)
    assert any("Melody, light" in name for name in names(story))
    press(story, Qt.Key.Key_B, CTRL | SHIFT)
    assert not blind.isChecked()
