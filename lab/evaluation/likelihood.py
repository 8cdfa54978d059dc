"""How likely a model finds a continuation, and whether it tells the true one from another piece's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from lab.evaluation.excerpts import Excerpt
from musicassist.composing.predictor import Logits, Passage, Predictor
from musicassist.evaluation.figures import Figure
from musicassist.evaluation.phrases import FOLLOWING_BARS, Phrase
from musicassist.score.song import Notes
from musicassist.tokens.codec import encode, surroundings
from musicassist.tokens.context import MelodyContext, interval_class
from musicassist.tokens.demands import Demands
from musicassist.tokens.vocabulary import MAX_STEPS, STEPS_PER_BEAT


class LogLikelihood(Protocol):
    """A model's natural logarithm of the probability of some notes after a phrase: gap, pitch and duration together."""

    def __call__(self, phrase: Phrase, notes: Notes) -> float:
        """Of all the notes, 0 or less. The phrase may have only one note."""


def predicted_log_likelihood(predictor_of: Callable[[Passage], Predictor]) -> LogLikelihood:
    """Of any model that composes note by note. It is told the key that the phrase states, not where the music ends.

    Args:
        predictor_of: Makes the model ready for a passage.
    """

    def log_likelihood(phrase: Phrase, notes: Notes) -> float:
        passage = _passage(phrase)
        predictor = predictor_of(passage)
        (context,) = predictor.begin(passage, [np.random.default_rng(0)])
        nats = 0.0
        for note in encode(notes, phrase.song.ticks_per_beat):
            nats += note_nats(predictor, context, note)
            context.append(*note)
            predictor.advance([context])
        return nats

    return log_likelihood


def _passage(phrase: Phrase) -> Passage:
    song = phrase.song
    stated = song.key_changes[0] if song.key_changes else None
    place = surroundings(song, key=stated.key if stated else None)
    start, end = (tick * STEPS_PER_BEAT // song.ticks_per_beat for tick in (phrase.from_tick, phrase.to_tick))
    demands = Demands(place.bars, start, end, pitch_allowed=np.ones(128, dtype=bool))
    return Passage(encode(song.tracks[0].notes, song.ticks_per_beat), place, demands)


def note_nats(predictor: Predictor, context: MelodyContext, note: tuple[int, int, int, int]) -> float:
    """The logarithm of the probability of one note after those before it; 0 or less."""
    onset_step, pitch, duration, _ = note
    gap = min(onset_step - context.onset[-1], MAX_STEPS)
    interval = interval_class(pitch - context.pitch[-1])
    return (
        _nats(predictor.gaps([context]), gap)
        + _nats(predictor.intervals([context], [gap]), interval)
        + _nats(predictor.durations([context], [gap], [interval]), duration)
    )


def _nats(logits: Logits, chosen: int) -> float:
    own = logits[0].astype(np.float64)
    return float(own[chosen] - np.logaddexp.reduce(own))


@dataclass(frozen=True)
class Pair:
    """What a model says of one phrase's true continuation and of another piece's, the true one first.

    Attributes:
        nats: Log-likelihoods after the phrase.
        nats_alone: Log-likelihoods after no more than the phrase's last note.
        notes: How many notes each has.
    """

    nats: tuple[float, float]
    nats_alone: tuple[float, float]
    notes: tuple[int, int]


def told_apart(pairs: Sequence[Pair]) -> dict[str, float]:
    """Share of pairs in which the true one wins, by three ways to choose. A tie counts half.

    ``by what the seed adds`` compares the likelihood after the seed with that without it. Both candidates are real
    music, so that is the choice by Bayes' rule: p(one | seed) p(other) against p(other | seed) p(one). By ``all notes``
    a candidate of few or common notes wins whatever the seed was; so it does, less often, by ``mean of notes``.

    Source: MIREX "Patterns for Prediction", implicit task: accuracy of the choice between two continuations.
    """
    nats = np.array([pair.nats for pair in pairs])
    added = nats - np.array([pair.nats_alone for pair in pairs])
    mean = nats / np.array([pair.notes for pair in pairs])
    ways = {"by what the seed adds": added, "all notes": nats, "mean of notes": mean}
    return {way: float(np.mean(np.sign(score[:, 0] - score[:, 1]) / 2 + 0.5)) for way, score in ways.items()}


def without_seed(phrase: Phrase) -> Phrase:
    """The same with nothing but the last note, so that the first interval and gap still mean something."""
    track = phrase.song.tracks[0]
    last = track.notes.where(np.arange(len(track.notes)) == len(track.notes) - 1)
    return replace(phrase, song=replace(phrase.song, tracks=(track.with_notes(last),)))


def likelihood_figures(
    model: str, log_likelihood: LogLikelihood, borrowed: Sequence[Excerpt], *, seed: int, split: str
) -> list[Figure]:
    """Bits of the true continuations by note and by bar, and how often they are told from borrowed ones.

    Args:
        model: Its name.
        log_likelihood: Of that model.
        borrowed: Phrases with what followed another piece's (``excerpts.borrowed_excerpts``).
        seed: Of the choice of those.
        split: Side of the split.
    """
    pairs = [_pair(log_likelihood, own) for own in borrowed]
    notes = sum(pair.notes[0] for pair in pairs)
    bits = -sum(pair.nats[0] for pair in pairs) / math.log(2)
    per_bar = bits / (FOLLOWING_BARS * len(pairs))
    return [
        Figure("bits per note, true continuation", model, bits / notes, "bits", notes, seed, split),
        Figure("bits per bar, true continuation", model, per_bar, "bits", FOLLOWING_BARS * len(pairs), seed, split),
        *(
            Figure(f"true continuation told, {way}", model, share, "", len(pairs), seed, split)
            for way, share in told_apart(pairs).items()
        ),
    ]


def _pair(log_likelihood: LogLikelihood, borrowed: Excerpt) -> Pair:
    phrase = borrowed.phrase
    alone, both = without_seed(phrase), (Excerpt(phrase, phrase.truth), borrowed)
    nats, nats_alone = ([log_likelihood(after, own.notes) for own in both] for after in (phrase, alone))
    return Pair((nats[0], nats[1]), (nats_alone[0], nats_alone[1]), (len(both[0].melody), len(both[1].melody)))
