"""Edits of notes: pure functions from a song to an :class:`EditResult`.

Every function takes the song, the index of the track and a mask over the rows of its notes. Pitches stay in 0..127,
starts at 0 or later and durations at least 1 tick: what would leave the range is limited for the group as a whole, so
the notes keep their relations. ``overlaps`` tells what becomes of other notes of the same pitch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from musicassist.document.overlaps import give_way, part_from_each_other
from musicassist.score.grid import nearest_lines
from musicassist.score.meant_times import MeantTimes, meant_between, meant_span, span_replaced
from musicassist.score.origins import Origins, shifted, wholly_in, with_origins, without, without_span
from musicassist.score.pins import beside_pins
from musicassist.score.scale_steps import limit_scale_steps, scale_steps
from musicassist.score.song import NOTE_COLUMNS, Column, Mask, Notes, Song
from musicassist.score.theory import Key
from musicassist.score.timing import TimeMap

MAX_PITCH = 127
MIN_VELOCITY, MAX_VELOCITY = 1, 127
NOTATED_PARTS = (12, 8)  # of a beat: what is written with triplets and 32nds
MAX_TICK = 0x0FFFFFFF  # LIMIT the longest time that a Standard MIDI File can write in one step


@dataclass(frozen=True, eq=False)
class EditResult:
    """A new song, and which rows of the edited track hold the notes that were edited.

    Attributes:
        song: The song after the edit; the very same object if nothing changed.
        selection: Mask over the rows of the edited track.
    """

    song: Song
    selection: Mask


def no_notes(song: Song, track_index: int) -> Mask:
    """The mask that selects nothing."""
    return np.zeros(len(song.tracks[track_index].notes), dtype=np.bool_)


def _shared(column: Column, old: Column) -> Column:
    """The old column if it holds the same numbers: many steps of undo then share it."""
    if np.array_equal(column, old):
        return old
    column.setflags(write=False)
    return column


def _settled(song: Song, track_index: int, rows: Notes, placed: Mask, before: Notes | None) -> EditResult:
    """Lets other notes give way, sorts, and makes the new song.

    Args:
        song: The song before the edit.
        track_index: Which track was edited.
        rows: Its notes as edited, in any order.
        placed: Mask of those that the edit has put somewhere.
        before: Where they were, row by row; None if they are new (then they may overlap each other as given).
    """
    start, end = rows.start_tick.copy(), rows.end_tick.copy()
    alive = np.ones(len(rows), dtype=np.bool_)
    if before is not None:
        end[placed], alive[placed] = part_from_each_other(rows.where(placed), before)

    def parted(which: Mask | Column) -> Notes:
        columns = start[which], rows.pitch[which], end[which] - start[which], rows.velocity[which]
        return Notes(*columns, rows.pins_of(which))

    moved = parted(placed & alive)
    if len(moved):  # of a long track only what lies near it is looked at
        near = (end > moved.start_tick.min()) & (start < moved.end_tick.max()) & ~placed
        others = np.flatnonzero(near)
        start[others], end[others], alive[others] = give_way(parted(others), moved, before)
    order = np.flatnonzero(alive)
    order = order[np.argsort(start[order] * (MAX_PITCH + 1) + rows.pitch[order], kind="stable")]
    old, new = song.tracks[track_index].notes, parted(order)
    notes = Notes(*(_shared(getattr(new, name), getattr(old, name)) for name in NOTE_COLUMNS))
    return EditResult(_with_notes(song, track_index, notes), placed[order])


def _added(song: Song, track_index: int, stays: Notes, new: Notes) -> EditResult:
    """The track with new notes beside what stays of it."""
    rows = stays.beside(new)
    return _settled(song, track_index, rows, np.arange(len(rows)) >= len(stays), None)


def _with_notes(song: Song, track_index: int, notes: Notes) -> Song:
    track = song.tracks[track_index]
    return song if notes == track.notes else song.with_track(track_index, track.with_notes(notes))


def _with_origins(song: Song, track_index: int, origins: Origins) -> Song:
    track = song.tracks[track_index]
    return song if origins == track.origins else song.with_track(track_index, replace(track, origins=origins))


def _carried(song: Song, track_index: int, mask: Mask, ticks: int) -> Origins:
    """The origins of a track whose selected notes go elsewhere: those go along whose notes all do."""
    track = song.tracks[track_index]
    whole = wholly_in(track.origins, track.notes.start_tick, mask)
    return with_origins(without(track.origins, whole), shifted(whole, ticks)) if ticks else track.origins


def place_notes(
    song: Song,
    track_index: int,
    mask: Mask,
    *,
    start_tick: Column | None = None,
    pitch: Column | None = None,
    end_tick: Column | None = None,
) -> EditResult:
    """Gives the selected notes new places, one value for each selected row; what is None stays."""
    if not mask.any():
        return EditResult(song, mask)
    notes = song.tracks[track_index].notes
    columns = [notes.start_tick.copy(), notes.pitch.copy(), notes.end_tick.copy()]
    for column, values in zip(columns, (start_tick, pitch, end_tick), strict=True):
        if values is not None:
            column[mask] = values
    start, pitches, end = columns
    rows = replace(notes, start_tick=start, pitch=pitches, duration_ticks=end - start)
    return _settled(song, track_index, rows, mask, notes.where(mask))


def insert_notes(song: Song, track_index: int, notes: Notes, origins: Origins = ()) -> EditResult:
    """Adds notes, and where they come from; they are the selection after it."""
    result = _added(song, track_index, song.tracks[track_index].notes, notes)
    if not origins:
        return result
    all_origins = with_origins(song.tracks[track_index].origins, origins)
    return replace(result, song=_with_origins(result.song, track_index, all_origins))


def delete_notes(song: Song, track_index: int, mask: Mask) -> EditResult:
    """Takes notes away; nothing is selected after it."""
    track = song.tracks[track_index]
    notes = track.notes.where(~mask) if mask.any() else track.notes
    origins = without(track.origins, wholly_in(track.origins, track.notes.start_tick, mask))
    left = _with_origins(_with_notes(song, track_index, notes), track_index, origins)
    return EditResult(left, np.zeros(len(notes), dtype=np.bool_))


def exchange_notes(song: Song, track_index: int, mask: Mask, notes: Notes) -> EditResult:
    """Puts other notes in the place of some; the new ones are the selection after it."""
    return _added(song, track_index, song.tracks[track_index].notes.where(~mask), notes)


def replace_span(
    song: Song, track_index: int, from_tick: int, to_tick: int, notes: Notes, *, keeps_pins: bool = True
) -> EditResult:
    """Takes away every note meant for [from_tick, to_tick) and adds the given ones, which are selected after it.

    Notes that begin before the span and are held into it end where it begins; the new ones end where a note that
    belongs behind the span is struck a little early. See ``score.meant_times``. Where the span came from is forgotten.
    Pinned notes stay as they are, unless a hand replaces them, and of the given ones those that can stand beside them.
    """
    old = song.tracks[track_index].notes
    stays, new = span_replaced(old, song.time_map, from_tick, to_tick, notes)
    if keeps_pins and old.has_pins:
        pinned = old.where(old.pinned)
        stays, new = stays.where(~stays.pinned).plus(pinned), beside_pins(new, pinned)
    song = _with_origins(song, track_index, without_span(song.tracks[track_index].origins, from_tick, to_tick))
    return _added(song, track_index, stays, new)


def exchange_span(song: Song, track_index: int, from_tick: int, to_tick: int, notes: Notes) -> EditResult:
    """Puts the given notes in the place of those meant for [from_tick, to_tick), and touches none that is the same.

    Those that are other than before are selected after it. Where the span came from is not forgotten.
    """
    old = song.tracks[track_index].notes
    inside = meant_between(old, song.time_map, from_tick, to_tick)
    new = notes.where(~notes.among(old.where(inside)))
    whole = old.where(~inside | old.among(notes)).plus(new)
    return EditResult(_with_notes(song, track_index, whole), whole.among(new))


def _room_ticks(notes: Notes) -> int:
    """How much later the last of these notes may end."""
    return max(0, MAX_TICK - int(notes.end_tick.max()))


def limit_move(notes: Notes, ticks: int, semitones: int) -> tuple[int, int]:
    """How far these notes (at least one) can really move together."""
    ticks = max(min(ticks, _room_ticks(notes)), -int(notes.start_tick.min()))
    semitones = max(min(semitones, MAX_PITCH - int(notes.pitch.max())), -int(notes.pitch.min()))
    return ticks, semitones


def move_notes(song: Song, track_index: int, mask: Mask, ticks: int, semitones: int) -> EditResult:
    """Moves notes in time and pitch."""
    notes = song.tracks[track_index].notes.where(mask)
    if len(notes) == 0:
        return EditResult(song, mask)
    ticks, semitones = limit_move(notes, ticks, semitones)
    start, end = notes.start_tick + ticks, notes.end_tick + ticks
    moved = place_notes(song, track_index, mask, start_tick=start, pitch=notes.pitch + semitones, end_tick=end)
    return replace(moved, song=_with_origins(moved.song, track_index, _carried(song, track_index, mask, ticks)))


def transpose_in_scale(song: Song, track_index: int, mask: Mask, steps: int, key: Key) -> EditResult:
    """Moves notes by steps of a scale; one outside it keeps its distance above the scale's note below."""
    notes = song.tracks[track_index].notes.where(mask)
    if len(notes) == 0:
        return EditResult(song, mask)
    steps = limit_scale_steps(notes, steps, key)
    return place_notes(song, track_index, mask, pitch=scale_steps(notes.pitch, steps, key))


