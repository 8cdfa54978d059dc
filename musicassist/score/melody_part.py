"""Which part of a song is its melody: by its name, else by its notes: one voice, above the others, that sings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from musicassist.score.evidence import melody_rank
from musicassist.score.song import Mask, Notes, Song

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MAX_NOTES = 10_000  # LIMIT: of all parts together; a song shows earlier which part is its melody
MAX_PARTS = 64  # LIMIT: those with the most notes, of songs of thousands; a song with more is no score of voices
_STEPS_PER_BEAT = 12
_MAX_GAP_BEATS = 4  # LIMIT: an interval over a longer rest is none
_MIN_VOICE, _MAX_VOICE = 55, 84  # G3 to C6

# What tells the melody; mean and spread of it over parts, and its weight. They are a conditional logit over the parts
# of a piece (l2 0.0003), fitted to at most 200 pieces of the training side of each set that models may be trained on,
# lieder and pop909 counted four times: each as it is, with a bass made of its lowest notes, and with a pad too.
# ``musicassist evaluate DATA --measure melody-tracks`` says how often it is right.
_WEIGHED = (
    ("share of onsets with a single note", 0.767, 0.383, 5.86),
    ("share of notes that end before the next onset", 0.968, 0.1, 0.341),
    ("share of onsets with nothing above", 0.308, 0.38, 2.03),
    ("share of intervals up to two semitones", 0.38, 0.231, 0.887),
    ("share of intervals above a fifth", 0.071, 0.127, -0.496),
    ("share of repeated notes", 0.19, 0.169, 0.742),
    ("share of gaps as long as the commonest", 0.575, 0.205, -0.433),
    ("share of its time that is silent", 0.124, 0.17, 0.0693),
    ("mean length, log2 of beats", 0.294, 0.896, -0.85),
    ("onsets a beat while it sounds, log2", -0.228, 0.958, -0.914),
    ("share of the song from first to last note", 0.958, 0.0752, -0.97),
    ("range of pitch without the outer 5 %, octaves", 1.09, 0.535, -1.49),
    ("share of onsets on a beat", 0.754, 0.244, 1.73),
    ("onsets, log2", 6.76, 1.42, 4.36),
    ("share of notes between G3 and C6", 0.668, 0.395, 2.19),
)


def melody_track(song: Song) -> int | None:
    """The track that people call the melody, else the most melodic one by its notes; None without pitched notes."""
    pitched = [i for i, track in enumerate(song.tracks) if len(track.notes) and not song.is_drum_track(i)]
    ranks = [melody_rank(song.tracks[i].name) for i in pitched]
    named = [i for i, rank in zip(pitched, ranks, strict=True) if rank == max(ranks)]
    if len(named) < 2:
        return named[0] if named else None
    compared = sorted(pitched, key=lambda i: (i not in named, -len(song.tracks[i].notes)))[:MAX_PARTS]
    parts = _cut_short([song.tracks[i].notes for i in sorted(compared)])
    scores = dict(zip(sorted(compared), melodic_scores(parts, song.ticks_per_beat), strict=True))
    return max((i for i in named if i in scores), key=lambda i: scores[i])


def first_track(song: Song) -> int:
    """Index of the track to begin with: the melody, else what has notes."""
    melody = melody_track(song)
    return next((i for i, track in enumerate(song.tracks) if len(track.notes)), 0) if melody is None else melody


def _cut_short(parts: Sequence[Notes]) -> list[Notes]:
    """The parts up to where they have ``MAX_NOTES`` together; those that begin later keep their first note."""
    starts = np.concatenate([part.start_tick for part in parts])
    if len(starts) <= MAX_NOTES:
        return list(parts)
    last_tick = int(np.partition(starts, MAX_NOTES)[MAX_NOTES])
    return [part.where(part.start_tick <= max(last_tick, int(part.start_tick[0]))) for part in parts]


def melodic_scores(parts: Sequence[Notes], ticks_per_beat: int) -> Floats:
    """How melodic each part is among the others, shape (parts,); each has notes. Only differences mean anything."""
    mean, spread, weight = (np.array(column) for column in list(zip(*_WEIGHED, strict=True))[1:])
    return np.asarray((part_features(parts, ticks_per_beat) - mean) / spread @ weight)


def part_features(parts: Sequence[Notes], ticks_per_beat: int) -> Floats:
    """What tells a melody from the parts around it, shape (parts, features)."""
    end_tick = max(int(part.end_tick.max()) for part in parts)
    return np.array(
        [_features(part, is_top, ticks_per_beat, end_tick) for part, is_top in zip(parts, _tops(parts), strict=True)]
    )


def _tops(parts: Sequence[Notes]) -> list[Mask]:
    """For each onset of each part, whether nothing of another part sounds above its highest note there."""
    onsets = np.unique(np.concatenate([part.start_tick for part in parts]))
    highest, second = (np.full(len(onsets), -1, dtype=np.int64) for _ in range(2))
    owner = np.full(len(onsets), -1, dtype=np.int64)  # of the highest; the second is of another part
    rows = [(pitch, number) for number, part in enumerate(parts) for pitch in np.unique(part.pitch).tolist()]
    for pitch, number in sorted(rows):
        sounding = _sounding(parts[number], pitch, onsets)
        is_other = sounding & (owner != number)
        second[is_other] = highest[is_other]
        highest[sounding], owner[sounding] = pitch, number
    tops: list[Mask] = []
    for number, part in enumerate(parts):
        last = _last_rows(part)
        at = np.searchsorted(onsets, part.start_tick[last])
        tops.append(part.pitch[last] >= np.where(owner[at] == number, second[at], highest[at]))
    return tops


def _sounding(part: Notes, pitch: int, onsets: Ints) -> Mask:
    """At which onsets a pitch of a part sounds."""
    rows = part.pitch == pitch
    change = np.zeros(len(onsets) + 1, dtype=np.int64)
    np.add.at(change, np.searchsorted(onsets, part.start_tick[rows]), 1)
    np.add.at(change, np.searchsorted(onsets, part.end_tick[rows]), -1)
    return np.cumsum(change)[:-1] > 0


def _last_rows(part: Notes) -> Ints:
    """The row of the highest note at each onset."""
    return np.flatnonzero(np.append(np.diff(part.start_tick) > 0, True))


def _features(part: Notes, is_top: Mask, ticks_per_beat: int, end_tick: int) -> list[float]:
    """One row, in the order of ``_WEIGHED``."""
    last = _last_rows(part)
    onset, line = part.start_tick[last], part.pitch[last]
    at_once = np.diff(np.append(-1, last))
    next_onset = np.append(onset, np.iinfo(np.int64).max)[np.searchsorted(onset, part.start_tick, side="right")]
    gaps = np.diff(onset)
    moves = np.abs(np.diff(line))[gaps < _MAX_GAP_BEATS * ticks_per_beat]
    move_count = max(1, len(moves))
    _, alike = np.unique(np.rint(gaps * _STEPS_PER_BEAT / ticks_per_beat), return_counts=True)
    longest_end = np.maximum.reduceat(part.end_tick, np.append(0, last[:-1] + 1))
    sounding_ticks = float((np.minimum(next_onset[last], longest_end) - onset).sum())
    whole_ticks = max(1, int(part.end_tick.max()) - int(onset[0]))
    low, high = np.percentile(part.pitch, (5, 95))
    return [
        float((at_once == 1).mean()),
        float((part.end_tick <= next_onset + ticks_per_beat * 0.1).mean()),
        float(is_top.mean()),
        float(((moves > 0) & (moves <= 2)).sum()) / move_count,
        float((moves > 7).sum()) / move_count,
        float((moves == 0).sum()) / move_count,
        float(alike.max()) / len(gaps) if len(gaps) else 1.0,
        1 - min(1.0, sounding_ticks / whole_ticks),
        float(np.log2(part.duration_ticks.mean() / ticks_per_beat)),
        float(np.log2(len(onset) * ticks_per_beat / max(float(ticks_per_beat), sounding_ticks))),
        whole_ticks / max(1, end_tick),
        float(high - low) / 12,
        float((np.rint(onset * _STEPS_PER_BEAT / ticks_per_beat) % _STEPS_PER_BEAT == 0).mean()),
        float(np.log2(len(onset))),
        float(((part.pitch >= _MIN_VOICE) & (part.pitch <= _MAX_VOICE)).mean()),
    ]
