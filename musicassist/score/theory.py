"""Pitches, scales, keys and chord symbols, with the names that musicians write."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache

SHARP_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLAT_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
MAX_ACCIDENTALS = 7  # LIMIT: more sharps or flats no signature has
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"": 0, "#": 1, "b": -1, "##": 2, "bb": -2}
_FIFTHS_UP = "FCGDAEB"  # each a fifth above the one before
_F_ON_LINE, _C_ON_LINE = -1, 0  # places on the line of fifths, on which C is 0, G 1 and F -1

# Steps of each scale as semitones above its tonic. `minor` stands for the steps of its signature; in a minor key the
# sixth and seventh are raised where they lead up, see `Key.leading_steps`. `natural_minor` never raises them.
SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "natural_minor": (0, 2, 3, 5, 7, 8, 10),
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

# How many fifths the tonic lies above that of the major key with the same signature.
_LIKE_MINOR = ("minor", "natural_minor", "harmonic_minor", "melodic_minor", "minor_pentatonic", "blues")
_FIFTHS_ABOVE_MAJOR = dict.fromkeys(_LIKE_MINOR, 3) | dict(dorian=2, phrygian=4, lydian=-1, mixolydian=1, locrian=5)
_RAISED_SIXTH, _RAISED_SEVENTH = 9, 11
_PLAIN_DEGREES = (8, 10)  # of a minor key: what may be raised
_LOWEST_USUAL = {"major": -5, "minor": -6}  # D flat to F sharp major, E flat to G sharp minor
# The usual names of what a key alters: around C major from E flat to G sharp, around A minor from B flat to D sharp.
_LOWEST_CHROMATIC = {"major": -3, "minor": -2}
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


def parse_pitch_range(text: str) -> tuple[int, int]:
    """Lowest and highest MIDI number from ``C4:C6``.

    Raises:
        ValueError: It is no range.
    """
    lowest, colon, highest = text.partition(":")
    if not colon:
        raise ValueError(f"{text!r} is no range; write it as C4:C6")
    if parse_pitch(lowest) > parse_pitch(highest):
        raise ValueError(f"in {text!r} the lower note comes last")
    return parse_pitch(lowest), parse_pitch(highest)


def pitch_name(pitch: int, key: Key | None = None) -> str:
    """``C4`` for 60; in a key as it is written there: ``Bb3`` in F major, ``F#4`` in G minor, ``Cb4`` in G flat."""
    return pitch_names(key)[pitch]


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic with a scale. How it is written makes no difference to what it is: D sharp minor equals E flat minor.

    Attributes:
        tonic: Pitch class of the tonic, 0..11.
        scale: A name in ``SCALES``.
        fifths: Sharps of its signature, negative for flats; None for the usual ones.
    """

    tonic: int
    scale: str = "major"
    fifths: int | None = field(default=None, compare=False)

    @property
    def pitch_classes(self) -> frozenset[int]:
        """The pitch classes of the scale."""
        return frozenset((self.tonic + step) % 12 for step in SCALES[self.scale])

    @property
    def leading_steps(self) -> dict[int, int]:
        """Pitch classes beside the scale that may stand where they lead up, and by how many semitones.

        In a minor key the raised seventh leads to the tonic and the raised sixth to the raised seventh, as in melodic
        minor; other scales have none.
        """
        if self.scale != "minor":
            return {}
        return {(self.tonic + _RAISED_SIXTH) % 12: 2, (self.tonic + _RAISED_SEVENTH) % 12: 1}

    @property
    def signature_fifths(self) -> int:
        """Sharps of the signature that it is written with, negative for flats, -7..7."""
        return usual_fifths(self.tonic, self.scale) if self.fifths is None else self.fifths

    @property
    def note_names(self) -> tuple[str, ...]:
        """The name of each pitch class: its own degrees by the signature, raised ones raised, others as is usual."""
        return _note_names(self.tonic, self.scale, self.signature_fifths)

    @property
    def tonic_name(self) -> str:
        """``D`` or ``Bb``."""
        return _name_on_line(self.signature_fifths + _FIFTHS_ABOVE_MAJOR.get(self.scale, 0))

    def has_pitch(self, pitch: int) -> bool:
        """Whether the MIDI pitch belongs to the scale."""
        return pitch % 12 in self.pitch_classes

    def __str__(self) -> str:
        return f"{self.tonic_name} {self.scale.replace('_', ' ')}"


def pitch_names(key: Key | None) -> tuple[str, ...]:
    """The names of all 128 pitches, as ``pitch_name`` writes them."""
    return _pitch_names(SHARP_NAMES if key is None else key.note_names)


@lru_cache(maxsize=32)
def _pitch_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_in_octave(names[pitch % 12], pitch) for pitch in range(128))


def _in_octave(name: str, pitch: int) -> str:
    return f"{name}{(pitch - _ACCIDENTALS[name[1:]]) // 12 - 1}"


@lru_cache(maxsize=256)
def _note_names(tonic: int, scale: str, fifths: int) -> tuple[str, ...]:
    names = list(FLAT_NAMES if fifths < 0 else SHARP_NAMES)
    is_minor = _FIFTHS_ABOVE_MAJOR.get(scale) == 3
    lowest = _LOWEST_CHROMATIC["minor" if is_minor else "major"] + fifths
    for place in range(lowest, lowest + 12):
        if len(_name_on_line(place)) < 3:
            names[7 * place % 12] = _name_on_line(place)
    own = {7 * place % 12: place for place in range(fifths + _F_ON_LINE, fifths + 6)}
    plain = [own[pc] for step in _PLAIN_DEGREES if is_minor and (pc := (tonic + step) % 12) in own]
    for place in (*own.values(), *(place + 7 for place in plain)):  # seven fifths up is a sharp
        names[7 * place % 12] = _name_on_line(place)
    return tuple(names)


def usual_fifths(tonic: int, scale: str) -> int:
    """Sharps of the signature that a key is usually written with, negative for flats: E flat minor, not D sharp."""
    above_major = _FIFTHS_ABOVE_MAJOR.get(scale, 0)
    lowest = _LOWEST_USUAL["minor" if above_major == 3 else "major"]
    major = 7 * tonic - above_major  # the same as fifths, but for whole turns of the circle
    return (major - lowest) % 12 + lowest


def key_on_tonic(name: str, scale: str) -> Key:
    """The key on a tonic such as ``Eb``, written with that name where a signature allows it.

    Raises:
        ValueError: It is no note name.
    """
    tonic = parse_pitch_class(name)
    text = name.strip()
    line = _FIFTHS_UP.index(text[0].upper()) + _F_ON_LINE + 7 * _ACCIDENTALS[text[1:]]
    fifths = line - _FIFTHS_ABOVE_MAJOR.get(scale, 0)
    return Key(tonic, scale, fifths if abs(fifths) <= MAX_ACCIDENTALS else None)


def keys_on_offer(scale: str) -> tuple[Key, ...]:
    """The keys of a scale along the circle of fifths, from flats to sharps; of a scale without tonic only one.

    Where two names are usual, both stand there: G flat and F sharp major, A flat and G sharp minor.
    """
    if len(SCALES[scale]) == 12:
        return (Key(_C_ON_LINE, scale),)
    above_major = _FIFTHS_ABOVE_MAJOR.get(scale, 0)
    first = -7 if above_major == 3 else -6
    return tuple(Key(7 * (fifths + above_major) % 12, scale, fifths) for fifths in range(first, first + 13))


def parse_key(text: str) -> Key:
    """A key from ``D:major``, ``D major``, ``Bb minor``, ``F#m`` or ``G``, written as it is spelled there.

    Raises:
        ValueError: It is no key.
    """
    match = re.fullmatch(r"\s*([A-Ga-g](?:##?|bb?|♯|♭)?)\s*[:-]?\s*(.*?)\s*", text)
    if match is None:
        raise ValueError(f"{text!r} is no key")
    spoken = match[2].lower().replace(" ", "_").replace("-", "_")
    scale = {"": "major", "M": "major", "m": "minor", "maj": "major", "min": "minor"}.get(match[2], spoken)
    if scale not in SCALES:
        raise ValueError(f"{match[2]!r} is no scale; known are {', '.join(SCALES)}")
    return key_on_tonic(match[1].replace("♯", "#").replace("♭", "b"), scale)


def _name_on_line(place: int) -> str:
    """The note name at a place on the line of fifths."""
    accidentals, letter = divmod(place - _F_ON_LINE, 7)
    return _FIFTHS_UP[letter] + ("#" * accidentals if accidentals > 0 else "b" * -accidentals)


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
    tones |= _above_the_triad(number, is_major=major is not None)
    if number == "5" and tones & {3, 4} and not kind[0]:
        tones -= {4}
    return tuple(sorted(_with_parts(tones, rest, quality)))


def _above_the_triad(number: str, *, is_major: bool) -> set[int]:
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

    @property
    def mask(self) -> int:
        """The chord tones as a 12-bit mask, bit 0 for C."""
        return sum(1 << pitch_class for pitch_class in self.pitch_classes)

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
