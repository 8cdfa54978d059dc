"""Which tracks a request writes, the edited one first, and from where to where they are written together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from musicassist.composing.request import GenerationRequest
from musicassist.errors import QT_TRANSLATE_NOOP, SeedError
from musicassist.score.meant_times import BARS_AROUND, MeantTimes, next_onset_tick
from musicassist.score.song import Notes, Song

if TYPE_CHECKING:
    from musicassist.score.timing import TimeMap

BARS_BEFORE = 2  # in which a track has to play so that it plays at the seam
BARS_BEHIND = 1  # a track that plays on for longer is heard beside the takes as it is
_POLYPHONIC_SHARE = 0.2  # of the onsets, for a track to have chords


@dataclass(frozen=True)
class Written:
    """What a request writes.

    Attributes:
        tracks: Indexes of pitched tracks; the edited one is the first.
        drums: Of drum tracks.
    """

    tracks: tuple[int, ...]
    drums: tuple[int, ...] = ()


def written_by(request: GenerationRequest) -> Written:
    """The tracks that a request writes.

    Raises:
        SeedError: A track that is asked for is not there, or no pitched one is asked for.
    """
    song, own = request.song, request.track_index
    asked = list(dict.fromkeys([own, *request.parts]))
    if any(not 0 <= index < len(song.tracks) for index in asked):
        raise SeedError(QT_TRANSLATE_NOOP("Errors", "A track that was asked for is gone. Ask for new takes."))
    if request.all_parts:
        asked += [index for index in _playing(request) if index not in asked]
    pitched = tuple(index for index in asked if not song.is_drum_track(index))
    if own not in pitched:
        raise SeedError(
            QT_TRANSLATE_NOOP(
                "Errors", "Drums cannot be continued by themselves. Choose a melodic track; they go with the song."
            )
        )
    return Written(pitched, tuple(index for index in asked if song.is_drum_track(index)))


def _playing(request: GenerationRequest) -> list[int]:
    """The tracks that play where the takes begin, or in and around the bars that are filled."""
    song, bars = request.song, request.song.time_map
    first, last = _place(request)
    early = bars.bar_start_tick(max(0, bars.bar_at(first) - BARS_BEFORE))
    found = []
    for index, track in enumerate(song.tracks):
        notes = track.notes
        if not len(notes):
            continue
        is_near = bool(((notes.end_tick > early) & (notes.start_tick < last)).any())
        goes_on = request.kind == "continue" and request.at_tick is None and int(notes.end_tick.max()) > last
        if is_near and not goes_on:
            found.append(index)
    return found


def _place(request: GenerationRequest) -> tuple[int, int]:
    """Where to look for tracks that play: from the seam or the span, and up to where."""
    bars = request.song.time_map
    if request.kind != "continue":
        return request.from_tick, request.to_tick
    if request.at_tick is not None:
        return request.at_tick, request.at_tick
    notes = request.song.tracks[request.track_index].notes
    seam = int(notes.end_tick.max()) if len(notes) else request.song.end_tick
    return seam, bars.bar_start_tick(bars.bar_at(max(0, seam - 1)) + 1 + BARS_BEHIND)


def seam_tick(request: GenerationRequest, tracks: tuple[int, ...], own_tick: int) -> int:
    """Where a continuation of several tracks begins: where the last of them ends, so that none is cut.

    Args:
        request: What is asked.
        tracks: Those that are written.
        own_tick: Where the edited track would go on.
    """
    if request.at_tick is not None:
        return own_tick
    song = request.song
    ticks = [own_tick]
    for index in tracks:
        notes = song.tracks[index].notes
        if len(notes):
            ticks.append(_end_tick(notes, song.time_map))
    return max(ticks)


def _end_tick(notes: Notes, bars: TimeMap) -> int:
    last_bar = bars.bar_at(int(notes.end_tick.max()))
    near = notes.where(notes.end_tick >= bars.bar_start_tick(max(0, last_bar - BARS_AROUND)))
    return next_onset_tick(MeantTimes.of(near, bars).notes, bars)


def is_polyphonic(notes: Notes) -> bool:
    """Whether a track has chords or two hands, so that a line alone would not go on as it is."""
    last = notes.where(np.arange(len(notes)) >= len(notes) - 64)  # LIMIT: the last notes say what the track is now
    if len(last) < 2:
        return False
    _, first = np.unique(last.start_tick, return_index=True)
    highest = np.maximum.accumulate(last.end_tick)
    overlaps = last.start_tick[1:] + np.maximum(1, (last.end_tick[:-1] - last.start_tick[:-1]) // 4) < highest[:-1]
    shared = len(last) - len(first)
    return bool(max(shared, int(overlaps.sum()) - shared) >= _POLYPHONIC_SHARE * len(first))


def without_span(song: Song, tracks: tuple[int, ...], from_tick: int, to_tick: int) -> Song:
    """The song as it is heard while these tracks are written anew in a span."""
    rows = list(song.tracks)
    for index in tracks:
        notes = rows[index].notes
        rows[index] = replace(rows[index], notes=notes.where(~notes.starting_between(from_tick, to_tick)))
    return replace(song, tracks=tuple(rows))
