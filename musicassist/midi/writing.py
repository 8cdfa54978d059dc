"""A song to the bytes of a Standard MIDI File."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from musicassist.disk import open_regular, replace_whole
from musicassist.errors import QT_TRANSLATE_NOOP, MidiImportError, SaveError, Words
from musicassist.midi.messages import FILLER, FILLER_TICKS
from musicassist.midi.reading import MAX_CHUNKS, WRAPPER_BYTES, is_wrapped, read_song_bytes, wrapped
from musicassist.midi.song_chunks import Chunk, as_saved, file_chunks, without_early_ends
from musicassist.midi.track_events import is_writable, with_end
from musicassist.score.foreign_chunk import AFTER_TRACKS, BEFORE_TRACKS
from musicassist.score.midi_bytes import NOTE_OFF, NOTE_ON, RELEASE_VELOCITY
from musicassist.score.song import Event, Notes, Song

_ENDS_RANK, _STARTS_RANK = 1, 3  # of one tick; the three places of other events are 0, 2 and 4
_NEW_FORMAT = {
    0: QT_TRANSLATE_NOOP(
        "Errors",
        "One chunk for all channels (format 0) cannot hold these tracks: the file gets a chunk for each (format 1).",
    ),
    2: QT_TRANSLATE_NOOP(
        "Errors", "The file's independent patterns (format 2) become tracks that sound together (format 1)."
    ),
}
_REORDERED = QT_TRANSLATE_NOOP("Errors", "Some events are written in another order or place.")
_MIXER = QT_TRANSLATE_NOOP("Errors", "Which tracks are muted or solo is not kept in a MIDI file.")
_PINS = QT_TRANSLATE_NOOP("Errors", "Which notes are pinned is not kept in a MIDI file.")
_SCALE = QT_TRANSLATE_NOOP("Errors", "The scale {scale} is saved as {saved}.")
# One sentence for one case and one for many.
_MOVED = (
    QT_TRANSLATE_NOOP(
        "Errors", "{count} note of track {track!r} that lies within another of its pitch exchanges its end."
    ),
    QT_TRANSLATE_NOOP(
        "Errors", "{count} notes of track {track!r} that lie within another of their pitch exchange their ends."
    ),
)
_BROKEN = (
    QT_TRANSLATE_NOOP("Errors", "{count} broken event is left out."),
    QT_TRANSLATE_NOOP("Errors", "{count} broken events are left out."),
)
_MAX_TICKS_PER_BEAT = 0x7FFF
_ONE_BYTE = [bytes((value,)) for value in range(0x80)]


def write_song(song: Song) -> bytes:
    """The song as a file: a conductor chunk, then one chunk for each track, or all in one. Any thread may call it.

    At one tick note-offs come before note-ons, and other events where their places say.

    Raises:
        SaveError: It has more tracks, or finer ticks, than a file can hold.
    """
    if len(song.tracks) >= MAX_CHUNKS:
        raise SaveError(QT_TRANSLATE_NOOP("Errors", "A MIDI file cannot hold {n} tracks."), n=len(song.tracks))
    if not 1 <= song.ticks_per_beat <= _MAX_TICKS_PER_BEAT:
        raise SaveError(
            QT_TRANSLATE_NOOP("Errors", "A MIDI file cannot hold {n} ticks per beat."), n=song.ticks_per_beat
        )
    file_format, chunks = file_chunks(song)
    header = b"".join(number.to_bytes(2, "big") for number in (file_format, len(chunks), song.ticks_per_beat))
    before, after = (
        [_framed(c.kind, c.body) for c in song.foreign_chunks if c.place == place]
        for place in (BEFORE_TRACKS, AFTER_TRACKS)
    )
    tracks = (_framed(b"MTrk", _chunk_body(chunk)) for chunk in chunks)
    music = b"".join([_framed(b"MThd", header), *before, *tracks, *after])
    return wrapped(music, song.foreign_chunks) if song.is_riff else music


def _framed(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "big") + body


def lost_on_save(song: Song) -> tuple[Words, ...]:
    """What a MIDI file cannot hold of this song, each a sentence; empty when opening it gives an equal song."""
    saved = as_saved(song)
    if saved == without_early_ends(song):
        return ()
    return tuple(_losses(song, saved)) or (Words(_REORDERED),)


def _losses(song: Song, saved: Song) -> Iterator[Words]:
    if song.file_format != saved.file_format:
        yield Words(_NEW_FORMAT[song.file_format])
    if any(track.muted or track.soloed for track in song.tracks):
        yield Words(_MIXER)
    if any(track.notes.has_pins for track in song.tracks):
        yield Words(_PINS)
    for key, saved_key in zip(song.key_changes, saved.key_changes, strict=False):
        if key.scale != saved_key.scale:
            yield Words(_SCALE, {"scale": key.scale.replace("_", " "), "saved": saved_key.scale})
    for track, saved_track in zip(song.tracks, saved.tracks, strict=True):
        moved = _exchanged(track.notes, saved_track.notes)
        if moved:
            yield Words(_MOVED[moved > 1], {"count": moved, "track": track.name})
    broken = sum(not is_writable(e) for events in (song.events, *(t.events for t in song.tracks)) for e in events)
    if broken:
        yield Words(_BROKEN[broken > 1], {"count": broken})


def _exchanged(notes: Notes, saved: Notes) -> int:
    """How many notes have another end when they are read again."""
    return int((_in_one_order(notes) != _in_one_order(saved)).any(axis=0).sum())


def _in_one_order(notes: Notes) -> np.ndarray:
    """The columns, shape (4, n), in an order that only the notes decide."""
    columns = np.stack([notes.velocity, notes.duration_ticks, notes.pitch, notes.start_tick])
    ordered: np.ndarray = columns[:, np.lexsort(columns)]
    return ordered


def _chunk_body(chunk: Chunk) -> bytes:
    ticks, messages = _note_messages(chunk)
    last = int(ticks.max()) if len(ticks) else 0
    events, end_tick = with_end(chunk.events, last)
    note_count = len(ticks) // 2
    places = np.array([event.place for event in events], dtype=np.int64)
    rank = np.concatenate([np.repeat([_ENDS_RANK, _STARTS_RANK], note_count), 2 * places])
    ticks = np.concatenate([ticks, np.array([e.tick for e in events], dtype=np.int64)])
    messages += [_event_bytes(event) for event in events]
    order = np.lexsort((rank, ticks))
    deltas = np.diff(ticks[order], prepend=0).tolist()
    parts = [_delta(ticks) + messages[row] for ticks, row in zip(deltas, order.tolist(), strict=True)]
    parts.append(_delta(end_tick - (int(ticks.max()) if len(ticks) else 0)) + b"\xff\x2f\x00")
    return b"".join(parts)


def _note_messages(chunk: Chunk) -> tuple[np.ndarray, list[bytes]]:
    """Ticks and messages of the note-offs in the order of their ends, then of the note-ons."""
    notes = [*chunk.notes.values()]
    channel = np.repeat(np.array([*chunk.notes], dtype=np.int64), [len(own) for own in notes])
    start, end, pitch, velocity = (
        np.concatenate([np.zeros(0, dtype=np.int64), *(getattr(own, name) for own in notes)])
        for name in ("start_tick", "end_tick", "pitch", "velocity")
    )
    by_end = np.argsort(end, kind="stable")
    table = np.empty((2 * len(start), 3), dtype=np.uint8)
    table[: len(start), 0] = NOTE_OFF | channel[by_end]
    table[: len(start), 2] = RELEASE_VELOCITY
    table[len(start) :, 0] = NOTE_ON | channel
    table[len(start) :, 2] = velocity
    table[:, 1] = np.concatenate([pitch[by_end], pitch])
    data = table.tobytes()
    return np.concatenate([end[by_end], start]), [data[at : at + 3] for at in range(0, len(data), 3)]


def _event_bytes(event: Event) -> bytes:
    if event.data[0] < 0xF0:
        return event.data
    head = 2 if event.data[0] == 0xFF else 1
    return event.data[:head] + _vlq(len(event.data) - head) + event.data[head:]


def _delta(ticks: int) -> bytes:
    """A time; longer silences than four bytes can say are filled with empty events."""
    if ticks < 0x80:
        return _ONE_BYTE[ticks]
    fillers, rest = divmod(ticks, FILLER_TICKS) if ticks > FILLER_TICKS else (0, ticks)
    return (_vlq(FILLER_TICKS) + FILLER + b"\0") * fillers + _vlq(rest)


def _vlq(value: int) -> bytes:
    data = bytes((value & 0x7F,))
    while value := value >> 7:
        data = bytes((value & 0x7F | 0x80,)) + data
    return data


def save_song(song: Song, path: Path, *, as_of_seconds: float | None = None) -> None:
    """Writes the song as a Standard MIDI File. It is never half there: the old file stays until the new one is proven.

    Any thread may call it; it takes as long as the disk needs.

    Args:
        song: The music.
        path: The file.
        as_of_seconds: Since when the song is as it is, in seconds since 1970, which becomes the time of the file; None
            for now. So an edit that comes while the file is written is not taken for older than the file.

    Raises:
        SaveError: It could not be written or did not read back equal; an old file is unchanged, nothing else is left.
    """
    song = _fitting(song, path)
    data = write_song(song)
    _check_reading(song, data, path)
    try:
        replace_whole(path, data, mtime_seconds=as_of_seconds)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SaveError(
            QT_TRANSLATE_NOOP("Errors", "{file} could not be saved: {reason}."), file=path.name, reason=reason
        ) from error


def _fitting(song: Song, path: Path) -> Song:
    """The song without a RIFF wrapper where the file is not meant to have one: few programs look into it."""
    if not song.is_riff or path.suffix.lower() == ".rmi" or _is_wrapped_file(path):
        return song
    return replace(
        song,
        is_riff=False,
        foreign_chunks=tuple(c for c in song.foreign_chunks if c.place in (BEFORE_TRACKS, AFTER_TRACKS)),
    )


def _is_wrapped_file(path: Path) -> bool:
    try:
        with open_regular(path) as file:
            return is_wrapped(file.read(WRAPPER_BYTES))
    except (OSError, ValueError):
        return False


def _check_reading(song: Song, data: bytes, path: Path) -> None:
    try:
        read = read_song_bytes(data, path.name).song
    except MidiImportError as error:
        raise SaveError(
            QT_TRANSLATE_NOOP("Errors", "{file} was not saved: {reason}"), file=path.name, reason=error
        ) from error
    if read != as_saved(song):
        raise SaveError(
            QT_TRANSLATE_NOOP("Errors", "{file} was not saved: the music would not open again as it is."),
            file=path.name,
        )
