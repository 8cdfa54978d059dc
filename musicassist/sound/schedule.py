"""The one list of timed MIDI messages that playback, export and rendering share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from musicassist.score.song import Column, Event, Notes, Song, Track

NOTE_OFF, NOTE_ON, KEY_PRESSURE, CONTROL, PROGRAM, CHANNEL_PRESSURE, BEND = 0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0
BANK_CONTROLS = (0, 32)
SUSTAIN_CONTROL = 64
RESET_CONTROLLERS, ALL_SOUND_OFF, ALL_NOTES_OFF = 121, 120, 123
# What a controller is before anything set it; the others are 0.
# Source: General MIDI level 1 and MIDI recommended practice RP-015.
CONTROL_DEFAULTS = {7: 100, 8: 64, 10: 64, 11: 127, 91: 40}
# What "reset all controllers" leaves alone: banks, volume, balance, pan, sound and effects.
# Source: MIDI recommended practice RP-015; the balance as FluidSynth does.
_KEPT_CONTROLS = frozenset((*BANK_CONTROLS, 7, 39, 8, 40, 10, 42, *range(70, 80), *range(91, 96)))
_PARAMETER_CONTROLS = (6, 38, 98, 99, 100, 101)
_OFF_RANK, _BANK_RANK, _PROGRAM_RANK, _CONTROL_RANK, _ON_RANK = range(5)
KIND_MASK = 0xF0
ROUTE_SHIFT = 8
Message = tuple[int, int, int]
Bytes = NDArray[np.uint8]
Statuses = NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Schedule:
    """Channel messages in the order in which they sound, as columns of equal length.

    At one moment note-offs come first, then banks, programs, controllers and bends, then note-ons. On one channel no
    two notes of a pitch overlap, and each note-on has exactly one note-off.

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
        return tuple(int(channel) for channel in np.unique(self.status & ~np.uint16(KIND_MASK)))

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
        is_channel = self.status[:last] & ~np.uint16(KIND_MASK) == channel
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
    audible = audible_tracks(song)
    silent = [track for track in song.tracks if not any(track is other for other in audible)]
    # Programs of audible tracks come after those of silent ones that share their channel.
    controls = [(_route(track, routes), *part) for track in (*silent, *audible) for part in _controls_of(track)]
    controls.extend((0, *part) for part in _channel_events(song.events))
    return _sorted_schedule(song, _key_strokes(audible, routes), controls)


def _route(track: Track, routes: Mapping[str, int]) -> int:
    return routes.get(track.output_port or "", 0) << ROUTE_SHIFT


def audible_tracks(song: Song) -> list[Track]:
    """The tracks whose notes sound, by mute and solo; a mute beats a solo."""
    is_soloed = any(track.soloed for track in song.tracks)
    return [track for track in song.tracks if not track.muted and (track.soloed or not is_soloed)]


def _key_strokes(tracks: list[Track], routes: Mapping[str, int]) -> tuple[Column, Column, Column, Column]:
    """Columns key (channel * 128 + pitch), start tick, end tick, velocity, with no overlap on any key."""
    columns = [
        _track_columns(track.notes, _route(track, routes) | track.channel) for track in tracks if len(track.notes)
    ]
    if not columns:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty, empty
    key, start, end, velocity = (np.concatenate(column) for column in zip(*columns, strict=True))
    order = np.lexsort((start, key))
    key, start, end, velocity = key[order], start[order], end[order], velocity[order]
    is_new = np.append(True, (np.diff(key) != 0) | (np.diff(start) != 0))
    first = np.flatnonzero(is_new)
    key, start = key[first], start[first]
    end, velocity = np.maximum.reduceat(end, first), np.maximum.reduceat(velocity, first)
    span = int(end.max()) + 1
    held_until = np.maximum.accumulate(end + key * span) - key * span
    next_start = np.where(np.append(np.diff(key) == 0, False), np.append(start[1:], 0), span)
    return key, start, np.minimum(held_until, next_start), velocity


