"""Chord progressions for a melody: some that differ, the best first, plain, rich or chromatic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from musicassist.harmony.chord_search import ChordSearch, Place, Taste
from musicassist.harmony.detection import QUALITIES
from musicassist.harmony.numerals import home_tones, is_minor_key
from musicassist.harmony.progressions import (
    STATES,
    Floats,
    Ground,
    MelodyAround,
    Placed,
    chord_of,
    placed_of,
    progression_net,
)
from musicassist.harmony.slots import Slot, slots_between
from musicassist.score.chord_track import ChordSpan
from musicassist.score.keys import find_key, key_at
from musicassist.score.song import Notes, Song
from musicassist.score.theory import Chord, Key, chord_steps
from musicassist.score.timing import TimeMap

STYLES = ("plain", "rich", "chromatic")
# How much of the chords' tones, weighed by time, lies outside the key (in minor its leading tone is at home).
OUTSIDE_SHARES = {"plain": (0.0, 0.0), "rich": (0.0, 0.08), "chromatic": (0.08, 0.25)}
AS_BEFORE = ""  # no style: as the chords lead on
MAX_PROGRESSIONS = 8  # LIMIT: more nobody compares
MIN_DIFFERENCE = 0.25  # of the time, in which two that are offered have other chords
_TRIAD_COST = {"rich": 1.2, "chromatic": 0.2}  # nats; where chords are to be full
_RARE = {"aug": 1.5, "dim": 0.5, "dim7": 0.3}
_HOME, _CLOSE, _CADENCE = 2.0, 2.0, 1.5  # nats
_DIFFER = 0.8
_MAX_TRIES = 4
_NOISE = 0.35


@dataclass(frozen=True)
class Progression:
    """Chords for a stretch.

    Attributes:
        spans: They, in order, without gaps.
        outside_share: How much of their tones, weighed by time, lies outside the key.
        cost: How unlikely they are, in nats a chord; those that are offered together are ordered by it.
    """

    spans: tuple[ChordSpan, ...]
    outside_share: float
    cost: float


def harmonise(
    song: Song,
    melody: Notes,
    from_tick: int,
    to_tick: int,
    *,
    style: str = "plain",
    count: int = 4,
    seed: int = 0,
    before: Sequence[ChordSpan] = (),
    behind: Sequence[ChordSpan] = (),
) -> tuple[Progression, ...]:
    """Progressions for a stretch of a melody, none beyond the beat on which it ends.

    Source: the likeliest path by a beam, after Simon, Morris and Basu (2008), MySong: automatic accompaniment
    generation for vocal melodies; chords by ``harmony.progressions``, and how long they hold by counts.

    Args:
        song: Its bars and keys.
        melody: What is harmonised.
        from_tick: Where the chords begin,
        to_tick: and end, at the latest.
        style: One of ``STYLES``.
        count: How many; where few fit, there are fewer.
        seed: A random number; the same one gives the same ones.
        before: The chords that lead there, which stay.
        behind: The chords that follow, which stay.
    """
    inside = melody.where((melody.end_tick > from_tick) & (melody.start_tick < to_tick))
    if not len(inside):
        return ()
    bars, last_tick = song.time_map, int(inside.end_tick.max())
    line = bars.bar_start_tick(bars.bar_at(last_tick))
    beat_ticks = bars.beat_ticks_at(last_tick)
    end = min(to_tick, line + round(-(-(last_tick - line) // beat_ticks) * beat_ticks))  # a note may be let go early
    slots = slots_between(song.time_map, max(from_tick, _first_line(song.time_map, inside, from_tick)), end)
    return _progressions(_Task(song, melody, slots, placed_of(before), placed_of(behind)), style, count, seed)


def go_on(
    song: Song, before: Sequence[ChordSpan], from_tick: int, to_tick: int, *, seed: int, is_closing: bool = False
) -> tuple[ChordSpan, ...]:
    """Chords for bars that have no melody yet, as those before them lead on.

    Args:
        song: Its bars and keys.
        before: The chords that lead there.
        from_tick: Where the bars begin.
        to_tick: Where they end.
        seed: A random number.
        is_closing: Whether they end on the tonic.
    """
    slots = slots_between(song.time_map, from_tick, to_tick)
    if not slots:
        return ()
    task = _Task(song, Notes.of(), slots, placed_of(before), ())
    task.is_closed = is_closing
    found = _progressions(task, AS_BEFORE, 1, seed)
    return found[0].spans if found else ()


def outside_share(spans: Sequence[ChordSpan], key: Key) -> float:
    """How much of the chords' tones lies outside a key, each chord weighed by its time."""
    home, outside, total = home_tones(key), 0.0, 0.0
    for span in spans:
        tones = span.chord.pitch_classes
        ticks = span.to_tick - span.from_tick
        outside += ticks * len(tones - home) / max(1, len(tones))
        total += ticks
    return outside / total if total else 0.0


