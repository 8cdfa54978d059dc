"""What the notes of a part say about their key: a few sums over pitch classes, taken once for each value of notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MAX_NOTES = 16384  # LIMIT: of a longer part the first and the last half of these are heard
_MAX_MEDIANS = 8  # LIMIT: medians that a note counts at most, so that one without an end does not decide


@dataclass(frozen=True, eq=False)
class KeyEvidence:
    """What was heard; sums and places can be joined over parts.

    Attributes:
        time_ticks: (12,), how long each pitch class sounds.
        strokes: (12,), how often it is struck.
        led_up: (12,), how often the next notes of the part hold the pitch a semitone above it.
        led_up_whole: (12,), the same with a whole tone.
        first_tick, first_pitch: The first onset and its lowest pitch (rows are sorted by pitch within an onset).
        last_tick, last_pitch: The last onset and its lowest pitch.
    """

    time_ticks: Floats
    strokes: Floats
    led_up: Floats
    led_up_whole: Floats
    first_tick: int
    first_pitch: int
    last_tick: int
    last_pitch: int

    @cached_property
    def sums(self) -> Floats:
        """All four columns, shape (4, 12): a song of a thousand parts joins them at each edit."""
        return np.stack((self.time_ticks, self.strokes, self.led_up, self.led_up_whole))


_FIRST, _LAST_TICK = attrgetter("first_tick", "first_pitch"), attrgetter("last_tick")


def evidence_of(start_tick: Ints, pitch: Ints, duration_ticks: Ints) -> KeyEvidence | None:
    """What one part says; None without notes.

    Args:
        start_tick: Where each note begins; the columns are sorted by it, then by pitch.
        pitch: MIDI numbers.
        duration_ticks: How long each sounds.
    """
    if not len(start_tick):
        return None
    if len(start_tick) > MAX_NOTES:
        ends = np.r_[: MAX_NOTES // 2, len(start_tick) - MAX_NOTES // 2 : len(start_tick)]
        start_tick, pitch, duration_ticks = start_tick[ends], pitch[ends], duration_ticks[ends]
    duration = np.minimum(duration_ticks, _MAX_MEDIANS * np.median(duration_ticks)).astype(np.float64)
    classes = pitch % 12
    onset, first_row, place = np.unique(start_tick, return_index=True, return_inverse=True)
    struck = place * 256 + pitch
    return KeyEvidence(
        time_ticks=_by_class(classes, duration),
        strokes=_by_class(classes),
        led_up=_by_class(classes[np.isin(struck + 257, struck)]),
        led_up_whole=_by_class(classes[np.isin(struck + 258, struck)]),
        first_tick=int(onset[0]),
        first_pitch=int(pitch[0]),
        last_tick=int(onset[-1]),
        last_pitch=int(pitch[first_row[-1]]),
    )


def joined(parts: Iterable[KeyEvidence | None]) -> KeyEvidence | None:
    """What several parts say together; None without notes."""
    heard = [part for part in parts if part is not None]
    if len(heard) < 2:
        return heard[0] if heard else None
    first = min(heard, key=_FIRST)
    last_tick = max(map(_LAST_TICK, heard))
    last_pitch = min([part.last_pitch for part in heard if part.last_tick == last_tick])
    time_ticks, strokes, led_up, led_up_whole = np.sum([part.sums for part in heard], axis=0)
    return KeyEvidence(
        time_ticks=time_ticks,
        strokes=strokes,
        led_up=led_up,
        led_up_whole=led_up_whole,
        first_tick=first.first_tick,
        first_pitch=first.first_pitch,
        last_tick=last_tick,
        last_pitch=last_pitch,
    )


def _by_class(classes: Ints, weights: Floats | None = None) -> Floats:
    return np.bincount(classes, weights=weights, minlength=12).astype(np.float64)