def _track_columns(notes: Notes, channel: int) -> tuple[Column, Column, Column, Column]:
    return notes.pitch + channel * 128, notes.start_tick, notes.end_tick, notes.velocity


def _controls_of(track: Track) -> Iterator[tuple[int, bytes]]:
    """Tick and message of the track's programs, controllers, pressures and bends."""
    events = list(_channel_events(track.events))
    if len(track.notes) or events:
        yield _program_tick(track, events), bytes((PROGRAM | track.channel, track.program, 0))
    yield from events


def _program_tick(track: Track, events: list[tuple[int, bytes]]) -> int:
    """Where the first program is sent: with the bank that is chosen for it, else at the start."""
    first_note = int(track.notes.start_tick[0]) if len(track.notes) else 0
    tick = 0
    for event_tick, (status, data1, _) in events:
        if event_tick > first_note or status & 0xF0 == PROGRAM:
            break
        if status & 0xF0 == CONTROL and data1 in BANK_CONTROLS:
            tick = event_tick
    return tick


def _channel_events(events: tuple[Event, ...]) -> Iterator[tuple[int, bytes]]:
    """The channel messages that are no notes and silence none, padded to three bytes."""
    for event in events:
        data = event.data
        if not 2 <= len(data) <= 3 or not KEY_PRESSURE <= data[0] < 0xF0:
            continue
        if data[0] & 0xF0 == CONTROL and data[1] >= ALL_SOUND_OFF and data[1] != RESET_CONTROLLERS:
            continue
        yield event.tick, data if len(data) == 3 else data + b"\0"


def _sorted_schedule(
    song: Song, strokes: tuple[Column, Column, Column, Column], controls: list[tuple[int, int, bytes]]
) -> Schedule:
    key, start, end, velocity = strokes
    control_ticks = np.array([tick for _, tick, _ in controls], dtype=np.int64)
    control_routes = np.array([route for route, _, _ in controls], dtype=np.int64)
    messages = np.frombuffer(b"".join(data for _, _, data in controls), dtype=np.uint8).reshape(-1, 3)
    channel, pitch = key >> 7, key & 127
    ticks = np.concatenate([end, control_ticks, start])
    rank = np.concatenate([np.full(len(end), _OFF_RANK), _control_ranks(messages), np.full(len(start), _ON_RANK)])
    order = np.lexsort((rank, ticks))
    status = np.concatenate([NOTE_OFF | channel, messages[:, 0] | control_routes, NOTE_ON | channel])
    data1 = np.concatenate([pitch, messages[:, 1], pitch])
    data2 = np.concatenate([np.full(len(end), 64), messages[:, 2], np.maximum(velocity, 1)])
    seconds = song.time_map.ticks_to_seconds(ticks[order])
    data = (column[order].astype(np.uint8) for column in (data1, data2))
    return Schedule(seconds, status[order].astype(np.uint16), *data)


def _control_ranks(messages: Bytes) -> NDArray[np.int64]:
    kind = messages[:, 0] & 0xF0
    is_bank = (kind == CONTROL) & np.isin(messages[:, 1], BANK_CONTROLS)
    return np.where(is_bank, _BANK_RANK, np.where(kind == PROGRAM, _PROGRAM_RANK, _CONTROL_RANK))


def chase(schedule: Schedule, at_seconds: float) -> list[Message]:
    """The messages that put every channel in the state that the song has just before ``at_seconds``.

    Notes that began earlier are not struck again.
    """
    resets = [(CONTROL | channel, RESET_CONTROLLERS, 0) for channel in schedule.channels]
    state = sorted(_state(schedule, at_seconds).values(), key=_chase_rank)
    return resets + state + _chased_parameters(schedule, at_seconds)


def state_change(old: Schedule, old_seconds: float, new: Schedule, new_seconds: float) -> list[Message]:
    """The messages that lead from the state of one place to that of another, perhaps of an edited song."""
    before, after = _state(old, old_seconds), _state(new, new_seconds)
    for slot in before.keys() - after.keys():
        after[slot] = _default(slot) or before[slot]
    changed = [message for slot, message in after.items() if message != before.get(slot)]
    parameters = _chased_parameters(new, new_seconds)
    is_same = parameters == _chased_parameters(old, old_seconds)
    return sorted(changed, key=_chase_rank) + ([] if is_same else parameters)


