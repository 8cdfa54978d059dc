"""Ghost notes are selected in the roll by mouse, or by bars with keys, and kept alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicassist.score.song import Note
from window_doubles import Stage
from window_hands import CTRL, SHIFT, offer_takes, press

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def story(stage: Stage, qtbot: QtBot) -> Stage:
    offer_takes(stage, qtbot)
    return stage


def place(story: Stage, note: Note) -> QPoint:
    viewport = story.window.roll.viewport
    x = viewport.ticks.to_x(note.start_tick + note.duration_ticks / 2)
    return QPoint(round(x), round(viewport.pitches.to_y(note.pitch) + viewport.pitches.row_px / 2))


def ghosts(story: Stage) -> list[Note]:
    heard = story.session.takes.heard
    assert heard is not None
    return list(heard.notes)


def test_clicked_ghosts_alone_are_kept_and_the_rest_stays_on_offer(story: Stage) -> None:
    view, before = story.window.roll.view, list(story.document.track.notes)
    keep = story.window.actions_table["assistant.keep_picked"]
    assert not keep.isEnabled() and "Select ghost notes first" in keep.toolTip()
    one, two = ghosts(story)[2], ghosts(story)[4]
    QTest.mouseClick(view, LEFT, NONE, place(story, one))
    QTest.mouseClick(view, LEFT, CTRL, place(story, two))
    assert list(story.session.picking.notes) == [one, two] and keep.isEnabled()
    assert story.window.roll.scene.offer is not None and list(story.window.roll.scene.offer.picked) == [one, two]
    assert "2 ghost notes are selected" in story.window.strip.message
    assert list(story.document.track.notes) == before
    press(story, Qt.Key.Key_Return, SHIFT)
    assert list(story.document.track.notes) == [*before, one, two]
    assert story.session.takes.phase == "offered" and len(story.session.takes.offer) == 4
    press(story, Qt.Key.Key_Z, CTRL)
    assert list(story.document.track.notes) == before and story.session.takes.phase == "offered"


def test_a_rectangle_selects_ghosts_and_a_click_beside_them_lets_them_go(story: Stage) -> None:
    view, (first, *_, last) = story.window.roll.view, ghosts(story)[:4]
    start = place(story, first) + QPoint(-30, 30)
    QTest.mousePress(view, LEFT, NONE, start)
    QTest.mouseMove(view, place(story, last) + QPoint(0, -30))
    QTest.mouseRelease(view, LEFT, NONE, place(story, last) + QPoint(0, -30))
    assert len(story.session.picking.notes) == 4
    QTest.mouseClick(view, LEFT, NONE, start + QPoint(0, 60))
    assert len(story.session.picking.notes) == 0 and "No ghost notes" in story.window.strip.message


def test_bars_of_ghosts_are_selected_by_keys(story: Stage) -> None:
    span = story.session.takes.span
    assert span is not None
    story.sound.position = span[0] + 2000
    press(story, Qt.Key.Key_X)
    assert [note.start_tick // 1920 for note in story.session.picking.notes] == [span[0] // 1920 + 1] * 4
    press(story, Qt.Key.Key_X)
    assert len(story.session.picking.notes) == 0
    lanes = story.window.roll.take_lanes
    lanes.setFocus()
    press(story, Qt.Key.Key_Right, SHIFT)
    press(story, Qt.Key.Key_X)
    assert len(story.session.picking.notes) == 8
    press(story, Qt.Key.Key_Return, SHIFT)
    assert "8 notes are yours" in story.window.strip.message
