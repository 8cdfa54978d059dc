"""The snap grid."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from builders import grid_lines
from musicassist.score.grid import Grid, nearest_lines
from musicassist.score.timing import MeterChange, TimeMap


def test_steps_of_the_usual_grids() -> None:
    assert Grid(16).ticks(480) == 120
    assert Grid(16, is_triplet=True).ticks(480) == 80
    assert Grid(4).ticks(96) == 96
    assert Grid(64, is_triplet=True).ticks(1) == 1
    assert str(Grid(8, is_triplet=True)) == "1/8T"


def test_the_grid_begins_anew_at_each_bar_line() -> None:
    time_map = TimeMap(480, (), (MeterChange(0, 7, 8),))
    assert grid_lines(time_map, 480, 0, 3400).tolist() == [0, 480, 960, 1440, 1680, 2160, 2640, 3120, 3360]
    assert Grid(4).snap(time_map, 1600) == 1680
    assert Grid(4).snap(time_map, 1700) == 1680


def test_without_snapping_a_tick_stays() -> None:
    assert Grid(4, is_snapping=False).snap(TimeMap(), 477.4) == 477
    assert Grid(4, is_snapping=False).snap(TimeMap(), -3) == 0


@given(st.integers(0, 20000), st.sampled_from([4, 8, 16]), st.booleans(), st.integers(1, 12), st.integers(0, 9000))
def test_snapping_finds_the_nearest_line(
    tick: int, division: int, is_triplet: bool, numerator: int, change: int
) -> None:
    time_map = TimeMap(480, (), (MeterChange(0, 4, 4), MeterChange(change, numerator, 8)))
    grid = Grid(division, is_triplet)
    lines = grid_lines(time_map, grid.ticks(480), 0, 30000)
    assert abs(grid.snap(time_map, tick) - tick) == abs(lines - tick).min()


@given(
    st.floats(0, 20_000),
    st.sampled_from([480, 220, 120, 100, 96, 25, 7]),
    st.sampled_from([4, 8, 16, 32]),
    st.booleans(),
    st.sampled_from([(4, 4), (7, 8), (6, 8), (5, 16)]),
)
def test_the_mouse_and_quantising_know_the_same_lines_in_every_division(
    tick: float, ticks_per_beat: int, division: int, is_triplet: bool, meter: tuple[int, int]
) -> None:
    time_map = TimeMap(ticks_per_beat, (), (MeterChange(0, *meter),))
    grid = Grid(division, is_triplet)
    step = grid.ticks(ticks_per_beat)
    mouse = grid.over(time_map)
    lines = set(grid_lines(time_map, step, 0, 60_000).tolist())
    assert mouse.snapped(tick) == grid.snap(time_map, tick)
    assert {mouse.snapped(tick), mouse.floor(tick)} <= lines
    assert mouse.floor(tick) <= tick + 1e-6
    line = mouse.snapped(tick)
    assert int(nearest_lines(time_map, np.array([line]), step)[0]) == line  # what was drawn is quantised already
