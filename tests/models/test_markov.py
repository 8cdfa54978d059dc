"""Counting models: every distribution is one, and what was seen becomes likely."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.models.markov import MarkovModel, entropy_weighted

EVENTS = st.lists(st.integers(0, 4), max_size=30)


def learned(events: list[int], longest: int = 3) -> MarkovModel:
    model = MarkovModel(5, longest)
    for at, event in enumerate(events):
        model.learn(events[:at][::-1], event)
    return model


@given(EVENTS, EVENTS)
def test_every_class_has_some_share_and_all_make_one(events: list[int], context: list[int]) -> None:
    shares = learned(events).distribution(context)
    assert shares.sum() == pytest.approx(1)
    assert (shares > 0).all()


@given(EVENTS, EVENTS)
def test_a_mixture_is_a_distribution_too(one: list[int], other: list[int]) -> None:
    mixed = entropy_weighted(learned(one).distribution([]), learned(other).distribution([]))
    assert mixed.sum() == pytest.approx(1)
    assert (mixed > 0).all()


def test_without_a_past_all_is_even() -> None:
    assert MarkovModel(4, 2).distribution([1, 2]).tolist() == [0.25] * 4


def test_method_c_gives_new_things_the_share_of_kinds_seen() -> None:
    model = MarkovModel(4, 0)
    for value in (0, 0, 1):
        model.learn([], value)
    assert np.allclose(model.distribution([]), [2 / 5 + 0.1, 1 / 5 + 0.1, 0.1, 0.1])  # 2 kinds escape 2 of 5


def test_a_longer_context_knows_better() -> None:
    model = learned([0, 1, 2, 0, 1, 3] * 5)
    assert model.distribution([1, 0, 2])[3] > 0.7  # nearest first: after 2 0 1 comes 3
    assert model.distribution([1, 0, 3])[2] > 0.7


def test_the_surer_model_weighs_more() -> None:
    sure, unsure = np.array([0.97, 0.01, 0.01, 0.01]), np.full(4, 0.25)
    assert entropy_weighted(sure, unsure)[0] > 0.9
