"""Stepping a latent model gives what training computes, and windows follow one another."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from melodies import bars_of
from musicassist.composing.predictor import Passage
from musicassist.families.latent.decoding import LatentDecoder, write_windows
from musicassist.families.latent.predictor import LatentPredictor, LatentScript
from musicassist.families.latent.scripts import slerp
from musicassist.families.latent.steps import VaeStep
from musicassist.families.latent.vae import VaeModel
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.grammar import Demands
from musicassist.tokens.windows import END, MOST_NOTES, spans_of
from tiny_latent_models import TINY, tiny_vae, vae_step

NOTES = torch.tensor([[[0, 30, 12], [12, 32, 6], [50, 35, 40]], [[3, 24, 9], [40, 36, 3], [43, 37, 3]]])
CONDITIONS = torch.tensor([[1, 1, 0], [2, 2, 5]])


@pytest.fixture(scope="module")
def model() -> VaeModel:
    return tiny_vae()


@pytest.fixture(scope="module")
def net(model: VaeModel) -> VaeStep:
    return vae_step(model)


def test_every_step_gives_the_logits_of_training(model: VaeModel, net: VaeStep) -> None:
    points = torch.randn(2, TINY.latent, generator=torch.Generator().manual_seed(1))
    ended = torch.cat([NOTES, torch.tensor([[[END, 0, 0]]]).expand(2, 1, 3)], 1)
    with torch.no_grad():
        places, pitches, lengths = (part.numpy() for part in model.decode(points, CONDITIONS, ended, ended))
    decoder = LatentDecoder(net, points[:, None].numpy(), CONDITIONS[:, None].numpy())
    notes, near = NOTES.numpy(), {"atol": 1e-5, "rtol": 1e-4}
    for event in range(3):
        np.testing.assert_allclose(decoder.places(), places[:, event], **near)
        decoder.go(np.zeros(2, dtype=np.int64), notes[:, event, 0])
        np.testing.assert_allclose(decoder.pitches(), pitches[:, event], **near)
        np.testing.assert_allclose(decoder.lengths(notes[:, event, 1]), lengths[:, event], **near)
        decoder.write(notes[:, event, 1], notes[:, event, 2])
    np.testing.assert_allclose(decoder.places(), places[:, 3], **near)


def test_each_window_begins_afresh_and_streams_may_go(net: VaeStep) -> None:
    points = np.random.default_rng(2).standard_normal((3, 2, TINY.latent), dtype=np.float32)
    conditions = CONDITIONS.numpy()
    decoder = LatentDecoder(net, points, conditions)
    alone = LatentDecoder(net, points[2:, 1:], conditions[1:])
    decoder.go(np.array([0, 0, 0]), np.array([0, 6, 12]))
    decoder.write(np.array([24, 30, 36]), np.array([6, 6, 6]))
    decoder.keep([2, 0])
    assert decoder.streams == [2, 0]
    decoder.go(np.array([1, 0]), np.array([24, 36]))
    alone.go(np.array([0]), np.array([24]))
    np.testing.assert_allclose(decoder.pitches()[0], alone.pitches()[0], atol=1e-5)
    np.testing.assert_allclose(decoder.first_places[2, 1], alone.first_places[0, 0], atol=1e-5)


def test_windows_are_written_in_order_up_to_their_end(net: VaeStep) -> None:
    random = np.random.default_rng(3)
    points = random.standard_normal((40, TINY.latent), dtype=np.float32)

    def choose(logits: np.ndarray) -> np.ndarray:
        return np.asarray((logits + random.gumbel(size=logits.shape)).argmax(-1))

    conditions = np.repeat(CONDITIONS[:1].numpy(), 40, 0)
    notes = write_windows(net, points, conditions, choose, most=MOST_NOTES, end=END)
    assert notes.shape == (40, MOST_NOTES, 3)
    for window in notes:
        places = window[:, 0].tolist()
        count = places.index(END) if END in places else MOST_NOTES
        assert places[:count] == sorted(set(places[:count]))
        assert set(places[count:]) <= {END}


def test_a_point_is_what_the_encoder_says_whatever_stands_beside_it(model: VaeModel, net: VaeStep) -> None:
    windows = [NOTES[0].numpy(), NOTES[1, :1].numpy(), np.zeros((0, 3), dtype=np.int64)]
    conditions = [(1, 1, 0), (2, 2, 5), (1, 1, 0)]
    together = net.mean_points(windows, conditions)
    with torch.no_grad():
        for row, (window, condition) in enumerate(zip(windows, conditions, strict=True)):
            events = torch.from_numpy(window)[None] if len(window) else torch.zeros(1, 1, 3, dtype=torch.long)
            mean, _ = model.encode(events, torch.tensor([len(window)]), torch.tensor([condition]))
            np.testing.assert_allclose(together[row], mean[0].numpy(), atol=1e-5)
            np.testing.assert_allclose(net.mean_points([window], [condition])[0], together[row], atol=1e-5)


def test_the_prior_is_the_nets(net: VaeStep, model: VaeModel) -> None:
    noise = np.random.default_rng(6).standard_normal((2, 3, TINY.latent), dtype=np.float32)
    points = net.from_prior(noise)
    with torch.no_grad():
        np.testing.assert_allclose(points, model.from_prior(torch.from_numpy(noise)).numpy(), atol=1e-5)
    np.testing.assert_allclose(net.to_noise(points), noise, atol=1e-4)


def test_the_arc_between_points_of_equal_length_keeps_it() -> None:
    start, stop = np.eye(2, dtype=np.float32) * 3
    for share in (0.0, 0.25, 0.5, 1.0):
        assert np.linalg.norm(slerp(start, stop, share)) == pytest.approx(3)
    np.testing.assert_allclose(slerp(start, stop, 0.5), np.full(2, 3 / 2**0.5), rtol=1e-6)
    np.testing.assert_allclose(slerp(start, 2 * start, 0.5), 1.5 * start, rtol=1e-6)


def predictor(net: VaeStep, bars: int) -> tuple[LatentPredictor, Passage]:
    time_map = bars_of((0, 4, 4))
    spans = spans_of(time_map, 48, 48 * (bars + 1))
    points = np.random.default_rng(5).standard_normal((2, len(spans), TINY.latent), dtype=np.float32)
    script = LatentScript(spans, (60,) * len(spans), ((1, 1, 0),) * len(spans), lambda _randoms: points, 1.0, 80)
    seed = Melody(*(np.array([value]) for value in (0, 64, 12, 80)))
    demands = Demands(time_map, 48, 48 * (bars + 1), np.ones(128, dtype=bool))
    return LatentPredictor(net, script, 1.0, 1.0), Passage(seed, Surroundings(time_map, tonic=0, mode=1), demands)


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
