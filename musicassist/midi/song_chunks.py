"""A song as the chunks of a file, and the chunks as a song: ``song_of(chunks_of(song))`` is what saving keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TypeVar

import numpy as np

from musicassist.midi import meta
from musicassist.midi.findings import Findings
from musicassist.midi.pairing import paired_again
from musicassist.midi.text_encoding import encodings_of
from musicassist.midi.track_events import (
    events_of,
    in_bare_chunk,
    is_writable,
    settled,
    track_of,
    with_end,
    with_silent_end,
)
from musicassist.score.song import Event, KeyChange, Notes, Song, Track
from musicassist.score.timing import MeterChange, TempoChange

_MAX_GUESSES = 4  # LIMIT: how often a renamed track may change how the other names are read
_NO_NOTES = Notes.of()
_tick = attrgetter("tick")
_C = TypeVar("_C", TempoChange, MeterChange)


@dataclass(frozen=True)
class Chunk:
    """One track chunk.

    Attributes:
        events: Everything but notes, in the order of the file; the end mark is among them.
        notes: Its notes by channel.
        channels: The channels on which it has any message.
    """

    events: list[Event]
    notes: dict[int, Notes] = field(default_factory=dict)
    channels: tuple[int, ...] = ()


@dataclass
class _Signatures:
    """The tempos and meters of all chunks."""

    tempos: list[TempoChange] = field(default_factory=list)
    meters: list[MeterChange] = field(default_factory=list)
    spellings: list[Event] = field(default_factory=list)  # meters that we would write in another way


def song_of(chunks: list[Chunk], ticks_per_beat: int, findings: Findings, *, format_: int = 1) -> Song:
    """The song of a file's chunks; the conductor's events are those of a first chunk without channel messages.

    Args:
        chunks: All track chunks.
        ticks_per_beat: Ticks in a quarter note.
        findings: Where bad tempos, meters and keys are counted.
        format_: Of the file: 0 where one chunk holds all channels and the conductor's events.
    """
    encodings = encodings_of(*_texts_of([e.data for c in chunks for e in c.events]))
    signatures = _Signatures()
    keys, keyless = meta.taken_keys([(c.events, c.notes) for c in chunks], findings)
    bare = [
        Chunk(_take_signatures(events, signatures, findings), c.notes, c.channels)
        for c, events in zip(chunks, keyless, strict=True)
    ]
    conductor: list[Event] = []
    if bare and not bare[0].channels:
        conductor, bare = bare[0].events, bare[1:]
    elif format_ == 0 and len(bare[0].channels) > 1:
        conductor = [e for e in bare[0].events if e.data[0] >= 0xF0]
        bare[0] = Chunk([e for e in bare[0].events if e.data[0] < 0xF0], bare[0].notes, bare[0].channels)
    conductor = [in_bare_chunk(e) for e in conductor]
    tempos, meters = (tuple(sorted(signatures.tempos, key=_tick)), tuple(sorted(signatures.meters, key=_tick)))
    last = _last_change(tempos, meters, keys)
    tracks = tuple(track for chunk in bare for track in _tracks_of(chunk, encodings))
    if format_ == 0:  # one end mark for all
        last = max([last, *(max([t.end_tick, *(e.tick for e in t.events)]) for t in tracks)])
    return Song(
        tracks,
        ticks_per_beat,
        tempos,
        meters,
        keys,
        with_silent_end(sorted((*signatures.spellings, *conductor), key=_tick), last),
        file_format=1 if format_ == 0 and len(chunks) != 1 else format_,
    )


def chunks_of(song: Song) -> list[Chunk]:
    """The chunks that the song is written as: the conductor's first, then one for each track.

    A name that is not UTF-8 keeps its bytes where a reader will find the same name in them.
    """
    conductor = Chunk(_conductor_chunk(song))
    notes = [paired_again(_in_range(track.notes)) for track in song.tracks]
    encodings = encodings_of(
        *_texts_of(e.data for events in (song.events, *(t.events for t in song.tracks)) for e in events)
    )
    for _ in range(_MAX_GUESSES):
        chunks = [conductor, *_track_chunks(song, notes, encodings)]
        again = encodings_of(*_texts_of(e.data for chunk in chunks for e in chunk.events)) if encodings else encodings
        if again == encodings:
            return chunks
        encodings = again  # a name was changed, so fewer texts are left to guess by
    return [conductor, *_track_chunks(song, notes, encodings)]


def _track_chunks(song: Song, notes: list[Notes], encodings: Mapping[bytes, str]) -> list[Chunk]:
    """The chunk of each track; the first with notes has the keys as well."""
    chunks = [_track_chunk(track, own, encodings) for track, own in zip(song.tracks, notes, strict=True)]
    first = meta.first_with_notes([chunk.notes for chunk in chunks])
    if first >= 0 and song.key_changes:
        chunk, end_tick = chunks[first], int(notes[first].end_tick.max())
        chunks[first] = replace(chunk, events=meta.with_keys(chunk.events, song.key_changes, end_tick))
    return chunks


def _track_chunk(track: Track, notes: Notes, encodings: Mapping[bytes, str]) -> Chunk:
    events = events_of(track, notes, encodings)
    has_channel = len(notes) > 0 or any(e.data[0] < 0xF0 for e in events)
    return Chunk(events, {track.channel: notes}, (track.channel,) if has_channel else ())


def _texts_of(messages: Iterable[bytes]) -> tuple[list[bytes], list[bytes]]:
    """The names among some messages, and the other texts."""
    names: list[bytes] = []
    others: list[bytes] = []
    for data in messages:
        if len(data) > 1 and data[0] == 0xFF and 0 < data[1] <= meta.LAST_TEXT:
            (names if data[1] == meta.TRACK_NAME[1] else others).append(data[2:])
    return names, others


def _in_range(notes: Notes) -> Notes:
    """The notes with every value limited to what a message can hold."""
    start = np.maximum(notes.start_tick, 0)
    duration, velocity = np.maximum(notes.duration_ticks, 1), np.clip(notes.velocity, 1, 127)
    return Notes(start, np.clip(notes.pitch, 0, 127), duration, velocity)


def _take_signatures(events: list[Event], signatures: _Signatures, findings: Findings) -> list[Event]:
    """Moves tempos and meters out of a chunk; gives the other events."""
    if {meta.TEMPO, meta.METER}.isdisjoint([event.data[:2] for event in events]):
        return events
    rest = []
    for event in events:
        kind = event.data[:2]
        if kind == meta.TEMPO:
            _keep(meta.tempo_of(event), signatures.tempos, "bad_tempos", findings)
        elif kind == meta.METER:
            meter = _keep(meta.meter_of(event), signatures.meters, "bad_meters", findings)
            if meter is not None and meta.meter_event(meter) != event.data:
                signatures.spellings.append(in_bare_chunk(event))
        else:
            rest.append(event)
    return rest


def _keep(change: _C | None, changes: list[_C], bad_kind: str, findings: Findings) -> _C | None:
    if change is None:
        findings.add(bad_kind)
    else:
        changes.append(change)
    return change


def _last_change(*changes: Sequence[TempoChange | MeterChange | KeyChange]) -> int:
    return max((change.tick for of_kind in changes for change in of_kind), default=0)


def _tracks_of(chunk: Chunk, encodings: Mapping[bytes, str]) -> Iterable[Track]:
    """One track for each channel; what belongs to no channel stands in the first."""
    if len(chunk.channels) < 2:
        channel = chunk.channels[0] if chunk.channels else None
        yield track_of(chunk.events, chunk.notes.get(channel or 0, _NO_NOTES), channel, encodings)
        return
    for channel in chunk.channels:
        is_first = channel == chunk.channels[0]
        events = [e for e in chunk.events if (e.data[0] & 0x0F == channel if e.data[0] < 0xF0 else is_first)]
        yield track_of(events, chunk.notes.get(channel, _NO_NOTES), channel, encodings)


def _conductor_chunk(song: Song) -> list[Event]:
    """Names and texts at the start first, then by tick the tempos, meters, keys and everything else."""
    events = sorted((in_bare_chunk(e) for e in song.events if is_writable(e) and e.data[0] >= 0xF0), key=_tick)
    spellings = [e for e in events if e.data[:2] == meta.METER]
    rest = [e for e in events if e.data[:2] not in {meta.TEMPO, meta.METER}]
    lead = next(
        (row for row, e in enumerate(rest) if e.tick or e.data[0] != 0xFF or e.data[1] > meta.LAST_TEXT), len(rest)
    )
    meters = [_spelled(change, spellings) for change in song.meter_changes]
    keys = meta.key_rows(song)
    tempos = [Event(change.tick, meta.tempo_event(change)) for change in song.tempo_changes]
    return [*rest[:lead], *sorted((*tempos, *meters, *keys, *rest[lead:]), key=_tick)]


def _spelled(change: MeterChange, spellings: list[Event]) -> Event:
    """The event as the opened file wrote it, where it still says this; else as we write it."""
    same = (event for event in spellings if event.tick == change.tick and meta.meter_of(event) == change)
    return next(same, Event(change.tick, meta.meter_event(change)))


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

    The places of its events are as a reader says them; nothing sounds otherwise. Origins are gone: no file holds them.
    """
    tracks = []
    for track in song.tracks:
        events = tuple(settled(track.events, track.notes))
        if any(event.data[:2] == meta.END_OF_TRACK for event in events):
            events = _without_early_end(events, track.end_tick)
        is_same = events == track.events and not track.origins
        tracks.append(track if is_same else replace(track, events=events, origins=()))
    last_tick = _last_change(song.tempo_changes, song.meter_changes, song.key_changes)
    if song.file_format == 0:
        last_tick = max([last_tick, song.end_tick, *(e.tick for track in tracks for e in track.events)])
    events = tuple(settled(song.events, Notes.of()))
    return replace(song, tracks=tuple(tracks), events=_without_early_end(events, last_tick))


def _without_early_end(events: tuple[Event, ...], last_tick: int) -> tuple[Event, ...]:
    kept = with_silent_end(events, last_tick)
    return events if any(event.data[:2] == meta.END_OF_TRACK for event in kept) else kept


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
    return Chunk([*events, Event(end_tick, meta.END_OF_TRACK)], ordered, tuple(ordered))


def _each_key_once(events: list[Event]) -> list[Event]:
    """The events without keys that another chunk has at the same tick."""
    seen: set[tuple[int, bytes]] = set()
    rest = []
    for event in events:
        place = event.tick, event.data
        if event.data[:2] != meta.KEY or place not in seen:
            rest.append(event)
        seen.add(place)
    return rest