def resize_notes(song: Song, track_index: int, mask: Mask, start_ticks: int, end_ticks: int) -> EditResult:
    """Moves the left edges by ``start_ticks`` and the right edges by ``end_ticks``; the shortest note keeps 1 tick."""
    notes = song.tracks[track_index].notes.where(mask)
    if len(notes) == 0:
        return EditResult(song, mask)
    start_ticks, end_ticks = limit_resize(notes, start_ticks, end_ticks)
    start, end = notes.start_tick + start_ticks, notes.end_tick + end_ticks
    return place_notes(song, track_index, mask, start_tick=start, end_tick=end)


def limit_resize(notes: Notes, start_ticks: int, end_ticks: int) -> tuple[int, int]:
    """How far the edges of these notes (at least one) can really move together."""
    spare_ticks = int(notes.duration_ticks.min()) - 1
    end_ticks = min(end_ticks, _room_ticks(notes))
    start_ticks = max(min(start_ticks, spare_ticks + max(end_ticks, 0)), -int(notes.start_tick.min()))
    return start_ticks, max(end_ticks, start_ticks - spare_ticks)


def stretch_notes(song: Song, track_index: int, mask: Mask, anchor_tick: int, factor: float) -> EditResult:
    """Stretches the group in time about a place that stays; the shortest note keeps 1 tick, nothing begins before 0."""
    notes = song.tracks[track_index].notes.where(mask)
    if len(notes) == 0:
        return EditResult(song, mask)
    factor = max(factor, 1 / int(notes.duration_ticks.min()))
    before_ticks, after_ticks = anchor_tick - int(notes.start_tick.min()), int(notes.end_tick.max()) - anchor_tick
    if before_ticks > 0:
        factor = min(factor, anchor_tick / before_ticks)
    if after_ticks > 0:
        factor = min(factor, (MAX_TICK - anchor_tick) / after_ticks)
    start = anchor_tick + np.rint((notes.start_tick - anchor_tick) * factor).astype(np.int64)
    end = anchor_tick + np.rint((notes.end_tick - anchor_tick) * factor).astype(np.int64)
    return place_notes(song, track_index, mask, start_tick=start, end_tick=np.maximum(end, start + 1))


