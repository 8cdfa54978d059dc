"""Chord symbols as people write them, and the tones that they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from musicassist.score.theory import FLAT_NAMES, parse_pitch_class

NO_CHORD = "N.C."  # a quality without tones: nothing is asked of the notes under it

# Chord tones as semitones above the root, by the suffix that we write. Other suffixes are built, see `chord_steps`.
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
_NO_CHORD_WORDS = {"n.c.", "n.c", "nc"}
_SIGNS = str.maketrans({"♭": "b", "♯": "#", "\u2212": "-", "\u2013": "-", "∆": "Δ", "△": "Δ", "º": "°", "Ø": "ø"})
_BRACKETS = str.maketrans("", "", " (),[]")
_MAJOR = r"major|maj|Maj|MAJ|[mM]a(?!dd)|MA|mj|M|Δ|j"
_KINDS = (  # how a suffix begins, with the triad that it means; the first that fits counts
    (r"ø7?|half-?dim7?", (0, 3, 6, 10)),
    (r"(?:dim|°|o(?!mit))7", (0, 3, 6, 9)),
    (r"dim|°|o(?!mit)", (0, 3, 6)),
    (r"aug|\+(?![59])|\+(?=9$)", (0, 4, 8)),
    (r"(?:minor|min|Min|MIN|mi|Mi|MI|m(?!aj|a(?!dd)|j))|-(?!5)", (0, 3, 7)),
    (r"", (0, 4, 7)),
)
_STACKS = {"7": (), "9": (2,), "11": (2, 5), "13": (2, 5, 9)}  # thirds above the seventh, as semitones in the octave
_ALTERED = {
    "b5": (7, 6), "-5": (7, 6), "#5": (7, 8), "+5": (7, 8), "b9": (2, 1), "-9": (2, 1), "#9": (2, 3), "+9": (2, 3),
    "#11": (5, 6), "+11": (5, 6), "b13": (9, 8), "-13": (9, 8),
}  # fmt: skip
_ADDED = {"2": 2, "9": 2, "4": 5, "11": 5, "6": 9, "13": 9}
_PART = re.compile(
    r"(?P<sus>sus(?P<sus_step>24|2|4)?)|add(?P<added>2|4|6|9|11|13)|(?:no|omit)(?P<left_out>3|5)"
    r"|(?P<altered>[b#+-](?:5|9|11|13))|(?P<raised>\+)|(?P<alt>alt)|/(?P<slash>9)"
)


@cache
def chord_steps(quality: str) -> tuple[int, ...]:
    """The tones of a chord as semitones above its root, rising within the octave.

    A suffix is a triad (none, ``m``, ``dim``, ``aug``), a stack of thirds (``7``, ``maj9``, ``13``), a sixth or fifth,
    and then what is altered, added, suspended or left out, in any of the usual spellings.

    Raises:
        ValueError: It is no suffix of a chord symbol.
    """
    if quality == NO_CHORD:
        return ()
    if quality in CHORD_QUALITIES:
        return CHORD_QUALITIES[quality]
    text = quality.translate(_SIGNS).translate(_BRACKETS)
    kind, triad = next((found, tones) for pattern, tones in _KINDS if (found := re.match(pattern, text)))
    rest = text[kind.end() :]
    major = re.match(_MAJOR, rest)
    rest = rest[major.end() :] if major else rest
    stack = re.match(r"69|6/9|7M|13|11|9|7|6|5(?!\d)|2$|4$", rest)
    tones, rest = set(triad), rest[stack.end() :] if stack else rest
    number = stack[0] if stack else ""
    if not number and major and (kind[0] or major[0] == "Δ"):
        number = "7"  # a lone triangle, or mmaj: the seventh is meant
    if number == "7M":
        number, major = "7", stack
    tones |= _above_the_triad(number, tones, is_major=major is not None)
    if number == "5" and tones & {3, 4} and not kind[0]:
        tones -= {4}
    return tuple(sorted(_with_parts(tones, rest, quality)))


def _above_the_triad(number: str, triad: set[int], *, is_major: bool) -> set[int]:
    """What the number of a suffix adds."""
    if number in _STACKS:
        return {11 if is_major else 10, *_STACKS[number]}
    return {"6": {9}, "69": {9, 2}, "6/9": {9, 2}, "2": {2}, "4": {5}}.get(number, set())


def _with_parts(tones: set[int], rest: str, quality: str) -> set[int]:
    """The tones after what is altered, added, suspended and left out."""
    place, has_altered = 0, set()
    while place < len(rest):
        part = _PART.match(rest, place)
        if part is None:
            raise ValueError(f"{quality!r} is no suffix of a chord symbol")
        place = part.end()
        if part["sus"]:
            tones = tones - {3, 4} | {"2": {2}, "24": {2, 5}}.get(part["sus_step"] or "4", {5})
        elif part["added"] or part["slash"]:
            tones = tones | {_ADDED[part["added"] or part["slash"]]}
        elif part["left_out"]:
            tones = tones - ({3, 4} if part["left_out"] == "3" else {6, 7, 8})
        elif part["alt"]:
            tones = tones - {7} | {1, 3, 6, 8}
        else:
            plain, altered = _ALTERED[part["altered"] or "+5"]
            tones = (tones if plain in has_altered else tones - {plain}) | {altered}
            has_altered.add(plain)
            if {1, 8, 10, 7} <= tones:
                tones |= {5}  # a flat thirteenth over a flat ninth is a stack of thirds
    return tones


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord symbol.

    Attributes:
        root: Pitch class, 0..11.
        quality: Its suffix, one that ``chord_steps`` knows; ``NO_CHORD`` where none is to sound.
        bass: Pitch class of another bass, or None.
    """

    root: int
    quality: str = ""
    bass: int | None = None

    @property
    def pitch_classes(self) -> frozenset[int]:
        """The chord tones, the bass included; none where there is no chord."""
        tones = {(self.root + step) % 12 for step in chord_steps(self.quality)}
        return frozenset(tones | ({self.bass} if self.bass is not None else set()))

    def __str__(self) -> str:
        if self.quality == NO_CHORD:
            return NO_CHORD
        bass = f"/{FLAT_NAMES[self.bass]}" if self.bass is not None else ""
        return f"{FLAT_NAMES[self.root]}{self.quality}{bass}"


