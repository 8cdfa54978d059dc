"""What sounds beneath a melody: chords in steps, from a chord track or from whatever the other tracks play.

A mask has a bit for each pitch class; 0 says that nothing is known. Steps are those of ``STEPS_PER_BEAT``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from musicassist.families.recurrent.form_context import NO_HARMONY, Harmony
from musicassist.score.song import Notes
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import NO_BASS
from musicassist.tokens.vocabulary import STEPS_PER_BEAT

_MOST_TONES = 5  # of a mask
_FEWEST_TONES = 3  # with fewer, what sounds beside counts too
_LEAST_SHARE = 0.1  # of what sounds, for a tone to count
_CELL_STEPS = STEPS_PER_BEAT
_LONGEST_CELLS = 64  # LIMIT: of a note

Ints = NDArray[np.int64]


def of_chord_track(notes: Notes, ticks_per_beat: int) -> Harmony:
    """The chords of a track that names the harmony: all that starts together is one."""
    step = np.rint(notes.start_tick * STEPS_PER_BEAT / ticks_per_beat).astype(np.int64)
    starts = np.unique(step)
    masks = [int(np.bitwise_or.reduce(1 << (notes.pitch[step == at] % 12))) for at in starts]
    basses = [int(notes.pitch[step == at].min() % 12) for at in starts]
    return Harmony(tuple(starts.tolist()), tuple(masks), tuple(basses))


def of_other_tracks(tracks: Sequence[Notes], ticks_per_beat: int, bars: TimeMap) -> Harmony:
    """What sounds in other tracks in each beat: its strongest tones by time, and the class of the lowest.

    A beat with few tones counts its neighbours half, so that a broken chord is heard as one.

    Args:
        tracks: The pitched notes of each.
        ticks_per_beat: Of them.
        bars: In steps; where bar lines lie off the beat, cells are half as long.
    """
    scale = STEPS_PER_BEAT / ticks_per_beat
    start = np.concatenate(
        [np.floor(t.start_tick * scale + 0.5).astype(np.int64) for t in tracks] or [np.zeros(0, int)]
    )
    end = np.concatenate([np.floor(t.end_tick * scale + 0.5).astype(np.int64) for t in tracks] or [np.zeros(0, int)])
    pitch = np.concatenate([t.pitch.astype(np.int64) for t in tracks] or [np.zeros(0, int)])
    if not len(start):
        return NO_HARMONY
    lines = [change.tick for change in bars.meter_changes]
    lines += [change.bar_ticks(STEPS_PER_BEAT) for change in bars.meter_changes]
    cell = _CELL_STEPS if all(line % _CELL_STEPS == 0 for line in lines) else _CELL_STEPS // 2
    weights, lowest = _weights(start, np.maximum(end, start + 1), pitch, cell)
    tones = (weights > 0).sum(1)
    padded = np.pad(weights, ((1, 1), (0, 0)))
    wide = weights + 0.5 * (padded[:-2] + padded[2:])
    weights = np.where((tones < _FEWEST_TONES)[:, None] & (tones > 0)[:, None], wide, weights)
    ranked = np.sort(weights, 1)[:, -_MOST_TONES]
    heard = (weights >= np.maximum(ranked, 1e-9)[:, None]) & (weights >= _LEAST_SHARE * weights.sum(1, keepdims=True))
    masks = (heard * (1 << np.arange(12))).sum(1)
    basses = np.where(lowest < 128, lowest % 12, NO_BASS)
    changed = np.ones(len(masks), dtype=bool)
    changed[1:] = (masks[1:] != masks[:-1]) | (basses[1:] != basses[:-1])
    rows = np.flatnonzero(changed)
    starts = [*(rows * cell).tolist(), len(masks) * cell]
    return Harmony(tuple(starts), (*masks[rows].tolist(), 0), (*basses[rows].tolist(), NO_BASS))


def _weights(start: Ints, end: Ints, pitch: Ints, cell: int) -> tuple[NDArray[np.float64], Ints]:
    """For each cell the sounding time of each pitch class, (cells, 12), and the lowest pitch, 128 for none."""
    first, last = start // cell, np.minimum((end - 1) // cell, start // cell + _LONGEST_CELLS)
    spans = last - first + 1
    note = np.repeat(np.arange(len(start)), spans)
    at = np.arange(len(note)) - np.repeat(np.cumsum(spans) - spans, spans) + first[note]
    sounding = np.minimum(end[note], (at + 1) * cell) - np.maximum(start[note], at * cell)
    cells = int(at.max()) + 1
    weights = np.zeros((cells, 12))
    np.add.at(weights, (at, pitch[note] % 12), sounding)
    lowest = np.full(cells, 128, dtype=np.int64)
    np.minimum.at(lowest, at, pitch[note])
    return weights, lowest
