"""The voices of chords: four that move little, below the melody."""

from __future__ import annotations

from functools import cache
from itertools import combinations

from musicassist.score.theory import Chord, chord_steps

MIN_BASS, MAX_BASS = 40, 51  # E2 to Eb3
MIN_PITCH, MAX_PITCH = 52, 72  # E3 to C5, the three upper voices
_MAX_SPREAD, _MIDDLE = 12, 62
_PARALLEL, _OVER_MELODY, _JUMP = 24.0, 4.0, 0.4
Voices = tuple[int, ...]  # ascending, the bass first


def voiced(chord: Chord, previous: Voices | None, melody_floor: int = MAX_PITCH + 1, lower: int = 0) -> Voices:
    """The chord's bass and three upper voices.

    Each voice goes to a near tone; no two move in parallel fifths or octaves where that can be helped, and none lies
    above the melody. Source: the rules of part-writing, as in Aldwell and Schachter (1989), Harmony and Voice Leading.

    Args:
        chord: What sounds.
        previous: The voices before; None at the beginning.
        melody_floor: The lowest pitch of the melody; voices at or above it are avoided.
        lower: Semitones by which all lie lower than is usual.
    """
    near = tuple(pitch + lower for pitch in previous) if previous is not None else None
    found = min(_candidates(chord), key=lambda voices: _cost(voices, near, melody_floor + lower))
    return tuple(pitch - lower for pitch in found)


@cache
def _candidates(chord: Chord) -> tuple[Voices, ...]:
    """Every way to put the chord: its root, or the bass asked for, below; third and seventh among the others."""
    bass_class = chord.bass if chord.bass is not None else chord.root
    basses = [pitch for pitch in range(MIN_BASS, MAX_BASS + 1) if pitch % 12 == bass_class]
    tones = chord_steps(chord.quality)
    needed = {(chord.root + tone) % 12 for tone in (tones[1], tones[-1] if len(tones) > 3 else tones[1])}
    wanted = {(chord.root + tone) % 12 for tone in tones}
    places = [pitch for pitch in range(MIN_PITCH, MAX_PITCH + 1) if pitch % 12 in wanted]
    leading = (chord.root + tones[1]) % 12  # a third is not doubled
    uppers = [
        voices
        for voices in combinations(places, 3)
        if voices[2] - voices[0] <= _MAX_SPREAD
        and needed <= {pitch % 12 for pitch in voices}
        and sum(pitch % 12 == leading for pitch in voices) == 1
    ]
    uppers = uppers or [voices for voices in combinations(places, 3) if voices[2] - voices[0] <= _MAX_SPREAD]
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
