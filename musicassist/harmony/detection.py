"""Which chords are heard in notes: a small net looks at each half beat, and the best path through all of them counts.

The net looks at all twelve roots in the same way, so a piece in another key is heard as the same chords there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicassist.models.weights import log_softmax, open_weights
from musicassist.resources import checkpoints_folder
from musicassist.score.chord_track import ChordSpan
from musicassist.score.song import NOTE_COLUMNS, Notes
from musicassist.score.theory import Chord
from musicassist.score.timing import TimeMap

QUALITIES = ("", "m", "7", "maj7", "m7", "dim", "m7b5", "dim7", "aug", "sus2", "sus4")
FRAMES_PER_BEAT = 2
PROFILES = 16  # what is known of a frame: so many weightings of the twelve pitch classes
CHANGE_COSTS = (0.2, 0.7, 1.1, 1.5)  # of a new chord on a bar line, at a half bar's beat, on a beat, elsewhere; in nats
_SLOTS = 4  # of a frame, each with its lowest note
_WIDE_FRAMES = 16
_MIN_BASS_SHARE = 0.6  # of a chord's time, for a bass beside the root to be named
_HIDDEN = 64
_NO_NOTE = 999
_NO_CHORD = -1
Floats = NDArray[np.floating]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Frames:
    """Half beats of a stretch of music; where a bar line lies within one, it is cut there.

    Attributes:
        edge_ticks: (n + 1,), where they begin and end.
        bar: (n,), the bar of each.
        offset_ticks: (n,), how far from its bar line each begins.
        ticks_per_beat: Of the song.
    """

    edge_ticks: Ints
    bar: Ints
    offset_ticks: Ints
    ticks_per_beat: int

    @staticmethod
    def of(time_map: TimeMap, from_tick: int, to_tick: int) -> Frames:
        """Those from the bar line at or before a tick to the one at or after another."""
        step = max(1, time_map.ticks_per_beat // FRAMES_PER_BEAT)
        edges, bars, offsets = [], [], []
        first_bar = time_map.bar_at(max(0, from_tick))
        for bar in range(first_bar, time_map.bar_at(max(from_tick, to_tick - 1)) + 1):
            start, end = time_map.bar_start_tick(bar), time_map.bar_start_tick(bar + 1)
            starts = np.arange(start, end, step)
            edges.append(starts)
            bars.append(np.full(len(starts), bar))
            offsets.append(starts - start)
        last = time_map.bar_start_tick(int(bars[-1][0]) + 1)
        return Frames(
            np.append(np.concatenate(edges), last),
            np.concatenate(bars),
            np.concatenate(offsets),
            time_map.ticks_per_beat,
        )

    def __len__(self) -> int:
        return len(self.bar)


def profiles(notes: Notes, frames: Frames) -> Floats:
    """What is known of each frame, (n, PROFILES, 12) by pitch class, mostly as shares.

    What sounds and what is lowest: now, in this beat, half bar and bar, before and behind; then around, and overall.
    """
    sounding, lowest = _sounding(notes, frames), _lowest(notes, frames)
    half = frames.offset_ticks // (2 * frames.ticks_per_beat)
    beat = frames.offset_ticks // frames.ticks_per_beat
    beats, low_beats = _joined(sounding, frames.bar, beat), _joined(lowest, frames.bar, beat)
    around = np.cumsum(np.vstack([np.zeros(12), sounding]), axis=0)
    first = np.maximum(np.arange(len(frames)) - _WIDE_FRAMES, 0)
    last = np.minimum(np.arange(len(frames)) + _WIDE_FRAMES + 1, len(frames))
    columns = [
        _shares(sounding),
        lowest,
        _shares(_joined(sounding, frames.bar, half)),
        _shares(_joined(lowest, frames.bar, half)),
        _shares(_joined(sounding, frames.bar, 0 * half)),
        _shares(_joined(lowest, frames.bar, 0 * half)),
        _shares(_shifted(sounding, 1)),
        _shifted(lowest, 1),
        _shares(_shifted(sounding, -1)),
        _shifted(lowest, -1),
        _shares(around[last] - around[first]),
        np.repeat(_shares(sounding.sum(0, keepdims=True)), len(frames), 0),
        _shares(beats),
        _shares(low_beats),
        _shares(_shifted(beats, -FRAMES_PER_BEAT)),
        _shares(_shifted(beats, FRAMES_PER_BEAT)),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _sounding(notes: Notes, frames: Frames) -> Floats:
    """How many notes of each pitch class sound in a frame, (n, 12); a half is one for half of it."""
    edges = frames.edge_ticks
    found = np.zeros((len(frames), 12))
    for pitch_class in np.unique(notes.pitch % 12).tolist():
        own = notes.pitch % 12 == pitch_class
        sums = _time_before(notes.start_tick[own], edges) - _time_before(notes.end_tick[own], edges)
        found[:, pitch_class] = np.diff(sums)
    return np.asarray(found / np.diff(edges)[:, None])


def _time_before(ticks: Ints, edges: Ints) -> Ints:
    """For each edge the sum of how far it lies behind those of the ticks that it lies behind."""
    ordered = np.sort(ticks)
    count = np.searchsorted(ordered, edges)
    return np.asarray(count * edges - np.concatenate([[0], np.cumsum(ordered)])[count])


def _lowest(notes: Notes, frames: Frames) -> Floats:
    """The share of a frame in which a pitch class is the lowest that sounds, (n, 12)."""
    width = np.diff(frames.edge_ticks)[:, None]
    slots = np.append(
        (frames.edge_ticks[:-1, None] + width * np.arange(_SLOTS) // _SLOTS).ravel(), frames.edge_ticks[-1]
    )
    first = np.clip(np.searchsorted(slots, notes.start_tick, "right") - 1, 0, len(slots) - 1)
    last = np.clip(np.searchsorted(slots, notes.end_tick, "left"), 0, len(slots) - 1)
    lowest = np.full(len(slots) - 1, _NO_NOTE)
    counts = np.maximum(last - first, 0)
    at = np.repeat(first - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) + np.arange(counts.sum())
    np.minimum.at(lowest, at, np.repeat(notes.pitch, counts))
    found = np.zeros((len(frames), 12))
    heard = np.flatnonzero(lowest < _NO_NOTE)
    np.add.at(found, (heard // _SLOTS, lowest[heard] % 12), 1 / _SLOTS)
    return found


def _joined(rows: Floats, bar: Ints, part: Ints) -> Floats:
    """For each frame the sum over all of the same part of the same bar."""
    begins = np.concatenate([[True], (np.diff(bar) != 0) | (np.diff(part) != 0)])
    group = np.cumsum(begins) - 1
    return np.asarray(np.add.reduceat(rows, np.flatnonzero(begins), axis=0)[group])


def _shifted(rows: Floats, by: int) -> Floats:
    """The row so many frames before, or behind where it is negative; zeros beyond the ends."""
    found = np.zeros_like(rows)
    if by > 0:
        found[by:] = rows[:-by]
    else:
        found[:by] = rows[-by:]
    return found


def _shares(rows: Floats) -> Floats:
    return np.asarray(rows / (rows.sum(-1, keepdims=True) + 1e-3))


class ChordDetector:
    """Hears chords; may be used by any thread.

    Args:
        path: The net's numbers.

    Raises:
        CheckpointError: The file is missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        with open_weights(path) as weights:
            self._inner = weights.floats("inner", _HIDDEN, PROFILES * 12)
            self._inner_bias = weights.floats("inner_bias", _HIDDEN)
            self._outer = weights.floats("outer", len(QUALITIES) + 1, _HIDDEN)
            self._outer_bias = weights.floats("outer_bias", len(QUALITIES) + 1)

    def scores(self, rows: Floats) -> Floats:
        """(n, 12 * qualities) log probabilities of each root with each quality, from :func:`profiles`."""
        turned = np.stack([np.roll(rows, -root, axis=2).reshape(len(rows), -1) for root in range(12)], axis=1)
        hidden = np.maximum(turned @ self._inner.T + self._inner_bias, 0)
        outer = hidden @ self._outer.T + self._outer_bias  # the last column is for the root, whatever its quality
        both = (outer[..., :-1] + outer[..., -1:]).reshape(len(rows), -1)
        return log_softmax(both.astype(np.float32))

    def spans(self, parts: Sequence[Notes], time_map: TimeMap, from_tick: int, to_tick: int) -> tuple[ChordSpan, ...]:
        """The chords of a stretch in order; there is none where nothing sounds for a whole bar.

        Args:
            parts: The notes of all parts that sound together, without drums.
            time_map: Of their song.
            from_tick: From the bar line at or before it,
            to_tick: to the one at or behind it.
        """
        frames = Frames.of(time_map, from_tick, to_tick)
        near = [p.where((p.end_tick > frames.edge_ticks[0]) & (p.start_tick < frames.edge_ticks[-1])) for p in parts]
        table = [np.concatenate([getattr(part, name) for part in near]) for name in NOTE_COLUMNS] if near else []
        if not near or not len(table[0]):
            return ()
        notes = Notes.from_columns(*table)
        rows = profiles(notes, frames)
        states = _best_path(self.scores(rows), frames)
        states[rows[:, 4].sum(-1) == 0] = _NO_CHORD
        return _spans(states, rows[:, 1], frames)


