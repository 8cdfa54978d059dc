"""Quantise, legato, staccato, split and join."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import grid_lines, note_columns, phrase, song_of
from musicassist.document import edits
from musicassist.midi import save_song
from musicassist.score.grid import Grid
from musicassist.score.song import Mask, Note, Notes, Song, Track
from musicassist.score.timing import MeterChange, tempo_change

GRIDS = st.builds(Grid, st.sampled_from([4, 8, 16, 32]), st.booleans()).map(lambda grid: grid.ticks(480))


def all_of(song: Song) -> Mask:
    return np.ones(len(song.tracks[0].notes), dtype=np.bool_)


def song_with(notes: Notes) -> Song:
    return Song(tracks=(Track(notes=notes),), meter_changes=(MeterChange(0, 7, 8),))


def starts(song: Song) -> list[int]:
    return song.tracks[0].notes.start_tick.tolist()


@given(note_columns(), GRIDS)
def test_quantised_notes_stand_on_the_grid_and_stay_there(notes: Notes, grid_ticks: float) -> None:
    once = edits.quantise_notes(song_with(notes), 0, np.ones(len(notes), dtype=np.bool_), grid_ticks)
    bar_ticks = 7 * 240
    for tick in starts(once.song):
        offset = tick % bar_ticks
        assert abs(offset - round(round(offset / grid_ticks) * grid_ticks)) < 1
    twice = edits.quantise_notes(once.song, 0, once.selection, grid_ticks)
    assert twice.song is once.song


@given(note_columns(), GRIDS, st.floats(0, 1), st.floats(0, 0.9))
def test_quantising_moves_no_note_further_than_a_step(
    notes: Notes, grid_ticks: float, strength: float, swing: float
) -> None:
    apart = Notes.of(Note(n.start_tick, row, 1, 90) for row, n in enumerate(notes))
    result = edits.quantise_notes(
        song_with(apart), 0, np.ones(len(apart), dtype=np.bool_), grid_ticks, strength_share=strength, swing_share=swing
    )
    by_pitch = {n.pitch: n for n in result.song.tracks[0].notes}
    assert all(abs(by_pitch[n.pitch].start_tick - n.start_tick) <= grid_ticks + 1 for n in apart)


def test_half_strength_goes_half_the_way() -> None:
    song = song_of(Note(20, 60, 100), Note(500, 62, 100))
    result = edits.quantise_notes(song, 0, all_of(song), 120, strength_share=0.5)
    assert starts(result.song) == [10, 490]


def test_swing_of_a_third_makes_triplets_of_eighths() -> None:
    song = Song(tracks=(Track(notes=phrase(60, 62, 64, 65, step_ticks=240)),))
    result = edits.quantise_notes(song, 0, all_of(song), 240, swing_share=1 / 3)
    assert starts(result.song) == [0, 320, 480, 800]


def test_triplet_grids_work_in_any_division() -> None:
    song = Song(tracks=(Track(notes=Notes.of([Note(31, 60, 10), Note(69, 62, 10)])),), ticks_per_beat=100)
    result = edits.quantise_notes(song, 0, all_of(song), Grid(8, is_triplet=True).ticks(100))
    assert starts(result.song) == [33, 67]


def test_quantising_two_notes_to_one_place_leaves_the_longer() -> None:
    song = song_of(Note(0, 60, 50), Note(60, 60, 300))
    result = edits.quantise_notes(song, 0, all_of(song), 480)
    assert list(result.song.tracks[0].notes) == [Note(0, 60, 300)]
    assert result.selection.tolist() == [True]


def test_legato_joins_melody_and_keeps_chords() -> None:
    song = song_of(Note(0, 60, 100), Note(0, 64, 100), Note(480, 62, 700), Note(960, 65, 100))
    result = edits.legato(song, 0, all_of(song))
    assert result.song.tracks[0].notes.duration_ticks.tolist() == [480, 480, 480, 100]


def test_staccato_halves() -> None:
    song = song_of(Note(0, 60, 480), Note(480, 62, 1))
    result = edits.staccato(song, 0, all_of(song))
    assert result.song.tracks[0].notes.duration_ticks.tolist() == [240, 1]


@given(note_columns(), st.integers(0, 5000))
def test_splitting_then_joining_single_notes_is_nothing(notes: Notes, tick: int) -> None:
    apart = Notes.of(Note(n.start_tick, row, n.duration_ticks, n.velocity) for row, n in enumerate(notes))
    song = song_with(apart)
    split = edits.split_notes(song, 0, all_of(song), tick)
    crossing = (apart.start_tick < tick) & (apart.end_tick > tick)
    assert len(split.song.tracks[0].notes) == len(apart) + crossing.sum()
    assert split.selection.all()
    joined = edits.join_notes(split.song, 0, split.selection)
    assert joined.song == song


def test_edits_of_an_empty_selection_change_nothing() -> None:
    song = song_of(Note(0, 60, 100))
    nothing = np.zeros(1, dtype=np.bool_)
    for result in (
        edits.quantise_notes(song, 0, nothing, 120),
        edits.legato(song, 0, nothing),
        edits.staccato(song, 0, nothing),
        edits.split_notes(song, 0, nothing, 50),
        edits.join_notes(song, 0, nothing),
    ):
        assert result.song is song


@given(note_columns(), GRIDS)
def test_quantising_leaves_no_two_notes_on_each_other(notes: Notes, grid_ticks: float) -> None:
    single = {(n.start_tick, n.pitch): n for n in notes}
    song = song_with(Notes.of(single.values()))
    result = edits.quantise_notes(song, 0, all_of(song), grid_ticks)
    places = [(n.start_tick, n.pitch) for n in result.song.tracks[0].notes]
    assert len(places) == len(set(places))


def test_two_strokes_that_overlap_become_one_where_they_are_quantised_to_one_place() -> None:
    song = song_of(Note(0, 60, 300), Note(40, 60, 400))  # they overlap already
    result = edits.quantise_notes(song, 0, all_of(song), 480)
    assert list(result.song.tracks[0].notes) == [Note(0, 60, 400)]


def lines_of_notation(song: Song) -> set[int]:
    """Every place of triplets and 32nds in the first bars."""
    lines = [grid_lines(song.time_map, song.ticks_per_beat / parts, 0, 100_000).tolist() for parts in (12, 8)]
    return set(lines[0]) | set(lines[1])


@given(note_columns())
def test_a_song_on_the_grid_has_each_note_on_a_line_and_none_on_another(notes: Notes) -> None:
    song = edits.on_the_grid(song_with(notes))
    written = song.tracks[0].notes
    lines = lines_of_notation(song)
    assert set(written.start_tick.tolist()) <= lines
    places = list(zip(written.start_tick.tolist(), written.pitch.tolist(), strict=True))
    assert len(places) == len(set(places))


def test_a_played_phrase_is_written_as_it_is_meant() -> None:
    written = [Note(i * 240, 60 + i % 5, 240) for i in range(32)]
    played = [
        Note(max(0, n.start_tick + (i * 7) % 31 - 15), n.pitch, 225 + (i * 11) % 29) for i, n in enumerate(written)
    ]
    song = Song(
        (Track(notes=Notes.of(played)),), tempo_changes=(tempo_change(3, 100),), meter_changes=(MeterChange(1, 4, 4),)
    )
    on_grid = edits.on_the_grid(song)
    assert list(on_grid.tracks[0].notes) == written
    assert (on_grid.tempo_changes[0].tick, on_grid.meter_changes[0].tick) == (0, 0)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("mscore3") is None, reason="MuseScore 3 is not installed")
def test_musescore_keeps_tempo_and_meter_of_a_song_on_the_grid(tmp_path: Path) -> None:
    notes = Notes.of(Note(max(0, i * 480 + (i * 37) % 61 - 30), 60 + i % 5, 430) for i in range(24))
    song = Song((Track(notes=notes),), tempo_changes=(tempo_change(0, 90),), meter_changes=(MeterChange(0, 3, 4),))
    save_song(edits.on_the_grid(song), tmp_path / "grid.mid")
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
    }
    command = ["mscore3", str(tmp_path / "grid.mid"), "-o", str(tmp_path / "grid.musicxml")]
    subprocess.run(command, env=environment, capture_output=True, timeout=120, check=True)
    score = (tmp_path / "grid.musicxml").read_text(encoding="utf-8")
    assert "<beats>3</beats>" in score
    assert re.search(r'<sound tempo="90(\.0*)?\d*"', score)
    assert score.count("<measure ") == 8
