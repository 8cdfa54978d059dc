"""Songs as the net learns from them: pieces, and views that say which of their parts are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from musicassist.families.ensemble.stream import (
    NO_LANE,
    BarGrid,
    Column,
    Lane,
    Stream,
    bars_of,
    roles_of,
    steps_of,
    stream_of,
)
from musicassist.score.song import Song, Track

_FEWEST_VELOCITIES = 6  # fewer different ones are written in, not played


@dataclass(frozen=True, eq=False)
class Piece:
    """A song as the net learns from it.

    Attributes:
        source: ``dataset/file``.
        style: Its style, may be empty.
        split: ``train``, ``valid`` or ``test``.
        notes: Of all parts.
        bars: Its bar lines.
        lane: Its chord track.
        has_velocities: Whether its velocities were played.
    """

    source: str
    style: str
    split: str
    notes: Stream
    bars: BarGrid
    lane: Lane
    has_velocities: bool

    @property
    def roles(self) -> tuple[int, ...]:
        """The parts it has."""
        return tuple(int(role) for role in np.unique(self.notes.role))


@dataclass(frozen=True, eq=False)
class View:
    """A piece with some parts to write and others given.

    Attributes:
        free: The notes to be written.
        given: Notes that are known one bar ahead.
        bars, lane: Of the piece; ``NO_LANE`` where no harmony is told.
        free_roles: The parts that are written, whether they have notes or not.
        has_velocities: See :class:`Piece`.
    """

    free: Stream
    given: Stream
    bars: BarGrid
    lane: Lane
    free_roles: tuple[int, ...]
    has_velocities: bool

    @property
    def begin_step(self) -> int:
        """The bar line from which the first gap is counted: that of the first note, written or given."""
        firsts = [int(notes.onset_step[0]) for notes in (self.free, self.given) if len(notes)]
        first = min(firsts, default=0)
        return first - int(self.bars.at(np.array([first]))[0][0])

    @staticmethod
    def of(piece: Piece, free: Sequence[int], given: Sequence[int] = (), *, with_lane: bool = False) -> View:
        """The view in which some parts are written to some others; parts in neither are left out."""
        return View(
            piece.notes.of_roles(free),
            piece.notes.of_roles(given),
            piece.bars,
            piece.lane if with_lane else NO_LANE,
            tuple(sorted(free)),
            piece.has_velocities,
        )


def piece_of(song: Song, source: str, style: str = "", split: str = "") -> Piece | None:
    """The piece that a song is; None if it has no pitched notes in parts that we know."""
    tracks = [t for t in song.tracks if len(t.notes) and not t.is_drums]
    roles = roles_of(tracks)
    columns = [
        _columns(t, role, song.ticks_per_beat) for t, role in zip(tracks, roles, strict=True) if role is not None
    ]
    if not columns:
        return None
    notes = stream_of(*(np.concatenate(parts) for parts in zip(*columns, strict=True)))
    lane = next((t for t, role in zip(tracks, roles, strict=True) if role is None), None)
    has_velocities = len(np.unique(notes.velocity)) >= _FEWEST_VELOCITIES
    return Piece(source, style, split, notes, bars_of(song), _lane(lane, song.ticks_per_beat), has_velocities)


def _columns(track: Track, role: int, ticks_per_beat: int) -> tuple[Column, ...]:
    notes = track.notes
    onset = steps_of(notes.start_tick, ticks_per_beat)
    length = steps_of(notes.duration_ticks, ticks_per_beat)
    return onset, np.full(len(notes), role, dtype=np.int64), notes.pitch, length, notes.velocity


def _lane(track: Track | None, ticks_per_beat: int) -> Lane:
    if track is None:
        return NO_LANE
    step = steps_of(track.notes.start_tick, ticks_per_beat)
    starts, which = np.unique(step, return_inverse=True)
    masks = np.zeros(len(starts), dtype=np.int64)
    np.bitwise_or.at(masks, which, 1 << (track.notes.pitch % 12))
    return Lane(starts, masks)
