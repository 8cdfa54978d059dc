"""Which chords are offered where one is written: those that the net of progressions holds for the likeliest there."""

from __future__ import annotations

from collections.abc import Sequence

from musicassist.harmony.progressions import Ground, MelodyAround, progression_net
from musicassist.score.chord_track import ChordSpan
from musicassist.score.keys import key_at
from musicassist.score.song import Song
from musicassist.score.theory import Chord

CHOICES = 8


def likely_chords(
    song: Song, track_index: int, chords: Sequence[ChordSpan], from_tick: int, to_tick: int
) -> tuple[Chord, ...]:
    """The likeliest chords of a place, the best first, never the one just before; none where no key is heard.

    Reads a net: not for the main thread.

    Args:
        song: The song.
        track_index: The track whose line they are to fit.
        chords: The chords of the song, in order; those before the place count.
        from_tick: Where the place begins.
        to_tick: Where it ends.

    Raises:
        CheckpointError: The net is missing or damaged.
    """
    key = key_at(song, from_tick).key
    if key is None:
        return ()
    ground = Ground(MelodyAround(song.tracks[track_index].notes, song.ticks_per_beat), song.time_map, key)
    before = [span for span in chords if span.to_tick <= from_tick]
    found = progression_net().next_chords(ground, before, from_tick, to_tick, CHOICES)
    return tuple(chord for chord, _share in found)
