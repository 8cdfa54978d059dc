"""Where a track of a document is, through edits, undo and redo."""

from __future__ import annotations

from dataclasses import replace

from musicassist.document.document import Document
from musicassist.document.song_edits import add_track
from musicassist.score.song import Notes, Song


class TrackPlace:
    """Follows one track. Main thread only.

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
