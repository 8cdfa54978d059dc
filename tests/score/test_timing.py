"""Ticks, beats, bars and seconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import songs
from musicassist.score.song import Song
from musicassist.score.timing import MeterChange, TempoChange, TimeMap, spoken_bpm, tempo_change

TICKS = st.integers(0, 200_000)


@given(songs(), TICKS)
def test_seconds_and_ticks_are_inverse(song: Song, tick: int) -> None:
    time_map = song.time_map
    assert time_map.seconds_to_tick(time_map.tick_to_seconds(tick)) == pytest.approx(tick, abs=1e-6)
    ticks = np.array([-3, 0, tick])
    assert time_map.seconds_to_ticks(time_map.ticks_to_seconds(ticks)) == pytest.approx(ticks, abs=1e-6)


@given(songs(), TICKS, TICKS)
def test_later_ticks_are_heard_later(song: Song, a: int, b: int) -> None:
    early, late = sorted((a, b))
    seconds = song.time_map.ticks_to_seconds(np.array([early, late]))
    assert seconds[0] <= seconds[1]
    assert (seconds[0] == seconds[1]) == (early == late)


@given(songs(), TICKS)
def test_many_ticks_at_once_are_as_one_by_one(song: Song, tick: int) -> None:
    ticks = np.array([0, tick, tick + 1])
    assert song.time_map.ticks_to_seconds(ticks).tolist() == [song.time_map.tick_to_seconds(t) for t in ticks]


@given(songs(), TICKS)
def test_a_tick_lies_in_its_bar(song: Song, tick: int) -> None:
    time_map = song.time_map
    bar, offset_ticks = time_map.bar_and_offset_ticks(tick)
    assert time_map.bar_start_tick(bar) + offset_ticks == tick
    assert time_map.bar_start_tick(bar) <= tick < time_map.bar_start_tick(bar + 1)
    assert time_map.bar_at(time_map.bar_start_tick(bar)) == bar


@given(songs(), TICKS)
def test_the_bar_around_a_tick_is_the_same_for_many_at_once(song: Song, tick: int) -> None:
    time_map = song.time_map
    starts, ends = time_map.bar_spans(np.array([tick]))
    bar = time_map.bar_at(tick)
    assert (int(starts[0]), int(ends[0])) == (time_map.bar_start_tick(bar), time_map.bar_start_tick(bar + 1))
    assert time_map.bars_at(np.array([0, tick])).tolist() == [0, bar]


@given(songs(), TICKS)
def test_whole_bars_have_the_length_of_their_meter(song: Song, tick: int) -> None:
    length = song.time_map.meter_at(tick).bar_ticks(song.ticks_per_beat)
    assert song.time_map.bar_lengths(np.array([tick])).tolist() == [length]


@given(songs(), TICKS)
def test_the_bar_line_at_or_after_a_tick_is_the_next_one(song: Song, tick: int) -> None:
    time_map = song.time_map
    line = time_map.bar_line_at_or_after(tick)
    assert line >= tick
    assert time_map.bar_start_tick(time_map.bar_at(line)) == line
    assert line == tick or time_map.bar_at(line) == time_map.bar_at(tick) + 1


@given(songs(), TICKS)
def test_a_position_counts_from_one_or_from_a_pickup(song: Song, tick: int) -> None:
    bar, beat, ticks = song.time_map.position(tick)
    assert bar == song.time_map.bar_at(tick) + (0 if song.time_map.has_pickup else 1)
    assert song.time_map.bar_numbered(bar) == song.time_map.bar_at(tick)
    assert beat >= 1
    assert 0 <= ticks < max(1, song.ticks_per_beat * 4)


@given(songs(), TICKS)
def test_beats_and_ticks_are_inverse(song: Song, tick: int) -> None:
    assert song.time_map.beats_to_tick(song.time_map.tick_to_beats(tick)) == tick


def test_without_changes_it_is_120_in_four_four() -> None:
    time_map = TimeMap()
    assert time_map.tick_to_seconds(960) == 1.0
    assert time_map.tempo_bpm_at(0) == 120
    assert str(time_map.meter_at(0)) == "4/4"
    assert time_map.position(1920 + 480 + 7) == (2, 2, 7)


def test_tempo_changes_add_up() -> None:
    time_map = TimeMap(480, (tempo_change(0, 60), tempo_change(480, 120), tempo_change(960, 240)))
    assert time_map.ticks_to_seconds(np.array([0, 480, 960, 1440])).tolist() == [0, 1, 1.5, 1.75]
    assert [time_map.tempo_bpm_at(tick) for tick in (0, 479, 480, 960)] == pytest.approx([60, 60, 120, 240])


def test_the_last_of_several_tempos_at_the_start_holds() -> None:
    assert TimeMap(480, (tempo_change(0, 60), tempo_change(0, 90))).tempo_bpm_at(0) == pytest.approx(90, abs=1e-3)


def test_beats_of_a_position_are_those_of_the_meter() -> None:
    time_map = TimeMap(480, (), (MeterChange(0, 6, 8),))
    assert time_map.position(1440 + 240 * 4) == (2, 2, 240)


@pytest.mark.parametrize(
    ("meter", "pulses", "pulse_beats"),
    [
        *(((6, 8), 2, 1.5), ((9, 8), 3, 1.5), ((12, 8), 4, 1.5), ((15, 8), 5, 1.5), ((6, 16), 2, 0.75)),
        *(((3, 8), 3, 0.5), ((5, 8), 5, 0.5), ((7, 8), 7, 0.5), ((6, 4), 6, 1.0), ((3, 4), 3, 1.0), ((2, 2), 2, 2.0)),
    ],
)
def test_three_eighths_are_counted_as_one_where_the_meter_is_compound(
    meter: tuple[int, int], pulses: int, pulse_beats: float
) -> None:
    time_map = TimeMap(480, (), (MeterChange(0, *meter),))
    pulse_ticks = round(480 * pulse_beats)
    assert time_map.pulse_ticks_at(0) == pulse_ticks
    places = [time_map.position(pulse * pulse_ticks) for pulse in range(pulses + 1)]
    assert places == [*((1, pulse + 1, 0) for pulse in range(pulses)), (2, 1, 0)]


@pytest.mark.parametrize(
    ("micros", "pulse_beats", "spoken"),
    [
        *((666_666, 1, 90), (666_667, 1, 90), (500_000, 1, 120), (60_060, 1, 999), (15_000_000, 1, 4)),
        *((648_649, 1, 92.5), (650_407, 1, 92.25), (500_000, 1.5, 80), (1_000_000, 1.5, 40), (430_108, 1.5, 93)),
    ],
)
def test_a_tempo_is_spoken_with_the_fewest_decimals_that_a_file_cannot_tell_apart(
    micros: int, pulse_beats: float, spoken: float
) -> None:
    assert spoken_bpm(60e6 / micros, pulse_beats) == spoken


def test_beats_that_are_no_whole_number_of_ticks_long_begin_with_their_first_tick() -> None:
    time_map = TimeMap(25, (), (MeterChange(0, 6, 8),))
    places = [time_map.position(tick) for tick in (0, 12, 13, 24, 25, 74, 75)]
    assert places == [(1, 1, 0), (1, 1, 12), (1, 1, 13), (1, 1, 24), (1, 1, 25), (1, 2, 36), (2, 1, 0)]
    sevens = TimeMap(25, (), (MeterChange(0, 7, 8),))
    assert [sevens.position(tick) for tick in (12, 13, 24, 25)] == [(1, 1, 12), (1, 2, 0), (1, 2, 11), (1, 3, 0)]


def test_a_bar_cut_short_by_a_new_meter_counts() -> None:
    time_map = TimeMap(480, (), (MeterChange(0, 4, 4), MeterChange(960, 3, 4)))
    assert [time_map.bar_start_tick(bar) for bar in range(4)] == [0, 960, 2400, 3840]
    assert time_map.bar_at(959) == 0
    assert time_map.bar_at(960) == 1


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ((MeterChange(0, 1, 4), MeterChange(480, 4, 4)), [0, 1, 2]),
        ((MeterChange(0, 1, 8), MeterChange(240, 6, 8)), [0, 1, 2]),
        ((MeterChange(0, 4, 4), MeterChange(960, 4, 4)), [0, 1, 2]),  # the first bar is cut short
        ((MeterChange(0, 4, 4),), [1, 2, 3]),
        ((MeterChange(0, 4, 4), MeterChange(1920, 3, 4)), [1, 2, 3]),
        ((MeterChange(0, 3, 4), MeterChange(2 * 1440, 4, 4)), [1, 2, 3]),
    ],
)
def test_the_first_whole_bar_is_bar_one_and_a_pickup_bar_nought(
    changes: tuple[MeterChange, ...], numbers: list[int]
) -> None:
    time_map = TimeMap(480, (), changes)
    assert [time_map.position(time_map.bar_start_tick(bar))[0] for bar in range(3)] == numbers


def test_tempo_stays_in_what_a_file_can_hold() -> None:
    assert tempo_change(0, 1e-9) == TempoChange(0, 0xFFFFFF)
    assert tempo_change(0, 1e12) == TempoChange(0, 1)
    assert tempo_change(0, 112).tempo_bpm == pytest.approx(112, abs=1e-3)


@pytest.mark.parametrize(("tick", "line"), [(0, 0), (1, 0), (1920, 0), (1921, 1920), (3840, 1920)])
def test_the_bar_line_before_a_place_is_never_the_one_it_stands_on(tick: int, line: int) -> None:
    assert TimeMap().bar_line_before(tick) == line


@given(st.integers(4, 999), st.sampled_from([int, round]))
def test_a_whole_tempo_is_spoken_whole_whichever_way_its_microseconds_were_rounded(
    bpm: int, to_whole: Callable[[float], int]
) -> None:
    micros = to_whole(60e6 / bpm)
    assert spoken_bpm(TempoChange(0, micros).tempo_bpm) == bpm


@pytest.mark.parametrize(("micros", "bpm"), [(666_666, 90), (666_667, 90), (650_000, 92.308), (480_000, 125)])
def test_a_tempo_is_spoken_as_short_as_its_microseconds_allow(micros: int, bpm: float) -> None:
    assert spoken_bpm(60e6 / micros) == pytest.approx(bpm, abs=5e-4)


@pytest.mark.parametrize("off_ticks", [-15, -3, -1, 1, 2, 5, 15])
@pytest.mark.parametrize("bar", [0, 4])
def test_a_meter_a_few_ticks_off_its_bar_line_stands_on_it(off_ticks: int, bar: int) -> None:
    tick = max(0, bar * 1920 + off_ticks)
    bars = TimeMap(480, (), (MeterChange(0, 4, 4), MeterChange(tick, 3, 4)))
    assert [bars.bar_start_tick(bar + k) for k in range(3)] == [bar * 1920, bar * 1920 + 1440, bar * 1920 + 2880]
    assert str(bars.meter_at(bar * 1920)) == "3/4"
    assert bars.bar_at(bar * 1920) == bar


def test_a_tempo_a_few_ticks_late_is_the_tempo_of_its_bar_and_sounds_where_it_stands() -> None:
    bars = TimeMap(480, (TempoChange(2, 400_000), TempoChange(1925, 1_000_000)))
    assert (bars.tempo_bpm_at(0), bars.tempo_bpm_at(1920)) == (150, 60)
    assert bars.tick_to_seconds(1925) == pytest.approx(2 * 0.5 / 480 + 1923 * 0.4 / 480)


def test_a_bar_that_is_really_cut_short_stays_short() -> None:
    bars = TimeMap(480, (), (MeterChange(0, 4, 4), MeterChange(1920 + 60, 3, 4)))
    assert bars.bar_start_tick(2) == 1980
