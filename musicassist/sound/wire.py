"""How messages travel through a pipe: JSON with the notes' columns behind it, never pickle.

Of a song only the tracks travel that the other end does not have from the song before, so that an edit costs the same
in a song of a thousand tracks; the others are named by their places there.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

import numpy as np

from musicassist.score.seam import Amends
from musicassist.score.song import Column, Event, KeyChange, Notes, Song, Track
from musicassist.score.timing import MeterChange, TempoChange
from musicassist.sound.banks import Tone
from musicassist.sound.messages import (
    Audition,
    Binding,
    Configure,
    ControlLearned,
    ControlPressed,
    MidiReceived,
    NoteOff,
    NoteOn,
    Panic,
    Play,
    PlaybackEnded,
    PortsChanged,
    RunPastEnd,
    Seek,
    Sent,
    SetLiveTrack,
    SetLoop,
    SetMetronome,
    SetSong,
    ShapeInput,
    SoundSettings,
    StatusChanged,
    Stop,
)

_FRAME = struct.Struct("<II")  # bytes of JSON, bytes of columns
_FRAME_LIMIT_BYTES = 1 << 30  # LIMIT: 2 million notes are 64 MB
_VALUES = (Song, Amends, Track, TempoChange, MeterChange, KeyChange, SoundSettings, Tone, Binding)
_COMMANDS = (
    Configure, SetSong, Play, RunPastEnd, Stop, Seek, SetLoop, Audition, NoteOn, NoteOff, SetLiveTrack, SetMetronome,
    ShapeInput, Panic
)  # fmt: skip
_REPORTS = (StatusChanged, PortsChanged, MidiReceived, ControlPressed, ControlLearned, PlaybackEnded)
_TYPES: dict[str, Callable[..., Any]] = {kind.__name__: kind for kind in (*_VALUES, *_COMMANDS, *_REPORTS)}


def encode(message: Sent, known: Sequence[Track] = ()) -> bytes:
    """The message as bytes, its frame included.

    Args:
        message: What is sent.
        known: The tracks of the song that was sent before it through the same pipe.
    """
    columns: list[bytes] = []
    packed = _pack(message, columns) if not isinstance(message, SetSong) else _pack_song(message, known, columns)
    text = json.dumps(packed).encode()
    body = b"".join(columns)
    return _FRAME.pack(len(text), len(body)) + text + body


def decode(text: bytes, columns: bytes, known: Sequence[Track] = ()) -> Sent:
    """The message back from the two parts of its frame; ``known`` as for :func:`encode`.

    Raises:
        ValueError: It is no message.
    """
    try:
        message = _unpack(json.loads(text), memoryview(columns))
        if isinstance(message, SetSong):
            message = SetSong(_with_known(message.song, known))
    except (KeyError, IndexError, TypeError, AttributeError, RecursionError, struct.error) as error:
        raise ValueError("this is no sound message") from error
    if not isinstance(message, _COMMANDS + _REPORTS):
        raise ValueError(f"{type(message).__name__} is no sound message")
    return message


def read_message(stream: IO[bytes], known: Sequence[Track] = ()) -> Sent | None:
    """The next message of a pipe; None at its end, also in the middle of a message. Waits.

    ``known`` are the tracks of the song that came before it.
    """
    head = stream.read(_FRAME.size)
    if len(head) < _FRAME.size:
        return None
    text_bytes, column_bytes = _FRAME.unpack(head)
    if text_bytes + column_bytes > _FRAME_LIMIT_BYTES:
        raise ValueError("this is no sound message")
    text, columns = stream.read(text_bytes), stream.read(column_bytes)
    return decode(text, columns, known) if len(text) + len(columns) == text_bytes + column_bytes else None


def _pack_song(message: SetSong, known: Sequence[Track], columns: list[bytes]) -> object:
    """A song whose known tracks are the numbers of their places."""
    song = message.song
    tracks: list[object] = [place if is_kept else None for place, is_kept in enumerate(_are_kept(song, known))]
    changed = [place for place, number in enumerate(tracks) if number is None]
    places = {id(track): place for place, track in enumerate(known)} if len(changed) > 1 else {}  # some were moved
    for place in changed:
        track = song.tracks[place]
        tracks[place] = places[id(track)] if id(track) in places else _pack(track, columns)
    packed: Any = _pack(replace(song, tracks=()), columns)
    packed["values"]["tracks"] = tracks
    return {"type": SetSong.__name__, "values": {"song": packed}}


def _are_kept(song: Song, known: Sequence[Track]) -> Iterator[bool]:
    """For each track whether it is the one that stood in its place."""
    return (track is before for track, before in zip_longest(song.tracks, known[: len(song.tracks)]))


def _with_known(song: Song, known: Sequence[Track]) -> Song:
    tracks: Sequence[Track | int] = song.tracks
    return replace(song, tracks=tuple(known[track] if isinstance(track, int) else track for track in tracks))


def _pack(value: object, columns: list[bytes]) -> object:
    """JSON for a value; the columns of notes go behind it."""
    if isinstance(value, Notes):
        table = np.stack([value.start_tick, value.pitch, value.duration_ticks, value.velocity])
        columns.append(table.astype("<i8").tobytes())
        return {"notes": len(value), "at": sum(map(len, columns[:-1]))}
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, Path):
        return {"path": str(value)}
    if isinstance(value, tuple) and value and isinstance(value[0], Event):
        return {"events": [[event.tick, event.data.hex(), event.place] for event in value]}
    if isinstance(value, tuple):
        return [_pack(item, columns) for item in value]
    if type(value) in _TYPES.values():
        packed = {f.name: _pack(getattr(value, f.name), columns) for f in fields(value)}  # type: ignore[arg-type]
        return {"type": type(value).__name__, "values": packed}
    return value


def _unpack(value: object, columns: memoryview) -> object:
    if isinstance(value, list):
        return tuple(_unpack(item, columns) for item in value)
    if not isinstance(value, dict):
        return value
    if "notes" in value:
        return _unpack_notes(value["notes"], value["at"], columns)
    if "hex" in value:
        return bytes.fromhex(value["hex"])
    if "path" in value:
        return Path(value["path"])
    if "events" in value:
        return tuple(Event(tick, bytes.fromhex(data), place) for tick, data, place in value["events"])
    return _TYPES[value["type"]](**{name: _unpack(item, columns) for name, item in value["values"].items()})


def _unpack_notes(count: int, at_byte: int, columns: memoryview) -> Notes:
    table = np.frombuffer(columns[at_byte : at_byte + count * 32], dtype="<i8").reshape(4, count).astype(np.int64)
    if count and not _can_sound(*table[1:]):
        raise ValueError("this is no sound message")
    table.setflags(write=False)
    return Notes(*table)


def _can_sound(pitch: Column, duration_ticks: Column, velocity: Column) -> bool:
    """Whether a synth can play such notes: a byte of MIDI goes up to 127, and none ends before it begins."""
    lowest = min(pitch.min(), duration_ticks.min(), velocity.min())
    return bool(lowest >= 0 and max(pitch.max(), velocity.max()) <= 127)
