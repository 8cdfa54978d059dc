"""What copy keeps: notes as a value, relative to a beat, so that they fit into any song."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicassist.document.edits import LAST_TICK
from musicassist.score.song import Mask, Notes, Song


@dataclass(frozen=True, eq=False)
class Clipboard:
    """Copied notes.

    Attributes:
        notes: The notes; tick 0 is the beat on or before the first of them.
        ticks_per_beat: The division they are written in.
    """

    notes: Notes
    ticks_per_beat: int

    @staticmethod
    def of(song: Song, track_index: int, mask: Mask) -> Clipboard:
        """The selected notes of a track; at least one."""
        notes = song.tracks[track_index].notes.where(mask)
        beat_tick = int(notes.start_tick[0]) // song.ticks_per_beat * song.ticks_per_beat
        relative = Notes(notes.start_tick - beat_tick, notes.pitch, notes.duration_ticks, notes.velocity)
        return Clipboard(relative, song.ticks_per_beat)

    def notes_at(self, tick: int, ticks_per_beat: int) -> Notes:
        """The notes with their beat at ``tick`` of a song with that division; what a file cannot hold is left out."""
        start = np.rint(self.notes.start_tick * (ticks_per_beat / self.ticks_per_beat)).astype(np.int64)
        end = np.rint(self.notes.end_tick * (ticks_per_beat / self.ticks_per_beat)).astype(np.int64)
        duration = np.maximum(1, end - start)
        notes = Notes.from_columns(tick + start, self.notes.pitch, duration, self.notes.velocity)
        return notes.where(notes.end_tick <= LAST_TICK)
