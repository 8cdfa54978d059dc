"""Gaps of a latent model."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from melodies import bars_of
from musicassist.composing.predictor import Passage
from musicassist.composing.seed_reading import SeedContexts
from musicassist.families.latent.decoding import VaeStep
from musicassist.families.latent.net import VaeModel
from musicassist.families.latent.predictor import LatentPredictor, LatentScript
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.demands import Demands
from musicassist.tokens.windows import END, spans_of
from tiny_latent_models import TINY
from tiny_vae import CONDITIONS


def predictor(net: VaeStep, bars: int) -> tuple[LatentPredictor, Passage]:
    time_map = bars_of((0, 4, 4))
    spans = spans_of(time_map, 48, 48 * (bars + 1))
    points = np.random.default_rng(5).standard_normal((2, len(spans), TINY.latent), dtype=np.float32)
    script = LatentScript(spans, (60,) * len(spans), ((1, 1, 0),) * len(spans), lambda _randoms: points, 1.0, 80)
    seed = Melody(*(np.array([value]) for value in (0, 64, 12, 80)))
    demands = Demands(time_map, 48, 48 * (bars + 1), np.ones(128, dtype=bool))
    return LatentPredictor(net, SeedContexts(), script, 1.0, 1.0), Passage(
        seed, Surroundings(time_map, tonic=0, mode=1), demands
    )


@pytest.mark.parametrize("bars", [1, 2, 3, 4])
def test_the_chances_of_all_gaps_are_a_distribution(net: VaeStep, bars: int) -> None:
    """That there is no note until the end counts as a gap to the end, where one reaches that far."""
    own, passage = predictor(net, bars)
    shares = np.exp(own.gaps(own.begin(passage, [np.random.default_rng(number) for number in range(2)])))
    assert (shares[:, :48] < 1e-20).all()  # nothing before the first window
    assert (shares.sum(1) <= 1 + 1e-4).all()
    if bars == 1:
        assert shares.sum(1) == pytest.approx(1, abs=1e-4)


def test_gaps_reach_into_the_next_window_by_the_chance_that_this_one_ends(model: VaeModel, net: VaeStep) -> None:
    own, passage = predictor(net, 4)
    contexts = own.begin(passage, [np.random.default_rng(number) for number in range(2)])
    first = own.gaps(contexts)
    own.intervals(contexts, [48 + 42] * 2)
    for context in contexts:
        context.append(48 + 42, 66, 6, 80)
    own.advance(contexts)
    gaps = own.gaps(contexts).astype(np.float64)
    points = torch.from_numpy(own.script.draw([]))
    ended = torch.tensor([[[42, 66 - 60 + 24, 6], [END, 0, 0]]]).expand(2, -1, -1)
    with torch.no_grad():
        both = [model.decode(points[:, row], CONDITIONS[:1].expand(2, -1), ended, ended)[0] for row in (0, 1)]
    here, there = (places.log_softmax(-1).numpy() for places in both)
    np.testing.assert_allclose(first[:, 48:97], here[:, 0, :49], atol=1e-4)
    np.testing.assert_allclose(gaps[:, 1:54], here[:, 1, 43:96], atol=1e-4)
    np.testing.assert_allclose(gaps[:, 54:97], here[:, 1, END:] + there[:, 0, :43], atol=1e-4)
