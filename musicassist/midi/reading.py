"""Bytes of a Standard MIDI File to a song: tolerant, bounds-checked, with everything mended told in words."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from musicassist.errors import MidiImportError
from musicassist.midi.container import MAX_BYTES, Container, read_container
from musicassist.midi.findings import Findings
from musicassist.midi.messages import MAX_TICK, ChunkMessages
from musicassist.midi.meta import END_OF_TRACK, TEMPO, tempo_event, tempo_of
from musicassist.midi.pairing import pair_notes
from musicassist.midi.song_chunks import Chunk, song_of
from musicassist.score.song import Column, Event, Notes, Song
from musicassist.score.timing import DEFAULT_MICROSECONDS_PER_BEAT, TempoChange, TimeMap

_LONGEST_SECONDS = 24 * 60 * 60.0  # LIMIT: what stands later is left out
_PROGRAM, _BEND = 0xC0, 0xE0


@dataclass(frozen=True)
class ImportedSong:
    """What a file gave.

    Attributes:
        song: The music.
        warnings: What was mended or left out, each a sentence.
        format: The file's format, 0, 1 or 2.
        note_on_count: Note-ons in the file, those that were left out included.
    """

    song: Song
    warnings: tuple[str, ...]
    format: int
    note_on_count: int


def read_song(path: Path) -> ImportedSong:
    """Opens a Standard MIDI File as far as it makes sense.

    Raises:
        MidiImportError: It cannot be opened as music at all.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise MidiImportError("{file} is no file.", file=path.name)
        if status.st_size > MAX_BYTES:
            raise MidiImportError(
                "{file} is larger than {limit} MB and is not opened.", file=path.name, limit=MAX_BYTES // 2**20
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise MidiImportError("{file} does not exist.", file=path.name) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise MidiImportError("{file} cannot be read: {reason}.", file=path.name, reason=reason) from error
    return read_song_bytes(data, path.name)


def read_song_bytes(data: bytes, name: str) -> ImportedSong:
    """Opens the bytes of a Standard MIDI File as far as they make sense.

    Args:
        data: The whole file.
        name: What to call it in messages.

    Raises:
        MidiImportError: They cannot be opened as music at all.
    """
    findings = Findings()
    container = read_container(data, name, findings)
    tempos = _tempo_changes(container)
    last_tick = _last_tick(container.ticks_per_beat, tempos)
    chunks, note_on_count = [], 0
    for messages in container.chunks:
        note_on_count += _count_note_ons(messages.packed)
        chunks.append(_chunk_of(messages, last_tick, findings))
    if container.microseconds_per_beat is not None:
        _set_one_tempo(chunks, tempos)
    song = song_of(chunks, container.ticks_per_beat, findings, format_=container.format)
    return ImportedSong(song, findings.in_words(song.note_count), container.format, note_on_count)


def _tempo_changes(container: Container) -> tuple[TempoChange, ...]:
    if container.microseconds_per_beat is not None:
        return (TempoChange(0, container.microseconds_per_beat),)
    events = (Event(tick, data) for c in container.chunks for _, tick, data in c.others if data[:2] == TEMPO)
    changes = (tempo_of(event) for event in events)
    return tuple(sorted((c for c in changes if c is not None), key=lambda change: change.tick))


def _last_tick(ticks_per_beat: int, tempos: tuple[TempoChange, ...]) -> int:
    return min(MAX_TICK, int(TimeMap(ticks_per_beat, tempos).seconds_to_tick(_LONGEST_SECONDS)))


def _set_one_tempo(chunks: list[Chunk], tempos: tuple[TempoChange, ...]) -> None:
    """Film frames last the same whatever tempo events say: these are replaced by one."""
    for chunk in chunks:
        chunk.events[:] = [e for e in chunk.events if e.data[:2] != TEMPO]
    if tempos[0].microseconds_per_beat != DEFAULT_MICROSECONDS_PER_BEAT:
        chunks[0].events.insert(0, Event(0, tempo_event(tempos[0])))


def _count_note_ons(packed: Column) -> int:
    return int(((packed >> 20 & 0xF == 9) & (packed & 0x7F > 0)).sum())


def _chunk_of(messages: ChunkMessages, last_tick: int, findings: Findings) -> Chunk:
    """The chunk's notes and events, without what stands after ``last_tick``."""
    packed, others = messages.packed, messages.others
    end_tick = messages.end_tick
    late = int((packed >> 24 > last_tick).sum()) + sum(tick > last_tick for _, tick, _ in others)
    if late:
        findings.add("too_late", late)
        packed = packed[packed >> 24 <= last_tick]  # times never fall, so this cuts the end
        others = [row for row in others if row[1] <= last_tick]
    ticks = [int(packed[-1] >> 24)] if len(packed) else []
    ticks += [others[-1][1]] if others else []
    end_tick = min(max([*ticks, end_tick or 0]), last_tick)
    is_note = packed >> 20 & 0xF <= 9
    events = _events_in_order(packed, np.flatnonzero(~is_note), others)
    if messages.end_tick is not None:
        events.append(Event(end_tick, END_OF_TRACK))
    channels = tuple(np.unique(packed >> 16 & 0xF).tolist())
    notes = {c: _notes_of(packed[is_note & (packed >> 16 & 0xF == c)], end_tick, findings) for c in channels}
    return Chunk(events, notes, channels)


def _events_in_order(packed: Column, rows: Column, others: list[tuple[int, int, bytes]]) -> list[Event]:
    """Channel messages that are no notes, and the other events, as they stand in the file."""
    messages = _channel_events(packed[rows])
    places = np.searchsorted(rows, np.array([row for row, _, _ in others], dtype=np.int64)).tolist()
    events, done = [], 0
    for place, (_, tick, data) in zip(places, others, strict=True):
        events += messages[done:place]
        events.append(Event(tick, data))
        done = place
    return events + messages[done:] if events else messages


def _channel_events(packed: Column) -> list[Event]:
    """Events of channel messages; equal ones share their bytes."""
    values = packed & 0xFFFFFF
    shapes = {value: value.to_bytes(3, "big")[: _message_length(value)] for value in np.unique(values).tolist()}
    return [Event(tick, shapes[value]) for tick, value in zip((packed >> 24).tolist(), values.tolist(), strict=True)]


def _message_length(value: int) -> int:
    return 2 if _PROGRAM <= value >> 16 < _BEND else 3


def _notes_of(packed: Column, end_tick: int, findings: Findings) -> Notes:
    velocity = packed & 0x7F
    is_on = (packed >> 20 & 0xF == 9) & (velocity > 0)
    findings.add("releases", int(((packed >> 20 & 0xF == 8) & (velocity > 0) & (velocity != 64)).sum()))
    return pair_notes(packed >> 24, is_on, packed >> 8 & 0x7F, velocity, end_tick, findings)
