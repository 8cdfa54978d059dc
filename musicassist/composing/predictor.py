"""What the composing loop asks of a model, whatever its family: how likely each next note is, field by field.

For nets that know only numbers, here stand the vocabulary's tables and columns that they read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.seed_reading import IsCancelled, SeedReader, never
from musicassist.models.steps import HeadConfig
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.grammar import Demands
from musicassist.tokens.vocabulary import (
    CANDIDATES,
    CHORD_SIZE,
    DURATION_CLASSES,
    DURATION_COLUMNS,
    GAP_CLASSES,
    GAP_COLUMNS,
    INTERVAL_CLASSES,
    PITCH_COLUMNS,
    PROFILE_SIZE,
    STATE_COLUMNS,
    TABLES,
    VELOCITY_CLASSES,
    VELOCITY_COLUMNS,
)

Logits = NDArray[np.float32]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# How much further than the model goes by itself the pitches follow a chord: so their share of chord tones on beats is
# that of real melodies (`python -m lab.evaluation.chord_tones`). Source: Ho and Salimans (2022), Classifier-free
# diffusion guidance.
CHORD_GUIDANCE = 0.35
C = TypeVar("C")
_GAP, _PITCH, _DURATION, _VELOCITY = range(4)
_LAST_DURATION = [name for name, _ in GAP_COLUMNS].index("duration")


@dataclass(frozen=True)
class Passage:
    """What is to be filled with notes, on the models' grid.

    Attributes:
        seed: What stands before it, at least one note. Where nothing does: one note that the takes may begin with.
        place: What seed and takes stand in.
        demands: What each take must meet.
        is_opening: Whether nothing stands before it, so that the first note of each take is in its context already.
        following: What stands behind it; may be empty.
    """

    seed: Melody
    place: Surroundings
    demands: Demands
    is_opening: bool = False
    following: Melody = field(default_factory=Melody.empty)


class Predictor(Protocol):
    """Says how likely each next note is, for some streams at once. Made for one passage; used by one thread.

    Shapes: ``B`` streams. Every method but :meth:`begin` and :meth:`keep` is given the context of each stream. The
    fields of a note are asked for in order, each with what was chosen before it; then :meth:`advance` is called.
    """

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        """Reads the passage's seed; gives a context for each stream, one a random generator.

        Of an opening passage each context holds the first note of its take: the seed's, or one of the model's own.

        Raises:
            ReadingCancelled: ``is_cancelled`` said so.
        """
        ...

    def gaps(self, contexts: Sequence[MelodyContext]) -> Logits:
        """(B, GAP_CLASSES) logits of the steps from the last onset to the next."""
        ...

    def intervals(self, contexts: Sequence[MelodyContext], gaps: Sequence[int]) -> Logits:
        """(B, INTERVAL_CLASSES) logits of the interval from the last pitch."""
        ...

    def durations(self, contexts: Sequence[MelodyContext], gaps: Sequence[int], intervals: Sequence[int]) -> Logits:
        """(B, DURATION_CLASSES) logits of the length in steps."""
        ...

    def velocities(
        self,
        contexts: Sequence[MelodyContext],
        gaps: Sequence[int],
        intervals: Sequence[int],
        durations: Sequence[int],
    ) -> Logits:
        """(B, VELOCITY_CLASSES) logits of the velocity beside the mean."""
        ...

    def advance(self, contexts: Sequence[MelodyContext]) -> None:
        """Each context has grown by the note that was chosen."""

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only, in that order."""


def probabilities(logits: NDArray[np.floating], mask: NDArray[np.bool_], temperature: float, top_p: float) -> Floats:
    """The distributions that are sampled from, (..., V): zero where the mask forbids, and outside the nucleus.

    Args:
        logits: (..., V), may hold minus infinity.
        mask: (..., V), in each row at least one true.
        temperature: Divides the logits; towards 0 it becomes the most likely choice.
        top_p: The smallest set of the most likely choices that holds at least this share is kept.

    Source: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration" (nucleus sampling).
    """
    scores = np.where(mask, np.maximum(logits.astype(np.float64), -1e9), -np.inf) / max(temperature, 1e-3)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    if top_p < 1.0:
        rows = weights.reshape(-1, weights.shape[-1])  # a view
        at = np.arange(len(rows))[:, None], np.argsort(-rows, axis=-1, kind="stable")
        ranked = rows[at]
        outside = ranked.cumsum(-1) - ranked >= top_p
        outside[:, 0] = False  # the most likely one always stays
        ranked[outside] = 0.0
        rows[at] = ranked
        weights /= weights.sum(-1, keepdims=True)
    return weights


