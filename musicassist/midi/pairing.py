"""Starts and ends of keys to notes, also where they do not balance.

Some programs lose an end (a slip), and some write one end for many strokes (plucked strings). First in, first out would
then shift every later note of the key to the end of the song, so the key is looked at stretch by stretch.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from musicassist.midi.findings import Findings
from musicassist.midi.messages import MAX_TICK
from musicassist.score.song import Column, Notes

# (tick, row in the chunk, whether it begins a note)
Stroke = tuple[int, int, bool]
_SWEPT_KEYS = 32  # LIMIT: ends without a note on one tick that make a sweep


@dataclass(frozen=True)
class Silences:
    """Where notes without an end of their own are ended at the latest.

    Attributes:
        rows: Rows of the chunk's own all-notes-off and all-sound-off messages on the notes' channel, ascending.
        row_ticks: Their ticks.
        all_ticks: Ticks of these and of those in other chunks, ascending; they end what began before their ticks.
        note_tick: Tick of the chunk's last note message.
        event_tick: Tick of the chunk's last message of any kind.
        song_tick: Tick of the whole file's last note message, but not behind the chunk's end.
        end_tick: Where the chunk ends.
        sweep_ticks: Where a program ended keys one by one whether they sounded or not.
        most_ticks: How long a note sounds at most after which nothing comes at all.
    """

    rows: Sequence[int] = ()
    row_ticks: Sequence[int] = ()
    all_ticks: Sequence[int] = ()
    note_tick: int = 0
    event_tick: int = 0
    song_tick: int = 0
    end_tick: int = 0
    sweep_ticks: frozenset[int] = frozenset()
    most_ticks: int = 1


@dataclass(frozen=True)
class EndedNotes:
    """The notes of one key.

    Attributes:
        ends: By the row of its start, where each note ends; never before its start.
        dangling: How many of them have no end of their own.
        orphans: How many ends belong to no note.
    """

    ends: dict[int, int]
    dangling: int
    orphans: int


def end_notes(strokes: list[Stroke], silences: Silences) -> EndedNotes:
    """Finds the end of each note of one key.

    A stretch reaches from silence to silence. Where its starts and ends balance, notes end first in, first out. Where
    they do not, a start ends what sounds of the key and an end closes all that is open, as in a synth; strokes on one
    tick are one stroke. A start whose end stands before it on the same tick, where nothing sounded, lasts that tick.

    Args:
        strokes: The key's starts and ends, in the order of the file.
        silences: What ends a note that has no end.
    """
    ordered = _ends_of_older_notes_first(strokes)
    lost, stray = _lost_starts(ordered, silences.sweep_ticks)
    ends: dict[int, int] = {}
    own = _own_ends(ordered, lost, stray)
    ends.update(own)
    dangling = len(lost) - len(own)
    orphans = len(stray) - len(own)
    loose = lost - own.keys()
    stretch: list[Stroke] = []  # lost starts, and then the block that the next stroke begins
    level = 0
    for stroke in ordered:
        tick, row, is_on = stroke
        if row in own or row in stray:
            continue
        if is_on and level == 0 and stretch and _silence(stretch[-1], silences, tick) is not None:
            _end_in_silence(stretch, ends, silences)
            stretch = []
        stretch.append(stroke)
        if row in loose:
            continue
        level += 1 if is_on else -1
        if level == 0:
            orphans += _end_stretch(stretch, ends, has_slip=stretch[0][1] in loose)
            stretch = []
    _end_in_silence(stretch, ends, silences)
    return EndedNotes(ends, dangling, orphans)


def _ends_of_older_notes_first(strokes: list[Stroke]) -> list[Stroke]:
    """A key struck again on the tick on which its last note ends: the end belongs to that note, wherever it stands."""
    ordered: list[Stroke] = []
    level = 0
    for _, strokes_of_tick in groupby(strokes, key=lambda stroke: stroke[0]):
        group = list(strokes_of_tick)
        if level and len(group) > 1:
            older = [stroke for stroke in group if not stroke[2]][:level]
            rows_of_older = {stroke[1] for stroke in older}
            group = [*older, *(stroke for stroke in group if stroke[1] not in rows_of_older)]
        for stroke in group:
            level = max(0, level + (1 if stroke[2] else -1))
        ordered += group
    return ordered


def _lost_starts(ordered: list[Stroke], sweep_ticks: frozenset[int]) -> tuple[set[int], set[int]]:
    """Rows of the starts that leave the key open for good, and of the ends that come while it is not open.

    The end in a sweep belongs to the key's last stroke, if that is still open; an older one it only silences.
    """
    open_rows: list[int] = []
    lost: set[int] = set()
    stray: set[int] = set()
    last_start = -1
    for tick, row, is_on in ordered:
        if is_on:
            open_rows.append(row)
            last_start = row
        elif open_rows and (tick not in sweep_ticks or open_rows[-1] == last_start):
            open_rows.pop()
        else:
            stray.add(row)
            lost.update(open_rows)
            open_rows.clear()
    return lost.union(open_rows), stray


def _own_ends(ordered: list[Stroke], lost: set[int], stray: set[int]) -> dict[int, int]:
    """Ends that were written just before the start that they belong to, by the start's row."""
    own: dict[int, int] = {}
    for tick, strokes_of_tick in groupby(ordered, key=lambda stroke: stroke[0]):
        waiting = 0
        for _, row, is_on in strokes_of_tick:
            if row in stray:
                waiting += 1
            elif is_on and waiting and row in lost:
                own[row] = tick
                waiting -= 1
    return own


