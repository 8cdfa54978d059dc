"""What gives way to a placed note."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from builders import note_columns
from musicassist.document.overlaps import Spans, give_way, overlap_each_other, part_from_each_other
from musicassist.score.song import Notes


def spans(notes: Notes) -> Spans:
    return Spans(notes.start_tick, notes.pitch % 4, notes.end_tick)


def share_time(a: Spans, i: int, b: Spans, j: int) -> bool:
    return bool(a.pitch[i] == b.pitch[j] and a.start_tick[i] < b.end_tick[j] and b.start_tick[j] < a.end_tick[i])


@given(note_columns(), note_columns())
def test_what_is_left_of_the_kept_notes_is_free_of_the_placed_ones(kept_notes: Notes, placed_notes: Notes) -> None:
    kept, placed = spans(kept_notes), spans(placed_notes)
    start, end, alive = give_way(kept, placed, None)
    left = Spans(start, kept.pitch, end)
    for i in range(len(start)):
        was_met = any(share_time(kept, i, placed, j) for j in range(len(placed.pitch)))
        assert not (alive[i] and any(share_time(left, i, placed, j) for j in range(len(placed.pitch))))
        assert was_met or (alive[i] and start[i] == kept.start_tick[i] and end[i] == kept.end_tick[i])
        assert not alive[i] or kept.start_tick[i] <= start[i] < end[i] <= kept.end_tick[i]


@given(note_columns(), note_columns())
def test_what_overlapped_before_stays(kept_notes: Notes, placed_notes: Notes) -> None:
    kept, placed = spans(kept_notes), spans(placed_notes)
    start, end, alive = give_way(kept, placed, placed)
    assert alive.all()
    assert np.array_equal(start, kept.start_tick)
    assert np.array_equal(end, kept.end_tick)


@given(note_columns())
def test_overlapping_rows_are_those_a_plain_search_finds(notes: Notes) -> None:
    rows = spans(notes)
    found = overlap_each_other(rows).tolist()
    plain = [any(i != j and share_time(rows, i, rows, j) for j in range(len(notes))) for i in range(len(notes))]
    assert found == plain


@given(note_columns())
def test_placed_notes_part_from_each_other(notes: Notes) -> None:
    rows = spans(notes)
    apart = Spans(rows.start_tick, np.arange(len(notes)), rows.end_tick)  # each on a pitch of its own before
    end, alive = part_from_each_other(rows, apart)
    assert (end[alive] > rows.start_tick[alive]).all()
    assert not overlap_each_other(Spans(rows.start_tick, rows.pitch, end).where(alive)).any()
