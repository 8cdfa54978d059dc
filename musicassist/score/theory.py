"""Pitches, scales, keys and chords."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from musicassist.score.song import Notes

MIDDLE_C = 60
SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLAT_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"": 0, "#": 1, "b": -1, "##": 2, "bb": -2}

# Steps of each scale as semitones above its tonic. `minor` is natural minor.
SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic_minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic_minor": (0, 2, 3, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "major_pentatonic": (0, 2, 4, 7, 9),
    "minor_pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "whole_tone": (0, 2, 4, 6, 8, 10),
    "chromatic": tuple(range(12)),
}

# How far above the tonic the major key lies that is written with the same accidentals.
_SEMITONES_TO_MAJOR = {
    "minor": 3,
    "harmonic_minor": 3,
    "melodic_minor": 3,
    "minor_pentatonic": 3,
    "blues": 3,
    "dorian": 10,
    "phrygian": 8,
    "lydian": 7,
    "mixolydian": 5,
    "locrian": 1,
}

# Chord tones as semitones above the root, by the suffix that a lead sheet writes.
CHORD_QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "m7b5": (0, 3, 6, 10),
    "dim": (0, 3, 6),
    "dim7": (0, 3, 6, 9),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "9": (0, 2, 4, 7, 10),
}

# Source: Krumhansl (1990), Cognitive Foundations of Musical Pitch, table 2.1 (probe-tone profiles).
_MAJOR_PROFILE = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR_PROFILE = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def parse_pitch_class(name: str) -> int:
    """0..11 from ``C``, ``F#``, ``Bb`` and the like.

    Raises:
        ValueError: It is no note name.
    """
    match = re.fullmatch(r"([A-Ga-g])(##?|bb?)?", name.strip())
    if match is None:
        raise ValueError(f"{name!r} is no note name")
    return (_LETTERS[match[1].upper()] + _ACCIDENTALS[match[2] or ""]) % 12


def parse_pitch(name: str) -> int:
    """MIDI number from a name such as ``C4`` (60) or ``Bb3``; a bare number is taken as it is.

    Raises:
        ValueError: It is no pitch, or outside 0..127.
    """
    match = re.fullmatch(r"([A-Ga-g](?:##?|bb?)?)(-?\d+)", name.strip())
    pitch = int(name) if re.fullmatch(r"\d+", name.strip()) else None
    if match is not None:
        letter = match[1][0].upper()
        pitch = _LETTERS[letter] + _ACCIDENTALS[match[1][1:]] + 12 * (int(match[2]) + 1)
    if pitch is None or not 0 <= pitch <= 127:
        raise ValueError(f"{name!r} is no pitch between C-1 and G9")
    return pitch


def pitch_name(pitch: int, *, flats: bool = False) -> str:
    """``C4`` for 60; with flats ``Bb3`` instead of ``A#3``."""
    return f"{(FLAT_NAMES if flats else SHARP_NAMES)[pitch % 12]}{pitch // 12 - 1}"


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic with a scale.

    Attributes:
        tonic: Pitch class of the tonic, 0..11.
        scale: A name in ``SCALES``.
    """

    tonic: int
    scale: str = "major"

    @property
    def pitch_classes(self) -> frozenset[int]:
        """The pitch classes of the scale."""
        return frozenset((self.tonic + step) % 12 for step in SCALES[self.scale])

    @property
    def uses_flats(self) -> bool:
        """Whether a musician writes this key with flats."""
        return (self.tonic + _SEMITONES_TO_MAJOR.get(self.scale, 0)) % 12 in {1, 3, 5, 8, 10}

    @property
    def tonic_name(self) -> str:
        """``D`` or ``Bb``."""
        return (FLAT_NAMES if self.uses_flats else SHARP_NAMES)[self.tonic]

    def has_pitch(self, pitch: int) -> bool:
        """Whether the MIDI pitch belongs to the scale."""
        return pitch % 12 in self.pitch_classes

    def __str__(self) -> str:
        return f"{self.tonic_name} {self.scale.replace('_', ' ')}"


def parse_key(text: str) -> Key:
    """A key from ``D:major``, ``D major``, ``Bb minor``, ``F#m`` or ``G``.

    Raises:
        ValueError: It is no key.
    """
    match = re.fullmatch(r"\s*([A-Ga-g](?:##?|bb?)?)\s*[:-]?\s*(.*?)\s*", text)
    if match is None:
        raise ValueError(f"{text!r} is no key")
    spoken = match[2].lower().replace(" ", "_").replace("-", "_")
    scale = {"": "major", "M": "major", "m": "minor", "maj": "major", "min": "minor"}.get(match[2], spoken)
    if scale not in SCALES:
        raise ValueError(f"{match[2]!r} is no scale; known are {', '.join(SCALES)}")
    return Key(parse_pitch_class(match[1]), scale)


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord symbol: root and bass pitch class (0..11) and quality (a name in ``CHORD_QUALITIES``)."""

    root: int
    quality: str = ""
    bass: int | None = None

    @property
    def pitch_classes(self) -> frozenset[int]:
        """The chord tones, the bass included."""
        tones = {(self.root + step) % 12 for step in CHORD_QUALITIES[self.quality]}
        return frozenset(tones | ({self.bass} if self.bass is not None else set()))

    def __str__(self) -> str:
        bass = f"/{FLAT_NAMES[self.bass]}" if self.bass is not None else ""
        return f"{FLAT_NAMES[self.root]}{self.quality}{bass}"


def parse_chord(text: str) -> Chord:
    """A chord from a symbol such as ``C``, ``Am``, ``F#m7``, ``Bbmaj7`` or ``G/B``.

    Raises:
        ValueError: It is no chord symbol that we know.
    """
    match = re.fullmatch(r"\s*([A-G](?:##?|bb?)?)([^/]*)(?:/([A-G](?:#|b)?))?\s*", text)
    if match is None or match[2] not in CHORD_QUALITIES:
        raise ValueError(
            f"{text!r} is no chord symbol; known suffixes are {', '.join(q for q in CHORD_QUALITIES if q)}"
        )
    return Chord(parse_pitch_class(match[1]), match[2], parse_pitch_class(match[3]) if match[3] else None)


# Each row is a key's profile, centred and of length 1: its product with centred weights ranks as correlation does.
_PROFILE_KEYS = tuple(Key(tonic, scale) for scale in ("major", "minor") for tonic in range(12))
_PROFILES = np.array(
    [np.roll(p, k.tonic) for p, k in zip([_MAJOR_PROFILE] * 12 + [_MINOR_PROFILE] * 12, _PROFILE_KEYS, strict=True)]
)
_PROFILES -= _PROFILES.mean(axis=1, keepdims=True)
_PROFILES /= np.linalg.norm(_PROFILES, axis=1, keepdims=True)


def detect_key(*parts: Notes) -> Key | None:
    """The major or minor key that best fits the time that each pitch class sounds in all parts; None without notes.

    Source: Krumhansl and Schmuckler's key-finding algorithm, Krumhansl (1990), chapter 4.
    """
    heard = [notes for notes in parts if len(notes)]
    if not heard:
        return None
    weights = np.zeros(12)
    for notes in heard:
        weights += np.bincount(notes.pitch % 12, weights=notes.duration_ticks.astype(np.float64), minlength=12)
    if weights.std() == 0:
        return Key(int(heard[-1].pitch[-1]) % 12)
    return _PROFILE_KEYS[int(np.argmax(_PROFILES @ (weights - weights.mean())))]
