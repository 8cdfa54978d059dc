"""A track's fields and the events of its chunk: the two directions of one rule.

A name, a port, a program and a channel that stand where we would write them become fields of the ``Track``. Where they
stand elsewhere, or are written otherwise, the event stays among the track's events, so that saving changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

import numpy as np

from musicassist.midi import meta
from musicassist.midi.text_encoding import is_foreign
from musicassist.score import midi_bytes as midi
from musicassist.score.song import BEFORE_ENDS, BEFORE_STARTS, Column, Event, Notes, Track

_tick = attrgetter("tick")
_MIDI_PORT = b"\xff\x21"
MIDI_PORTS = 16  # LIMIT: of sixteen channels each; ports of higher numbers begin anew
Wire = tuple[str | None, int, int]  # the output by name, the port of the file, the channel


def track_of(events: list[Event], notes: Notes, channel: int | None, encodings: Mapping[bytes, str]) -> Track:
    """The track of a chunk.

    Args:
        events: Everything in the chunk that is no note, in its order.
        notes: Its notes.
        channel: The channel of its channel messages; None where it has none.
        encodings: Those of names that are not UTF-8.
    """
    rest = settled(_in_file_order(events), notes)
    name, rest = _take_name(rest, encodings)
    port, rest = _take_port(rest)
    if channel is None:
        channel, rest = _take_channel(rest)
    program, rest = _take_program(rest)
    last_tick = int(notes.end_tick.max()) if len(notes) else 0
    return Track(name, notes, channel, program, with_silent_end(rest, last_tick), output_port=port)


def events_of(track: Track, notes: Notes, encodings: Mapping[bytes, str]) -> list[Event]:
    """Everything that stands in the track's chunk besides its notes, in order; the reverse of ``track_of``.

    Args:
        track: The track.
        notes: Its notes as they are written.
        encodings: Those in which a reader will take names that are not UTF-8.
    """
    events = [_on_channel(e, track.channel) for e in settled(track.events, notes) if _is_of_track(e)]
    events = _put_program(events, track.program, track.channel)
    if track.channel and not len(track.notes) and not any(e.data[0] < 0xF0 for e in events):
        events.insert(0, Event(0, meta.CHANNEL_PREFIX + bytes((track.channel,))))
    if track.output_port is not None:
        events.insert(0, Event(0, meta.device_event(track.output_port)))
    return _put_name(events, track.name, encodings)


def in_bare_chunk(event: Event) -> Event:
    """The event in a chunk without notes, where no place differs from another."""
    return event if event.place == BEFORE_STARTS else Event(event.tick, event.data)


def is_writable(event: Event) -> bool:
    """Whether an event is a whole message that a file may hold besides its notes."""
    data = event.data
    if event.tick < 0 or len(data) < 1 or data[0] < 0xA0:
        return False
    if data[0] < 0xF0:
        return len(data) == midi.length_of(data[0], len(data)) and max(data[1:]) < 0x80
    return data[0] in {0xF0, 0xF7} or (data[0] == 0xFF and len(data) >= 2)


def _is_of_track(event: Event) -> bool:
    return is_writable(event) and event.data[:2] not in {meta.TEMPO, meta.METER}


def with_end(events: Sequence[Event], last_tick: int) -> tuple[list[Event], int]:
    """The events without end marks, and where the chunk's end mark belongs, not before ``last_tick``."""
    rest = [e for e in events if e.data[:2] != meta.END_OF_TRACK]
    return rest, max([last_tick, *map(_tick, events)])


def with_silent_end(events: Sequence[Event], last_tick: int) -> tuple[Event, ...]:
    """The events, an end mark only where the chunk goes on in silence after ``last_tick`` and its last event."""
    rest, end_tick = with_end(events, last_tick)
    is_silent = len(rest) < len(events) and end_tick > max([last_tick, *map(_tick, rest)])
    return (*rest, Event(end_tick, meta.END_OF_TRACK)) if is_silent else tuple(rest)


def _in_file_order(events: list[Event]) -> list[Event]:
    """The events with places that keep their order: of one tick none is before that of the event before it."""
    if all(event.place == BEFORE_STARTS for event in events):
        return events
    rows: list[Event] = []
    for event in events:
        is_behind = bool(rows) and rows[-1].tick == event.tick and rows[-1].place > event.place
        rows.append(Event(event.tick, event.data, rows[-1].place) if is_behind else event)
    return rows


def settled(events: Sequence[Event], notes: Notes) -> list[Event]:
    """The events in the order in which they are written, their places as a reader says them.

    A place says something only beside note-offs, or note-ons, of the same tick.
    """
    if all(event.place == BEFORE_STARTS for event in events):
        return sorted(events, key=_tick)
    ordered = sorted(events, key=lambda event: (event.tick, event.place))
    ends = _among({event.tick for event in events if event.place == BEFORE_ENDS}, notes.end_tick)
    starts = _among({event.tick for event in events if event.place > BEFORE_STARTS}, notes.start_tick)
    rows: list[Event] = []
    for event in ordered:
        is_told_apart = event.tick in (ends if event.place == BEFORE_ENDS else starts)
        place = event.place if is_told_apart else BEFORE_STARTS
        rows.append(event if place == event.place else Event(event.tick, event.data, place))
    return rows


def _among(ticks: set[int], column: Column) -> set[int]:
    """Those of the ticks that a column has."""
    if not ticks:
        return ticks
    wanted = np.array(list(ticks), dtype=np.int64)
    return set(wanted[np.isin(wanted, column)].tolist())


