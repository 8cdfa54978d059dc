"""A few events that were counted."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from musicassist.composing.note_history import GrowingCounts
from musicassist.families.markov.net import MarkovNet
from musicassist.models.steps import GateConfig, GateField

EVENTS = st.lists(st.integers(0, 4), max_size=30)


GATE = GateConfig((GateField("pitch", 2, 3),))


def learned(events: list[int], longest: int = 3) -> GrowingCounts:
    counts = GrowingCounts(5, longest)
    for at, event in enumerate(events):
        counts.learn(events[:at][::-1], event)
    return counts


def stored(events: list[int], *, fewest: int = 1) -> MarkovNet:
    """The same events counted at once, contexts of three classes."""
    past = [[-1, -1, -1, *events[:at]][::-1][:3] for at in range(len(events))]
    table = np.array(past, dtype=np.int64).reshape(-1, 3), np.array(events, dtype=np.int64)
    return MarkovNet.of({"pitch": table}, {"pitch": 5}, GATE, longest=3, fewest=fewest)
