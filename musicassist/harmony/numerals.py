"""Chords as the key sees them: their Roman numerals, and what is at home in it."""

from __future__ import annotations

from collections.abc import Sequence

from musicassist.score.chord_track import ChordSpan
from musicassist.score.theory import NO_CHORD, Chord, Key, chord_steps

_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
_IN_MAJOR = (
    (0, ""),
    (1, "b"),
    (1, ""),
    (2, "b"),
    (2, ""),
    (3, ""),
    (3, "#"),
    (4, ""),
    (5, "b"),
    (5, ""),
    (6, "b"),
    (6, ""),
)
_IN_MINOR = (
    (0, ""),
    (1, "b"),
    (1, ""),
    (2, ""),
    (2, "#"),
    (3, ""),
    (3, "#"),
    (4, ""),
    (5, ""),
    (5, "#"),
    (6, ""),
    (6, "#"),
)
_TRIAD_FIGURES, _SEVENTH_FIGURES = ("", "6", "64"), ("7", "65", "43", "42")
_SEVENTHS = {9, 10, 11}
_STACKED = ("", "m", "dim", "aug", "7", "m7", "maj7", "m7b5", "dim7")  # thirds alone: figures tell their bass
_SAID = {"6": "add6", "m6": "add6"}  # a lone 6 is the figure of a bass
_MAJOR_THIRD, _MINOR_THIRD, _FIFTH, _DIMINISHED_FIFTH, _AUGMENTED_FIFTH = 4, 3, 7, 6, 8


def is_minor_key(key: Key) -> bool:
    """Whether its third is minor."""
    tones = key.pitch_classes
    return (key.tonic + _MINOR_THIRD) % 12 in tones and (key.tonic + _MAJOR_THIRD) % 12 not in tones


def home_tones(key: Key) -> frozenset[int]:
    """The pitch classes that are at home in a key: its scale, and in minor the leading tone of the dominant."""
    return key.pitch_classes | ({(key.tonic + 11) % 12} if is_minor_key(key) else set())


def roman_numeral(chord: Chord, key: Key, following: Chord | None = None) -> str:
    """``ii7``, ``V65``, ``bVII``, ``viio7``, and ``V7/vi`` where a chord is the dominant of another degree.

    In minor keys VI and VII are the degrees of the scale, and ``#vii`` is on the leading tone.

    Args:
        chord: The chord.
        key: Its key.
        following: The chord after it: a major triad outside the key is a dominant only where it leads there.
    """
    if chord.quality == NO_CHORD:
        return NO_CHORD
    target = _dominated(chord, key, following)
    if target is not None:
        is_leading = _MAJOR_THIRD not in chord_steps(chord.quality)
        return f"{'vii' if is_leading else 'V'}{_suffix(chord)}/{target}"
    return f"{_degree(chord, key)}{_suffix(chord)}"


def roman_numerals(spans: Sequence[ChordSpan], key: Key) -> tuple[str, ...]:
    """Those of chords that follow each other."""
    chords = [span.chord for span in spans]
    behind = [*chords[1:], None]
    return tuple(roman_numeral(chord, key, after) for chord, after in zip(chords, behind, strict=True))


def _degree(chord: Chord, key: Key) -> str:
    table = _IN_MINOR if is_minor_key(key) else _IN_MAJOR
    row, accidental = table[(chord.root - key.tonic) % 12]
    numeral = _NUMERALS[row]
    return accidental + (numeral if _is_large(chord) else numeral.lower())


def _is_large(chord: Chord) -> bool:
    return _MINOR_THIRD not in chord_steps(chord.quality) or _MAJOR_THIRD in chord_steps(chord.quality)


def _suffix(chord: Chord) -> str:
    """Its kind and its inversion by figures."""
    steps = set(chord_steps(chord.quality))
    sevenths = steps & _SEVENTHS
    mark = ""
    if _MINOR_THIRD in steps and _DIMINISHED_FIFTH in steps and _FIFTH not in steps:
        mark = "ø" if 10 in sevenths else "o"
    elif _MAJOR_THIRD in steps and _AUGMENTED_FIFTH in steps and _FIFTH not in steps:
        mark = "+"
    if chord.quality not in _STACKED:
        own = _SAID.get(chord.quality, chord.quality)
        return mark + (own if _is_large(chord) else own.removeprefix("m"))
    tones = chord_steps(chord.quality)
    bass = 0 if chord.bass is None else (chord.bass - chord.root) % 12
    figures = _SEVENTH_FIGURES if len(tones) == 4 else _TRIAD_FIGURES
    return mark + ("maj" if chord.quality == "maj7" else "") + figures[tones.index(bass) if bass in tones else 0]


def _dominated(chord: Chord, key: Key, following: Chord | None) -> str | None:
    """The degree that a chord outside the key leads to as its dominant, if it does; in numerals."""
    if chord.pitch_classes <= home_tones(key):
        return None
    steps = set(chord_steps(chord.quality))
    is_dominant = chord.quality in ("", "7", "9", "aug")
    is_leading = chord.quality in ("dim", "dim7", "m7b5")
    if not is_dominant and not is_leading:
        return None
    root = (chord.root + (5 if is_dominant else 1)) % 12
    if root == key.tonic or root not in key.pitch_classes:
        return None
    target = _triad_on(root, key)
    leads = following is not None and following.root == root
    is_certain = is_leading or 10 in steps
    if target is None or not (leads or is_certain):
        return None
    return _degree(target, key)


def _triad_on(root: int, key: Key) -> Chord | None:
    """The major or minor triad that the key has on one of its degrees."""
    for quality in ("", "m"):
        chord = Chord(root, quality)
        if chord.pitch_classes <= home_tones(key):
            return chord
    return None