def difference(one: Sequence[ChordSpan], other: Sequence[ChordSpan], time_map: TimeMap) -> float:
    """In which share of the time two progressions over the same stretch have other chords."""
    ticks = sorted({tick for span in (*one, *other) for tick in (span.from_tick, span.to_tick)})
    chords = [
        {tick: s.chord for s in spans for tick in ticks if s.from_tick <= tick < s.to_tick} for spans in (one, other)
    ]
    laps = list(pairwise(ticks))
    different = sum(end - start for start, end in laps if chords[0].get(start) != chords[1].get(start))
    return different / (ticks[-1] - ticks[0]) if laps else 0.0


def _first_line(time_map: TimeMap, melody: Notes, from_tick: int) -> int:
    """Where chords begin: with the first note, or after a pickup, which has none of its own."""
    first = max(from_tick, int(melody.start_tick.min()))
    bar = time_map.bar_start_tick(time_map.bar_at(first))
    bar_ticks = time_map.bar_ticks_at(bar)
    is_pickup = first - bar >= bar_ticks / 2 or (time_map.has_pickup and time_map.bar_at(first) == 0)
    line = time_map.bar_line_at_or_after(first)
    behind = int(melody.end_tick.max()) > line + bar_ticks
    return line if is_pickup and behind else bar


class _Task:
    """What is to be harmonised, ready for the search."""

    def __init__(
        self, song: Song, melody: Notes, slots: Sequence[Slot], before: tuple[Placed, ...], behind: tuple[Placed, ...]
    ) -> None:
        self.slots, self.before, self.behind = tuple(slots), before, behind
        around = MelodyAround(melody, song.ticks_per_beat)
        heard = find_key(melody)
        self.keys = [key_at(song, slot.from_tick).key or heard or Key(0) for slot in slots]
        self.places = tuple(
            Place(
                slot.from_tick,
                slot.to_tick,
                slot.is_first_of_bar,
                slot.is_last_of_bar,
                Ground(around, song.time_map, key, goes_with_melody=bool(len(melody))),
            )
            for slot, key in zip(slots, self.keys, strict=True)
        )
        last = melody.where(melody.start_tick < slots[-1].to_tick) if slots else Notes.of()
        is_last = bool(len(last)) and not bool((melody.start_tick >= slots[-1].to_tick).any())
        self.is_at_end = is_last and int(melody.end_tick.max()) > slots[-1].from_tick and not behind
        key = self.keys[-1] if slots else Key(0)
        tonic = set(_tonic(key).pitch_classes)
        self.is_closed = self.is_at_end and int(last.pitch[-1]) % 12 in tonic

    def taste(self, style: str, others: Sequence[Progression], differ: float, noise: np.random.Generator) -> Taste:
        """What counts beside the net, (slots, STATES) in nats; -inf for what may not be."""
        worth = np.stack([_style_worth(style, key) for key in self.keys])
        drawn = noise.standard_normal(worth.shape)  # by degree, so that another key has the same chords there
        turned = [np.roll(row, key.tonic * len(QUALITIES)) for row, key in zip(drawn, self.keys, strict=True)]
        worth = worth + _NOISE * np.stack(turned)
        for place, slot in enumerate(self.slots):
            for other in others:
                chord = next((s.chord for s in other.spans if s.from_tick <= slot.from_tick < s.to_tick), None)
                if chord is not None:
                    state = chord.root * len(QUALITIES) + QUALITIES.index(chord.quality)
                    root = slice(chord.root * len(QUALITIES), (chord.root + 1) * len(QUALITIES))
                    worth[place, root] -= differ / 2
                    worth[place, state] -= differ / 2
        first, final, last_but_one = np.zeros((3, STATES))
        if not self.before:
            first[_is_tonic(self.keys[0])] = _HOME
        if self.is_closed:
            final[~_is_tonic(self.keys[-1])] = -np.inf
            last_but_one[_is_dominant(self.keys[-1])] = _CADENCE
        elif self.is_at_end:
            final[_is_tonic(self.keys[-1]) | _is_dominant(self.keys[-1])] = _CLOSE
        outside = np.stack([_outside(key) for key in self.keys])
        return Taste(worth, first, final, last_but_one, outside, OUTSIDE_SHARES.get(style, (0.0, 1.0)))


