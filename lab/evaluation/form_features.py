"""What a reader of scores counts of a passage and of the music before it: returns, commas, rests, seams.

A passage is plain numbers, so that it is the same for takes of any checkout and for real music. None of these
features is known to what chooses among takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOTIF_NOTES = 5
HEAD_BARS = 2
PHRASE_BARS = 4
MIN_LIKENESS = 0.7  # of two bars that are heard as the same
FIFTH = 7  # semitones
COMMA_SHARE = 3  # a last note of a third of the bar closes
Tone = tuple[int, int, int]  # tick, pitch, ticks
Tones = tuple[Tone, ...]
Bar = tuple[tuple[int, int], ...]  # place in the bar and pitch of each note
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Passage:
    """Some whole bars, real or made, after a seed.

    Attributes:
        seed: What stands before, by time.
        lead_in: Notes between the seed's end and the first whole bar, as a pickup.
        tones: The notes of the bars, none longer than they.
        from_tick: Where the bars begin.
        bars: How many.
        bar_ticks: Of every bar.
        tonic: Pitch class.
        begin_tick: The bar line where the seed's first whole bar begins; a pickup stands before it.
    """

    seed: Tones
    lead_in: Tones
    tones: Tones
    from_tick: int
    bars: int
    bar_ticks: int
    tonic: int
    begin_tick: int = 0

    @cached_property
    def own_bars(self) -> list[Bar]:
        """Place and pitch of the notes of each bar."""
        return bars_of(self.tones, self.from_tick, self.bars, self.bar_ticks)

    @cached_property
    def seed_bars(self) -> list[Bar]:
        """The same of the seed's whole bars."""
        count = (self.from_tick - self.begin_tick) // self.bar_ticks
        return bars_of((*self.seed, *self.lead_in), self.begin_tick, count, self.bar_ticks)

    @property
    def to_tick(self) -> int:
        """Where the bars end."""
        return self.from_tick + self.bars * self.bar_ticks


def passage_of(
    seed: Tones, notes: Iterable[Tone], *, from_tick: int, bars: int, bar_ticks: int, tonic: int, begin_tick: int = 0
) -> Passage:
    """The first bars of what follows a seed: what starts later goes, what is longer is cut; see ``Passage``."""
    to_tick = from_tick + bars * bar_ticks
    after = sorted(notes)
    lead_in = tuple(tone for tone in after if tone[0] < from_tick)
    inside = tuple((at, pitch, min(length, to_tick - at)) for at, pitch, length in after if from_tick <= at < to_tick)
    return Passage(seed, lead_in, inside, from_tick, bars, bar_ticks, tonic, begin_tick)


def bars_of(tones: Iterable[Tone], from_tick: int, bars: int, bar_ticks: int) -> list[Bar]:
    """Place and pitch of the notes that start in each of some bars."""
    rows: list[list[tuple[int, int]]] = [[] for _ in range(bars)]
    for tick, pitch, _ in tones:
        bar, place = divmod(tick - from_tick, bar_ticks)
        if 0 <= bar < bars:
            rows[bar].append((place, pitch))
    return [tuple(row) for row in rows]


def held_bars(tones: Iterable[Tone], from_tick: int, bars: int, bar_ticks: int) -> list[tuple[Tone, ...]]:
    """Place, pitch and length of the notes of each bar, no length beyond the bar's end."""
    rows: list[list[Tone]] = [[] for _ in range(bars)]
    for tick, pitch, length in tones:
        bar, place = divmod(tick - from_tick, bar_ticks)
        if 0 <= bar < bars:
            rows[bar].append((place, pitch, min(length, bar_ticks - place)))
    return [tuple(row) for row in rows]


def alike(one: Sequence[Bar], other: Sequence[Bar], shift: int = 0) -> float:
    """F1 of places and pitches of some bars and as many others, the first ones moved by semitones; 0 without notes."""
    own = {(bar, place, pitch + shift) for bar, row in enumerate(one) for place, pitch in row}
    others = {(bar, place, pitch) for bar, row in enumerate(other) for place, pitch in row}
    return 2 * len(own & others) / (len(own) + len(others)) if own and others else 0.0


def rhythm(bar: Bar) -> tuple[int, ...]:
    """The places where notes start."""
    return tuple(place for place, _ in bar)


