"""Places of the chord lane, without the lane."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from musicassist.score.chord_track import ChordSpan
from musicassist.score.theory import Key, parse_chord, parse_key
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.ui.piano_roll.chord_places import (
    ChordPlace,
    bound_near,
    chord_typed,
    chord_words,
    limits_of,
    place_at,
    place_words,
)

BARS = TimeMap()
BAR = 1920
SPANS = (
    ChordSpan(960, 1920, parse_chord("C")),
    ChordSpan(1920, 3840, parse_chord("F"), is_written=False),
)


def test_what_is_free_of_a_bar_is_a_place_too() -> None:
    assert place_at(SPANS, BARS, 100) == ChordPlace(0, 960)
    assert place_at(SPANS, BARS, 1000) == ChordPlace(960, 1920, SPANS[0])
    assert place_at(SPANS, BARS, 3839) == ChordPlace(1920, 3840, SPANS[1])
    assert place_at(SPANS, BARS, 5000) == ChordPlace(2 * BAR, 3 * BAR)


def test_bounds_are_found_near_by_and_keep_the_chords_beside_them() -> None:
    assert bound_near(SPANS, 1950, 40) == 1920
    assert bound_near(SPANS, 1500, 40) is None
    assert bound_near((ChordSpan(0, 960, parse_chord("C")),), 5, 40) is None
    assert limits_of(SPANS, 1920, 120) == (1080, 3720)
    assert limits_of(SPANS, 3840, 120) == (2040, None)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Am7/G", "Am7/G"),
        ("am7/g", "Am7/G"),
        (" bb ", "Bb"),
        ("n.c.", "N.C."),
        ("F#-7", "Gbm7"),
        ("", "None"),
        ("?", "None"),
    ],
)
def test_what_is_typed(typed: str, meant: str) -> None:
    assert str(chord_typed(typed)) == meant


@pytest.mark.parametrize("typed", ["H7", "C" + "b9#9" * 12, "hello", "/G"])
def test_what_is_no_chord_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        chord_typed(typed)


def test_words_for_those_who_do_not_see_it(qtbot: QtBot) -> None:
    assert chord_words(parse_chord("Am7/G"), Key(0)) == "A minor seventh over G"
    assert chord_words(parse_chord("F#m7b5"), parse_key("E")) == "F sharp half-diminished seventh"
    assert chord_words(parse_chord("Ebmaj9"), parse_key("Eb")) == "E flat maj9"
    assert chord_words(parse_chord("N.C."), None) == "no chord"
    assert place_words(ChordPlace(0, BAR), BARS, None) == "bar 1, no chord written or heard"
    assert place_words(place_at(SPANS, BARS, 1000), BARS, Key(0)) == "C major, bar 1 beat 3 to bar 2 beat 1, written"
    assert place_words(place_at(SPANS, BARS, 2000), BARS, Key(0)) == "F major, bar 2, heard"
    pickup = TimeMap(meter_changes=(MeterChange(0, 1, 4), MeterChange(480, 4, 4)))
    assert place_words(ChordPlace(480, 480 + 2 * BAR, SPANS[0]), pickup, Key(0)) == "C major, bars 1 to 2, written"
