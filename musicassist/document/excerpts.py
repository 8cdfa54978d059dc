"""Parts of a song as songs of their own, and the tracks of another song in this one: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np

from musicassist.document.edits import MAX_TICK
from musicassist.document.instruments import choose_instrument, heard_track, instrument_at, on_free_wire
from musicassist.document.song_edits import add_track
from musicassist.score.chord_track import is_only_of_chords
from musicassist.score.meant_times import meant_span
from musicassist.score.song import Event, KeyChange, Mask, Notes, Song, Track
from musicassist.score.timing import MeterChange, TempoChange

_SomeChange = TypeVar("_SomeChange", bound=TempoChange | MeterChange | KeyChange)


def track_alone(song: Song, index: int) -> Song:
    """A track with the song's tempo, meter and key, as it sounds: in its place, with its instrument, not muted."""
    return _alone(song, {index: song.tracks[index].notes}, 0, MAX_TICK)


def phrase_alone(song: Song, index: int, mask: Mask) -> Song:
    """Some notes of a track, at least one, from the bar in which they begin on, with what holds there."""
    notes = song.tracks[index].notes
    first_tick, last_tick = meant_span(notes, mask, song.time_map) or (0, 0)
    from_tick = song.time_map.bar_start_tick(song.time_map.bar_at(first_tick))
    return _alone(song, {index: notes.where(mask)}, from_tick, last_tick)


def bars_alone(song: Song, indexes: Iterable[int], from_tick: int, to_tick: int) -> Song:
    """What some tracks begin in [``from_tick``, ``to_tick``), from the bar of its beginning on, with what holds there.

    A note held past the end stays as long as it is.
    """
    first_line = song.time_map.bar_start_tick(song.time_map.bar_at(from_tick))
    notes = {index: song.tracks[index].notes for index in indexes}
    chosen = {index: own.where(own.starting_between(from_tick, to_tick)) for index, own in notes.items()}
    return _alone(song, chosen, first_line, to_tick)


def _alone(song: Song, notes: Mapping[int, Notes], from_tick: int, to_tick: int) -> Song:
    tracks = tuple(_cut(song.tracks[index], own, from_tick, to_tick) for index, own in notes.items())
    alone = Song(
        tracks=tracks,
        ticks_per_beat=song.ticks_per_beat,
        tempo_changes=_changes(song.tempo_changes, from_tick, to_tick),
        meter_changes=_changes(song.meter_changes, from_tick, to_tick),
        key_changes=_changes(song.key_changes, from_tick, to_tick),
    )
    for number, (index, own) in enumerate(notes.items()):
        place = int(own.start_tick[0]) if len(own) else from_tick
        alone = choose_instrument(alone, number, instrument_at(heard_track(song, index), place))
    return alone


def _cut(track: Track, notes: Notes, from_tick: int, to_tick: int) -> Track:
    start = np.maximum(0, notes.start_tick - from_tick)
    moved = Notes.from_columns(start, notes.pitch, np.maximum(1, notes.end_tick - from_tick - start), notes.velocity)
    events = tuple(_moved(event, -from_tick) for event in track.events if from_tick <= event.tick <= to_tick)
    return replace(track, notes=moved, events=events, muted=False, soloed=False, output_port=None)


def _moved(event: Event, ticks: int) -> Event:
    return replace(event, tick=event.tick + ticks)


def _changes(changes: tuple[_SomeChange, ...], from_tick: int, to_tick: int) -> tuple[_SomeChange, ...]:
    """What holds at the start, and what changes until the end, counted from the start."""
    before = [change for change in changes if change.tick <= from_tick]
    later = [change for change in changes if from_tick < change.tick < to_tick]
    return tuple(replace(change, tick=max(0, change.tick - from_tick)) for change in (*before[-1:], *later))


def with_tracks_of(song: Song, other: Song, at_tick: int = 0) -> Song:
    """The song with the tracks of another one that have notes, beat for beat from ``at_tick`` on, in this song's tempo.

    Each gets a channel of its own where one is free; drums stay on theirs.
    """
    for index, track in enumerate(other.tracks):
        if not len(track.notes) or is_only_of_chords(track):
            continue
        heard = heard_track(other, index)
        moved = _in_ticks(
            replace(heard, muted=False, soloed=False), song.ticks_per_beat / other.ticks_per_beat, at_tick
        )
        instrument = instrument_at(heard, int(heard.notes.start_tick[0]))
        song = add_track(song, moved if moved.is_on_drum_channel else on_free_wire(song, moved))
        song = choose_instrument(song, len(song.tracks) - 1, instrument)
    return song


def _in_ticks(track: Track, scale: float, at_tick: int) -> Track:
    """A track in other ticks; what a file cannot hold is left out."""
    start = at_tick + np.rint(track.notes.start_tick * scale).astype(np.int64)
    end = at_tick + np.rint(track.notes.end_tick * scale).astype(np.int64)
    notes = Notes.from_columns(start, track.notes.pitch, np.maximum(1, end - start), track.notes.velocity)
    events = (replace(event, tick=at_tick + round(event.tick * scale)) for event in track.events)
    kept = tuple(event for event in events if event.tick <= MAX_TICK)
    return replace(track, notes=notes.where(notes.end_tick <= MAX_TICK), events=kept)
