"""Which bars of a tune those of a hole most likely are again: the ones that stand among the same bars.

A place so many bars off is the likelier the more bars before it and behind it are those around the hole. How likely
was counted in holes of training melodies (``python -m lab.training.plans``), by the distance and by how many these are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from musicassist.composing.plan import MAX_BACK_BARS, bars_of
from musicassist.resources import resources_folder
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Melody

MIN_CHANCE = 0.5
MIN_LIKENESS = 0.7  # F1 of places and pitches of two places that are heard as the same
_MOST_BARS = 4  # LIMIT: on each side that count
_PERIODS = (4, 8, 12, 16)  # distances that are counted apart
_LEARNT_HOLE_BARS = (1, 2, 4)
_FEWEST = 15  # times that something was seen, for it to be known
Bar = tuple[tuple[int, ...], tuple[int, ...], int]  # places and pitches of its notes, and its length
Bars = Mapping[int, Bar]


class Echoes:
    """What was counted.

    Args:
        seen: For each sign how often it was seen, and how often the place was then the hole's bars again.
    """

    def __init__(self, seen: Mapping[str, tuple[int, int]]) -> None:
        self._chances = {sign: again / times for sign, (times, again) in seen.items()}
        self._seen = dict(seen)

    @staticmethod
    def counted(melodies: Iterable[tuple[Melody, TimeMap]]) -> Echoes:
        """Of melodies in which each bar in turn begins a hole."""
        times: Counter[str] = Counter()
        again: Counter[str] = Counter()
        for melody, bars in melodies:
            written = written_bars(melody, bars)
            for size in _LEARNT_HOLE_BARS:
                for first in written:
                    hole = range(first, first + size)
                    around = {bar: own for bar, own in written.items() if bar not in hole}
                    for distance, sign in _signs(around, hole):
                        times[sign] += 1
                        again[sign] += _likeness(written, hole, distance) >= MIN_LIKENESS
        return Echoes({sign: (count, again[sign]) for sign, count in sorted(times.items()) if count >= _FEWEST})

    def as_json(self) -> dict[str, list[int]]:
        """Plain values, from which :meth:`from_json` makes equal ones."""
        return {sign: list(own) for sign, own in self._seen.items()}

    @staticmethod
    def from_json(page: Mapping[str, Any]) -> Echoes:
        """The inverse of :meth:`as_json`.

        Raises:
            ValueError: It holds something else.
        """
        try:
            return Echoes({sign: (int(times), int(again)) for sign, (times, again) in page.items()})
        except (TypeError, AttributeError, ZeroDivisionError) as error:
            raise ValueError("they are no counts of echoes") from error

    def distance(self, around: Bars, hole: range) -> int:
        """From how many bars earlier those of a hole are likely to be taken up; below 0 from later ones, 0 for none.

        Args:
            around: What is written; bars of the hole do not count.
            hole: The bars that are empty.
        """
        outside = {bar: own for bar, own in around.items() if bar not in hole}
        found = [(self._chances.get(sign, 0.0), distance) for distance, sign in _signs(outside, hole)]
        chance, distance = max(found, default=(0.0, 0))
        return distance if chance >= MIN_CHANCE else 0


@lru_cache(maxsize=1)
def echoes() -> Echoes:
    """What the program ships; read at its first use.

    Raises:
        OSError, ValueError: It is missing or damaged.
    """
    return Echoes.from_json(json.loads((resources_folder() / "plans.json").read_text("utf-8")).get("echoes", {}))


def written_bars(melody: Melody, bars: TimeMap) -> dict[int, Bar]:
    """Those that have notes."""
    if not len(melody):
        return {}
    found, first, _ = bars_of(melody, bars)
    return {
        bar: (*own, bars.bar_start_tick(bar + 1) - bars.bar_start_tick(bar))
        for bar, own in enumerate(found, first)
        if own[0]
    }


def _signs(around: Bars, hole: range) -> Iterator[tuple[int, str]]:
    """The places outside a hole that have notes and stand among bars like its own: how far off, and what speaks."""
    for distance in range(-MAX_BACK_BARS, MAX_BACK_BARS + 1):
        if abs(distance) < len(hole) or not any(bar - distance in around for bar in hole):
            continue
        before, behind = (_run(around, hole, bar, step, distance) for bar, step in ((hole[0], -1), (hole[-1], 1)))
        if before + behind:
            yield distance, f"{abs(distance) if abs(distance) in _PERIODS else 'any'} {before} {behind}"


def _run(around: Bars, hole: range, bar: int, step: int, distance: int) -> int:
    """How many bars beside one are those at the place, one after the other; those of the hole are passed over."""
    run = 0
    for beside in range(bar + step, bar + step * (MAX_BACK_BARS + _MOST_BARS), step):
        if run == _MOST_BARS:
            break
        if beside in hole or beside - distance in hole:
            continue
        if beside not in around or around[beside] != around.get(beside - distance):
            break
        run += 1
    return run


def _likeness(written: Bars, hole: range, distance: int) -> float:
    """Between a hole's true bars and those at a place."""
    own, other = (
        {
            (bar, place, pitch)
            for bar in hole
            if bar - far in written
            for place, pitch in zip(*written[bar - far][:2], strict=True)
        }
        for far in (0, distance)
    )
    return 2 * len(own & other) / max(1, len(own) + len(other))
