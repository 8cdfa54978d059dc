"""Note-ons and note-offs paired to notes, first in first out where those of a pitch balance, as columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from musicassist.midi.findings import Findings
from musicassist.midi.open_notes import Silences, end_notes
from musicassist.score.song import Column, Notes

_SWEPT_KEYS = 32  # LIMIT: ends without a note on one tick that make a sweep


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
    if _is_in_turns(is_on, pitch):
        start, ends = tick[::2], tick[1::2]
        findings.add("lengthless", int((ends <= start).sum()))
        return sorted_notes(start, pitch[::2], np.maximum(ends - start, 1), velocity[::2])
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


def _is_in_turns(is_on: np.ndarray, pitch: Column) -> bool:
    """Whether each pitch, grouped, begins and ends in turns, as in most music."""
    starts, ends = is_on[::2], is_on[1::2]
    return len(is_on) % 2 == 0 and bool(starts.all()) and not ends.any() and bool((pitch[::2] == pitch[1::2]).all())


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
    columns = [column[order] for column in (start_tick, pitch, duration_ticks, velocity)]
    for column in columns:
        column.setflags(write=False)
    return Notes(*columns)
