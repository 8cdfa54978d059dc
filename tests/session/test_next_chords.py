"""Chords to choose from where one is written."""

from __future__ import annotations

import pytest

from musicassist.score.theory import SCALES, Chord, Key, parse_chord
from musicassist.session.next_chords import likely_after

C = Key(0)


def names(key: Key, previous: str | None) -> list[str]:
    return [str(chord) for chord in likely_after(key, parse_chord(previous) if previous else None)]


def test_a_song_begins_at_home_and_the_dominant_leads_there() -> None:
    assert names(C, None)[0] == "C"
    assert names(C, "G7")[0] == "C"
    assert names(C, "Dm7")[:2] == ["G", "G7"]
    assert names(Key(9, "minor"), "E7")[0] == "Am"


def test_a_chord_of_another_key_counts_as_the_nearest_of_this_one() -> None:
    assert names(C, "D7")[0] == names(C, "Dm")[0] == "G"


@pytest.mark.parametrize("scale", SCALES)
def test_they_are_chords_of_the_key_and_never_the_one_before(scale: str) -> None:
    before = Chord(2, "m")
    found = likely_after(Key(2, scale), before)
    assert len(found) >= 7 and len(set(found)) == len(found) and before not in found
