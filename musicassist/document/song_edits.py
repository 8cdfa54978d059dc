"""Edits of tempo, meter, key, chords and tracks: pure functions from a song to a song.

A change holds from its tick to the next one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile
from typing import TypeVar

import numpy as np

from musicassist.document.edits import MAX_TICK
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError
from musicassist.midi.meta import KEY
from musicassist.score import midi_bytes as midi
from musicassist.score.chord_track import ChordSpan, with_bound_moved, with_chord, with_written_chords, written_chords
from musicassist.score.hit_points import Fit
from musicassist.score.origins import without_span
from musicassist.score.song import Event, KeyChange, Notes, Song, Track
from musicassist.score.theory import Chord, Key
from musicassist.score.timing import MAX_BPM, MIN_BPM, MeterChange, TempoChange, slack_ticks, tempo_change

DENOMINATORS = (1, 2, 4, 8, 16, 32)
CHANNELS = tuple(channel for channel in range(16) if channel != midi.DRUM_CHANNEL)
_SomeChange = TypeVar("_SomeChange", bound=TempoChange | MeterChange | KeyChange)
_CHANNEL_MESSAGES = range(0x80, 0xF0)
MAX_BAR_UNITS = 64  # LIMIT longest bar, in units of the denominator


def _with_change(song: Song, changes: tuple[_SomeChange, ...], change: _SomeChange) -> tuple[_SomeChange, ...]:
    return tuple(sorted((*_without(song, changes, change.tick), change), key=lambda c: c.tick))


def _without(song: Song, changes: tuple[_SomeChange, ...], tick: int) -> tuple[_SomeChange, ...]:
    """The changes but for the one at a place, or so little off it that it counts as there."""
    slack = slack_ticks(song.ticks_per_beat)
    return tuple(c for c in changes if abs(c.tick - tick) > slack)


def set_tempo(song: Song, tick: int, tempo_bpm: float) -> Song:
    """A tempo in quarter notes per minute from ``tick`` on, limited to ``MIN_BPM`` and ``MAX_BPM``."""
    limited_bpm = min(max(tempo_bpm, MIN_BPM), MAX_BPM)
    return replace(song, tempo_changes=_with_change(song, song.tempo_changes, tempo_change(tick, limited_bpm)))


def fit_to_picture(song: Song, fit: Fit) -> Song:
    """The song with the tempos of a fit. What stands behind its last bar goes; a note held past it ends there."""
    tracks = song.tracks
    if song.end_tick > fit.end_tick:
        tracks = tuple(_before(track, fit.end_tick) for track in song.tracks)
    return replace(song, tracks=tracks, tempo_changes=fit.tempo_changes)


def _before(track: Track, end_tick: int) -> Track:
    origins = without_span(track.origins, end_tick, MAX_TICK)
    return replace(track, notes=_notes_before(track.notes, end_tick), origins=origins)


def _notes_before(notes: Notes, end_tick: int) -> Notes:
    kept = notes.where(notes.start_tick < end_tick)
    durations = np.minimum(kept.end_tick, end_tick) - kept.start_tick
    return replace(kept, duration_ticks=durations)


def set_meter(song: Song, tick: int, numerator: int, denominator: int) -> Song:
    """A time signature from ``tick`` on; notes stay where they are.

    Raises:
        ValueError: The numerator is not in 1..64, or the denominator not a power of two up to 32.
    """
    if not 1 <= numerator <= MAX_BAR_UNITS or denominator not in DENOMINATORS:
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
    time_map, slack = song.time_map, slack_ticks(song.ticks_per_beat)
    if time_map.has_pickup:
        meter = time_map.meter_at(time_map.bar_start_tick(1))
        pickup_ticks = tick % meter.bar_ticks(song.ticks_per_beat)
        own_tick = time_map.bar_start_tick(1) + slack
        song = replace(song, meter_changes=tuple(c for c in song.meter_changes if c.tick > own_tick))
    else:
        meter = time_map.meter_at(tick)
        _, pickup_ticks = time_map.bar_and_offset_ticks(tick)
    later = tuple(c for c in song.meter_changes if c.tick > pickup_ticks + slack)
    if pickup_ticks == 0:
        return replace(song, meter_changes=(replace(meter, tick=0), *later))
    for denominator in (meter.denominator, *DENOMINATORS):
        numerator, rest = divmod(pickup_ticks * denominator, 4 * song.ticks_per_beat)
        if rest == 0 and 1 <= numerator <= MAX_BAR_UNITS:
            short = MeterChange(0, numerator, denominator)
            return replace(song, meter_changes=(short, replace(meter, tick=pickup_ticks), *later))
    raise MusicAssistError(
        QT_TRANSLATE_NOOP("Errors", "A pickup cannot be so long. Choose a place on the grid, such as a beat.")
    )


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

    rows = [(track, kept(track.events)) for track in song.tracks]
    tracks = tuple(replace(track, events=rest) if rest != track.events else track for track, rest in rows)
    return replace(song, tracks=tracks, events=kept(song.events))


def write_chord(song: Song, from_tick: int, to_tick: int, chord: Chord | None) -> Song:
    """Writes a chord over a stretch; what was written behind it goes on there. None: as it is heard in the notes."""
    return with_written_chords(song, with_chord(written_chords(song), from_tick, to_tick, chord))


def write_chords(song: Song, spans: Iterable[ChordSpan]) -> Song:
    """Writes chords over their stretches; nothing changes without any."""
    marks = before = written_chords(song)
    for span in spans:
        marks = with_chord(marks, span.from_tick, span.to_tick, span.chord)
    return song if marks == before else with_written_chords(song, marks)


def move_chord_bound(song: Song, tick: int, to_tick: int) -> Song:
    """Moves a place where a written chord begins or ends; what it passes over goes."""
    return with_written_chords(song, with_bound_moved(written_chords(song), tick, to_tick))


def add_track(song: Song, track: Track, index: int | None = None) -> Song:
    """Puts a track at ``index``; at the end if None."""
    place = len(song.tracks) if index is None else index
    return replace(song, tracks=(*song.tracks[:place], track, *song.tracks[place:]))


def remove_track(song: Song, index: int) -> Song:
    """Takes a track away."""
    return replace(song, tracks=song.tracks[:index] + song.tracks[index + 1 :])


def move_track(song: Song, index: int, to_index: int) -> Song:
    """Puts a track to another place in the order; ``to_index`` counts without it."""
    return add_track(remove_track(song, index), song.tracks[index], to_index)


def rename_track(song: Song, index: int, name: str) -> Song:
    """Gives a track another name; may be empty."""
    return song.with_track(index, replace(song.tracks[index], name=name))


def set_program(song: Song, index: int, program: int) -> Song:
    """Gives a track another instrument, 0..127, from its start on; program changes behind its first note stay."""
    if not 0 <= program <= 127:
        raise ValueError(f"program {program} is not in 0..127")
    track = song.tracks[index]
    early = _early_programs(track)
    told = bytes((midi.PROGRAM | track.channel, program))
    # The last one before the first note is heard; the others would only be heard in its place.
    events = [
        replace(event, data=told) if early and event is early[-1] else event
        for event in track.events
        if not any(event is other for other in early[:-1])
    ]
    later = next((event for event in events if _is_program(event)), None)
    if not early and later is not None and later.data == told:  # else it would be taken for the first one
        banks = takewhile(lambda event: event.tick == 0 and event.data[0] & 0xF0 == midi.CONTROL, events)
        events.insert(len(list(banks)), Event(0, told))
    return song.with_track(index, replace(track, program=program, events=tuple(events)))


def first_program(track: Track) -> int | None:
    """The program with which a track begins: the last one before its first note, by its own events; None without."""
    early = _early_programs(track)
    return early[-1].data[1] if early else track.program or None


def _early_programs(track: Track) -> list[Event]:
    """The program changes that stand before the first note, or on its tick."""
    first_note_tick = int(track.notes.start_tick[0]) if len(track.notes) else 0
    events = takewhile(lambda event: event.tick <= first_note_tick, track.events)
    return [event for event in events if _is_program(event)]


def _is_program(event: Event) -> bool:
    return len(event.data) == 2 and event.data[0] & 0xF0 == midi.PROGRAM


def set_track_channel(song: Song, index: int, channel: int) -> Song:
    """Moves a track, with its controllers, to another channel, 0..15; 9 is drums."""
    if not 0 <= channel <= 15:
        raise ValueError(f"channel {channel} is not in 0..15")
    track = song.tracks[index]
    events = tuple(_on_channel(event, track.channel, channel) for event in track.events)
    return song.with_track(index, replace(track, channel=channel, events=events))


def _on_channel(event: Event, channel: int, new_channel: int) -> Event:
    if not event.data or event.data[0] not in _CHANNEL_MESSAGES or event.data[0] & 0x0F != channel:
        return event
    return replace(event, data=bytes([event.data[0] & 0xF0 | new_channel]) + event.data[1:])


def set_track_flags(song: Song, index: int, *, muted: bool | None = None, soloed: bool | None = None) -> Song:
    """Mutes or soloes a track; None leaves a flag as it is."""
    track = song.tracks[index]
    new_muted = track.muted if muted is None else muted
    new_soloed = track.soloed if soloed is None else soloed
    return song.with_track(index, replace(track, muted=new_muted, soloed=new_soloed))


def set_output_port(song: Song, index: int, port: str | None) -> Song:
    """Gives a track a MIDI port of its own by name; None plays it with the song."""
    return song.with_track(index, replace(song.tracks[index], output_port=port))


def add_events(song: Song, index: int, events: Iterable[Event]) -> Song:
    """Adds controllers and bends, as played, to a track, on its channel."""
    track = song.tracks[index]
    added = (_on_channel(event, event.data[0] & 0x0F, track.channel) for event in events if event.data)
    merged = sorted((*track.events, *added), key=lambda event: event.tick)
    return song.with_track(index, replace(track, events=tuple(merged)))


def replace_hand_controls(song: Song, index: int, from_tick: int, to_tick: int, events: Iterable[Event]) -> Song:
    """Puts pedals, bends and wheels, as played, in the place of those of a track in [from_tick, to_tick).

    What was held when the span began is let go there. What the track holds at its end is taken up again there; the
    given events should let go before. Other controllers stay.
    """
    track = song.tracks[index]
    held = [midi.held_after(e.data for e in track.events if e.tick < tick) for tick in (from_tick, to_tick + 1)]
    kept = tuple(e for e in track.events if midi.slot_of(e.data) is None or not from_tick <= e.tick <= to_tick)
    let_go = (Event(from_tick, midi.as_bytes(midi.at_rest(slot))) for slot in held[0])
    taken_up = (Event(to_tick, data) for data in held[1].values())
    cleared = song.with_track(index, replace(track, events=kept))
    return add_events(cleared, index, (*let_go, *events, *taken_up))
