"""Edits of tempo, meter and key: pure functions from a song to a song. A change holds from its tick to the next one."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, TypeVar

from musicassist.errors import MusicAssistError
from musicassist.midi.meta import KEY
from musicassist.score.song import Event, KeyChange, Song
from musicassist.score.theory import Key
from musicassist.score.timing import MeterChange, slack_ticks, tempo_change

SLOWEST_BPM, FASTEST_BPM = 4.0, 999.0  # LIMIT what the file format (3.6 bpm at the slowest) and a musician need
DENOMINATORS = (1, 2, 4, 8, 16, 32)
MOST_BEATS = 64  # LIMIT longest bar, in units of the denominator


class _Change(Protocol):
    @property
    def tick(self) -> int: ...


_SomeChange = TypeVar("_SomeChange", bound=_Change)


def _with_change(song: Song, changes: tuple[_SomeChange, ...], change: _SomeChange) -> tuple[_SomeChange, ...]:
    return tuple(sorted((*_without(song, changes, change.tick), change), key=lambda c: c.tick))


def _without(song: Song, changes: tuple[_SomeChange, ...], tick: int) -> tuple[_SomeChange, ...]:
    """The changes but for the one at a place, or so little off it that it counts as there."""
    slack = slack_ticks(song.ticks_per_beat)
    return tuple(c for c in changes if abs(c.tick - tick) > slack)


def set_tempo(song: Song, tick: int, tempo_bpm: float) -> Song:
    """A tempo in quarter notes per minute from ``tick`` on, limited to 4..999."""
    limited_bpm = min(max(tempo_bpm, SLOWEST_BPM), FASTEST_BPM)
    return replace(song, tempo_changes=_with_change(song, song.tempo_changes, tempo_change(tick, limited_bpm)))


def remove_tempo(song: Song, tick: int) -> Song:
    """Takes the tempo change at ``tick`` away, if there is one."""
    return replace(song, tempo_changes=_without(song, song.tempo_changes, tick))


def set_meter(song: Song, tick: int, numerator: int, denominator: int) -> Song:
    """A time signature from ``tick`` on; notes stay where they are.

    Raises:
        ValueError: The numerator is not in 1..64, or the denominator not a power of two up to 32.
    """
    if not 1 <= numerator <= MOST_BEATS or denominator not in DENOMINATORS:
        raise ValueError(f"{numerator}/{denominator} is no time signature")
    return replace(
        song, meter_changes=_with_change(song, song.meter_changes, MeterChange(tick, numerator, denominator))
    )


def begin_bar_one(song: Song, tick: int) -> Song:
    """Lets bar 1 begin at ``tick``, or as far into a bar as that: what stands before is a pickup, in a short bar.

    Nothing is moved. The short bar has a time signature of its own length and the old one follows on its bar line, for
    so MuseScore 3 reads a pickup (a measure 0), which a first bar of rests would not be; programs that read only the
    first time signature (midi2abc) see neither. At the first bar line, the pickup goes.

    Raises:
        MusicAssistError: No time signature is so long.
    """
    time_map = song.time_map
    if time_map.has_pickup:
        meter = time_map.meter_at(time_map.bar_start_tick(1))
        pickup_ticks = tick % meter.bar_ticks(song.ticks_per_beat)
        song = replace(song, meter_changes=tuple(c for c in song.meter_changes if not _is_of_pickup(song, c.tick)))
    else:
        meter = time_map.meter_at(tick)
        _, pickup_ticks = time_map.bar_and_offset_ticks(tick)
    slack = slack_ticks(song.ticks_per_beat)
    later = tuple(c for c in song.meter_changes if c.tick > pickup_ticks + slack)
    if pickup_ticks == 0:
        return replace(song, meter_changes=(replace(meter, tick=0), *later))
    for denominator in (meter.denominator, *DENOMINATORS):
        numerator, rest = divmod(pickup_ticks * denominator, 4 * song.ticks_per_beat)
        if rest == 0 and 1 <= numerator <= MOST_BEATS:
            short = MeterChange(0, numerator, denominator)
            return replace(song, meter_changes=(short, replace(meter, tick=pickup_ticks), *later))
    raise MusicAssistError("A pickup cannot be so long. Choose a place on the grid, such as a beat.")


def _is_of_pickup(song: Song, tick: int) -> bool:
    return tick <= song.time_map.bar_start_tick(1) + slack_ticks(song.ticks_per_beat)


def remove_meter(song: Song, tick: int) -> Song:
    """Takes the time signature at ``tick`` away, if there is one."""
    return replace(song, meter_changes=_without(song, song.meter_changes, tick))


def set_key(song: Song, tick: int, key: Key | None) -> Song:
    """A key from ``tick`` on; None takes the change at ``tick`` away."""
    song = _without_other_keys(song, tick)
    if key is None:
        return replace(song, key_changes=_without(song, song.key_changes, tick))
    return replace(song, key_changes=_with_change(song, song.key_changes, KeyChange.chosen(tick, key)))


def _without_other_keys(song: Song, tick: int) -> Song:
    """The song without keys of single parts at a place: what is chosen there holds for all."""
    slack = slack_ticks(song.ticks_per_beat)

    def kept(events: tuple[Event, ...]) -> tuple[Event, ...]:
        return tuple(e for e in events if e.data[:2] != KEY or abs(e.tick - tick) > slack)

    tracks = tuple(
        track if (events := kept(track.events)) == track.events else replace(track, events=events)
        for track in song.tracks
    )
    return replace(song, tracks=tracks, events=kept(song.events))
