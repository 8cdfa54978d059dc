"""Which chords of a key are offered where one is written: those first that often come after the chord before."""

from __future__ import annotations

from musicassist.score.theory import Chord, Key
from musicassist.session.harmony import palette

# By how many degrees of the scale the root moves up. Roots that fall a fifth (3) lead best, then those that rise a
# fifth or a step, or fall a third. Source: Piston (1941), Harmony, table of usual root progressions.
_MOTION = (0.1, 0.8, 0.2, 1.6, 1.0, 0.8, 0.4)
_PLAIN = (1.0, 0.4, 0.0, 0.8, 0.9, 0.6, -0.8)  # how often a degree is used at all
_SEVENTH = -0.7  # a triad is plainer
_DOMINANT_SEVENTH = -0.2
_FOREIGN_ROOT = 3


def likely_after(key: Key, previous: Chord | None) -> tuple[Chord, ...]:
    """All chords of a key, the likeliest first, never the one before.

    Args:
        key: The key.
        previous: The chord before; None at the beginning.
    """
    steps = palette(key)
    degree = None
    if previous is not None:
        degree = min(steps, key=lambda step: _distance(step.chord, previous)).degree

    def worth(row: int) -> float:
        step = steps[row]
        quality = step.chord.quality
        fuller = _DOMINANT_SEVENTH if quality == "7" else _SEVENTH if "7" in quality else 0.0
        return _PLAIN[step.degree] + fuller + (_MOTION[(step.degree - degree) % 7] if degree is not None else 0.0)

    ranked = (steps[row].chord for row in sorted(range(len(steps)), key=worth, reverse=True))
    return tuple(chord for chord in dict.fromkeys(ranked) if chord != previous)


def _distance(chord: Chord, other: Chord) -> int:
    """How many tones two chords do not share; another root counts for several."""
    return len(chord.pitch_classes ^ other.pitch_classes) + _FOREIGN_ROOT * (chord.root != other.root)
