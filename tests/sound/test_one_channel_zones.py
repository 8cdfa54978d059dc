"""Zones of MPE: who leads, who is led, and how two of them share the channels."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from musicassist.sound.one_channel import LOWER_MASTER, UPPER_MASTER, Zones


def test_the_lower_zone_counts_up_from_channel_2_and_the_upper_one_down_from_channel_15() -> None:
    zones = Zones()
    zones.configure(LOWER_MASTER, 7)
    zones.configure(UPPER_MASTER, 3)
    assert list(zones.members_of(LOWER_MASTER)) == [1, 2, 3, 4, 5, 6, 7]
    assert list(zones.members_of(UPPER_MASTER)) == [12, 13, 14]
    assert zones.master_of(9) is None
    assert zones.reach(UPPER_MASTER) == (15, 12, 13, 14)


def test_members_bend_by_48_semitones_and_masters_by_2_until_told_otherwise() -> None:
    zones = Zones()
    assert zones.bend_range(1) is None
    zones.configure(LOWER_MASTER, 15)
    assert (zones.bend_range(0), zones.bend_range(1), zones.bend_range(15)) == (2, 48, 48)
    zones.set_bend_range(4, 24)
    assert (zones.bend_range(0), zones.bend_range(1)) == (2, 24)
    zones.configure(LOWER_MASTER, 15)
    assert zones.bend_range(1) == 48


@given(st.lists(st.tuples(st.sampled_from([LOWER_MASTER, UPPER_MASTER]), st.integers(0, 127)), max_size=8))
def test_no_channel_is_ever_in_two_zones_or_led_while_it_leads(told: list[tuple[int, int]]) -> None:
    zones = Zones()
    for master, members in told:
        zones.configure(master, members)
        assert len(zones.members_of(master)) == min(members, 15)
    lower, upper = set(zones.members_of(LOWER_MASTER)), set(zones.members_of(UPPER_MASTER))
    assert not lower & upper
    assert not (lower and upper) or (UPPER_MASTER not in lower and LOWER_MASTER not in upper)