def _best_path(scores: Floats, frames: Frames) -> Ints:
    """The states that fit best together, where every change costs something. Source: Viterbi (1967)."""
    offset, beat = frames.offset_ticks, frames.ticks_per_beat
    costs = np.select([offset == 0, offset % (2 * beat) == 0, offset % beat == 0], CHANGE_COSTS[:3], CHANGE_COSTS[3])
    total = scores[0].copy()
    stays = np.ones(scores.shape, dtype=bool)
    best_before = np.zeros(len(scores), dtype=np.int64)
    for row in range(1, len(scores)):
        best_before[row] = total.argmax()
        changed = total[best_before[row]] - costs[row]
        stays[row] = total >= changed
        total = np.maximum(total, changed) + scores[row]
    path = np.empty(len(scores), dtype=np.int64)
    path[-1] = total.argmax()
    for row in range(len(scores) - 1, 0, -1):
        path[row - 1] = path[row] if stays[row, path[row]] else best_before[row]
    return path


def _spans(states: Ints, lowest: Floats, frames: Frames) -> tuple[ChordSpan, ...]:
    begins = np.flatnonzero(np.concatenate([[True], np.diff(states) != 0]))
    found = []
    for first, last in zip(begins.tolist(), [*begins[1:].tolist(), len(states)], strict=True):
        if states[first] == _NO_CHORD:
            continue
        root, quality = divmod(int(states[first]), len(QUALITIES))
        chord = Chord(root, QUALITIES[quality])
        bass = lowest[first:last].sum(0)
        low = int(bass.argmax())
        if low != root and low in chord.pitch_classes and bass[low] >= _MIN_BASS_SHARE * (last - first):
            chord = Chord(root, QUALITIES[quality], low)
        edges = frames.edge_ticks
        found.append(ChordSpan(int(edges[first]), int(edges[last]), chord, is_written=False))
    return tuple(found)


@cache
def chord_detector() -> ChordDetector:
    """The one that ships."""
    return ChordDetector(checkpoints_folder() / "chord-detector.safetensors")
