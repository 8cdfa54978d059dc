"""The notes and events that the messages of a file's chunks say."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from musicassist.midi.findings import Findings
from musicassist.midi.messages import ChunkMessages
from musicassist.midi.meta import END_OF_TRACK
from musicassist.midi.pairing import Silences, balanced, balanced_notes, pair_notes
from musicassist.midi.song_chunks import Chunk
from musicassist.score.midi_bytes import ALL_NOTES_OFF, ALL_SOUND_OFF, length_of
from musicassist.score.song import AFTER_STARTS, BEFORE_ENDS, BEFORE_STARTS, Column, Event, Mask, Notes

_NOTE_OFF, _NOTE_ON, _CONTROL = 0x8, 0x9, 0xB
_CATCHES = np.zeros(128, dtype=bool)  # by controller: what matters of it is which note-offs it stands before
_CATCHES[[64, 66, 69]] = True  # sustain, sostenuto, hold
_MAX_BEATS = 4  # LIMIT: how long at most a note without an end sounds after which nothing comes
_NO_NOTES = Notes.of()


class _File:
    """The channel messages of all chunks as columns; a group is one channel of one chunk.

    Most files are small: what NumPy costs for each call, it shall cost once for a file and not for each chunk.

    Attributes:
        packed: As in ``ChunkMessages``.
        starts: The row of each chunk's first message, and behind the last.
        kind, group: The status without its channel, 8..14, and the group of each message: chunk << 4 | channel.
        is_note: Which messages begin or end a note.
        note_rows: Rows of these.
        notes, note_group: These themselves, and their groups.
        is_on: Of these, which begin one.
    """

    def __init__(self, chunks: Sequence[ChunkMessages]) -> None:
        sizes = [len(messages.packed) for messages in chunks]
        self.packed = np.concatenate([messages.packed for messages in chunks])
        self.starts = np.cumsum([0, *sizes])
        self.kind = self.packed >> 20 & 0xF
        self.group = np.repeat(np.arange(len(chunks)) << 4, sizes) | self.packed >> 16 & 0xF
        self.is_note = self.kind <= _NOTE_ON
        self.note_rows = self.is_note.nonzero()[0]
        self.notes, self.note_group = self.packed[self.note_rows], self.group[self.note_rows]
        self.is_on = (self.kind[self.note_rows] == _NOTE_ON) & (self.notes & 0x7F > 0)

    def groups(self) -> list[int]:
        """All that have any message, ascending."""
        return np.bincount(self.group).nonzero()[0].tolist()


def chunks_of_messages(chunks: Sequence[ChunkMessages], ticks_per_beat: int, findings: Findings) -> list[Chunk]:
    """Each chunk's notes, paired, and its events with their places among the notes of their ticks.

    Args:
        chunks: The messages of all chunks of a file.
        ticks_per_beat: Ticks in a quarter note.
        findings: Where notes without an end and the like are counted.
    """
    file = _File(chunks)
    channels: list[list[int]] = [[] for _ in chunks]
    for group in file.groups():
        channels[group >> 4].append(group & 0xF)
    velocity = file.notes & 0x7F
    releases = velocity[~file.is_on]
    findings.add("releases", int(np.count_nonzero((releases > 0) & (releases != 64))))
    pitch = file.notes >> 8 & 0x7F
    key = file.note_group << 7 | pitch
    order = _grouped(key)
    pairs = balanced(file.is_on[order], key[order])
    if pairs is not None:
        ons, offs = order[pairs[0]], order[pairs[1]]
        notes = balanced_notes(file.note_group, file.notes >> 24, pitch, velocity, ons, offs, findings)
    else:
        notes = _notes_of_groups(file, chunks, ticks_per_beat, findings)
    events = _events(file, chunks, channels)
    return [
        Chunk(events[row], {c: notes.get(row << 4 | c, _NO_NOTES) for c in own}, tuple(own))
        for row, own in enumerate(channels)
    ]


def _grouped(keys: Column) -> Column:
    """The rows sorted by keys below 2**32, those of one key in their order."""
    rows = keys << 31
    rows |= np.arange(len(keys))
    rows.sort()
    rows &= 0x7FFFFFFF
    return rows


def _notes_of_groups(
    file: _File, chunks: Sequence[ChunkMessages], ticks_per_beat: int, findings: Findings
) -> dict[int, Notes]:
    """The notes of each group, where the ends of some may be missing."""
    packed, starts = file.packed, file.starts.tolist()
    silencers = _silencers(file)
    silent_group, silent_ticks = file.group[silencers], packed[silencers] >> 24
    all_ticks = [np.sort(silent_ticks[silent_group & 0xF == channel]).tolist() for channel in range(16)]
    note_ends = np.searchsorted(file.note_rows, starts).tolist()
    last_notes = [_last_tick(file.notes[a:b]) for a, b in pairwise(note_ends)]
    notes = {}
    for group in np.unique(file.note_group).tolist():
        chunk = group >> 4
        messages, start = chunks[chunk], starts[chunk]
        at = file.note_rows[file.note_group == group]
        last_event_tick = _last_event_tick(messages)
        end_tick = max(last_event_tick, messages.end_tick or 0)
        own = silent_group == group
        silences = Silences(
            (silencers[own] - start).tolist(),
            silent_ticks[own].tolist(),
            all_ticks[group & 0xF],
            note_tick=last_notes[chunk],
            event_tick=last_event_tick,
            song_tick=min(max(last_notes), end_tick),
            end_tick=end_tick,
            most_ticks=_usual_step_ticks(packed[at], ticks_per_beat),
        )
        ours = packed[at]
        notes[group] = pair_notes(
            ours >> 24, is_note_on(ours), ours >> 8 & 0x7F, ours & 0x7F, at - start, silences, findings
        )
    return notes


def _usual_step_ticks(packed: Column, ticks_per_beat: int) -> int:
    """How far apart a channel's strokes usually are; those of a strummed chord are one."""
    steps = np.diff(np.unique(packed[is_note_on(packed)] >> 24))
    steps = steps[steps * 8 >= ticks_per_beat]
    most = _MAX_BEATS * ticks_per_beat
    return min(most, int(np.median(steps))) if len(steps) else most


