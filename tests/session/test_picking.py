"""Ghost notes are picked and kept alone, as one step, and the takes stay on offer around them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.score.song import Note, Notes
from musicassist.session.comping import MIX, Comp
from musicassist.session.picking import beside
from session_desk import BAR, SPAN, Desk, desk_with

HALF = BAR // 2


def picked(desk: Desk) -> list[int]:
    return desk.session.picking.notes.start_tick.tolist()


def test_what_a_rectangle_touches_is_picked_and_another_take_lets_it_go() -> None:
    desk = desk_with(60, 64)
    picking = desk.session.picking
    picking.pick_box(BAR + 10, BAR + HALF, 59, 61)
    assert picked(desk) == [BAR, BAR + HALF]
    picking.pick_box(BAR, BAR, 60, 60, is_adding=True)  # one that is picked is let go
    assert picked(desk) == [BAR + HALF]
    picking.pick_bars(2 * BAR, 3 * BAR)
    assert picked(desk) == [BAR + HALF, 2 * BAR, 2 * BAR + HALF]
    picking.pick_box(0, 10 * BAR, 64, 64)  # of the other take
    assert picked(desk) == []
    picking.pick_box(BAR, BAR, 60, 60)
    desk.session.takes.audition(2)
    assert picked(desk) == [] and picking.keep() == 0


def test_what_is_picked_is_kept_alone_and_all_takes_go_on_around_it() -> None:
    desk = desk_with(60, 64)
    takes, picking = desk.session.takes, desk.session.picking
    before = desk.document.song
    picking.pick_bars(2 * BAR, 3 * BAR)
    assert picking.keep() == 2
    assert [note.pitch for note in desk.notes[4:]] == [60, 60] and takes.phase == "offered"
    assert [take.notes.pitch.tolist() for take in takes.offer] == [[60] * 8, [64, 64, 60, 60, 64, 64, 64, 64]]
    after = desk.document.song
    desk.document.undo()
    assert desk.document.song is before
    assert [take.notes.pitch.tolist() for take in takes.offer] == [[60] * 8, [64] * 8]
    desk.document.redo()
    assert desk.document.song is after and takes.offer[1].notes.pitch.tolist()[2:4] == [60, 60]
    takes.audition(2)
    takes.accept()
    assert [note.pitch for note in desk.notes[4:]] == [64, 64, 60, 60, 64, 64, 64, 64]


def test_the_rest_can_be_kept_after_an_edit_elsewhere_too() -> None:
    desk = desk_with(60, 64)
    desk.session.picking.pick_bars(2 * BAR, 3 * BAR)
    desk.session.picking.keep()
    desk.select(0)
    desk.session.notes.transpose(1)
    desk.session.takes.accept()
    assert [note.pitch for note in desk.notes[4:]] == [60] * 8


def test_notes_of_a_mix_are_picked_and_the_mix_stays() -> None:
    desk = desk_with(60, 64)
    desk.session.mixing.mix(Comp.of(*SPAN, 1).swiped(2 * BAR, 3 * BAR, 2))
    desk.session.picking.pick_box(2 * BAR, 2 * BAR, 64, 64)
    desk.session.picking.keep()
    takes = desk.session.takes
    assert takes.auditioned == MIX and takes.offer[0].notes.pitch.tolist()[2] == 64
    assert takes.heard is not None and takes.heard.notes.pitch.tolist() == [60, 60, 64, 64, 60, 60, 60, 60]


def test_what_is_kept_in_part_counts_in_part() -> None:
    desk = desk_with(60)
    desk.session.picking.pick_bars(2 * BAR, 3 * BAR)
    desk.session.picking.keep()
    desk.session.take_counts.settle()
    (row,) = desk.session.take_counts.rows
    assert (row.offered, row.kept, row.kept_notes) == (1, 0.25, 2)


LINES = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6)), max_size=12)


@given(LINES, LINES)
def test_what_lies_beside_kept_notes_overlaps_none_of_them(
    some: list[tuple[int, int]], kept: list[tuple[int, int]]
) -> None:
    def line(rows: list[tuple[int, int]]) -> Notes:
        notes: list[Note] = []
        for start, length in sorted(rows):
            if not notes or notes[-1].end_tick <= start:
                notes.append(Note(start, 60, length, 80))
        return Notes.of(notes)

    own, fixed = line(some), line(kept)
    rest = beside(own, fixed)
    assert all(one.end_tick <= two.start_tick or two.end_tick <= one.start_tick for one in rest for two in fixed)
    left = [one for one in own if all(one.end_tick <= t.start_tick or t.end_tick <= one.start_tick for t in fixed)]
    assert list(rest) == left


def test_of_chords_only_the_same_key_gives_way() -> None:
    chord = phrase(60, step_ticks=480).plus(phrase(64, step_ticks=480))
    assert [note.pitch for note in beside(chord, phrase(64, step_ticks=240))] == [60]
