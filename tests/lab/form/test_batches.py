"""Windows of packed lines, with what is told hidden."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from form_music import PLACE, full_form, tune
from lab.form.batches import ALL_TOLD, HARMONY_TOLD, NOTHING_TOLD, PLAN_TOLD, Dropout, gather, training_batches
from lab.form.columns import rows_of
from lab.form.shards import FormPack
from musicassist.families.recurrent.form_context import Form
from musicassist.learning.batches import Batch
from musicassist.tokens.codec import Surroundings
from musicassist.tokens.vocabulary import NONE_CLASS, UNKNOWN_TONIC

ROWS = rows_of(tune(), PLACE, full_form())
AT, MASK = np.arange(len(ROWS))[None], np.ones((1, len(ROWS)), dtype=bool)


def batch(dropout: Dropout) -> Batch:
    return gather(ROWS, AT, MASK, dropout, np.random.default_rng(1))


def equal(one: Batch, other: Batch) -> bool:
    pages = zip(
        (one.state, *one.columns, one.numbers, one.head_numbers),
        (other.state, *other.columns, other.numbers, other.head_numbers),
        strict=True,
    )
    return all(torch.equal(a, b) for a, b in pages)


def test_a_window_told_nothing_is_that_of_a_melody_alone() -> None:
    alone = rows_of(tune(), Surroundings(PLACE.bars, tonic=UNKNOWN_TONIC), Form())
    expected = gather(alone, AT, MASK, ALL_TOLD, np.random.default_rng(1))
    assert equal(batch(NOTHING_TOLD), expected)
    assert not equal(batch(ALL_TOLD), expected)


def test_harmony_alone_and_a_plan_alone_can_be_told() -> None:
    no_key = Surroundings(PLACE.bars, tonic=UNKNOWN_TONIC)
    for dropout, form in (
        (HARMONY_TOLD, replace(Form(), harmony=full_form().harmony)),
        (PLAN_TOLD, replace(Form(), plan=full_form().plan)),
    ):
        expected = gather(rows_of(tune(), no_key, form), AT, MASK, ALL_TOLD, np.random.default_rng(1))
        assert equal(batch(dropout), expected)


def test_hidden_matches_leave_what_is_planned() -> None:
    blind = batch(replace(ALL_TOLD, matches=1.0))
    for page in blind.columns[:3]:
        assert (page[..., :7] == NONE_CLASS).all()
        assert (page[..., 7] != NONE_CLASS).any()


def test_hiding_leaves_the_packed_lines_as_they_are() -> None:
    before = ROWS.gap.copy(), ROWS.heard.copy()
    batch(NOTHING_TOLD)
    assert np.array_equal(before[0], ROWS.gap) and np.array_equal(before[1], ROWS.heard)


def test_one_reading_has_every_melody_and_some_of_the_other_lines() -> None:
    count = len(ROWS)
    rows = type(ROWS).joined([ROWS] * 6)
    is_melody = np.array([True, True, False, False, False, False])
    pack = FormPack(rows, np.arange(0, 7 * count, count), ("",) * 6, is_melody, is_melody)
    seen = []
    for seed in range(5):
        batches = training_batches(
            pack, notes=8, batch_notes=24, other_share=0.5, dropout=Dropout(), random=np.random.default_rng(seed)
        )
        seen.append(sum(int(own.mask.sum()) for own in batches))
    assert all(2 * count <= notes <= 6 * count and notes % count == 0 for notes in seen)
    assert len(set(seen)) > 1
