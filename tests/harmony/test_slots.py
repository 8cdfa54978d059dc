"""The stretches that chords fill."""

from __future__ import annotations

from musicassist.harmony.slots import slot_after, slots_between
from musicassist.score.timing import MeterChange, TimeMap

BAR = 1920


def test_slots_are_half_bars_in_common_time_and_bars_elsewhere() -> None:
    assert [(s.from_tick, s.to_tick) for s in slots_between(TimeMap(), 480, BAR)] == [(480, 960), (960, BAR)]
    waltz = TimeMap(480, (), (MeterChange(0, 3, 4),))
    assert [(s.from_tick, s.to_tick) for s in slots_between(waltz, 0, 2000)] == [(0, 1440), (1440, 2000)]


def test_a_bar_of_four_has_two_chords_and_one_of_three_has_one() -> None:
    four = TimeMap()
    assert (slot_after(four, 0).from_tick, slot_after(four, 0).to_tick) == (0, 960)
    assert (slot_after(four, 1).from_tick, slot_after(four, 1).to_tick) == (960, BAR)
    assert slot_after(four, 961).from_tick == BAR
    three = TimeMap(meter_changes=(MeterChange(0, 3, 4),))
    assert (slot_after(three, 1).from_tick, slot_after(three, 1).to_tick) == (1440, 2880)
