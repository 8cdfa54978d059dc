"""Places of melodies where something is to be written, with what really stands there.

Each piece gives one place before any gives two. Where a tune has a pickup, the seed is cut before the next pickup, as
a writer would leave it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, zip_longest
from typing import Any

import numpy as np

from lab.evaluation.form_asking import TICKS_PER_BEAT, Asked, Tone
from lab.evaluation.form_features import Passage, passage_of
from musicassist.learning.corpus import Line
from musicassist.score.keys import find_key
from musicassist.score.song import Notes
from musicassist.tokens.vocabulary import STEPS_PER_BEAT, UNKNOWN_TONIC

SEED_BARS, AFTER_BARS = 8, 8
HOLE_BARS, HOLE_AT = 2, 4  # bars 5 and 6 of 16
MIN_NOTES = 8  # of the seed
_TICKS = TICKS_PER_BEAT // STEPS_PER_BEAT
Tones = tuple[Tone, ...]


@dataclass(frozen=True)
class Case:
    """Sixteen bars of a melody, eight of them to go on from.

    Attributes:
        piece: ``dataset/file``.
        tones: All notes; bar lines lie at multiples of the bar, a pickup in a bar of its own before them.
        meter: Numerator and denominator.
        bar_ticks: Of every bar.
        begin_tick: The bar line of the first whole bar.
        cut_tick: What starts before it is the seed: the ninth bar line, or where the pickup to it begins.
        tonic: Pitch class of the key that the piece says or that is heard in all of it.
    """

    piece: str
    tones: Tones
    meter: tuple[int, int]
    bar_ticks: int
    begin_tick: int
    cut_tick: int
    tonic: int

    @property
    def from_tick(self) -> int:
        """The bar line that the compared bars begin at."""
        return self.begin_tick + SEED_BARS * self.bar_ticks

    @property
    def seed(self) -> Tones:
        """What is gone on from; its last note does not sound into what follows."""
        inside = (tone for tone in self.tones if tone[0] < self.cut_tick)
        return tuple((at, pitch, min(length, self.cut_tick - at)) for at, pitch, length in inside)

    def passage(self, notes: Sequence[Tone], bars: int, from_bar: int = 0) -> Passage:
        """Some bars of what follows the seed as it is judged; later ones are judged with the earlier in the seed."""
        start = self.from_tick + from_bar * self.bar_ticks
        early = tuple(tone for tone in notes if tone[0] < start) if from_bar else ()
        rest = [tone for tone in notes if tone[0] >= start] if from_bar else notes
        return passage_of(
            (*self.seed, *early),
            rest,
            from_tick=start,
            bars=bars,
            bar_ticks=self.bar_ticks,
            tonic=self.tonic,
            begin_tick=self.begin_tick,
        )

    @property
    def truth(self) -> list[Tone]:
        """What really follows."""
        return [tone for tone in self.tones if tone[0] >= self.cut_tick]

    def continuation(self, seed: int, **wish: Any) -> Asked:
        """The press of Continue behind the seed."""
        return Asked("continue", self.seed, self.meter, seed, wish=tuple(wish.items()))

    @property
    def hole(self) -> tuple[int, int]:
        """From and to which tick bars 5 and 6 are."""
        start = self.begin_tick + HOLE_AT * self.bar_ticks
        return start, start + HOLE_BARS * self.bar_ticks

    def infill(self, seed: int) -> Asked:
        """The press of Infill upon bars 5 and 6."""
        start, stop = self.hole
        around = [tone for tone in self.tones if not start <= tone[0] < stop]
        cut = tuple((at, pitch, min(length, start - at) if at < start else length) for at, pitch, length in around)
        return Asked("infill", cut, self.meter, seed, start, stop)

    def variation(self, seed: int, amount: float) -> Asked:
        """The press of Vary upon the first four bars, nothing else being there."""
        stop = self.begin_tick + HOLE_AT * self.bar_ticks
        return Asked("vary", self.phrase, self.meter, seed, self.begin_tick, stop, (("amount", amount),))

    @property
    def phrase(self) -> Tones:
        """What stands in the first four bars."""
        stop = self.begin_tick + HOLE_AT * self.bar_ticks
        inside = (tone for tone in self.tones if self.begin_tick <= tone[0] < stop)
        return tuple((at, pitch, min(length, stop - at)) for at, pitch, length in inside)


def cases_of(lines: Sequence[Line], count: int, *, seed: int) -> list[Case]:
    """At most so many places from all over the melodies, none sharing a bar with another."""
    random = np.random.default_rng(seed)
    order = [lines[int(place)] for place in random.permutation(len(lines))]
    places = [[own[int(place)] for place in random.permutation(len(own))] for own in map(_places, order)]
    rounds = (case for turn in zip_longest(*places) for case in turn if case is not None)
    return list(islice(rounds, count))


def _places(line: Line) -> list[Case]:
    bars, onset = line.place.bars, line.melody.onset_step
    length = bars.bar_at(int(onset[-1])) - bars.bar_at(int(onset[0]))
    return list(_found(line, range(0, length, SEED_BARS + AFTER_BARS)))


def _found(line: Line, starts: range) -> Iterator[Case]:
    first = line.place.bars.bar_at(int(line.melody.onset_step[0]))
    pickup = pickup_steps(line, first)
    for start in starts:
        case = _case(line, first + start + (pickup > 0), pickup)
        if case is not None:
            yield case


def pickup_steps(line: Line, first_bar: int) -> int:
    """How long a tune's pickup is: what stands in its first bar where that is half of it or less."""
    bars, place = line.place.bars, int(line.melody.onset_step[0])
    start, stop = bars.bar_start_tick(first_bar), bars.bar_start_tick(first_bar + 1)
    return stop - place if 2 * (place - start) >= stop - start else 0


