"""What a note is counted under."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpora import small_corpus
from melodies import melodies, places
from musicassist.composing.note_history import (
    FIELDS,
    MAX_COUNTED,
    MIXED_FIELDS,
    UNKNOWN_DEGREE,
    OwnCounts,
    SeedCounts,
)
from musicassist.composing.seed_reading import ReadingCancelled, SeedContexts
from musicassist.families.markov.learning import contexts_of, counted
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.columns import columns_of

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


@given(st.lists(melodies(most=30), min_size=1, max_size=3), places(), st.data())
def test_a_seed_is_counted_note_by_note_whatever_was_counted_before(
    seeds: list[Melody], place: Surroundings, data: st.DataObject
) -> None:
    kept = SeedCounts()
    for seed in seeds:
        for part in (seed, seed.rows(0, max(1, len(seed) - 3)), seed):
            context = SeedContexts().read(part, place)
            looks = iter([False] * data.draw(st.integers(0, 3)))
            with suppress(ReadingCancelled):
                kept.read(part, context, lambda looks=looks: next(looks, True))
            counts, plain = kept.read(part, context), OwnCounts()
            columns = columns_of(part, place)
            heads = (columns.gap, columns.pitch, columns.duration)
            for row in range(len(columns)):
                plain.hear(columns.state[row].tolist())
                for field in range(len(MIXED_FIELDS)):
                    plain.ask(field, heads[field][row].tolist())
                plain.learn(columns.target[row].tolist())
            plain.hear(context.state_row())
            rows = (context.gap_row(), context.pitch_row(6), context.duration_row(6, 50))
            for field, row in enumerate(rows):
                logs, known = counts.logs(field, row)
                plain_logs, plain_known = plain.logs(field, row)
                assert known == plain_known
                assert np.array_equal(logs, plain_logs)
            assert counts.history.above_mean == plain.history.above_mean
