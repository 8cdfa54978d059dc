"""What is written wins; elsewhere the other tracks say it."""

from __future__ import annotations

from dataclasses import replace

from harmony.test_detection import BAR, block
from musicassist.harmony.song_chords import song_chords
from musicassist.score.chord_track import ChordMark, with_written_chords
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import NO_CHORD, Chord

MELODY = Track("Melody", Notes.of(Note(480 * i, 72 + i % 5, 480) for i in range(16)))
SONG = Song((MELODY, Track("Piano", block("C Am F G"), channel=1)))


def said(song: Song, to_tick: int = 4 * BAR, but_track: int | None = 0) -> list[tuple[int, int, str, bool]]:
    spans = song_chords(song, 0, to_tick, but_track=but_track)
    return [(s.from_tick // BAR, s.to_tick // BAR, str(s.chord), s.is_written) for s in spans]


def test_the_other_tracks_say_the_chords() -> None:
    assert said(SONG) == [(0, 1, "C", False), (1, 2, "Am", False), (2, 3, "F", False), (3, 4, "G", False)]


def test_what_is_written_wins_and_holds_until_it_is_given_back() -> None:
    marks = [ChordMark(BAR, Chord(5)), ChordMark(2 * BAR, Chord(0, NO_CHORD)), ChordMark(3 * BAR, None)]
    assert said(with_written_chords(SONG, marks)) == [(0, 1, "C", False), (1, 2, "F", True), (3, 4, "G", False)]


def test_the_last_written_chord_holds_beyond_the_end_of_the_notes() -> None:
    assert said(with_written_chords(SONG, [ChordMark(0, Chord(2))]), 6 * BAR) == [(0, 6, "D", True)]


def test_a_line_alone_and_drums_and_muted_tracks_say_no_chord() -> None:
    assert said(Song((MELODY,)), but_track=None) == []
    assert said(Song((MELODY, replace(SONG.tracks[1], channel=9)))) == []
    assert said(Song((MELODY, replace(SONG.tracks[1], muted=True)))) == []
