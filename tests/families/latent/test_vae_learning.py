"""A VAE learns to write windows again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from corpora import small_corpus
from musicassist.families.latent.net import VaeModel
from musicassist.families.latent.vae_learning import VaeSettings, VaeTrainee, batch_of, measured_windows, window_nats
from musicassist.learning.recipe import NO_PARTS
from musicassist.tokens.windows import END
from tiny_latent_models import TINY

SETTINGS = VaeSettings(TINY, batch_windows=32, ramp_steps=40)


@pytest.fixture
def trainee() -> VaeTrainee:
    torch.manual_seed(1)
    return SETTINGS.trainee(small_corpus(), 1, NO_PARTS)


def test_batches_are_a_function_of_seed_and_epoch(trainee: VaeTrainee) -> None:
    first, again, other = (list(trainee.batches(epoch)) for epoch in (0, 0, 1))
    assert all((a.read == b.read).all() for a, b in zip(first, again, strict=True))
    assert any(a.read.shape != b.read.shape or (a.read != b.read).any() for a, b in zip(first, other, strict=True))
    assert sum(len(batch.count) for batch in first) == sum(len(batch.count) for batch in other)


def test_a_batch_ends_each_window(trainee: VaeTrainee) -> None:
    batch = next(trainee.batches(0))
    for events, count in zip(batch.events, batch.count, strict=True):
        assert (events[:count, 0] < END).all()
        assert (events[count:, 0] == END).all()
        assert (events[1:count, 0] > events[: count - 1, 0]).all()


def test_what_is_hidden_is_hidden_from_the_decoder_alone(trainee: VaeTrainee) -> None:
    hidden = torch.cat([(batch.read != batch.events).any(-1).flatten() for batch in trainee.batches(0)])
    assert 0.1 < hidden.float().mean() < 0.3
    assert all((batch.events < torch.tensor(TINY.classes)).all() for batch in trainee.batches(0))
    styles = torch.cat([batch.condition[:, 2] for batch in trainee.batches(0)])
    assert 0.05 < (styles == 0).float().mean() < 0.6


def test_parts_of_a_batch_are_its_windows_dealt_out(trainee: VaeTrainee) -> None:
    batch = next(trainee.batches(0))
    parts = [batch.part(rank, 2) for rank in range(2)]
    assert sum(len(part.count) for part in parts) == len(batch.count)
    assert (parts[1].events == batch.events[1::2]).all()


def test_the_loss_of_one_batch_falls_until_it_is_written_again() -> None:
    torch.manual_seed(1)
    config = replace(TINY, latent=32, hidden=64, part=48, head_hidden=96, dropout=0.0)
    settings = VaeSettings(config, ramp_steps=10**6, free_nats=2.0, hidden_events_share=0.0)
    trainee = settings.trainee(small_corpus(), 1, NO_PARTS)
    batch = batch_of(measured_windows(small_corpus().sides["train"]).rows(np.arange(8)))
    optimiser = torch.optim.Adam(trainee.parts()["model"], 4e-3)
    losses = []
    for step in range(80):
        for _, loss in trainee.losses(batch, step):
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    assert losses[-1] < losses[0] / 10
    _, _, hits = window_nats(trainee.model.eval(), batch, sampled=False)
    assert hits.mean() > 0.95


def test_the_divergence_weighs_more_from_step_to_step(trainee: VaeTrainee) -> None:
    batch = next(trainee.batches(0))
    trainee.model.eval()
    with torch.no_grad():
        trainee.model.posterior[-1].bias += 2.0  # far from the prior
        losses = []
        for step in (0, 20, 39, 100):
            torch.manual_seed(0)
            losses += [loss.item() for _, loss in trainee.losses(batch, step)]
    assert losses[0] < losses[1] < losses[2] == losses[3]


def test_it_tells_nats_and_notes_of_the_last_batch(trainee: VaeTrainee) -> None:
    batch = next(trainee.batches(0))
    list(trainee.losses(batch, 0))
    nats, notes = trainee.told()
    assert notes == int(batch.count.sum())
    assert 5 < nats / notes < 30


def test_validation_fits_the_prior_of_the_model_that_it_is_given(trainee: VaeTrainee) -> None:
    other = VaeModel(TINY)
    trainee.validate(other)
    assert not torch.equal(other.prior_factor, torch.eye(TINY.latent))
    assert torch.equal(trainee.model.prior_factor, torch.eye(TINY.latent))


def test_less_is_asked_of_the_point_at_first_and_more_of_the_notes_later() -> None:
    settings = replace(SETTINGS, early_beta=0.2, beta=0.1, ramp_steps=10, early_steps=20)
    assert [settings.weight(step) for step in (0, 4, 9, 19, 20, 99)] == pytest.approx([0.02, 0.1, 0.2, 0.2, 0.1, 0.1])


def test_validation_is_repeatable_and_its_first_figure_is_the_bound(trainee: VaeTrainee) -> None:
    figures = trainee.validate(trainee.model)
    assert figures == trainee.validate(trainee.model)
    assert isinstance(trainee.model, VaeModel)
    first, notes, divergence = list(figures.values())[:3]
    assert first == pytest.approx(notes + SETTINGS.beta * divergence)
    assert SETTINGS.figures(trainee.model, small_corpus().sides["valid"], NO_PARTS).keys() == figures.keys()
