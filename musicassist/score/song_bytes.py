"""Songs as bytes, in the journal and between our processes: what became of one song that makes another one of it.

A whole song is what became of an empty one. A page of JSON says what changed and how many values there are: the fields
that are others, and the rows of columns; the values follow as raw numbers. Nothing in it can run code, and what was
damaged or made up raises ``ValueError`` or gives values that are brought back into their range.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

from musicassist.score.origins import MAX_ORIGINS, Origin, Origins, apart
from musicassist.score.song import NOTE_COLUMNS, Column, Event, Notes, Song, Track
from musicassist.score.theory import SCALES

MAX_TRACKS = 65_535  # LIMIT: as in a MIDI file
MAX_TICKS_PER_BEAT = 0x7FFF
_MAX_TICK = 2**31 - 1  # LIMIT: as in an opened file
_MIN = {"start_tick": 0, "pitch": 0, "duration_ticks": 1, "velocity": 1, "is_pinned": 0}
_MAX = {"start_tick": _MAX_TICK, "pitch": 127, "duration_ticks": _MAX_TICK, "velocity": 127, "is_pinned": 1}
_LEAST, _MOST = (np.array([[limits[name]] for name in NOTE_COLUMNS]) for limits in (_MIN, _MAX))
_WIDTHS = ("<i1", "<i2", "<i4", "<i8")
_MOST_OF_WIDTHS = tuple(int(np.iinfo(kind).max) for kind in _WIDTHS)
_LENGTH_BYTES = 8
_NO_TRACK = Track()
_Same = Sequence[Any]
Checked = dict[int, tuple[Any, Any]]  # by identity: what was looked at, and what became of it


def _row_types() -> dict[str, Any]:
    """The fields of a song that are rows of small dataclasses, and which."""
    kinds = {name: get_args(kind)[0] for name, kind in get_type_hints(Song).items() if get_origin(kind) is tuple}
    return {name: kind for name, kind in kinds.items() if is_dataclass(kind) and kind not in (Track, Event)}


_ROWS = _row_types()
_SONG_VALUES = tuple(f.name for f in fields(Song) if f.name not in {"tracks", "events", *_ROWS})
_TRACK_VALUES = tuple(f.name for f in fields(Track) if f.name not in {"notes", "events", "origins"})


def packed(page: object, raw: bytes = b"") -> bytes:
    """A page of JSON and raw bytes behind it, as our processes send them to each other: nothing that can run code."""
    text = json.dumps(page, separators=(",", ":"), default=_of_numpy).encode()
    return b"".join([len(text).to_bytes(_LENGTH_BYTES, "little"), text, raw])


def unpacked(message: bytes) -> tuple[Any, bytes]:
    """The page and the raw bytes of ``packed``.

    Raises:
        ValueError: The message is cut off or damaged.
    """
    start = _LENGTH_BYTES + int.from_bytes(message[:_LENGTH_BYTES], "little")
    return json.loads(message[_LENGTH_BYTES:start]), message[start:]


def pack_changes(before: Song, after: Song) -> bytes:
    """What makes ``after`` of ``before``. Any thread; fast where both share their columns and tuples."""
    raw: list[bytes] = []
    page: dict[str, Any] = {
        name: _plain(getattr(after, name))
        for name in (*_SONG_VALUES, *_ROWS)
        if getattr(after, name) != getattr(before, name)
    }
    if after.events is not before.events:
        page["events"] = _pack_events(before.events, after.events, raw)
    if after.tracks is not before.tracks:
        page["tracks"] = _pack_tracks(before.tracks, after.tracks, raw)
    return packed(page, b"".join(raw))


def with_changes(before: Song, data: bytes) -> Song:
    """The reverse: ``with_changes(before, pack_changes(before, after)) == after``.

    Raises:
        ValueError: The data are damaged or made up.
    """
    try:
        page, numbers = unpacked(data)
        raw = _Raw(memoryview(numbers))
        values: dict[str, Any] = {name: _value(page[name]) for name in _SONG_VALUES if name in page}
        for name in _ROWS.keys() & page.keys():
            values[name] = tuple(_ROWS[name](*map(_value, row)) for row in page[name])
        events = _unpack_events(before.events, page["events"], raw) if "events" in page else before.events
        tracks = _unpack_tracks(before.tracks, page["tracks"], raw) if "tracks" in page else before.tracks
        return replace(before, tracks=tracks, events=events, **values)
    except (TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError("no changes of a song") from error


def sound_song(song: Song, checked: Checked | None = None) -> Song:
    """The song if each value is one that the program can live with; what is out of its range is brought back.

    What songs share is looked at once, if they are given one ``checked``.

    Raises:
        ValueError: It is no song.
    """
    checked = {} if checked is None else checked
    _check_types(song)
    for row in (row for name in _ROWS for row in getattr(song, name)):
        _check_types(row)
    if not 0 < len(song.tracks) <= MAX_TRACKS or not 1 <= song.ticks_per_beat <= MAX_TICKS_PER_BEAT:
        raise ValueError("no song")
    sound = replace(
        song,
        tracks=tuple(_sound_track(track, checked) for track in song.tracks),
        events=_sound_events(song.events, checked),
        tempo_changes=tuple(c for c in song.tempo_changes if c.tick >= 0 and c.microseconds_per_beat > 0),
        meter_changes=tuple(c for c in song.meter_changes if c.tick >= 0 and min(c.numerator, c.denominator) > 0),
        file_format=song.file_format if song.file_format in (0, 1, 2) else 1,
        foreign_chunks=tuple(
            c for c in song.foreign_chunks if type(c.kind) is type(c.body) is bytes and len(c.kind) == 4
        ),
        key_changes=tuple(c for c in song.key_changes if c.tick >= 0 and 0 <= c.tonic < 12 and c.scale in SCALES),
    )
    return song if sound == song else sound


def _sound_track(track: Track, checked: Checked) -> Track:
    if id(track) in checked:
        return checked[id(track)][1]  # type: ignore[no-any-return]
    _check_types(track)
    if not (0 <= track.channel < 16 and 0 <= track.program < 128):
        raise ValueError("no channel or no program")
    notes, origins = _sound_notes(track.notes), _sound_origins(track.origins)
    events = _sound_events(track.events, checked)
    is_sound = notes is track.notes and len(events) == len(track.events) and origins == track.origins
    sound = track if is_sound else replace(track, notes=notes, events=events, origins=origins)
    checked[id(track)] = track, sound
    return sound


def _sound_notes(notes: Notes) -> Notes:
    columns = {name: getattr(notes, name) for name in NOTE_COLUMNS}
    if any(len(column) and (column.min() < _MIN[n] or column.max() > _MAX[n]) for n, column in columns.items()):
        columns = {name: np.clip(column, _MIN[name], _MAX[name]) for name, column in columns.items()}
        return Notes.from_columns(**columns)
    return notes


def _sound_origins(origins: Origins) -> Origins:
    for origin in origins:
        _check_types(origin)
    return apart(own for own in origins[:MAX_ORIGINS] if own.is_sound and own.to_tick <= _MAX_TICK)


def _sound_events(events: tuple[Event, ...], checked: Checked) -> tuple[Event, ...]:
    if id(events) not in checked:
        sound = tuple(e for e in events if 0 <= e.tick <= _MAX_TICK and e.data and 0 <= e.place <= 2)
        checked[id(events)] = events, sound
    return checked[id(events)][1]  # type: ignore[no-any-return]


# Values.


def _plain_kinds(kind: type) -> dict[str, Any]:
    """The fields of a dataclass that are numbers, texts or bytes, or may be none, and what they may be."""
    return {
        name: hint
        for name, hint in get_type_hints(kind).items()
        if all(option in (int, str, bytes, bool, NoneType) for option in get_args(hint) or (hint,))
    }


_KINDS = {kind: _plain_kinds(kind) for kind in (Song, Track, Origin, *_ROWS.values())}


def _check_types(value: Any) -> None:
    for name, hint in _KINDS[type(value)].items():
        if not isinstance(getattr(value, name), hint):
            raise ValueError(f"{name} is of another kind")


def _plain(value: Any) -> Any:
    """A field as JSON."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, f.name)) for f in fields(value)]
    return value