def parse_chord(text: str) -> Chord:
    """A chord from a symbol such as ``C``, ``Am``, ``F#-7``, ``BbΔ``, ``C6/9``, ``G/B`` or ``N.C.``.

    Raises:
        ValueError: It is no chord symbol that we know.
    """
    if text.strip().lower() in _NO_CHORD_WORDS:
        return Chord(0, NO_CHORD)
    match = re.fullmatch(r"\s*([A-G](?:##?|bb?|♯|♭)?)(.*?)(?:/([A-G](?:#|b|♯|♭)?))?\s*", text)
    try:
        if match is None:
            raise ValueError(text)
        steps = chord_steps(match[2])
    except ValueError:
        raise ValueError(
            f"{text!r} is no chord symbol; known are those such as C, Am, F#m7, Bbmaj9, Dsus4, E7(b9), G/B and N.C."
        ) from None
    known = next((name for name, tones in CHORD_QUALITIES.items() if tones == steps), match[2])
    root, bass = (parse_pitch_class(n.translate(_SIGNS)) if n else None for n in (match[1], match[3]))
    return Chord(root or 0, known, bass)


def parse_chords(text: str) -> tuple[Chord, ...]:
    """Some chords with spaces between them.

    Raises:
        ValueError: There is none, or one is no chord symbol that we know.
    """
    chords = tuple(parse_chord(symbol) for symbol in text.split())
    if not chords:
        raise ValueError('there is no chord; write them as "C G Am F"')
    return chords
