"""What takes lean to beside what the model foretells, without ever leaving a rule: a scale, and nearness to the phrase.

And what is measured of them for that: how much of a take stands in the phrase, and how little the model expected it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.predictor import Chosen, Contexts, Logits, Passage, Predictor
from musicassist.composing.seed_reading import IsCancelled, never
from musicassist.models.weights import log_softmax
from musicassist.score.theory import Key
from musicassist.tokens.codec import Melody
from musicassist.tokens.context import MelodyContext, interval_class
from musicassist.tokens.vocabulary import GAP_CLASSES, INTERVAL_CLASSES, MAX_INTERVAL, MAX_STEPS

SCALE_WEIGHT = 2.5  # nats that a note outside the scale weighs less where takes tend to it
CLOSENESS_WEIGHT = 2.5  # nats, at a closeness of 1
MAX_RUN = 3  # steps of a melody that are compared with the phrase
RANK_WEIGHT = 3.0  # of what the critic's scores differ by
_NATS_PER_BIT = float(np.log(2))
Row = Sequence[int]
Step = tuple[int, int]  # gap and interval


def steps_of(rows: Sequence[Row]) -> list[Step]:
    """From each note to the next the gap in steps and the interval in semitones; rows begin with onset and pitch."""
    return [(own[0] - last[0], own[1] - last[1]) for last, own in pairwise(rows)]


def likeness(phrase: Sequence[Row], take: Sequence[Row]) -> float:
    """How much of a take stands in a phrase, 0..1: the mean share of its runs of one, two and three steps."""
    known, own = steps_of(phrase), steps_of(take)
    shares = []
    for size in range(1, MAX_RUN + 1):
        runs = _runs(own, size)
        there = set(_runs(known, size))
        if runs:
            shares.append(sum(run in there for run in runs) / len(runs))
    return sum(shares) / len(shares) if shares else 0.0


def _runs(steps: Sequence[Step], size: int) -> list[tuple[Step, ...]]:
    return [tuple(steps[at : at + size]) for at in range(len(steps) - size + 1)]


def leaned_scores(
    scores: Sequence[float], closeness: float, likenesses: Sequence[float], surprise: float, bits: Sequence[float]
) -> list[float]:
    """Scores of takes that also count how much like the phrase they are and how surprising.

    Args:
        scores: Of the critic.
        closeness: As in ``request.Wish``.
        likenesses: Of the same takes.
        surprise: As in ``request.Wish``; where both are 0 the scores stay.
        bits: Their mean surprisal.
    """
    if not (closeness or surprise):
        return list(scores)
    weight = RANK_WEIGHT * max(float(np.std(scores)), 1e-6)
    more = closeness * _standard(likenesses) + surprise * _standard(bits)
    return list(np.asarray(scores, dtype=np.float64) + weight * more)


def _standard(values: Sequence[float]) -> NDArray[np.float64]:
    own = np.asarray(values, dtype=np.float64)
    return np.asarray((own - own.mean()) / max(float(own.std()), 1e-6))


@dataclass(frozen=True)
class Lean:
    """What the takes of a request lean to.

    Attributes:
        key: Notes outside it are less likely; None without one.
        closeness: From -1, away from the phrase, to 1, towards it.
        phrase: Its notes.
    """

    key: Key | None
    closeness: float
    phrase: Melody


class Leaning(Predictor):
    """A predictor whose takes lean to something.

    Args:
        inner: Foretells.
        lean: To what.
    """

    def __init__(self, inner: Predictor, lean: Lean) -> None:
        self._inner, self._lean = inner, lean
        self._gaps_after: dict[tuple[Step, ...], set[int]] = defaultdict(set)
        self._intervals_after: dict[tuple[tuple[Step, ...], int], set[int]] = defaultdict(set)
        steps = steps_of([row[:2] for row in lean.phrase]) if lean.closeness else []
        for at, (gap, interval) in enumerate(steps):
            for size in range(min(MAX_RUN, at + 1)):
                run = tuple(steps[at - size : at])
                self._gaps_after[run].add(min(gap, MAX_STEPS))
                self._intervals_after[run, min(gap, MAX_STEPS)].add(interval_class(interval))
        outside = np.ones(12, dtype=bool)
        outside[list(lean.key.pitch_classes) if lean.key is not None else slice(None)] = False
        self._outside = outside

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        """As of the inner predictor."""
        return self._inner.begin(passage, randoms, is_cancelled)

    def gaps(self, contexts: Contexts) -> Logits:
        """What followed in the phrase weighs more, or less."""
        logits = self._inner.gaps(contexts).copy()
        if self._lean.closeness:
            for row, context in zip(logits, contexts, strict=True):
                row += self._weights([self._gaps_after.get(run, ()) for run in _last_runs(context)], GAP_CLASSES)
        return logits

    def intervals(self, contexts: Contexts, gaps: Chosen) -> Logits:
        """The same, and what lies outside the scale weighs less."""
        logits = self._inner.intervals(contexts, gaps).copy()
        for row, context, gap in zip(logits, contexts, gaps, strict=True):
            pitch_classes = (context.pitch[-1] + np.arange(INTERVAL_CLASSES) - MAX_INTERVAL) % 12
            row[self._outside[pitch_classes]] -= SCALE_WEIGHT
            if self._lean.closeness:
                known = [self._intervals_after.get((run, gap), ()) for run in _last_runs(context)]
                row += self._weights(known, INTERVAL_CLASSES)
        return logits

    def _weights(self, known: Sequence[Sequence[int] | set[int]], classes: int) -> NDArray[np.float32]:
        """What followed longer runs weighs more."""
        said = np.zeros(classes, dtype=np.float32)
        for size, followers in enumerate(known):
            said[list(followers)] = (size + 1) / MAX_RUN
        return np.asarray(self._lean.closeness * CLOSENESS_WEIGHT * said, dtype=np.float32)

    def durations(self, contexts: Contexts, gaps: Chosen, intervals: Chosen) -> Logits:
        """As of the inner predictor."""
        return self._inner.durations(contexts, gaps, intervals)

    def velocities(self, contexts: Contexts, gaps: Chosen, intervals: Chosen, durations: Chosen) -> Logits:
        """As of the inner predictor."""
        return self._inner.velocities(contexts, gaps, intervals, durations)

    def advance(self, contexts: Contexts) -> None:
        """As of the inner predictor."""
        self._inner.advance(contexts)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only."""
        self._inner.keep(streams)