def set_velocity(song: Song, track_index: int, mask: Mask, velocity: int | Column) -> EditResult:
    """Sets the velocity of the selected notes: one for all, or one for each selected row; clipped to 1..127."""
    notes = song.tracks[track_index].notes
    column = notes.velocity.copy()
    column[mask] = np.clip(velocity, MIN_VELOCITY, MAX_VELOCITY)
    return EditResult(_with_notes(song, track_index, replace(notes, velocity=_shared(column, notes.velocity))), mask)


def pin_notes(song: Song, track_index: int, mask: Mask, *, are_pinned: bool) -> EditResult:
    """Pins the selected notes, so that the assistant leaves them as they are, or takes their pins away."""
    notes = song.tracks[track_index].notes
    pins = notes.pinned | mask if are_pinned else notes.pinned & ~mask
    return EditResult(_with_notes(song, track_index, notes.with_pins(pins)), mask)


def change_velocity(song: Song, track_index: int, mask: Mask, delta: int) -> EditResult:
    """Makes the selected notes louder or softer by the same amount."""
    velocity = song.tracks[track_index].notes.velocity[mask]
    if len(velocity) == 0:
        return EditResult(song, mask)
    delta = max(min(delta, MAX_VELOCITY - int(velocity.max())), MIN_VELOCITY - int(velocity.min()))
    return set_velocity(song, track_index, mask, velocity + delta)


