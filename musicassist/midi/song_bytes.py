"""An imported song as bytes between two of our processes: a JSON header and raw columns, nothing that can run code."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from musicassist.midi.reading import ImportedSong
from musicassist.score.song import Column, Event, ForeignChunk, KeyChange, Notes, Song, Track
from musicassist.score.timing import MeterChange, TempoChange

_LENGTH_BYTES = 8


def pack(header: dict[str, Any], columns: Iterable[bytes] = ()) -> bytes:
    """A message of a JSON header and raw bytes."""
    text = json.dumps(header).encode()
    return b"".join([len(text).to_bytes(_LENGTH_BYTES, "big"), text, *columns])


def unpack(message: bytes) -> tuple[dict[str, Any], bytes]:
    """The header and the raw bytes of a message.

    Raises:
        ValueError: It is cut off or damaged.
    """
    length = int.from_bytes(message[:_LENGTH_BYTES], "big")
    if len(message) < _LENGTH_BYTES + length or not length:
        raise ValueError("the message is cut off")
    header = json.loads(message[_LENGTH_BYTES : _LENGTH_BYTES + length])
    return header, message[_LENGTH_BYTES + length :]


def pack_imported(imported: ImportedSong) -> bytes:
    """The message that holds an imported song."""
    song = imported.song
    header = {
        "format": imported.format,
        "warnings": imported.warnings,
        "note_on_count": imported.note_on_count,
        "is_incomplete": imported.is_incomplete,
        "ticks_per_beat": song.ticks_per_beat,
        "tempos": [(c.tick, c.microseconds_per_beat) for c in song.tempo_changes],
        "meters": [(c.tick, c.numerator, c.denominator) for c in song.meter_changes],
        "keys": [(c.tick, c.tonic, c.scale, c.fifths) for c in song.key_changes],
        "event_count": len(song.events),
        "file_format": song.file_format,
        "is_riff": song.is_riff,
        "foreign_chunks": [(c.place, c.kind.hex(), len(c.body)) for c in song.foreign_chunks],
        "tracks": [(t.name, t.channel, t.program, len(t.notes), len(t.events), t.output_port) for t in song.tracks],
    }
    events = [*song.events, *(event for track in song.tracks for event in track.events)]
    columns = [_raw([e.tick for e in events]), _raw([len(e.data) for e in events]), _raw([e.place for e in events])]
    for notes in (track.notes for track in song.tracks):
        columns += [_raw(c) for c in (notes.start_tick, notes.pitch, notes.duration_ticks, notes.velocity)]
    return pack(header, [*columns, *(event.data for event in events), *(c.body for c in song.foreign_chunks)])


def unpack_imported(header: dict[str, Any], raw: bytes) -> ImportedSong:
    """The imported song of a message.

    Raises:
        ValueError: It is cut off.
    """
    counts = [header["event_count"], *(track[4] for track in header["tracks"])]
    event_count = sum(counts)
    numbers = 3 * event_count + 4 * sum(track[3] for track in header["tracks"])
    values = np.frombuffer(raw, dtype="<i8", count=numbers)
    events = _events(values[: 3 * event_count].reshape(3, event_count), raw[numbers * 8 :])
    at, tracks = 3 * event_count, []
    starts = np.cumsum([0, *counts]).tolist()
    for row, (name, channel, program, note_count, event_count, port) in enumerate(header["tracks"], start=1):
        notes = Notes(*values[at : at + 4 * note_count].reshape(4, note_count))
        at += 4 * note_count
        own = tuple(events[starts[row] : starts[row] + event_count])
        tracks.append(Track(name, notes, channel, program, own, output_port=port))
    song = Song(
        tuple(tracks),
        header["ticks_per_beat"],
        tuple(TempoChange(*row) for row in header["tempos"]),
        tuple(MeterChange(*row) for row in header["meters"]),
        tuple(KeyChange(*row) for row in header["keys"]),
        tuple(events[: counts[0]]),
        header["file_format"],
        _foreign_chunks(header["foreign_chunks"], raw),
        header["is_riff"],
    )
    warnings, is_incomplete = tuple(header["warnings"]), bool(header["is_incomplete"])
    return ImportedSong(song, warnings, header["format"], header["note_on_count"], is_incomplete)


def _foreign_chunks(rows: list[tuple[int, str, int]], raw: bytes) -> tuple[ForeignChunk, ...]:
    """The chunks whose bodies stand one behind the other at the end."""
    at, chunks = len(raw) - sum(length for _, _, length in rows), []
    for place, kind, length in rows:
        chunks.append(ForeignChunk(place, bytes.fromhex(kind), raw[at : at + length]))
        at += length
    return tuple(chunks)


def _events(columns: Column, data: bytes) -> list[Event]:
    ticks, lengths, places = columns
    ends = np.cumsum(lengths)
    spans = zip(ticks.tolist(), (ends - lengths).tolist(), ends.tolist(), places.tolist(), strict=True)
    return [Event(tick, data[start:end], place) for tick, start, end, place in spans]


def _raw(column: Column | list[int]) -> bytes:
    return np.asarray(column, dtype="<i8").tobytes()
