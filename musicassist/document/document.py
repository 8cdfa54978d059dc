"""The song being worked on, with its selection, its undo list and its listeners. Main thread only."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from musicassist.document.edits import EditResult, no_notes
from musicassist.document.history import NO_UNDO, History, State, Undo
from musicassist.document.pages import NO_PAGES, Page, Pages, with_page
from musicassist.document.song_edits import add_track
from musicassist.score.chord_track import playable_track
from musicassist.score.melody_part import first_track
from musicassist.score.song import Mask, Notes, Song, Track
from musicassist.score.timing import MeterChange, tempo_change

ChangeKind = Literal["opened", "song", "track", "selection", "saved", "pages"]


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What listeners are told. A wider kind implies the narrower ones: opened > song > track > selection.

    Attributes:
        kind: ``opened`` (another song), ``song`` (an edit, undo or redo), ``track`` (another track is selected),
            ``selection`` (other notes are selected), ``saved``, ``pages`` (what is kept beside the song).
        revision: The document's revision after it.
    """

    kind: ChangeKind
    revision: int


def empty_song() -> Song:
    """One track without notes, in 4/4 at 120 beats per minute."""
    tempo, meter = tempo_change(0, 120), MeterChange(0, 4, 4)
    return Song(tracks=(Track(name="Melody"),), tempo_changes=(tempo,), meter_changes=(meter,))


