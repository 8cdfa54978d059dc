"""An entry of a journal: the work at one instant."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np

from musicassist.document.history import NO_UNDO, State, Step, Undo, own_bytes
from musicassist.document.pages import NO_PAGES, Page, Pages
from musicassist.score.song import Mask, Song
from musicassist.score.song_bytes import Checked, sound_song


@dataclass(frozen=True, eq=False)
class Entry:
    """The work at one instant.

    Attributes:
        song: The music, with what is recorded so far.
        path: The file it came from or was saved to; None if it has none.
        selected_track: Index of the track that is edited.
        is_unsaved: Whether no file holds it.
        is_incomplete, file_mark: What ``Document`` knows of that file.
        at_unix_seconds: When it was so.
        selection: Mask over the rows of that track; None if nothing is selected.
        undo: What can be undone and done again.
        pages: What is kept beside the song.
    """

    song: Song
    path: Path | None
    selected_track: int
    is_unsaved: bool = True
    is_incomplete: bool = False
    file_mark: str | None = None
    at_unix_seconds: float = 0.0
    selection: Mask | None = None
    undo: Undo = NO_UNDO
    pages: Pages = field(default_factory=lambda: NO_PAGES)

    def is_like(self, other: Entry | None) -> bool:
        """Whether nothing but time lies between them. Songs are compared by identity: equal ones cost an entry."""
        return (
            other is not None
            and self.song is other.song
            and (self.path, self.selected_track) == (other.path, other.selected_track)
            and (self.is_unsaved, self.is_incomplete) == (other.is_unsaved, other.is_incomplete)
            and self.file_mark == other.file_mark
            and self.pages is other.pages
            and self.undo.is_like(other.undo)
            and _is_same_selection(self.selection, other.selection)
        )


def _is_same_selection(a: Mask | None, b: Mask | None) -> bool:
    return a is b or np.array_equal(_rows_of(a), _rows_of(b))


def _rows_of(selection: Mask | None) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    return np.flatnonzero(selection) if selection is not None else np.empty(0, dtype=np.intp)


def sound_entry(entry: Entry) -> tuple[Entry, bool]:
    """The entry if the program can live with each value of it, and whether one was brought back into its range.

    Raises:
        ValueError: It cannot.
    """
    tracks: Checked = {}
    songs: dict[int, Song] = {}

    def sound(song: Song) -> Song:
        if id(song) not in songs:
            songs[id(song)] = sound_song(song, tracks)
        return songs[id(song)]

    def sound_state(state: State) -> State:
        return State(sound(state.song), state.selected_track, state.selection)

    def sound_steps(steps: tuple[Step, ...]) -> tuple[Step, ...]:
        states = ((sound_state(step.before), sound_state(step.after)) for step in steps)
        return tuple(Step(step.name, *both, None, step.own_bytes) for step, both in zip(steps, states, strict=True))

    song, undo = sound(entry.song), Undo(sound_steps(entry.undo.done), sound_steps(entry.undo.undone))
    pages = {
        name: Page(page.text, page.notes, tuple(map(sound, page.songs))) if page.songs else page
        for name, page in entry.pages.items()
    }
    was_mended = song != entry.song or any(
        a.before.song != b.before.song or a.after.song != b.after.song
        for a, b in zip(undo.done + undo.undone, entry.undo.done + entry.undo.undone, strict=True)
    )
    known = entry.is_unsaved, entry.is_incomplete, entry.file_mark, entry.at_unix_seconds, entry.selection
    kept = MappingProxyType(pages) if pages else NO_PAGES
    return Entry(song, entry.path, entry.selected_track, *known, undo, kept), was_mended


def reaching(entry: Entry) -> Undo:
    """The entry's undo list, with a step more where its song holds what was still being recorded."""
    undo = entry.undo
    tip = undo.done[-1].after if undo.done else undo.undone[-1].before if undo.undone else None
    if tip is None or tip.song is entry.song or tip.song == entry.song:
        return undo
    track = min(entry.selected_track, len(entry.song.tracks) - 1)
    nothing = np.zeros(entry.song.tracks[track].note_count, dtype=np.bool_)
    after = State(entry.song, track, nothing)
    return Undo((*undo.done, Step("Record notes", tip, after, None, own_bytes(tip.song, entry.song))))
