"""Where a continuation begins and ends."""

from __future__ import annotations

import numpy as np
import pytest

from builders import phrase, song_of
from musicassist.composing.request import GenerationRequest
from musicassist.composing.span import continuation_span, default_track_index, span_of
from musicassist.errors import SeedError
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import MeterChange, tempo_change


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


def test_the_melody_is_continued_never_drums() -> None:
    drums = Track(channel=9, notes=phrase(*[36] * 9))
    lead, full = Track("Lead", phrase(60)), Track("Pad", phrase(60, 62))
    assert default_track_index(Song((drums, full, lead))) == 2
    assert default_track_index(Song((drums, full, Track("Melody 1", phrase(70)), lead))) == 2


@pytest.mark.parametrize("late_ticks", [-40, -20, -1, 0, 1, 10, 20, 45])
@pytest.mark.parametrize("kind", ["quarters", "eighths", "shuffle", "bass"])
def test_a_last_note_let_go_a_little_early_or_late_ends_on_its_bar_line(kind: str, late_ticks: int) -> None:
    rows = {
        "quarters": [Note(i * 480, 60 + i % 5, 480 + late_ticks * (i == 15)) for i in range(16)],
        "eighths": [Note(i * 240, 60 + i % 5, 240 + late_ticks * (i == 31)) for i in range(32)],
        "shuffle": [
            Note(i // 2 * 480 + i % 2 * 320, 60 + i % 5, 320 - i % 2 * 160 + late_ticks * (i == 31)) for i in range(32)
        ],
        "bass": [Note(i * 480, 60 + i % 5, 480 + late_ticks * (i == 15)) for i in range(16)]
        + [Note(bar * 1920, 36, 1920 + late_ticks * (bar == 3)) for bar in range(4)],
    }
    song = Song((Track(notes=Notes.of(rows[kind])),), tempo_changes=(tempo_change(0, 100),))
    span = continuation_span(song, 0)
    assert (span.from_tick, span.to_tick) == (4 * 1920, 8 * 1920)


def test_early_downbeats_go_with_their_bars() -> None:
    early = [Note(max(0, i * 480 - (10 if i % 4 == 0 else -6)), 60 + i % 7, 450) for i in range(32)]
    request = GenerationRequest("vary", song_of(*early), from_tick=2 * 1920, to_tick=4 * 1920)
    span = span_of(request)
    assert [len(notes) for notes in (span.seed, span.phrase, span.following)] == [8, 8, 16]
    assert span.phrase.start_tick.tolist() == [480 * i for i in range(8, 16)]
