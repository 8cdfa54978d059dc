"""How likely a model finds a continuation, and whether it tells the true one from another piece's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch

from musicassist.evaluation.excerpts import Excerpt
from musicassist.evaluation.figures import Figure
from musicassist.evaluation.phrases import FOLLOWING_BARS, Phrase
from musicassist.models.recurrent import RecurrentModel
from musicassist.score.song import Notes
from musicassist.score.theory import Key
from musicassist.tokens.codec import encode, surroundings
from musicassist.tokens.columns import columns_of
from musicassist.training.batches import gather
from musicassist.training.loop import note_losses


class LogLikelihood(Protocol):
    """A model's natural logarithm of the probability of some notes after a phrase: gap, pitch and duration together."""

    def __call__(self, phrase: Phrase, notes: Notes) -> float:
        """Of all the notes, 0 or less."""


def recurrent_log_likelihood(model: RecurrentModel) -> LogLikelihood:
    """Of a net of events, which is told the key that the phrase states, and neither style nor where the music ends."""

    @torch.no_grad()
    def log_likelihood(phrase: Phrase, notes: Notes) -> float:
        song = phrase.song
        stated = song.key_changes[0] if song.key_changes else None
        place = surroundings(song, key=Key(stated.tonic, stated.scale) if stated else None)
        seed = song.tracks[0].notes
        columns = columns_of(encode(seed.plus(notes), song.ticks_per_beat), place)
        batch = gather(columns, np.array([0]), np.array([len(columns)]))
        losses = torch.stack(note_losses(model, batch)[:3]).sum(0)[0]
        return -float(losses[len(encode(seed, song.ticks_per_beat)) - 1 :].sum())

    return log_likelihood


def told_apart(
    true: Sequence[float], other: Sequence[float], true_notes: Sequence[int], other_notes: Sequence[int]
) -> tuple[float, float]:
    """Share of pairs in which the true one is likelier: as a whole, and by the mean of its notes. A tie counts half.

    Source: MIREX "Patterns for Prediction", implicit task: accuracy of the choice between two continuations.
    """
    whole = np.subtract(true, other)
    mean = np.divide(true, true_notes) - np.divide(other, other_notes)
    return _wins(whole), _wins(mean)


def _wins(margin: np.ndarray) -> float:
    return float(np.mean(np.where(margin == 0, 0.5, margin > 0)))


def likelihood_figures(
    model: str,
    log_likelihood: LogLikelihood,
    true: Sequence[Excerpt],
    borrowed: Sequence[Excerpt],
    *,
    seed: int,
    split: str,
) -> list[Figure]:
    """Bits of the true continuations by note and by bar, and how often they are told from borrowed ones.

    Args:
        model: Its name.
        log_likelihood: Of that model.
        true: Every phrase with what followed.
        borrowed: The same phrases, or fewer, with what followed another piece's (``excerpts.borrowed_excerpts``).
        seed: Of the choice of those.
        split: Side of the split.
    """
    nats = {id(e.phrase): log_likelihood(e.phrase, e.notes) for e in true}
    notes = sum(len(excerpt.melody) for excerpt in true)
    bits = -sum(nats.values()) / math.log(2)
    truth = {id(e.phrase): len(e.melody) for e in true}
    whole, mean = told_apart(
        [nats[id(e.phrase)] for e in borrowed],
        [log_likelihood(e.phrase, e.notes) for e in borrowed],
        [truth[id(e.phrase)] for e in borrowed],
        [len(e.melody) for e in borrowed],
    )
    told = "true continuation told from another piece's"
    return [
        Figure("bits per note, true continuation", model, bits / notes, "bits", notes, seed, split),
        Figure(
            "bits per bar, true continuation",
            model,
            bits / (FOLLOWING_BARS * len(true)),
            "bits",
            len(true),
            seed,
            split,
        ),
        Figure(f"{told}, all notes", model, whole, "", len(borrowed), seed, split),
        Figure(f"{told}, mean of notes", model, mean, "", len(borrowed), seed, split),
    ]