def _silence(stroke: Stroke, silences: Silences, until_tick: int) -> int | None:
    """Where the channel falls silent after a stroke, not after ``until_tick``."""
    tick, row, _ = stroke
    at = bisect_right(silences.rows, row)
    other = bisect_right(silences.all_ticks, tick)
    found = [*silences.row_ticks[at : at + 1], *silences.all_ticks[other : other + 1]]
    return min((silence for silence in found if silence <= until_tick), default=None)


def _end_in_silence(stretch: list[Stroke], ends: dict[int, int], silences: Silences) -> None:
    """Ends lost starts, each at the next one; the last at the channel's silence or with the music."""
    if not stretch:
        return
    tick = stretch[-1][0]
    silence = _silence(stretch[-1], silences, MAX_TICK)
    if silence is None:
        later = (t for t in (silences.note_tick, silences.event_tick, silences.song_tick) if t > tick)
        silence = next(later, max(tick + 1, min(tick + silences.most_ticks, silences.end_tick)))
    _end_as_synth([*stretch, (silence, -1, False)], ends)


def _end_stretch(stretch: list[Stroke], ends: dict[int, int], *, has_slip: bool) -> int:
    """Ends the notes of a stretch; gives how many ends were left over."""
    if has_slip:
        return _end_as_synth(stretch, ends)
    starts = (row for _, row, is_on in stretch if is_on)
    ends.update(zip(starts, (tick for tick, _, is_on in stretch if not is_on), strict=True))
    return 0


def _end_as_synth(stretch: list[Stroke], ends: dict[int, int]) -> int:
    """A start ends what sounds, an end closes all that is open; gives how many ends found nothing open."""
    open_rows: list[int] = []
    open_tick, left_over = -1, 0
    for tick, row, is_on in stretch:
        if not is_on and not open_rows:
            left_over += 1
        if open_rows and (not is_on or tick > open_tick):
            ends.update(dict.fromkeys(open_rows, tick))
            open_rows = []
        if is_on:
            open_rows.append(row)
            open_tick = tick
    return left_over


def pair_notes(
    tick: Column,
    is_on: np.ndarray,
    pitch: Column,
    velocity: Column,
    rows: Column,
    silences: Silences,
    findings: Findings,
) -> Notes:
    """The notes of one channel of one chunk.

    Args:
        tick: When each message comes, ascending, shape (n,).
        is_on: Which messages begin a note; the others end one.
        pitch: 0..127 of each.
        velocity: 1..127 of those that begin one.
        rows: Where each message stands among the chunk's channel messages, ascending.
        silences: What ends notes without an end.
        findings: Where notes without an end, ends without a note and notes without length are counted.
    """
    order = np.argsort(pitch, kind="stable")
    tick, is_on, pitch, velocity, rows = (column[order] for column in (tick, is_on, pitch, velocity, rows))
    pairs = balanced(is_on, pitch)
    if pairs is not None:
        return balanced_notes(np.zeros_like(tick), tick, pitch, velocity, *pairs, findings)[0]
    is_orphan = ~is_on & _is_orphan(is_on, pitch)
    ons, offs = np.flatnonzero(is_on), np.flatnonzero(~is_orphan & ~is_on)
    # The k-th note of a pitch ends with the k-th end of that pitch.
    on_key = pitch[ons] * len(tick) + _rank_within(pitch[ons])
    off_key = pitch[offs] * len(tick) + _rank_within(pitch[offs])
    found = np.searchsorted(off_key, on_key)
    has_end = np.zeros(len(ons), dtype=bool)
    inside = found < len(offs)
    has_end[inside] = off_key[found[inside]] == on_key[inside]
    ends = np.zeros(len(ons), dtype=np.int64)
    ends[has_end] = tick[offs[found[has_end]]]
    start = tick[ons]
    sweeps = _sweep_ticks(tick[is_orphan])
    if len(sweeps):
        silences = replace(
            silences, sweep_ticks=frozenset(sweeps.tolist()), all_ticks=sorted({*silences.all_ticks, *sweeps.tolist()})
        )
    uneven_keys = np.concatenate([pitch[ons[~has_end]], pitch[~is_on & np.isin(tick, sweeps)]])
    for uneven in np.unique(uneven_keys).tolist():
        span = slice(*np.searchsorted(pitch, [uneven, uneven + 1]).tolist())
        strokes = list(zip(tick[span].tolist(), rows[span].tolist(), is_on[span].tolist(), strict=True))
        ended = end_notes(strokes, silences)
        here = pitch[ons] == uneven
        ends[here] = [ended.ends[row] for row in rows[ons[here]].tolist()]
        findings.add("dangling", ended.dangling)
        findings.add("orphan_ends", ended.orphans - int(is_orphan[span].sum()))
    findings.add("orphan_ends", int(is_orphan.sum()))
    findings.add("lengthless", int((ends <= start).sum()))
    return sorted_notes(start, pitch[ons], np.maximum(ends - start, 1), velocity[ons])


