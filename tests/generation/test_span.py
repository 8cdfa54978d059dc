"""Where a continuation begins and ends."""

from __future__ import annotations

import numpy as np
import pytest

from builders import phrase, song_of
from musicassist.errors import SeedError
from musicassist.generation.span import continuation_span, default_track_index
from musicassist.score.song import Note, Song, Track
from musicassist.score.timing import MeterChange


def test_the_bar_begun_and_four_whole_bars_are_filled() -> None:
    span = continuation_span(song_of(Note(0, 60, 480)), 0)
    assert (span.from_tick, span.to_tick) == (480, 5 * 1920)


def test_after_a_bar_line_only_whole_bars_are_filled() -> None:
    span = continuation_span(song_of(Note(0, 60, 1920)), 0, bars=2)
    assert (span.from_tick, span.to_tick) == (1920, 3 * 1920)


def test_the_end_follows_the_meters() -> None:
    song = Song((Track(notes=phrase(60, 62)),), 480, (), (MeterChange(0, 3, 4), MeterChange(1440, 7, 8)))
    assert continuation_span(song, 0, bars=2).to_tick == 1440 + 2 * 1680


def test_a_selection_is_the_seed() -> None:
    song = Song((Track(notes=phrase(60, 62, 64, 65)),))
    span = continuation_span(song, 0, np.array([False, True, False, False]))
    assert [note.pitch for note in span.seed] == [62]
    assert span.from_tick == 480
    assert len(continuation_span(song, 0, np.zeros(4, dtype=bool)).seed) == 4  # nothing selected: the whole track


def test_the_longest_note_ends_the_seed_not_the_last() -> None:
    span = continuation_span(song_of(Note(0, 48, 3000), Note(480, 60, 480)), 0)
    assert span.from_tick == 3000


@pytest.mark.parametrize("track", [Track(), Track(channel=9, notes=phrase(36, 38))])
def test_without_pitched_notes_there_is_nothing_to_continue(track: Track) -> None:
    with pytest.raises(SeedError) as caught:
        continuation_span(Song((track,)), 0)
    assert str(caught.value).endswith(".")
    with pytest.raises(SeedError):
        default_track_index(Song((track,)))


@pytest.mark.parametrize("index", [-1, 1, 99])
def test_a_track_that_is_not_there_has_no_notes(index: int) -> None:
    with pytest.raises(SeedError):
        continuation_span(Song((Track(notes=phrase(60)),)), index)


def test_the_melody_is_continued_else_the_fullest_track_never_drums() -> None:
    drums = Track(channel=9, notes=phrase(*[36] * 9))
    short, full = Track("Lead", phrase(60)), Track("Pad", phrase(60, 62))
    assert default_track_index(Song((drums, short, full))) == 2
    assert default_track_index(Song((drums, full, Track("Melody 1", phrase(70))))) == 2
