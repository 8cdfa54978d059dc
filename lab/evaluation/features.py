"""What is counted in a continuation to compare its style with that of real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lab.evaluation.excerpts import Excerpt
from musicassist.evaluation.phrases import FOLLOWING_BARS
from musicassist.tokens.codec import Ints
from musicassist.tokens.vocabulary import MAX_STEPS

MAX_INTERVAL = 12  # LIMIT: wider leaps count as an octave
MAX_NOTES_IN_BAR = 48  # LIMIT
MAX_RANGE = 48  # LIMIT: in semitones
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Feature:
    """One thing to count.

    Attributes:
        name: As the table says it.
        classes: How many kinds there are.
        observed: The kinds that an excerpt shows, one a note, a bar or an excerpt.
        is_scalar: Whether an excerpt is described by the mean of what was observed, otherwise by the shares.
    """

    name: str
    classes: int
    observed: Callable[[Excerpt], Ints]
    is_scalar: bool = False

    def described(self, excerpts: Sequence[Excerpt]) -> Floats:
        """(excerpts, 1 or classes): each excerpt's mean, or the share of each kind (0 where nothing was observed)."""
        seen = [self.observed(excerpt) for excerpt in excerpts]
        if self.is_scalar:
            return np.array([[own.mean() if len(own) else 0.0] for own in seen])
        counts = np.array([np.bincount(own, minlength=self.classes) for own in seen], dtype=np.float64)
        return np.asarray(counts / np.maximum(counts.sum(1, keepdims=True), 1))

    def shares(self, excerpts: Sequence[Excerpt]) -> Floats:
        """(classes,): the share of each kind over all excerpts together."""
        counts = np.bincount(np.concatenate([self.observed(excerpt) for excerpt in excerpts]), minlength=self.classes)
        return np.asarray(counts / max(1, counts.sum()))


def pitch_classes(excerpt: Excerpt) -> Ints:
    """Semitones above the tonic that the seed is heard in, 0..11."""
    return np.asarray((excerpt.melody.pitch - excerpt.key.tonic) % 12)


def intervals(excerpt: Excerpt) -> Ints:
    """Semitones from note to note, the seed's last note to the first one included; 12 is a repeated pitch."""
    steps = np.diff(excerpt.melody.pitch, prepend=excerpt.seed.pitch[-1])
    return np.asarray(np.clip(steps, -MAX_INTERVAL, MAX_INTERVAL) + MAX_INTERVAL)


def durations(excerpt: Excerpt) -> Ints:
    """Steps that each note sounds."""
    return np.minimum(excerpt.melody.duration_steps, MAX_STEPS)


def onsets_in_bar(excerpt: Excerpt) -> Ints:
    """Steps from the bar line to each note."""
    return np.minimum(excerpt.melody.onset_step % excerpt.bar_steps, MAX_STEPS - 1)


def inter_onsets(excerpt: Excerpt) -> Ints:
    """Steps from onset to onset, from the seed's last one on."""
    steps = np.diff(excerpt.melody.onset_step, prepend=excerpt.seed.onset_step[-1])
    return np.asarray(np.clip(steps, 0, MAX_STEPS))


def notes_per_bar(excerpt: Excerpt) -> Ints:
    """How many notes begin in each bar."""
    counts = [len(bar) for bar in excerpt.bars[-FOLLOWING_BARS:]]
    return np.minimum(np.array(counts, dtype=np.int64), MAX_NOTES_IN_BAR)


def pitch_range(excerpt: Excerpt) -> Ints:
    """Semitones from the lowest to the highest note, one number; none without notes."""
    pitch = excerpt.melody.pitch
    return np.array([min(int(np.ptp(pitch)), MAX_RANGE)] if len(pitch) else [], dtype=np.int64)


FEATURES = (
    Feature("pitch class", 12, pitch_classes),
    Feature("interval", 2 * MAX_INTERVAL + 1, intervals),
    Feature("duration", MAX_STEPS + 1, durations),
    Feature("onset in bar", MAX_STEPS, onsets_in_bar),
    Feature("inter-onset", MAX_STEPS + 1, inter_onsets),
    Feature("notes per bar", MAX_NOTES_IN_BAR + 1, notes_per_bar, is_scalar=True),
    Feature("pitch range", MAX_RANGE + 1, pitch_range, is_scalar=True),
)
