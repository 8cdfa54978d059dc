"""Counts that grow while a piece goes on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counted_events import EVENTS, learned, stored
from musicassist.composing.note_history import GrowingCounts


@given(EVENTS, st.lists(st.integers(0, 4), min_size=3, max_size=3))
def test_a_stored_table_says_what_growing_counts_say(events: list[int], context: list[int]) -> None:
    growing = GrowingCounts(5, 3)
    for at, event in enumerate(events):
        growing.learn([-1, -1, -1, *events[:at]][::-1][:3], event)
    assert np.allclose(stored(events).chain.distribution("pitch", context), growing.distribution(context))


def test_without_a_past_all_is_even() -> None:
    assert GrowingCounts(4, 2).distribution([1, 2]).tolist() == [0.25] * 4
    assert stored([]).chain.distribution("pitch", [1, 2, 3]).tolist() == [0.2] * 5


def test_method_c_gives_new_things_the_share_of_kinds_seen() -> None:
    counts = GrowingCounts(4, 0)
    for value in (0, 0, 1):
        counts.learn([], value)
    assert np.allclose(counts.distribution([]), [2 / 5 + 0.1, 1 / 5 + 0.1, 0.1, 0.1])  # 2 kinds escape 2 of 5


def test_witten_bell_by_hand() -> None:
    counts = GrowingCounts(classes=4, longest=1)
    for context, value in (((0,), 1), ((1,), 1), ((1,), 2)):
        counts.learn(context, value)
    # order 0: values 1, 1, 2: two kinds in three; order 1 after class 1: values 1, 2
    order_0 = np.array([0.25 * 2, 2 + 0.25 * 2, 1 + 0.25 * 2, 0.25 * 2]) / 5
    order_1 = (np.array([0, 1, 1, 0]) + 2 * order_0) / 4
    assert counts.distribution((1,)) == pytest.approx(order_1)
    assert counts.distribution((3,)) == pytest.approx(order_0)


def test_how_much_of_a_context_is_known() -> None:
    counts = learned([0, 1, 2, 0, 1])
    assert counts.known_length([2, 1, 0]) == 3
    assert counts.known_length([2, 1, 4]) == 2
    assert counts.known_length([4]) == 0
    assert GrowingCounts(5, 3).known_length([1, 2]) == 0


@given(EVENTS, EVENTS)
def test_what_is_taken_back_was_never_learned(events: list[int], more: list[int]) -> None:
    counts, fewer = learned(events + more), learned(events)
    for at in range(len(events) + len(more) - 1, len(events) - 1, -1):
        counts.unlearn((events + more)[:at][::-1], (events + more)[at])
    for context in ([], [1], [2, 1], [4, 0, 3]):
        assert np.array_equal(counts.distribution(context), fewer.distribution(context))
        assert counts.known_length(context) == fewer.known_length(context)


@given(EVENTS, EVENTS, EVENTS)
def test_what_goes_on_from_counts_leaves_them_as_they_are(one: list[int], two: list[int], three: list[int]) -> None:
    first = learned(one)
    second = first.continued()
    teach(second, one, two)
    third = second.continued()
    teach(third, one + two, three)
    for counts, events in ((first, one), (second, one + two), (third, one + two + three)):
        for context in ([], [1], [2, 1], [4, 0, 3]):
            assert np.array_equal(counts.distribution(context), learned(events).distribution(context))


def teach(counts: GrowingCounts, before: list[int], events: list[int]) -> None:
    for at, event in enumerate(events):
        counts.learn((before + events[:at])[::-1], event)
