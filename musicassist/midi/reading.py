"""Bytes of a Standard MIDI File to a song: tolerant, bounds-checked, with everything mended told in words.

A RIFF wrapper (``.rmi``) is taken off here, and put on again when its song is saved.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field, replace
from pathlib import Path

from musicassist.disk import read_whole
from musicassist.errors import QT_TRANSLATE_NOOP, MidiImportError, Words
from musicassist.midi.chunk_music import chunks_of_messages, is_note_on
from musicassist.midi.findings import Findings
from musicassist.midi.messages import (
    MAX_TICK,
    ChunkMessages,
    Fate,
    PlainChunk,
    TooManyError,
    messages_of,
    plain_chunk,
    read_messages,
)
from musicassist.midi.meta import TEMPO, tempo_event, tempo_of
from musicassist.midi.song_chunks import Chunk, song_of
from musicassist.score.foreign_chunk import AFTER_MUSIC, AFTER_TRACKS, BEFORE_MUSIC, BEFORE_TRACKS, ForeignChunk
from musicassist.score.song import Event, Song
from musicassist.score.timing import DEFAULT_MICROSECONDS_PER_BEAT, DEFAULT_TICKS_PER_BEAT, TempoChange, TimeMap

_TOO_LARGE = QT_TRANSLATE_NOOP("Errors", "{file} is larger than {limit} MB and is not opened.")
_TOO_MANY = QT_TRANSLATE_NOOP("Errors", "{file} holds more than {limit} events and is not opened.")
_CLIP = QT_TRANSLATE_NOOP(
    "Errors", "{file} is a MIDI 2.0 clip, which cannot be read yet. Export it as a Standard MIDI File instead."
)
MAX_BYTES = 32 * 2**20  # LIMIT: 32 MB
MAX_EVENTS = 2_000_000  # LIMIT: two million events
MAX_CHUNKS = 65_535  # LIMIT: what a header can announce
WRAPPER_BYTES = 12  # "RIFF", a length, "RMID"
_MUSIC = b"data"
_OF_MUSIC = (b"MThd", b"MTrk")  # these stand within
_MAX_CHUNKS_BESIDE = 1000  # LIMIT: chunks beside the music that are kept
_MAX_SECONDS = 24 * 60 * 60.0  # LIMIT: what stands later is left out
_SEARCHED_BYTES = 4096  # how far into a file its header is looked for
_END_MARK = b"\xff\x2f\x00"


def is_wrapped(data: bytes) -> bool:
    """Whether a file begins as a wrapped one does."""
    return data[:4] == b"RIFF" and data[8:WRAPPER_BYTES] == b"RMID"


def unwrapped(data: bytes) -> tuple[bytes, tuple[ForeignChunk, ...]]:
    """The file in the wrapper, and what stands beside it; everything from the first header on where lengths lie.

    Source: RIFF, Multimedia Programming Interface and Data Specifications 1.0: lengths are little-endian, and a body
    of an odd length is followed by one byte.
    """
    beside: list[ForeignChunk] = []
    music: bytes | None = None
    position = WRAPPER_BYTES
    while position + 8 <= len(data) and len(beside) < _MAX_CHUNKS_BESIDE:
        kind, length = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "little")
        start = position + 8
        if kind == _MUSIC and music is None:
            if not _ends_there(data, start + length + length % 2):
                return data[start:], tuple(beside)
            music = data[start : start + length]
        elif start + length <= len(data) and _is_kind(kind):
            beside.append(
                ForeignChunk(BEFORE_MUSIC if music is None else AFTER_MUSIC, kind, data[start : start + length])
            )
        else:
            break
        position = start + length + length % 2
    return (data[WRAPPER_BYTES:], ()) if music is None else (music, tuple(beside))


def _ends_there(data: bytes, position: int) -> bool:
    """Whether the wrapper or one of its chunks can end there."""
    return len(data) - 8 < position <= len(data) + 1 or _is_kind(data[position : position + 4])


def _is_kind(kind: bytes) -> bool:
    return len(kind) == 4 and kind.isascii() and kind.decode("ascii").isprintable() and kind not in _OF_MUSIC


def wrapped(music: bytes, beside: tuple[ForeignChunk, ...]) -> bytes:
    """A file in a wrapper, with what stands beside it."""
    before = b"".join(_chunk(c.kind, c.body) for c in beside if c.place == BEFORE_MUSIC)
    after = b"".join(_chunk(c.kind, c.body) for c in beside if c.place == AFTER_MUSIC)
    body = b"RMID" + before + _chunk(_MUSIC, music) + after
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)


@dataclass(frozen=True)
class Container:
    """A file taken apart.

    Attributes:
        format: 0, 1 or 2.
        ticks_per_beat: Ticks in a quarter note.
        microseconds_per_beat: The one tempo of a file that counts in film frames; None where tempos count.
        chunks: The messages of each track chunk.
        foreign: What stands in it besides.
        is_riff: Whether it is wrapped.
    """

    format: int
    ticks_per_beat: int
    microseconds_per_beat: int | None
    chunks: list[ChunkMessages]
    foreign: tuple[ForeignChunk, ...] = ()
    is_riff: bool = False


def read_container(data: bytes, name: str, findings: Findings) -> Container:
    """Takes a file apart.

    Args:
        data: The whole file.
        name: What to call it in messages.
        findings: Where everything that was mended is counted.

    Raises:
        MidiImportError: It is empty, too large, no MIDI or holds no track.
    """
    is_riff = is_wrapped(data)
    data, beside = unwrapped(data) if is_riff and len(data) <= MAX_BYTES else (data, ())
    data = _from_header(data, name, findings)
    if data[:4] == b"MTrk":
        findings.add("no_header")
        format_, declared, ticks_per_beat, tempo, position = 1, None, DEFAULT_TICKS_PER_BEAT, None, 0
    else:
        format_, declared, division, position = _read_header(data, name, findings)
        ticks_per_beat, tempo = _read_division(division, findings)
    # A header without tracks lies; else we read as many as it announces, as every other program does.
    foreign: list[ForeignChunk] = []
    chunks, end = _read_chunks(data, position, name, findings, foreign, most=declared or MAX_CHUNKS)
    if not chunks:
        raise MidiImportError(QT_TRANSLATE_NOOP("Errors", "{file} holds no track."), file=name)
    if declared is not None:
        findings.add("missing_chunks", max(0, declared - len(chunks)))
        findings.add("extra_chunks", data.count(b"MTrk", end))
    if format_ == 2:
        findings.add("patterns", len(chunks))
    return Container(format_, ticks_per_beat, tempo, chunks, (*beside, *foreign), is_riff)


def _from_header(data: bytes, name: str, findings: Findings) -> bytes:
    """The file from its header on: foreign bytes before it are taken off."""
    if not data:
        raise MidiImportError(QT_TRANSLATE_NOOP("Errors", "{file} is empty."), file=name)
    if len(data) > MAX_BYTES:
        raise MidiImportError(_TOO_LARGE, file=name, limit=MAX_BYTES // 2**20)
    if data[:8] == b"SMF2CLIP":
        raise MidiImportError(_CLIP, file=name)
    start = data.find(b"MThd", 0, _SEARCHED_BYTES)
    if start < 0:
        start = data.find(b"MTrk", 0, _SEARCHED_BYTES)
    if start < 0:
        raise MidiImportError(QT_TRANSLATE_NOOP("Errors", "{file} is no MIDI file."), file=name)
    if start:
        findings.add("outer_bytes", start)
    return data[start:] if start else data


def _read_header(data: bytes, name: str, findings: Findings) -> tuple[int, int, int, int]:
    """Format, announced count of tracks, division, and where the first chunk begins."""
    if len(data) < 14:
        raise MidiImportError(
            QT_TRANSLATE_NOOP("Errors", "{file} ends within its first bytes; there is nothing to read."), file=name
        )
    length = int.from_bytes(data[4:8], "big")
    format_, count, division = (int.from_bytes(data[at : at + 2], "big") for at in (8, 10, 12))
    if format_ > 2:
        findings.add("unknown_format")
        format_ = 1
    position = 8 + length
    if not _is_chunk(data, position):
        position = max(data.find(b"MTrk", 8), 8)
    return format_, count, division, position


def _read_division(division: int, findings: Findings) -> tuple[int, int | None]:
    """Ticks per beat, and for film frames the tempo at which they last as long as they should."""
    if division < 0x8000:
        if division == 0:
            findings.add("bad_division")
        return division or DEFAULT_TICKS_PER_BEAT, None
    frames_per_second = {24: 24.0, 25: 25.0, 29: 30000 / 1001, 30: 30.0}.get(256 - (division >> 8))
    ticks_per_second = (frames_per_second or 0) * (division & 0xFF)
    if not ticks_per_second:
        findings.add("bad_division")
        return DEFAULT_TICKS_PER_BEAT, None
    findings.add("frames")
    ticks_per_beat = max(1, round(ticks_per_second / 2))
    return ticks_per_beat, round(1e6 * ticks_per_beat / ticks_per_second)


def _is_chunk(data: bytes, position: int) -> bool:
    """Whether a chunk begins there: four letters or signs and a length."""
    kind = data[position : position + 4]
    return len(data) >= position + 8 and kind.isascii() and kind.decode("ascii").isprintable()


def _read_chunks(
    data: bytes, position: int, name: str, findings: Findings, foreign: list[ForeignChunk], *, most: int
) -> tuple[list[ChunkMessages], int]:
    """At most so many track chunks, and where the last of them ends; what stands between them goes to ``foreign``."""
    chunks: list[ChunkMessages | PlainChunk] = []
    plain: dict[int, tuple[bytes, Fate]] = {}
    left = MAX_EVENTS
    try:
        while position + 8 <= len(data) and len(chunks) < most:
            if data[position : position + 4] != b"MTrk":
                position = _pass_foreign(data, position, foreign, BEFORE_TRACKS if not chunks else AFTER_TRACKS)
                continue
            start = position + 8
            end, is_trusted = _chunk_end(data, start)
            body = data[start:end]
            missing_bytes = _missing_bytes(data, start)
            fate: Fate = "cut" if missing_bytes else "last" if end == len(data) else "followed"
            chunk = plain_chunk(body) if is_trusted else None
            if chunk is not None:
                plain[len(chunks)] = body, fate
                chunks.append(chunk)
                left -= chunk.count
                position = end
                continue
            messages, read = read_messages(body, findings, most=left, fate=fate, stop_at_end=not is_trusted)
            is_cut_file = messages.end_tick is None and end == len(data)
            findings.add("wrong_lengths", not is_trusted and not is_cut_file)
            findings.add("missing_bytes", missing_bytes if is_cut_file else 0)
            chunks.append(messages)
            left -= len(messages)
            position = end if is_trusted else _next_track(data, min(start + read, end))
        if left < 0:
            raise TooManyError
        decoded = _decoded(chunks, plain, findings)
    except TooManyError:
        raise MidiImportError(_TOO_MANY, file=name, limit=f"{MAX_EVENTS:,}") from None
    while position + 8 <= len(data) and data[position : position + 4] != b"MTrk":
        position = _pass_foreign(data, position, foreign, AFTER_TRACKS)
    return decoded, position


def _decoded(
    chunks: list[ChunkMessages | PlainChunk], plain: dict[int, tuple[bytes, Fate]], findings: Findings
) -> list[ChunkMessages]:
    """All chunks as messages; those that looked plain are read byte by byte where one of them was not."""
    rows = [row for row, chunk in enumerate(chunks) if isinstance(chunk, PlainChunk)]
    found = messages_of([chunk for chunk in chunks if isinstance(chunk, PlainChunk)]) if rows else []
    if found is None:
        bodies = [plain[row] for row in rows]
        found = [
            read_messages(body, findings, most=MAX_EVENTS, fate=fate, stop_at_end=False)[0] for body, fate in bodies
        ]
    decoded = dict(zip(rows, found, strict=True))
    return [chunk if isinstance(chunk, ChunkMessages) else decoded[row] for row, chunk in enumerate(chunks)]


def _missing_bytes(data: bytes, start: int) -> int:
    """How many bytes of the chunk would stand behind the end of the file; 0 where its length cannot be true."""
    missing = start + int.from_bytes(data[start - 4 : start], "big") - len(data)
    return missing if 0 < missing <= MAX_BYTES and data.find(b"MTrk", start) < 0 else 0


def _chunk_end(data: bytes, start: int) -> tuple[int, bool]:
    """Where the body ends, and whether the chunk's own length says so."""
    declared = start + int.from_bytes(data[start - 4 : start], "big")
    if declared <= len(data) and (
        len(data) - declared < 8 or _is_chunk(data, declared) or data[declared - 3 : declared] == _END_MARK
    ):
        return declared, True
    return _next_track(data, start), False


