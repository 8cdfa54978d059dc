"""Which part of a song is its melody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import note_columns, phrase
from musicassist.score import melody_part
from musicassist.score.melody_part import melody_track
from musicassist.score.song import Event, Note, Notes, Song, Track

TUNE = phrase(*(64, 66, 67, 69, 71, 69, 67, 66) * 4, step_ticks=480)
ARPEGGIO = phrase(*(40, 47, 52, 55) * 64, step_ticks=60)
KIT = Notes.of(
    Note(i * 120, pitch, 60)
    for i in range(128)
    for pitch in ((36, 42, 38, 42)[i // 2 % 4],)
    if i % 2 == 0 or pitch == 42
)
CHORDS = Notes.of(Note(bar * 1920, pitch, 1920) for bar in range(8) for pitch in (48, 55, 64, 72))
BASS = phrase(*(40, 40, 47, 47, 45, 45, 38, 43) * 8, step_ticks=240)


@pytest.mark.parametrize("name", ["Vocal Melody", "Gesang", "旋律", "Lead", "Голос", "Tune", ""])
def test_the_melody_is_what_people_call_so_and_without_names_the_one_above(name: str) -> None:
    """As in an arrangement with 256 notes of strings beside a melody of 32."""
    song = Song(tracks=(Track(name, TUNE), Track("Strings" if name else "", ARPEGGIO, channel=1)))
    assert melody_track(song) == 0


@pytest.mark.parametrize("other", [ARPEGGIO, CHORDS, BASS, KIT])
def test_a_single_voice_above_the_others_is_the_melody_wherever_it_stands(other: Notes) -> None:
    parts = (Track("", other), Track("", BASS, channel=1), Track("", TUNE, channel=2))
    for shift in range(3):
        song = Song(tracks=parts[shift:] + parts[:shift])
        assert song.tracks[melody_track(song) or 0].notes is TUNE


def test_a_melody_that_is_named_comes_before_a_voice_and_that_before_a_lead() -> None:
    ranked = [Track("Lead guitar", TUNE), Track("Vocals", ARPEGGIO), Track("Theme", BASS)]
    assert [melody_track(Song(tracks=tuple(ranked[:count]))) for count in (1, 2, 3)] == [0, 1, 2]


def test_of_several_voices_the_most_melodic_is_taken() -> None:
    song = Song(tracks=(Track("Voice 2", BASS), Track("Voice 1", TUNE), Track("Voice 3", CHORDS)))
    assert melody_track(song) == 1


@pytest.mark.parametrize(
    "drums",
    [
        Track("", KIT, channel=9),
        Track("Drums", KIT, channel=0),
        Track("Lead", ARPEGGIO, channel=9),
        Track("Perc 2", ARPEGGIO, channel=10, events=(Event(0, b"\xba\x00\x7f"),)),
        Track("", KIT, channel=5),
    ],
)
def test_drums_are_never_the_melody(drums: Track) -> None:
    assert melody_track(Song(tracks=(drums, Track("Flute", TUNE.where(TUNE.start_tick < 4800), channel=3)))) == 1
    assert melody_track(Song(tracks=(drums,))) is None


def test_without_notes_there_is_no_melody() -> None:
    assert melody_track(Song()) is None
    assert melody_track(Song(tracks=(Track("Melody"),))) is None


@given(st.lists(note_columns(most=30).filter(len), min_size=2, max_size=5))
def test_any_song_has_one_and_names_change_nothing_but_the_choice(parts: list[Notes]) -> None:
    song = Song(tracks=tuple(Track("", part) for part in parts))
    index = melody_track(song)
    assert index is None or 0 <= index < len(parts)
    named = replace(song, tracks=(*song.tracks[:-1], replace(song.tracks[-1], name="Melody")))
    assert melody_track(named) == len(parts) - 1


def test_a_long_song_is_judged_by_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(melody_part, "MAX_NOTES", 60)
    late = phrase(*(80, 81) * 20, step_ticks=240, from_tick=200_000)
    song = Song(tracks=(Track("", TUNE), Track("", ARPEGGIO), Track("", late)))
    assert melody_track(song) == 0


def test_of_a_song_of_thousands_of_tracks_those_with_the_most_notes_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    song = Song(tracks=tuple(Track("", phrase(*[60] * length)) for length in (3, 9, 5, 7)))
    monkeypatch.setattr(melody_part, "MAX_PARTS", 2)
    compared: list[int] = []

    def scores(parts: list[Notes], _beat: int) -> list[float]:
        compared.extend(map(len, parts))
        return [0.0] * len(parts)

    monkeypatch.setattr(melody_part, "melodic_scores", scores)
    assert melody_part.melody_track(song) == 1
    assert compared == [9, 7]
