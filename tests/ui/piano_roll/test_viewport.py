"""Scroll and zoom stay within the song and keep what the user looks at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice
from pytestqt.qtbot import QtBot

from musicassist.ui.piano_roll.viewport import Viewport, pinch
from roll_desk import Desk


def viewport_of(*, width: int = 1000, height: int = 500, end_tick: int = 48_000) -> Viewport:
    viewport = Viewport(480)
    viewport.set_size(width, height)
    viewport.set_song(480, end_tick)
    return viewport


moves = st.lists(
    st.one_of(
        st.tuples(st.just("scroll"), st.floats(-5000, 5000), st.floats(-5000, 5000)),
        st.tuples(st.just("time"), st.floats(0.2, 5), st.floats(0, 1000)),
        st.tuples(st.just("pitch"), st.floats(0.2, 5), st.floats(0, 500)),
    ),
    max_size=8,
)


@given(moves)
def test_nothing_leads_out_of_the_paper(steps: list[tuple[str, float, float]]) -> None:
    viewport = viewport_of()
    for kind, first, second in steps:
        {"scroll": viewport.scroll_by, "time": viewport.zoom_time, "pitch": viewport.zoom_pitch}[kind](first, second)
        assert viewport.from_tick >= 0
        assert viewport.ticks.to_x(viewport.end_tick) >= 0
        assert viewport.pitches.scroll_px >= 0
        assert viewport.pitches.row_px == int(viewport.pitches.row_px)
        assert 4 <= viewport.pitches.row_px <= 40


@given(st.floats(0.5, 3), st.integers(0, 1000))
def test_zooming_in_the_middle_of_the_song_keeps_the_tick_under_the_pointer(factor: float, x: int) -> None:
    viewport = viewport_of()
    viewport.scroll_to(2000, 0)
    before = viewport.ticks.to_tick(x)
    viewport.zoom_time(factor, x)
    assert viewport.ticks.to_x(before) == pytest.approx(x, abs=0.51)


def test_small_steps_of_row_zoom_add_up() -> None:
    viewport = viewport_of()
    for _ in range(20):
        viewport.zoom_pitch(1.03, 100)
    assert viewport.pitches.row_px > 20


def test_a_span_fits_with_a_margin() -> None:
    viewport = viewport_of()
    viewport.show_span(9600, 19_200)
    assert viewport.from_tick < 9600 < 19_200 < viewport.to_tick


def test_it_speaks_only_when_something_changed(qtbot: QtBot) -> None:
    viewport = viewport_of()
    with qtbot.assertNotEmitted(viewport.changed):
        viewport.scroll_by(-100, 0)
    with qtbot.waitSignal(viewport.changed):
        viewport.scroll_by(100, 0)


def _gesture(kind: Qt.NativeGestureType, value: float) -> QNativeGestureEvent:
    place, device = QPointF(500, 100), QPointingDevice.primaryPointingDevice()
    return QNativeGestureEvent(kind, device, 2, place, place, place, value, QPointF())


def test_pinching_zooms_about_the_fingers(qtbot: QtBot) -> None:
    viewport = viewport_of()
    viewport.scroll_to(2000, 0)
    before = viewport.ticks
    assert pinch(viewport, _gesture(Qt.NativeGestureType.ZoomNativeGesture, 0.25))
    assert viewport.ticks.pixels_per_tick == pytest.approx(before.pixels_per_tick * 1.25)
    assert viewport.ticks.to_tick(500) == pytest.approx(before.to_tick(500), abs=5)
    assert not pinch(viewport, _gesture(Qt.NativeGestureType.RotateNativeGesture, 0.25))


def test_a_touchpad_scrolls_by_pixels(desk: Desk) -> None:
    desk.roll.viewport.zoom_time(4, 0)
    before = desk.roll.viewport.pitches.scroll_px
    desk.hand().wheel(100, 100, -240, -240, pixels=QPoint(-30, -20))
    assert desk.roll.viewport.ticks.scroll_px == 30
    assert desk.roll.viewport.pitches.scroll_px == before + 20
