"""Edits of when notes begin and end: quantise, legato, staccato, split, join. Pure functions, as in ``edits``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from musicassist.document.edits import EditResult, exchange_notes, place_notes
from musicassist.score.grid import nearest_lines
from musicassist.score.meant_times import MeantTimes
from musicassist.score.song import Column, Mask, Notes, Song
from musicassist.score.timing import TimeMap

NOTATED_PARTS = (12, 8)  # of a beat: what is written with triplets and 32nds


def quantise_notes(
    song: Song,
    track_index: int,
    mask: Mask,
    grid_ticks: float,
    *,
    strength_share: float = 1.0,
    swing_share: float = 0.0,
) -> EditResult:
    """Pulls the starts of the selected notes to the grid; their lengths stay.

    Args:
        song: The song.
        track_index: Which track.
        mask: The selected rows.
        grid_ticks: One step of the grid, which begins anew at each bar line; triplet steps need not be whole.
        strength_share: How much of the way they go, 0..1.
        swing_share: How late each second step stands, as a share of a step, 0..1 (exclusive).
    """
    notes = song.tracks[track_index].notes.where(mask)
    lines = nearest_lines(song.time_map, notes.start_tick, grid_ticks, swing_share=swing_share)
    start = notes.start_tick + np.rint((lines - notes.start_tick) * strength_share).astype(np.int64)
    return place_notes(song, track_index, mask, start_tick=start, end_tick=start + notes.duration_ticks)


def on_the_grid(song: Song) -> Song:
    """The song as notation programs need it: every note begins and ends on a line, as it is meant.

    MuseScore 3 throws the tempo and meter of a file away whose notes stand some 25 of 480 ticks off. What is meant for
    no line goes to the nearest triplet or 32nd; tempos and meters that stand a few ticks off go onto their bar line.
    """
    time_map = song.time_map
    tracks = tuple(track.with_notes(_notes_on_grid(track.notes, time_map)) for track in song.tracks)
    return replace(
        song,
        tracks=tracks,
        tempo_changes=tuple(replace(change, tick=time_map.meant_tick(change.tick)) for change in song.tempo_changes),
        meter_changes=tuple(replace(change, tick=time_map.meant_tick(change.tick)) for change in song.meter_changes),
    )


def _notes_on_grid(notes: Notes, time_map: TimeMap) -> Notes:
    if not len(notes):
        return notes
    meant = MeantTimes.of(notes, time_map)
    start, end = _on_line(meant.start_tick, time_map), _on_line(meant.end_tick, time_map)
    end = np.maximum(end, start + max(1, time_map.ticks_per_beat // NOTATED_PARTS[0]))
    rows = np.lexsort((-end, start, notes.pitch))  # of two that come to begin together the longer stays
    is_double = np.append(False, (np.diff(start[rows]) == 0) & (np.diff(notes.pitch[rows]) == 0))
    rows = rows[~is_double]
    return Notes.from_columns(start[rows], notes.pitch[rows], (end - start)[rows], notes.velocity[rows])


def _on_line(ticks: Column, time_map: TimeMap) -> Column:
    lines = np.stack([nearest_lines(time_map, ticks, time_map.ticks_per_beat / parts) for parts in NOTATED_PARTS])
    return np.asarray(np.take_along_axis(lines, np.abs(lines - ticks).argmin(axis=0)[None], axis=0)[0])


def legato(song: Song, track_index: int, mask: Mask) -> EditResult:
    """Lets each selected note last until the next selected note begins; notes that begin together stay a chord."""
    notes = song.tracks[track_index].notes.where(mask)
    onsets = np.unique(notes.start_tick)
    following = np.searchsorted(onsets, notes.start_tick, side="right")
    end = np.where(following < len(onsets), np.append(onsets, 0)[following], notes.end_tick)
    return place_notes(song, track_index, mask, end_tick=end)


def staccato(song: Song, track_index: int, mask: Mask, *, length_share: float = 0.5) -> EditResult:
    """Shortens each selected note to a share of its length."""
    notes = song.tracks[track_index].notes.where(mask)
    duration = np.maximum(1, np.rint(notes.duration_ticks * length_share).astype(np.int64))
    return place_notes(song, track_index, mask, end_tick=notes.start_tick + duration)


def split_notes(song: Song, track_index: int, mask: Mask, at_tick: int) -> EditResult:
    """Cuts the selected notes that sound across a place; both parts are selected after it."""
    notes = song.tracks[track_index].notes
    rows = mask & (notes.start_tick < at_tick) & (notes.end_tick > at_tick)
    if not rows.any():
        return EditResult(song, mask)
    whole, cut = notes.where(mask & ~rows), notes.where(rows)
    at = np.full(len(cut), at_tick)
    heads = Notes(cut.start_tick, cut.pitch, at - cut.start_tick, cut.velocity)
    tails = Notes(at, cut.pitch, cut.end_tick - at, cut.velocity)
    return exchange_notes(song, track_index, mask, whole.plus(heads).plus(tails))


def join_notes(song: Song, track_index: int, mask: Mask) -> EditResult:
    """Makes one note of all selected notes of each pitch, from first start to last end, as loud as the first."""
    notes = song.tracks[track_index].notes.where(mask)
    pitch, first, row = np.unique(notes.pitch, return_index=True, return_inverse=True)
    if len(pitch) == len(notes):
        return EditResult(song, mask)
    end = np.zeros(len(pitch), dtype=np.int64)
    np.maximum.at(end, row, notes.end_tick)
    start = notes.start_tick[first]  # rows are in order of time
    return exchange_notes(song, track_index, mask, Notes.from_columns(start, pitch, end - start, notes.velocity[first]))
