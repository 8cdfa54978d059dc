"""Which chord comes next: a small net over the chords before, the key, the melody around, and what stood there before.

It looks at all twelve roots in the same way, so a song in another key gets the same chords there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicassist.harmony.detection import QUALITIES
from musicassist.models.weights import log_softmax, open_weights
from musicassist.resources import checkpoints_folder
from musicassist.score.chord_track import ChordSpan
from musicassist.score.song import Notes
from musicassist.score.theory import Chord, Key, chord_steps
from musicassist.score.timing import TimeMap

LOOK_BACK_BARS = (2, 4, 8, 16)  # as phrases return
STATES = 12 * len(QUALITIES)
BEFORE = 3  # LIMIT: so many chords are told as such
MIN_ALIKE = 0.75  # of the tones of a stretch, for its melody to be one that was there before
MAX_REMEMBERED = 80  # LIMIT: chords further back are forgotten
LAPS = 3  # how long a chord from a bar line on holds: half a bar, a bar, two
_PLAIN_QUALITIES = {"6": "", "m6": "m", "9": "7", "maj9": "maj7", "m9": "m7", "7sus4": "sus4", "13": "7", "m11": "m7"}
_LONGEST_RUN = 4
MELODY_ROWS = 5
LOOK_BACK_ROW = MELODY_ROWS + BEFORE + 2  # from here on: what stood there before, and what followed
ROWS = LOOK_BACK_ROW + len(LOOK_BACK_BARS) + 1
LOOK_BACK_FACT = BEFORE * (len(QUALITIES) + 1) + 2 + 4 + 4 + 1
FACTS = LOOK_BACK_FACT + (len(LOOK_BACK_BARS) + 1) * len(QUALITIES) + _LONGEST_RUN
_HIDDEN = 128
_ON_BEAT_WEIGHT, _SOME = 1.5, 0.25
_MAX_BEATS = 8
Floats = NDArray[np.floating]
Placed = tuple[int, int, int]  # a chord: from tick, to tick, root * len(QUALITIES) + row of QUALITIES


def state_of(chord: Chord) -> int:
    """The number under which the net knows a chord, its bass left out; of one that it does not know the nearest."""
    quality = _PLAIN_QUALITIES.get(chord.quality, chord.quality)
    if quality not in QUALITIES:
        steps = set(chord_steps(chord.quality))
        quality = max(QUALITIES, key=lambda name: len(steps & set(chord_steps(name))) - 0.6 * len(chord_steps(name)))
    return chord.root * len(QUALITIES) + QUALITIES.index(quality)


def chord_of(state: int) -> Chord:
    """The chord of a number of the net."""
    return Chord(state // len(QUALITIES), QUALITIES[state % len(QUALITIES)])


def placed_of(spans: Sequence[ChordSpan]) -> tuple[Placed, ...]:
    """Spans as the net knows them: without those that have no tones, and the same chord twice running as one."""
    found: list[Placed] = []
    for span in spans:
        if not span.chord.pitch_classes:
            continue
        state = state_of(span.chord)
        if found and found[-1][2] == state and found[-1][1] == span.from_tick:
            found[-1] = (found[-1][0], span.to_tick, state)
        else:
            found.append((span.from_tick, span.to_tick, state))
    return tuple(found)


class MelodyAround:
    """How long each pitch class sounds in stretches of a melody, those that begin on a beat for more; any thread."""

    def __init__(self, melody: Notes, ticks_per_beat: int) -> None:
        self._weight = np.where(melody.start_tick % ticks_per_beat == 0, _ON_BEAT_WEIGHT, 1.0) / ticks_per_beat
        self._start, self._end, self._pitch_class = melody.start_tick, melody.end_tick, melody.pitch % 12
        self._known: dict[int, Floats] = {}

    def sounding(self, from_tick: int, to_tick: int) -> Floats:
        """(12,), beats by pitch class, those of notes that begin on a beat for more."""
        return np.asarray(self._before(to_tick) - self._before(from_tick))

    def shares(self, from_tick: int, to_tick: int) -> Floats:
        """(12,), by pitch class: they sum to nearly 1, to less where little sounds."""
        sounding = self.sounding(from_tick, to_tick)
        return np.asarray(sounding / (sounding.sum() + _SOME))

    def is_alike(self, from_tick: int, to_tick: int, ticks_ago: int) -> bool:
        """Whether much the same tones sound in a stretch as did some time before."""
        now, then = self.shares(from_tick, to_tick), self.shares(from_tick - ticks_ago, to_tick - ticks_ago)
        return bool(np.minimum(now, then).sum() >= MIN_ALIKE * max(now.sum(), then.sum()))

    def _before(self, tick: int) -> Floats:
        if tick not in self._known:
            sounding = np.clip(np.minimum(self._end, tick) - self._start, 0, None)
            weights = np.asarray(sounding * self._weight, dtype=np.float64)
            self._known[tick] = np.bincount(self._pitch_class, weights=weights, minlength=12).astype(np.float64)
        return self._known[tick]


@dataclass(frozen=True, eq=False)
class Ground:
    """What chords stand on.

    Attributes:
        melody: What sounds above.
        time_map: Of the song.
        key: Of the stretch.
        goes_with_melody: Whether chords come again only where the melody does. True chords need no such rule; those
            that are chosen do, since a choice that is copied soon looks like a habit.
    """

    melody: MelodyAround
    time_map: TimeMap
    key: Key
    goes_with_melody: bool = False

    @property
    def is_minor(self) -> bool:
        """Whether the third of the key is minor."""
        tones = self.key.pitch_classes
        return (self.key.tonic + 3) % 12 in tones and (self.key.tonic + 4) % 12 not in tones


def features(ground: Ground, before: Sequence[Placed], from_tick: int, to_tick: int) -> tuple[Floats, Floats]:
    """What is known of a place before its chord is chosen.

    Args:
        ground: Melody, bars and key.
        before: The chords so far, in order.
        from_tick: Where the next one begins.
        to_tick: Where it ends.

    Returns:
        (ROWS, 12), what counts for a root by its distance from it, and (FACTS,), what counts for all alike.
    """
    rows, facts = np.zeros((ROWS, 12), np.float32), np.zeros(FACTS, np.float32)
    beat, bars = ground.time_map.ticks_per_beat, ground.time_map
    stretches = [
        (from_tick, min(to_tick, from_tick + 4 * beat)),
        (to_tick, to_tick + 4 * beat),
        (from_tick - 4 * beat, from_tick),
        (from_tick - 16 * beat, from_tick + 16 * beat),
        (from_tick, from_tick + beat),
    ]
    for row, stretch in enumerate(stretches):
        rows[row] = ground.melody.shares(*stretch)
    kinds, at = len(QUALITIES), BEFORE * len(QUALITIES)
    for row in range(BEFORE):
        if len(before) > row:
            root, quality = divmod(before[-1 - row][2], kinds)
            rows[MELODY_ROWS + row, root] = facts[row * kinds + quality] = 1
        else:
            facts[at + row] = 1
    at += BEFORE
    mode = int(ground.is_minor)
    rows[MELODY_ROWS + BEFORE + mode, ground.key.tonic] = facts[at + mode] = 1
    bar, offset = bars.bar_and_offset_ticks(from_tick)
    place = 0 if offset == 0 else 1 if offset == 2 * beat else 2 if offset % beat == 0 else 3
    facts[at + 2 + bar % 4] = facts[at + 6 + place] = 1
    facts[at + 10] = min((to_tick - from_tick) / beat, _MAX_BEATS) / 4
    at += 11
    run, followed = (0, None) if ground.goes_with_melody else _what_followed(before)
    for row, state in enumerate((*_looked_back(ground, before, from_tick, to_tick), followed)):
        if state is not None:
            rows[LOOK_BACK_ROW + row, state // kinds] = facts[at + row * kinds + state % kinds] = 1
    if run:
        facts[at + (len(LOOK_BACK_BARS) + 1) * kinds + run - 1] = 1
    return rows, facts


def _looked_back(ground: Ground, before: Sequence[Placed], from_tick: int, to_tick: int) -> list[int | None]:
    """The chords at the same place some bars ago."""
    near, found = before[-MAX_REMEMBERED:], []
    bar, offset = ground.time_map.bar_and_offset_ticks(from_tick)
    for back in LOOK_BACK_BARS:
        tick = ground.time_map.bar_start_tick(bar - back) + offset if bar >= back else -1
        if tick >= 0 and ground.goes_with_melody and not ground.melody.is_alike(from_tick, to_tick, from_tick - tick):
            tick = -1
        found.append(next((state for start, end, state in near if start <= tick < end), None))
    return found


def _what_followed(before: Sequence[Placed]) -> tuple[int, int | None]:
    """What came after the last place where the last chords stood, as many as there are; and how many those are."""
    states = [state for _, _, state in before[-MAX_REMEMBERED:]]
    for run in range(min(_LONGEST_RUN, len(states) - 1), 0, -1):
        ending = states[-run:]
        for end in range(len(states) - 1, run - 1, -1):
            if states[end - run : end] == ending:
                return run, states[end]
    return 0, None


class ProgressionNet:
    """Tells which chord comes next; may be used by any thread.

    Attributes:
        lap_costs: In nats, of a chord that holds half a bar, a bar or two, as counted in what it learned from: (LAPS,)
            in bars of two halves; in others a half is never chosen.

    Args:
        path: The net's numbers.

    Raises:
        CheckpointError: The file is missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        with open_weights(path) as weights:
            inner = weights.floats("inner", _HIDDEN, ROWS * 12 + FACTS)
            self._of_rows, self._of_facts = inner[:, : ROWS * 12].copy(), inner[:, ROWS * 12 :].copy()
            self._inner_bias = weights.floats("inner_bias", _HIDDEN)
            self._middle = weights.floats("middle", _HIDDEN, _HIDDEN)
            self._middle_bias = weights.floats("middle_bias", _HIDDEN)
            self._outer = weights.floats("outer", len(QUALITIES) + 1, _HIDDEN)
            self._outer_bias = weights.floats("outer_bias", len(QUALITIES) + 1)
            self.lap_costs = weights.floats("lap_costs", LAPS)

    def scores(self, rows: Floats, facts: Floats) -> Floats:
        """(n, STATES) log probabilities, from (n, ROWS, 12) and (n, FACTS) as :func:`features` gives them."""
        turned = np.stack([np.roll(rows, -root, axis=2).reshape(len(rows), -1) for root in range(12)], axis=1)
        hidden = turned @ self._of_rows.T + (facts @ self._of_facts.T + self._inner_bias)[:, None]
        hidden = np.maximum(np.maximum(hidden, 0) @ self._middle.T + self._middle_bias, 0)
        outer = hidden @ self._outer.T + self._outer_bias  # the last column is for the root, whatever its quality
        both = (outer[..., :-1] + outer[..., -1:]).reshape(len(rows), -1)
        return log_softmax(both.astype(np.float32))

    def next_chords(
        self, ground: Ground, before: Sequence[ChordSpan], from_tick: int, to_tick: int, count: int = 8
    ) -> tuple[tuple[Chord, float], ...]:
        """The likeliest chords of a place with their probabilities, the best first, never the one just before.

        Args:
            ground: Melody, bars and key.
            before: The chords that lead there, in order.
            from_tick: Where it begins.
            to_tick: Where it ends.
            count: How many.
        """
        placed = placed_of(before)
        rows, facts = features(ground, placed, from_tick, to_tick)
        shares = np.exp(self.scores(rows[None], facts[None])[0])
        if placed:
            shares[placed[-1][2]] = 0
        best = np.argsort(-shares, kind="stable")[:count]
        return tuple((chord_of(int(state)), float(shares[state] / shares.sum())) for state in best)


def laps_of(chords: Sequence[Placed], time_map: TimeMap) -> NDArray[np.int64]:
    """How many chords that begin on a bar line hold half a bar, a bar, or two and more: (LAPS,)."""
    found = np.zeros(LAPS, np.int64)
    for (start, _, _), (end, _, _) in pairwise(chords):
        bar_ticks = time_map.bar_ticks_at(start)
        if time_map.bar_line_at_or_after(start) == start:
            found[int(np.clip(round((end - start) / bar_ticks * 2), 1, 4)) // 2] += 1
    return found


@cache
def progression_net() -> ProgressionNet:
    """The one that ships."""
    return ProgressionNet(checkpoints_folder() / "progressions.safetensors")
