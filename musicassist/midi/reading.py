"""Bytes of a Standard MIDI File to a song: tolerant, bounds-checked, with everything mended told in words."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from musicassist.disk import read_whole
from musicassist.errors import MidiImportError
from musicassist.midi.chunk_music import chunks_of_messages, is_note_on
from musicassist.midi.container import MAX_BYTES, Container, read_container
from musicassist.midi.findings import Findings
from musicassist.midi.messages import MAX_TICK, ChunkMessages
from musicassist.midi.meta import TEMPO, tempo_event, tempo_of
from musicassist.midi.song_chunks import Chunk, song_of
from musicassist.score.song import Event, Song
from musicassist.score.timing import DEFAULT_MICROSECONDS_PER_BEAT, TempoChange, TimeMap

_LONGEST_SECONDS = 24 * 60 * 60.0  # LIMIT: what stands later is left out


@dataclass(frozen=True)
class ImportedSong:
    """What a file gave.

    Attributes:
        song: The music.
        warnings: What was mended or left out, each a sentence.
        format: The file's format, 0, 1 or 2.
        note_on_count: Note-ons in the file, those that were left out included.
        is_incomplete: Whether the file holds, or once held, more than could be read.
        first_track: Index of the track to begin with, as ``melody_part.first_track`` says; None if nobody has looked.
    """

    song: Song
    warnings: tuple[str, ...]
    format: int
    note_on_count: int
    is_incomplete: bool = False
    first_track: int | None = field(default=None, compare=False)


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
        data = read_whole(path, MAX_BYTES)
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
    note_on_count = sum(int(is_note_on(messages.packed).sum()) for messages in container.chunks)
    in_time = [_without_late(messages, last_tick, findings) for messages in container.chunks]
    chunks = chunks_of_messages(in_time, container.ticks_per_beat, findings)
    if container.microseconds_per_beat is not None:
        _set_one_tempo(chunks, tempos)
    song = song_of(chunks, container.ticks_per_beat, findings, format_=container.format)
    song = replace(song, foreign_chunks=container.foreign, is_riff=container.is_riff)
    warnings = findings.in_words(song.note_count)
    return ImportedSong(song, warnings, container.format, note_on_count, findings.is_incomplete)


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


def _without_late(messages: ChunkMessages, last_tick: int, findings: Findings) -> ChunkMessages:
    """The chunk's messages without what stands after ``last_tick``."""
    packed, others, end_tick = messages.packed, messages.others, messages.end_tick
    kept = int(np.searchsorted(packed, last_tick + 1 << 24))  # times never fall, so this cuts the end
    late = len(packed) - kept + sum(tick > last_tick for _, tick, _ in others)
    if late:
        findings.add("too_late", late)
        packed = packed[:kept]
        others = [row for row in others if row[1] <= last_tick]
    return ChunkMessages(packed, others, None if end_tick is None else min(end_tick, last_tick))
