"""The notes and events that the messages of a file's chunks say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from musicassist.midi.findings import Findings
from musicassist.midi.messages import ChunkMessages
from musicassist.midi.meta import END_OF_TRACK
from musicassist.midi.pairing import Silences, pair_notes
from musicassist.midi.song_chunks import Chunk
from musicassist.score.song import AFTER_STARTS, BEFORE_ENDS, BEFORE_STARTS, Column, Event, Mask, Notes

_CONTROL, _PROGRAM, _BEND = 0xB0, 0xC0, 0xE0
_SOUND_OFF, _NOTES_OFF = 120, 123  # the modes above 123 end all notes, too
_CATCHING_PEDALS = (64, 66, 69)  # sustain, sostenuto, hold: what matters is which note-offs they stand before
_MOST_BEATS = 4  # LIMIT: how long at most a note without an end sounds after which nothing comes


@dataclass(frozen=True)
class _Silencers:
    """All-notes-off messages of one channel in one chunk: their rows and ticks, ascending."""

    rows: list[int]
    ticks: list[int]


_NO_SILENCERS = _Silencers([], [])


def chunks_of_messages(chunks: Sequence[ChunkMessages], ticks_per_beat: int, findings: Findings) -> list[Chunk]:
    """Each chunk's notes, paired, and its events with their places among the notes of their ticks.

    Args:
        chunks: The messages of all chunks of a file.
        ticks_per_beat: Ticks in a quarter note.
        findings: Where notes without an end and the like are counted.
    """
    silencers = [_silencers_of(messages.packed) for messages in chunks]
    of_all = {c: sorted(t for own in silencers if c in own for t in own[c].ticks) for c in set().union(*silencers)}
    note_masks = [_is_note(messages.packed) for messages in chunks]
    note_ticks = [_last_tick(messages.packed[mask]) for messages, mask in zip(chunks, note_masks, strict=True)]
    song_tick = max(note_ticks, default=0)
    return [
        _chunk_of(messages, is_note, own, of_all, (note_tick, song_tick), ticks_per_beat, findings)
        for messages, is_note, own, note_tick in zip(chunks, note_masks, silencers, note_ticks, strict=True)
    ]


def _chunk_of(
    messages: ChunkMessages,
    is_note: Mask,
    silencers: dict[int, _Silencers],
    silencer_ticks: dict[int, list[int]],
    last_note_ticks: tuple[int, int],
    ticks_per_beat: int,
    findings: Findings,
) -> Chunk:
    packed = messages.packed
    last_event_tick = max([_last_tick(packed), *(tick for _, tick, _ in messages.others[-1:])])
    end_tick = max(last_event_tick, messages.end_tick or 0)
    end_mark = [Event(end_tick, END_OF_TRACK)] if messages.end_tick is not None else []
    if not len(packed):
        return Chunk([*(Event(tick, data) for _, tick, data in messages.others), *end_mark])
    note_tick, song_tick = last_note_ticks
    channels = tuple(np.unique(packed >> 16 & 0xF).tolist())
    note_rows = {c: np.flatnonzero(is_note & (packed >> 16 & 0xF == c)) for c in channels}
    events = [*_events_in_order(messages, np.flatnonzero(~is_note), note_rows), *end_mark]
    notes = {}
    for channel, rows in note_rows.items():
        own = silencers.get(channel, _NO_SILENCERS)
        silences = Silences(
            own.rows,
            own.ticks,
            silencer_ticks.get(channel, []),
            note_tick=note_tick,
            event_tick=last_event_tick,
            song_tick=min(song_tick, end_tick),
            end_tick=end_tick,
            most_ticks=_usual_step_ticks(packed[rows], ticks_per_beat),
        )
        notes[channel] = _notes_of(packed[rows], rows, silences, findings)
    return Chunk(events, notes, channels)


def _usual_step_ticks(packed: Column, ticks_per_beat: int) -> int:
    """How far apart a channel's strokes usually are; those of a strummed chord are one."""
    steps = np.diff(np.unique(packed[_is_note_on(packed)] >> 24))
    steps = steps[steps * 8 >= ticks_per_beat]
    most = _MOST_BEATS * ticks_per_beat
    return min(most, int(np.median(steps))) if len(steps) else most


def _is_note(packed: Column) -> Mask:
    return np.asarray(packed >> 20 & 0xF <= 9)


def _is_note_on(packed: Column) -> Mask:
    return np.asarray((packed >> 20 & 0xF == 9) & (packed & 0x7F > 0))


def _last_tick(packed: Column) -> int:
    return int(packed[-1] >> 24) if len(packed) else 0


