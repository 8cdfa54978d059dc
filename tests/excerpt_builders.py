"""Phrases and continuations in 4/4 that several tests of the evaluation share."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from lab.evaluation.excerpts import Excerpt
from musicassist.evaluation.phrases import FOLLOWING_BARS, SEED_BARS, Phrase
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import MeterChange

BAR_TICKS = 4 * 480
SCALE = (60, 62, 64, 65, 67, 69, 71, 72)
SEED = [(60, 64, 67, 64), (65, 69, 72, 69), (67, 71, 74, 71), (72, 67, 64, 60)] * 2


def beats(bars: Sequence[Sequence[int]], *, from_bar: int = 0) -> Notes:
    """A quarter note for each pitch, in bars."""
    return Notes.of(
        Note((from_bar + bar) * BAR_TICKS + beat * 480, pitch, 480)
        for bar, pitches in enumerate(bars)
        for beat, pitch in enumerate(pitches)
    )


def phrase_of(
    truth: Sequence[Sequence[int]],
    *,
    seed: Sequence[Sequence[int]] = SEED,
    source: str = "made/0.mid",
    meter: tuple[int, int] = (4, 4),
) -> Phrase:
    """A phrase of eight bars and what followed, both in bars of pitches."""
    song = Song((Track("MELODY", beats(seed)),), 480, (), (MeterChange(0, *meter),))
    span = (SEED_BARS * BAR_TICKS, (SEED_BARS + FOLLOWING_BARS) * BAR_TICKS)
    return Phrase(source, song, "folk", beats(truth, from_bar=SEED_BARS), *span)


def excerpt_of(bars: Sequence[Sequence[int]], *, seed: Sequence[Sequence[int]] = SEED) -> Excerpt:
    """A continuation in bars of pitches."""
    phrase = phrase_of(bars, seed=seed)
    return Excerpt(phrase, phrase.truth)


def walks(count: int, *, first: int = 0, pieces: int = 10) -> list[Phrase]:
    """Phrases that wander about the scale of C, from a few pieces."""
    phrases = []
    for number in range(first, first + count):
        random = Random(number)
        bars = [[SCALE[random.randrange(8)] for _ in range(random.randrange(2, 5))] for _ in range(12)]
        phrases.append(phrase_of(bars[8:], seed=bars[:8], source=f"made/{number % pieces}.mid"))
    return phrases
