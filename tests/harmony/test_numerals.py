"""Names and numerals by the key."""

from __future__ import annotations

import pytest

from harmony.test_progressions import spans_of
from musicassist.harmony.numerals import home_tones, roman_numeral, roman_numerals
from musicassist.score.chord_track import chord_name
from musicassist.score.theory import Chord, Key, parse_chord, parse_key


@pytest.mark.parametrize(
    ("key", "names", "numerals"),
    [
        ("C", "C Dm7 G7 C", "I ii7 V7 I"),
        ("C", "Cmaj7 C/E C/G G7/B G7/D G7/F", "Imaj7 I6 I64 V65 V43 V42"),
        ("C", "A7 Dm D7 G E Am C7 F", "V7/ii ii V7/V V V/vi vi V7/IV IV"),
        ("C", "Fm Bb7 Ab Bdim Bm7b5 C+ Gsus4 F6", "iv bVII7 bVI viio viiø7 I+ Vsus4 IVadd6"),
        ("C", "C#dim7 Dm F#dim7 G", "viio7/ii ii viio7/V V"),
        ("C", "E F", "III IV"),  # it leads elsewhere
        ("A minor", "Am E7 Dm G C F G#dim7 Am", "i V7 iv VII III VI #viio7 i"),
        ("A minor", "A7 Dm B7 E", "V7/iv iv V7/V V"),
        ("Eb", "Eb Cm Fm7 Bb7", "I vi ii7 V7"),
        ("C", "N.C. C/D", "N.C. I"),
    ],
)
def test_numerals_of_a_progression(key: str, names: str, numerals: str) -> None:
    assert " ".join(roman_numerals(spans_of(names), parse_key(key))) == numerals


def test_names_are_spelled_by_the_key() -> None:
    assert chord_name(Chord(6, "m7"), parse_key("D")) == "F#m7"
    assert chord_name(Chord(10, "", 2), parse_key("F")) == "Bb/D"
    assert chord_name(Chord(6), None) == "Gb"
    assert chord_name(parse_chord("N.C."), parse_key("D")) == "N.C."


def test_the_leading_tone_of_a_minor_key_is_at_home() -> None:
    assert home_tones(Key(9, "minor")) == {9, 11, 0, 2, 4, 5, 7, 8}
    assert roman_numeral(parse_chord("E7"), Key(9, "minor")) == "V7"