def sample(weights: Floats, random_share: float) -> int:
    """The class of a distribution (V,) under ``random_share`` (0..1) of the cumulated weights."""
    return samples(weights[None], [random_share])[0]


def samples(weights: Floats, random_shares: Sequence[float]) -> list[int]:
    """The class under each row's random share, (B,), of the cumulated weights (B, V)."""
    under = (weights.cumsum(-1) <= np.asarray(random_shares)[:, None]).sum(-1)
    last = weights.shape[-1] - 1 - np.argmax(weights[:, ::-1] > 0, axis=-1)
    drawn: list[int] = np.minimum(under, last).tolist()
    return drawn


class Streams(Protocol):
    """Some streams that go on from one past; see ``families.recurrent.decoding.Decoder`` for the shapes."""

    def begin(self, past: Any, streams: int) -> None:
        """Goes on from a past with equal streams."""

    def step(self, state: Ints, numbers: Logits) -> Logits:
        """Reads one event of each stream."""
        ...

    def logits(self, head: int, columns: Ints, numbers: Logits) -> Logits:
        """Logits of a field."""
        ...

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only."""


class NetPredictor:
    """See :class:`predictor.Predictor`; for recurrent nets and transformers of events."""

    def __init__(self, reader: SeedReader) -> None:
        self.reader = reader
        self._streams: Streams = reader.net.decoder()

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        """Reads the seed once for all streams."""
        context, past = self.reader.read(passage.seed, passage.place, is_cancelled=is_cancelled)
        self._streams.begin(past, len(randoms))
        return [context.continued() for _ in randoms]

    def gaps(self, contexts: Sequence[MelodyContext]) -> Logits:
        """No chord counts before the onset is known."""
        numbers = [[*context.profile(), *[0.0] * CHORD_SIZE] for context in contexts]
        return self._logits(_GAP, [context.gap_row() for context in contexts], numbers)

    def intervals(self, contexts: Sequence[MelodyContext], gaps: Sequence[int]) -> Logits:
        """From here on the chord at the onset counts."""
        rows = [context.pitch_row(gap) for context, gap in zip(contexts, gaps, strict=True)]
        numbers = _head_numbers(contexts, gaps)
        told = self._logits(_PITCH, rows, numbers)
        if not any(row[-1] for row in numbers):
            return told
        untold = self._logits(_PITCH, rows, [[*row[:-CHORD_SIZE], *[0.0] * CHORD_SIZE] for row in numbers])
        return told + CHORD_GUIDANCE * (told - untold)

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
        numbers = np.array([context.profile() for context in contexts], dtype=np.float32)
        self._streams.step(np.array([context.state_row() for context in contexts]), numbers)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only."""
        self._streams.keep(list(streams))

    def _logits(self, head: int, rows: Sequence[Sequence[int]], numbers: Sequence[Sequence[float]]) -> Logits:
        return self._streams.logits(head, np.array(rows), np.array(numbers, dtype=np.float32))


def _head_numbers(contexts: Sequence[MelodyContext], gaps: Sequence[int]) -> list[list[float]]:
    chosen = zip(contexts, gaps, strict=True)
    return [[*context.profile(), *map(float, context.chord_tones(gap))] for context, gap in chosen]


def _tables_of(columns: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(table for _, table in columns)


MELODY_HEADS = (
    # a note is cut at the next onset, so no gap is shorter than the duration before it
    HeadConfig("gap", GAP_CLASSES, _tables_of(GAP_COLUMNS), CANDIDATES, floor_column=_LAST_DURATION),
    HeadConfig("interval", INTERVAL_CLASSES, _tables_of(PITCH_COLUMNS), CANDIDATES, reads_numbers=True),
    HeadConfig("duration", DURATION_CLASSES, _tables_of(DURATION_COLUMNS), CANDIDATES, reads_numbers=True),
    HeadConfig("velocity", VELOCITY_CLASSES, _tables_of(VELOCITY_COLUMNS)),
)


def melody_fields() -> dict[str, Any]:
    """What the configurations of all nets of melodies have in common, whatever their size."""
    return {
        "tables": dict(TABLES),
        "state_columns": _tables_of(STATE_COLUMNS),
        "heads": MELODY_HEADS,
        "numbers": PROFILE_SIZE,
        "head_numbers": PROFILE_SIZE + CHORD_SIZE,
    }


def of_melodies(config: C) -> C:
    """The configuration of a net.

    Raises:
        ValueError: It reads or predicts something else than melodies.
    """
    if any(getattr(config, name) != value for name, value in melody_fields().items()):
        raise ValueError("it reads or predicts something else than melodies")
    return config
