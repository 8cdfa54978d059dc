"""Phrases of the test split with what really followed, as songs that the engine can continue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

import numpy as np
from numpy.typing import NDArray

from musicassist.learning.corpus import Line
from musicassist.score.song import KeyChange, Notes, Song, Track
from musicassist.score.timing import DEFAULT_TICKS_PER_BEAT, MeterChange
from musicassist.tokens.codec import Melody
from musicassist.tokens.vocabulary import MODES, STEPS_PER_BEAT, STYLES, UNKNOWN_TONIC

SEED_BARS = 8
FOLLOWING_BARS = 4
MIN_SEED_NOTES = 8
_TICKS = DEFAULT_TICKS_PER_BEAT // STEPS_PER_BEAT


@dataclass(frozen=True)
class Phrase:
    """A phrase of a piece.

    Attributes:
        source: Of which piece.
        song: One track with the first bars; meter and key stand in it.
        style: Of ``STYLES``.
        truth: What followed for ``FOLLOWING_BARS`` bars, in the song's ticks.
        from_tick, to_tick: The span of those bars.
    """

    source: str
    song: Song
    style: str
    truth: Notes
    from_tick: int
    to_tick: int


def phrases_of(lines: Sequence[Line], count: int, *, seed: int) -> list[Phrase]:
    """The first bars of ``count`` melodies, drawn at random from those long enough and of one meter."""
    random = np.random.default_rng(seed)
    chosen: list[Phrase] = []
    for place in random.permutation(len(lines)):
        phrase = _phrase(lines[int(place)], 0)
        if phrase is not None:
            chosen.append(phrase)
        if len(chosen) == count:
            break
    return chosen


def windows_of(lines: Sequence[Line], count: int, *, seed: int) -> list[Phrase]:
    """At most ``count`` phrases from all over the melodies, none sharing a bar with another.

    Every melody gives one before any gives two, so that long pieces do not crowd out the short ones.
    """
    random = np.random.default_rng(seed)
    order = [lines[int(place)] for place in random.permutation(len(lines))]
    windows = [[own[int(place)] for place in random.permutation(len(own))] for own in map(_windows, order)]
    rounds = (phrase for turn in zip_longest(*windows) for phrase in turn if phrase is not None)
    return list(islice(rounds, count))


def _windows(line: Line) -> list[Phrase]:
    bars, onset = line.place.bars, line.melody.onset_step
    length = bars.bar_at(int(onset[-1])) - bars.bar_at(int(onset[0]))
    found = (_phrase(line, first) for first in range(0, length, SEED_BARS + FOLLOWING_BARS))
    return [phrase for phrase in found if phrase is not None]


def _phrase(line: Line, from_bar: int) -> Phrase | None:
    """The phrase that begins so many bars after the melody's first; None where that is no fair example."""
    bars, melody = line.place.bars, line.melody
    first = bars.bar_at(int(melody.onset_step[0])) + from_bar
    start, cut, end = (bars.bar_start_tick(first + n) for n in (0, SEED_BARS, SEED_BARS + FOLLOWING_BARS))
    meters = {str(bars.meter_at(bars.bar_start_tick(first + n))) for n in range(SEED_BARS + FOLLOWING_BARS)}
    before = (melody.onset_step >= start) & (melody.onset_step < cut)
    after = (melody.onset_step >= cut) & (melody.onset_step < end)
    if len(meters) > 1 or before.sum() < MIN_SEED_NOTES or after.sum() < 1 or melody.onset_step[-1] < end:
        return None
    meter = bars.meter_at(start)
    key_known = line.place.tonic != UNKNOWN_TONIC and line.place.mode > 0
    keys = (KeyChange(0, line.place.tonic, MODES[line.place.mode]),) if key_known else ()
    song = Song(
        (Track("MELODY", _notes(melody, before, start, cut)),),
        DEFAULT_TICKS_PER_BEAT,
        (),
        (MeterChange(0, meter.numerator, meter.denominator),),
        keys,
    )
    truth = _notes(melody, after, start, end)
    return Phrase(line.source, song, STYLES[line.place.style], truth, (cut - start) * _TICKS, (end - start) * _TICKS)


def _notes(melody: Melody, chosen: NDArray[np.bool_], start: int, end: int) -> Notes:
    onset = melody.onset_step[chosen]
    length = np.minimum(melody.duration_steps[chosen], end - onset)
    return Notes.from_columns((onset - start) * _TICKS, melody.pitch[chosen], length * _TICKS, melody.velocity[chosen])
