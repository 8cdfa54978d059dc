"""The lanes of takes by themselves: what is drawn bright, and what stands there in words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from builders import phrase, song_of
from musicassist.document.document import Document
from musicassist.score.song import Notes
from musicassist.session.comping import Comp, Join
from musicassist.ui.piano_roll.scene import Scene
from musicassist.ui.piano_roll.take_lanes import LANE_PX, MAX_LANES_SHOWN, Lanes, TakeLanes
from musicassist.ui.piano_roll.viewport import Viewport
from musicassist.ui.theme import DARK

BAR, SPAN = 1920, (0, 4 * 1920)
NOTES: tuple[Notes, ...] = tuple(phrase(*[pitch] * 8, step_ticks=960) for pitch in (60, 64, 67))


@pytest.fixture
def lanes(qtbot: QtBot) -> TakeLanes:
    scene = Scene(Document(song_of(*phrase(60, 62))), DARK)
    widget = TakeLanes(scene, Viewport(480))
    scene.setParent(widget)
    qtbot.addWidget(widget)
    widget.resize(800, 3 * LANE_PX + 1)
    widget.show()
    return widget


def shown(comp: Comp | None, *joins: Join, heard: int = 1) -> Lanes:
    return Lanes(NOTES, ("answers", "goes on", ""), comp, joins, *SPAN, heard)


def brightness(lanes: TakeLanes, bar: int, take: int) -> int:
    """Of the ground of a bar in a lane, beside its notes."""
    x = round(lanes.x_of(bar * BAR + 200))
    return lanes.grab().toImage().pixelColor(x, (take - 1) * LANE_PX + LANE_PX - 2).green()


def test_what_is_in_the_mix_is_bright(lanes: TakeLanes) -> None:
    lanes.show_lanes(shown(Comp.of(*SPAN, 1).swiped(BAR, 2 * BAR, 3), heard=0))
    assert brightness(lanes, 1, 3) > brightness(lanes, 1, 1) < brightness(lanes, 2, 1)
    lanes.show_lanes(shown(None, heard=2))
    assert brightness(lanes, 1, 2) > brightness(lanes, 1, 3)


def test_the_words_say_bar_take_idea_and_a_rough_join(lanes: TakeLanes) -> None:
    join = Join(BAR, BAR, leap_semitones=-9)
    lanes.show_lanes(shown(Comp.of(*SPAN, 1).swiped(BAR, 2 * BAR, 3), join, heard=0))
    assert lanes.place_words() == "bar 1, from take 1, answers, a leap of 9 semitones where it joins"
    QTest.keyClick(lanes, Qt.Key.Key_Right)
    assert lanes.place_words() == "bar 2, from take 3, a leap of 9 semitones where it joins"
    assert lanes.join_words(Join(0, 0, clashes=True)) == "rubs against another track where it joins"


def test_without_takes_nothing_can_be_swiped(lanes: TakeLanes) -> None:
    told: list[object] = []
    lanes.comped.connect(told.append)
    lanes.show_lanes(Lanes())
    QTest.mouseClick(lanes, Qt.MouseButton.LeftButton, pos=QPoint(100, 10))
    QTest.keyClick(lanes, Qt.Key.Key_Down)
    assert told == []


def test_only_so_many_lanes_take_room(lanes: TakeLanes) -> None:
    lanes.show_lanes(Lanes(NOTES * 5, (), None, (), *SPAN, 1))
    assert lanes.sizeHint().height() == MAX_LANES_SHOWN * LANE_PX + 1
    lanes.resize(800, 3 * LANE_PX)  # as in a low window
    told: list[Comp] = []
    lanes.comped.connect(told.append)
    turn_down(lanes)
    QTest.mouseClick(lanes, Qt.MouseButton.LeftButton, pos=QPoint(round(lanes.x_of(100)), 4 + LANE_PX))
    assert told[-1].pieces[0].take == 3


def turn_down(lanes: TakeLanes) -> None:
    """One notch of the wheel."""
    at, no = QPointF(50, 10), QPoint()
    buttons, modifiers = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        at, lanes.mapToGlobal(at), no, QPoint(0, -120), buttons, modifiers, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(lanes, event)
