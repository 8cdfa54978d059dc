"""Counting models: every distribution is one, what was seen becomes likely, and a stored table says the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given

from counted_events import EVENTS, learned, stored
from musicassist.families.markov.decoding import MarkovConfig
from musicassist.families.markov.net import MarkovNet
from musicassist.values import plain_of, value_of


@given(EVENTS, EVENTS)
def test_every_class_has_some_share_and_all_make_one(events: list[int], context: list[int]) -> None:
    shares = learned(events).distribution(context)
    assert shares.sum() == pytest.approx(1)
    assert (shares > 0).all()


def test_a_longer_context_knows_better() -> None:
    growing, chain = learned([0, 1, 2, 0, 1, 3] * 5), stored([0, 1, 2, 0, 1, 3] * 5).chain
    for said in (growing.distribution, lambda context: chain.distribution("pitch", context)):
        assert said([1, 0, 2])[3] > 0.7  # nearest first: after 2 0 1 comes 3
        assert said([1, 0, 3])[2] > 0.7


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
    assert value_of(MarkovConfig, plain_of(config)) == config


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
