"""How phrases hang together: steady rhythm, repeats near and far, and how many pitch classes they spread over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lab.evaluation.excerpts import Bar, Excerpt
from musicassist.evaluation.figures import Figure
from musicassist.evaluation.phrases import FOLLOWING_BARS

MIN_ALIKE = 0.5  # LIMIT: bars less alike than this are no repeat
Floats = NDArray[np.float64]
_UNITS = {"pitch-class entropy, 1 bar": "bits", "pitch-class entropy, 4 bars": "bits"}


def groove_consistency(bars: Sequence[Bar], bar_steps: int) -> float:
    """1 minus the mean share of steps at which the onsets of two neighbouring bars differ.

    Source: muspy.groove_consistency, after Wu and Yang 2020, The Jazz Transformer on the front line, ISMIR.
    """
    onsets = np.zeros((len(bars), bar_steps), dtype=bool)
    for row, bar in enumerate(bars):
        onsets[row, [offset for offset, _, _ in bar]] = True
    return 1 - float((onsets[1:] != onsets[:-1]).mean())


def pitch_class_entropy(bars: Sequence[Bar], window_bars: int) -> float:
    """Mean over windows of the entropy of their pitch-class histogram in bits; windows without notes are left out.

    Source: Wu and Yang 2020 (H1 and H4), as in MusDr.
    """
    entropies = []
    for start in range(len(bars) - window_bars + 1):
        classes = [pitch % 12 for bar in bars[start : start + window_bars] for _, pitch, _ in bar]
        if classes:
            shares = np.bincount(classes, minlength=12) / len(classes)
            shares = shares[shares > 0]
            entropies.append(float(-(shares * np.log2(shares)).sum()))
    return float(np.mean(entropies)) if entropies else 0.0


def likeness(bars: Sequence[Bar]) -> Floats:
    """(bars, bars): the share of onsets with the same pitch class, 2 * common / (one's + other's); empty bars 0."""
    points = [{(offset, pitch % 12) for offset, pitch, _ in bar} for bar in bars]
    table = [[2 * len(a & b) / max(1, len(a) + len(b)) for b in points] for a in points]
    return np.array(table).reshape(len(bars), len(bars))


def structure_fitness(alike: Floats, shortest: int, longest: int) -> float:
    """How well the best segment of so many bars explains the whole by its repeats, 0..1.

    The fitness of a segment is the harmonic mean of score (how alike the repeats are) and coverage (how many bars they
    fill), the segment itself taken away from both. Simplified against the source: bars are the frames, and a repeat is
    as long as its segment (a straight diagonal), found greedily, the most alike first.

    Source: Müller, Jiang and Grosche 2013, A robust fitness measure for capturing repetitions in music recordings; the
    maximum over segments is the structureness indicator of Wu and Yang 2020.

    Args:
        alike: (bars, bars), 0..1.
        shortest: Least length of the segment in bars.
        longest: Most bars of the segment.
    """
    count = len(alike)
    segments = ((start, length) for length in range(shortest, longest + 1) for start in range(count - length + 1))
    return max((_fitness(alike, start, length) for start, length in segments), default=0.0)


def _fitness(alike: Floats, start: int, length: int) -> float:
    count = len(alike)
    means = {at: float(np.diagonal(alike[start : start + length, at : at + length]).mean()) for at in range(count)}
    free = [at for at in range(count - length + 1) if abs(at - start) >= length and means[at] >= MIN_ALIKE]
    repeats: list[int] = []
    for at in sorted(free, key=lambda place: -means[place]):
        if all(abs(at - taken) >= length for taken in repeats):
            repeats.append(at)
    if not repeats:
        return 0.0
    score = sum(means[at] for at in repeats) / (len(repeats) + 1)
    coverage = len(repeats) * length / count
    return 2 * score * coverage / (score + coverage)


_TRAITS: dict[str, Callable[[Excerpt], float]] = {
    "groove consistency": lambda excerpt: groove_consistency(excerpt.bars, excerpt.bar_steps),
    "pitch-class entropy, 1 bar": lambda excerpt: pitch_class_entropy(excerpt.bars[-FOLLOWING_BARS:], 1),
    "pitch-class entropy, 4 bars": lambda excerpt: pitch_class_entropy(excerpt.bars[-FOLLOWING_BARS:], 4),
    "structure, 1-2 bars": lambda excerpt: structure_fitness(likeness(excerpt.bars), 1, 2),
    "structure, 3-6 bars": lambda excerpt: structure_fitness(likeness(excerpt.bars), 3, 6),
}


def structure_figures(model: str, excerpts: Sequence[Excerpt], *, seed: int, split: str) -> list[Figure]:
    """Groove and structure of seed and continuation together, entropy of the continuation; means over excerpts."""
    return [
        Figure(
            metric,
            model,
            float(np.mean([trait(e) for e in excerpts])),
            _UNITS.get(metric, ""),
            len(excerpts),
            seed,
            split,
        )
        for metric, trait in _TRAITS.items()
    ]


def loop_share(excerpts: Sequence[Excerpt]) -> float:
    """Share of the continuations' bars that equal the bar before, the first compared with the seed's last."""
    pairs = [pair for excerpt in excerpts for pair in pairwise(excerpt.bars[-FOLLOWING_BARS - 1 :])]
    return float(np.mean([before == bar and len(bar) > 0 for before, bar in pairs]))


def dead_share(excerpts: Sequence[Excerpt]) -> float:
    """Share of the continuations' bars in which no note begins or sounds on."""
    return float(np.mean([empty for excerpt in excerpts for empty in _silent_bars(excerpt)]))


def _silent_bars(excerpt: Excerpt) -> list[bool]:
    first = len(excerpt.bars) - FOLLOWING_BARS
    starts = (first + np.arange(FOLLOWING_BARS)) * excerpt.bar_steps
    onset, end = excerpt.melody.onset_step, excerpt.melody.onset_step + excerpt.melody.duration_steps
    return [not bool(((onset < start + excerpt.bar_steps) & (end > start)).any()) for start in starts.tolist()]


def key_share(excerpts: Sequence[Excerpt]) -> float:
    """Share of all notes that lie in the key that their seed is heard in."""
    inside = [excerpt.key.has_pitch(pitch) for excerpt in excerpts for pitch in excerpt.melody.pitch.tolist()]
    return float(np.mean(inside)) if inside else 0.0


def bar_figures(model: str, made: Sequence[Excerpt], real: Sequence[Excerpt], *, seed: int, split: str) -> list[Figure]:
    """Loops, dead bars and key agreement; the agreement also as a ratio to the real continuations'."""
    own, true = key_share(made), key_share(real)
    table = (
        ("bars equal to the bar before", loop_share(made)),
        ("empty bars", dead_share(made)),
        ("notes in the seed's key", own),
        ("notes in the seed's key, against real", own / true),
    )
    return [Figure(metric, model, value, "", len(made), seed, split) for metric, value in table]
