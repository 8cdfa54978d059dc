"""How the letter keys lie as a piano: which of them plays what, and which moves it by octaves or plays louder.

Letters stand for places: those of a US keyboard. What is printed there may differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OCTAVE = 12
VELOCITY_STEP = 20  # Source: Ableton Live 12 manual, "Computer MIDI Keyboard"


@dataclass(frozen=True)
class LetterLayout:
    """A way to play on the letter keys.

    Attributes:
        name: As the settings have it.
        lowest_pitch: What the first key plays at first.
        semitones: By place, how far above that.
        octaves: By place, how many octaves it moves the keys.
        louder: By place, how many steps of velocity it adds.
        rows: What the help shows: words, and the places.
    """

    name: str
    lowest_pitch: int
    semitones: Mapping[str, int]
    octaves: Mapping[str, int]
    louder: Mapping[str, int]
    rows: tuple[tuple[str, str], ...]

    @property
    def places(self) -> frozenset[str]:
        """All places that mean something."""
        return frozenset((*self.semitones, *self.octaves, *self.louder))


LIVE = LetterLayout(
    "live",
    60,
    {letter: semitones for semitones, letter in enumerate("AWSEDFTGYHUJKOLP;'")},
    {"Z": -1, "X": 1},
    {"C": -1, "V": 1},
    (
        ("Letter keys: white keys from C", "A S D F G H J K L ; '"),
        ("Letter keys: black keys from C sharp", "W E · T Y U · O P"),
        ("Letter keys: an octave lower, higher", "Z X"),
        ("Letter keys: softer, louder", "C V"),
    ),
)
ROWS = LetterLayout(
    "rows",
    48,
    {letter: semitones for semitones, letter in enumerate("ZSXDCVGBHNJMQ2W3ER5T6Y7UI9O0P")},
    {},
    {},
    (
        ("Letter keys, lower octave: white keys from C", "Z X C V B N M"),
        ("Letter keys, lower octave: black keys from C sharp", "S D · G H J"),
        ("Letter keys, upper octave: white keys from C", "Q W E R T Y U I O P"),
        ("Letter keys, upper octave: black keys from C sharp", "2 3 · 5 6 7 · 9 0"),
    ),
)


def layout_named(name: str) -> LetterLayout:
    """The layout of that name; that of Live for any other."""
    return ROWS if name == ROWS.name else LIVE
