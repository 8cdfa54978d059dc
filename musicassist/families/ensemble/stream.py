"""A song as one stream of notes of all its parts: their roles, their order, bar lines and harmony."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.families.ensemble.vocabulary import LENGTHS_STEPS, STEPS_PER_BEAT, Role, length_class
from musicassist.score.song import Song, Track

Column = NDArray[np.int64]
_MIDDLE = 60.0  # an empty track is told by its name alone
_CHORD_LANE = "CHORDS"  # a track that names the harmony and is no part


@dataclass(frozen=True, eq=False)
class Stream:
    """Notes of some parts by onset, then role, then from low to high. All columns have shape (n,), int64.

    Attributes:
        onset_step, pitch, length, velocity: Of each note; ``length`` is a class.
        role: Of its part, see ``vocabulary.Role``.
    """

    onset_step: Column
    role: Column
    pitch: Column
    length: Column
    velocity: Column

    def __len__(self) -> int:
        return len(self.onset_step)

    @property
    def end_step(self) -> Column:
        """Where each note ends, as its class of lengths says."""
        return self.onset_step + LENGTHS_STEPS[self.length]

    def of_roles(self, roles: Collection[int]) -> Stream:
        """The notes of some parts only."""
        return self.where(np.isin(self.role, list(roles)))

    def where(self, mask: NDArray[np.bool_]) -> Stream:
        """The notes of the rows that a mask picks."""
        return Stream(*(c[mask] for c in (self.onset_step, self.role, self.pitch, self.length, self.velocity)))


@dataclass(frozen=True, eq=False)
class BarGrid:
    """Where bars begin, in steps.

    Attributes:
        start_step: (m,) where each stretch of one meter begins, the first at 0.
        bar_steps: (m,) length of its bars.
        first_bar: (m,) number of its first bar.
    """

    start_step: Column
    bar_steps: Column
    first_bar: Column

    def at(self, step: Column) -> tuple[Column, Column, Column]:
        """For each step its place in its bar, the length of the bar in steps, and the bar's number from 0."""
        row = np.maximum(np.searchsorted(self.start_step, step, side="right") - 1, 0)
        since, bar_steps = step - self.start_step[row], self.bar_steps[row]
        return since % bar_steps, bar_steps, self.first_bar[row] + since // bar_steps


@dataclass(frozen=True, eq=False)
class Lane:
    """The harmony that is known, from each ``start_step`` on: a mask of pitch classes; empty where none is known."""

    start_step: Column
    mask: Column


NO_LANE = Lane(np.zeros(0, np.int64), np.zeros(0, np.int64))


def stream_of(onset_step: Column, role: Column, pitch: Column, length_steps: Column, velocity: Column) -> Stream:
    """Notes in any order as a stream; of equal notes of one part that begin together the longest is kept."""
    order = np.lexsort((-length_steps, pitch, role, onset_step))
    onset_step, role, pitch, length_steps, velocity = (
        np.asarray(c, dtype=np.int64)[order] for c in (onset_step, role, pitch, length_steps, velocity)
    )
    place = (onset_step * 16 + role) * 128 + pitch
    is_first = np.concatenate([[True], np.diff(place) != 0]) if len(place) else np.zeros(0, bool)
    stream = Stream(onset_step, role, pitch, length_class(np.maximum(length_steps, 1)), velocity)
    return stream.where(is_first)


def led_back(given: Stream, seed: Stream, bars: BarGrid, to_step: int) -> Stream:
    """Given notes, with the first whole bar of those before behind a take, since it leads there."""
    if not len(seed):
        return given
    place, bar_steps, _ = (int(column[0]) for column in bars.at(seed.onset_step[:1]))
    first = int(seed.onset_step[0]) + (bar_steps - place) % bar_steps
    own = seed.where((seed.onset_step >= first) & (seed.onset_step < first + bar_steps))
    notes = (
        (given.onset_step, own.onset_step - first + to_step),
        (given.role, own.role),
        (given.pitch, own.pitch),
        (LENGTHS_STEPS[given.length], LENGTHS_STEPS[own.length]),
        (given.velocity, own.velocity),
    )
    return stream_of(*(np.concatenate(columns) for columns in notes))


def roles_of(tracks: Sequence[Track]) -> list[int | None]:
    """The role of each track by its name, place and pitches; None for a chord lane beside an accompaniment."""
    names = [re.sub(r"[^A-Z0-9]+", "_", track.name.upper()) for track in tracks]
    is_choral = "ALTO" in names and "TENOR" in names
    has_melody = any(name.startswith("MELODY") for name in names)
    means = [float(track.notes.pitch.mean()) if len(track.notes) else _MIDDLE for track in tracks]
    roles: list[int | None] = []
    for name, mean in zip(names, means, strict=True):
        is_alone = len(tracks) == 1
        if name.startswith(_CHORD_LANE):
            roles.append(None if len(tracks) > 1 else int(Role.CHORDS))
        else:
            roles.append(int(_role(name, mean, is_choral=is_choral, is_melody=is_alone or not has_melody)))
    return roles


def _role(name: str, mean_pitch: float, *, is_choral: bool, is_melody: bool) -> Role:
    if name.endswith("_LH") or "LEFT" in name:
        return Role.LEFT_HAND
    if name.endswith("_RH") or "RIGHT" in name:
        return Role.RIGHT_HAND
    if is_choral:
        choral = {"MELODY": Role.SOPRANO, "SOPRANO": Role.SOPRANO, "SOLO": Role.SOPRANO, "ALTO": Role.ALTO}
        choral |= {"TENOR": Role.TENOR, "BASS": Role.CHORAL_BASS}
        return choral.get(name, Role.SECOND_VOICE)
    if name.startswith(("MELODY", "SOPRANO", "VOCAL", "LEAD")):
        return Role.MELODY
    if name.startswith(("BRIDGE", "VOICE", "ALTO", "SECOND")):
        return Role.SECOND_VOICE
    if name.startswith("SOLO"):
        return Role.RIGHT_HAND
    if "BASS" in name:
        return Role.BASS
    if name.startswith(("PIANO", "GUITAR", "CHORD", "PAD", "STRING", "ORGAN", "CEMBALO", "HARPSI")):
        return Role.CHORDS
    if mean_pitch < 50:
        return Role.BASS
    return Role.MELODY if is_melody else Role.SECOND_VOICE


def steps_of(ticks: Column, ticks_per_beat: int) -> Column:
    """Ticks as steps, the nearest."""
    return np.rint(ticks * STEPS_PER_BEAT / ticks_per_beat).astype(np.int64)


def bars_of(song: Song) -> BarGrid:
    """The bar lines of a song."""
    ticks = [0, *(change.tick for change in song.meter_changes if change.tick > 0)]
    time_map, rows = song.time_map, {}
    for tick in ticks:
        bar = time_map.bar_at(tick)
        start = time_map.bar_start_tick(bar)
        bar_ticks = time_map.bar_ticks_at(tick)
        rows[start] = (start, bar_ticks, bar)
    table = np.array([rows[start] for start in sorted(rows)], dtype=np.int64)
    return BarGrid(
        steps_of(table[:, 0], song.ticks_per_beat),
        np.maximum(steps_of(table[:, 1], song.ticks_per_beat), 1),
        table[:, 2],
    )
