"""What the composing loop asks of a model, whatever its family: how likely each next note is, field by field.

For nets that know only numbers, here stand the vocabulary's tables and columns that they read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.outline import Outline
from musicassist.composing.plan import NO_PLAN, Plan, Relation
from musicassist.composing.seed_reading import IsCancelled, SeedReader, never
from musicassist.models.steps import HeadConfig
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.demands import Demands
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
Contexts = Sequence[MelodyContext]  # one of each stream, as all that follow
Chosen = Sequence[int]
Rows = Sequence[Sequence[int]]
Numbers = Sequence[Sequence[float]]
# How much further than the model goes by itself the pitches follow a chord: so their share of chord tones on beats is
# that of real melodies (`python -m lab.evaluation.chord_tones`). Source: Ho and Salimans (2022), Classifier-free
# diffusion guidance.
CHORD_GUIDANCE = 0.35
C = TypeVar("C")
GAP, PITCH, DURATION, VELOCITY = range(4)  # the fields of a note, in the order in which they are chosen
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
        outline: What stays of the notes that stand there, None where nothing does.
        plans: For each take that of the seed's bars and its own; empty where none is made, as when a seed is only read.
    """

    seed: Melody
    place: Surroundings
    demands: Demands
    is_opening: bool = False
    following: Melody = field(default_factory=Melody.empty)
    plans: tuple[Plan, ...] = ()
    outline: Outline | None = None

    def demands_of(self, take: int) -> Demands:
        """What one of the takes must meet: where its plan has a bar of silence, rests and notes may reach over it."""
        demands = self.demands
        plan = self.plans[take] if self.plans else NO_PLAN
        bars = range(demands.bars.bar_at(demands.from_step), plan.first_bar + len(plan.bars))
        if demands.longest_rest_steps is None or all(plan.at(bar).relation != Relation.HELD for bar in bars):
            return demands
        wait_steps = 3 * int(demands.bars.bar_lengths(np.array([demands.from_step]))[0]) // 2
        longest = {
            name: max(wait_steps, steps)
            for name in ("longest_rest_steps", "longest_note_steps")
            if (steps := getattr(demands, name)) is not None
        }
        return replace(demands, **longest)


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

    def gaps(self, contexts: Contexts) -> Logits:
        """(B, GAP_CLASSES) logits of the steps from the last onset to the next."""
        ...

    def intervals(self, contexts: Contexts, gaps: Chosen) -> Logits:
        """(B, INTERVAL_CLASSES) logits of the interval from the last pitch."""
        ...

    def durations(self, contexts: Contexts, gaps: Chosen, intervals: Chosen) -> Logits:
        """(B, DURATION_CLASSES) logits of the length in steps."""
        ...

    def velocities(self, contexts: Contexts, gaps: Chosen, intervals: Chosen, durations: Chosen) -> Logits:
        """(B, VELOCITY_CLASSES) logits of the velocity beside the mean."""
        ...

    def advance(self, contexts: Contexts) -> None:
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


class FieldPredictor(Predictor, ABC):
    """A predictor that asks for each field in the same way: by the columns of its head."""

    @abstractmethod
    def logits(self, field: int, contexts: Contexts, rows: Rows, gaps: Chosen | None = None) -> Logits:
        """(B, V) logits of a field, by its place among the four, from the columns (B, C) of its head.

        ``gaps`` are given from the second field on: they say which chord counts.
        """

    def gaps(self, contexts: Contexts) -> Logits:
        """The first field."""
        return self.logits(GAP, contexts, [context.gap_row() for context in contexts])

    def intervals(self, contexts: Contexts, gaps: Chosen) -> Logits:
        """Follows :meth:`gaps`."""
        rows = [context.pitch_row(gap) for context, gap in zip(contexts, gaps, strict=True)]
        return self.logits(PITCH, contexts, rows, gaps)

    def durations(self, contexts: Contexts, gaps: Chosen, intervals: Chosen) -> Logits:
        """Follows :meth:`intervals`."""
        chosen = zip(contexts, gaps, intervals, strict=True)
        return self.logits(DURATION, contexts, [context.duration_row(*fields) for context, *fields in chosen], gaps)

    def velocities(self, contexts: Contexts, gaps: Chosen, intervals: Chosen, durations: Chosen) -> Logits:
        """Follows :meth:`durations`."""
        chosen = zip(contexts, gaps, intervals, durations, strict=True)
        return self.logits(VELOCITY, contexts, [context.velocity_row(*fields) for context, *fields in chosen], gaps)


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


class NetPredictor(FieldPredictor):
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

    def logits(self, field: int, contexts: Contexts, rows: Rows, gaps: Chosen | None = None) -> Logits:
        """No chord counts before the onset is known; the pitches then follow it further than the net does by itself."""
        profiles = [context.profile() for context in contexts]
        no_chords = [[0.0] * CHORD_SIZE] * len(contexts)
        if gaps is None:
            return self._told(field, rows, profiles, no_chords)
        chords = [[*map(float, own.chord_tones(gap))] for own, gap in zip(contexts, gaps, strict=True)]
        told = self._told(field, rows, profiles, chords)
        if field != PITCH or not any(chord[-1] for chord in chords):
            return told
        return told + CHORD_GUIDANCE * (told - self._told(field, rows, profiles, no_chords))

    def _told(self, field: int, rows: Rows, profiles: Numbers, chords: Numbers) -> Logits:
        numbers = np.array([[*profile, *chord] for profile, chord in zip(profiles, chords, strict=True)], np.float32)
        return self._streams.logits(field, np.array(rows), numbers)

    def advance(self, contexts: Contexts) -> None:
        """One step of the net for all streams."""
        numbers = np.array([context.profile() for context in contexts], dtype=np.float32)
        self._streams.step(np.array([context.state_row() for context in contexts]), numbers)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only."""
        self._streams.keep(list(streams))


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