def has_comma(tones: Sequence[Tone], bar_tick: int, bar_ticks: int) -> bool:
    """Whether the last note that starts in a bar is as long as a third of it, or none starts there."""
    inside = [tone for tone in tones if bar_tick <= tone[0] < bar_tick + bar_ticks]
    return not inside or COMMA_SHARE * inside[-1][2] >= bar_ticks


def motifs(tones: Sequence[Tone]) -> list[tuple[tuple[int, int], ...]]:
    """Every run of five notes as its steps of pitch and of time: the same wherever and however high it stands."""
    steps = [(b[1] - a[1], b[0] - a[0]) for a, b in pairwise(tones)]
    size = MOTIF_NOTES - 1
    return [tuple(steps[i : i + size]) for i in range(len(steps) - size + 1)]


def head_likeness(passage: Passage, *, is_transposed: bool) -> float:
    """How much the first two bars are the head of one of the seed's phrases, at its pitch or at any."""
    own, best = passage.own_bars[:HEAD_BARS], 0.0
    for at in range(0, len(passage.seed_bars) - HEAD_BARS + 1, PHRASE_BARS):
        head = passage.seed_bars[at : at + HEAD_BARS]
        shifts = {0}
        if is_transposed and own[0] and head[0]:
            shifts.add(head[0][0][1] - own[0][0][1])
        best = max(best, *(alike(own, head, shift) for shift in shifts))
    return best


def returns(passage: Passage) -> dict[str, float]:
    """What comes back of the seed, and within the passage."""
    own, seed = passage.own_bars, passage.seed_bars
    full = [bar for bar in own if bar]
    rhythms = {rhythm(bar) for bar in seed if bar}
    count = len(seed)
    known = set(held_bars((*passage.seed, *passage.lead_in), passage.begin_tick, count, passage.bar_ticks)) - {()}
    held = [bar for bar in held_bars(passage.tones, passage.from_tick, passage.bars, passage.bar_ticks) if bar]
    runs, before = motifs((*passage.lead_in, *passage.tones)), set(motifs(passage.seed))
    stretches = range(max(1, len(seed) - len(own) + 1))
    pairs = list(combinations(own, 2))
    return {
        "a run of 5 notes of the seed returns": float(any(run in before for run in runs)),
        "runs of 5 notes that stand in the seed": _mean([run in before for run in runs]),
        "bars equal to a bar of the seed": _mean([bar in known for bar in held]),
        "bars with a rhythm of the seed": _mean([rhythm(bar) in rhythms for bar in full]),
        "likeness with the best seed phrase": max(alike(own, seed[at : at + len(own)]) for at in stretches),
        "first two bars = head of a phrase": float(head_likeness(passage, is_transposed=False) >= MIN_LIKENESS),
        "the same, transposed too": float(head_likeness(passage, is_transposed=True) >= MIN_LIKENESS),
        "bar pairs with equal rhythm": _mean([bool(a) and rhythm(a) == rhythm(b) for a, b in pairs]),
    }


def ends(passage: Passage) -> dict[str, float]:
    """How it joins the seed and how it closes."""
    last_bar = passage.to_tick - passage.bar_ticks
    tones, before = passage.tones, passage.seed[-1]
    first = (*passage.lead_in, *tones)[:1]
    interval = first[0][1] - before[1] if first else 0
    return {
        "last bar ends a phrase": float(has_comma(tones, last_bar, passage.bar_ticks)),
        "last note is the tonic": float(bool(tones) and tones[-1][1] % 12 == passage.tonic),
        "seam interval, semitones": float(abs(interval)),
    }


def motion(passage: Passage) -> dict[str, float]:
    """Rests, density, range, and what kind of steps it makes."""
    tones = passage.tones
    intervals = np.abs(np.diff([pitch for _, pitch, _ in tones])) if len(tones) > 1 else np.zeros(0)
    seed_bars = max(1, len(passage.seed_bars))
    density = len(tones) / passage.bars / max(1, len(passage.seed)) * seed_bars
    pitches = [pitch for _, pitch, _ in tones] or [0]
    return {
        "rest share": 1 - _sounding(passage) / (passage.bars * passage.bar_ticks),
        "density against seed": density,
        "range, semitones": float(max(pitches) - min(pitches)),
        "steps": _mean((intervals > 0) & (intervals <= 2)),
        "repeated pitches": _mean(intervals == 0),
        "leaps over a fifth": _mean(intervals > FIFTH),
        "longest run of one pitch": float(longest_run(pitches)),
    }


