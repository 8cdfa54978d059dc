"""The one list of timed MIDI messages that playback, export and rendering share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from musicassist.midi.track_events import sounding_events
from musicassist.score.song import AFTER_STARTS, BEFORE_ENDS, BEFORE_STARTS, Column, Event, Notes, Song, Track

NOTE_OFF, NOTE_ON, KEY_PRESSURE, CONTROL, PROGRAM, CHANNEL_PRESSURE, BEND = 0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0
BANK_CONTROLS = (0, 32)
SUSTAIN_CONTROL, SOSTENUTO_CONTROL = 64, 66
HOLD_CONTROLS = (SOSTENUTO_CONTROL, 67, 69, SUSTAIN_CONTROL)  # what keeps a note, or the next one, other than it is
ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF = 120, 121, 123
_UNSENT_CONTROLS = (122, *range(124, 128))  # local control and modes of the keyboard, which outlive the song
# In one tick of one track, as the file has it; the events of a track stand at the place that it gave them.
_OFF_RANK, _ON_RANK = 1, 3
_RANKS = {BEFORE_ENDS: 0, BEFORE_STARTS: 2, AFTER_STARTS: 4}
KIND_MASK = 0xF0
ROUTE_SHIFT = 8
Message = tuple[int, ...]
Bytes = NDArray[np.uint8]
Statuses = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Schedule:
    """Channel messages in the order in which they sound, as columns of equal length.

    The order on a tick is the file's: one track after the other, in each what stands before its note-offs, these, what
    stands before its note-ons, these, and what stands behind them. On one channel no two notes of a pitch overlap, and
    each note-on has exactly one note-off.

    A channel of a port of its own is a channel of its own: the number of the port, its *route*, stands in the bits
    above the status byte. Route 0 is what plays the whole song.

    Attributes:
        seconds: From the start of the song, ascending; float64, shape (n,).
        status, data1, data2: The three bytes of each message; a two-byte message has 0 as its third. Above the
            status byte stands the route.
    """

    seconds: NDArray[np.float64]
    status: Statuses
    data1: Bytes
    data2: Bytes

    def __len__(self) -> int:
        return len(self.seconds)

    @cached_property
    def end_seconds(self) -> float:
        """When the last note stops; 0 without notes."""
        offs = np.flatnonzero((self.status & 0xF0) == NOTE_OFF)
        return float(self.seconds[offs[-1]]) if len(offs) else 0.0

    @cached_property
    def channels(self) -> tuple[int, ...]:
        """The channels that the messages use, with their routes."""
        return tuple(int(channel) for channel in np.unique(self.status & ~np.uint32(KIND_MASK)))

    def row_at(self, seconds: float) -> int:
        """The first row that is not before ``seconds``."""
        return int(np.searchsorted(self.seconds, seconds, side="left"))

    def rows(self, first: int, last: int) -> Iterator[tuple[float, Message]]:
        """Time and message of the rows in [first, last)."""
        columns = (self.status, self.data1, self.data2)
        messages = zip(*(column[first:last].tolist() for column in columns), strict=True)
        return zip(self.seconds[first:last].tolist(), messages, strict=True)

    def holds(self, channel: int, pitch: int, last: int) -> bool:
        """Whether a key is down after the rows before ``last``."""
        kinds = self.status[:last] & 0xF0
        is_channel = self.status[:last] & ~np.uint32(KIND_MASK) == channel
        is_key = is_channel & (self.data1[:last] == pitch) & (kinds <= NOTE_ON)
        rows = np.flatnonzero(is_key)
        return len(rows) > 0 and int(kinds[rows[-1]]) == NOTE_ON


def channel_of(status: int) -> int:
    """The channel of a message, with its route."""
    return status & ~KIND_MASK


def ends_notes(control: int) -> bool:
    """Whether a controller ends the notes of its channel: all sound off, all notes off, and the modes behind it."""
    return control == ALL_SOUND_OFF or control >= ALL_NOTES_OFF


def is_clock(message: Message) -> bool:
    """Whether a message tells followers the tempo or the place, and is no music."""
    return message[0] & KIND_MASK == KIND_MASK


def schedule_of(song: Song, routes: Mapping[str, int] | None = None) -> Schedule:
    """What the song sounds: notes of the tracks that are neither muted nor out-soloed, and the controllers of all.

    Notes of one channel and pitch that overlap are sounded as one key would play them: a second start strikes the key
    again, and the key is let go when the last of them ends.

    Args:
        song: The song.
        routes: The number, 1..255, of each port that is connected, by name; tracks of others take route 0.
    """
    routes = routes or {}
    audible = {id(track) for track in audible_tracks(song)}
    controls = [(0, -1, event) for event in song.events if _is_sent(event, is_audible=True)]
    heard: list[tuple[int, Track]] = []
    for number, track in enumerate(song.tracks):
        is_audible = id(track) in audible
        if is_audible and len(track.notes):
            heard.append((number, track))
        route = _route(track, routes)
        events = (event for event in sounding_events(track) if _is_sent(event, is_audible=is_audible))
        controls.extend((route, number, event) for event in events)
    return _sorted_schedule(song, _key_strokes(heard, routes), controls)


def _route(track: Track, routes: Mapping[str, int]) -> int:
    return routes.get(track.output_port or "", 0) << ROUTE_SHIFT


def audible_tracks(song: Song) -> list[Track]:
    """The tracks whose notes sound, by mute and solo; a mute beats a solo."""
    is_soloed = any(track.soloed for track in song.tracks)
    return [track for track in song.tracks if not track.muted and (track.soloed or not is_soloed)]


@dataclass(frozen=True)
class _Strokes:
    """Keys that go down and up, as columns, with no overlap on any key.

    Attributes:
        key: Channel with its route * 128 + pitch.
        start_tick, end_tick, velocity: As of notes.
        track, end_track: The numbers of the tracks among whose events they go down and up.
    """

    key: Column
    start_tick: Column
    end_tick: Column
    velocity: Column
    track: Column
    end_track: Column


def _key_strokes(tracks: list[tuple[int, Track]], routes: Mapping[str, int]) -> _Strokes:
    """The strokes of numbered tracks."""
    columns = [_track_columns(track.notes, _route(track, routes) | track.channel, number) for number, track in tracks]
    if not columns:
        return _Strokes(*(np.zeros(0, dtype=np.int64) for _ in range(6)))
    key, start, end, velocity, track = (np.concatenate(column) for column in zip(*columns, strict=True))
    order = np.lexsort((track, start, key))
    key, start, end, velocity, track = (column[order] for column in (key, start, end, velocity, track))
    is_new = np.append(True, (np.diff(key) != 0) | (np.diff(start) != 0))
    first = np.flatnonzero(is_new)
    key, start, track = key[first], start[first], track[first]
    end, velocity = np.maximum.reduceat(end, first), np.maximum.reduceat(velocity, first)
    span = int(end.max()) + 1
    held_until = np.maximum.accumulate(end + key * span) - key * span
    next_start = np.where(np.append(np.diff(key) == 0, False), np.append(start[1:], 0), span)
    end = np.minimum(held_until, next_start)
    # A key that is struck again goes up right before, whichever track comes first in the file.
    end_track = np.where(end == next_start, np.minimum(track, np.append(track[1:], 0)), track)
    return _Strokes(key, start, end, velocity, track, end_track)


def _track_columns(notes: Notes, channel: int, number: int) -> tuple[Column, ...]:
    key = notes.pitch + channel * 128
    return key, notes.start_tick, notes.end_tick, notes.velocity, np.full(len(notes), number, dtype=np.int64)


def _is_sent(event: Event, *, is_audible: bool) -> bool:
    """Whether an event is a channel message that synths are sent; what silences notes only by tracks that are heard."""
    data = event.data
    if not 2 <= len(data) <= 3 or not KEY_PRESSURE <= data[0] < 0xF0:
        return False
    if data[0] & KIND_MASK != CONTROL or data[1] < ALL_SOUND_OFF or data[1] == RESET_CONTROLLERS:
        return True
    return is_audible and data[1] not in _UNSENT_CONTROLS


def _sorted_schedule(song: Song, strokes: _Strokes, controls: list[tuple[int, int, Event]]) -> Schedule:
    """The rows of strokes and of events, each with its route and the number of its track."""
    route, number, tick, rank = (
        np.array(column, dtype=np.int64).reshape(-1)
        for column in (
            [route for route, _, _ in controls],
            [number for _, number, _ in controls],
            [event.tick for _, _, event in controls],
            [_RANKS[event.place] for _, _, event in controls],
        )
    )
    rows = b"".join(event.data.ljust(3, b"\0") for _, _, event in controls)
    messages = np.frombuffer(rows, dtype=np.uint8).reshape(-1, 3)
    channel, pitch = strokes.key >> 7, strokes.key & 127
    count = len(pitch)
    ticks = np.concatenate([strokes.end_tick, tick, strokes.start_tick])
    tracks = np.concatenate([strokes.end_track, number, strokes.track])
    ranks = np.concatenate([np.full(count, _OFF_RANK), rank, np.full(count, _ON_RANK)])
    order = np.lexsort((ranks, tracks, ticks))
    status = np.concatenate([NOTE_OFF | channel, messages[:, 0] | route, NOTE_ON | channel])
    data1 = np.concatenate([pitch, messages[:, 1], pitch])
    data2 = np.concatenate([np.full(count, 64), messages[:, 2], np.maximum(strokes.velocity, 1)])
    seconds = song.time_map.ticks_to_seconds(ticks[order])
    data = (column[order].astype(np.uint8) for column in (data1, data2))
    return Schedule(seconds, status[order].astype(np.uint32), *data)
