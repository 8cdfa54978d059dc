"""Clocks: blocks are smoothed, jumps are followed, and a clock that stands still is noticed."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from musicassist.sound.clocks import InputClock, LeadClock, Stall, SynthClock


def test_a_clock_that_goes_in_blocks_is_smoothed() -> None:
    clock, block_seconds = SynthClock(), 0.0107
    for step in range(400):
        now = 50 + step * 0.02
        clock.look((now - 40) // block_seconds * block_seconds, now)
    places = [clock.to_synth(58 + step / 1000) for step in range(20)]
    steps = [later - earlier for earlier, later in pairwise(places)]
    assert steps == [pytest.approx(0.001)] * 19
    assert places[0] == pytest.approx(18, abs=block_seconds)


def test_a_jump_is_followed_at_once() -> None:
    clock = SynthClock()
    clock.look(5.0, 10.0)
    clock.look(4.0, 10.02)
    assert clock.to_synth(11.0) == pytest.approx(4.98)


def test_a_clock_that_stands_still_for_too_long_is_noticed_but_a_sleep_of_ours_is_not() -> None:
    now = 0.0
    stall = Stall(lambda: now, 1.0)
    assert not stall.is_over(7)
    now = 60.0  # we slept
    assert not stall.is_over(7)
    verdicts = []
    for _ in range(12):
        now += 0.09
        verdicts.append(stall.is_over(7))
    assert not verdicts[0]
    assert verdicts[-1]
    assert not stall.is_over(8)


class DriftingCard:
    """A sound card whose crystal goes 200 ppm too fast, and whose clock jumps from block to block."""

    def __init__(self, clock: Callable[[], float], block_seconds: float, latency_seconds: float) -> None:
        self.latency_seconds = latency_seconds
        self._clock, self._block_seconds = clock, block_seconds

    def exact_seconds(self) -> float:
        return (self._clock() - 1000) * (1 + 200e-6)

    def now_seconds(self) -> float:
        return self.exact_seconds() // self._block_seconds * self._block_seconds


@pytest.mark.parametrize(("block_seconds", "latency_seconds"), [(0.0107, 0.0427), (0.0027, 0.0), (0.0213, 0.0213)])
def test_ports_follow_a_drifting_card_closely_for_ten_minutes_and_never_run_ahead(
    block_seconds: float, latency_seconds: float
) -> None:
    now = 1000.0
    card = DriftingCard(lambda: now, block_seconds, latency_seconds)
    clock = LeadClock(card, lambda: now)
    clock.look()
    chance = random.Random(1)
    delays = []
    for step in range(30_000):
        now += chance.uniform(0.017, 0.024)
        clock.look()
        now += chance.uniform(0.0, 0.004)
        heard = clock.heard_seconds()
        assert heard <= card.now_seconds()
        if step > 200:
            delays.append(card.exact_seconds() - heard)
    assert max(delays) - min(delays) < (0.001 if block_seconds < 0.02 else 0.0015)
    assert min(delays) >= latency_seconds - 0.001


def test_another_lead_is_followed_at_once() -> None:
    now = 50.0
    clock = LeadClock(DriftingCard(lambda: now, 0.01, 0.0), lambda: now)
    clock.follow(DriftingCard(lambda: now + 5000, 0.01, 0.0))
    assert clock.heard_seconds() == pytest.approx(4050.8, abs=0.02)


def test_a_thread_that_hears_of_a_key_late_does_not_make_it_late() -> None:
    clock = InputClock()
    stamps = [clock.stamp(0.1, now) for now in (10.0, 10.1, 10.3, 10.301, 10.4)]
    assert stamps == pytest.approx([10.0, 10.1, 10.2, 10.3, 10.4], abs=0.0015)


def test_a_clock_that_drifts_is_followed_and_no_key_lies_in_the_future() -> None:
    for drift in (-1e-4, 1e-4):
        clock, now = InputClock(), 0.0
        for _ in range(20_000):
            now += 0.1
            stamp = clock.stamp(0.1 * (1 + drift), now)
            assert now - 0.002 < stamp <= now


def test_a_clock_that_was_reset_begins_anew() -> None:
    clock = InputClock()
    assert [clock.stamp(delta, now) for delta, now in ((0.0, 5.0), (0.0, 65.0), (30.0, 66.0))] == [5.0, 65.0, 66.0]
