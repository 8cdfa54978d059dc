"""Chords to choose from where one is written."""

from __future__ import annotations

from builders import phrase
from musicassist.score.chord_track import ChordSpan
from musicassist.score.song import KeyChange, Song, Track
from musicassist.score.theory import Key, parse_chord
from musicassist.session.next_chords import CHOICES, likely_chords

BAR = 1920
MELODY = Track("Melody", phrase(71, 74, 67, 74, step_ticks=480, from_tick=BAR))
BEFORE = (ChordSpan(0, BAR, parse_chord("Am7")), ChordSpan(BAR, 2 * BAR, parse_chord("D7")))


def song_in(key: Key) -> Song:
    return Song((MELODY,), key_changes=(KeyChange.chosen(0, key),))


def test_what_often_follows_and_fits_the_line_comes_first() -> None:
    found = likely_chords(song_in(Key(7)), 0, BEFORE[:1], BAR, 2 * BAR)
    assert len(found) == CHOICES == len(set(found))
    assert "G" in [str(chord) for chord in found[:2]]
    assert likely_chords(song_in(Key(7)), 0, BEFORE, BAR, 2 * BAR) == found  # what stands there counts for nothing


def test_the_chord_just_before_is_not_offered() -> None:
    assert parse_chord("D7") not in likely_chords(song_in(Key(7)), 0, BEFORE, 2 * BAR, 3 * BAR)


def test_without_a_key_none_are() -> None:
    assert likely_chords(Song((Track(),)), 0, (), 0, BAR) == ()
