"""Edits carry along where bars come from."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import phrase
from musicassist.document import edits
from musicassist.document.document import Document
from musicassist.midi import lost_on_save
from musicassist.score.origins import Origin
from musicassist.score.song import Mask, Note, Notes, Song, Track

BAR = 1920
KEPT = Origin(BAR, 2 * BAR, "one")
SONG = Song((Track("Melody", phrase(60, 62, 64, 65, 67, 69, 71, 72, step_ticks=480), origins=(KEPT,)),))


def rows(*chosen: int) -> Mask:
    return np.isin(np.arange(8), chosen)


def origins(song: Song) -> tuple[Origin, ...]:
    return song.tracks[0].origins


def test_a_region_moves_with_all_its_notes_and_knows_how_far() -> None:
    moved = edits.move_notes(SONG, 0, rows(4, 5, 6, 7), 2 * BAR, 5).song
    assert origins(moved) == (Origin(3 * BAR, 4 * BAR, "one", 2 * BAR),)
    back = edits.move_notes(moved, 0, rows(4, 5, 6, 7), -2 * BAR, -5).song
    assert origins(back) == (KEPT,)


def test_single_notes_leave_it_where_it_is() -> None:
    for edited in (
        edits.move_notes(SONG, 0, rows(4), 240, 0),
        edits.move_notes(SONG, 0, rows(4, 5, 6, 7), 0, 12),
        edits.delete_notes(SONG, 0, rows(4, 5, 6)),
        edits.insert_notes(SONG, 0, Notes.of([Note(BAR + 10, 40, 10)])),
        edits.set_velocity(SONG, 0, rows(4, 5), 20),
        edits.quantise_notes(SONG, 0, rows(4, 5, 6, 7), 480),
        edits.resize_notes(SONG, 0, rows(5), 0, -100),
    ):
        assert origins(edited.song) == (KEPT,)


def test_a_copy_comes_from_there_too() -> None:
    twice = edits.copy_notes(SONG, 0, rows(4, 5, 6, 7), BAR, 0).song
    assert origins(twice) == (KEPT, Origin(2 * BAR, 3 * BAR, "one", BAR))
    some = edits.copy_notes(SONG, 0, rows(4, 5, 6), BAR, 0).song
    assert origins(some) == (KEPT,)


def test_it_goes_with_the_last_of_its_notes() -> None:
    assert origins(edits.delete_notes(SONG, 0, rows(4, 5, 6, 7)).song) == ()
    assert origins(edits.delete_notes(SONG, 0, rows(0, 1, 2, 3)).song) == (KEPT,)


def test_what_is_written_over_its_middle_leaves_both_ends() -> None:
    cut = edits.replace_span(SONG, 0, BAR + 480, BAR + 960, phrase(50, from_tick=BAR + 480)).song
    assert origins(cut) == (Origin(BAR, BAR + 480, "one"), Origin(BAR + 960, 2 * BAR, "one"))
    gone = edits.replace_span(SONG, 0, 0, 2 * BAR, Notes.of()).song
    assert origins(gone) == ()


def test_they_are_no_music_of_a_midi_file() -> None:
    document = Document(Song((Track("Melody", SONG.tracks[0].notes),)))
    document.apply("Keep", SONG)
    assert not document.is_modified
    assert lost_on_save(SONG) == ()
    document.undo()
    assert origins(document.song) == ()


_EDITS = st.sampled_from(["move", "copy", "delete", "replace", "insert", "undo", "redo"])


@settings(max_examples=60)
@given(st.lists(st.tuples(_EDITS, st.sets(st.integers(0, 30), max_size=10), st.integers(-4, 8)), max_size=12))
def test_random_edits_keep_regions_apart_and_undo_brings_each_state_back(
    steps: list[tuple[str, set[int], int]],
) -> None:
    document, states = Document(SONG), [SONG]
    for kind, chosen, amount in steps:
        song, before = document.song, document.song
        notes = song.tracks[0].notes
        mask = np.isin(np.arange(len(notes)), list(chosen))
        if kind in ("undo", "redo"):
            getattr(document, kind)()
        elif kind == "move":
            document.apply(kind, edits.move_notes(song, 0, mask, amount * 480, amount))
        elif kind == "copy":
            document.apply(kind, edits.copy_notes(song, 0, mask, amount * 480, amount))
        elif kind == "delete":
            document.apply(kind, edits.delete_notes(song, 0, mask))
        elif kind == "replace":
            span = max(0, amount) * 960, max(0, amount) * 960 + 960
            document.apply(kind, edits.replace_span(song, 0, *span, phrase(50, from_tick=span[0])))
        else:
            document.apply(kind, edits.insert_notes(song, 0, phrase(40 + amount, from_tick=abs(amount) * 240)))
        own = origins(document.song)
        assert all(left.to_tick <= right.from_tick for left, right in pairwise(own))
        assert all(o.is_sound and o.to_tick - o.from_tick <= BAR for o in own)
        if kind == "move" and mask.any():
            inside = notes.starting_between(*_span(before)) if origins(before) else mask
            if len(origins(before)) == 1 and inside.any() and (mask == inside).all():  # all its notes and no others
                shift = int(document.song.tracks[0].notes.start_tick[document.selection].min()) - int(
                    notes.start_tick[mask].min()
                )
                assert own[0].shift_ticks == origins(before)[0].shift_ticks + shift
        states.append(document.song)
    while document.undo_name is not None:
        document.undo()
    assert document.song is SONG


def _span(song: Song) -> tuple[int, int]:
    own = origins(song)[0]
    return own.from_tick, own.to_tick
