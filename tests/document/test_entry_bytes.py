"""Entries: song, undo list, selection and pages come back as they were, whatever was done between two of them."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import phrase
from musicassist.document.document import Document
from musicassist.document.edits import delete_notes, insert_notes, move_notes
from musicassist.document.entry import Entry, reaching
from musicassist.document.entry_bytes import pack_entry, unpack_entry
from musicassist.document.history import MAX_KEPT_STEPS, State, Step
from musicassist.document.journal_file import MAGIC, entry_bytes, journal_of
from musicassist.document.pages import Page
from musicassist.score.song import Note, Notes, Song, Track


def entry_now(document: Document) -> Entry:
    pages, undo = document.pages, document.undo_list
    return Entry(document.song, None, document.selected_track, selection=document.selection, undo=undo, pages=pages)


def reopened(entry: Entry) -> Document:
    document = Document()
    document.replace_song(
        entry.song,
        None,
        selected_track=entry.selected_track,
        selection=entry.selection,
        undo=reaching(entry),
        pages=entry.pages,
    )
    return document


def act(document: Document, chance: random.Random) -> None:
    """One of all the things that become of a document."""
    song, track, selection = document.song, document.selected_track, document.selection
    what = chance.randrange(11)
    if what < 3:
        note = Note(chance.randrange(4000), chance.randrange(128), 60)
        document.apply("Draw note", insert_notes(song, track, Notes.of([note])))
    elif what == 3:
        document.select(np.array([chance.random() < 0.3 for _ in range(document.track.note_count)], dtype=np.bool_))
    elif what == 4:
        document.undo()
    elif what == 5:
        document.redo()
    elif what == 6:
        page = Page.of({"at": chance.random()}, (document.track.notes,), (song, Song((Track("Elsewhere"),))))
        document.keep_page(f"shelf/{chance.randrange(5)}", None if chance.random() < 0.3 else page)
    elif what == 7:
        document.apply("Add track", replace(song, tracks=(*song.tracks, Track(f"Track {chance.randrange(99)}"))))
    elif what == 8:
        document.select_track(chance.randrange(len(song.tracks)))
    elif what == 9:
        document.apply("Delete notes", delete_notes(song, track, selection))
    else:
        ticks, semitones = chance.choice(((0, 1), (0, -1), (120, 0)))
        document.apply("Move notes", move_notes(song, track, selection, ticks, semitones), merge_key="key")


def is_same_state(a: State, b: State) -> bool:
    return a.song == b.song and a.selected_track == b.selected_track and np.array_equal(a.selection, b.selection)


def are_same_steps(a: tuple[Step, ...], b: tuple[Step, ...]) -> bool:
    return [step.name for step in a] == [step.name for step in b] and all(
        is_same_state(one.before, other.before) and is_same_state(one.after, other.after)
        for one, other in zip(a, b, strict=True)
    )


def is_same_work(a: Entry, b: Entry) -> bool:
    """Values, not identities; selections too."""
    rows = [np.flatnonzero(entry.selection) if entry.selection is not None else np.empty(0) for entry in (a, b)]
    return (
        a.song == b.song
        and a.selected_track == b.selected_track
        and np.array_equal(*rows)
        and are_same_steps(a.undo.done, b.undo.done)
        and are_same_steps(a.undo.undone, b.undo.undone)
        and list(a.pages.items()) == list(b.pages.items())
    )


@settings(max_examples=20)
@given(st.integers(0, 2**20))
def test_each_state_is_read_as_it_was_and_undone_as_it_would_have_been(seed: int) -> None:
    """Also where several things happened between two entries, and after closing and opening in between."""
    chance, document = random.Random(seed), Document()
    last = entry_now(document)
    data = MAGIC + entry_bytes(last, None)
    for _ in range(40):
        for _ in range(chance.choice((1, 1, 3))):
            act(document, chance)
        now = entry_now(document)
        data += entry_bytes(now, last)
        last = now
        if chance.random() < 0.2:
            journal = journal_of(data)
            assert is_same_work(journal.entry, now)
            assert journal.size_bytes == len(data) and journal.can_grow and not journal.is_cut
            last = journal.entry
            document = reopened(last)
            if chance.random() < 0.5:
                data = MAGIC + entry_bytes(last, None)
    before = document.song
    undone = 0
    while document.undo_name is not None:
        document.undo()
        undone += 1
    for _ in range(undone):
        document.redo()
    assert document.song == before


def test_of_more_steps_than_are_kept_the_oldest_go() -> None:
    document = Document()
    last = entry_now(document)
    data = MAGIC + entry_bytes(last, None)
    for number in range(MAX_KEPT_STEPS + 30):
        document.apply(f"Step {number}", insert_notes(document.song, 0, Notes.of([Note(10 * number, 60, 5)])))
        now = entry_now(document)
        data += entry_bytes(now, last)
        last = now
    back = reopened(journal_of(data).entry)
    for number in reversed(range(30, MAX_KEPT_STEPS + 30)):
        assert back.undo_name == f"Step {number}"
        back.undo()
    assert back.undo_name is None and back.song.note_count == 30


def test_an_edit_and_its_undo_cost_some_hundred_bytes_however_long_the_song(bytes_at_most: int = 1500) -> None:
    ticks = np.arange(20_000) * 10
    document = Document(Song((Track("A", Notes.from_columns(ticks, ticks % 100, ticks * 0 + 5, ticks % 99 + 1)),)))
    before = entry_now(document)
    for act_once in (
        lambda: document.apply("Draw note", insert_notes(document.song, 0, Notes.of([Note(7, 60, 5)]))),
        document.undo,
        document.redo,
        lambda: document.keep_page("shelf/1", Page.of({"wish": 1}, (), (document.song,))),
    ):
        act_once()
        now = entry_now(document)
        assert len(pack_entry(now, before)) < bytes_at_most
        before = now


def test_what_was_being_recorded_is_a_step_of_its_own() -> None:
    document = Document()
    document.apply("Draw note", insert_notes(document.song, 0, Notes.of([Note(0, 60, 5)])))
    tip = document.song
    entry = replace(entry_now(document), song=tip.with_track(0, Track("Melody", phrase(60, 62))), selection=None)
    back = reopened(journal_of(MAGIC + entry_bytes(entry, None)).entry)
    assert (back.undo_name, back.song.note_count) == ("Record notes", 2)
    back.undo()
    assert back.song == tip


def made_up(change: dict[str, object]) -> bytes:
    document = Document()
    document.apply("Draw note", insert_notes(document.song, 0, Notes.of([Note(0, 60, 5)])))
    document.keep_page("a", Page.of({}, (document.track.notes,), (document.song,)))
    whole = pack_entry(entry_now(document), None)
    length = int.from_bytes(whole[:4], "little")
    text = json.dumps({**json.loads(whole[4 : 4 + length]), **change}).encode()
    return len(text).to_bytes(4, "little") + text + whole[4 + length :]


STATE = {"song": 1, "track": 0, "rows": 1, "kind": 0, "length": 4}
STEP = {"name": "x", "before": STATE, "after": STATE}


@pytest.mark.parametrize(
    "change",
    [
        {"songs": [{"base": 9, "length": 1}]},
        {"songs": [{"base": 0, "length": 10**9}]},
        {"state": {**STATE, "song": 7}},
        {"state": {**STATE, "rows": 10**8}},
        {"state": {**STATE, "kind": 1, "length": 0}},
        {"state": {**STATE, "kind": 2}},
        {"done": {"first": 0, "last": 5, "then": []}},
        {"done": {"first": 1, "last": 0, "then": []}},
        {"done": {"first": 0, "last": 0, "then": [0]}},
        {"done": {"first": 0, "last": 0, "then": [STEP] * (MAX_KEPT_STEPS + 1)}},
        {"done": {"first": 0, "last": 0, "then": [{**STEP, "name": "x" * 1000}]}},
        {"pages": [{"name": "", "length": 0, "notes": [], "songs": []}]},
        {"pages": [{"name": "x" * 201, "length": 0, "notes": [], "songs": []}]},
        {"pages": [{"name": "x", "length": 0, "notes": [], "songs": [99]}]},
        {"pages": [{"name": "x", "length": 10**9, "notes": [], "songs": []}]},
        {"pages": [{"name": "x", "length": 0, "notes": [3], "songs": []}]},
        {"whole": False},
        {"surplus": 1},
    ],
)
def test_made_up_entries_are_refused(change: dict[str, object]) -> None:
    assert unpack_entry(made_up({}), None).song.note_count == 1
    with pytest.raises(ValueError):
        unpack_entry(made_up(change), None)