class Document:
    """A song that is edited. It has at least one track always.

    Attributes:
        path: The file it came from or was saved to; None if it never was in one.
        is_incomplete: Whether that file holds more than could be read of it.
        file_mark: What ``disk.mark_of`` said of that file when it was read or saved; None if nobody asked.
        is_read_only: Whether that file is a project that another window holds, or that must not be written.
        is_kept: Whether that file is a project, which holds each edit as soon as it is made; whoever writes it says so.
        revision: Grows with every change of the song.
        is_selection_chosen: Whether somebody selected these notes; False for what an edit, undo or redo left selected.
        pages: What other rooms keep beside the song; see ``pages``. Undo leaves them alone.
    """

    def __init__(self, song: Song | None = None, path: Path | None = None) -> None:
        self.path = path
        self.is_incomplete = False
        self.file_mark: str | None = None
        self.is_kept = self.is_read_only = False
        self.revision = 0
        self.pages = self._settled_pages = NO_PAGES
        self._listeners: list[Callable[[DocumentChange], None]] = []
        self._start(song if song is not None else empty_song())

    def _start(
        self, song: Song, selected_track: int | None = None, selection: Mask | None = None, undo: Undo = NO_UNDO
    ) -> None:
        whole = song if song.tracks else replace(song, tracks=(Track(),))
        first = first_track(whole) if selected_track is None else min(selected_track, len(whole.tracks) - 1)
        first = playable_track(whole, first)
        is_fitting = selection is not None and len(selection) == whole.tracks[first].note_count
        self._state = State(whole, first, selection if selection is not None and is_fitting else no_notes(whole, first))
        self.is_selection_chosen = False
        self._history = History(undo)
        self._saved_song: Song | None = whole

    @property
    def song(self) -> Song:
        """The music as it is now."""
        return self._state.song

    @property
    def selected_track(self) -> int:
        """Index of the track that is edited."""
        return self._state.selected_track

    @property
    def track(self) -> Track:
        """The track that is edited."""
        return self._state.song.tracks[self._state.selected_track]

    @property
    def selection(self) -> Mask:
        """Mask over the rows of the selected track."""
        return self._state.selection

    @property
    def is_modified(self) -> bool:
        """Whether saving would write other music than was saved or opened last. Mute, solo and origins do not count."""
        if self.is_kept:
            return False
        return self._saved_song is None or not _is_same_music(self._saved_song, self.song)

    @property
    def unsaved_pages(self) -> Pages:
        """What lies beside the song, in no file, and was not left out of one when that was saved."""
        if self.is_kept:
            return NO_PAGES
        return {name: page for name, page in self.pages.items() if self._settled_pages.get(name) is not page}

    @property
    def undo_list(self) -> Undo:
        """The steps that are kept with the song, as a value."""
        return self._history.kept()

    @property
    def undo_name(self) -> str | None:
        """Name of the step that ``undo`` takes back; None if there is none."""
        return self._history.done[-1].name if self._history.done else None

    @property
    def redo_name(self) -> str | None:
        """Name of the step that ``redo`` does again; None if there is none."""
        return self._history.undone[-1].name if self._history.undone else None

    def merge_base(self, merge_key: Hashable | None) -> State | None:
        """The state before the last step if a step with this key would merge with it.

        A drag or a repeated key press is computed from there, so that notes it only passed over are not cut.
        """
        return self._history.merge_base(merge_key)

    def apply(
        self,
        name: str,
        result: EditResult | Song,
        *,
        merge_key: Hashable | None = None,
        selected_track: int | None = None,
    ) -> None:
        """Makes an edited song the current one, as a step of undo. An edit without effect is no step.

        Args:
            name: What was done, English, as shown after "Undo".
            result: An edit of a track, or any new song (then nothing is selected if its rows changed).
            merge_key: Steps that follow each other with an equal key are one step.
            selected_track: The track selected after it, for an edit the edited one; None keeps the index.
        """
        after = self._state_after(result, self.selected_track if selected_track is None else selected_track)
        # an edit of notes leaves its own selected, which nobody chose; one of anything else leaves the choice alone
        is_chosen = self.is_selection_chosen and not isinstance(result, EditResult) and bool(after.selection.any())
        if after.song == self.song:
            is_same = np.array_equal(after.selection, self.selection)
            self._show(replace(after, song=self.song), is_chosen=self.is_selection_chosen if is_same else is_chosen)
            return
        base = self._history.merge_base(merge_key)
        if base is not None and base.song == after.song:
            self._history.drop_last()
        else:
            self._history.push(name, self._state, after, merge_key=merge_key)
        self._show(after, is_chosen=is_chosen)

    def _state_after(self, result: EditResult | Song, selected_track: int) -> State:
        if isinstance(result, EditResult):
            return State(result.song, selected_track, result.selection)
        song = result if result.tracks else replace(result, tracks=(Track(),))
        track = playable_track(song, min(selected_track, len(song.tracks) - 1))
        is_same = song.tracks[track].notes is self.track.notes
        return State(song, track, self.selection if is_same else no_notes(song, track))

    def _show(self, state: State, *, is_chosen: bool = False) -> None:
        """Makes a state the current one and tells what changed."""
        was_chosen, self.is_selection_chosen = self.is_selection_chosen, is_chosen
        old, self._state = self._state, state
        if state.song is not old.song:
            self.revision += 1
            self._tell("song")
        elif state.selected_track != old.selected_track:
            self._tell("track")
        elif is_chosen != was_chosen or not np.array_equal(state.selection, old.selection):
            self._tell("selection")

    def undo(self) -> None:
        """Takes the last step back, selection and selected track included."""
        state = self._history.undo()
        if state is not None:
            self._show(state)

    def redo(self) -> None:
        """Does the step that was undone last again."""
        state = self._history.redo()
        if state is not None:
            self._show(state)

    def select(self, mask: Mask) -> None:
        """Selects these rows of the selected track, as somebody chose them; ends the merging of steps."""
        self._history.close_step()
        self._show(replace(self._state, selection=mask), is_chosen=bool(mask.any()))

    def select_track(self, index: int) -> None:
        """Selects another track, with no notes selected; ends the merging of steps."""
        self._history.close_step()
        if index != self.selected_track:
            self._show(State(self.song, index, no_notes(self.song, index)))

    def replace_song(
        self,
        song: Song,
        path: Path | None,
        *,
        selected_track: int | None = None,
        is_saved: bool = True,
        is_incomplete: bool = False,
        file_mark: str | None = None,
        is_kept: bool = False,
        is_read_only: bool = False,
        pages: Pages = NO_PAGES,
        selection: Mask | None = None,
        undo: Undo = NO_UNDO,
    ) -> None:
        """Starts over with another song.

        Args:
            song: The new music.
            path: Where it came from, None for nowhere.
            selected_track: The track that is edited first; None looks for the melody, which takes its time where a
                song has thousands of tracks.
            is_saved: Whether the file at ``path`` holds it; False for one that was recovered.
            is_incomplete: Whether that file holds more than could be read of it.
            file_mark: What ``disk.mark_of`` said of that file.
            is_kept: Whether that file is a project that holds each edit.
            is_read_only: Whether the file is one that cannot be written.
            pages: What was kept beside it.
            selection: Mask over the rows of that track; None selects nothing.
            undo: What can be undone from here, and done again.
        """
        self.path, self.is_incomplete, self.file_mark, self.is_kept = path, is_incomplete, file_mark, is_kept
        self.is_read_only = is_read_only
        self.pages = pages
        self._settled_pages = pages if is_saved else NO_PAGES
        self.revision += 1
        self._start(song, selected_track, selection, undo)
        if not is_saved:
            self._saved_song = None
        self._tell("opened")

    def mark_kept(self, *, is_kept: bool) -> None:
        """Takes note that the project holds each edit, or does not for now."""
        if is_kept != self.is_kept:
            self.is_kept = is_kept
            self._tell("saved")

    def mark_saved(
        self, path: Path, song: Song | None = None, file_mark: str | None = None, *, is_kept: bool = False
    ) -> None:
        """Takes note that the file at ``path`` holds a song.

        Args:
            path: The file.
            song: What it holds, which may have been edited since; None for the song as it is now.
            file_mark: What ``disk.mark_of`` said of the file.
            is_kept: Whether the file is a project that holds each edit.
        """
        self.path, self.is_incomplete, self.file_mark, self.is_kept = path, False, file_mark, is_kept
        self.is_read_only = False
        self._settled_pages = self.pages
        self._saved_song = self.song if song is None else song
        self._history.close_step()
        self._tell("saved")

    def keep_page(self, name: str, page: Page | None) -> None:
        """Keeps a page beside the song, in the place of the one of that name; None throws that away.

        Raises:
            ValueError: It is longer, or there are more, than a project holds.
        """
        if self.pages.get(name) is not page:
            self.pages = with_page(self.pages, name, page)
            self._tell("pages")

    def subscribe(self, listener: Callable[[DocumentChange], None]) -> Callable[[], None]:
        """Calls ``listener`` after each change, on the main thread; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self, kind: ChangeKind) -> None:
        change = DocumentChange(kind, self.revision)
        for listener in tuple(self._listeners):
            listener(change)


def _is_same_music(a: Song, b: Song) -> bool:
    """Whether two songs are equal but for mute, solo and origins. Tracks that both share are not looked at."""
    if a is b:
        return True
    if len(a.tracks) != len(b.tracks) or replace(a, tracks=()) != replace(b, tracks=()):
        return False
    pairs = zip(a.tracks, b.tracks, strict=True)
    return all(
        one is other or one == replace(other, muted=one.muted, soloed=one.soloed, origins=one.origins)
        for one, other in pairs
    )


class FollowedTrack:
    """Knows where a track of a document is, through edits, undo and redo. Main thread only.

    Tracks are values without ids. An edit leaves all tracks but one as the very objects that they were, or puts them
    into another order; so the followed one is found by identity, or is the one that was edited in its place.
    """

    def __init__(self, document: Document) -> None:
        """Follows the selected track."""
        self._document = document
        self.follow(document.selected_track)
        document.subscribe(lambda _change: self._find())

    def follow(self, index: int) -> None:
        """Follows another track from now on."""
        tracks = self._document.song.tracks
        self._index: int | None = index
        self._track, self._track_count = tracks[index], len(tracks)

    @property
    def index(self) -> int | None:
        """Where it is; None while it is gone."""
        return self._index

    def song_with_it(self) -> tuple[Song, int]:
        """The song, and where the track is; for one that is gone, an empty one of its name and sound is at the end."""
        song = self._document.song
        if self._index is not None:
            return song, self._index
        empty = replace(self._track, notes=Notes.of(), events=())
        return add_track(song, empty), len(song.tracks)

    def _find(self) -> None:
        tracks, index = self._document.song.tracks, self._index
        was_edited = index is not None and len(tracks) == self._track_count
        self._index = next((i for i, track in enumerate(tracks) if track is self._track), index if was_edited else None)
        if self._index is not None:
            self._track = tracks[self._index]
        self._track_count = len(tracks)
