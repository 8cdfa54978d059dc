"""Gestures in plain numbers: where the mouse goes, and what becomes of the music."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import note_columns
from musicassist.score.grid import SongGrid
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import TimeMap
from musicassist.ui.piano_roll.gestures import (
    Base,
    DragVelocity,
    EraseNotes,
    Keys,
    Marquee,
    Outcome,
    Pan,
    Pointer,
    SplitNote,
)
from musicassist.ui.piano_roll.note_gestures import DrawNote, MoveNotes, ResizeNotes

PER_TICK = 0.1  # pixels; a sixteenth is 12 pixels wide
ROW_PX = 10
SHIFT, CTRL, ALT, CTRL_ALT = Keys(shift=True), Keys(ctrl=True), Keys(alt=True), Keys(ctrl=True, alt=True)

LOW, MIDDLE, HIGH = Note(0, 60, 480, 80), Note(480, 64, 480, 90), Note(960, 67, 240, 100)


def base_of(*notes: Note, selected: tuple[int, ...] = (), grid_ticks: int | None = 120) -> Base:
    columns = Notes.of(notes)
    selection = np.zeros(len(columns), dtype=bool)
    selection[list(selected)] = True
    song = Song(tracks=(Track(notes=columns),))
    return Base(song, 0, selection, SongGrid(TimeMap(480), grid_ticks), Note(0, 60, 240, 77))


def at(tick: float, pitch: int, keys: Keys = Keys()) -> Pointer:  # noqa: B008 (a frozen value)
    return Pointer(tick * PER_TICK, (127 - pitch) * ROW_PX, tick, pitch, keys)


def notes_after(outcome: Outcome) -> list[Note]:
    assert outcome.edit is not None
    return list(outcome.edit.song.tracks[0].notes)


def chosen_after(outcome: Outcome) -> list[Note]:
    assert outcome.edit is not None
    return list(outcome.edit.song.tracks[0].notes.where(outcome.edit.selection))


class TestDrawing:
    def test_a_click_writes_a_note_like_the_last_one_in_its_cell(self) -> None:
        gesture = DrawNote(base_of(), at(500, 62))
        outcome = gesture.release(at(500, 62))
        assert chosen_after(outcome) == [Note(480, 62, 240, 77)]
        assert outcome.touched == outcome.sounding == Note(480, 62, 240, 77)

    def test_dragging_sets_length_and_pitch(self) -> None:
        gesture = DrawNote(base_of(), at(0, 62))
        assert chosen_after(gesture.move(at(610, 65))) == [Note(0, 65, 600, 77)]
        assert chosen_after(gesture.release(at(350, 61))) == [Note(0, 61, 360, 77)]

    def test_only_up_and_down_keeps_the_length(self) -> None:
        gesture = DrawNote(base_of(), at(0, 62))
        assert chosen_after(gesture.move(at(0, 70))) == [Note(0, 70, 240, 77)]

    def test_to_the_left_it_is_one_step_long(self) -> None:
        gesture = DrawNote(base_of(), at(960, 62))
        assert chosen_after(gesture.move(at(100, 62))) == [Note(960, 62, 120, 77)]

    def test_alt_writes_off_the_grid(self) -> None:
        gesture = DrawNote(base_of(), at(77, 62, ALT))
        assert chosen_after(gesture.move(at(200, 62, ALT))) == [Note(77, 62, 123, 77)]


class TestMoving:
    def test_a_press_selects_the_note_and_sounds_it(self) -> None:
        outcome = MoveNotes(base_of(LOW, MIDDLE), at(600, 64), 1).move(at(600, 64))
        assert outcome.edit is None
        assert outcome.selection.tolist() == [False, True]
        assert outcome.sounding == MIDDLE

    def test_a_click_on_one_of_many_selects_it_alone(self) -> None:
        gesture = MoveNotes(base_of(LOW, MIDDLE, selected=(0, 1)), at(600, 64), 1)
        assert gesture.move(at(600, 64)).selection.tolist() == [True, True]
        assert gesture.release(at(601, 64)).selection.tolist() == [False, True]

    def test_shift_click_adds_and_ctrl_click_toggles(self) -> None:
        base = base_of(LOW, MIDDLE, HIGH, selected=(0,))
        press = at(600, 64, SHIFT)
        assert MoveNotes(base, press, 1).release(press).selection.tolist() == [True, True, False]
        press = at(600, 64, CTRL)
        assert MoveNotes(base, press, 1).release(press).selection.tolist() == [True, True, False]
        press = at(100, 60, CTRL)
        assert MoveNotes(base, press, 0).release(press).selection.tolist() == [False, False, False]

    def test_the_whole_selection_moves_in_steps_of_the_grid(self) -> None:
        gesture = MoveNotes(base_of(LOW, MIDDLE, selected=(0, 1)), at(600, 64), 1)
        outcome = gesture.move(at(600 + 250, 66))
        assert notes_after(outcome) == [Note(240, 62, 480, 80), Note(720, 66, 480, 90)]
        assert gesture.name == "Move notes"
        assert outcome.sounding.pitch == 66

    def test_coming_back_leaves_no_trace(self) -> None:
        gesture = MoveNotes(base_of(LOW, Note(480, 60, 480)), at(100, 60), 0)
        gesture.move(at(600, 60))  # over the other note of its pitch
        assert notes_after(gesture.release(at(100, 60))) == [LOW, Note(480, 60, 480)]

    def test_shift_after_the_start_keeps_to_one_axis(self) -> None:
        gesture = MoveNotes(base_of(MIDDLE), at(600, 64), 0)
        assert notes_after(gesture.move(at(1200, 67, SHIFT))) == [Note(1080, 64, 480, 90)]
        assert notes_after(gesture.move(at(620, 74, SHIFT))) == [Note(480, 74, 480, 90)]

    def test_ctrl_leaves_the_notes_and_moves_a_copy(self) -> None:
        gesture = MoveNotes(base_of(LOW), at(100, 60, CTRL), 0)
        outcome = gesture.move(at(580, 72, CTRL))
        assert notes_after(outcome) == [LOW, Note(480, 72, 480, 80)]
        assert chosen_after(outcome) == [Note(480, 72, 480, 80)]
        assert gesture.name == "Copy notes"

    @pytest.mark.parametrize("keys", [ALT, CTRL_ALT], ids=["Alt", "Ctrl+Alt"])
    def test_alt_ignores_the_grid_and_some_systems_need_ctrl_with_it(self, keys: Keys) -> None:
        gesture = MoveNotes(base_of(LOW), at(100, 60), 0)
        assert notes_after(gesture.move(at(177, 60, keys))) == [Note(77, 60, 480, 80)]

    def test_a_group_stops_together_at_the_edge(self) -> None:
        gesture = MoveNotes(base_of(LOW, MIDDLE, selected=(0, 1)), at(600, 64), 1)
        assert notes_after(gesture.move(at(-4000, 64))) == [LOW, MIDDLE]
        assert [note.pitch for note in notes_after(gesture.move(at(600, 127)))] == [123, 127]

    @given(note_columns(most=8), st.integers(-3000, 3000), st.integers(-40, 40))
    def test_moving_keeps_the_number_of_notes_and_their_range(self, notes: Notes, ticks: int, semitones: int) -> None:
        if len(notes) == 0:
            return
        base = base_of(*notes, selected=tuple(range(len(notes))))
        first = base.notes[0]
        start = at(first.start_tick, first.pitch)
        pointer = Pointer(start.x_px + 100, start.y_px, start.tick + ticks, first.pitch + semitones)
        edit = MoveNotes(base, start, 0).move(pointer).edit
        after = edit.song.tracks[0].notes
        assert len(after) == len(notes)
        assert after.start_tick.min() >= 0
        assert after.pitch.min() >= 0
        assert after.pitch.max() <= 127


class TestResizing:
    def test_the_right_edge_goes_to_the_grid(self) -> None:
        gesture = ResizeNotes(base_of(MIDDLE), at(950, 64), 0, "end")
        outcome = gesture.move(at(1180, 64))
        assert notes_after(outcome) == [Note(480, 64, 720, 90)]
        assert outcome.touched == Note(480, 64, 720, 90)

    def test_the_left_edge_too(self) -> None:
        gesture = ResizeNotes(base_of(MIDDLE), at(485, 64), 0, "start")
        assert notes_after(gesture.move(at(250, 64))) == [Note(240, 64, 720, 90)]

    @pytest.mark.parametrize(("part", "tick"), [("start", 5000), ("end", -5000)])
    def test_a_step_of_the_grid_always_remains(self, part: str, tick: float) -> None:
        gesture = ResizeNotes(base_of(MIDDLE), at(485 if part == "start" else 955, 64), 0, part)
        assert [note.duration_ticks for note in notes_after(gesture.move(at(tick, 64)))] == [120]

    def test_with_alt_a_tick_remains(self) -> None:
        gesture = ResizeNotes(base_of(MIDDLE), at(955, 64), 0, "end")
        assert notes_after(gesture.move(at(-900, 64, ALT))) == [Note(480, 64, 1, 90)]

    def test_selected_notes_change_by_as_much(self) -> None:
        gesture = ResizeNotes(base_of(MIDDLE, HIGH, selected=(0, 1)), at(955, 64), 0, "end")
        assert [note.duration_ticks for note in notes_after(gesture.move(at(1075, 64)))] == [600, 360]

    def test_ctrl_stretches_the_group_about_its_other_end(self) -> None:
        gesture = ResizeNotes(base_of(LOW, MIDDLE, selected=(0, 1)), at(955, 64, CTRL), 1, "end")
        assert notes_after(gesture.move(at(1915, 64, CTRL))) == [Note(0, 60, 960, 80), Note(960, 64, 960, 90)]
        assert gesture.name == "Stretch notes"

    def test_a_click_on_an_edge_only_selects(self) -> None:
        outcome = ResizeNotes(base_of(MIDDLE), at(955, 64), 0, "end").release(at(955, 64))
        assert outcome.edit is None
        assert outcome.selection.tolist() == [True]


class TestSelecting:
    def test_what_the_box_touches(self) -> None:
        gesture = Marquee(base_of(LOW, MIDDLE, HIGH), at(400, 70))
        outcome = gesture.move(at(500, 62))
        assert outcome.selection.tolist() == [False, True, False]
        assert outcome.box == (400, 500, 62, 70)

    @pytest.mark.parametrize("keys", [SHIFT, CTRL], ids=["Shift", "Ctrl"])
    def test_with_a_key_it_adds(self, keys: Keys) -> None:
        gesture = Marquee(base_of(LOW, MIDDLE, HIGH, selected=(0,)), at(400, 70, keys))
        assert gesture.move(at(500, 62, keys)).selection.tolist() == [True, True, False]
        assert gesture.base.selection.tolist() == [True, False, False]

    def test_a_click_beside_everything_selects_nothing(self) -> None:
        outcome = Marquee(base_of(LOW, selected=(0,)), at(2000, 50)).release(at(2000, 50))
        assert outcome.selection.tolist() == [False]
        assert outcome.box is None


class TestOtherTools:
    def test_erasing_takes_what_the_mouse_passes_even_when_it_is_fast(self) -> None:
        stairs = [Note(i * 120, 60 + i, 120) for i in range(10)]
        gesture = EraseNotes(base_of(*stairs), at(60, 60))
        gesture.move(at(60, 60))
        left = notes_after(gesture.release(at(60 + 9 * 120, 69)))
        assert left == []

    def test_erasing_beside_notes_changes_nothing(self) -> None:
        assert EraseNotes(base_of(LOW), at(0, 80)).release(at(400, 90)).edit is None

    def test_what_stays_stays_selected(self) -> None:
        gesture = EraseNotes(base_of(LOW, MIDDLE, HIGH, selected=(0, 2)), at(100, 60))
        assert chosen_after(gesture.move(at(100, 60))) == [HIGH]

    def test_splitting_at_the_nearest_line(self) -> None:
        gesture = SplitNote(base_of(MIDDLE), at(700, 64), 0)
        assert notes_after(gesture.release(at(700, 64))) == [Note(480, 64, 240, 90), Note(720, 64, 240, 90)]

    def test_splitting_a_short_note_just_there(self) -> None:
        gesture = SplitNote(base_of(Note(10, 64, 50)), at(30, 64), 0)
        assert [note.duration_ticks for note in notes_after(gesture.release(at(30, 64)))] == [20, 30]

    def test_velocity_follows_the_mouse_upwards(self) -> None:
        start = at(600, 64)
        gesture = DragVelocity(base_of(LOW, MIDDLE, selected=(0, 1)), start, 1)
        outcome = gesture.move(Pointer(start.x_px, start.y_px - 20, start.tick, 66))
        assert [note.velocity for note in notes_after(outcome)] == [90, 100]
        outcome = gesture.move(Pointer(start.x_px, start.y_px - 2000, start.tick, 66))
        assert [note.velocity for note in notes_after(outcome)] == [117, 127]

    def test_panning_says_how_far(self) -> None:
        start = Pointer(10, 10, 0, 60)
        assert Pan(base_of(), start).move(Pointer(30, -5, 0, 60)).pan_px == (20, -15)