def _last_runs(context: MelodyContext) -> list[tuple[Step, ...]]:
    """The last steps of a melody, as runs of none, one and two."""
    rows = list(zip(context.onset[-MAX_RUN:], context.pitch[-MAX_RUN:], strict=True))
    steps = steps_of(rows)
    return [tuple(steps[len(steps) - size :]) for size in range(len(steps) + 1)]


class Expecting(Predictor):
    """A predictor that remembers how little it expected each note that was chosen.

    Args:
        inner: Foretells, and is led by nothing.
    """

    def __init__(self, inner: Predictor) -> None:
        self._inner = inner
        self._streams: list[int] = []
        self._bits: list[list[float]] = []
        self._last: Logits = np.zeros((0, 0), dtype=np.float32)

    def bits_of(self, stream: int, notes: int) -> float:
        """Mean surprisal of the first notes of a stream, bits a note; 0 without any."""
        own = self._bits[stream][:notes]
        return float(np.mean(own)) if own else 0.0

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        """As of the inner predictor."""
        self._streams, self._bits = list(range(len(randoms))), [[] for _ in randoms]
        return self._inner.begin(passage, randoms, is_cancelled)

    def gaps(self, contexts: Contexts) -> Logits:
        """As of the inner predictor."""
        self._last = self._inner.gaps(contexts)
        return self._last

    def intervals(self, contexts: Contexts, gaps: Chosen) -> Logits:
        """As of the inner predictor; the gaps are chosen."""
        for stream in self._streams:
            self._bits[stream].append(0.0)
        self._hear(gaps)
        self._last = self._inner.intervals(contexts, gaps)
        return self._last

    def durations(self, contexts: Contexts, gaps: Chosen, intervals: Chosen) -> Logits:
        """As of the inner predictor; the intervals are chosen."""
        self._hear(intervals)
        self._last = self._inner.durations(contexts, gaps, intervals)
        return self._last

    def velocities(self, contexts: Contexts, gaps: Chosen, intervals: Chosen, durations: Chosen) -> Logits:
        """As of the inner predictor; the durations are chosen. How loud a note is surprises nobody."""
        self._hear(durations)
        return self._inner.velocities(contexts, gaps, intervals, durations)

    def _hear(self, chosen: Chosen) -> None:
        for stream, bits in zip(self._streams, surprisal_bits(self._last, chosen), strict=True):
            self._bits[stream][-1] += bits

    def advance(self, contexts: Contexts) -> None:
        """As of the inner predictor."""
        self._inner.advance(contexts)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only."""
        self._streams = [self._streams[stream] for stream in streams]
        self._inner.keep(streams)


def surprisal_bits(logits: Logits, chosen: Chosen) -> list[float]:
    """How little each row of logits (B, V) expected what was chosen of it, in bits."""
    expected = log_softmax(np.maximum(logits, -1e4).astype(np.float64))
    most = logits.shape[1] - 1  # a note that is kept may be longer than the last class says
    return [float(-row[min(own, most)] / _NATS_PER_BIT) for row, own in zip(expected, chosen, strict=True)]
