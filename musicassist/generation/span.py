"""Where a continuation begins and ends, and what it continues."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.errors import SeedError
from musicassist.score.song import Notes, Song, Track


@dataclass(frozen=True)
class ContinuationSpan:
    """The seed and the place of what follows it.

    Attributes:
        seed: The notes that are continued.
        from_tick: The seed's end: no new note starts before it.
        to_tick: The bar line on which the continuation ends.
    """

    seed: Notes
    from_tick: int
    to_tick: int


def default_track_index(song: Song) -> int:
    """The track to continue when nobody chose one: the one named MELODY, else the pitched one with most notes.

    Raises:
        SeedError: No pitched track has notes.
    """
    pitched = [i for i, track in enumerate(song.tracks) if not track.is_drums and len(track.notes)]
    if not pitched and song.note_count:
        raise SeedError("Drums cannot be continued. Choose a melodic track.")
    if not pitched:
        raise SeedError("There are no notes to continue. Write or open a phrase first.")
    named = [i for i in pitched if song.tracks[i].name.upper().startswith("MELODY")]
    return named[0] if named else max(pitched, key=lambda i: len(song.tracks[i].notes))


def continuation_span(
    song: Song, track_index: int, selection: NDArray[np.bool_] | None = None, bars: int = 4
) -> ContinuationSpan:
    """The seed (the selected notes, else the track's) with the bar begun and ``bars`` whole bars after it.

    Raises:
        SeedError: There are no notes, or the track is for drums.
    """
    track = song.tracks[track_index] if 0 <= track_index < len(song.tracks) else Track()
    if track.is_drums:
        raise SeedError("Drums cannot be continued. Choose a melodic track.")
    seed = track.notes if selection is None or not selection.any() else track.notes.where(selection)
    if len(seed) == 0:
        raise SeedError("There are no notes to continue. Write or open a phrase first.")
    from_tick = int(seed.end_tick.max())
    first_bar = song.time_map.bar_at(song.time_map.bar_line_at_or_after(from_tick))
    return ContinuationSpan(seed, from_tick, song.time_map.bar_start_tick(first_bar + bars))