def _sweep_ticks(orphan_ticks: Column) -> Column:
    """Ticks at which so many keys are ended that do not sound that no end there proves anything."""
    ticks, counts = np.unique(orphan_ticks, return_counts=True)
    return np.asarray(ticks[counts >= _SWEPT_KEYS])


def balanced(is_on: np.ndarray, key: Column) -> tuple[Column, Column] | None:
    """Rows of the starts and, first in, first out, of their ends; None where a key has others than these.

    Args:
        is_on: Which messages begin a note.
        key: What must be equal in a start and its end; ascending, those of one key in the order of the file.
    """
    ons, offs = is_on.nonzero()[0], (~is_on).nonzero()[0]
    if len(ons) != len(offs) or not (key[ons] == key[offs]).all() or not (ons < offs).all():
        return None
    return ons, offs


def balanced_notes(
    group: Column, tick: Column, pitch: Column, velocity: Column, ons: Column, offs: Column, findings: Findings
) -> dict[int, Notes]:
    """By group, the notes of strokes that have all their ends.

    Args:
        group: Of each message, in the order of the file: notes of one group belong together.
        tick: When it comes.
        pitch: 0..127.
        velocity: 1..127 of those that begin a note.
        ons: The messages that begin notes.
        offs: Their ends.
        findings: Where notes without length are counted.
    """
    start, ends = tick[ons], tick[offs]
    duration = ends - start
    findings.add("lengthless", int(np.count_nonzero(duration <= 0)))
    key = group[ons] << 38 | start << 7 | pitch[ons]
    row = key.argsort()
    key, ons = key[row], ons[row]
    columns = start[row], pitch[ons], np.maximum(duration[row], 1), velocity[ons]
    if (key[1:] == key[:-1]).any():  # equal starts and pitches stand in the order of their lengths, then velocities
        row = np.lexsort((columns[3], columns[2], key))
        columns = columns[0][row], columns[1][row], columns[2][row], columns[3][row]
    for column in columns:
        column.setflags(write=False)
    if not len(key):
        return {}
    groups = key >> 38
    firsts = [0, *((groups[1:] != groups[:-1]).nonzero()[0] + 1).tolist()]
    start, pitch, duration, velocity = columns
    return {
        of_group: Notes(start[a:b], pitch[a:b], duration[a:b], velocity[a:b])
        for of_group, a, b in zip(groups[firsts].tolist(), firsts, [*firsts[1:], len(key)], strict=True)
    }


def _is_orphan(is_on: np.ndarray, pitch: Column) -> np.ndarray:
    """Which messages, grouped by pitch, would end a note while none sounds."""
    group = np.cumsum(np.diff(pitch, prepend=pitch[:1]) != 0)
    floor = -group * (2 * len(pitch) + 1)  # each pitch counts far below the pitch before it
    steps = np.cumsum(np.where(is_on, 1, -1))
    first = np.flatnonzero(np.diff(group, prepend=-1))
    level = steps - (steps[first] - np.where(is_on[first], 1, -1))[group] + floor if len(pitch) else steps
    lowest_before = np.minimum(np.concatenate([[0], np.minimum.accumulate(level)[:-1]]), floor) if len(pitch) else level
    return np.asarray(level < lowest_before)


def _rank_within(group: Column) -> Column:
    """How many rows of the same group stand before each row; the groups stand together."""
    if not len(group):
        return group
    first = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    sizes = np.diff(np.append(first, len(group)))
    return np.arange(len(group)) - np.repeat(first, sizes)


def paired_again(notes: Notes) -> Notes:
    """The notes as a reader pairs them: where one lies within another of its pitch, they exchange their ends."""
    order = np.lexsort((notes.velocity, notes.duration_ticks, notes.start_tick, notes.pitch))
    start, pitch, velocity = notes.start_tick[order], notes.pitch[order], notes.velocity[order]
    by_end = np.lexsort((notes.end_tick, notes.pitch))
    return sorted_notes(start, pitch, notes.end_tick[by_end] - start, velocity)


def sorted_notes(start_tick: Column, pitch: Column, duration_ticks: Column, velocity: Column) -> Notes:
    """Notes from columns; equal starts and pitches stand in the order of their lengths, then velocities."""
    order = np.lexsort((velocity, duration_ticks, pitch, start_tick))
    return Notes(start_tick, pitch, duration_ticks, velocity).where(order)
