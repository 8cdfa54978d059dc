"""The velocity lane under a real mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt

from musicassist.ui.piano_roll.lanes import LANE_PAD_PX, LANE_PX
from roll_desk import PHRASE, Desk, Hand


def y_of(velocity: int) -> float:
    return LANE_PX - LANE_PAD_PX - velocity * (LANE_PX - 2 * LANE_PAD_PX) / 127


def velocities(desk: Desk) -> list[int]:
    return [note.velocity for note in desk.notes]


def test_a_stroke_is_one_step_of_undo(desk: Desk) -> None:
    Hand(desk.roll.velocity_lane).drag((0, y_of(40)), (60, y_of(60)), (144, y_of(100)))
    assert velocities(desk)[0] in (39, 40, 41)
    assert velocities(desk)[3] in (99, 100, 101)
    assert desk.document.undo_name == "Draw velocities"
    desk.document.undo()
    assert desk.notes == list(PHRASE)


def test_ctrl_draws_a_line(desk: Desk) -> None:
    hand = Hand(desk.roll.velocity_lane, keys=Qt.KeyboardModifier.ControlModifier)
    hand.drag((0, y_of(20)), (70, y_of(127)), (144, y_of(80)))
    assert velocities(desk) == sorted(velocities(desk))


def test_a_selection_limits_it(desk: Desk) -> None:
    desk.choose(2)
    Hand(desk.roll.velocity_lane).drag((0, y_of(10)), (150, y_of(10)))
    assert velocities(desk)[:2] + velocities(desk)[3:] == [80, 90, 110]
    assert desk.chosen[0].velocity <= 11


def test_esc_gives_it_up(desk: Desk) -> None:
    hand = Hand(desk.roll.velocity_lane)
    hand.press(0, y_of(10))
    hand.move(150, y_of(10))
    desk.hand().escape()
    hand.release(150, y_of(10))
    assert desk.notes == list(PHRASE)


def test_lollipops_stand_as_high_as_notes_are_loud(desk: Desk) -> None:
    picture = desk.roll.velocity_lane.grab().toImage()
    ground = picture.pixelColor(30, round(y_of(40))).name()
    assert picture.pixelColor(1, round(y_of(40))).name() != ground
    assert picture.pixelColor(1, round(y_of(120))).name() == ground
