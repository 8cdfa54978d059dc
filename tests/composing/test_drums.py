"""Drums go on by the song's own bars, with its own fills at the ends of phrases."""

from __future__ import annotations

import numpy as np

from ensemble_songs import BAR, band
from musicassist.composing.drums import drum_notes
from musicassist.score.song import Note, Notes

SONG = band(8)


def written(track: Notes, from_tick: int, to_tick: int) -> Notes:
    return drum_notes(track, SONG.time_map, from_tick, to_tick, np.random.default_rng(1))


def test_patterns_and_fills_stand_where_the_song_has_them() -> None:
    new = written(SONG.tracks[3].notes, 8 * BAR, 16 * BAR)
    by_bar = [new.pitch[new.starting_between(bar * BAR, bar * BAR + BAR)].tolist() for bar in range(8, 16)]
    assert by_bar == [[36] * 4, [36] * 4, [36] * 4, [45] * 4] * 2


def test_a_begun_bar_is_only_ended() -> None:
    new = written(SONG.tracks[3].notes.where(SONG.tracks[3].notes.start_tick < 8 * BAR - 960), 8 * BAR - 960, 9 * BAR)
    assert new.start_tick.min() == 8 * BAR - 960
    assert new.end_tick.max() <= 9 * BAR


def test_a_longer_rhythm_goes_on_as_it_was() -> None:
    rows = [Note(bar * BAR + place, 36 + bar % 2, 100) for bar in range(8) for place in (0, 720, 960)]
    new = written(Notes.of(rows), 8 * BAR, 12 * BAR)
    assert [36 + bar % 2 for bar in range(8, 12) for _ in range(3)] == new.pitch.tolist()


def test_no_drums_give_none() -> None:
    assert not len(written(Notes.of(), 8 * BAR, 12 * BAR))
    assert not len(written(Notes.of([Note(20 * BAR, 36, 10)]), 8 * BAR, 12 * BAR))
