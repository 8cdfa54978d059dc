"""What gives way to a placed note."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from builders import note_columns
from musicassist.document.overlaps import give_way, overlap_each_other, part_from_each_other
from musicassist.score.song import Notes


def on_few_pitches(notes: Notes) -> Notes:
    return Notes(notes.start_tick, notes.pitch % 4, notes.duration_ticks, notes.velocity)


def share_time(a: Notes, i: int, b: Notes, j: int) -> bool:
    return bool(a.pitch[i] == b.pitch[j] and a.start_tick[i] < b.end_tick[j] and b.start_tick[j] < a.end_tick[i])


@given(note_columns(), note_columns())
def test_what_is_left_of_the_kept_notes_is_free_of_the_placed_ones(kept_notes: Notes, placed_notes: Notes) -> None:
    kept, placed = on_few_pitches(kept_notes), on_few_pitches(placed_notes)
    start, end, alive = give_way(kept, placed, None)
    left = Notes(start, kept.pitch, end - start, kept.velocity)
    for i in range(len(start)):
        was_met = any(share_time(kept, i, placed, j) for j in range(len(placed.pitch)))
        assert not (alive[i] and any(share_time(left, i, placed, j) for j in range(len(placed.pitch))))
        assert was_met or (alive[i] and start[i] == kept.start_tick[i] and end[i] == kept.end_tick[i])
        assert not alive[i] or kept.start_tick[i] <= start[i] < end[i] <= kept.end_tick[i]


@given(note_columns(), note_columns())
def test_what_overlapped_before_stays(kept_notes: Notes, placed_notes: Notes) -> None:
    kept, placed = on_few_pitches(kept_notes), on_few_pitches(placed_notes)
    start, end, alive = give_way(kept, placed, placed)
    assert alive.all()
    assert np.array_equal(start, kept.start_tick)
    assert np.array_equal(end, kept.end_tick)


@given(note_columns())
def test_overlapping_rows_are_those_a_plain_search_finds(notes: Notes) -> None:
    rows = on_few_pitches(notes)
    found = overlap_each_other(rows).tolist()
    plain = [any(i != j and share_time(rows, i, rows, j) for j in range(len(notes))) for i in range(len(notes))]
    assert found == plain


@given(note_columns())
def test_placed_notes_part_from_each_other(notes: Notes) -> None:
    rows = on_few_pitches(notes)
    apart = Notes(
        rows.start_tick, np.arange(len(notes)), rows.duration_ticks, rows.velocity
    )  # each on a pitch of its own before
    end, alive = part_from_each_other(rows, apart)
    assert (end[alive] > rows.start_tick[alive]).all()
    assert not overlap_each_other(
        Notes(rows.start_tick, rows.pitch, end - rows.start_tick, rows.velocity).where(alive)
    ).any()
