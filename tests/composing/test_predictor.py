"""A choice is drawn from what is allowed, and boldly or safely as asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from melodies import bars_of, even_melody
from musicassist.composing.plan import BarPlan, Plan, Relation
from musicassist.composing.predictor import Passage, probabilities, sample
from musicassist.tokens.codec import Surroundings
from musicassist.tokens.demands import Demands

LOGITS = arrays(np.float32, 8, elements=st.floats(-50, 50, width=32))
MASKS = arrays(np.bool_, 8).filter(np.any)


@given(LOGITS, MASKS, st.floats(0, 3), st.floats(0, 1))
def test_nothing_forbidden_has_a_chance(logits: np.ndarray, mask: np.ndarray, temperature: float, top_p: float) -> None:
    weights = probabilities(logits, mask, temperature, top_p)
    assert abs(weights.sum() - 1) < 1e-9
    assert (weights[~mask] == 0).all()


@given(LOGITS, MASKS, st.floats(0, 1), st.floats(0, 1, exclude_max=True))
def test_what_is_drawn_has_a_chance(logits: np.ndarray, mask: np.ndarray, top_p: float, share: float) -> None:
    weights = probabilities(logits, mask, 1.0, top_p)
    assert weights[sample(weights, share)] > 0


def test_the_nucleus_is_the_smallest_set_that_holds_its_share() -> None:
    logits = np.log(np.array([0.5, 0.3, 0.15, 0.05], dtype=np.float32))
    everything = np.ones(4, dtype=bool)
    assert np.flatnonzero(probabilities(logits, everything, 1.0, 0.7)).tolist() == [0, 1]
    assert np.flatnonzero(probabilities(logits, everything, 1.0, 0.81)).tolist() == [0, 1, 2]
    assert np.flatnonzero(probabilities(logits, everything, 1.0, 0.0)).tolist() == [0]
    assert np.allclose(probabilities(logits, everything, 1.0, 1.0), np.exp(logits))


def test_a_low_temperature_chooses_the_likeliest() -> None:
    weights = probabilities(np.array([1.0, 1.1, 0.0], dtype=np.float32), np.ones(3, dtype=bool), 0.0, 1.0)
    assert np.allclose(weights, [0, 1, 0])


def test_where_the_model_allows_nothing_that_the_mask_does_all_of_it_is_equal() -> None:
    logits = np.array([-np.inf, -np.inf, 0.0], dtype=np.float32)
    mask = np.array([True, True, False])
    assert probabilities(logits, mask, 1.0, 1.0).tolist() == [0.5, 0.5, 0.0]


def test_a_random_share_falls_on_its_part() -> None:
    weights = np.array([0.25, 0.0, 0.75])
    assert [sample(weights, share) for share in (0.0, 0.24, 0.25, 0.999999, 1.0)] == [0, 0, 2, 2, 2]


def test_rests_and_notes_of_a_take_reach_over_the_bar_in_which_its_plan_is_silent() -> None:
    bars = bars_of((0, 4, 4))
    demands = Demands(bars, 96, 240, np.ones(128, dtype=bool), longest_rest_steps=24, longest_note_steps=90)
    new, silent = BarPlan(Relation.NEW), BarPlan(Relation.HELD)
    plans = (Plan(0, (new,) * 5), Plan(0, (new, new, new, silent, new)), Plan(0, (new, silent, new, new, new)))
    passage = Passage(even_melody(60, 62, 64, 65), Surroundings(bars), demands, plans=plans)
    longest = [passage.demands_of(take) for take in range(3)]
    assert [(own.longest_rest_steps, own.longest_note_steps) for own in longest] == [(24, 90), (72, 90), (24, 90)]
    free = replace(passage, demands=replace(demands, longest_rest_steps=None))
    assert free.demands_of(1).longest_note_steps == 90
    assert replace(passage, plans=()).demands_of(0) is demands
