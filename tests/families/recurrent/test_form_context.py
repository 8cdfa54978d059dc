"""The columns of a melody with its form: relative, true, and blind to what is not yet written."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given

from form_music import BAR, HARMONY, PLACE, full_form, transposed, tune
from lab.form.columns import FormRows, rows_of
from melodies import melodies, places
from musicassist.composing.plan import BarPlan, Plan, Relation
from musicassist.families.recurrent.form_context import Form, FormContext, harmony_numbers
from musicassist.families.recurrent.form_vocabulary import (
    FORM_DURATION_COLUMNS,
    FORM_GAP_COLUMNS,
    FORM_HEADS,
    FORM_NUMBERS,
    FORM_PITCH_COLUMNS,
    FORM_STATE_COLUMNS,
    FORM_TABLES,
    back_class,
    left_class,
)
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.columns import columns_of
from musicassist.tokens.vocabulary import CANDIDATES, NONE_CLASS

PAGES = {"gap": FORM_GAP_COLUMNS, "pitch": FORM_PITCH_COLUMNS, "duration": FORM_DURATION_COLUMNS}


def column(rows: FormRows, page: str, name: str) -> list[int]:
    names = [own for own, _ in (FORM_STATE_COLUMNS if page == "state" else PAGES[page])]
    return [int(x) for x in getattr(rows, page)[:, names.index(name)]]


@pytest.mark.parametrize("semitones", [-11, -5, 1, 7])
def test_nothing_depends_on_the_key(semitones: int) -> None:
    rows = rows_of(tune(), PLACE, full_form())
    moved = rows_of(*transposed(tune(), PLACE, full_form(), semitones))
    for own in fields(FormRows):
        if own.name not in ("heard", "last_pitch"):
            assert np.array_equal(getattr(rows, own.name), getattr(moved, own.name)), own.name
    told, told_moved = (harmony_numbers(page.heard, page.last_pitch[:, None]) for page in (rows, moved))
    assert np.array_equal(told, told_moved)
    assert told.any()


@given(melodies(least=2, most=12), places())
def test_the_columns_of_the_net_of_melodies_stay(melody: Melody, place: Surroundings) -> None:
    rows, old = rows_of(melody, place, Form()), columns_of(melody, place)
    countdown = [name for name, _ in FORM_STATE_COLUMNS].index("countdown")
    kept = [at for at in range(old.state.shape[1]) if at != countdown]
    assert np.array_equal(rows.state[:, kept], old.state[:, kept])
    for name in PAGES:
        page, before = np.delete(getattr(rows, name), CANDIDATES, 1), getattr(old, name)
        assert np.array_equal(page[:, : before.shape[1]], before)
    assert np.array_equal(rows.target, old.target) and np.array_equal(rows.profile, old.profile)


def test_classes_lie_in_their_tables() -> None:
    rows = rows_of(tune(), PLACE, full_form())
    pages = {"state": FORM_STATE_COLUMNS, **PAGES}
    for name, page in pages.items():
        sizes = np.array([FORM_TABLES[table] for _, table in page])
        assert (getattr(rows, name) < sizes).all()
    assert [len(head.columns) for head in FORM_HEADS] == [
        rows.gap.shape[1],
        rows.pitch.shape[1],
        rows.duration.shape[1],
        4,
    ]


def test_a_bar_that_returns_is_pointed_at_note_by_note() -> None:
    rows = rows_of(tune(), PLACE, full_form())
    same = slice(13, 18)  # rows of bar 5, which is bar 0 again
    assert column(rows, "pitch", "plan_interval")[same] == rows.target[same, 1].tolist()
    assert column(rows, "gap", "plan_gap")[14:18] == rows.target[14:18, 0].tolist()
    assert column(rows, "duration", "plan_duration")[same] == rows.target[same, 2].tolist()
    assert column(rows, "duration", "plan_fit")[14:18] == [2] * 4


def test_a_sequence_is_pointed_at_but_for_its_first_pitch() -> None:
    rows = rows_of(tune(), PLACE, full_form())
    up = slice(6, 11)
    planned = column(rows, "pitch", "plan_interval")[up]
    assert planned == [NONE_CLASS, *rows.target[7:11, 1].tolist()]
    assert column(rows, "pitch", "relation")[up] == [Relation.SEQUENCE_UP] * 5


def test_what_is_not_told_is_not_known() -> None:
    rows = rows_of(tune(), PLACE, Form())
    for page, name, unknown in (
        ("gap", "plan_gap", NONE_CLASS), ("pitch", "plan_fit", 3), ("pitch", "relation", 0), ("state", "wish", 0),
        ("state", "left", 0), ("state", "countdown", 0), ("pitch", "bass", 12),
    ):  # fmt: skip
        assert set(column(rows, page, name)) == {unknown}
    assert not harmony_numbers(rows.heard, rows.last_pitch[:, None]).any()


def test_the_next_end_counts_down_in_bars_and_beats() -> None:
    rows = rows_of(tune(), PLACE, full_form())
    assert column(rows, "state", "countdown")[:8] == [3] * 5 + [2] * 2 + [6]
    assert column(rows, "state", "left")[:8] == [9, 8, 7, 7, 6, 5, 3, 21]
    assert column(rows, "state", "wish")[:8] == [1] * 7 + [2]


def test_chords_are_heard_here_soon_and_at_the_bar_line() -> None:
    rows = rows_of(tune(), PLACE, full_form())
    at_last_of_bar_0 = rows.heard[4, 0].tolist()  # at step 36: the next beat is the next bar
    first, second = HARMONY.masks[:2]
    assert at_last_of_bar_0 == [first, second, second, second, 0]
    assert rows.heard[4, 1].tolist() == [second, second, second, 0, 5]
    numbers = harmony_numbers(rows.heard[4, 0], rows.last_pitch[4])  # above g
    assert np.flatnonzero(numbers[:12]).tolist() == [0, 5, 9]
    assert numbers[12] == 1 and np.flatnonzero(numbers[-12:]).tolist() == [5]


def test_rows_do_not_know_what_is_not_yet_written() -> None:
    melody, form = tune(), full_form()
    whole = rows_of(melody, PLACE, form)
    part = rows_of(melody.rows(0, 9), PLACE, form)
    for own in fields(FormRows):
        assert np.array_equal(getattr(whole, own.name)[: len(part)], getattr(part, own.name))


def test_a_copy_goes_on_by_itself() -> None:
    context = FormContext(PLACE, full_form())
    for note in tune().rows(0, 8):
        context.append(*note)
    twin, before = context.copy(), context.state_row()
    twin.append(4 * BAR, 60, 12, 80)
    assert context.state_row() == before
    assert len(twin) == len(context) + 1
    assert len(context.numbers(12)) == FORM_NUMBERS


def test_a_plan_that_points_before_the_melody_points_at_nothing() -> None:
    form = Form(plan=Plan(0, tuple(BarPlan(Relation.SAME, 16) for _ in range(7))))
    assert set(column(rows_of(tune(), PLACE, form), "gap", "plan_gap")) == {NONE_CLASS}


def test_without_a_key_the_bass_is_known_by_its_place_above_the_melody_alone() -> None:
    rows = rows_of(tune(), replace(PLACE, tonic=12), full_form())
    assert set(column(rows, "pitch", "bass")) == {12}
    assert set(column(rows_of(tune(), PLACE, full_form()), "pitch", "bass")) == {0, 5, 7, 12}


def test_distances_have_classes() -> None:
    assert [back_class(bars) for bars in (0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 40)] == [0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 8]
    assert [left_class(steps) for steps in (-5, 0, 1, 12, 13, 384, 999)] == [1, 1, 2, 2, 3, 33, 33]