def _of_numpy(value: Any) -> Any:
    """A number of NumPy's as one of Python's: an edit may compute a tick with columns."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} in a song")


def _value(plain: Any) -> Any:
    if isinstance(plain, dict):
        return bytes.fromhex(plain["hex"])
    return tuple(map(_value, plain)) if isinstance(plain, list) else plain


class _Raw:
    """The numbers behind the page, one column after the other."""

    def __init__(self, data: memoryview) -> None:
        self._data = data

    def take(self, size: int) -> memoryview:
        if not 0 <= size <= len(self._data):
            raise ValueError("cut off")
        taken, self._data = self._data[:size], self._data[size:]
        return taken

    def column(self, count: int, width: int) -> Column:
        kind = np.dtype(_WIDTHS[width])
        return np.frombuffer(self.take(count * kind.itemsize), dtype=kind).astype(np.int64)


def _pack_column(values: Column, raw: list[bytes]) -> list[int]:
    """Appends the numbers as narrow as they go; how many and how wide."""
    least, most = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    width = bisect_left(_MOST_OF_WIDTHS, max(most, ~least))
    raw.append(values.astype(_WIDTHS[width]).tobytes())
    return [len(values), width]


def _pack_splice(old: Column, new: Column, raw: list[bytes]) -> list[int]:
    """Where the columns begin to differ, how many rows went, and the new ones: [row, removed, added, width]."""
    least = min(len(old), len(new))
    if not least:
        return [0, len(old), *_pack_column(new, raw)]
    is_other = old[:least] != new[:least]
    first = int(is_other.argmax()) if is_other.any() else least
    is_other = old[len(old) - least + first :] != new[len(new) - least + first :]
    same = int(is_other[::-1].argmax()) if is_other.any() else least - first
    return [first, len(old) - same - first, *_pack_column(new[first : len(new) - same], raw)]


def _unpack_splice(old: Column, splice: Sequence[int], raw: _Raw) -> Column:
    row, removed, count, width = splice
    _check_rows(row, removed, len(old))
    added = raw.column(count, width)
    if not removed and not count:
        return old  # both songs share it
    return np.concatenate([old[:row], added, old[row + removed :]]) if removed < len(old) else added


def _check_rows(row: int, removed: int, count: int) -> None:
    if not (0 <= row <= row + removed <= count):
        raise ValueError("rows that are not there")


def _ends(old: _Same, new: _Same) -> tuple[int, int]:
    """How many items are the same at the beginning and at the end."""
    least, first, last = min(len(old), len(new)), 0, 0
    while first < least and (old[first] is new[first] or old[first] == new[first]):
        first += 1
    while last < least - first and (old[-1 - last] is new[-1 - last] or old[-1 - last] == new[-1 - last]):
        last += 1
    return first, last


# Events.


def _pack_events(old: tuple[Event, ...], new: tuple[Event, ...], raw: list[bytes]) -> list[Any]:
    first, last = _ends(old, new)
    added = new[first : len(new) - last]
    columns = ([e.tick for e in added], [e.place for e in added], [len(e.data) for e in added])
    packed = [_pack_column(np.array(column, dtype=np.int64), raw) for column in columns]
    raw.append(b"".join(e.data for e in added))
    return [first, len(old) - last - first, packed]


def _unpack_events(old: tuple[Event, ...], splice: list[Any], raw: _Raw) -> tuple[Event, ...]:
    row, removed, packed = splice
    _check_rows(row, removed, len(old))
    ticks, places, lengths = (raw.column(*column) for column in packed)
    if len(lengths) and lengths.min() < 0:
        raise ValueError("negative lengths")
    ends = np.cumsum(lengths)
    data = bytes(raw.take(int(ends[-1]) if len(ends) else 0))
    spans = zip((ends - lengths).tolist(), ends.tolist(), strict=True)
    pieces = [data[start:end] for start, end in spans]
    added = map(Event, ticks.tolist(), pieces, places.tolist())
    return (*old[:row], *added, *old[row + removed :])


# Tracks.


def _pack_tracks(old: tuple[Track, ...], new: tuple[Track, ...], raw: list[bytes]) -> list[Any]:
    """[index, removed, [an old track's index, or what became of one, ...]]."""
    first = next((row for row, (a, b) in enumerate(zip(old, new, strict=False)) if a is not b), min(len(old), len(new)))
    least = min(len(old), len(new)) - first
    backwards = zip(reversed(old), reversed(new), strict=False)
    last = min(next((row for row, (a, b) in enumerate(backwards) if a is not b), least), least)
    places = {id(track): row for row, track in enumerate(old)}
    packed: list[Any] = []
    for row, track in enumerate(new[first : len(new) - last], start=first):
        known = places.get(id(track))
        if known is not None:
            packed.append(known)
            continue
        base = row if row < len(old) else None
        packed.append({"of": base, **_pack_track(old[base] if base is not None else _NO_TRACK, track, raw)})
    return [first, len(old) - last - first, packed]


def _pack_track(old: Track, new: Track, raw: list[bytes]) -> dict[str, Any]:
    page = {name: _plain(getattr(new, name)) for name in _TRACK_VALUES if getattr(new, name) != getattr(old, name)}
    if new.notes is not old.notes:
        written = _written_columns(new.notes)
        page["notes"] = [_pack_splice(getattr(old.notes, c), getattr(new.notes, c), raw) for c in written]
    if new.events is not old.events:
        page["events"] = _pack_events(old.events, new.events, raw)
    if new.origins != old.origins:
        page["origins"] = _plain(new.origins)
    return page


def _unpack_tracks(old: tuple[Track, ...], splice: list[Any], raw: _Raw) -> tuple[Track, ...]:
    row, removed, packed = splice
    _check_rows(row, removed, len(old))
    if len(old) + len(packed) - removed > MAX_TRACKS:
        raise ValueError("too many tracks")
    return (*old[:row], *_unpacked(old, packed, raw), *old[row + removed :])


def _unpacked(old: tuple[Track, ...], packed: Iterable[Any], raw: _Raw) -> Iterable[Track]:
    for page in packed:
        index = page if isinstance(page, int) else page["of"]
        if index is not None and not 0 <= index < len(old):
            raise ValueError("a track that is not there")
        base = old[index] if index is not None else _NO_TRACK
        yield base if isinstance(page, int) else _unpack_track(base, page, raw)


def _sorted(columns: list[Column]) -> Notes:
    """Notes of columns that are nobody else's. They are in order but in made-up data, and sorting costs ten checks."""
    start, pitch = columns[:2]
    is_later, is_not_lower = start[1:] > start[:-1], pitch[1:] >= pitch[:-1]
    if not (is_later | ((start[1:] == start[:-1]) & is_not_lower)).all():
        return Notes.from_columns(*columns)
    for column in columns:
        column.setflags(write=False)
    return Notes(*columns)


def pack_notes(notes: Notes) -> bytes:
    """Notes that are in no song: how many columns, and these in four bytes a number. A project may have thousands."""
    table = np.stack([getattr(notes, name) for name in _written_columns(notes)])
    data: bytes = np.clip(table, -_MAX_TICK, _MAX_TICK).astype("<i4").tobytes()
    return bytes([len(table)]) + data


def _written_columns(notes: Notes) -> tuple[str, ...]:
    """Pins are written only where there are some; what was written before there were any has none."""
    return NOTE_COLUMNS if notes.has_pins else NOTE_COLUMNS[:-1]


def notes_of(data: bytes) -> Notes:
    """The reverse of ``pack_notes``; what is out of its range is brought back.

    Raises:
        ValueError: The data are damaged or made up.
    """
    count = data[0] if data else 0
    if len(NOTE_COLUMNS) - count not in (0, 1) or len(data) % (4 * count) != 1:
        raise ValueError("no notes")
    table = np.frombuffer(data, dtype="<i4", offset=1).reshape(count, -1).astype(np.int64)
    return _sorted([*np.clip(table, _LEAST[:count], _MOST[:count])])


def _check_columns(columns: list[Column]) -> None:
    if len(NOTE_COLUMNS) - len(columns) not in (0, 1) or len({len(column) for column in columns}) > 1:
        raise ValueError("columns of unequal length")


def _unpack_track(old: Track, page: dict[str, Any], raw: _Raw) -> Track:
    notes, events = old.notes, old.events
    if "notes" in page:
        splices = zip(NOTE_COLUMNS, page["notes"], strict=False)
        columns = [_unpack_splice(getattr(notes, name), splice, raw) for name, splice in splices]
        _check_columns(columns)
        notes = _sorted(columns)
    if "events" in page:
        events = _unpack_events(events, page["events"], raw)
    values = {name: _value(page[name]) for name in _TRACK_VALUES if name in page}
    if "origins" in page:
        values["origins"] = tuple(Origin(*row) for row in page["origins"])
    return replace(old, notes=notes, events=events, **values)
