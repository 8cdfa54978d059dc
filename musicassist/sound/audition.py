"""The song with a take on trial."""

from __future__ import annotations

from dataclasses import replace

from musicassist.score.meant_times import span_replaced
from musicassist.score.seam import with_amends
from musicassist.score.song import Song, Track
from musicassist.sound.messages import Audition


def with_audition(song: Song, audition: Audition | None) -> Song:
    """The song as it would be with the notes on trial, which are heard whatever is muted or soloed."""
    if audition is None or audition.notes is None:
        return song
    is_soloed = any(track.soloed for track in song.tracks)
    index = audition.track_index
    if index is None or index >= len(song.tracks):
        extra = Track("", audition.notes, audition.channel, audition.program, soloed=is_soloed)
        return replace(song, tracks=(*song.tracks, extra))
    track = song.tracks[index]
    span = audition.from_tick, audition.to_tick
    kept, new = span_replaced(track.notes, song.time_map, *span, audition.notes)
    notes = kept.plus(new)
    heard = song.with_track(index, replace(track, notes=notes, muted=False, soloed=is_soloed))
    return with_amends(heard, index, audition.amends)