def is_note_on(packed: Column) -> Mask:
    """Which channel messages begin a note."""
    return np.asarray((packed >> 20 & 0xF == _NOTE_ON) & (packed & 0x7F > 0))


def _last_event_tick(messages: ChunkMessages) -> int:
    return max(_last_tick(messages.packed), messages.others[-1][1] if messages.others else 0)


def _last_tick(packed: Column) -> int:
    return int(packed[-1]) >> 24 if len(packed) else 0


def _silencers(file: _File) -> Column:
    """The rows of the messages that end all notes of their group, ascending."""
    control = file.packed >> 8 & 0x7F
    return np.flatnonzero((file.kind == _CONTROL) & ((control == ALL_SOUND_OFF) | (control >= ALL_NOTES_OFF)))


def _events(file: _File, chunks: Sequence[ChunkMessages], channels: list[list[int]]) -> list[list[Event]]:
    """For each chunk channel messages that are no notes, and the other events, as they stand in the file."""
    rows = (~file.is_note).nonzero()[0]
    ticks, values = file.packed[rows] >> 24, file.packed[rows] & 0xFFFFFF
    is_pedal = (file.kind[rows] == _CONTROL) & _CATCHES[values >> 8 & 0x7F]
    others = [(row, before, tick) for row, own in enumerate(chunks) for before, tick, _ in own.others]
    # the others go into the track of the first channel
    first_groups = np.array([row << 4 | (own[0] if own else 0) for row, own in enumerate(channels)], dtype=np.int64)
    other_chunk, before, other_ticks = np.array(others, dtype=np.int64).reshape(-1, 3).T
    other_rows = file.starts[other_chunk] + before
    places = _places(
        file,
        np.concatenate([file.group[rows], first_groups[other_chunk]]),
        np.concatenate([rows, other_rows]),
        np.concatenate([ticks, other_ticks]),
        np.concatenate([is_pedal, np.zeros(len(others), dtype=bool)]),
    ).tolist()
    shapes = {value: value.to_bytes(3, "big")[: length_of(value >> 16, 3)] for value in set(values.tolist())}
    messages = list(map(Event, ticks.tolist(), map(shapes.__getitem__, values.tolist()), places))
    bounds, done = rows.searchsorted(file.starts).tolist(), rows.searchsorted(other_rows).tolist()
    events, other = [], 0
    for row, own in enumerate(chunks):
        at, here = bounds[row], []
        for _, tick, data in own.others:
            here += messages[at : done[other]]
            here.append(Event(tick, data, places[len(rows) + other]))
            at, other = done[other], other + 1
        here += messages[at : bounds[row + 1]]
        if own.end_tick is not None:
            here.append(Event(max(_last_event_tick(own), own.end_tick), END_OF_TRACK))
        events.append(here)
    return events


def _places(file: _File, group: Column, rows: Column, ticks: Column, is_pedal: Mask) -> Column:
    """Where events stand among the notes of their ticks, as ``Event.place`` says.

    We write note-offs, then note-ons. Where a file has a note-on, an event and a note-off in this order, a pedal that
    catches note-offs stays before them, and everything else stays behind the note-on; in the middle of many of one
    kind, the larger side counts.

    Args:
        file: The channel messages.
        group: Of the notes among which each event stands.
        rows: Before which row each event stands.
        ticks: When each event comes.
        is_pedal: Which events catch note-offs.
    """
    note_group, notes, note_rows, is_on = file.note_group, file.notes, file.note_rows, file.is_on
    if (note_group[1:] < note_group[:-1]).any():  # a chunk of several channels
        order = _grouped(note_group)
        note_group, notes, note_rows, is_on = note_group[order], notes[order], note_rows[order], is_on[order]
    note_group, group = note_group << 32, group << 32
    note_ticks, ticks = note_group | notes >> 24, group | ticks
    low, high = note_ticks.searchsorted(ticks), note_ticks.searchsorted(ticks, "right")
    if (low == high).all():
        return np.full(len(ticks), BEFORE_STARTS)
    starts = np.zeros(len(is_on) + 1, dtype=np.int64)
    np.cumsum(is_on, out=starts[1:])
    here = (note_group | note_rows).searchsorted(group | rows)
    starts_before, starts_after = starts[here] - starts[low], starts[high] - starts[here]
    ends_before, ends_after = here - low - starts_before, high - here - starts_after
    is_caught = np.where(starts_before > 0, is_pedal, ends_after >= ends_before)
    is_behind = starts_before > starts_after
    return np.where((ends_after > 0) & is_caught, BEFORE_ENDS, np.where(is_behind, AFTER_STARTS, BEFORE_STARTS))
