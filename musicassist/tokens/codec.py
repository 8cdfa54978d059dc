"""Notes to a melody on the models' grid, and back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from musicassist.score.song import Note, Notes, Song
from musicassist.score.theory import Key
from musicassist.score.timing import TimeMap
from musicassist.tokens.vocabulary import MAX_STEPS, METERS, MODES, STEPS_PER_BEAT, STYLES, UNKNOWN_TONIC

Ints = NDArray[np.int64]
NO_BASS = 12  # of a bass's pitch class


@dataclass(frozen=True)
class Surroundings:
    """What a melody stands in, known before its first note.

    Attributes:
        bars: Bars and meters in steps (``ticks_per_beat`` is ``STEPS_PER_BEAT``).
        tonic: Pitch class 0..11, or ``UNKNOWN_TONIC``.
        mode: Row of ``MODES``.
        style: Row of ``STYLES``.
        last_bar: Bar in which the melody is to end, or None.
        chord_starts, chord_masks: Step at which each chord begins, and its pitch classes as a 12-bit mask (0: unknown).
        chord_basses: The pitch class of each one's bass; ``NO_BASS`` where none is known.
    """

    bars: TimeMap
    tonic: int = UNKNOWN_TONIC
    mode: int = 0
    style: int = 0
    last_bar: int | None = None
    chord_starts: tuple[int, ...] = ()
    chord_masks: tuple[int, ...] = ()
    chord_basses: tuple[int, ...] = ()

    def chord_at(self, step: int) -> int:
        """The pitch classes of the chord at a step as a 12-bit mask; 0 where none is known."""
        row = bisect_right(self.chord_starts, step) - 1
        return self.chord_masks[row] if row >= 0 else 0

    def with_key(self, key: Key | None) -> Surroundings:
        """The same with another key; scales other than major and minor count by their third."""
        if key is None:
            return replace(self, tonic=UNKNOWN_TONIC, mode=0)
        minor = (key.tonic + 3) % 12 in key.pitch_classes and (key.tonic + 4) % 12 not in key.pitch_classes
        return replace(self, tonic=key.tonic, mode=MODES.index("minor" if minor else "major"))


@dataclass(frozen=True)
class Melody:
    """One line of notes on the grid: the top note at each onset, each cut at the next onset.

    Iterating gives (onset step, pitch, duration in steps, velocity) of each note.

    Attributes:
        onset_step, pitch, duration_steps, velocity: int64 columns of equal length, onsets strictly rising.
    """

    onset_step: Ints
    pitch: Ints
    duration_steps: Ints
    velocity: Ints

    @staticmethod
    def empty() -> Melody:
        """No notes."""
        return Melody(*(np.zeros(0, dtype=np.int64) for _ in range(4)))

    def __len__(self) -> int:
        return len(self.onset_step)

    def rows(self, start: int, stop: int) -> Melody:
        """Some of the notes, in order; places count as in a slice."""
        part = slice(start, stop)
        return Melody(self.onset_step[part], self.pitch[part], self.duration_steps[part], self.velocity[part])

    def __iter__(self) -> Iterator[tuple[int, int, int, int]]:
        columns = (self.onset_step, self.pitch, self.duration_steps, self.velocity)
        return zip(*(column.tolist() for column in columns), strict=True)


def step_map(song: Song) -> TimeMap:
    """The song's bars in steps."""
    scale = STEPS_PER_BEAT / song.ticks_per_beat
    changes = tuple(replace(change, tick=round(change.tick * scale)) for change in song.meter_changes)
    return TimeMap(STEPS_PER_BEAT, meter_changes=changes)


def surroundings(song: Song, *, key: Key | None = None, style: str | None = None) -> Surroundings:
    """The bars of a song with a key and a style where they are known.

    Raises:
        ValueError: The style is none of ``STYLES``.
    """
    return Surroundings(step_map(song), style=STYLES.index(style or "")).with_key(key)


def meter_class(bars: TimeMap, step: int) -> int:
    """Row of ``METERS`` for the meter at a step."""
    name = str(bars.meter_at(step))
    return METERS.index(name) if name in METERS else 0


def encode(notes: Notes, ticks_per_beat: float) -> Melody:
    """The top line of some notes on the grid of ``STEPS_PER_BEAT``."""
    return top_line(notes, ticks_per_beat)[1]


def top_line(notes: Notes, ticks_per_beat: float) -> tuple[Ints, Melody]:
    """The top line of some notes on the grid of ``STEPS_PER_BEAT``, and which rows it is made of."""
    scale = STEPS_PER_BEAT / ticks_per_beat
    onset = np.floor(notes.start_tick * scale + 0.5).astype(np.int64)
    end = np.floor(notes.end_tick * scale + 0.5).astype(np.int64)
    order = np.lexsort((-notes.pitch, onset))
    top = order[np.concatenate([[True], np.diff(onset[order]) > 0])] if len(order) else order
    onset, end = onset[top], end[top]
    next_onset = np.concatenate([onset[1:], [np.iinfo(np.int64).max]])[: len(onset)]
    duration = np.clip(np.minimum(end, next_onset) - onset, 1, MAX_STEPS)
    return top, Melody(onset, notes.pitch[top].astype(np.int64), duration, notes.velocity[top].astype(np.int64))


def decode(melody: Iterable[tuple[int, int, int, int]], ticks_per_beat: int) -> Notes:
    """Notes in ticks from rows of (onset step, pitch, duration in steps, velocity)."""
    return Notes.of(decode_note(*row, ticks_per_beat) for row in melody)


def decode_note(onset_step: int, pitch: int, duration_steps: int, velocity: int, ticks_per_beat: float) -> Note:
    """One note in ticks; both its ends are rounded, so notes that touch on the grid touch in ticks."""
    start_tick = round(onset_step * ticks_per_beat / STEPS_PER_BEAT)
    end_tick = round((onset_step + duration_steps) * ticks_per_beat / STEPS_PER_BEAT)
    return Note(start_tick, pitch, max(1, end_tick - start_tick), velocity)
