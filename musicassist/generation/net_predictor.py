"""A net of events as a predictor: the columns of each context go in, the logits of its heads come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from musicassist.generation.predictor import Logits, Passage
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.vocabulary import CHORD_SIZE

LONGEST_SEED_NOTES = 512  # LIMIT: of a longer seed only the last notes are read
_GAP, _PITCH, _DURATION, _VELOCITY = range(4)


class EventDecoder(Protocol):
    """A net that is stepped; see ``decoding.Decoder`` for the shapes."""

    def prefill(self, state: Tensor, numbers: Tensor, streams: int) -> None:
        """Reads a seed once."""

    def step(self, state: Tensor, numbers: Tensor) -> Tensor:
        """Reads one event of each stream."""
        ...

    def logits(self, head: int, columns: Tensor, numbers: Tensor) -> Tensor:
        """Logits of a field."""
        ...

    def keep(self, streams: list[int]) -> None:
        """Goes on with some of the streams only."""


def seed_context(seed: Melody, place: Surroundings) -> tuple[MelodyContext, NDArray[np.int64], NDArray[np.float32]]:
    """The context after a seed with the net's input for each of its notes: classes (T, S) and numbers (T, N)."""
    context = MelodyContext(place)
    states, numbers = [], []
    for note in list(seed)[-LONGEST_SEED_NOTES:]:
        context.append(*note)
        states.append(context.state_row())
        numbers.append(context.profile())
    return context, np.array(states, dtype=np.int64), np.array(numbers, dtype=np.float32)


class NetPredictor:
    """See :class:`predictor.Predictor`; for recurrent nets and transformers of events."""

    def __init__(self, decoder: EventDecoder) -> None:
        self.decoder = decoder

    def begin(self, passage: Passage, randoms: Sequence[np.random.Generator]) -> list[MelodyContext]:
        """Reads the seed once for all streams."""
        context, states, numbers = seed_context(passage.seed, passage.place)
        self.decoder.prefill(torch.from_numpy(states), torch.from_numpy(numbers), len(randoms))
        return [context.copy() for _ in randoms]

    def gaps(self, contexts: Sequence[MelodyContext]) -> Logits:
        """No chord counts before the onset is known."""
        numbers = [[*context.profile(), *[0.0] * CHORD_SIZE] for context in contexts]
        return self._logits(_GAP, [context.gap_row() for context in contexts], numbers)

    def intervals(self, contexts: Sequence[MelodyContext], gaps: Sequence[int]) -> Logits:
        """From here on the chord at the onset counts."""
        rows = [context.pitch_row(gap) for context, gap in zip(contexts, gaps, strict=True)]
        return self._logits(_PITCH, rows, _head_numbers(contexts, gaps))

    def durations(self, contexts: Sequence[MelodyContext], gaps: Sequence[int], intervals: Sequence[int]) -> Logits:
        """Follows :meth:`intervals`."""
        chosen = zip(contexts, gaps, intervals, strict=True)
        rows = [context.duration_row(gap, interval) for context, gap, interval in chosen]
        return self._logits(_DURATION, rows, _head_numbers(contexts, gaps))

    def velocities(
        self,
        contexts: Sequence[MelodyContext],
        gaps: Sequence[int],
        intervals: Sequence[int],
        durations: Sequence[int],
    ) -> Logits:
        """Follows :meth:`durations`."""
        chosen = zip(contexts, gaps, intervals, durations, strict=True)
        rows = [context.velocity_row(*fields) for context, *fields in chosen]
        return self._logits(_VELOCITY, rows, _head_numbers(contexts, gaps))

    def advance(self, contexts: Sequence[MelodyContext]) -> None:
        """One step of the net for all streams."""
        self.decoder.step(_classes([c.state_row() for c in contexts]), _numbers([c.profile() for c in contexts]))

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only."""
        self.decoder.keep(list(streams))

    def _logits(self, head: int, rows: Sequence[Sequence[int]], numbers: Sequence[Sequence[float]]) -> Logits:
        return np.asarray(self.decoder.logits(head, _classes(rows), _numbers(numbers)).numpy())


def _head_numbers(contexts: Sequence[MelodyContext], gaps: Sequence[int]) -> list[list[float]]:
    chosen = zip(contexts, gaps, strict=True)
    return [[*context.profile(), *map(float, context.chord_tones(gap))] for context, gap in chosen]


def _classes(rows: Sequence[Sequence[int]]) -> Tensor:
    return torch.tensor(rows, dtype=torch.long)


def _numbers(rows: Sequence[Sequence[float]]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float32)