def _silencers_of(packed: Column) -> dict[int, _Silencers]:
    """By channel, what ends all its notes."""
    if not len(packed):
        return {}
    control = packed >> 8 & 0x7F
    rows = np.flatnonzero((packed >> 20 & 0xF == _CONTROL >> 4) & ((control == _SOUND_OFF) | (control >= _NOTES_OFF)))
    channel = packed[rows] >> 16 & 0xF
    by_channel = {c: rows[channel == c] for c in np.unique(channel).tolist()}
    return {c: _Silencers(own.tolist(), (packed[own] >> 24).tolist()) for c, own in by_channel.items()}


def count_note_ons(packed: Column) -> int:
    """How many of a chunk's channel messages begin a note."""
    return int(_is_note_on(packed).sum())


def _notes_of(packed: Column, rows: Column, silences: Silences, findings: Findings) -> Notes:
    velocity = packed & 0x7F
    findings.add("releases", int(((packed >> 20 & 0xF == 8) & (velocity > 0) & (velocity != 64)).sum()))
    return pair_notes(packed >> 24, _is_note_on(packed), packed >> 8 & 0x7F, velocity, rows, silences, findings)


def _events_in_order(messages: ChunkMessages, rows: Column, note_rows: dict[int, Column]) -> list[Event]:
    """Channel messages that are no notes, and the other events, as they stand in the file."""
    channel_events = _channel_events(messages.packed, rows, note_rows)
    if not messages.others:
        return channel_events
    rows_before = np.array([row for row, _, _ in messages.others], dtype=np.int64)
    ticks = np.array([tick for _, tick, _ in messages.others], dtype=np.int64)
    first = next(iter(note_rows.values()), rows[:0])  # they go into the track of the first channel
    places = _places(messages.packed, first, rows_before, ticks, np.zeros(len(ticks), dtype=bool)).tolist()
    events, done = [], 0
    before = np.searchsorted(rows, rows_before).tolist()
    for count, place, (_, tick, data) in zip(before, places, messages.others, strict=True):
        events += channel_events[done:count]
        events.append(Event(tick, data, place))
        done = count
    return events + channel_events[done:]


def _channel_events(packed: Column, rows: Column, note_rows: dict[int, Column]) -> list[Event]:
    """Events of channel messages; equal ones share their bytes."""
    if not len(rows):
        return []
    ticks, values = packed[rows] >> 24, packed[rows] & 0xFFFFFF
    is_pedal = (values >> 20 == _CONTROL >> 4) & np.isin(values >> 8 & 0x7F, _CATCHING_PEDALS)
    places = np.full(len(rows), BEFORE_STARTS)
    for channel, notes in note_rows.items():
        own = np.flatnonzero(values >> 16 & 0xF == channel)
        places[own] = _places(packed, notes, rows[own], ticks[own], is_pedal[own])
    shapes = {value: value.to_bytes(3, "big")[: _message_length(value)] for value in np.unique(values).tolist()}
    columns: Iterable[tuple[int, int, int]] = zip(ticks.tolist(), values.tolist(), places.tolist(), strict=True)
    return [Event(tick, shapes[value], place) for tick, value, place in columns]


def _message_length(value: int) -> int:
    return 2 if _PROGRAM <= value >> 16 < _BEND else 3


def _places(packed: Column, note_rows: Column, rows: Column, ticks: Column, is_pedal: Mask) -> Column:
    """Where events stand among the notes of their ticks, as ``Event.place`` says.

    We write note-offs, then note-ons. Where a file has a note-on, an event and a note-off in this order, a pedal that
    catches note-offs stays before them, and everything else stays behind the note-on; in the middle of many of one
    kind, the larger side counts.

    Args:
        packed: The chunk's channel messages.
        note_rows: Rows of the notes among which the events stand.
        rows: Before which row each event stands.
        ticks: When each event comes.
        is_pedal: Which events catch note-offs.
    """
    note_ticks = packed[note_rows] >> 24
    low, high = np.searchsorted(note_ticks, ticks), np.searchsorted(note_ticks, ticks, "right")
    if (low == high).all():
        return np.full(len(ticks), BEFORE_STARTS)
    starts = np.concatenate([[0], np.cumsum(_is_note_on(packed[note_rows]))])
    here = np.searchsorted(note_rows, rows)
    starts_before, starts_after = starts[here] - starts[low], starts[high] - starts[here]
    ends_before, ends_after = here - low - starts_before, high - here - starts_after
    is_caught = np.where(starts_before > 0, is_pedal, ends_after >= ends_before)
    is_behind = starts_before > starts_after
    return np.where((ends_after > 0) & is_caught, BEFORE_ENDS, np.where(is_behind, AFTER_STARTS, BEFORE_STARTS))
