"""What a note is counted under."""

from __future__ import annotations

import numpy as np

from corpora import small_corpus
from musicassist.composing.note_history import FIELDS, MAX_COUNTED, UNKNOWN_DEGREE
from musicassist.families.markov.learning import contexts_of, counted

CORPUS = small_corpus()


def test_what_is_counted_is_what_is_asked_for() -> None:
    pack = CORPUS.sides["train"]
    model = counted(pack, fewest=1)
    line = pack.line(0)
    for field, (name, contexts) in enumerate(zip(FIELDS, contexts_of(line), strict=True)):
        assert contexts.shape == (len(line), MAX_COUNTED)
        seen = [
            model.chain.distribution(name, context)[value]
            for context, value in zip(contexts, line.target[:, field], strict=True)
        ]
        assert np.mean(seen) > 0.3  # of what it was counted on it knows much


def test_intervals_are_known_without_a_key_too() -> None:
    model = counted(CORPUS.sides["train"], fewest=1)
    contexts = contexts_of(CORPUS.sides["train"].line(0))[1].copy()
    contexts[:, 0] = UNKNOWN_DEGREE
    assert (model.chain.distribution("interval", contexts[5]).argsort()[-7:] > 0).all()
    assert model.chain.distribution("interval", contexts[5]).max() > 0.2
