"""Counting models: every distribution is one, what was seen becomes likely, and a stored table says the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from musicassist.families.markov.chain import MarkovConfig
from musicassist.families.markov.net import MarkovNet
from musicassist.models.growing_counts import GrowingCounts
from musicassist.models.steps import GateConfig, GateField

EVENTS = st.lists(st.integers(0, 4), max_size=30)
GATE = GateConfig((GateField("pitch", 2, 3),))


def learned(events: list[int], longest: int = 3) -> GrowingCounts:
    counts = GrowingCounts(5, longest)
    for at, event in enumerate(events):
        counts.learn(events[:at][::-1], event)
    return counts


def stored(events: list[int], *, fewest: int = 1) -> MarkovNet:
    """The same events counted at once, contexts of three classes."""
    past = [[-1, -1, -1, *events[:at]][::-1][:3] for at in range(len(events))]
    table = np.array(past, dtype=np.int64).reshape(-1, 3), np.array(events, dtype=np.int64)
    return MarkovNet.of({"pitch": table}, {"pitch": 5}, GATE, longest=3, fewest=fewest)


@given(EVENTS, EVENTS)
def test_every_class_has_some_share_and_all_make_one(events: list[int], context: list[int]) -> None:
    shares = learned(events).distribution(context)
    assert shares.sum() == pytest.approx(1)
    assert (shares > 0).all()


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


def test_a_longer_context_knows_better() -> None:
    growing, chain = learned([0, 1, 2, 0, 1, 3] * 5), stored([0, 1, 2, 0, 1, 3] * 5).chain
    for said in (growing.distribution, lambda context: chain.distribution("pitch", context)):
        assert said([1, 0, 2])[3] > 0.7  # nearest first: after 2 0 1 comes 3
        assert said([1, 0, 3])[2] > 0.7


def test_how_much_of_a_context_is_known() -> None:
    counts = learned([0, 1, 2, 0, 1])
    assert counts.known_length([2, 1, 0]) == 3
    assert counts.known_length([2, 1, 4]) == 2
    assert counts.known_length([4]) == 0
    assert GrowingCounts(5, 3).known_length([1, 2]) == 0


def test_a_copy_goes_its_own_way() -> None:
    counts = learned([0, 1, 2])
    before = counts.distribution([2]).tolist()
    twin = counts.copy()
    twin.learn([2], 4)
    assert counts.distribution([2]).tolist() == before
    assert twin.distribution([2])[4] > before[4]


def test_what_was_seldom_seen_is_not_kept() -> None:
    events = [0, 1, 2, 3] * 3 + [4, 2, 4]
    every, pruned = stored(events), stored(events, fewest=2)
    assert pruned.config.fields[0].contexts < every.config.fields[0].contexts
    assert pruned.chain.distribution("pitch", [2, 4, 3])[4] < every.chain.distribution("pitch", [2, 4, 3])[4]
    assert np.allclose(pruned.chain.distribution("pitch", [2, 1, 0]), every.chain.distribution("pitch", [2, 1, 0]))


def test_its_configuration_survives_the_card() -> None:
    config = stored([0, 1, 2]).config
    assert MarkovConfig.from_json(config.as_json()) == config


@pytest.mark.parametrize(
    ("part", "damaged"),
    [
        ("values", lambda t: t + 5),
        ("counts", lambda t: t * 0),
        ("counts", lambda t: t.float()),
        ("kinds", lambda t: t * 0),
        ("kinds", lambda t: t + 1),
        ("contexts", lambda t: t.flip(0)),
    ],
)
def test_a_table_of_nothing_that_was_counted_is_refused(part: str, damaged: object) -> None:
    whole = stored([0, 1, 2, 0, 1])
    state, name = whole.state_dict(), f"tables.pitch.{part}"
    with torch.device("meta"):
        model = MarkovNet(whole.config)
    with pytest.raises(ValueError, match=r"table|counts"):
        model.load_state_dict({**state, name: damaged(state[name])}, assign=True)  # type: ignore[operator]
