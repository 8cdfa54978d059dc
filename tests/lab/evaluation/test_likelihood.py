"""A model's likelihood of a continuation obeys the chain rule, and pairs are counted by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from excerpt_builders import phrase_of, walks
from lab.evaluation.excerpts import Excerpt, true_excerpts
from lab.evaluation.likelihood import (
    LogLikelihood,
    Pair,
    likelihood_figures,
    predicted_log_likelihood,
    told_apart,
    without_seed,
)
from musicassist.composing.predictor import NetPredictor
from musicassist.composing.seed_reading import SeedReader
from musicassist.evaluation.phrases import Phrase
from musicassist.families.recurrent.net import RecurrentModel
from musicassist.learning.batches import gather, note_losses
from musicassist.score.song import Notes
from musicassist.tokens.codec import encode, surroundings
from musicassist.tokens.columns import columns_of
from tiny_models import step_of, tiny_model


def of_net(model: RecurrentModel) -> LogLikelihood:
    net = step_of(model)
    return predicted_log_likelihood(lambda _passage: NetPredictor(SeedReader(net)))


def test_the_likelihood_of_a_whole_is_the_product_of_its_parts() -> None:
    log_likelihood = of_net(tiny_model())
    phrase = phrase_of([(60, 62), (64,), (65, 67), (60,)])
    first, rest = phrase.truth.where(np.arange(6) < 2), phrase.truth.where(np.arange(6) >= 2)
    track = phrase.song.tracks[0]
    longer = replace(phrase, song=replace(phrase.song, tracks=(track.with_notes(track.notes.plus(first)),)))
    whole = log_likelihood(phrase, phrase.truth)
    assert whole == pytest.approx(log_likelihood(phrase, first) + log_likelihood(longer, rest), abs=1e-3)
    assert whole < 0


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_step_by_step_it_is_what_training_counts(cell: str) -> None:
    model = tiny_model(cell=cell)
    phrase = walks(1)[0]
    whole = encode(phrase.song.tracks[0].notes.plus(phrase.truth), 480)
    columns = columns_of(whole, surroundings(phrase.song))
    with torch.no_grad():
        losses = note_losses(model, gather(columns, np.array([0]), np.array([len(columns)])))
    counted = -float(torch.stack(losses[:3]).sum(0)[0, -len(phrase.truth) :].sum())
    assert of_net(model)(phrase, phrase.truth) == pytest.approx(counted, abs=1e-3)


def test_pairs_are_told_apart_in_three_ways() -> None:
    pairs = [
        Pair((-10.0, -20.0), (-15.0, -30.0), (10, 10)),  # the seed adds 5 to the true one and 10 to the other
        Pair((-10.0, -12.0), (-14.0, -13.0), (5, 12)),  # 4 against 1; by note -2 against -1
        Pair((-6.0, -6.0), (-8.0, -8.0), (3, 3)),  # a tie
    ]
    shares = {"by what the seed adds": 1.5 / 3, "all notes": 2.5 / 3, "mean of notes": 1.5 / 3}
    assert told_apart(pairs) == pytest.approx(shares)


def test_bits_count_every_note_and_every_bar() -> None:
    def one_bit_a_note(phrase: Phrase, notes: Notes) -> float:
        is_true_after_its_seed = notes == phrase.truth and len(phrase.song.tracks[0].notes) > 1
        return -math.log(2) * len(notes) * (1 if is_true_after_its_seed else 2)

    real = true_excerpts(walks(6))
    borrowed = [Excerpt(own.phrase, other.notes) for own, other in zip(real, real[1:] + real[:1], strict=True)]
    rows = {row.metric: row for row in likelihood_figures("model", one_bit_a_note, borrowed, seed=1, split="made")}
    notes = sum(len(own.melody) for own in real)
    assert rows["bits per note, true continuation"].value == pytest.approx(1.0)
    assert rows["bits per note, true continuation"].n == notes
    assert rows["bits per bar, true continuation"].value == pytest.approx(notes / 24)
    assert rows["true continuation told, mean of notes"].value == 1.0
    assert rows["true continuation told, by what the seed adds"].value == 1.0


def test_without_its_seed_a_phrase_keeps_its_last_note_and_place() -> None:
    phrase = phrase_of([(60, 62), (64,), (65, 67), (60,)])
    alone = without_seed(phrase)
    assert list(alone.song.tracks[0].notes) == list(phrase.song.tracks[0].notes)[-1:]
    assert (alone.truth, alone.from_tick) == (phrase.truth, phrase.from_tick)
