"""Which chord comes next under what is played, by its tones and by where chords lead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.harmony.slots import Slot
from musicassist.score.song import Notes
from musicassist.score.theory import CHORD_QUALITIES, SCALES, Chord, Key

Weights = NDArray[np.float64]  # (12,), how much each pitch class counts; sums to 1, or all 0 without notes
_PHRASE_BARS = 4
_OUT_OF_CHORD, _RUB = -0.5, -1.3  # a tone beside the chord; a tone a semitone above one of its tones
_MELODY_WEIGHT = 3.0
_HOME = 0.5  # for the tonic where a phrase begins, and the dominant where it ends
_SEVENTH = {"maj7": -0.7, "m7": -0.5, "m7b5": -0.5}  # a triad is plainer; a seventh on the dominant is common
_WEIGHT_BEFORE_LAST_BEAT = 0.6  # of a tone, for each beat that it lies further back

# How well one degree of the scale (row) leads to another (column): I ii iii IV V vi vii. Roots that fall a fifth or a
# third, or rise a second, are usual; those that go the other way are rare.
# Source: Piston (1941), Harmony, table of usual root progressions; 2 where he says "often", 1 "sometimes", 0 "less".
_LEADS = (
    np.array(
        [
            [0.8, 1, 0.5, 2, 2, 1.2, 0.2],
            [0, 0.3, 0, 0.3, 2, 0.8, 1],
            [0.2, 0.4, 0, 1, 0.3, 2, 0],
            [1.2, 1.2, 0, 0.5, 2, 0.2, 0.8],
            [2, 0, 0, 0.5, 0.6, 1.2, 0],
            [0.3, 2, 0.4, 1.2, 1, 0.2, 0],
            [2, 0, 0.5, 0, 0.3, 0.8, 0],
        ]
    )
    * 0.35
)
_PLAIN = np.array([0.4, 0.1, -0.3, 0.3, 0.35, 0.15, -0.7])  # how often a degree is used at all


@dataclass(frozen=True, slots=True)
class Step:
    """A chord with its place in the key.

    Attributes:
        chord: What sounds.
        degree: 0 for the tonic, to 6.
    """

    chord: Chord
    degree: int


def palette(key: Key) -> tuple[Step, ...]:
    """The triads and sevenths on the degrees of a key; in minor the dominant has its leading tone, too.

    A scale of other than seven tones takes the chords of the major or minor scale that shares its third.
    """
    steps = SCALES[key.scale]
    if len(steps) != 7:
        steps = SCALES["minor" if 3 in steps and 4 not in steps else "major"]
    found = [_stacked(key.tonic, steps, degree, size) for degree in range(7) for size in (3, 4)]
    if 4 not in steps and 11 not in steps:
        root = (key.tonic + 7) % 12
        found += [Step(Chord(root), 4), Step(Chord(root, "7"), 4)]
    return tuple(step for step in found if step is not None)


def _stacked(tonic: int, steps: tuple[int, ...], degree: int, size: int) -> Step | None:
    """Thirds on a degree, if they are a chord with a name."""
    tones = [steps[(degree + 2 * i) % 7] + 12 * ((degree + 2 * i) // 7) - steps[degree] for i in range(size)]
    quality = next((name for name, tones_of in CHORD_QUALITIES.items() if tones_of == tuple(tones)), None)
    return Step(Chord((tonic + steps[degree]) % 12, quality), degree) if quality is not None else None


def step_of(chord: Chord, key: Key) -> Step:
    """A chord of the song with the degree of the key that its root is on, or lies beside."""
    ways = {(step.chord.root - chord.root) % 12: step.degree for step in reversed(palette(key))}
    return Step(chord, ways[min(ways, key=lambda way: min(way, 12 - way))])


def pitch_weights(notes: Notes, from_tick: float, to_tick: float, beat_ticks: int, *, fades: bool) -> Weights:
    """How much each pitch class sounds in a stretch: by time, more on the beat, and less the longer ago if it fades."""
    start = np.maximum(notes.start_tick, from_tick)
    sounding = np.minimum(notes.end_tick, to_tick) - start
    weight = np.maximum(sounding, 0.0) * np.where(notes.start_tick % beat_ticks < beat_ticks / 8, 1.5, 1.0)
    if fades:
        weight = weight * _WEIGHT_BEFORE_LAST_BEAT ** np.maximum(0, (to_tick - notes.end_tick) / beat_ticks)
    classes = np.bincount(notes.pitch % 12, weights=weight, minlength=12)
    return np.asarray(classes / classes.sum() if classes.sum() > 0 else classes)


def next_step(
    steps: tuple[Step, ...], previous: Step | None, slots: tuple[Slot, ...], melody: tuple[Weights, ...]
) -> Step:
    """The chord for the first of some slots, the best for all of them together.

    Source: the best path through the slots after Viterbi (1967); chords scored by the melody's tones and by the move
    from chord to chord as in Simon, Morris and Basu (2008), MySong: automatic accompaniment generation.

    Args:
        steps: What may be chosen.
        previous: The chord before; None at the beginning.
        slots: One or more that follow each other.
        melody: For each slot the tones that are heard in it, or expected.
    """
    leads = np.array([[_lead(one, other) for other in steps] for one in steps])
    own = np.array([[_fit(step, slot, w) for step in steps] for slot, w in zip(slots, melody, strict=True)])
    score = np.zeros(len(steps))
    for row in range(len(slots) - 1, 0, -1):  # from the last slot back, so that the first is chosen for its future
        score = np.max(leads + (own[row] + score)[None, :], axis=1)
    moves = np.array([_lead(previous, step) for step in steps]) if previous is not None else 0.0
    return steps[int(np.argmax(own[0] + score + moves))]


def _lead(one: Step, other: Step) -> float:
    if one.chord.root == other.chord.root and one.degree == other.degree:
        return 0.15
    return float(_LEADS[one.degree, other.degree])


def _fit(step: Step, slot: Slot, melody: Weights) -> float:
    tones = step.chord.pitch_classes
    is_rub = [(pitch_class - 1) % 12 in tones for pitch_class in range(12)]
    worth = [1.0 if pc in tones else _RUB if is_rub[pc] else _OUT_OF_CHORD for pc in range(12)]
    place = _PLAIN[step.degree] + _SEVENTH.get(step.chord.quality, 0.0)
    is_begun = slot.is_first_of_bar and slot.bar % _PHRASE_BARS == 0
    is_ending = slot.is_last_of_bar and slot.bar % _PHRASE_BARS == _PHRASE_BARS - 1
    home = _HOME if (is_begun and step.degree == 0) or (is_ending and step.degree == 4) else 0.0
    return float(_MELODY_WEIGHT * np.dot(worth, melody) + place + home)
