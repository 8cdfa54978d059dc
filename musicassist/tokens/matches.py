"""Where the last notes of a melody stood before in it: the memory that a model copies from."""

from __future__ import annotations

from bisect import bisect_right
from typing import Generic, NamedTuple, TypeVar

from musicassist.tokens.vocabulary import MATCH_EDGES

_EXACT_LENGTHS = (8, 4, 2, 1)
_RHYTHM_LENGTHS = (8, 4, 2)
_CONTOUR_LENGTHS = (6, 3)
_OCCURRENCES = 3  # how many earlier places of each run of notes are remembered
_MAX_MATCH = 48
_MAX_LOOK = 16  # how far back a new match is compared; then it grows note by note
Run = tuple[int, ...]
K = TypeVar("K")


class Places(Generic[K]):
    """The newest rows, at most ``_OCCURRENCES``, where something stood; grows with the melody."""

    def __init__(self) -> None:
        self._own: dict[K, tuple[int, ...]] = {}
        self._below: dict[K, tuple[int, ...]] = {}  # what it went on from, where nothing newer is known; never changed

    def copy(self, *, is_shared: bool) -> Places[K]:
        """A continuation of the same past: an independent one or, at no cost, one of what must not grow any more."""
        twin: Places[K] = Places()
        if not is_shared:
            twin._own, twin._below = self._own.copy(), self._below
        elif self._own and self._below:
            twin._below = {**self._below, **self._own}
        else:
            twin._below = self._own or self._below
        return twin

    def of(self, key: K) -> tuple[int, ...]:
        """The rows, the newest first."""
        return self._own.get(key) or self._below.get(key, ())

    def add(self, key: K, row: int) -> None:
        """It stands in a new row, too."""
        self._own[key] = (row, *self.of(key))[:_OCCURRENCES]


class Match(NamedTuple):
    """An earlier note that corresponds to the last one (its row, or -1), and for how many notes they agree."""

    row: int
    length: int

    @property
    def length_class(self) -> int:
        """Bucket of ``vocabulary.MATCH_EDGES``."""
        return bisect_right(MATCH_EDGES, self.length)


NO_MATCH = Match(-1, 0)


class Matches:
    """Earlier places of the last notes; follows the columns of gap and interval classes and positions that grow.

    Attributes:
        best: Where gaps and intervals agree for longest.
        second: The longest that went on differently from the best.
        rhythm: The newest where position and gaps agree.
        contour: The newest where intervals agree.
    """

    def __init__(self) -> None:
        self.best = self.second = self.rhythm = self.contour = NO_MATCH
        self._exact: Places[Run] = Places()
        self._rhythms: Places[Run] = Places()
        self._contours: Places[Run] = Places()

    def copy(self, *, is_shared: bool = False) -> Matches:
        """A continuation of the same past; ``is_shared`` as of :meth:`Places.copy`."""
        twin = Matches()
        twin.best, twin.second, twin.rhythm, twin.contour = self.best, self.second, self.rhythm, self.contour
        twin._exact, twin._rhythms = self._exact.copy(is_shared=is_shared), self._rhythms.copy(is_shared=is_shared)
        twin._contours = self._contours.copy(is_shared=is_shared)
        return twin

    def follow(self, gaps: list[int], intervals: list[int], positions: list[int]) -> None:
        """The columns have grown by a note: finds its earlier places, then remembers it as one."""
        row = len(gaps) - 1
        exact = {n: (*_run(intervals, row, n), *_run(gaps, row, n)) for n in _EXACT_LENGTHS if row >= n}
        rhythms = {n: (positions[row], *_run(gaps, row, n)) for n in _RHYTHM_LENGTHS if row >= n}
        contours = {n: _run(intervals, row, n) for n in _CONTOUR_LENGTHS if row >= n}
        self._find_exact(gaps, intervals, exact)
        self.rhythm, self.contour = _newest(self._rhythms, rhythms), _newest(self._contours, contours)
        for places, runs in ((self._exact, exact), (self._rhythms, rhythms), (self._contours, contours)):
            for run in runs.values():
                places.add(run, row)

    def _find_exact(self, gaps: list[int], intervals: list[int], runs: dict[int, Run]) -> None:
        row = len(gaps) - 1
        earlier = dict.fromkeys(place for run in runs.values() for place in self._exact.of(run))
        known = {match.row + 1: match.length for match in (self.best, self.second)}
        lengths = [(_length(gaps, intervals, place, row, known.get(place, 0)), place) for place in earlier]
        found = [Match(place, length) for length, place in sorted(lengths, reverse=True)]
        self.best = found[0] if found else NO_MATCH
        self.second = NO_MATCH
        for match in found[1:]:
            if _following(gaps, intervals, match.row) != _following(gaps, intervals, self.best.row):
                self.second = match
                break


def agrees(gaps: list[int], intervals: list[int], one: int, other: int) -> bool:
    """Whether two notes come after equal gaps and intervals."""
    return intervals[one] == intervals[other] and gaps[one] == gaps[other]


def _run(column: list[int], row: int, length: int) -> Run:
    return tuple(column[row - length + 1 : row + 1])


def _newest(places: Places[Run], runs: dict[int, Run]) -> Match:
    """The newest place of the longest run that has one; ``runs`` by their length, long ones first."""
    for length, run in runs.items():
        found = places.of(run)
        if found:
            return Match(found[0], length)
    return NO_MATCH


def _length(gaps: list[int], intervals: list[int], place: int, row: int, known_length: int) -> int:
    """For how many notes the past of ``place`` agrees with that of ``row``; one more than was known a note ago."""
    if known_length > 0:
        return min(known_length + 1, _MAX_MATCH)
    length = 1
    while length < _MAX_LOOK and place - length > 0 and agrees(gaps, intervals, place - length, row - length):
        length += 1
    return length


def _following(gaps: list[int], intervals: list[int], row: int) -> tuple[int, int]:
    return (gaps[row + 1], intervals[row + 1]) if row + 1 < len(gaps) else (0, 0)
