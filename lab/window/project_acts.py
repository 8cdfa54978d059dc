"""What somebody does to a document, at random, and whether what was kept of it is the same."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from musicassist.document.document import Document
from musicassist.document.edits import delete_notes, insert_notes, move_notes
from musicassist.document.entry import Entry, reaching
from musicassist.document.history import State, Step
from musicassist.document.pages import Page
from musicassist.score.song import Note, Notes, Song, Track


def entry_now(document: Document) -> Entry:
    """The work as the window would keep it."""
    pages, undo = document.pages, document.undo_list
    return Entry(document.song, None, document.selected_track, selection=document.selection, undo=undo, pages=pages)


def reopened(entry: Entry) -> Document:
    """A document as the window would open the entry."""
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


class _Sameness:
    """Compares songs by value; of two tracks that many songs share it looks once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bool] = {}  # by identity: both sides live as long as this

    def of_songs(self, a: Song, b: Song) -> bool:
        if len(a.tracks) != len(b.tracks) or not all(map(self._of_tracks, a.tracks, b.tracks)):
            return False
        return a == replace(b, tracks=a.tracks)

    def _of_tracks(self, a: Track, b: Track) -> bool:
        key = id(a), id(b)
        if key not in self._known:
            self._known[key] = a == b
        return self._known[key]

    def of_states(self, a: State, b: State) -> bool:
        is_same = a.selected_track == b.selected_track and np.array_equal(a.selection, b.selection)
        return is_same and self.of_songs(a.song, b.song)

    def of_steps(self, a: tuple[Step, ...], b: tuple[Step, ...]) -> bool:
        return [step.name for step in a] == [step.name for step in b] and all(
            self.of_states(one.before, other.before) and self.of_states(one.after, other.after)
            for one, other in zip(a, b, strict=True)
        )

    def of_pages(self, a: Page, b: Page) -> bool:
        if (a.text, a.notes, len(a.songs)) != (b.text, b.notes, len(b.songs)):
            return False
        return all(map(self.of_songs, a.songs, b.songs))


def is_same_work(a: Entry, b: Entry) -> bool:
    """Values, not identities; selections, undo list and pages in their order too."""
    same, nothing = _Sameness(), np.zeros(0, dtype=np.bool_)
    rows = [np.flatnonzero(nothing if entry.selection is None else entry.selection) for entry in (a, b)]
    return (
        same.of_songs(a.song, b.song)
        and a.selected_track == b.selected_track
        and rows[0].tolist() == rows[1].tolist()
        and same.of_steps(a.undo.done, b.undo.done)
        and same.of_steps(a.undo.undone, b.undo.undone)
        and list(a.pages) == list(b.pages)
        and all(map(same.of_pages, a.pages.values(), b.pages.values()))
    )
