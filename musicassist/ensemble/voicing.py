"""Chords as notes: four voices that move as little as they can from chord to chord."""

from __future__ import annotations

from functools import cache
from itertools import combinations

from musicassist.score.chords import Chord, chord_steps

LOWEST_BASS, HIGHEST_BASS = 40, 51  # E2 to Eb3
LOWEST, HIGHEST = 52, 72  # E3 to C5, the three upper voices
_WIDEST = 12
_MIDDLE = 62
_PARALLEL, _OVER_MELODY, _JUMP = 24.0, 4.0, 0.4
Voices = tuple[int, ...]  # ascending, the bass first


def voiced(chord: Chord, previous: Voices | None, melody_floor: int = HIGHEST + 1) -> Voices:
    """The chord's bass and three upper voices.

    Each voice goes to a near tone; no two move in parallel fifths or octaves where that can be helped, and none lies
    above the melody. Source: the rules of part-writing, as in Aldwell and Schachter (1989), Harmony and Voice Leading.

    Args:
        chord: What sounds.
        previous: The voices before; None at the beginning.
        melody_floor: The lowest pitch of the melody; voices at or above it are avoided.
    """
    return min(_candidates(chord), key=lambda voices: _cost(voices, previous, melody_floor))


@cache
def _candidates(chord: Chord) -> tuple[Voices, ...]:
    """Every way to put the chord: its root, or the bass asked for, below; third and seventh among the others."""
    bass_class = chord.bass if chord.bass is not None else chord.root
    basses = [pitch for pitch in range(LOWEST_BASS, HIGHEST_BASS + 1) if pitch % 12 == bass_class]
    tones = chord_steps(chord.quality)
    needed = {(chord.root + tone) % 12 for tone in (tones[1], tones[-1] if len(tones) > 3 else tones[1])}
    wanted = {(chord.root + tone) % 12 for tone in tones}
    places = [pitch for pitch in range(LOWEST, HIGHEST + 1) if pitch % 12 in wanted]
    leading = (chord.root + tones[1]) % 12  # a third is not doubled
    uppers = [
        voices
        for voices in combinations(places, 3)
        if voices[2] - voices[0] <= _WIDEST
        and needed <= {pitch % 12 for pitch in voices}
        and sum(pitch % 12 == leading for pitch in voices) == 1
    ]
    return tuple((bass, *upper) for bass in basses for upper in uppers)


def _cost(voices: Voices, previous: Voices | None, melody_floor: int) -> float:
    cost = 0.15 * abs(sum(voices[1:]) / 3 - _MIDDLE) + _OVER_MELODY * sum(pitch >= melody_floor for pitch in voices[1:])
    cost += 0.5 * (4 - len({pitch % 12 for pitch in voices}))
    if previous is None:
        return cost
    moves = [abs(now - before) for now, before in zip(voices, previous, strict=True)]
    cost += 0.3 * moves[0] + sum(moves[1:]) + _JUMP * sum(max(0, move - 4) for move in moves[1:])
    return cost + _PARALLEL * parallels(previous, voices)


def parallels(before: Voices, after: Voices) -> int:
    """How many pairs of voices move in parallel fifths or octaves."""
    pairs = combinations(range(len(before)), 2)
    return sum(
        (before[high] - before[low]) % 12 == (after[high] - after[low]) % 12
        and (after[high] - after[low]) % 12 in (0, 7)
        and (after[low] - before[low]) * (after[high] - before[high]) > 0
        for low, high in pairs
    )
