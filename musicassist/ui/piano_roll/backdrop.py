"""The tracks behind the edited one, gathered by colour, so that a thousand of them are drawn like a dozen. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import is_

import numpy as np

from musicassist.score.song import Notes, Song
from musicassist.ui.piano_roll.note_index import NoteIndex

COLORS = 12  # as many as the theme has hues; tracks that far apart look alike


@dataclass(frozen=True, eq=False)
class Backdrop:
    """What lies behind the edited track. It is the same object as long as an edit changes none of its notes.

    Attributes:
        key: The notes of each track but the edited one, with the numbers of their tracks.
        layers: For each colour that occurs the number of a track that has it, and all notes in it.
        pitches: Lowest and highest pitch; None without notes.
    """

    key: tuple[tuple[int, ...], tuple[Notes, ...]]
    layers: tuple[tuple[int, NoteIndex], ...]
    pitches: tuple[int, int] | None


def backdrop_of(song: Song, track_index: int, before: Backdrop | None = None) -> Backdrop:
    """The tracks of a song behind one of them, drums left out; ``before`` itself where it shows the same notes."""
    numbers = tuple(
        number
        for number, track in enumerate(song.tracks)
        if number != track_index and not track.is_drums and len(track.notes)
    )
    columns = tuple(song.tracks[number].notes for number in numbers)
    if before is not None and before.key[0] == numbers and all(map(is_, before.key[1], columns)):
        return before
    by_color: dict[int, list[Notes]] = {}
    for number, notes in zip(numbers, columns, strict=True):
        by_color.setdefault(number % COLORS, []).append(notes)
    layers = tuple((color, _index_of(_gathered(notes))) for color, notes in sorted(by_color.items()))
    pitches = [index.notes.pitch for _, index in layers]
    span = (min(int(p.min()) for p in pitches), max(int(p.max()) for p in pitches)) if pitches else None
    return Backdrop((numbers, columns), layers, span)


def is_same_behind(old: Song, new: Song, track_index: int) -> bool:
    """Whether an edit has touched the one track only; costs next to nothing."""
    if old is new:
        return True
    after = track_index + 1
    return (
        len(old.tracks) == len(new.tracks)
        and all(map(is_, old.tracks[:track_index], new.tracks[:track_index]))
        and all(map(is_, old.tracks[after:], new.tracks[after:]))
    )


def _gathered(columns: Sequence[Notes]) -> Notes:
    """The notes of several tracks as those of one."""
    if len(columns) == 1:
        return columns[0]
    start = np.concatenate([notes.start_tick for notes in columns])
    order = np.argsort(start, kind="stable")
    rest = (
        np.concatenate([getattr(notes, name) for notes in columns])[order]
        for name in ("pitch", "duration_ticks", "velocity")
    )
    return Notes.from_columns(start[order], *rest)


def _index_of(notes: Notes) -> NoteIndex:
    return NoteIndex(notes, np.zeros(len(notes), dtype=np.bool_))
