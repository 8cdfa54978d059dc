"""The document: undo, selection, what is saved, and what listeners hear."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from builders import note_columns, phrase, song_of
from musicassist.document import edits
from musicassist.document import song_edits as track_edits
from musicassist.document.document import Document, DocumentChange
from musicassist.document.pages import Page
from musicassist.score.song import Mask, Note, Notes, Song, Track


def with_phrase() -> Document:
    return Document(Song(tracks=(Track(), Track("Melody", phrase(60, 62, 64)))))


def select_all(document: Document) -> None:
    document.select(np.ones(len(document.track.notes), dtype=np.bool_))


def move(document: Document, semitones: int, *, merge_key: str | None = None) -> None:
    result = edits.move_notes(document.song, document.selected_track, document.selection, 0, semitones)
    document.apply("Move notes", result, merge_key=merge_key)


def test_a_new_document_has_a_track_and_nothing_to_save() -> None:
    document = Document()
    assert len(document.song.tracks) == 1
    assert not document.is_modified
    assert document.undo_name is None


def test_the_first_track_with_notes_is_selected() -> None:
    assert with_phrase().selected_track == 1
    assert Document(Song()).track.notes == Notes.of()


def test_undo_brings_back_music_selection_and_track() -> None:
    document = with_phrase()
    before = document.song
    select_all(document)
    move(document, 1)
    document.select_track(0)
    assert not document.selection.any()
    document.undo()
    assert document.song is before
    assert document.selected_track == 1
    assert document.selection.all()
    document.redo()
    assert document.track.notes.pitch.tolist() == [61, 63, 65]
    assert document.selected_track == 1


def test_steps_with_one_key_merge_until_something_else_happens() -> None:
    document = with_phrase()
    select_all(document)
    move(document, 1, merge_key="arrows")
    move(document, 1, merge_key="arrows")
    document.undo()
    assert document.track.notes.pitch.tolist() == [60, 62, 64]
    document.redo()
    move(document, 1, merge_key="arrows")
    assert document.merge_base("arrows") is not None
    document.select(np.array([True, False, False]))
    assert document.merge_base("arrows") is None
    move(document, 1, merge_key="arrows")
    document.undo()
    assert document.track.notes.pitch.tolist() == [63, 65, 67]


def test_a_drag_that_comes_back_leaves_no_step() -> None:
    document = with_phrase()
    select_all(document)
    move(document, 1, merge_key="drag")
    move(document, -1, merge_key="drag")
    assert document.undo_name is None
    assert not document.is_modified


def test_undoing_to_the_saved_song_is_not_modified() -> None:
    document = with_phrase()
    select_all(document)
    move(document, 1)
    document.mark_saved(Path("a.mid"))
    assert not document.is_modified
    move(document, 1)
    assert document.is_modified
    document.undo()
    assert not document.is_modified
    document.undo()
    assert document.is_modified
    assert document.path == Path("a.mid")


def test_mute_is_a_step_but_nothing_to_save() -> None:
    document = with_phrase()
    document.apply("Mute track", track_edits.set_track_flags(document.song, 0, muted=True))
    assert document.undo_name == "Mute track"
    assert not document.is_modified


def test_pages_are_unsaved_until_a_file_holds_them_or_was_saved_without_them(tmp_path: Path) -> None:
    document, first, second = Document(), Page.of({}), Page.of({"n": 2})
    document.keep_page("shelf/1", first)
    assert document.unsaved_pages == {"shelf/1": first} and not document.is_modified
    document.mark_saved(tmp_path / "a.mid")
    assert document.unsaved_pages == {}
    document.keep_page("shelf/2", second)
    assert document.unsaved_pages == {"shelf/2": second}
    document.mark_kept(is_kept=True)
    assert document.unsaved_pages == {}
    document.replace_song(Song(), tmp_path / "b.musicassist", is_read_only=True, pages={"shelf/1": first})
    assert document.unsaved_pages == {}
    document.replace_song(Song(), None, is_saved=False, pages={"shelf/1": first})
    assert document.unsaved_pages == {"shelf/1": first}


def test_a_recovered_song_is_modified_until_it_is_saved() -> None:
    document = Document()
    document.replace_song(song_of(Note(0, 60, 100)), Path("lost.mid"), is_saved=False)
    assert document.is_modified
    document.mark_saved(Path("lost.mid"))
    assert not document.is_modified


def test_listeners_hear_the_widest_change_once_and_no_more_after_they_leave() -> None:
    document = with_phrase()
    heard: list[DocumentChange] = []
    leave = document.subscribe(heard.append)
    select_all(document)
    select_all(document)
    move(document, 1)
    move(document, 0)
    document.select_track(0)
    document.undo()
    document.mark_saved(Path("a.mid"))
    document.replace_song(Song(), None)
    assert [change.kind for change in heard] == ["selection", "song", "track", "song", "saved", "opened"]
    assert [change.revision for change in heard] == [0, 1, 1, 2, 2, 3]
    leave()
    document.replace_song(Song(), None)
    assert len(heard) == 6


def test_the_last_track_leaves_an_empty_one() -> None:
    document = Document(song_of(Note(0, 60, 100)))
    document.apply("Remove track", track_edits.remove_track(document.song, 0))
    assert document.song.tracks == (Track(),)
    assert len(document.selection) == 0


class UndoMachine(RuleBasedStateMachine):
    """Random edits, undo and redo against a plain list of songs."""

    def __init__(self) -> None:
        super().__init__()
        self.document = Document()
        self.songs = [self.document.song]
        self.place = 0

    def apply(self, name: str, result: edits.EditResult | Song) -> None:
        before = self.document.song
        self.document.apply(name, result)
        if self.document.song != before:
            self.songs = [*self.songs[: self.place + 1], self.document.song]
            self.place += 1

    @rule(notes=note_columns(most=4))
    def insert(self, notes: Notes) -> None:
        self.apply("Insert", edits.insert_notes(self.document.song, self.document.selected_track, notes))
        assert sorted(self.document.track.notes.where(self.document.selection)) == sorted(notes)

    @rule(data=st.data())
    def select(self, data: st.DataObject) -> None:
        count = len(self.document.track.notes)
        self.document.select(
            np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)), dtype=np.bool_)
        )

    @rule(ticks=st.integers(-500, 500), semitones=st.integers(-5, 5))
    def move(self, ticks: int, semitones: int) -> None:
        d = self.document
        self.apply("Move", edits.move_notes(d.song, d.selected_track, d.selection, ticks, semitones))

    @rule()
    def delete(self) -> None:
        d = self.document
        self.apply("Delete", edits.delete_notes(d.song, d.selected_track, d.selection))

    @rule(a=st.integers(0, 3000), length=st.integers(0, 2000), notes=note_columns(most=3))
    def replace_span(self, a: int, length: int, notes: Notes) -> None:
        d = self.document
        self.apply("Continue phrase", edits.replace_span(d.song, d.selected_track, a, a + length, notes))

    @rule()
    def add_track(self) -> None:
        self.apply("Add track", track_edits.add_track(self.document.song, Track(f"{self.place}")))

    @rule(data=st.data())
    def select_track(self, data: st.DataObject) -> None:
        self.document.select_track(data.draw(st.integers(0, len(self.document.song.tracks) - 1)))

    @rule(notes=note_columns(most=3))
    def open(self, notes: Notes) -> None:
        self.document.replace_song(Song(tracks=(Track(notes=notes),)), None)
        self.songs, self.place = [self.document.song], 0

    @precondition(lambda self: self.place > 0)
    @rule()
    def undo(self) -> None:
        self.document.undo()
        self.place -= 1

    @precondition(lambda self: self.place < len(self.songs) - 1)
    @rule()
    def redo(self) -> None:
        self.document.redo()
        self.place += 1

    @rule()
    def undo_all_redo_all(self) -> None:
        for _ in range(self.place):
            self.document.undo()
        assert self.document.song == self.songs[0]
        for song in self.songs[1:]:
            self.document.redo()
            assert self.document.song == song
        self.place = len(self.songs) - 1

    @invariant()
    def is_at_its_place(self) -> None:
        assert self.document.song == self.songs[self.place]
        assert len(self.document.selection) == len(self.document.track.notes)
        assert (self.document.undo_name is None) == (self.place == 0)
        assert (self.document.redo_name is None) == (self.place == len(self.songs) - 1)


UndoMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestUndo = UndoMachine.TestCase


def random_step(document: Document, random: np.random.Generator) -> None:
    count = len(document.track.notes)
    selection: Mask = random.random(count) < 0.3
    document.select(selection)
    kind = random.integers(0, 4)
    if kind == 0 or count < 20:
        note = Note(int(random.integers(0, 20000)), int(random.integers(30, 90)), int(random.integers(1, 960)))
        document.apply("Draw note", edits.insert_notes(document.song, 0, Notes.of([note])))
    elif kind == 1 and count > 200:
        document.apply("Delete notes", edits.delete_notes(document.song, 0, selection))
    elif kind == 2:
        document.apply(
            "Change velocity", edits.change_velocity(document.song, 0, selection, int(random.integers(-9, 9)))
        )
    else:
        ticks, semitones = int(random.integers(-480, 480)), int(random.integers(-5, 5))
        document.apply("Move notes", edits.move_notes(document.song, 0, selection, ticks, semitones))


def test_ten_thousand_edits_can_all_be_undone_and_redone() -> None:
    random = np.random.default_rng(8)
    document = Document()
    songs = [document.song]
    for _ in range(10_000):
        random_step(document, random)
        if document.song is not songs[-1]:
            songs.append(document.song)
    for song in reversed(songs[:-1]):
        document.undo()
        assert document.song is song
    assert document.undo_name is None
    for song in songs[1:]:
        document.redo()
        assert document.song is song


def test_a_selection_is_chosen_when_it_was_made_by_hand_not_when_an_edit_left_it() -> None:
    document = Document(song_of(Note(0, 60, 480), Note(480, 62, 480)))
    told: list[str] = []
    document.subscribe(lambda change: told.append(change.kind))
    document.select(np.array([True, True]))
    assert document.is_selection_chosen
    document.apply("Transpose", edits.move_notes(document.song, 0, document.selection, 0, 1))
    assert document.selection.all() and not document.is_selection_chosen
    document.select(np.array([True, True]))  # the same notes, but now somebody means them
    assert document.is_selection_chosen and told[-1] == "selection"
    document.undo()
    assert not document.is_selection_chosen
    document.select(np.array([False, False]))
    assert not document.is_selection_chosen


def test_a_song_that_its_project_keeps_is_never_unsaved_work() -> None:
    document, told = with_phrase(), []
    document.replace_song(document.song, Path("/a.musicassist"), is_kept=True)
    document.subscribe(lambda change: told.append(change.kind))
    select_all(document)
    move(document, 1)
    assert not document.is_modified
    told.clear()
    for is_kept in (False, False, True):  # the disk was full for a while
        document.mark_kept(is_kept=is_kept)
        assert document.is_modified != is_kept
    assert told == ["saved", "saved"]
    document.mark_saved(Path("/a.mid"))
    assert not document.is_kept and not document.is_modified


def test_a_song_opened_with_its_undo_list_goes_on_where_it_was() -> None:
    before = with_phrase()
    select_all(before)
    move(before, 1)
    move(before, 2)
    before.undo()
    document = Document()
    document.replace_song(
        before.song, None, selected_track=before.selected_track, selection=before.selection, undo=before.undo_list
    )
    assert document.selection.all() and (document.undo_name, document.redo_name) == ("Move notes", "Move notes")
    document.redo()
    assert document.track.notes.pitch.tolist() == [63, 65, 67]
    document.undo()
    document.undo()
    assert document.track.notes.pitch.tolist() == [60, 62, 64]
    document.replace_song(before.song, None, selected_track=1, selection=np.ones(99, dtype=np.bool_))
    assert not document.selection.any()  # of another song
