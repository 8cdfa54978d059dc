"""Rules that cannot hold together are told by name, before anything is composed; all others are let through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from musicassist.composing.clashes import RuleClash, check_rules, known_rules, written_rules
from musicassist.composing.request import Constraints, GenerationRequest
from musicassist.composing.span import span_of
from musicassist.score.chord_track import ChordMark, with_written_chords
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Key, parse_chord, parse_chords

BAR, BEAT = 1920, 480
LINE = Notes.of(Note(beat * BEAT // 2, 60 + beat % 5, BEAT // 2) for beat in range(16))
SONG = with_written_chords(Song((Track("MELODY", LINE),)), [ChordMark(2 * BAR, parse_chord("Em"))])


def clash(song: Song = SONG, **rules: object) -> RuleClash | None:
    request = GenerationRequest("continue", song, bars=2, constraints=Constraints(**rules))  # type: ignore[arg-type]
    for known in (known_rules, written_rules):
        try:
            check_rules(known(request, span_of(request)))
        except RuleClash as found:
            return found
    return None


@pytest.mark.parametrize(
    ("rules", "named", "words"),
    [
        (
            {"lowest_pitch": 60, "highest_pitch": 62, "chord_strength": "strong"},
            ("range", "chord_strength"),
            "Range C4:D4 holds no tone of the chord Em: widen the range or set chords to heard.",
        ),
        (
            {"lowest_pitch": 61, "highest_pitch": 61, "key": Key(0)},
            ("range", "scale_strength"),
            "Range C#4:C#4 holds no tone of C major: widen the range or set the scale to tend.",
        ),
        (
            {"key": Key(0), "chords": parse_chords("C F#5")},
            ("scale_strength", "chord_strength"),
            "C major holds no tone of the chord Gb5: set the scale to tend or chords to heard.",
        ),
        (
            {"lowest_pitch": 60, "highest_pitch": 61, "key": Key(0), "chords": parse_chords("Db")},
            ("range", "chord_strength"),
            "Range C4:C#4 in C major holds no tone of the chord Db: widen the range or set chords to heard.",
        ),
        (
            {"largest_leap": 1, "chords": parse_chords("C5 A5")},
            ("largest_leap", "chord_strength"),
            "No leap of 1 semitone leads from each chord to the next: allow wider leaps or set chords to heard.",
        ),
        (
            {"largest_leap": 1, "key": Key(0, "whole_tone")},
            ("largest_leap", "scale_strength"),
            "C whole tone has no step of 1 semitone in that range: allow wider leaps or set the scale to tend.",
        ),
        (
            {"lowest_pitch": 60, "highest_pitch": 60, "only_new": True},
            ("range", "only_new"),
            "Range C4:C4 has one tone alone, so nothing new can be played: widen it or let the phrase come again.",
        ),
        (
            {"density": 1.0, "rhythm": "kept"},
            ("density", "rhythm"),
            "Density 1 cannot keep the phrase's rhythm of 2 notes a beat and more: allow more notes or set the rhythm "
            "to free.",
        ),
        (
            {"lowest_pitch": 70, "highest_pitch": 60},
            ("range",),
            "Range A#4:C4 holds no pitch: its lower note comes first.",
        ),
    ],
)
def test_each_pair_is_named(rules: dict[str, object], named: tuple[str, ...], words: str) -> None:
    found = clash(**rules)
    assert found is not None
    assert (found.rules, str(found)) == (named, words)


def test_a_file_without_places_for_triplets_says_so() -> None:
    coarse = Song((Track("MELODY", Notes.of([Note(0, 60, 8)])),), ticks_per_beat=4)
    found = clash(coarse, rhythm="triplets")
    assert found is not None and found.rules == ("rhythm",)
    assert clash(coarse, rhythm="straight") is None


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"lowest_pitch": 60, "highest_pitch": 62},  # the chord is only heard
        {"lowest_pitch": 61, "highest_pitch": 61, "key": Key(0), "scale_strength": "tend"},
        {"lowest_pitch": 62, "highest_pitch": 64, "chord_strength": "always"},
        {"largest_leap": 2, "chords": parse_chords("C Dm G")},
        {"density": 2.0, "rhythm": "kept"},
        {"rhythm": "triplets", "only_new": True},
    ],
)
def test_what_can_hold_together_is_let_through(rules: dict[str, object]) -> None:
    assert clash(**rules) is None


def test_chords_that_are_only_heard_count_where_there_is_time_to_hear_them() -> None:
    chord = Notes.of(Note(bar * BAR, pitch, BAR) for bar in range(4) for pitch in (52, 55, 59))
    song = replace(SONG, tracks=(Track("MELODY", LINE), Track("PIANO", chord)))
    narrow = Constraints(lowest_pitch=60, highest_pitch=62, chord_strength="always")
    request = GenerationRequest("continue", song, bars=2, constraints=narrow)
    with pytest.raises(RuleClash, match="Em"):
        check_rules(known_rules(request, span_of(request)))
    check_rules(written_rules(request, span_of(request)))
