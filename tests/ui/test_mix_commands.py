"""Takes are mixed in the window: bars are swiped in lanes, by mouse or keys, heard at once, mended, and kept."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicassist.session.comping import MIX, Comp
from musicassist.ui.piano_roll.take_lanes import LANE_PX, TakeLanes
from window_doubles import Stage
from window_hands import CTRL, SHIFT, offer_takes, press

LEFT, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def story(stage: Stage, qtbot: QtBot) -> Stage:
    offer_takes(stage, qtbot)
    return stage


def lanes_of(story: Stage) -> TakeLanes:
    return story.window.roll.take_lanes


def place(story: Stage, bar: int, take: int, *, beat: int = 1) -> QPoint:
    """The middle of a beat of a bar of the takes, counted from 0, in the lane of a take."""
    lanes, span = lanes_of(story), story.session.takes.span
    assert span is not None
    time_map = story.document.song.time_map
    first = time_map.bar_at(span[0])
    beat_ticks = story.document.song.ticks_per_beat
    tick = time_map.bar_start_tick(first + bar) + beat_ticks * beat + beat_ticks // 2
    return QPoint(round(lanes.x_of(tick)), (take - 1) * LANE_PX + LANE_PX // 2)


def bars(story: Stage, *takes: int) -> Comp:
    """A comp that takes each bar from a take."""
    span, time_map = story.session.takes.span, story.document.song.time_map
    assert span is not None
    comp = Comp.of(*span, takes[0])
    for bar, take in enumerate(takes):
        first = time_map.bar_at(span[0]) + bar
        comp = comp.swiped(time_map.bar_start_tick(first), time_map.bar_start_tick(first + 1), take)
    return comp


def test_the_takes_lie_in_lanes_that_go_with_them_and_can_be_folded(stage: Stage, qtbot: QtBot) -> None:
    lanes = lanes_of(stage)
    assert lanes.isHidden()
    offer_takes(stage, qtbot)
    assert lanes.isVisible() and len(lanes.lanes.notes) == 4 and lanes.height() >= 4 * LANE_PX
    press(stage, Qt.Key.Key_3, CTRL)
    assert lanes.isHidden() and not stage.window.actions_table["assistant.take_lanes"].isChecked()
    press(stage, Qt.Key.Key_3, CTRL)
    assert lanes.isVisible()
    press(stage, Qt.Key.Key_Escape)
    assert lanes.isHidden()


def test_a_swipe_over_bars_is_heard_at_once_and_the_mix_kept_as_one_step(story: Stage) -> None:
    lanes, before = lanes_of(story), story.document.song
    QTest.mousePress(lanes, LEFT, pos=place(story, 1, 3))
    assert story.session.mixing.comp == bars(story, 1, 3, 1, 1)  # already while the button is down
    QTest.mouseMove(lanes, place(story, 2, 3))
    QTest.mouseRelease(lanes, LEFT, pos=place(story, 2, 3))
    heard = story.session.takes.heard
    assert heard is not None and (heard.number, story.sound.heard) == (MIX, heard.notes)
    assert story.session.mixing.comp == bars(story, 1, 3, 3, 1)
    assert "Mix of takes: 1 from bar" in story.window.strip.message
    panel = story.window.takes_panel
    assert [row.face.number for row in panel.rows] == [1, 2, 3, 4, MIX]
    assert panel.rows[-1].accessibleName().startswith("Mix of the takes") and panel._keep.text() == "Keep mix"
    press(story, Qt.Key.Key_2)
    press(story, Qt.Key.Key_0)
    assert story.sound.heard is heard.notes
    press(story, Qt.Key.Key_Return)
    assert story.document.track.notes.pitch.tolist()[-len(heard.notes) :] == heard.notes.pitch.tolist()
    press(story, Qt.Key.Key_Z, CTRL)
    assert story.document.song == before
    assert story.session.mixing.comp == bars(story, 1, 3, 3, 1)  # the mix is on offer again


def test_a_swipe_backwards_a_beat_and_a_whole_lane(story: Stage) -> None:
    lanes = lanes_of(story)
    QTest.mousePress(lanes, LEFT, pos=place(story, 2, 2))
    QTest.mouseMove(lanes, place(story, 0, 2))
    QTest.mouseRelease(lanes, LEFT, pos=place(story, 0, 2))
    assert story.session.mixing.comp == bars(story, 2, 2, 2, 1)
    QTest.mouseClick(lanes, LEFT, ALT, place(story, 3, 4, beat=1))
    comp = story.session.mixing.comp
    assert comp is not None
    assert [piece.to_tick - piece.from_tick for piece in comp.pieces if piece.take == 4] == [480]
    QTest.mouseDClick(lanes, LEFT, NONE, place(story, 0, 3))
    assert story.session.mixing.comp == bars(story, 3, 3, 3, 3)


def test_the_keyboard_chooses_bars_and_takes_them_from_other_takes(story: Stage) -> None:
    lanes = lanes_of(story)
    lanes.setFocus()
    press(story, Qt.Key.Key_Right)
    press(story, Qt.Key.Key_Right, SHIFT)
    press(story, Qt.Key.Key_Down)
    assert story.session.mixing.comp == bars(story, 1, 2, 2, 1)
    press(story, Qt.Key.Key_Up)
    press(story, Qt.Key.Key_Up)
    assert story.session.mixing.comp == bars(story, 1, 4, 4, 1)
    press(story, Qt.Key.Key_PageDown)
    assert story.session.takes.auditioned == 1  # the keys of the takes are theirs here, too
    press(story, Qt.Key.Key_0)
    words = lanes.place_words()
    assert words.startswith("bars 3 to 4, from take 4, ")


def test_the_bar_at_the_playhead_comes_from_the_next_take(story: Stage) -> None:
    span = story.session.takes.span
    assert span is not None
    story.sound.position = span[0] + 2000
    press(story, Qt.Key.Key_PageDown, SHIFT)
    assert story.session.mixing.comp == bars(story, 1, 2, 1, 1)
    press(story, Qt.Key.Key_PageUp, SHIFT)
    assert story.session.mixing.comp == bars(story, 1, 1, 1, 1)


def test_a_rough_join_is_marked_and_mended_by_a_click(story: Stage, qtbot: QtBot) -> None:
    lanes = lanes_of(story)
    mend = story.window.actions_table["assistant.mend_join"]
    assert not mend.isEnabled() and "Nothing is mixed yet" in mend.toolTip()
    QTest.mouseClick(lanes, LEFT, pos=place(story, 3, 4))
    (join,) = story.session.mixing.rough_joins
    assert "1 rough join;" in story.window.strip.message
    QTest.mouseClick(lanes, LEFT, pos=QPoint(round(lanes.x_of(join.tick)), 3))
    qtbot.waitUntil(lambda: len(story.session.takes.offer) == 5)
    asked = story.engine.requests[-1]
    assert (asked.kind, asked.from_tick, asked.to_tick) == ("infill", join.tick - 480, join.tick + 480)
    comp = story.session.mixing.comp
    assert comp is not None and comp.takes == (1, 5, 4)
    assert len(lanes.lanes.notes) == 5