def _state(schedule: Schedule, at_seconds: float) -> dict[int, Message]:
    """By slot: the last message before ``at_seconds``, or the default of what the song sets only later."""
    kind = schedule.status & 0xF0
    is_parameter = (kind == CONTROL) & np.isin(schedule.data1, (*_PARAMETER_CONTROLS, RESET_CONTROLLERS))
    rows = np.flatnonzero((kind >= CONTROL) & ~is_parameter)
    slots = schedule.status[rows].astype(np.int64) << 7 | np.where(kind[rows] == CONTROL, schedule.data1[rows], 0)
    state = {int(slot): _default(int(slot)) for slot in np.unique(slots)}
    past = int(np.searchsorted(rows, schedule.row_at(at_seconds)))
    last_slots, from_end = np.unique(slots[:past][::-1], return_index=True)
    reset_rows = _last_resets(schedule, at_seconds)
    for slot, row in zip(last_slots.tolist(), rows[past - 1 - from_end].tolist(), strict=True):
        if _is_kept(slot) or row > reset_rows.get(channel_of(slot >> 7), -1):
            state[slot] = (int(schedule.status[row]), int(schedule.data1[row]), int(schedule.data2[row]))
    return {slot: message for slot, message in state.items() if message is not None}


def _last_resets(schedule: Schedule, at_seconds: float) -> dict[int, int]:
    """By channel: the last row before ``at_seconds`` that resets its controllers."""
    status = schedule.status[: schedule.row_at(at_seconds)]
    is_reset = (status & 0xF0 == CONTROL) & (schedule.data1[: len(status)] == RESET_CONTROLLERS)
    rows = np.flatnonzero(is_reset)
    return {channel_of(int(status[row])): row for row in rows.tolist()}


def _is_kept(slot: int) -> bool:
    """Whether a slot (status and controller number) is left alone where controllers are reset."""
    kind = slot >> 7 & 0xF0
    return kind == PROGRAM or (kind == CONTROL and slot & 0x7F in _KEPT_CONTROLS)


def _default(slot: int) -> Message | None:
    """What holds for a slot (status and controller number) before anything sets it; None for programs."""
    status, control = slot >> 7, slot & 0x7F
    kind = status & 0xF0
    if kind == CONTROL:
        return status, control, CONTROL_DEFAULTS.get(control, 0)
    return {BEND: (status, 0, 64), CHANNEL_PRESSURE: (status, 0, 0)}.get(kind)


def _chase_rank(message: Message) -> int:
    status, data1, _ = message
    if status & 0xF0 == PROGRAM:
        return _PROGRAM_RANK
    return _BANK_RANK if status & 0xF0 == CONTROL and data1 in BANK_CONTROLS else _CONTROL_RANK


def _chased_parameters(schedule: Schedule, at_seconds: float) -> list[Message]:
    """The last value of each registered parameter (bend range, tuning), as the messages that set it."""
    last = schedule.row_at(at_seconds)
    is_control = (schedule.status[:last] & 0xF0) == CONTROL
    rows = np.flatnonzero(is_control & np.isin(schedule.data1[:last], _PARAMETER_CONTROLS))
    selected: dict[int, tuple[Message, Message]] = {}
    values: dict[tuple[Message, Message, int], Message] = {}
    for row in rows.tolist():
        status, data1 = int(schedule.status[row]), int(schedule.data1[row])
        message = (status, data1, int(schedule.data2[row]))
        high, low = selected.get(status, ((status, 101, 127), (status, 100, 127)))
        if data1 in (6, 38):
            values[high, low, data1] = message
        else:
            selected[status] = (message, low) if data1 in (99, 101) else (high, message)
    return [part for (high, low, _), value in values.items() for part in (high, low, value)]
