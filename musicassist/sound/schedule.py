"""The one list of timed MIDI messages that playback, export and rendering share."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicassist.midi.track_events import midi_port_of, sounding_events
from musicassist.score import midi_bytes as midi
from musicassist.score.meant_times import span_replaced
from musicassist.score.seam import with_amends
from musicassist.score.song import AFTER_STARTS, BEFORE_ENDS, BEFORE_STARTS, Column, Event, Notes, Song, Track
from musicassist.sound.messages import Audition

_SUSTAINING, _PEDAL_DOWN_FROM = (midi.SUSTAIN_CONTROL, midi.SOSTENUTO_CONTROL), 64
_MAX_HELD_SECONDS = 30.0  # LIMIT: what a pedal holds on for longer than that behind the last note is let go
_UNSENT_CONTROLS = (122, *range(124, 128))  # local control and modes of the keyboard, which outlive the song
# In one tick of one track, as the file has it; the events of a track stand at the place that it gave them.
_OFF_RANK, _ON_RANK, _RANK_COUNT = 1, 3, 5
_RANKS = {BEFORE_ENDS: 0, BEFORE_STARTS: 2, AFTER_STARTS: 4}
_SAME_PROGRAM = 255  # the one that the channel has
_MAX_SYSEX_MESSAGES = 1 << 16  # LIMIT: whole messages of a song; later ones are not sent
Bytes = NDArray[np.uint8]
Statuses = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Schedule:
    """Channel messages in the order in which they sound, as columns of equal length.

    The order on a tick is the file's: one track after the other, in each what stands before its note-offs, these, what
    stands before its note-ons, these, and what stands behind them. On one channel no two notes of a pitch overlap, and
    each note-on has exactly one note-off.

    A channel of a port of its own is a channel of its own: the number of the port, its *route*, stands in the byte
    above the status byte, and the port that the file names (FF 21) above that. Route 0 is what plays the whole song.

    Attributes:
        seconds: From the start of the song, ascending; float64, shape (n,).
        status, data1, data2: The three bytes of each message; a two-byte message has 0 as its third, but a program the
            bank that it means (see ``banks``). Above the status byte stand route and port. Of a system exclusive
            message, the data bytes are its place in ``sysex``, low byte first.
        sysex: Whole system exclusive messages.
    """

    seconds: NDArray[np.float64]
    status: Statuses
    data1: Bytes
    data2: Bytes
    sysex: tuple[bytes, ...] = ()

    def __len__(self) -> int:
        return len(self.seconds)

    @cached_property
    def end_seconds(self) -> float:
        """When the last note stops; 0 without notes."""
        offs = np.flatnonzero((self.status & 0xF0) == midi.NOTE_OFF)
        return float(self.seconds[offs[-1]]) if len(offs) else 0.0

    @cached_property
    def held_until_seconds(self) -> float:
        """When the last pedal goes up that holds notes on past their ends; ``end_seconds`` if none does.

        A pedal that never goes up, or too late, lets go with the last note.
        """
        kind, ends = self.status & midi.KIND_MASK, [self.end_seconds]
        is_off, is_pedal = kind == midi.NOTE_OFF, (kind == midi.CONTROL) & np.isin(self.data1, _SUSTAINING)
        for channel in np.unique(self.status[is_pedal] & ~np.uint32(midi.KIND_MASK)):
            is_here = self.status & ~np.uint32(midi.KIND_MASK) == channel
            offs = np.flatnonzero(is_off & is_here)
            for control in _SUSTAINING if len(offs) else ():
                rows = np.flatnonzero(is_pedal & is_here & (self.data1 == control))
                is_down = self.data2[rows] >= _PEDAL_DOWN_FROM
                ups = rows[~is_down & (rows > offs[-1])]
                before = np.searchsorted(rows, offs[-1])
                if len(ups) and before and is_down[before - 1]:
                    ends.append(float(self.seconds[ups[0]]))
        return max(end for end in ends if end <= self.end_seconds + _MAX_HELD_SECONDS)

    @cached_property
    def channels(self) -> tuple[int, ...]:
        """The channels that the messages use, with their routes."""
        status = self.status[(self.status & midi.KIND_MASK) != midi.SYSEX]
        return tuple(int(channel) for channel in np.unique(status & ~np.uint32(midi.KIND_MASK)))

    def row_at(self, seconds: float) -> int:
        """The first row that is not before ``seconds``."""
        return int(np.searchsorted(self.seconds, seconds, side="left"))

    def rows(self, first: int, last: int) -> Iterator[tuple[float, midi.Message]]:
        """Time and message of the rows in [first, last)."""
        columns = (self.status, self.data1, self.data2)
        messages: Iterator[midi.Message] = zip(*(column[first:last].tolist() for column in columns), strict=True)
        if self.sysex:
            messages = (self._whole(message) for message in messages)
        return zip(self.seconds[first:last].tolist(), messages, strict=True)

    def _whole(self, message: midi.Message) -> midi.Message:
        if message[0] & midi.KIND_MASK != midi.SYSEX:
            return message
        return message[0], *self.sysex[message[1] | message[2] << 8][1:]

    def sysex_rows(self, last: int | None = None) -> Iterator[tuple[int, midi.Message]]:
        """The rows before ``last`` that are system exclusive messages, and these."""
        rows = np.flatnonzero((self.status[:last] & midi.KIND_MASK) == midi.SYSEX).tolist() if self.sysex else ()
        return ((row, next(self.rows(row, row + 1))[1]) for row in rows)

    def holds(self, channel: int, pitch: int, last: int) -> bool:
        """Whether a key is down after the rows before ``last``."""
        kinds = self.status[:last] & 0xF0
        is_channel = self.status[:last] & ~np.uint32(midi.KIND_MASK) == channel
        is_key = is_channel & (self.data1[:last] == pitch) & (kinds <= midi.NOTE_ON)
        rows = np.flatnonzero(is_key)
        return len(rows) > 0 and int(kinds[rows[-1]]) == midi.NOTE_ON


def live_channel(track: Track) -> int:
    """The channel on which keys by hand sound like a track; its output is named beside it."""
    return track.channel | midi_port_of(track) << midi.PORT_SHIFT


def schedule_of(song: Song, routes: Mapping[str, int] | None = None) -> Schedule:
    """What the song sounds: see :meth:`Scheduler.schedule_of`, which is for one song after another."""
    return Scheduler().schedule_of(song, routes)


class Scheduler:
    """Makes the schedules of a song that is edited: what an edit left alone is taken from the schedule before."""

    def __init__(self) -> None:
        self._parts: dict[tuple[object, ...], tuple[Sequence[object], Column]] = {}  # of the last song

    def schedule_of(self, song: Song, routes: Mapping[str, int] | None = None) -> Schedule:
        """What the song sounds: notes of the tracks that are neither muted nor out-soloed, and the controllers of all.

        Notes of one channel and pitch that overlap are sounded as one key would play them: a second start strikes the
        key again, and the key is let go when the last of them ends.

        Args:
            song: The song.
            routes: The number, 1..255, of each port that is connected, by name; tracks of others take route 0.
        """
        before, self._parts = self._parts, {}
        routes = routes or {}
        audible = {id(track) for track in audible_tracks(song)}
        ports = [_port_bits(track, routes) for track in song.tracks]
        channels = sorted({port | track.channel for port, track in zip(ports, song.tracks, strict=True)})
        controls = _Controls(channels)
        for route in sorted({channel & midi.ROUTE_MASK for channel in channels} or {0}):  # the conductor speaks to all
            controls.add(controls.rows_of(song.events, -1, route, is_audible=True))
        by_channel: defaultdict[int, dict[int, Notes]] = defaultdict(dict)
        for number, (track, port) in enumerate(zip(song.tracks, ports, strict=True)):
            is_audible = id(track) in audible
            if is_audible and len(track.notes):
                by_channel[port | track.channel][number] = track.notes
            key: tuple[object, ...] = ("events", number, port, is_audible)
            rows, sysex_before = self._kept(before, key, [track]), len(controls.sysex)
            if rows is None:
                rows = controls.rows_of(sounding_events(track), number, port, is_audible=is_audible)
            controls.add(rows)
            if len(controls.sysex) == sysex_before:  # these messages depend on the other tracks
                self._parts[key] = [track], rows
        strokes = []
        for channel, numbered in by_channel.items():
            key, notes = ("strokes", channel, *numbered), list(numbered.values())
            rows = self._kept(before, key, notes)
            strokes.append(_key_strokes(channel, numbered) if rows is None else rows)
            self._parts[key] = notes, strokes[-1]
        return _sorted_schedule(song, strokes, controls)

    @staticmethod
    def _kept(
        parts: Mapping[tuple[object, ...], tuple[Sequence[object], Column]], key: tuple[object, ...], made_of: list[Any]
    ) -> Column | None:
        """The rows that were made of the very same values; None if there are none."""
        known, rows = parts.get(key, ((), None))
        return rows if len(known) == len(made_of) and all(map(operator.is_, known, made_of)) else None


def _port_bits(track: Track, routes: Mapping[str, int]) -> int:
    """The route and the port of a track, as they stand above a status byte."""
    return routes.get(track.output_port or "", 0) << midi.ROUTE_SHIFT | midi_port_of(track) << midi.PORT_SHIFT


def audible_tracks(song: Song) -> list[Track]:
    """The tracks whose notes sound, by mute and solo; a mute beats a solo."""
    is_soloed = any(track.soloed for track in song.tracks)
    return [track for track in song.tracks if not track.muted and (track.soloed or not is_soloed)]


def with_audition(song: Song, audition: Audition | None) -> Song:
    """The song as it would be with the notes on trial, which are heard whatever is muted or soloed."""
    if audition is None or audition.notes is None:
        return song
    for part in audition.parts:
        song = with_audition(song, part)
    is_soloed = any(track.soloed for track in song.tracks)
    index = audition.track_index
    if index is None or index >= len(song.tracks):
        extra = Track("", audition.notes, audition.channel, audition.program, soloed=is_soloed)
        return replace(song, tracks=(*song.tracks, extra))
    track = song.tracks[index]
    span = audition.from_tick, audition.to_tick
    kept, new = span_replaced(track.notes, song.time_map, *span, audition.notes)
    notes = kept.plus(new)
    heard = song.with_track(index, replace(track, notes=notes, muted=False, soloed=is_soloed))
    return with_amends(heard, index, audition.amends)


def _key_strokes(channel: int, numbered: Mapping[int, Notes]) -> Column:
    """The rows in which keys of a channel go down and up, sorted, with no overlap on any key; by number of track."""
    tables = [(n.pitch, n.start_tick, n.end_tick, n.velocity, np.full(len(n), row)) for row, n in numbered.items()]
    pitch, start, end, velocity, track = np.concatenate(tables, axis=1)
    order = np.lexsort((track, start, pitch))
    pitch, start, end, velocity, track = (column[order] for column in (pitch, start, end, velocity, track))
    first = np.flatnonzero(np.append(True, (np.diff(pitch) != 0) | (np.diff(start) != 0)))
    pitch, start, track = pitch[first], start[first], track[first]
    end, velocity = np.maximum.reduceat(end, first), np.maximum.reduceat(velocity, first)
    span = int(end.max()) + 1
    held_until = np.maximum.accumulate(end + pitch * span) - pitch * span
    next_start = np.where(np.append(np.diff(pitch) == 0, False), np.append(start[1:], 0), span)
    end = np.minimum(held_until, next_start)
    # A key that is struck again goes up right before, whichever track comes first in the file.
    end_track = np.where(end == next_start, np.minimum(track, np.append(track[1:], 0)), track)
    same = np.ones(len(pitch), dtype=np.int64)
    ups = (end, end_track, _OFF_RANK * same, (midi.NOTE_OFF | channel) * same, pitch, midi.RELEASE_VELOCITY * same)
    downs = (start, track, _ON_RANK * same, (midi.NOTE_ON | channel) * same, pitch, np.maximum(velocity, 1))
    rows = np.concatenate([np.stack(ups), np.stack(downs)], axis=1)
    # Of keys that go up on one tick the one that went down first does so first: with the legato pedal (CC 68) the last
    # one that is down sounds, so that another order would strike a key that nobody plays.
    return rows[:, np.lexsort((np.append(start, 0 * same), rows[2], rows[1], rows[0]))]


class _Controls:
    """Everything that synths are sent besides notes, as rows: tick, number of track, rank, status, two data bytes."""

    def __init__(self, channels: list[int]) -> None:
        """``channels`` are those of all tracks, with routes and ports."""
        self.sysex: list[bytes] = []
        self.rows: list[Column] = []
        self._channels = channels

    def add(self, rows: Column) -> None:
        """What :meth:`rows_of` gave, now or for the song before."""
        self.rows.append(rows)

    def rows_of(self, events: Iterable[Event], track: int, port: int, *, is_audible: bool) -> Column:
        """The events of a track, in their order; ``port`` is its route and port, ``track`` its number."""
        rows: list[tuple[int, int, int, int, int, int]] = []
        for event in _joined(events):
            data, rank = event.data, _RANKS[event.place]
            if data[0] == midi.SYSEX and len(self.sysex) < _MAX_SYSEX_MESSAGES:
                number = len(self.sysex)
                self.sysex.append(data)
                rows.append((event.tick, track, rank, midi.SYSEX | port, number & 0xFF, number >> 8))
                changed = self._changed_channels(midi.meaning_of(data), port)  # for synths that do not know it
                rows.extend((event.tick, track, rank, midi.PROGRAM | channel, _SAME_PROGRAM, 0) for channel in changed)
            elif _is_sent(data, is_audible=is_audible):
                third = data[2] if len(data) == 3 else 0
                rows.append((event.tick, track, rank, data[0] | port, data[1], third))
        return np.array(rows, dtype=np.int64).reshape(-1, 6).T

    def _changed_channels(self, meaning: midi.Meaning | None, port: int) -> list[int]:
        """The channels whose program means something else after a message."""
        if isinstance(meaning, midi.SystemReset):
            return [channel for channel in self._channels if channel & midi.ROUTE_MASK == port & midi.ROUTE_MASK]
        parts = {port | meaning.channel} if isinstance(meaning, midi.DrumPart) else set()
        return [channel for channel in self._channels if channel in parts]

    def settle_programs(self, status: Statuses, data1: Column, data2: Column) -> None:
        """Writes into the rows of programs, all in order, which bank each means."""
        kind = status & midi.KIND_MASK
        is_bank = (kind == midi.CONTROL) & (data1 == midi.BANK_CONTROLS[0])
        if not self.sysex and not is_bank.any():
            return
        rules: dict[int, midi.BankRules] = {}
        programs: dict[int, int] = {}
        for row in np.flatnonzero(is_bank | (kind == midi.PROGRAM) | (kind == midi.SYSEX)).tolist():
            channel = midi.channel_of(int(status[row]))
            port, number = channel & ~0x0F, channel & 0x0F
            of_port = rules.setdefault(port, midi.BankRules())
            if kind[row] == midi.CONTROL:
                of_port.take_bank(number, int(data2[row]))
            elif kind[row] == midi.PROGRAM:
                data1[row] = programs.get(channel, 0) if data1[row] == _SAME_PROGRAM else data1[row]
                programs[channel] = int(data1[row])
                data2[row] = of_port.meant(number)
            else:
                meaning = midi.meaning_of(self.sysex[int(data1[row]) | int(data2[row]) << 8])
                if isinstance(meaning, midi.SystemReset):  # it is for all ports of the route
                    programs = {other: of for other, of in programs.items() if (other ^ port) & midi.ROUTE_MASK}
                    for other in {port, *(other & ~0x0F for other in self._channels)}:
                        if not (other ^ port) & midi.ROUTE_MASK:
                            rules.setdefault(other, midi.BankRules()).take_meaning(meaning)
                else:
                    of_port.take_meaning(meaning)


def _joined(events: Iterable[Event]) -> Iterator[Event]:
    """The events; of system exclusive messages those that are whole, or become so at the last of their parts."""
    begun = b""
    for event in events:
        kind = event.data[:1]
        if kind not in (b"\xf0", b"\xf7"):
            yield event
            continue
        if kind == b"\xf0":
            begun = event.data
        elif begun or event.data[1:2] == b"\xf0":
            begun += event.data[1:]
        if begun.endswith(bytes((midi.SYSEX_END,))):
            if midi.is_whole(begun):
                yield Event(event.tick, begun, event.place)
            begun = b""


def _is_sent(data: bytes, *, is_audible: bool) -> bool:
    """Whether it is a channel message that synths are sent; what silences notes only by tracks that are heard."""
    if not 2 <= len(data) <= 3 or not midi.KEY_PRESSURE <= data[0] < midi.SYSEX:
        return False
    if data[0] & midi.KIND_MASK != midi.CONTROL or data[1] < midi.ALL_SOUND_OFF or data[1] == midi.RESET_CONTROLLERS:
        return True
    return is_audible and data[1] not in _UNSENT_CONTROLS


def _sorted_schedule(song: Song, strokes: Iterable[Column], controls: _Controls) -> Schedule:
    """All rows in their order: by tick, track and rank, and then as they stand in their part."""
    tick, track, rank, status, data1, data2 = np.concatenate([*controls.rows, *strokes], axis=1)
    # One number for the three, since a stable sort of nearly sorted numbers takes a fifth of the time of ``lexsort``.
    order = np.argsort((tick * (len(song.tracks) + 1) + track + 1) * _RANK_COUNT + rank, kind="stable")
    status, data1, data2 = status[order].astype(np.uint32), data1[order], data2[order]
    controls.settle_programs(status, data1, data2)
    seconds = song.time_map.ticks_to_seconds(tick[order])
    return Schedule(seconds, status, data1.astype(np.uint8), data2.astype(np.uint8), tuple(controls.sysex))
