"""Chords that lie higher do so as notes and as names."""

from __future__ import annotations

from builders import phrase
from lab.evaluation.chord_tones import ChordedPhrase
from musicassist.score.chord_track import ChordMark, with_written_chords, written_chords
from musicassist.score.song import Notes, Song, Track
from musicassist.score.theory import parse_chord

BAR = 1920


def test_chords_are_moved_with_their_names_and_the_melody_stays() -> None:
    melody, chords = phrase(60, 62, 64, 65), Notes.of([*phrase(48, step_ticks=BAR), *phrase(53, from_tick=BAR)])
    song = Song((Track("MELODY", melody), Track("CHORDS", chords)))
    named = with_written_chords(
        song, [ChordMark(0, parse_chord("C/G")), ChordMark(BAR, parse_chord("B7")), ChordMark(2 * BAR, None)]
    )
    for asked, names in ((song, []), (named, ["Db/Ab", "C7", "None"])):
        made = ChordedPhrase(asked, 0, BAR, 2 * BAR, melody, chords).moved(1).song
        assert made.tracks[0].notes.pitch.tolist() == melody.pitch.tolist()
        assert made.tracks[1].notes.pitch.tolist() == [49, 54]
        assert [str(mark.chord) for mark in written_chords(made)] == names
