"""The chords heard in a whole song, found again after an edit only where that can be heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from musicassist.harmony.song_chords import BARS_AROUND, harmony_parts, heard_between
from musicassist.score.chord_track import ChordSpan
from musicassist.score.song import NOTE_COLUMNS, Notes, Song

PIECE_BARS = 16  # heard at a time: between two somebody may cancel
MAX_BARS = 4_000  # LIMIT: behind them nothing is heard; some hours of music
Piece = tuple[ChordSpan, ...]


@dataclass(frozen=True, eq=False)
class HeardChords:
    """What was heard in a song.

    Attributes:
        song: The song.
        parts: The notes that it was heard in.
        pieces: The chords of each ``PIECE_BARS`` bars.
    """

    song: Song
    parts: tuple[Notes, ...] = ()
    pieces: tuple[Piece, ...] = ()

    @property
    def spans(self) -> tuple[ChordSpan, ...]:
        """The chords of the whole song in order; one that holds over the end of a piece is one."""
        found: list[ChordSpan] = []
        for piece in self.pieces:
            rows = list(piece)
            if found and rows and found[-1].to_tick == rows[0].from_tick and found[-1].chord == rows[0].chord:
                rows[0] = replace(rows[0], from_tick=found.pop().from_tick)
            found.extend(rows)
        return tuple(found)


def hear_chords(
    song: Song, before: HeardChords | None = None, is_cancelled: Callable[[], bool] = lambda: False
) -> HeardChords | None:
    """The chords of a song, as if none were written; any thread.

    Args:
        song: The song.
        before: What was heard in an older state of it: pieces far from what has changed are taken from there.
        is_cancelled: Asked before each piece.

    Returns:
        What is heard; None if it was cancelled.
    """
    parts = tuple(harmony_parts(song))
    if not parts:
        return HeardChords(song)
    bars = song.time_map
    last_bar = min(bars.bar_at(max(0, max(int(part.end_tick.max()) for part in parts) - 1)), MAX_BARS - 1)
    count = last_bar // PIECE_BARS + 1
    stale = _stale_pieces(before, song, parts, count)
    pieces: list[Piece] = []
    for number in range(count):
        if before is not None and not stale[number]:
            pieces.append(before.pieces[number])
            continue
        if is_cancelled():
            return None
        from_tick = bars.bar_start_tick(number * PIECE_BARS)
        to_tick = bars.bar_start_tick(min((number + 1) * PIECE_BARS, last_bar + 1))
        pieces.append(tuple(heard_between(song, parts, from_tick, to_tick)))
    return HeardChords(song, parts, tuple(pieces))


def _stale_pieces(before: HeardChords | None, song: Song, parts: Sequence[Notes], count: int) -> list[bool]:
    """Which pieces have to be heard anew."""
    stale = [True] * count
    if before is None or len(before.parts) != len(parts):
        return stale
    old = before.song
    if (old.ticks_per_beat, old.meter_changes) != (song.ticks_per_beat, song.meter_changes):
        return stale
    changed = [span for pair in zip(before.parts, parts, strict=True) if (span := _changed_ticks(*pair)) is not None]
    if old.end_tick != song.end_tick:  # the last bars are heard up to the end
        changed.append((min(old.end_tick, song.end_tick), max(old.end_tick, song.end_tick)))
    bars = song.time_map
    touched = [(bars.bar_at(low) - 2 * BARS_AROUND, bars.bar_at(high) + 2 * BARS_AROUND) for low, high in changed]
    for number in range(min(count, len(before.pieces))):
        first, last = number * PIECE_BARS, (number + 1) * PIECE_BARS
        stale[number] = any(low <= last and high >= first for low, high in touched)
    return stale


def _changed_ticks(old: Notes, new: Notes) -> tuple[int, int] | None:
    """From the first to the last tick where two sets of notes differ; None where they are the same."""
    if old is new:
        return None
    least = min(len(old), len(new))
    columns = [(getattr(old, name), getattr(new, name)) for name in NOTE_COLUMNS]
    head = int(np.append(np.any([a[:least] != b[:least] for a, b in columns], axis=0), True).argmax())
    left = least - head
    tail = int(
        np.append(
            np.any([a[len(a) - left :][::-1] != b[len(b) - left :][::-1] for a, b in columns], axis=0), True
        ).argmax()
    )
    rows = [
        (notes.start_tick[head : len(notes) - tail], notes.end_tick[head : len(notes) - tail]) for notes in (old, new)
    ]
    starts, ends = (np.concatenate(each) for each in zip(*rows, strict=True))
    return (int(starts.min()), int(ends.max())) if len(starts) else None
