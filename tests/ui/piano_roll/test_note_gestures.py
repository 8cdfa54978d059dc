"""Strokes over the velocity lane."""

from __future__ import annotations

import numpy as np

from musicassist.score.grid import SongGrid
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import TimeMap
from musicassist.ui.piano_roll.gestures import Base, Outcome
from musicassist.ui.piano_roll.note_gestures import VelocityStroke


def base_of(*, selected: tuple[int, ...] = ()) -> Base:
    notes = Notes.of(Note(i * 480, 60, 240, 64) for i in range(5))
    selection = np.zeros(5, dtype=bool)
    selection[list(selected)] = True
    return Base(Song(tracks=(Track(notes=notes),)), 0, selection, SongGrid(TimeMap(480), 120), Note(0, 60, 240))


def velocities(outcome: Outcome) -> list[int]:
    return outcome.edit.song.tracks[0].notes.velocity.tolist()


def test_a_click_sets_the_notes_there() -> None:
    assert velocities(VelocityStroke(base_of(), 480, 100, 0.1).move(480, 100)) == [64, 100, 64, 64, 64]


def test_a_stroke_sets_what_it_passes_along_its_way() -> None:
    stroke = VelocityStroke(base_of(), 0, 20, 0.1)
    stroke.move(960, 100)
    assert velocities(stroke.move(1920, 20)) == [20, 60, 100, 60, 20]


def test_ctrl_draws_one_straight_line_from_the_press() -> None:
    stroke = VelocityStroke(base_of(), 0, 20, 0.1)
    stroke.move(960, 127, is_straight=True)
    assert velocities(stroke.move(1920, 100, is_straight=True)) == [20, 40, 60, 80, 100]
    assert velocities(stroke.move(480, 40, is_straight=True)) == [20, 40, 64, 64, 64]


def test_backwards_is_as_good() -> None:
    stroke = VelocityStroke(base_of(), 1920, 100, 0.1)
    assert velocities(stroke.move(0, 20, is_straight=True)) == [20, 40, 60, 80, 100]


def test_a_selection_limits_the_stroke_and_stays() -> None:
    outcome = VelocityStroke(base_of(selected=(1, 2)), 0, 90, 0.1).move(1920, 90)
    assert velocities(outcome) == [64, 90, 90, 64, 64]
    assert outcome.edit.selection.tolist() == [False, True, True, False, False]


def test_above_and_below_the_lane_is_loudest_and_softest() -> None:
    assert velocities(VelocityStroke(base_of(), 480, 300, 0.1).move(480, 300))[1] == 127
    assert velocities(VelocityStroke(base_of(), 480, -9, 0.1).move(480, -9))[1] == 1


def test_beside_all_notes_nothing_changes() -> None:
    assert VelocityStroke(base_of(), 200, 100, 0.1).move(220, 100).edit is None
