"""Phrases in 32nds: what each grid makes of them, and takes on both, beside the phrase and what really followed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np

from lab.evaluation.likelihood import note_nats
from musicassist.composing import melody_task
from musicassist.composing.engine import Engine
from musicassist.composing.predictor import Passage, Predictor
from musicassist.composing.request import GenerationRequest, Place, Wish, request_of
from musicassist.composing.span import Span, span_of
from musicassist.composing.step_grid import FINE_STEPS_PER_BEAT, StepGrid, step_grid_of
from musicassist.errors import MidiImportError
from musicassist.evaluation.figures import Figure
from musicassist.learning.corpus import SHIPPED_LICENCES
from musicassist.learning.music_files import archived_files
from musicassist.midi import read_song_bytes
from musicassist.score.keys import key_at
from musicassist.score.song import Notes, Song
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import surroundings
from musicassist.tokens.demands import Demands
from musicassist.tokens.vocabulary import STEPS_PER_BEAT

SEED_BARS, BARS, TAKES = 8, 4, 4
DATASETS = ("lieder", "mutopia", "polish_scores", "chopin_first_editions")  # the others have no 32nds to speak of
MIN_NOTES = 8
GRIDS = (STEPS_PER_BEAT, FINE_STEPS_PER_BEAT)
SEED, REAL = "the phrase", "what followed"


@dataclass(frozen=True)
class FinePlace:
    """A place of a song whose melody moves in 32nds.

    Attributes:
        song: With the melody's notes of the bars before the place only.
        track: The melody's.
        from_tick, to_tick: The bars to be written.
        real: What stands there.
    """

    song: Song
    track: int
    from_tick: int
    to_tick: int
    real: Notes

    @property
    def seed(self) -> Notes:
        """What stands before."""
        return self.song.tracks[self.track].notes

    def request(self, model: str, seed: int) -> GenerationRequest:
        """As a user asks who changes no setting."""
        wish = Wish(model=model, takes=TAKES, bars=BARS)
        return request_of(wish, Place(at_tick=self.from_tick), self.song, self.track, seed=seed)


def places_of(song: Song) -> Iterator[FinePlace]:
    """The places of one song, none sharing a bar with another."""
    named = (i for name in ("MELODY", "PIANO_RH") for i, t in enumerate(song.tracks) if t.name == name and len(t.notes))
    track = next(named, None)
    if track is None:
        return
    notes, bars = song.tracks[track].notes, song.time_map
    for first in range(bars.bar_at(int(notes.start_tick[0])), bars.bar_at(song.end_tick), SEED_BARS + BARS):
        start, cut, end = (bars.bar_start_tick(first + count) for count in (0, SEED_BARS, SEED_BARS + BARS))
        seed = notes.where(notes.starting_between(start, cut)).without_span(cut, end)
        real = notes.where(notes.starting_between(cut, end))
        meters = {str(bars.meter_at(bars.bar_start_tick(first + count))) for count in range(SEED_BARS + BARS)}
        if len(meters) > 1 or len(seed) < MIN_NOTES or not len(real) or end > song.end_tick:
            continue
        place = FinePlace(song.with_track(track, song.tracks[track].with_notes(seed)), track, cut, end, real)
        asked = place.request("", 0)
        if step_grid_of(asked, span_of(asked)).is_fine:
            yield place


def places_in(folders: Sequence[Path], split: str, count: int, *, seed: int) -> list[FinePlace]:
    """At most so many of one side of archive folders, drawn at random."""
    found: list[FinePlace] = []
    for folder in folders:
        for file in archived_files(folder / "split.csv", SHIPPED_LICENCES, (split,), Counter()):
            if file.dataset in DATASETS:
                try:
                    found += places_of(read_song_bytes(file.data, file.name).song)
                except MidiImportError:
                    continue
    order = np.random.default_rng(seed).permutation(len(found))[:count]
    return [found[int(at)] for at in order]


@contextmanager
def on_grid(steps_per_beat: int) -> Iterator[None]:
    """Reads and composes on one grid, whatever the phrase."""

    def fixed(request: GenerationRequest, _span: Span) -> StepGrid:
        return StepGrid(request.song.ticks_per_beat, steps_per_beat)

    with patch(f"{melody_task.__name__}.step_grid_of", fixed):
        yield


def thirty_second_figures(
    engine: Engine, model: str, places: Sequence[FinePlace], *, seed: int, split: str
) -> list[Figure]:
    """Of the phrases, of what followed, and of four takes of each on both grids.

    Args:
        engine: Composes.
        model: Its name there.
        places: At least one.
        seed: Random number of the first request; each further one has the next.
        split: Side of the split.
    """
    lines: dict[str, list[list[Notes]]] = {SEED: [[p.seed] for p in places], REAL: [[p.real] for p in places]}
    for steps in GRIDS:
        with on_grid(steps):
            asked = [place.request(model, seed + number) for number, place in enumerate(places)]
            lines[f"{model}, {steps} steps"] = [[take.notes for take in engine.generate(own)] for own in asked]
    kept = [
        Figure(f"onsets exactly in time on {steps} steps a beat", who, share, "", notes, None, split)
        for who in (SEED, REAL)
        for steps in GRIDS
        for share, notes in [_kept(places, lines[who], steps)]
    ]
    made = [
        Figure(name, who, float(np.mean(values)), "", len(values), seed, split)
        for name, of_line in _FIGURES.items()
        for who, own in lines.items()
        for values in [[of_line(place, line) for place, taken in zip(places, own, strict=True) for line in taken]]
    ]
    predictor = engine.ready(model).note_reader if engine.ready(model).reads_notes else None
    if predictor is None:
        return kept + made
    bits = [(steps, *_bits(places, predictor, steps)) for steps in GRIDS]
    return (
        kept
        + made
        + [
            Figure(f"bits per note of what followed, {steps} steps a beat", model, of_note, "bits", notes, None, split)
            for steps, of_note, notes in bits
        ]
    )


def _offsets(notes: Notes, bars: TimeMap) -> np.ndarray:
    onsets = np.unique(notes.start_tick)
    return np.asarray(onsets - bars.bar_spans(onsets)[0])


def _kept(places: Sequence[FinePlace], lines: Sequence[Sequence[Notes]], steps: int) -> tuple[float, int]:
    flags = [
        _offsets(line, place.song.time_map) * steps % place.song.ticks_per_beat == 0
        for place, own in zip(places, lines, strict=True)
        for line in own
    ]
    every = np.concatenate(flags)
    return float(every.mean()), len(every)


def _share_of_32nds(place: FinePlace, line: Notes) -> float:
    """Of the onsets: those on an odd 32nd."""
    eighths = _offsets(line, place.song.time_map) * 8
    beat = place.song.ticks_per_beat
    return float(((eighths % beat == 0) & (eighths // beat % 2 == 1)).mean()) if len(eighths) else 0.0


def _in_places(place: FinePlace, line: Notes) -> float:
    """Of the onsets: those at a place of the beat where the phrase has some."""
    own, known = (_offsets(notes, place.song.time_map) % place.song.ticks_per_beat for notes in (line, place.seed))
    return float(np.isin(own, known).mean()) if len(own) else 1.0


def _density(place: FinePlace, line: Notes) -> float:
    """Onsets in a bar against the phrase's."""
    bars = SEED_BARS if line is place.seed else BARS
    return len(np.unique(line.start_tick)) / bars / (len(np.unique(place.seed.start_tick)) / SEED_BARS)


