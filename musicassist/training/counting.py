"""The tables of a Markov model, counted on the training side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musicassist.generation.markov_predictor import CLASSES, MARKOV_GATE
from musicassist.generation.note_history import FIELDS, LONGEST_COUNTED, UNKNOWN_DEGREE, NoteHistory
from musicassist.models.markov import MarkovModel
from musicassist.tokens.columns import Columns
from musicassist.training.pack import Pack

Contexts = NDArray[np.int64]


def counted(pack: Pack, *, fewest: int) -> MarkovModel:
    """A model of a side's melodies; its gate is not learned yet.

    Args:
        pack: The training side.
        fewest: See ``MarkovModel.of``.
    """
    lines = [pack.line(int(line)) for line in np.flatnonzero(pack.is_melody)]
    parts = [contexts_of(line) for line in lines]
    events = {
        name: (
            np.concatenate([part[field] for part in parts]),
            np.concatenate([line.target[:, field] for line in lines]).astype(np.int64),
        )
        for field, name in enumerate(FIELDS)
    }
    contexts, values = events["interval"]  # each counts twice, once as where no key is known
    events["interval"] = np.concatenate([contexts, _without_key(contexts)]), np.concatenate([values, values])
    return MarkovModel.of(events, CLASSES, MARKOV_GATE, longest=LONGEST_COUNTED, fewest=fewest)


def contexts_of(line: Columns) -> list[Contexts]:
    """For each field the contexts of a melody's notes, (n, LONGEST_COUNTED)."""
    history = NoteHistory()
    heads = [own.tolist() for own in (line.gap, line.pitch, line.duration, line.velocity)]
    contexts: list[list[tuple[int, ...]]] = [[] for _ in FIELDS]
    for place, state in enumerate(line.state.tolist()):
        history.hear(state)
        for field, own in enumerate(contexts):
            own.append(history.counted(field, heads[field][place]))
    return [np.array(own, dtype=np.int64).reshape(-1, LONGEST_COUNTED) for own in contexts]


def _without_key(contexts: Contexts) -> Contexts:
    """The contexts of intervals where the key is hidden."""
    hidden = contexts.copy()
    hidden[:, 0] = UNKNOWN_DEGREE
    return hidden
