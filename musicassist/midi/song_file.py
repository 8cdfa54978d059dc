"""What stays of a song when it is saved: its chunks in the format that its file had, if that can hold it."""

from __future__ import annotations

from dataclasses import replace

from musicassist.midi.findings import Findings
from musicassist.midi.meta import END_OF_TRACK, KEY
from musicassist.midi.song_chunks import Chunk, chunks_of, song_of
from musicassist.midi.track_events import settled, with_end
from musicassist.score.song import Event, Notes, Song


def file_chunks(song: Song) -> tuple[int, list[Chunk]]:
    """The format in which the song is written, and its chunks.

    A song from a file of format 0 stays in one chunk as long as that says the same. It cannot name single tracks, nor
    hold two tracks on one channel; then the song is written in format 1, as all others are.
    """
    chunks = chunks_of(song)
    if song.file_format == 0:
        one = _merged(chunks)
        many = replace(_opened(song, chunks, 1), file_format=0)
        if one is not None and _opened(song, [one], 0) == without_early_ends(many):
            return 0, [one]
    return 1, chunks


def as_saved(song: Song) -> Song:
    """What opening the file gives after the song was saved."""
    file_format, chunks = file_chunks(song)
    return _opened(song, chunks, file_format)


def without_early_ends(song: Song) -> Song:
    """The song without end marks that have music at or behind them.

    The places of its events are as a reader says them; nothing sounds otherwise.
    """
    tracks = []
    for track in song.tracks:
        events = tuple(settled(track.events, track.notes))
        if any(event.data[:2] == END_OF_TRACK for event in events):
            events = _without_early_end(events, track.end_tick)
        tracks.append(track if events == track.events else replace(track, events=events))
    ticks = [change.tick for change in song.tempo_changes]
    ticks += [change.tick for change in song.meter_changes]
    ticks += [change.tick for change in song.key_changes]
    last_tick = max(ticks, default=0)
    if song.file_format == 0:
        last_tick = max([last_tick, song.end_tick, *(e.tick for track in tracks for e in track.events)])
    events = tuple(settled(song.events, Notes.of()))
    return replace(song, tracks=tuple(tracks), events=_without_early_end(events, last_tick))


def _without_early_end(events: tuple[Event, ...], last_tick: int) -> tuple[Event, ...]:
    rest, end_tick = with_end(list(events), last_tick)
    is_silent_end = end_tick > max([last_tick, *(event.tick for event in rest)])
    return events if is_silent_end else tuple(rest)


def _opened(song: Song, chunks: list[Chunk], file_format: int) -> Song:
    opened = song_of(chunks, song.ticks_per_beat, Findings(), format_=file_format)
    return replace(opened, foreign_chunks=song.foreign_chunks, is_riff=song.is_riff)


def _merged(chunks: list[Chunk]) -> Chunk | None:
    """One chunk of all; None where two of them share a channel."""
    channels = [channel for chunk in chunks for channel in chunk.channels]
    if len(set(channels)) < len(channels):
        return None
    notes = {channel: chunk.notes.get(channel, Notes.of()) for chunk in chunks for channel in chunk.channels}
    last_tick = max((int(own.end_tick.max()) for own in notes.values() if len(own)), default=0)
    events, end_tick = with_end(_each_key_once([event for chunk in chunks for event in chunk.events]), last_tick)
    events.sort(key=lambda event: (event.tick, event.place))
    ordered = {channel: notes[channel] for channel in sorted(notes)}
    return Chunk([*events, Event(end_tick, END_OF_TRACK)], ordered, tuple(ordered))


def _each_key_once(events: list[Event]) -> list[Event]:
    """The events without keys that another chunk has at the same tick."""
    seen: set[tuple[int, bytes]] = set()
    rest = []
    for event in events:
        place = event.tick, event.data
        if event.data[:2] != KEY or place not in seen:
            rest.append(event)
        seen.add(place)
    return rest
