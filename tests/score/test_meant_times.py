"""Where a person's notes are meant to begin and end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.meant_times import (
    MeantTimes,
    meant_end_line_tick,
    meant_end_tick,
    meant_span,
    next_onset_tick,
    span_replaced,
)
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import TimeMap, tempo_change
from played_phrases import line, time_map

BAR = 1920
STEPS = {  # onsets of four bars, and how long each lasts
    "quarters": ([480 * i for i in range(16)], 480),
    "eighths": ([240 * i for i in range(32)], 240),
    "sixteenths": ([120 * i for i in range(64)], 120),
    "triplets": ([160 * i for i in range(48)], 160),
    "shuffle": ([480 * (i // 2) + 320 * (i % 2) for i in range(32)], 160),
}


def played(notes: Notes, bars: TimeMap, onset_ms: list[float], end_ms: list[float]) -> Notes:
    """Some notes with other onsets and ends."""
    ticks_per_ms = bars.tempo_bpm_at(0) * bars.ticks_per_beat / 60_000
    start = np.maximum(0, notes.start_tick + np.rint(np.array(onset_ms) * ticks_per_ms).astype(np.int64))
    end = notes.end_tick + np.rint(np.array(end_ms) * ticks_per_ms).astype(np.int64)
    return Notes(start, notes.pitch, np.maximum(end - start, 1), notes.velocity)


def errors(data: st.DataObject, count: int, most_ms: float) -> list[float]:
    return data.draw(st.lists(st.floats(-most_ms, most_ms), min_size=count, max_size=count))


@given(st.sampled_from(sorted(STEPS)), st.sampled_from([60, 80, 100, 120]), st.data())
def test_a_phrase_played_by_hand_is_meant_as_it_was_written(kind: str, tempo_bpm: float, data: st.DataObject) -> None:
    written, bars = line(*STEPS[kind]), time_map(tempo_bpm)
    count = len(written)
    meant = MeantTimes.of(played(written, bars, errors(data, count, 20), errors(data, count, 40)), bars)
    assert meant.start_tick.tolist() == written.start_tick.tolist()
    assert meant.end_tick.tolist() == written.end_tick.tolist()


@given(st.integers(-60, 60), st.integers(-60, 60), st.sampled_from([60, 100, 140]))
def test_one_note_up_to_60_ms_early_or_late_belongs_to_its_beat(start_ms: int, end_ms: int, tempo_bpm: float) -> None:
    written, bars = line(*STEPS["quarters"]), time_map(tempo_bpm)
    onsets, ends = [0.0] * 16, [0.0] * 16
    onsets[8], ends[15] = start_ms * 0.98, end_ms * 0.98  # a tick is rounded
    meant = MeantTimes.of(played(written, bars, onsets, ends), bars)
    assert meant.start_tick[8] == 2 * BAR
    assert meant.end_tick[15] == 4 * BAR


def test_a_note_that_is_further_off_than_a_persons_timing_is_not_meant_for_the_beat() -> None:
    notes = Notes.of([*line([0, 480, 960, 1440], 480), Note(1920 + 55, 72, 300)])  # 69 ms late
    assert abs(MeantTimes.of(notes, time_map()).start_tick[4] - 1975) < 10


@given(st.lists(st.builds(Note, st.integers(0, 9000), st.integers(30, 90), st.integers(1, 2000)), max_size=60))
def test_nothing_is_moved_by_more_than_60_ms_but_the_notes_of_a_strum(notes: list[Note]) -> None:
    columns, bars = Notes.of(notes), time_map()
    meant = MeantTimes.of(columns, bars)
    moved_ms = np.abs(meant.start_tick - columns.start_tick) / 0.8
    assert (moved_ms <= 60 + 80 + 2).all()
    assert (meant.end_tick > meant.start_tick).all()


@pytest.mark.parametrize("spread", [5, 15])
@pytest.mark.parametrize("before_share", [0, 0.5])  # the strum begins on the beat, or goes round it
def test_a_strummed_chord_is_one_chord_on_its_beat(spread: int, before_share: float) -> None:
    rows = [
        Note(max(0, beat * 480 + k * spread - round(before_share * 4 * spread)), 48 + 5 * k, 440 - k * spread)
        for beat in range(16)
        for k in range(5)
    ]
    meant = MeantTimes.of(Notes.of(rows), time_map())
    assert set(meant.start_tick.tolist()) == {480 * beat for beat in range(16)}


@pytest.mark.parametrize("ticks_per_beat", [96, 120, 220, 480, 960])
@pytest.mark.parametrize("bpm", [40, 60, 100, 200])
def test_a_chord_strummed_over_80_ms_is_one_chord_in_every_division(ticks_per_beat: int, bpm: int) -> None:
    bars = TimeMap(ticks_per_beat, (tempo_change(0, bpm),))
    offsets = [round(0.02 * k * bpm / 60 * ticks_per_beat) for k in range(5)]
    rows = [
        Note(beat * ticks_per_beat + offset, 48 + 5 * k, ticks_per_beat - offset)
        for beat in range(16)
        for k, offset in enumerate(offsets)
    ]
    meant = MeantTimes.of(Notes.of(rows), bars)
    assert set(meant.start_tick.tolist()) == {ticks_per_beat * beat for beat in range(16)}


def test_a_fast_line_is_no_strum() -> None:
    notes = line([60 * i for i in range(32)], 60)  # 32nds at 100 beats a minute, 75 ms apart
    assert len(set(MeantTimes.of(notes, time_map()).start_tick.tolist())) == 32


def test_bass_notes_held_over_the_bar_line_end_on_it() -> None:
    bass = [Note(bar * BAR, 36, BAR + 20) for bar in range(4)]
    meant = MeantTimes.of(Notes.of([*line(*STEPS["quarters"]), *bass]), time_map())
    assert int(meant.end_tick.max()) == 4 * BAR
    assert meant_end_tick(Song((Track(notes=Notes.of(bass)),))) == 4 * BAR


@given(
    ends=st.lists(st.integers(1, 4 * BAR + 200), min_size=1, max_size=4),
    tempo_bpm=st.sampled_from((40, 120, 240)),
)
def test_the_bar_line_at_the_end_is_that_of_the_meant_end_however_little_is_looked_at(
    ends: list[int], tempo_bpm: int
) -> None:
    tracks = tuple(Track(notes=Notes.of([Note(max(0, end - 480), 60, min(480, end))])) for end in ends)
    song = Song(tracks, tempo_changes=(tempo_change(0, tempo_bpm),))
    assert meant_end_line_tick(song) == song.time_map.bar_line_at_or_after(meant_end_tick(song))


@pytest.mark.parametrize("early_ticks", [5, 10, 20, 30, 40, 45])
@pytest.mark.parametrize("step", [480, 240, 120])
def test_downbeats_struck_early_throughout_are_no_rhythm_of_their_own(early_ticks: int, step: int) -> None:
    in_bar = BAR // step
    rows = [max(0, i * step - (early_ticks if i % in_bar == 0 else -6)) for i in range(8 * in_bar)]
    meant = MeantTimes.of(line(rows, step - 30), time_map())
    assert meant.start_tick.tolist() == [i * step for i in range(8 * in_bar)]


@pytest.mark.parametrize(("end_tick", "next_tick"), [(480, 480), (600, 600), (470, 480), (500, 600), (640, 720)])
def test_a_phrase_goes_on_where_it_ends_or_at_the_next_sixteenth(end_tick: int, next_tick: int) -> None:
    assert next_onset_tick(Notes.of([Note(0, 60, end_tick)]), time_map()) == next_tick


def test_an_early_downbeat_goes_with_its_bar_and_what_stays_is_as_it_was_played() -> None:
    early = Notes.of(Note(max(0, i * 480 - (10 if i % 4 == 0 else -6)), 60 + i % 7, 450) for i in range(32))
    new = Notes.of([Note(2 * BAR, 70, BAR), Note(3 * BAR, 71, BAR)])
    kept, fitted = span_replaced(early, time_map(), 2 * BAR, 4 * BAR, new)
    assert kept == early.where((np.arange(32) < 8) | (np.arange(32) >= 16))
    assert fitted[1].end_tick == 4 * BAR - 10  # the downbeat of bar 5 is struck there
    chosen = (np.arange(32) >= 8) & (np.arange(32) < 16)
    assert meant_span(early, chosen, time_map()) == (2 * BAR, 4 * BAR)


def test_a_note_let_go_late_is_not_cut_by_what_follows_and_one_that_is_held_is() -> None:
    notes = Notes.of([*line([0, 480, 960], 480), Note(1440, 64, 490), Note(0, 40, 3000)])
    kept, _ = span_replaced(notes, time_map(), BAR, 2 * BAR, Notes.of())
    assert Note(1440, 64, 490) in list(kept)
    assert Note(0, 40, BAR) in list(kept)


def test_of_a_long_track_only_what_is_near_needs_a_look() -> None:
    bars = time_map()
    notes = line([480 * i - (10 if i and i % 4 == 0 else 0) for i in range(400)], 440)
    whole, near = MeantTimes.of(notes, bars), MeantTimes.around(notes, bars, 40 * BAR, 44 * BAR)
    rows = whole.starting_between(40 * BAR, 44 * BAR)
    assert np.array_equal(rows, near.starting_between(40 * BAR, 44 * BAR))
    assert np.array_equal(whole.end_tick[rows], near.end_tick[rows])