def _next_track(data: bytes, position: int) -> int:
    found = data.find(b"MTrk", position)
    return found if found >= 0 else len(data)


def _pass_foreign(data: bytes, position: int, foreign: list[ForeignChunk], place: int) -> int:
    """Past a chunk of an unknown kind, which is kept; to the next track where its length lies."""
    after = position + 8 + int.from_bytes(data[position + 4 : position + 8], "big")
    is_end = after <= len(data) < after + 8
    if not _is_chunk(data, position) or not (is_end or _is_chunk(data, after)):
        return _next_track(data, position + 4)
    kind, body = data[position : position + 4], data[position + 8 : after]
    if kind != b"MThd" and b"MTrk" not in body and len(foreign) < MAX_CHUNKS:
        foreign.append(ForeignChunk(place, kind, body))
    return after


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
    warnings: tuple[Words, ...]
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
            raise MidiImportError(QT_TRANSLATE_NOOP("Errors", "{file} is no file."), file=path.name)
        if status.st_size > MAX_BYTES:
            raise MidiImportError(_TOO_LARGE, file=path.name, limit=MAX_BYTES // 2**20)
        data = read_whole(path, MAX_BYTES)
    except FileNotFoundError as error:
        raise MidiImportError(QT_TRANSLATE_NOOP("Errors", "{file} does not exist."), file=path.name) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise MidiImportError(
            QT_TRANSLATE_NOOP("Errors", "{file} cannot be read: {reason}."), file=path.name, reason=reason
        ) from error
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
    in_time = _in_time(container, tempos, findings)
    chunks = chunks_of_messages(in_time, container.ticks_per_beat, findings)
    if container.microseconds_per_beat is not None:
        _set_one_tempo(chunks, tempos)
    song = song_of(chunks, container.ticks_per_beat, findings, format_=container.format)
    if container.foreign or container.is_riff:
        song = replace(song, foreign_chunks=container.foreign, is_riff=container.is_riff)
    note_on_count = song.note_count  # each note-on that is not left out becomes a note
    if in_time is not container.chunks:
        note_on_count = sum(int(is_note_on(messages.packed).sum()) for messages in container.chunks)
    warnings = findings.in_words(song.note_count)
    return ImportedSong(song, warnings, container.format, note_on_count, findings.is_incomplete)


def _tempo_changes(container: Container) -> tuple[TempoChange, ...]:
    if container.microseconds_per_beat is not None:
        return (TempoChange(0, container.microseconds_per_beat),)
    events = (Event(tick, data) for c in container.chunks for _, tick, data in c.others if data[:2] == TEMPO)
    changes = (tempo_of(event) for event in events)
    return tuple(sorted((c for c in changes if c is not None), key=lambda change: change.tick))


def _in_time(container: Container, tempos: tuple[TempoChange, ...], findings: Findings) -> list[ChunkMessages]:
    """The messages of all chunks without what stands too late."""
    slowest = max([DEFAULT_MICROSECONDS_PER_BEAT, *(change.microseconds_per_beat for change in tempos)])
    # not later at any tempo of the file, so it needs no map; half, so that no rounding matters
    sure_tick = min(MAX_TICK, int(_MAX_SECONDS * 1e6 / slowest * container.ticks_per_beat / 2))
    if max(messages.last_tick for messages in container.chunks) <= sure_tick:
        return container.chunks
    last_tick = min(MAX_TICK, int(TimeMap(container.ticks_per_beat, tempos).seconds_to_tick(_MAX_SECONDS)))
    in_time = [messages.until(last_tick) for messages in container.chunks]
    findings.add("too_late", sum(map(len, container.chunks)) - sum(map(len, in_time)))
    return in_time


def _set_one_tempo(chunks: list[Chunk], tempos: tuple[TempoChange, ...]) -> None:
    """Film frames last the same whatever tempo events say: these are replaced by one."""
    for chunk in chunks:
        chunk.events[:] = [e for e in chunk.events if e.data[:2] != TEMPO]
    if tempos[0].microseconds_per_beat != DEFAULT_MICROSECONDS_PER_BEAT:
        chunks[0].events.insert(0, Event(0, tempo_event(tempos[0])))
