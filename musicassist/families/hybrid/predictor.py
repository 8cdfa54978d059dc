"""A hybrid as a predictor: a net mixed with the piece's own n-grams, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from musicassist.composing.family import Decoding, Loaded
from musicassist.composing.note_history import FIELDS, MIXED_FIELDS, PLACES, OwnCounts, SeedMemory
from musicassist.composing.predictor import (
    VELOCITY,
    Chosen,
    Contexts,
    FieldPredictor,
    Logits,
    NetPredictor,
    Passage,
    Rows,
)
from musicassist.composing.seed_reading import IsCancelled, never
from musicassist.models.steps import GateConfig, GateField, GateStep
from musicassist.models.weights import Weights, log_softmax
from musicassist.tokens.context import MelodyContext
from musicassist.values import value_of

NET = "net"  # the role of its part
MIXED_GATE_FIELDS = tuple(GateField(name, 3, PLACES) for name in MIXED_FIELDS)  # net, own n-grams of two kinds


def mixed_config_of(page: Mapping[str, object]) -> GateConfig:
    """The configuration in a card.

    Raises:
        ValueError: It is none, or mixes something else than one net with the n-grams that a melody has here.
    """
    config = value_of(GateConfig, page)
    if config.fields != MIXED_GATE_FIELDS or set(config.parts) != {NET}:
        raise ValueError("it mixes something else than a net of melodies with n-grams")
    return config


class MixedPredictor(FieldPredictor):
    """See :class:`predictor.Predictor`.

    Args:
        gate: The learned weights.
        net: The net's own predictor.
        memory: What is kept of seeds.
    """

    def __init__(self, gate: GateStep, net: NetPredictor, memory: SeedMemory) -> None:
        self.gate = gate
        self.net = net
        self._memory = memory
        self._counts: list[OwnCounts] = []

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        """Both read the seed once; each stream goes on from there."""
        contexts = self.net.begin(passage, randoms, is_cancelled)
        counts = self._memory.counts.read(passage.seed, contexts[0], is_cancelled)
        self._counts = [counts.continued() for _ in randoms]
        return contexts

    def logits(self, field: int, contexts: Contexts, rows: Rows, gaps: Chosen | None = None) -> Logits:
        """The velocities are the net's alone."""
        logits = self.net.logits(field, contexts, rows, gaps)
        if field == VELOCITY:
            return logits
        asked = zip(self._counts, rows, strict=True)
        own, places = zip(*(counts.logs(field, row) for counts, row in asked), strict=True)
        logs = np.concatenate([log_softmax(logits)[:, None], np.array(own)], 1)
        return self.gate(FIELDS[field], logs, places)

    def advance(self, contexts: Contexts) -> None:
        """Both go on by the note that was chosen."""
        for counts, context in zip(self._counts, contexts, strict=True):
            counts.follow(context)
        self.net.advance(contexts)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams only."""
        self._counts = [self._counts[stream] for stream in streams]
        self.net.keep(streams)


def _gate(page: Mapping[str, object], weights: Weights) -> GateStep:
    gate = GateStep(mixed_config_of(page), weights)
    weights.check_all_read()
    return gate


def _reader(loaded: Loaded) -> MixedPredictor:
    net = loaded.parts[NET].note_reader()
    assert isinstance(net, NetPredictor)
    return MixedPredictor(loaded.model, net, loaded.memory)


def _fits(parts: Mapping[str, Loaded]) -> bool:
    part = parts.get(NET)
    return part is not None and part.reads_notes and isinstance(part.note_reader(), NetPredictor)


DECODING = Decoding(model=_gate, reader=_reader, fits=_fits)