def copy_notes(song: Song, track_index: int, mask: Mask, ticks: int, semitones: int) -> EditResult:
    """Adds moved copies of the selected notes; the copies are the selection after it."""
    notes = song.tracks[track_index].notes.where(mask)
    if len(notes) == 0:
        return EditResult(song, mask)
    ticks, semitones = limit_move(notes, ticks, semitones)
    moved = replace(notes, start_tick=notes.start_tick + ticks, pitch=notes.pitch + semitones)
    track = song.tracks[track_index]
    own = shifted(wholly_in(track.origins, track.notes.start_tick, mask), ticks)
    return insert_notes(song, track_index, moved, own)


def duplicate_notes(song: Song, track_index: int, mask: Mask, grid_ticks: float) -> EditResult:
    """Copies the selection to right after itself: its span as it is meant, rounded up to steps of the grid, later."""
    span = meant_span(song.tracks[track_index].notes, mask, song.time_map)
    if span is None:
        return EditResult(song, mask)
    steps = np.ceil((span[1] - span[0]) / grid_ticks)
    return copy_notes(song, track_index, mask, round(steps * grid_ticks), 0)


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
    kept = notes.where(rows)
    return Notes.from_columns(start[rows], kept.pitch, (end - start)[rows], kept.velocity, kept.is_pinned)


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
    heads = replace(cut, duration_ticks=at - cut.start_tick)
    tails = replace(cut, start_tick=at, duration_ticks=cut.end_tick - at)
    return exchange_notes(song, track_index, mask, whole.plus(heads).plus(tails))


def join_notes(song: Song, track_index: int, mask: Mask) -> EditResult:
    """Makes one note of all selected notes of each pitch, from first start to last end, as loud as the first."""
    notes = song.tracks[track_index].notes.where(mask)
    pitch, first, row = np.unique(notes.pitch, return_index=True, return_inverse=True)
    if len(pitch) == len(notes):
        return EditResult(song, mask)
    end = np.zeros(len(pitch), dtype=np.int64)
    np.maximum.at(end, row, notes.end_tick)
    heads = notes.where(first)  # rows are in order of time
    joined = Notes.from_columns(heads.start_tick, pitch, end - heads.start_tick, heads.velocity, heads.is_pinned)
    return exchange_notes(song, track_index, mask, joined)
