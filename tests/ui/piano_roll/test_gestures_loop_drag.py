"""What dragging in the ruler makes of the loop."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.grid import SongGrid
from musicassist.score.timing import TimeMap
from musicassist.ui.piano_roll.gestures import begin_loop_drag

GRID = SongGrid(TimeMap(480), 120)
LOOP = (960, 1920)
PER_TICK = 0.1


def test_a_drag_beside_makes_a_new_loop_in_either_direction() -> None:
    drag = begin_loop_drag(2500, LOOP, PER_TICK, is_on_brace=True)
    assert drag.part == "new"
    assert drag.loop_at(3010, GRID) == (2520, 3000)
    assert drag.loop_at(2010, GRID) == (2040, 2520)


def test_no_length_is_no_loop() -> None:
    assert begin_loop_drag(480, None, PER_TICK, is_on_brace=False).loop_at(490, GRID) is None


def test_handles_move_one_end_and_may_cross() -> None:
    drag = begin_loop_drag(965, LOOP, PER_TICK, is_on_brace=False)
    assert drag.part == "start"
    assert drag.loop_at(480, GRID) == (480, 1920)
    assert drag.loop_at(2400, GRID) == (1920, 2400)
    assert begin_loop_drag(1900, LOOP, PER_TICK, is_on_brace=False).part == "end"


def test_the_brace_moves_the_whole_and_stops_at_the_beginning() -> None:
    drag = begin_loop_drag(1400, LOOP, PER_TICK, is_on_brace=True)
    assert drag.part == "body"
    assert drag.loop_at(1640, GRID) == (1200, 2160)
    assert drag.loop_at(-3000, GRID) == (0, 960)
    assert begin_loop_drag(1400, LOOP, PER_TICK, is_on_brace=False).part == "new"


@given(st.floats(0, 4000), st.floats(0, 4000), st.booleans())
def test_a_loop_has_always_a_length(from_tick: float, to_tick: float, is_on_brace: bool) -> None:
    loop = begin_loop_drag(from_tick, LOOP, PER_TICK, is_on_brace=is_on_brace).loop_at(to_tick, GRID)
    assert loop is None or 0 <= loop[0] < loop[1]


def test_alt_needs_no_grid() -> None:
    drag = begin_loop_drag(100, None, PER_TICK, is_on_brace=False)
    assert drag.loop_at(333, GRID.without_snap()) == pytest.approx((100, 333))
