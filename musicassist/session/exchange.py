"""Music that leaves the song as a song of its own, and music of other files that comes into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from musicassist.document.document import Document
from musicassist.document.excerpts import phrase_alone, track_alone, with_tracks_of
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError
from musicassist.midi import ImportedSong
from musicassist.score.song import Song
from musicassist.session.clipboard import Clipboard
from musicassist.session.commands import NoteCommands
from musicassist.session.take_parts import take_alone
from musicassist.session.takes import Takes

Piece = Callable[[], Song]  # makes a song of frozen values; any thread may call it, for a long track takes its time


@dataclass(frozen=True)
class Joined:
    """A song, another one that was read, and the first with the tracks of the other."""

    before: Song
    other: Song
    after: Song


class Exchange:
    """Out: the phrase, a track, a take. In: further tracks, or a melody at a place. Main thread only."""

    def __init__(self, document: Document, notes: NoteCommands, takes: Takes) -> None:
        self._document = document
        self._notes = notes
        self._takes = takes

    # Out; nothing is changed.

    def phrase(self) -> Piece | None:
        """The selected notes; None if none is selected."""
        document = self._document
        if not self._notes.has_selection:
            return None
        return partial(phrase_alone, document.song, document.selected_track, document.selection)

    def track(self, index: int) -> Piece:
        """A whole track."""
        return partial(track_alone, self._document.song, index)

    def take(self, number: int) -> Piece | None:
        """A take on offer, or the mix of them by its number; None if there is none."""
        request, index, take = self._takes.request, self._takes.track_index, self._takes.current.take(number)
        if take is None or request is None or index is None:
            return None
        return partial(take_alone, take, request, self._document.song, index)

    # In; one step of undo each.

    def joining(self) -> Callable[[ImportedSong], Joined]:
        """Makes what ``add_tracks`` takes, of the song as it is now; any thread may call it.

        It raises a MusicAssistError for a song without notes.
        """
        return partial(_joined, self._document.song)

    def add_tracks(self, joined_then: Joined) -> int:
        """Adds the tracks of a song that was read, from the start on, in this song's tempo; how many they were."""
        song = self._document.song
        is_same = song is joined_then.before  # else it was edited meanwhile
        joined = joined_then.after if is_same else with_tracks_of(song, joined_then.other)
        self._document.apply(
            QT_TRANSLATE_NOOP("Steps", "Add tracks of a file"), joined, selected_track=len(song.tracks)
        )
        return len(joined.tracks) - len(song.tracks)

    def put(self, imported: ImportedSong, at_tick: float) -> int:
        """Puts the melody of a song that was read into the selected track, its first beat at the grid line there.

        Says how many of its other tracks were left out.

        Raises:
            MusicAssistError: It has no notes.
        """
        other = _with_notes(imported)
        index = imported.first_track
        if index is None or not len(other.tracks[index].notes):
            index = next(number for number, track in enumerate(other.tracks) if len(track.notes))
        copied = Clipboard.of(other, index, np.ones(len(other.tracks[index].notes), dtype=np.bool_))
        time_map = self._document.song.time_map
        tick = self._notes.grid.snap(time_map, at_tick)
        self._notes.insert(copied.notes_at(tick, time_map.ticks_per_beat), QT_TRANSLATE_NOOP("Steps", "Put in a file"))
        return sum(len(track.notes) > 0 for track in other.tracks) - 1


def _joined(song: Song, imported: ImportedSong) -> Joined:
    other = _with_notes(imported)
    return Joined(song, other, with_tracks_of(song, other))


def _with_notes(imported: ImportedSong) -> Song:
    """The song that was read.

    Raises:
        MusicAssistError: It has no notes.
    """
    if imported.song.note_count == 0:
        raise MusicAssistError(QT_TRANSLATE_NOOP("Errors", "There are no notes in this file."))
    return imported.song
