"""Phrases as a person plays them: is a played phrase gone on with like the written one?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from musicassist.composing.engine import Engine
from musicassist.composing.request import GenerationRequest, Take
from musicassist.evaluation.figures import Figure
from musicassist.evaluation.phrases import FOLLOWING_BARS, Phrase
from musicassist.score.song import Column, Notes, Song
from musicassist.score.timing import TimeMap, tempo_change

ONSET_SECONDS, END_SECONDS = 0.02, 0.04  # how far a person is off the grid at the most
SLOWEST_BPM, FASTEST_BPM = 70, 150
_DIVISIONS = (1, 2, 3, 4, 6, 12)
_GRIDS = (4, 6, 12, 24)


@dataclass(frozen=True)
class Pair:
    """A written phrase's take and that of the same phrase played."""

    song: Song
    written: Take
    played: Take

    @property
    def has_same_start(self) -> bool:
        """Whether both begin at the same place."""
        return self.written.from_tick == self.played.from_tick

    @property
    def has_same_span(self) -> bool:
        """Whether both end on the same bar line."""
        return self.written.to_tick == self.played.to_tick

    @property
    def keeps_grid(self) -> bool:
        """Whether the played phrase's take keeps to the kind of grid of the written one and its take.

        That is sixteenths where these have no triplets, sextuplets where they have nothing else, and twelfths else.
        """
        seed = self.song.tracks[0].notes.start_tick
        known = coarsest_division(np.concatenate([seed, self.written.notes.start_tick]), self.song)
        kinds = [kind for kind in _GRIDS if kind % known == 0]
        return any(kind % coarsest_division(self.played.notes.start_tick, self.song) == 0 for kind in kinds[:1])


def coarsest_division(onsets: Column, song: Song) -> int:
    """The fewest equal parts of a beat, counted from bar lines, that hold all onsets; 24 where the models' do not."""
    bars, _ = song.time_map.bar_spans(onsets)
    for division in _DIVISIONS:
        if not ((onsets - bars) * division % song.ticks_per_beat).any():
            return division
    return 2 * _DIVISIONS[-1]


def as_played(notes: Notes, time_map: TimeMap, random: np.random.Generator) -> Notes:
    """The notes with onsets and ends as far off as a person's may be, each by itself and evenly spread."""
    start_seconds = time_map.ticks_to_seconds(notes.start_tick) + random.uniform(
        -ONSET_SECONDS, ONSET_SECONDS, len(notes)
    )
    end_seconds = time_map.ticks_to_seconds(notes.end_tick) + random.uniform(-END_SECONDS, END_SECONDS, len(notes))
    start = np.maximum(0, np.rint(time_map.seconds_to_ticks(start_seconds)).astype(np.int64))
    end = np.rint(time_map.seconds_to_ticks(end_seconds)).astype(np.int64)
    return Notes.from_columns(start, notes.pitch, np.maximum(1, end - start), notes.velocity)


def pair_of(engine: Engine, model: str, phrase: Phrase, random: np.random.Generator, *, seed: int) -> Pair:
    """One take of a phrase as it is written and one as it is played, at a tempo drawn for it."""
    tempo = tempo_change(0, float(random.integers(SLOWEST_BPM, FASTEST_BPM + 1)))
    written = replace(phrase.song, tempo_changes=(tempo,))
    track = written.tracks[0]
    played = written.with_track(0, replace(track, notes=as_played(track.notes, written.time_map, random)))
    takes = [
        engine.generate(
            GenerationRequest("continue", song, bars=FOLLOWING_BARS, takes=1, candidates=1, seed=seed, model=model)
        )[0]
        for song in (written, played)
    ]
    return Pair(written, *takes)


def played_figures(engine: Engine, model: str, phrases: Sequence[Phrase], *, seed: int, split: str) -> list[Figure]:
    """Shares of the takes after a played phrase that are where and on what they are after the written one."""
    random = np.random.default_rng(seed)
    pairs = [pair_of(engine, model, phrase, random, seed=number) for number, phrase in enumerate(phrases)]
    whole = [pair.has_same_start and pair.has_same_span and pair.keeps_grid for pair in pairs]
    table = (
        ("played phrases: takes with start, span and grid as of the written one", whole),
        ("played phrases: takes that start where they do after the written one", [p.has_same_start for p in pairs]),
        ("played phrases: takes with the same span", [p.has_same_span for p in pairs]),
        ("played phrases: takes that keep the grid", [p.keeps_grid for p in pairs]),
    )
    return [Figure(name, model, float(np.mean(flags)), "", len(pairs), seed, split) for name, flags in table]
