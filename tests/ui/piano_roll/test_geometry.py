"""Ticks and x, pitches and y, and the grid: in plain numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.grid import SongGrid
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.ui.piano_roll.geometry import PitchTransform, TickTransform, lines_between

zooms = st.floats(0.004, 2.0)
scrolls = st.floats(0, 1e5)
ticks_of_song = st.floats(0, 1e6)


@given(zooms, scrolls, ticks_of_song)
def test_a_tick_comes_back_from_its_x(pixels_per_tick: float, scroll_px: float, tick: float) -> None:
    ticks = TickTransform(pixels_per_tick, scroll_px)
    assert ticks.to_tick(ticks.to_x(tick)) == pytest.approx(tick, abs=1e-3)


@given(zooms, scrolls, zooms, st.floats(0, 2000))
def test_zooming_keeps_what_is_under_the_pointer(before: float, scroll_px: float, after: float, x_px: float) -> None:
    ticks = TickTransform(before, scroll_px)
    assert ticks.zoomed(after, x_px).to_tick(x_px) == pytest.approx(ticks.to_tick(x_px), abs=1e-3)


@given(st.integers(4, 40), st.integers(0, 4000), st.integers(0, 127))
def test_every_pixel_of_a_row_is_its_pitch(row_px: int, scroll_px: int, pitch: int) -> None:
    pitches = PitchTransform(row_px, scroll_px)
    top = pitches.to_y(pitch)
    assert pitches.to_pitch(top) == pitch
    assert pitches.to_pitch(top + row_px - 1) == pitch


@given(st.integers(4, 40), st.integers(0, 4000), st.integers(4, 40), st.integers(0, 800))
def test_zooming_pitch_keeps_what_is_under_the_pointer(before: int, scroll_px: int, after: int, y_px: int) -> None:
    pitches = PitchTransform(before, scroll_px)
    row = (y_px + scroll_px) / before
    zoomed = pitches.zoomed(after, y_px)
    assert (y_px + zoomed.scroll_px) / after == pytest.approx(row)


def test_high_pitches_stand_above() -> None:
    pitches = PitchTransform(10)
    assert pitches.to_y(127) == 0
    assert pitches.to_y(60) > pitches.to_y(72)
    assert pitches.to_pitch(-50) == 127
    assert pitches.to_pitch(1e6) == 0
    assert pitches.total_px == 1280


def test_columns_are_placed_as_single_ticks_are() -> None:
    ticks = TickTransform(0.25, 10)
    assert ticks.to_x(np.array([0, 480])).tolist() == [ticks.to_x(0), ticks.to_x(480)]


def test_the_grid_snaps_to_sixteenths_and_triplets() -> None:
    straight, triplet = SongGrid(TimeMap(480), 120), SongGrid(TimeMap(480), 160)
    assert [straight.snapped(t) for t in (0, 59, 61, 479)] == [0, 0, 120, 480]
    assert [straight.floor(t) for t in (0, 119, 120, 239.9)] == [0, 0, 120, 120]
    assert [triplet.snapped(t) for t in (79, 81, 170, 330)] == [0, 160, 160, 320]
    assert triplet.length_ticks == 160


def test_triplets_that_are_no_whole_ticks_still_meet_every_beat() -> None:
    grid = SongGrid(TimeMap(100), 50 / 3)
    assert [grid.snapped(line * 25 * 2 / 3) for line in range(7)] == [0, 17, 33, 50, 67, 83, 100]


def test_lines_begin_anew_at_each_bar() -> None:
    five_eighths = TimeMap(
        480, meter_changes=(MeterChange(0, 5, 8),)
    )  # a bar of 1200 ticks, no multiple of a half note
    grid = SongGrid(five_eighths, 960)
    assert [grid.snapped(t) for t in (900, 1150, 1300, 2100)] == [960, 1200, 1200, 2160]
    assert grid.floor(1190) == 960
    assert grid.floor(1210) == 1200


def test_without_a_grid_every_tick_will_do() -> None:
    grid = SongGrid(TimeMap(480), 120).without_snap()
    assert grid.snapped(77.4) == 77
    assert grid.snapped(-5) == 0
    assert grid.floor(77.9) == 77
    assert grid.shift_ticks(0, 33.3) == 33
    assert grid.length_ticks == 120


@given(st.integers(0, 20_000), st.sampled_from([60, 120, 240, 480]), st.booleans())
def test_snapping_twice_is_snapping_once(tick: int, step: int, is_triplet: bool) -> None:
    grid = SongGrid(TimeMap(480), step * 2 / 3 if is_triplet else step)
    assert grid.snapped(grid.snapped(tick)) == grid.snapped(tick)
    assert abs(grid.snapped(tick) - tick) <= step / 2 + 1


def test_a_note_off_the_grid_is_drawn_to_it_or_keeps_its_feel() -> None:
    grid = SongGrid(TimeMap(480), 120)
    assert grid.shift_ticks(0, 130) == 120
    assert grid.shift_ticks(10, 118) == 120  # a whole step: it stays as late as it was played
    assert grid.shift_ticks(10, 109) == 110  # onto the line


def test_lines_are_told_apart_and_never_too_close() -> None:
    grid = SongGrid(TimeMap(480), 120)
    near = lines_between(grid, 0, 1919, 0.2)
    assert near.bar_ticks.tolist() == [0, 1920]
    assert near.bar_numbers.tolist() == [1, 2]
    assert near.beat_ticks.tolist() == [480, 960, 1440]
    assert len(near.step_ticks) == 12
    assert not set(near.step_ticks.tolist()) & set(near.beat_ticks.tolist())
    far = lines_between(grid, 0, 1920 * 100, 0.002)
    assert len(far.beat_ticks) == len(far.step_ticks) == 0
    assert np.diff(far.bar_ticks).min() * 0.002 >= 14
    assert (far.bar_numbers[1] - 1) % 4 == 0


def test_lines_follow_a_change_of_meter() -> None:
    time_map = TimeMap(480, meter_changes=(MeterChange(0, 4, 4), MeterChange(1920, 3, 4)))
    lines = lines_between(SongGrid(time_map, 120), 0, 5000, 0.2)
    assert lines.bar_ticks.tolist() == [0, 1920, 3360, 4800, 6240]
