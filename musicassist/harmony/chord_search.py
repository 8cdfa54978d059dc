"""The search for the chords that fit best together: a beam over slots, where each chord holds one slot or more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from musicassist.harmony.detection import QUALITIES
from musicassist.harmony.progressions import (
    LAPS,
    MELODY_ROWS,
    STATES,
    Floats,
    Ground,
    Placed,
    ProgressionNet,
    chord_of,
    features,
    laps_of,
)
from musicassist.models.weights import log_softmax

BEAM = 12  # LIMIT: so many beginnings are gone on from at each slot
MAX_SAME_ENDING = 3  # of them with one last chord
BRANCHES = 8  # LIMIT: so many chords are tried after each
CHANGE_COST = 1.3  # nats; the best of many chords is better than the average one, and so is every change
MELODY_WEIGHT = 0.5  # LIMIT: of what the melody adds; songs hold more against it than a bare melody bears
PASSING, RUB = 0.4, 0.7  # nats for a beat of a tone beside the chord, and of one a semitone above one of its tones
BAND_WEIGHT = 12.0  # nats for a bar of tones too few or too many outside the key
PRIOR_LAPS = 2  # so many counted chords are what other songs say of how long chords hold
UNRESOLVED = 1.5  # nats for a dominant of another degree that does not lead on
EMPTIED = 1.5  # nats for a seventh that goes where its root stays
_MARGIN = 0.01  # of the band, that is not aimed at
_MAX_BEHIND = 2  # chords that stay behind the stretch and are foretold from it


@dataclass(frozen=True, eq=False)
class Place:
    """A slot.

    Attributes:
        from_tick, to_tick: Where it begins and ends.
        is_first_of_bar, is_last_of_bar: Its place in its bar.
        ground: What the chords there stand on.
    """

    from_tick: int
    to_tick: int
    is_first_of_bar: bool
    is_last_of_bar: bool
    ground: Ground


@dataclass(frozen=True, eq=False)
class Taste:
    """What counts beside the net.

    Attributes:
        worth: (slots, STATES), nats that are added for a chord that begins in a slot; -inf where it may not.
        first, final: (STATES,), the same for the first chord of all and the last.
        last_but_one: (STATES,), the same for the one that leads into the last.
        outside: (slots, STATES), which share of a chord's tones lies outside the key.
        band: The least and the most of that share, weighed by time, that is wanted.
    """

    worth: Floats
    first: Floats
    final: Floats
    last_but_one: Floats
    outside: Floats
    band: tuple[float, float]


@dataclass(frozen=True)
class Path:
    """Chords up to a slot.

    Attributes:
        chords: Those that were chosen.
        score: All that counts, in nats; more is better.
        loss: What the net alone says against them, in nats.
        outside_ticks: How long tones outside the key sound, as shares of chords.
    """

    chords: tuple[Placed, ...] = ()
    score: float = 0.0
    loss: float = 0.0
    outside_ticks: float = 0.0

    @property
    def cost(self) -> float:
        """Nats a chord."""
        return self.loss / max(1, len(self.chords))


@cache
def _clashes() -> Floats:
    """(12, STATES), what a beat of each pitch class of the melody says against each chord."""
    found = np.zeros((12, STATES))
    for state in range(STATES):
        tones = chord_of(state).pitch_classes
        for pitch_class in set(range(12)) - tones:
            found[pitch_class, state] = -RUB if (pitch_class - 1) % 12 in tones else -PASSING
    return found


@cache
def _unresolved() -> Floats:
    """(STATES, STATES), what is said against a chord behind a dominant seventh that does not lead there.

    It leads down a fifth, or a semitone up or down.
    """
    found = np.zeros((STATES, STATES))
    roots = np.arange(STATES) // len(QUALITIES)
    for state in range(STATES):
        if chord_of(state).quality == "7":
            found[state] = UNRESOLVED * ~np.isin((roots - roots[state]) % 12, (5, 1, 11))
    return found


@cache
def _emptied() -> Floats:
    """(STATES, STATES), what is said against a chord that only lacks a tone of the one before, as C behind C7."""
    roots = np.arange(STATES) // len(QUALITIES)
    sizes = np.array([len(chord_of(state).pitch_classes) for state in range(STATES)])
    return np.asarray(EMPTIED * ((roots[:, None] == roots) & (sizes[:, None] > sizes)))


class ChordSearch:
    """Finds chords for some slots; may be used by any thread.

    Args:
        net: Says how likely each chord is.
        places: The slots, in order.
        before: The chords that lead there.
        behind: The chords that follow.
    """

    def __init__(
        self, net: ProgressionNet, places: Sequence[Place], before: Sequence[Placed], behind: Sequence[Placed]
    ) -> None:
        self._net, self._places = net, tuple(places)
        self._before, self._behind = tuple(before), tuple(behind[:_MAX_BEHIND])
        self._clashes, self._unresolved, self._emptied = _clashes(), _unresolved(), _emptied()
        own = laps_of(self._before, places[0].ground.time_map) if places else np.zeros(LAPS)
        usual = np.exp(-net.lap_costs)
        self._lap_shares = (own + PRIOR_LAPS * usual) / (own + PRIOR_LAPS * usual).sum()

    def best(self, taste: Taste) -> Path:
        """The chords that fit best, within the band if any do."""
        open_paths: dict[int, list[Path]] = defaultdict(list)
        open_paths[0] = [Path()]
        count = len(self._places)
        for at in range(count):
            paths = self._kept(open_paths.pop(at, []), at, taste)
            if not paths:
                continue
            for slots, cost in self._laps(at):
                for path in self._went_on(paths, at, slots, cost, taste):
                    open_paths[at + slots].append(path)
        ended = [self._led_on(path) for path in self._kept(open_paths[count], count, taste)]
        return max(ended, key=lambda path: (self._beyond(path, count, taste, 0.0) == 0, self._rank(path, count, taste)))

    def _laps(self, at: int) -> list[tuple[int, float]]:
        """How many slots a chord may hold from a slot on, and what that costs beyond the average."""
        place, left = self._places[at], len(self._places) - at
        if not place.is_first_of_bar:
            return [(1, 0.0)]
        is_split = not place.is_last_of_bar
        shares = self._lap_shares if is_split else self._lap_shares[1:] / self._lap_shares[1:].sum()
        worth = np.log(shares) - shares @ np.log(shares)
        laps = (1, 2, 4) if is_split else (1, 2)
        fitting = [(slots, -float(row)) for slots, row in zip(laps, worth, strict=True) if slots <= left]
        return fitting or [(left, 0.0)]

    def _went_on(self, paths: Sequence[Path], at: int, slots: int, cost: float, taste: Taste) -> list[Path]:
        """Paths with one more chord, over some slots."""
        place, end = self._places[at], self._places[at + slots - 1].to_tick
        scores = self._scores(paths, place.ground, place.from_tick, end)
        extra = taste.worth[at] + (taste.first if at == 0 else 0.0)
        if at + slots == len(self._places):
            extra = extra + taste.final
        total = scores + extra + place.ground.melody.sounding(place.from_tick, end) @ self._clashes
        # many chords are no better than few: each is worth what one costs there on the average
        worth = -(np.exp(scores) * scores).sum(1) - CHANGE_COST
        found = []
        ticks = end - place.from_tick
        for row, path in enumerate(paths):
            chords = (*self._before, *path.chords)
            if chords and at + slots == len(self._places):
                total[row] += taste.last_but_one[chords[-1][2]]
            if chords and chords[-1][1] == place.from_tick and chords[-1][2] >= 0:
                total[row, chords[-1][2]] = -np.inf
                total[row] -= self._emptied[chords[-1][2]]
                total[row] -= self._unresolved[chords[-1][2]] * (taste.outside[at, chords[-1][2]] > 0)
            for state in np.argsort(-total[row], kind="stable")[:BRANCHES].tolist():
                if total[row, state] == -np.inf:
                    break
                found.append(
                    Path(
                        (*path.chords, (place.from_tick, end, state)),
                        path.score + float(total[row, state] + worth[row]) - cost,
                        path.loss - float(scores[row, state]),
                        path.outside_ticks + ticks * float(taste.outside[at, state]),
                    )
                )
        return found

    def _scores(self, paths: Sequence[Path], ground: Ground, from_tick: int, to_tick: int) -> Floats:
        """(paths, STATES), what the net says, and once more what the melody adds to that."""
        read = [features(ground, (*self._before, *path.chords), from_tick, to_tick) for path in paths]
        rows, facts = np.stack([rows for rows, _ in read]), np.stack([facts for _, facts in read])
        scores = self._net.scores(rows, facts).astype(np.float32)
        if not rows[:, :MELODY_ROWS].any():
            return scores
        rows[:, :MELODY_ROWS] = 0
        heard = scores + MELODY_WEIGHT * (scores - self._net.scores(rows, facts))
        return log_softmax(heard.astype(np.float32))

    def _rank(self, path: Path, at: int, taste: Taste) -> float:
        """What a path up to a slot is worth, also by how far it is outside the band."""
        beyond = self._beyond(path, at, taste, _MARGIN)
        return path.score - BAND_WEIGHT * beyond / self._places[0].ground.time_map.bar_ticks_at(
            self._places[0].from_tick
        )

    def _beyond(self, path: Path, at: int, taste: Taste, margin: float) -> float:
        """How many ticks of tones outside the key are missing or too many for the band without its margins."""
        ticks = self._places[at - 1].to_tick - self._places[0].from_tick if at else 0
        lowest, highest = taste.band
        lowest, highest = lowest + margin * (lowest > 0), max(0.0, highest - margin)
        return max(0.0, ticks * lowest - path.outside_ticks, path.outside_ticks - ticks * highest)

    def _kept(self, paths: Sequence[Path], at: int, taste: Taste) -> list[Path]:
        """The best, not too many of them with the same last chord."""
        kept: list[Path] = []
        endings = np.zeros(STATES, np.int64)
        for path in sorted(paths, key=lambda path: -self._rank(path, at, taste)):
            if path.chords:
                if endings[path.chords[-1][2]] >= MAX_SAME_ENDING:
                    continue
                endings[path.chords[-1][2]] += 1
            kept.append(path)
            if len(kept) == BEAM:
                break
        return kept

    def _led_on(self, path: Path) -> Path:
        """With what the chords that follow say of it."""
        score, chords = path.score, (*self._before, *path.chords)
        for chord in self._behind:
            if chord[2] != chords[-1][2]:
                rows, facts = features(self._places[-1].ground, chords, chord[0], chord[1])
                score += float(self._net.scores(rows[None], facts[None])[0, chord[2]])
            chords = (*chords, chord)
        return Path(path.chords, score, path.loss, path.outside_ticks)
