"""A Markov model as a predictor: its tables mixed with the piece's own n-grams and with the pitches heard so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.family import Decoding
from musicassist.composing.note_history import FIELDS, MIXED_FIELDS, PLACES, Logs, NoteHistory, OwnCounts, SeedMemory
from musicassist.composing.predictor import VELOCITY, Chosen, Contexts, FieldPredictor, Logits, Passage, Rows
from musicassist.composing.seed_reading import IsCancelled, never
from musicassist.families.markov.decoding import MarkovConfig, MarkovModel
from musicassist.models.steps import GateConfig, GateField
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.vocabulary import GAP_COLUMNS, INTERVAL_CLASSES, MAX_INTERVAL, NONE_CLASS, VELOCITY_CLASSES
from musicassist.values import value_of

CLASSES = dict(zip(FIELDS, (NONE_CLASS, NONE_CLASS, NONE_CLASS, VELOCITY_CLASSES), strict=True))
# the table, the piece's own n-grams of two kinds, and for pitches what sounded so far and where the voice lies
MARKOV_GATE = GateConfig(tuple(GateField(name, 5 if name == "interval" else 3, PLACES) for name in MIXED_FIELDS))
_LAST_DURATION = [name for name, _ in GAP_COLUMNS].index("duration")
_MIN_SHARE = 0.01  # of a pitch class that has not sounded
_RANGE_SEMITONES = 6.0  # how far a voice goes from its mean, about
_INTERVALS = np.arange(INTERVAL_CLASSES) - MAX_INTERVAL
_CLASS_ABOVE = _INTERVALS % 12


def markov_config_of(page: Mapping[str, object]) -> MarkovConfig:
    """The configuration in a card.

    Raises:
        ValueError: It is none, or counts something else than what a melody's notes are counted after.
    """
    config = value_of(MarkovConfig, page)
    if {own.name: own.classes for own in config.fields} != CLASSES or config.gate != MARKOV_GATE:
        raise ValueError("it counts something else than melodies")
    return config


def counted_log(model: MarkovModel, history: NoteHistory, field: int, row: Sequence[int]) -> Logs:
    """(V,) log-probabilities of a field as they were counted once."""
    logs = np.log(model.distribution(FIELDS[field], history.counted(field, row))).astype(np.float32)
    if field == 0:  # a note is cut at the next onset, so no gap is shorter than the duration before it
        logs[: row[_LAST_DURATION]] = -np.inf
    return logs


def pitch_logs(history: NoteHistory, profile: Sequence[float]) -> list[Logs]:
    """(V,) each: how long the pitch class that an interval leads to has sounded, and how near it is to the mean pitch.

    Intervals alone would leave the key and wander out of the voice's range.
    """
    heard = np.log(np.asarray(profile[:12], dtype=np.float32) + _MIN_SHARE)[_CLASS_ABOVE]
    distance = (_INTERVALS + history.above_mean) / _RANGE_SEMITONES
    return [heard, (-0.5 * distance**2).astype(np.float32)]


def markov_logs(
    model: MarkovModel, counts: OwnCounts, field: int, row: Sequence[int], profile: Sequence[float]
) -> tuple[NDArray[np.float32], int]:
    """What the gate mixes for one of ``MIXED_FIELDS``, (E, V), and the kind of place."""
    own, place = counts.logs(field, row)
    pitch = pitch_logs(counts.history, profile) if FIELDS[field] == "interval" else []
    return np.stack([counted_log(model, counts.history, field, row), *own, *pitch]), place


class MarkovPredictor(FieldPredictor):
    """See :class:`predictor.Predictor`.

    Args:
        model: What was counted once.
        memory: What is kept of seeds.
    """

    def __init__(self, model: MarkovModel, memory: SeedMemory) -> None:
        self.model = model
        self._memory = memory
        self._counts: list[OwnCounts] = []

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        """Learns from the seed once; each stream goes on from there."""
        context = self._memory.contexts.read(passage.seed, passage.place, is_cancelled=is_cancelled)
        counts = self._memory.counts.read(passage.seed, context, is_cancelled)
        self._counts = [counts.continued() for _ in randoms]
        return [context.continued() for _ in randoms]

    def logits(self, field: int, contexts: Contexts, rows: Rows, gaps: Chosen | None = None) -> Logits:
        """The velocities are as they were counted once."""
        if field == VELOCITY:
            pairs = zip(self._counts, rows, strict=True)
            return np.stack([counted_log(self.model, counts.history, field, row) for counts, row in pairs])
        asked = zip(self._counts, contexts, rows, strict=True)
        logs, places = zip(
            *(markov_logs(self.model, counts, field, row, context.profile()) for counts, context, row in asked),
            strict=True,
        )
        return self.model.gate(FIELDS[field], np.stack(logs), places)

    def advance(self, contexts: Contexts) -> None:
        """Learns the note that was chosen."""
        for counts, context in zip(self._counts, contexts, strict=True):
            counts.follow(context)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only."""
        self._counts = [self._counts[stream] for stream in streams]


DECODING = Decoding(
    model=lambda page, weights: MarkovModel(markov_config_of(page), weights),
    reader=lambda loaded: MarkovPredictor(loaded.model, loaded.memory),
)