def _known_rhythms(place: FinePlace, line: Notes) -> float:
    """Share of the bars whose onsets are those of a bar of the phrase, of those with two onsets or more."""
    known, own = (_rhythms(notes, place.song.time_map) for notes in (place.seed, line))
    if line is place.seed:
        counts = Counter(own)
        return float(np.mean([counts[rhythm] > 1 for rhythm in own])) if own else 0.0
    return float(np.mean([rhythm in known for rhythm in own])) if own else 0.0


def _rhythms(notes: Notes, bars: TimeMap) -> list[tuple[int, ...]]:
    onsets = np.unique(notes.start_tick)
    lines = bars.bar_spans(onsets)[0]
    own = [tuple((onsets[lines == line] - line).tolist()) for line in np.unique(lines)]
    return [rhythm for rhythm in own if len(rhythm) > 1]


_FIGURES: dict[str, Callable[[FinePlace, Notes], float]] = {
    "onsets on odd 32nds": _share_of_32nds,
    "onsets at places of the beat that the phrase uses": _in_places,
    "onsets a bar against the phrase": _density,
    "bars with a rhythm of the phrase": _known_rhythms,
}


def _bits(places: Sequence[FinePlace], reader: Callable[[], Predictor], steps: int) -> tuple[float, int]:
    """Bits per note of what followed, read on one grid."""
    nats, count = 0.0, 0
    for place in places:
        grid, predictor = StepGrid(place.song.ticks_per_beat, steps), reader()
        bars = grid.as_read(grid.counted(place.song))
        stands = replace(surroundings(place.song, key=key_at(place.song, place.from_tick).key), bars=bars)
        demands = Demands(bars, grid.nearest(place.from_tick), grid.nearest(place.to_tick), np.ones(128, dtype=bool))
        passage = Passage(grid.melody(place.seed), stands, demands)
        (context,) = predictor.begin(passage, [np.random.default_rng(0)])
        for note in grid.melody(place.real):
            nats -= note_nats(predictor, context, note)
            context.append(*note)
            predictor.advance([context])
            count += 1
    return nats / math.log(2) / count, count
