"""Scores by interval: equal intervals get equal scores, whatever the pitch."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from lab.benchmarks.anchors import MAX_INTERVAL, AnchoredScores

PITCHES = 40


def _from_anchors_alone() -> AnchoredScores:
    """Scores to which the pitches in themselves add nothing."""
    torch.manual_seed(1)
    scores = AnchoredScores(features=3, anchors=2, pitches=PITCHES)
    for weights in scores.parameters():
        weights.data[: PITCHES + 1] = 0
    return scores


@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 10))
def test_moving_all_anchors_moves_all_scores(one: int, other: int, by: int) -> None:
    scores, features = _from_anchors_alone(), torch.ones(1, 3)
    here = scores(features, torch.tensor([[one, other]]))[0]
    there = scores(features, torch.tensor([[one + by, other + by]]))[0]
    assert torch.allclose(here[: PITCHES - by], there[by:PITCHES], atol=1e-6)
    assert torch.allclose(here[PITCHES], there[PITCHES])


def test_no_anchor_says_nothing_about_pitches() -> None:
    row = _from_anchors_alone()(torch.ones(1, 3), torch.tensor([[PITCHES, PITCHES]]))[0]
    assert torch.allclose(row[:PITCHES], row[:1].expand(PITCHES))


def test_beyond_the_widest_interval_all_pitches_score_alike() -> None:
    row = _from_anchors_alone()(torch.ones(1, 3), torch.tensor([[0, 0]]))[0]
    assert len(set(row[MAX_INTERVAL + 1 : PITCHES].tolist())) == 1
