"""Stepping a latent model gives what training computes, and windows follow one another."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from melodies import bars_of
from musicassist.composing.predictor import Passage
from musicassist.families.latent.decoding import LatentDecoder, write_windows
from musicassist.families.latent.model import mean_points, slerp
from musicassist.families.latent.predictor import LatentPredictor, LatentScript
from musicassist.families.latent.vae import VaeModel
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.grammar import Demands
from musicassist.tokens.windows import END, MOST_NOTES, spans_of
from tiny_latent_models import TINY, tiny_vae

NOTES = torch.tensor([[[0, 30, 12], [12, 32, 6], [50, 35, 40]], [[3, 24, 9], [40, 36, 3], [43, 37, 3]]])
CONDITIONS = torch.tensor([[1, 1, 0], [2, 2, 5]])


@pytest.fixture(scope="module")
def model() -> VaeModel:
    return tiny_vae()


def test_every_step_gives_the_logits_of_training(model: VaeModel) -> None:
    points = torch.randn(2, TINY.latent, generator=torch.Generator().manual_seed(1))
    ended = torch.cat([NOTES, torch.tensor([[[END, 0, 0]]]).expand(2, 1, 3)], 1)
    with torch.no_grad():
        places, pitches, lengths = model.decode(points, CONDITIONS, ended, ended)
    decoder = LatentDecoder(model, points[:, None], CONDITIONS[:, None])
    for event in range(3):
        torch.testing.assert_close(decoder.places(), places[:, event], atol=1e-5, rtol=1e-4)
        decoder.go(torch.zeros(2, dtype=torch.long), NOTES[:, event, 0])
        torch.testing.assert_close(decoder.pitches(), pitches[:, event], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(decoder.lengths(NOTES[:, event, 1]), lengths[:, event], atol=1e-5, rtol=1e-4)
        decoder.write(NOTES[:, event, 1], NOTES[:, event, 2])
    torch.testing.assert_close(decoder.places(), places[:, 3], atol=1e-5, rtol=1e-4)


def test_each_window_begins_afresh_and_streams_may_go(model: VaeModel) -> None:
    points = torch.randn(3, 2, TINY.latent, generator=torch.Generator().manual_seed(2))
    decoder = LatentDecoder(model, points, CONDITIONS)
    alone = LatentDecoder(model, points[2:, 1:], CONDITIONS[1:])
    decoder.go(torch.tensor([0, 0, 0]), torch.tensor([0, 6, 12]))
    decoder.write(torch.tensor([24, 30, 36]), torch.tensor([6, 6, 6]))
    decoder.keep([2, 0])
    assert decoder.streams == [2, 0]
    decoder.go(torch.tensor([1, 0]), torch.tensor([24, 36]))
    alone.go(torch.tensor([0]), torch.tensor([24]))
    torch.testing.assert_close(decoder.pitches()[0], alone.pitches()[0])
    torch.testing.assert_close(decoder.first_places[2, 1], alone.first_places[0, 0])


def test_windows_are_written_in_order_up_to_their_end(model: VaeModel) -> None:
    points = torch.randn(40, TINY.latent, generator=torch.Generator().manual_seed(3))
    random = torch.Generator().manual_seed(4)

    def choose(logits: torch.Tensor) -> torch.Tensor:
        return logits.softmax(-1).multinomial(1, generator=random)[:, 0]

    notes = write_windows(model, points, CONDITIONS[:1].expand(40, -1), choose)
    assert notes.shape == (40, MOST_NOTES, 3)
    for window in notes:
        places = window[:, 0].tolist()
        count = places.index(END) if END in places else MOST_NOTES
        assert places[:count] == sorted(set(places[:count]))
        assert set(places[count:]) <= {END}


def test_a_point_does_not_hang_on_the_windows_beside_it(model: VaeModel) -> None:
    windows = [NOTES[0].numpy(), NOTES[1, :1].numpy(), np.zeros((0, 3), dtype=np.int64)]
    conditions = [(1, 1, 0), (2, 2, 5), (1, 1, 0)]
    together = mean_points(model, windows, conditions)
    for row, (window, condition) in enumerate(zip(windows, conditions, strict=True)):
        torch.testing.assert_close(mean_points(model, [window], [condition])[0], together[row])


def test_the_arc_between_points_of_equal_length_keeps_it() -> None:
    start, stop = torch.eye(2) * 3
    for share in (0.0, 0.25, 0.5, 1.0):
        assert slerp(start, stop, share).norm().item() == pytest.approx(3)
    torch.testing.assert_close(slerp(start, stop, 0.5), torch.full((2,), 3 / 2**0.5))
    torch.testing.assert_close(slerp(start, 2 * start, 0.5), 1.5 * start)


def predictor(model: VaeModel, bars: int) -> tuple[LatentPredictor, Passage]:
    time_map = bars_of((0, 4, 4))
    spans = spans_of(time_map, 48, 48 * (bars + 1))
    points = torch.randn(2, len(spans), TINY.latent, generator=torch.Generator().manual_seed(5))
    script = LatentScript(spans, (60,) * len(spans), ((1, 1, 0),) * len(spans), lambda _randoms: points, 1.0, 80)
    seed = Melody(*(np.array([value]) for value in (0, 64, 12, 80)))
    demands = Demands(time_map, 48, 48 * (bars + 1), np.ones(128, dtype=bool))
    return LatentPredictor(model, script, 1.0, 1.0), Passage(seed, Surroundings(time_map, tonic=0, mode=1), demands)


@pytest.mark.parametrize("bars", [1, 2, 3, 4])
def test_the_chances_of_all_gaps_are_a_distribution(model: VaeModel, bars: int) -> None:
    """That there is no note until the end counts as a gap to the end, where one reaches that far."""
    own, passage = predictor(model, bars)
    shares = np.exp(own.gaps(own.begin(passage, [np.random.default_rng(number) for number in range(2)])))
    assert (shares[:, :48] < 1e-20).all()  # nothing before the first window
    assert (shares.sum(1) <= 1 + 1e-4).all()
    if bars == 1:
        assert shares.sum(1) == pytest.approx(1, abs=1e-4)


def test_gaps_reach_into_the_next_window_by_the_chance_that_this_one_ends(model: VaeModel) -> None:
    own, passage = predictor(model, 4)
    contexts = own.begin(passage, [np.random.default_rng(number) for number in range(2)])
    first = own.gaps(contexts)
    own.intervals(contexts, [48 + 42] * 2)
    for context in contexts:
        context.append(48 + 42, 66, 6, 80)
    own.advance(contexts)
    gaps = own.gaps(contexts).astype(np.float64)
    points = own.script.draw([])
    ended = torch.tensor([[[42, 66 - 60 + 24, 6], [END, 0, 0]]]).expand(2, -1, -1)
    with torch.no_grad():
        both = [model.decode(points[:, row], CONDITIONS[:1].expand(2, -1), ended, ended)[0] for row in (0, 1)]
    here, there = (places.log_softmax(-1).numpy() for places in both)
    np.testing.assert_allclose(first[:, 48:97], here[:, 0, :49], atol=1e-4)
    np.testing.assert_allclose(gaps[:, 1:54], here[:, 1, 43:96], atol=1e-4)
    np.testing.assert_allclose(gaps[:, 54:97], here[:, 1, END:] + there[:, 0, :43], atol=1e-4)
