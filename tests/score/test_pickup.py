"""Pickups that stand at tick 0 under the meter."""

from __future__ import annotations

import pytest

from musicassist.score.pickup import suspected_pickup_ticks
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import MeterChange

# Well-known tunes in beats: pitch and length; the first number is the pickup's length.
AMAZING_GRACE = (1, (3, 4), [(62, 1), (67, 2), (71, 0.5), (67, 0.5), (71, 2), (69, 1), (67, 2), (64, 1), (62, 2),
    (62, 1), (67, 2), (71, 0.5), (67, 0.5), (71, 2), (69, 1), (74, 3), (74, 2), (71, 1), (74, 2), (71, 0.5), (67, 0.5),
    (71, 2), (69, 1), (67, 2), (64, 1), (62, 2), (62, 1), (67, 2), (71, 0.5), (67, 0.5), (71, 2), (69, 1),
    (67, 3), (67, 2)])  # fmt: skip
AULD_LANG_SYNE = (1, (4, 4), [(60, 1), (65, 1.5), (65, 0.5), (65, 1), (69, 1), (67, 1.5), (65, 0.5), (67, 1), (69, 1),
    (65, 1.5), (65, 0.5), (69, 1), (72, 1), (74, 3), (74, 1), (72, 1.5), (69, 0.5), (69, 1), (65, 1), (67, 1.5),
    (65, 0.5), (67, 1), (69, 1), (65, 1.5), (62, 0.5), (62, 1), (60, 1), (65, 3)])  # fmt: skip
ODE_TO_JOY = (0, (4, 4), [(64, 1), (64, 1), (65, 1), (67, 1), (67, 1), (65, 1), (64, 1), (62, 1), (60, 1), (60, 1),
    (62, 1), (64, 1), (64, 1.5), (62, 0.5), (62, 2), (64, 1), (64, 1), (65, 1), (67, 1), (67, 1), (65, 1), (64, 1),
    (62, 1), (60, 1), (60, 1), (62, 1), (64, 1), (62, 1.5), (60, 0.5), (60, 2)])  # fmt: skip
TWINKLE = (0, (4, 4), [(60, 1), (60, 1), (67, 1), (67, 1), (69, 1), (69, 1), (67, 2), (65, 1), (65, 1), (64, 1),
    (64, 1), (62, 1), (62, 1), (60, 2), (67, 1), (67, 1), (65, 1), (65, 1), (64, 1), (64, 1), (62, 2), (67, 1), (67, 1),
    (65, 1), (65, 1), (64, 1), (64, 1), (62, 2)])  # fmt: skip
Tune = tuple[int, tuple[int, int], list[tuple[int, float]]]


def song_of_tune(tune: Tune, *, from_beat: float = 0, late_ticks: int = 0, ticks_per_beat: int = 480) -> Song:
    rows, beat = [], from_beat
    for row, (pitch, beats) in enumerate(tune[2]):
        off = late_ticks * (row % 3 - 1) * (row > 0)
        start, end = round(beat * ticks_per_beat) + off, round((beat + beats) * ticks_per_beat)
        rows.append(Note(start, pitch, max(1, end - start)))
        beat += beats
    return Song((Track(notes=Notes.of(rows)),), ticks_per_beat, (), (MeterChange(0, *tune[1]),))


@pytest.mark.parametrize("tune", [AMAZING_GRACE, AULD_LANG_SYNE])
@pytest.mark.parametrize("late_ticks", [0, 8])
@pytest.mark.parametrize("ticks_per_beat", [96, 480])
def test_a_pickup_that_was_written_at_tick_0_is_suspected(tune: Tune, late_ticks: int, ticks_per_beat: int) -> None:
    song = song_of_tune(tune, late_ticks=late_ticks * ticks_per_beat // 480, ticks_per_beat=ticks_per_beat)
    assert suspected_pickup_ticks(song) == tune[0] * ticks_per_beat


@pytest.mark.parametrize("tune", [ODE_TO_JOY, TWINKLE])
def test_a_tune_that_begins_with_a_whole_bar_is_not(tune: Tune) -> None:
    assert suspected_pickup_ticks(song_of_tune(tune)) is None


def test_a_pickup_that_is_padded_as_it_should_be_is_not() -> None:
    assert suspected_pickup_ticks(song_of_tune(AMAZING_GRACE, from_beat=2)) is None
    assert suspected_pickup_ticks(song_of_tune(AULD_LANG_SYNE, from_beat=3)) is None


def test_where_there_is_little_music_nothing_is_suspected() -> None:
    assert suspected_pickup_ticks(Song()) is None
    few: Tune = (1, (4, 4), AULD_LANG_SYNE[2][:6])
    assert suspected_pickup_ticks(song_of_tune(few)) is None


@pytest.mark.parametrize("hanging", range(16))
@pytest.mark.parametrize("step_ticks", [240, 480])
def test_one_note_that_hangs_tells_of_no_pickup(hanging: int, step_ticks: int) -> None:
    scale = [60, 62, 64, 65, 67, 69, 67, 65, 64, 62, 60, 62, 64, 64, 62, 60] * (480 // step_ticks)
    notes = [Note(row * step_ticks, pitch, step_ticks) for row, pitch in enumerate(scale)]
    hung = notes[hanging]
    notes[hanging] = Note(hung.start_tick, hung.pitch, 7680 - hung.start_tick)
    assert suspected_pickup_ticks(Song((Track(notes=Notes.of(notes)),), 480)) is None
