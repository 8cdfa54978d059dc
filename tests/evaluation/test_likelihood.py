"""A model's likelihood of a continuation obeys the chain rule, and pairs are counted by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from excerpt_builders import phrase_of, walks
from musicassist.evaluation.excerpts import Excerpt, true_excerpts
from musicassist.evaluation.likelihood import likelihood_figures, recurrent_log_likelihood, told_apart
from musicassist.evaluation.phrases import Phrase
from musicassist.score.song import Notes
from tiny_models import tiny_model


def test_the_likelihood_of_a_whole_is_the_product_of_its_parts() -> None:
    log_likelihood = recurrent_log_likelihood(tiny_model())
    phrase = phrase_of([(60, 62), (64,), (65, 67), (60,)])
    first, rest = phrase.truth.where(np.arange(6) < 2), phrase.truth.where(np.arange(6) >= 2)
    track = phrase.song.tracks[0]
    longer = replace(phrase, song=replace(phrase.song, tracks=(track.with_notes(track.notes.plus(first)),)))
    whole = log_likelihood(phrase, phrase.truth)
    assert whole == pytest.approx(log_likelihood(phrase, first) + log_likelihood(longer, rest), abs=1e-3)
    assert whole < 0


def test_what_followed_the_notes_does_not_count_before_them() -> None:
    log_likelihood = recurrent_log_likelihood(tiny_model(cell="gru"))
    phrase = phrase_of([(60, 62), (64,), (65, 67), (60,)])
    assert log_likelihood(phrase, phrase.truth.where(np.zeros(6, dtype=bool))) == 0.0


def test_pairs_are_told_apart_as_a_whole_and_by_their_mean() -> None:
    # 1: likelier as a whole and by note; 2: as a whole only; 3: a tie in both
    whole, mean = told_apart([-10.0, -10.0, -6.0], [-20.0, -12.0, -6.0], [10, 5, 3], [10, 12, 3])
    assert whole == pytest.approx(2.5 / 3)
    assert mean == pytest.approx(1.5 / 3)


def test_bits_count_every_note_and_every_bar() -> None:
    def one_bit_a_note(phrase: Phrase, notes: Notes) -> float:
        return -math.log(2) * len(notes) * (1 if notes == phrase.truth else 2)

    real = true_excerpts(walks(6))
    borrowed = [Excerpt(own.phrase, other.notes) for own, other in zip(real, real[1:] + real[:1], strict=True)]
    rows = {r.metric: r for r in likelihood_figures("model", one_bit_a_note, real, borrowed, seed=1, split="made")}
    notes = sum(len(own.melody) for own in real)
    assert rows["bits per note, true continuation"].value == pytest.approx(1.0)
    assert rows["bits per note, true continuation"].n == notes
    assert rows["bits per bar, true continuation"].value == pytest.approx(notes / 24)
    assert rows["true continuation told from another piece's, mean of notes"].value == 1.0
