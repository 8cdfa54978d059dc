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
from lab.window.project_acts import act, entry_now, is_same_work, reopened
from musicassist.document.document import Document
from musicassist.document.edits import insert_notes
from musicassist.document.entry_bytes import pack_entry, unpack_entry
from musicassist.document.history import MAX_KEPT_STEPS
from musicassist.document.journal_file import MAGIC, entry_bytes, journal_of
from musicassist.document.pages import Page
from musicassist.score.song import Note, Notes, Song, Track


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
        {"done": {"first": 0, "last": 0, "then": [{**STEP, "after": {**STATE, "track": 9, "rows": 0}}]}},
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
