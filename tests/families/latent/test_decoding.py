"""Stepping a latent model gives what training computes, and windows follow one another."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from musicassist.families.latent.decoding import VaeStep
from musicassist.families.latent.net import VaeModel
from musicassist.families.latent.predictor import LatentDecoder, write_windows
from musicassist.families.latent.scripts import slerp
from musicassist.tokens.windows import END, MAX_NOTES
from tiny_latent_models import TINY
from tiny_vae import CONDITIONS

NOTES = torch.tensor([[[0, 30, 12], [12, 32, 6], [50, 35, 40]], [[3, 24, 9], [40, 36, 3], [43, 37, 3]]])


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
    notes = write_windows(net, points, conditions, choose, most=MAX_NOTES, end=END)
    assert notes.shape == (40, MAX_NOTES, 3)
    for window in notes:
        places = window[:, 0].tolist()
        count = places.index(END) if END in places else MAX_NOTES
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
