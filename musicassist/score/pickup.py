"""Pickups that a file hides: many programs write a pickup at tick 0 under the meter, so that every bar line is off.

For each place where bar 1 might begin, the music is looked at as if it did. What speaks for a place are notes that
begin on its bar lines and half bars (in each track, and in the bass), long notes there and short ones before, no note
held over, and an end that fits. The weights are those of a conditional logit over the places, fitted by maximum
likelihood on the training pieces of nine sets, half of them with their pickup's padding cut off; ``MIN_NATS`` was
chosen on the validation pieces (``musicassist evaluate DATA --measure pickups`` has the figures).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.score.meant_times import MeantTimes
from musicassist.score.song import Column, Notes, Song
from musicassist.score.timing import MeterChange

Floats = NDArray[np.float64]
MIN_NATS = 0.6  # LIMIT: so much more likely than that the song begins with a whole bar
_MIN_BARS, _MAX_BARS = 4, 200  # LIMIT: what tells enough, and is enough
_MAX_TRACKS = 40  # LIMIT: those with the most notes, of songs of thousands
_WEIGHTS: dict[str, float] = {
    "onset": 3.56,
    "held": -2.55,
    "duration": 2.72,
    "half_onset": 2.38,
    "half_duration": 1.15,
    "track_onset": 3.51,
    "bass_onset": 0.67,
    "last_on_line": 1.02,
    "last_on_half": 1.38,
    "end_fits": 1.62,
    "end_fits_without": -0.59,
    "no_pickup": 3.21,
    "short_pickup": 0.82,
    "beat_pickup": 1.19,
    "eighth_pickup": 2.11,
    "leap": 0.38,
    "top": 0.81,
    "low": -1.53,
    "size": -1.97,
    "before": -1,
}


@dataclass(frozen=True, eq=False)
class _Strokes:
    """What begins together, in all pitched tracks. Columns of shape (n,), onsets rising."""

    onset: Column
    duration: Floats
    top: Floats
    low: Floats
    size: Floats
    leap: Floats

    @staticmethod
    def of(tracks: list[Notes], bar_ticks: int) -> _Strokes:
        """Of some tracks with notes; nothing counts as longer than a bar, or than all others."""
        start = np.concatenate([notes.start_tick for notes in tracks])
        pitch = np.concatenate([notes.pitch for notes in tracks])
        onset, row = np.unique(start, return_inverse=True)
        duration, top, low = np.zeros(len(onset)), np.full(len(onset), -1.0), np.full(len(onset), 128.0)
        np.maximum.at(duration, row, np.concatenate([notes.duration_ticks for notes in tracks]))
        np.maximum.at(top, row, pitch)
        np.minimum.at(low, row, pitch)
        size = np.bincount(row, minlength=len(onset)).astype(np.float64)
        leap = np.abs(np.diff(top, prepend=top[0]))
        longest = min(bar_ticks, np.sort(duration)[-2:][0])  # a single long note may hang; it tells no more than others
        return _Strokes(onset, np.minimum(duration, longest), top, low, size, leap)


def suspected_pickup_ticks(song: Song) -> int | None:
    """How long the pickup is that the song seems to begin with at tick 0; None where bar 1 begins there, it seems.

    Only songs that begin with a note, and what stands before the first other meter, are looked at.
    """
    meter = song.time_map.meter_at(0)
    bar_ticks, beat_ticks = meter.bar_ticks(song.ticks_per_beat), song.ticks_per_beat
    stops = [c.tick for c in song.meter_changes if (c.numerator, c.denominator) != (meter.numerator, meter.denominator)]
    stop = min([_MAX_BARS * bar_ticks, *(tick for tick in stops if tick > beat_ticks // 8)])
    played = [track.notes for track in song.tracks if len(track.notes) and not track.is_drums]
    played = sorted(played, key=len, reverse=True)[:_MAX_TRACKS]
    tracks = [MeantTimes.of(notes.where(notes.start_tick < stop), song.time_map).notes for notes in played]
    tracks = [notes for notes in tracks if len(notes)]
    end = max((int(notes.end_tick.max()) for notes in tracks), default=0)
    if end < _MIN_BARS * bar_ticks or bar_ticks < beat_ticks or min(n.start_tick[0] for n in tracks) > 0:
        return None
    places = np.arange(0, bar_ticks, beat_ticks // 2 or 1)
    nats = np.array([_nats(tracks, end, int(place), meter, beat_ticks) for place in places])
    best = int(nats[1:].argmax()) + 1 if len(nats) > 1 else 0
    return int(places[best]) if nats[best] - nats[0] > MIN_NATS else None


def _nats(tracks: list[Notes], end: int, place: int, meter: MeterChange, beat_ticks: int) -> float:
    """How likely it is that bar 1 begins at a place, in nats and up to a constant."""
    facts = _facts(tracks, end, place, meter, beat_ticks)
    return sum(weight * facts[name] for name, weight in _WEIGHTS.items())


def _facts(tracks: list[Notes], end: int, place: int, meter: MeterChange, beat_ticks: int) -> dict[str, float]:
    bar_ticks, slack = meter.bar_ticks(beat_ticks), beat_ticks // 24
    strokes = _Strokes.of(tracks, bar_ticks)
    lines = np.arange(place or bar_ticks, end, bar_ticks)
    halves = np.arange(place + bar_ticks // 2, end, bar_ticks) if meter.numerator % 2 == 0 else lines[:0]
    struck, row = _found(strokes.onset, lines, slack)
    half_struck, half_row = _found(strokes.onset, halves, slack)
    own, mean_duration = row[struck], strokes.duration.mean()
    begun = np.searchsorted(np.sort(np.concatenate([n.start_tick for n in tracks])), lines - slack)
    ended = np.searchsorted(np.sort(np.concatenate([n.end_tick for n in tracks])), lines + slack, side="right")
    before = np.searchsorted(strokes.onset, lines - slack) - 1
    bass = min(tracks, key=lambda notes: float(notes.pitch.mean()))
    last_in_bar = (int(strokes.onset[-1]) - place) % bar_ticks
    is_pickup = place > 0

    def mean_there(column: Floats, at: Column, else_: float) -> float:
        return float(column[at].mean()) if len(at) else else_

    return {
        "onset": float(struck.mean()),
        "held": float((~struck & (begun > ended)).mean()),
        "duration": mean_there(strokes.duration, own, mean_duration) / mean_duration,
        "half_onset": float(half_struck.mean()) if len(halves) else 0.0,
        "half_duration": _half_duration(strokes, half_row[half_struck], mean_duration, has_halves=len(halves) > 0),
        "track_onset": float(np.mean([_found(n.start_tick, lines, slack)[0].mean() for n in tracks])),
        "bass_onset": float(_found(bass.start_tick, lines, slack)[0].mean()) if len(tracks) > 1 else 0.0,
        "last_on_line": float(_is_near(last_in_bar, 0, bar_ticks, slack)),
        "last_on_half": float(len(halves) > 0 and _is_near(last_in_bar, bar_ticks // 2, bar_ticks, slack)),
        "end_fits": float(is_pickup and _is_near((end - place) % bar_ticks, 0, bar_ticks, beat_ticks // 4)),
        "end_fits_without": float(is_pickup and _is_near(end % bar_ticks, 0, bar_ticks, beat_ticks // 4)),
        "no_pickup": float(not is_pickup),
        "short_pickup": float(0 < place <= bar_ticks / 2),
        "beat_pickup": float(place == _felt_beat_ticks(meter, beat_ticks)),
        "eighth_pickup": float(place == beat_ticks // 2),
        "leap": (mean_there(strokes.leap, own, float(strokes.leap.mean())) - float(strokes.leap.mean())) / 4,
        "top": (mean_there(strokes.top, own, float(strokes.top.mean())) - float(strokes.top.mean())) / 4,
        "low": (mean_there(strokes.low, own, float(strokes.low.mean())) - float(strokes.low.mean())) / 8,
        "size": mean_there(strokes.size, own, float(strokes.size.mean())) / float(strokes.size.mean()) - 1,
        "before": mean_there(strokes.duration, before[before >= 0], mean_duration) / mean_duration,
    }


def _half_duration(strokes: _Strokes, rows: Column, mean_duration: float, *, has_halves: bool) -> float:
    if len(rows):
        return float(strokes.duration[rows].mean()) / mean_duration
    return float(has_halves)


def _found(onsets: Column, lines: Column, slack: int) -> tuple[NDArray[np.bool_], Column]:
    """At which lines a stroke begins, and its row."""
    row = np.minimum(np.searchsorted(onsets, lines - slack), len(onsets) - 1)
    return np.asarray(np.abs(onsets[row] - lines) <= slack), row


def _is_near(offset_ticks: int, place: int, bar_ticks: int, slack: int) -> bool:
    distance = abs(offset_ticks - place)
    return min(distance, bar_ticks - distance) <= slack


def _felt_beat_ticks(meter: MeterChange, beat_ticks: int) -> int:
    """The beat that is felt: a dotted quarter in 6/8."""
    if meter.denominator < 8:
        return beat_ticks * 4 // meter.denominator
    return beat_ticks * 3 // 2 if meter.numerator % 3 == 0 else beat_ticks // 2
