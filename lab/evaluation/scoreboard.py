"""Continuations of all models measured alike, beside simple baselines and what really followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lab.evaluation.cardinality import Point, cardinality_f1
from lab.evaluation.excerpts import Excerpt, Speed, borrowed_excerpts, made_excerpts, repeated_excerpts, true_excerpts
from lab.evaluation.likelihood import likelihood_figures, predicted_log_likelihood
from lab.evaluation.overlap import overlap_figures
from lab.evaluation.structure import bar_figures, structure_figures
from lab.evaluation.two_sample import two_sample_figures
from musicassist.composing.engine import Engine
from musicassist.evaluation.figures import Figure
from musicassist.evaluation.originality import TokenLines, originality_figures
from musicassist.evaluation.phrases import Phrase
from musicassist.models.cards import ModelCard
from musicassist.score.timing import DEFAULT_TICKS_PER_BEAT

REAL = "real"
REPEATED = "last bars again"
BORROWED = "another piece's"
Player = tuple[Engine, str]  # an engine, and the name of a model there


def continuation_figures(
    players: Sequence[Player],
    phrases: Sequence[Phrase],
    training: TokenLines,
    *,
    seed: int,
    split: str,
    with_baselines: bool,
    extra_bars: int = 0,
    on_model: Callable[[str], None],
) -> list[Figure]:
    """All that is measured of continuations of some phrases.

    Args:
        players: The models.
        phrases: What is continued; see ``phrases.windows_of``.
        training: The music that the models have read.
        seed: Of the takes, of the choice of other pieces and of the classifiers.
        split: Side of the split that the phrases are of.
        with_baselines: Whether ``REAL``, ``REPEATED`` and ``BORROWED`` are measured too.
        extra_bars: See ``excerpts.made_excerpts``.
        on_model: Told of each model or baseline before it is measured.
    """
    real = true_excerpts(phrases)
    borrowed = borrowed_excerpts(phrases, seed=seed)
    rows: list[Figure] = []
    if with_baselines:
        on_model(REAL)
        rows += _real_figures(real, training, seed=seed, split=split)
        repeated = repeated_excerpts(phrases)
        for name, excerpts in ((REPEATED, repeated), (BORROWED, borrowed)):
            on_model(name)
            rows += _music_figures(name, excerpts, real, training, seed=seed, split=split)
        # not of what is borrowed: a classifier would meet the same music as real and as made
        rows += two_sample_figures(REPEATED, repeated, real, seed=seed, split=split)
    for engine, name in players:
        on_model(name)
        made, speed = made_excerpts(engine, name, phrases, seed=seed, extra_bars=extra_bars)
        rows += _music_figures(name, made, real, training, seed=seed, split=split)
        rows += two_sample_figures(name, made, real, seed=seed, split=split)
        rows += _likelihood(engine, name, borrowed, seed=seed, split=split)
        rows += cost_figures(_card(engine, name), speed, seed=seed, split=split)
    return rows


def _music_figures(
    name: str, made: Sequence[Excerpt], real: Sequence[Excerpt], training: TokenLines, *, seed: int, split: str
) -> list[Figure]:
    return [
        *overlap_figures(name, made, real, seed=seed, split=split),
        *structure_figures(name, made, seed=seed, split=split),
        *bar_figures(name, made, real, seed=seed, split=split),
        cardinality_figure(name, made, seed=seed, split=split),
        *originality_figures(name, [own.melody for own in made], training, seed=seed, split=split),
    ]


def _real_figures(real: Sequence[Excerpt], training: TokenLines, *, seed: int, split: str) -> list[Figure]:
    """What really followed; where two sets are compared, one half of the phrases with the other: the best there is."""
    order = np.random.default_rng(seed).permutation(len(real))
    one, other = ([real[int(place)] for place in order[half::2]] for half in range(2))
    return [
        *overlap_figures(REAL, one, other, seed=seed, split=split),
        *structure_figures(REAL, real, seed=seed, split=split),
        *bar_figures(REAL, real, real, seed=seed, split=split),
        *two_sample_figures(REAL, one, other, seed=seed, split=split),
        *originality_figures(REAL, [own.melody for own in real], training, seed=seed, split=split),
    ]


def _likelihood(engine: Engine, name: str, borrowed: Sequence[Excerpt], *, seed: int, split: str) -> list[Figure]:
    """Of those models that give one."""
    ready = engine.ready(name)
    if not ready.reads_notes or not borrowed:
        return []
    log_likelihood = predicted_log_likelihood(lambda _passage: ready.note_reader())
    return likelihood_figures(name, log_likelihood, borrowed, seed=seed, split=split)


def cardinality_figure(name: str, made: Sequence[Excerpt], *, seed: int, split: str) -> Figure:
    """Mean F1 with the true continuation; those with fewer than two true notes are left out."""
    pairs = ((_points(Excerpt(own.phrase, own.phrase.truth)), _points(own)) for own in made)
    scores = [score for truth, own in pairs if (score := cardinality_f1(truth, own)) is not None]
    value = float(np.mean(scores)) if scores else 0.0
    return Figure("cardinality F1 with the true continuation", name, value, "", len(scores), seed, split)


def _points(excerpt: Excerpt) -> list[Point]:
    onsets = excerpt.notes.start_tick / DEFAULT_TICKS_PER_BEAT
    return list(zip(onsets.tolist(), excerpt.notes.pitch.tolist(), strict=True))


def _card(engine: Engine, name: str) -> ModelCard:
    return next(card for card in engine.models() if card.name == name)


def cost_figures(card: ModelCard, speed: Speed, *, seed: int, split: str) -> list[Figure]:
    """Size of a model and how fast it composes one take, the seed's eight bars being read first."""
    first_ms = 1000 * float(np.median(speed.first_note_seconds))
    requests = len(speed.first_note_seconds)
    return [
        Figure("parameters", card.name, card.parameters, "", 1, seed, split),
        Figure("bytes", card.name, card.bytes, "", 1, seed, split),
        Figure("first note after the request, p50", card.name, first_ms, "ms", requests, seed, split),
        Figure("notes per second, 1 take", card.name, speed.notes_per_second, "1/s", requests, seed, split),
    ]