def longest_run(pitches: Sequence[int]) -> int:
    """How many notes of one pitch come running at most."""
    longest = run = 1
    for a, b in pairwise(pitches):
        run = run + 1 if a == b else 1
        longest = max(longest, run)
    return longest


def table_row(passage: Passage) -> dict[str, float]:
    """What the table shows of a passage."""
    return {**returns(passage), **ends(passage), **motion(passage)}


def described(passage: Passage) -> Floats:
    """(features,) what the two-sample test is given: the table's row, and finer counts of the same matters."""
    return np.array([*table_row(passage).values(), *_finer(passage)])


def _finer(passage: Passage) -> list[float]:
    """Numbers without a row of their own."""
    tones, own, beat = passage.tones, passage.own_bars, passage.bar_ticks
    seed_pitch = [pitch for _, pitch, _ in passage.seed]
    pitch = [pitch for _, pitch, _ in tones] or [seed_pitch[-1]]
    steps = np.diff(pitch)
    last = tones[-1] if tones else (passage.to_tick, pitch[-1], 0)
    first = (*passage.lead_in, *tones, last)[0]
    lengths = np.array([length for _, _, length in tones] or [0]) / beat
    seed_lengths = np.array([length for _, _, length in passage.seed]) / beat
    counts = [float(len(bar)) for bar in own]
    turns = [a * b < 0 for a, b in pairwise(steps[steps != 0])]
    neighbours = [alike([a], [b]) for a, b in pairwise(own)]
    apart = [alike([a], [b]) for a, b in zip(own, own[2:], strict=False)]
    seed_end = passage.seed[-1][0] + passage.seed[-1][2]
    return [
        head_likeness(passage, is_transposed=False),
        head_likeness(passage, is_transposed=True),
        (first[0] - seed_end) / beat,
        float(first[1] - passage.seed[-1][1]),
        float(len(passage.lead_in)),
        last[2] / beat,
        (last[0] - passage.from_tick) % beat / beat,
        (passage.to_tick - last[0] - last[2]) / beat,
        float(last[1] - np.mean(seed_pitch)),
        float((last[1] - passage.tonic) % 12 in (4, 7, 3)),
        float(np.mean(pitch) - np.mean(seed_pitch)),
        float(max(pitch) - max(seed_pitch)),
        float(min(pitch) - min(seed_pitch)),
        float(len(set(pitch))),
        float(np.abs(steps).mean()) if len(steps) else 0.0,
        float(np.abs(steps).max()) if len(steps) else 0.0,
        _mean(turns),
        float(len({rhythm(bar) for bar in own})),
        _mean(neighbours),
        max(neighbours, default=0.0),
        _mean(apart),
        max(apart, default=0.0),
        counts[0] - counts[-1],
        float(np.std(counts)),
        float(lengths.mean() - seed_lengths.mean()),
        float(lengths.std()),
        float(lengths.max()),
        _mean([(tone[0] - passage.from_tick) % beat == 0 for tone in tones]),
        _mean([has_comma(tones, passage.from_tick + bar * beat, beat) for bar in range(passage.bars)]),
        float(len(set(np.round(lengths, 3).tolist()))),
    ]


def _sounding(passage: Passage) -> int:
    """Ticks of the bars in which a note sounds that starts in them."""
    covered, end = 0, passage.from_tick
    for tick, _, length in passage.tones:
        covered += max(0, tick + length - max(tick, end))
        end = max(end, tick + length)
    return covered


def _mean(flags: Sequence[float] | NDArray[np.bool_]) -> float:
    return float(np.mean(flags)) if len(flags) else 0.0


def equal_onsets(takes: Sequence[Tones]) -> tuple[float, float]:
    """Of the notes of two takes, the shares that start at one place, and there with one length: means over pairs."""
    return (
        _shared([{tick for tick, _, _ in tones} for tones in takes]),
        _shared([{(tick, length) for tick, _, length in tones} for tones in takes]),
    )


def _shared(takes: Sequence[set[Any]]) -> float:
    return _mean([2 * len(one & other) / max(1, len(one) + len(other)) for one, other in combinations(takes, 2)])
