"""What was cut or copied, for pasting."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from musicassist.document.edits import MAX_TICK
from musicassist.score.meant_times import meant_span
from musicassist.score.origins import Origins, moved_by, shifted, wholly_in
from musicassist.score.song import Mask, Notes, Song


@dataclass(frozen=True, eq=False)
class Clipboard:
    """Copied notes.

    Attributes:
        notes: The notes; tick 0 is the beat for which the first of them is meant, or the one before it.
        ticks_per_beat: The division they are written in.
        origins: Where they come from, of what was copied whole.
    """

    notes: Notes
    ticks_per_beat: int
    origins: Origins = ()

    @staticmethod
    def of(song: Song, track_index: int, mask: Mask) -> Clipboard:
        """The selected notes of a track; at least one."""
        track = song.tracks[track_index]
        first_tick, _ = meant_span(track.notes, mask, song.time_map) or (0, 0)
        _, offset_ticks = song.time_map.bar_and_offset_ticks(first_tick)
        beat_tick = first_tick - offset_ticks % song.ticks_per_beat
        notes, origins = track.notes.where(mask), wholly_in(track.origins, track.notes.start_tick, mask)
        relative = replace(notes, start_tick=notes.start_tick - beat_tick)
        return Clipboard(relative, song.ticks_per_beat, tuple(moved_by(own, -beat_tick) for own in origins))

    def notes_at(self, tick: int, ticks_per_beat: int) -> Notes:
        """The notes with their beat at ``tick`` of a song with that division; what a file cannot hold is left out.

        What is struck before the beat begins with the song, if there is nothing before it.
        """
        start = tick + np.rint(self.notes.start_tick * (ticks_per_beat / self.ticks_per_beat)).astype(np.int64)
        end = tick + np.rint(self.notes.end_tick * (ticks_per_beat / self.ticks_per_beat)).astype(np.int64)
        start = np.maximum(0, start)
        own = self.notes
        notes = Notes.from_columns(start, own.pitch, np.maximum(1, end - start), own.velocity, own.is_pinned)
        return notes.where(notes.end_tick <= MAX_TICK)

    def origins_at(self, tick: int, ticks_per_beat: int) -> Origins:
        """Where the notes come from, for the same place; forgotten where the division is another one."""
        return shifted(self.origins, tick) if ticks_per_beat == self.ticks_per_beat else ()
