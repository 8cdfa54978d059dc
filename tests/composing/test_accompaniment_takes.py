"""Accompaniments as takes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmony.test_detection import block
from harmony.test_harmonising import BAR, MELODY, SONG
from musicassist.composing.accompaniment_takes import accompaniment_takes
from musicassist.composing.request import ACCOMPANY, GenerationRequest, Take
from musicassist.composing.seed_reading import ReadingCancelled
from musicassist.errors import SeedError
from musicassist.score.chord_track import ChordSpan
from musicassist.score.song import Song, Track
from musicassist.score.theory import Chord


def request(song: Song = SONG, chords: tuple[ChordSpan, ...] = (), seed: int = 1) -> GenerationRequest:
    return GenerationRequest(kind=ACCOMPANY, song=song, to_tick=12 * BAR, chords=chords, seed=seed)


def takes_of(song: Song = SONG, chords: tuple[ChordSpan, ...] = (), seed: int = 1) -> tuple[Take, ...]:
    return accompaniment_takes(request(song, chords, seed), lambda: False)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 11 * BAR), st.lists(st.integers(0, 11), min_size=1, max_size=6))
def test_no_take_plays_beyond_the_melody_and_all_play_only_the_chords(end_tick: int, roots: list[int]) -> None:
    melody = MELODY.where(MELODY.start_tick < end_tick)
    spans = tuple(ChordSpan(row * BAR, (row + 1) * BAR, Chord(root)) for row, root in enumerate(roots))
    takes = takes_of(Song((Track("Melody", melody),)), spans)
    assert [take.number for take in takes] == [1, 2, 3]
    for take in takes:
        assert take.is_part_alone and not len(take.notes) and take.chords == spans
        assert len(take.ghosts) == sum(len(track.notes) for track in take.new_tracks) > 0
        assert int(take.ghosts.end_tick.max()) <= take.to_tick <= int(melody.end_tick.max())
        for note in take.ghosts:
            assert note.pitch % 12 in spans[note.start_tick // BAR].chord.pitch_classes


def test_the_song_s_own_chords_are_played_and_not_written_again() -> None:
    song = Song((SONG.tracks[0], Track("Piano", block("C F C G7 Am Dm G C C F G7 C"), channel=1)))
    takes = takes_of(song)
    assert [take.title for take in takes] == [
        "Held chords", "Broken chords", "Bass and chords", "As the song has played"
    ]  # fmt: skip
    assert {take.chords for take in takes} == {()}
    assert [len(take.parts) for take in takes] == [0, 0, 0, 1]


def test_without_any_chords_some_are_found_by_the_random_number() -> None:
    assert takes_of(seed=1)[0].chords == takes_of(seed=1)[0].chords != ()


def test_neither_chords_nor_a_melody_is_said() -> None:
    with pytest.raises(SeedError, match="no chords"):
        takes_of(Song((Track("Melody"),)))


def test_it_can_be_given_up() -> None:
    chords = (ChordSpan(0, BAR, Chord(0)),)
    asked = iter([False, True])
    with pytest.raises(ReadingCancelled):
        accompaniment_takes(replace(request(chords=chords)), lambda: next(asked))