def _case(line: Line, bar: int, pickup: int) -> Case | None:
    """The place that begins at a bar; None where it is no fair example."""
    bars, melody = line.place.bars, line.melody
    lines = [bars.bar_start_tick(bar + n) for n in range(SEED_BARS + AFTER_BARS + 1)]
    step = lines[1] - lines[0]
    meters = {str(bars.meter_at(at)) for at in lines[:-1]}
    if len(meters) > 1 or any(b - a != step for a, b in pairwise(lines)):
        return None
    start, cut, end = lines[0], lines[SEED_BARS], lines[-1]
    onset = melody.onset_step
    is_cut_early = pickup and bool((onset == cut - pickup).any())
    cut -= pickup if is_cut_early else 0
    chosen = (onset >= start - pickup) & (onset < end)
    before, after = onset[chosen & (onset < cut)], onset[chosen & (onset >= cut)]
    in_last_bar = (onset >= cut - step) & (onset < cut)
    in_hole = (onset >= lines[HOLE_AT]) & (onset < lines[HOLE_AT + HOLE_BARS])
    in_head = (onset >= start) & (onset < lines[HOLE_AT])
    counts = [len(before), len(after), MIN_NOTES * int(in_last_bar.any() and in_hole.any() and in_head.any())]
    if min(counts) < MIN_NOTES:
        return None
    begin = step if pickup else 0
    ticks = [((at - start + begin) * _TICKS) for at in onset[chosen].tolist()]
    length = np.minimum(melody.duration_steps[chosen], end - onset[chosen]) * _TICKS
    tones = tuple(zip(ticks, melody.pitch[chosen].tolist(), length.tolist(), strict=True))
    meter = bars.meter_at(start)
    cut_tick = (cut - start + begin) * _TICKS
    piece = line.source.partition("#")[0]
    return Case(
        piece, tones, (meter.numerator, meter.denominator), step * _TICKS, begin * _TICKS, cut_tick, _tonic(line)
    )


def _tonic(line: Line) -> int:
    if line.place.tonic != UNKNOWN_TONIC:
        return int(line.place.tonic)
    melody = line.melody
    heard = find_key(Notes.from_columns(melody.onset_step, melody.pitch, melody.duration_steps, melody.velocity))
    return heard.tonic if heard is not None else 0