def _on_channel(event: Event, channel: int) -> Event:
    status = event.data[0]
    if status >= 0xF0 or status & 0x0F == channel:
        return event
    return replace(event, data=bytes((status & 0xF0 | channel,)) + event.data[1:])


def _take_name(events: list[Event], encodings: Mapping[bytes, str]) -> tuple[str, list[Event]]:
    row = next((row for row, e in enumerate(events) if e.data[:2] == meta.TRACK_NAME), None)
    if row is None:
        return "", events
    name = meta.decode_text(events[row].data[2:], encodings)
    rest = events[:row] + events[row + 1 :]
    return name, rest if _put_name(rest, name, encodings) == events else events


def _put_name(events: list[Event], name: str, encodings: Mapping[bytes, str]) -> list[Event]:
    row = next((row for row, e in enumerate(events) if e.data[:2] == meta.TRACK_NAME), None)
    if row is not None:
        if _says(events[row].data[2:], name, encodings):
            return events
        if events[row].tick == 0:
            events = events[:row] + events[row + 1 :]
    return [Event(0, meta.name_event(name)), *events] if name else events


def _says(payload: bytes, name: str, encodings: Mapping[bytes, str]) -> bool:
    """Whether a reader finds the name there; it guesses none that is not UTF-8 and not among the encodings."""
    return (payload in encodings or not is_foreign(payload)) and meta.decode_text(payload, encodings) == name


def _take_port(events: list[Event]) -> tuple[str | None, list[Event]]:
    """The port that plays the track, where it stands at the very start, as we write it."""
    head = events[0] if events else None
    if head is None or head.tick or head.data[:2] != meta.DEVICE_NAME:
        return None, events
    port = meta.decode_text(head.data[2:])
    return (port, events[1:]) if port and meta.device_event(port) == head.data else (None, events)


def _take_channel(events: list[Event]) -> tuple[int, list[Event]]:
    """The channel that an empty track is meant for."""
    head = events[0] if events else None
    if head is not None and head.tick == 0 and head.data[:2] == meta.CHANNEL_PREFIX and len(head.data) == 3:
        channel = head.data[2]
        if 0 < channel < 16:
            return channel, events[1:]
    return 0, events


def _first_program(events: list[Event]) -> int | None:
    return next((row for row, e in enumerate(events) if e.data[0] & 0xF0 == midi.PROGRAM), None)


def _program_row(events: list[Event]) -> int:
    """Where we write the program: behind the bank at the start, else first."""
    end = next((row for row, e in enumerate(events) if e.tick or e.data[0] & 0xF0 == midi.PROGRAM), len(events))
    banks = [
        row
        for row, e in enumerate(events[:end])
        if e.data[0] & 0xF0 == midi.CONTROL and e.data[1] in midi.BANK_CONTROLS
    ]
    return banks[-1] + 1 if banks else 0


def _take_program(events: list[Event]) -> tuple[int, list[Event]]:
    row = _first_program(events)
    if row is None:
        return 0, events
    program = events[row].data[1]
    rest = events[:row] + events[row + 1 :]
    is_ours = events[row].tick == 0 and _put_program(rest, program, events[row].data[0] & 0x0F) == events
    return program, rest if is_ours else events


def _put_program(events: list[Event], program: int, channel: int) -> list[Event]:
    """Writes the program unless the first program change says it, or nothing needs to be said."""
    row = _first_program(events)
    wanted = bytes((midi.PROGRAM | channel, program & 0x7F))
    if row is not None and events[row].data == wanted:
        return events
    if row is None and program == 0:
        return events
    if row is not None and events[row].tick == 0:
        return [*events[:row], replace(events[row], data=wanted), *events[row + 1 :]]
    row = _program_row(events)
    place = events[row - 1].place if row else BEFORE_STARTS
    return [*events[:row], Event(0, wanted, place), *events[row:]]


def with_program(track: Track, program: int) -> Track:
    """The track with another instrument: an event that sets its first program is changed with the field."""
    events = list(track.events)
    row = _first_program(events)
    if row is not None and events[row].data[1] == track.program:
        events[row] = replace(events[row], data=bytes((events[row].data[0], program)))
    return replace(track, program=program, events=tuple(events))


def sounding_events(track: Track) -> list[Event]:
    """What stands in the track's chunk besides its notes, as it is saved, its program among it, but no name or port."""
    events = [_on_channel(e, track.channel) for e in track.events if _is_of_track(e)]
    return _put_program(sorted(events, key=_tick), track.program, track.channel)


def with_channel_messages(track: Track, messages: Sequence[Event]) -> Track:
    """The track with these channel messages, programs among them, in the place of its own; its other events stay."""
    others = [event for event in track.events if event.data[:1] >= b"\xf0"]
    program, events = _take_program(sorted((*others, *messages), key=_tick))
    return replace(track, program=program, events=tuple(events))


def midi_port_of(track: Track) -> int:
    """The number of the port that the file names for a track, 0..15; 0 where it names none."""
    first_note_tick = int(track.notes.start_tick[0]) if len(track.notes) else 0
    for event in track.events:
        if event.tick > first_note_tick:
            break
        if event.data[:2] == _MIDI_PORT and len(event.data) == 3:
            return event.data[2] % MIDI_PORTS
    return 0


def midi_port_event(port: int) -> bytes:
    """The event that names a port."""
    return _MIDI_PORT + bytes((port,))


def wire_of(track: Track) -> Wire:
    """What tracks that share an instrument have in common."""
    return track.output_port, midi_port_of(track), track.channel