def _progressions(task: _Task, style: str, count: int, seed: int) -> tuple[Progression, ...]:
    if not task.slots:
        return ()
    search = ChordSearch(progression_net(), task.places, task.before, task.behind)
    found: list[Progression] = []
    for number in range(count):
        noise = np.random.default_rng([seed, number])
        differ = _DIFFER
        for _ in range(_MAX_TRIES):
            best = search.best(task.taste(style, found, differ, np.random.default_rng(noise.integers(2**31))))
            differ *= 2
            one = _progression(best.chords, best.cost, task)
            time_map = task.places[0].ground.time_map
            lowest, highest = OUTSIDE_SHARES.get(style, (0.0, 1.0))
            is_of_style = lowest <= one.outside_share <= highest or not found  # one at least is offered
            if is_of_style and all(difference(one.spans, o.spans, time_map) >= MIN_DIFFERENCE for o in found):
                found.append(one)
                break
    return tuple(sorted(found, key=lambda one: one.cost))


def _progression(chords: Sequence[Placed], cost: float, task: _Task) -> Progression:
    spans = tuple(ChordSpan(start, end, chord_of(state), is_written=False) for start, end, state in chords)
    shares = [
        (
            outside_share([span], task.keys[next(i for i, s in enumerate(task.slots) if s.to_tick > span.from_tick)]),
            span,
        )
        for span in spans
    ]
    total = sum(span.to_tick - span.from_tick for span in spans)
    outside = sum(share * (span.to_tick - span.from_tick) for share, span in shares) / max(1, total)
    return Progression(spans, outside, cost)


@cache
def _style_worth(style: str, key: Key) -> Floats:
    """What a style adds to each chord."""
    worth = np.zeros(STATES)
    outside = _outside(key)
    for state in range(STATES):
        chord = chord_of(state)
        is_dominant = chord == Chord((key.tonic + 7) % 12, "7")
        if style == "plain" and (outside[state] > 0 or not (chord.quality in ("", "m") or is_dominant)):
            worth[state] = -np.inf
        worth[state] -= _RARE.get(chord.quality, 0.0)
        worth[state] -= _TRIAD_COST.get(style, 0.0) * (len(chord_steps(chord.quality)) == 3)
    return worth


@cache
def _outside(key: Key) -> Floats:
    """(STATES,), which share of each chord's tones lies outside a key."""
    home = home_tones(key)
    tones = [chord_of(state).pitch_classes for state in range(STATES)]
    return np.array([len(own - home) / len(own) for own in tones])


def _tonic(key: Key) -> Chord:
    return Chord(key.tonic, "m" if is_minor_key(key) else "")


@cache
def _is_tonic(key: Key) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    qualities = ("m", "m7") if is_minor_key(key) else ("", "maj7")
    wanted = {Chord(key.tonic, quality) for quality in qualities}
    return np.array([chord_of(state) in wanted for state in range(STATES)])


@cache
def _is_dominant(key: Key) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    wanted = {Chord((key.tonic + 7) % 12, quality) for quality in ("", "7")}
    return np.array([chord_of(state) in wanted for state in range(STATES)])
