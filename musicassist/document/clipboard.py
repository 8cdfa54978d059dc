"""What copy keeps: notes as a value, relative to a beat, so that they fit into any song."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from musicassist.document.edits import LAST_TICK
from musicassist.score.meant_times import meant_span
from musicassist.score.song import Mask, Notes, Song


@dataclass(frozen=True, eq=False)
class Clipboard:
    """Copied notes.

    Attributes:
        notes: The notes; tick 0 is the beat for which the first of them is meant, or the one before it.
        ticks_per_beat: The division they are written in.
    """

    notes: Notes
    ticks_per_beat: int

    @staticmethod
    def of(song: Song, track_index: int, mask: Mask) -> Clipboard:
        """The selected notes of a track; at least one."""
        notes = song.tracks[track_index].notes
        first_tick, _ = meant_span(notes, mask, song.time_map) or (0, 0)
        _, offset_ticks = song.time_map.bar_and_offset_ticks(first_tick)
        beat_tick = first_tick - offset_ticks % song.ticks_per_beat
        notes = notes.where(mask)
        relative = Notes(notes.start_tick - beat_tick, notes.pitch, notes.duration_ticks, notes.velocity)
        return Clipboard(relative, song.ticks_per_beat)

    def notes_at(self, tick: int, ticks_per_beat: int) -> Notes:
        """The notes with their beat at ``tick`` of a song with that division; what a file cannot hold is left out.

        What is struck before the beat begins with the song, if there is nothing before it.
        """
        start = tick + np.rint(self.notes.start_tick * (ticks_per_beat / self.ticks_per_beat)).astype(np.int64)
        end = tick + np.rint(self.notes.end_tick * (ticks_per_beat / self.ticks_per_beat)).astype(np.int64)
        start = np.maximum(0, start)
        notes = Notes.from_columns(start, self.notes.pitch, np.maximum(1, end - start), self.notes.velocity)
        return notes.where(notes.end_tick <= LAST_TICK)
