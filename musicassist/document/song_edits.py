"""Edits of tempo, meter and key: pure functions from a song to a song. A change holds from its tick to the next one."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol, TypeVar

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


def remove_meter(song: Song, tick: int) -> Song:
    """Takes the time signature at ``tick`` away, if there is one."""
    return replace(song, meter_changes=_without(song, song.meter_changes, tick))


def set_key(song: Song, tick: int, key: Key | None) -> Song:
    """A key from ``tick`` on; None takes the change at ``tick`` away."""
    song = _without_other_keys(song, tick)
    if key is None:
        return replace(song, key_changes=_without(song, song.key_changes, tick))
    return replace(song, key_changes=_with_change(song, song.key_changes, KeyChange.of(tick, key)))


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
