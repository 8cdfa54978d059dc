"""Rolls: sixteenths and triplets are kept as they are, and what was drawn is read again."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musicassist.families.gan.predictor import HELD, ROWS, SILENT, SLOT_STEPS, SLOTS, notes_of, row_in_reach, symbols_of
from musicassist.tokens.windows import WINDOW_STEPS

Rows = list[tuple[int, int, int]]  # place, row, length


def drawn(rows: Rows) -> np.ndarray:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return symbols_of(np.zeros(len(rows), dtype=np.int64), columns[:, 0], columns[:, 1], columns[:, 2], 1)


def read(symbols: np.ndarray) -> Rows:
    _, place, row, length = notes_of(symbols)
    return list(zip(place.tolist(), row.tolist(), length.tolist(), strict=True))


@st.composite
def slot_rows(draw: st.DrawFn) -> Rows:
    """Notes that begin and end on slots, each before the next."""
    edges = sorted(draw(st.sets(st.integers(0, SLOTS), min_size=2, max_size=20)))
    steps = [int(SLOT_STEPS[edge]) for edge in edges]
    kept = draw(st.lists(st.booleans(), min_size=len(steps) - 1, max_size=len(steps) - 1))
    pairs = [(a, b) for a, b, own in zip(steps, steps[1:], kept, strict=False) if own]
    return [(a, draw(st.integers(0, ROWS - 1)), b - a) for a, b in pairs]


@given(slot_rows())
def test_what_is_drawn_on_slots_is_read_again(rows: Rows) -> None:
    assert read(drawn(rows)) == rows


def test_sixteenths_and_triplets_have_slots() -> None:
    rows = [(0, 1, 3), (3, 2, 3), (6, 3, 3), (9, 4, 3), (12, 5, 4), (16, 6, 4), (20, 7, 4)]
    assert read(drawn(rows)) == rows


def test_what_starts_beside_a_slot_counts_in_the_nearest_one() -> None:
    assert read(drawn([(1, 5, 4)])) == [(0, 5, 4)]  # of two equally near the earlier: the end, step 5, is step 4
    assert read(drawn([(11, 5, 12)])) == [(12, 5, 12)]


def test_after_a_grace_note_in_one_slot_the_note_stays() -> None:
    assert read(drawn([(0, 5, 1), (1, 7, 11)])) == [(0, 7, 12)]


def test_a_note_shorter_than_any_slot_has_one() -> None:
    assert read(drawn([(12, 5, 1)])) == [(12, 5, 3)]
    assert read(drawn([(95, 5, 1)])) == [(93, 5, 3)]


def test_symbols_say_what_sounds() -> None:
    symbols = drawn([(0, 4, 6)])[0]
    assert symbols[:4].tolist() == [4, HELD, HELD, SILENT]
    assert (symbols[4:] == SILENT).all()


def test_held_slots_with_nothing_before_them_are_silent() -> None:
    assert read(np.full((1, SLOTS), HELD, dtype=np.uint8)) == []


@given(st.integers(-60, 60))
def test_rows_out_of_reach_move_by_octaves(row: int) -> None:
    moved = int(row_in_reach(np.array([row]))[0])
    assert 0 <= moved < ROWS
    assert (moved - row) % 12 == 0
    assert moved == row or not 0 <= row < ROWS


def test_slots_fill_the_window() -> None:
    assert SLOT_STEPS[0] == 0
    assert SLOT_STEPS[-1] == WINDOW_STEPS
    assert (np.diff(SLOT_STEPS) > 0).all()
