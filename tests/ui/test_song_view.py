"""What the window shows of the song outside of the roll."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from builders import phrase, save_as
from ensemble_songs import band
from musicassist.score.song import Song, Track
from musicassist.session.offers import PARTS
from musicassist.ui.continue_button import ContinueButton
from window_doubles import Stage
from window_hands import CTRL, press


def test_title_names_the_file_and_marks_what_is_unsaved(stage: Stage, tmp_path: Path) -> None:
    assert stage.window.windowTitle() == "Untitled[*] – musicassist"  # noqa: RUF001
    save_as(stage.session, tmp_path / "story.mid")
    assert stage.window.windowTitle() == "story.mid[*] – musicassist"  # noqa: RUF001
    assert not stage.window.isWindowModified()
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    assert stage.window.isWindowModified()


def test_undo_says_what_it_takes_back(stage: Stage) -> None:
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Delete)
    assert stage.window.actions_table["edit.undo"].text() == "Undo: Delete notes"


def test_what_cannot_be_done_says_why(stage: Stage) -> None:
    action = stage.window.actions_table["edit.cut"]
    assert not action.isEnabled()
    assert "Select some notes first." in action.toolTip()


@pytest.mark.parametrize("is_playing", [False, True])
@pytest.mark.parametrize(("first_bar", "pitch"), [(0, 100), (0, 20), (40, 60), (40, 110)])
def test_selecting_a_track_scrolls_to_its_notes(stage: Stage, first_bar: int, pitch: int, *, is_playing: bool) -> None:
    here = Track("Here", phrase(60, 62, 64))
    there = Track("There", phrase(pitch, pitch + 1, from_tick=1920 * first_bar), channel=1)
    stage.document.replace_song(Song((here, there), 480), None)
    if is_playing:
        stage.session.transport.play()
    stage.session.tracks.select(1)
    viewport, notes = stage.window.roll.viewport, stage.document.track.notes
    if not (is_playing and first_bar):
        assert viewport.from_tick <= notes.start_tick[0] < viewport.to_tick
    assert all(0 <= viewport.pitches.to_y(note.pitch) < viewport.height_px for note in notes)
    stage.session.tracks.select(0)
    assert 0 <= viewport.pitches.to_y(62) < viewport.height_px
    assert viewport.from_tick <= 0 or is_playing


def test_selecting_a_track_whose_notes_are_in_view_moves_nothing(stage: Stage) -> None:
    tracks = (Track("Here", phrase(60, 62, 64)), Track("There", phrase(67, 69, 71, from_tick=480), channel=1))
    stage.document.replace_song(Song(tracks, 480), None)
    before = stage.window.roll.viewport.from_tick, stage.window.roll.viewport.pitches.scroll_px
    stage.session.tracks.select(1)
    assert (stage.window.roll.viewport.from_tick, stage.window.roll.viewport.pitches.scroll_px) == before


def test_the_button_says_before_the_press_who_continues_a_track_with_chords(stage: Stage) -> None:
    stage.document.replace_song(band(), None)
    tip = stage.window.findChild(ContinueButton).button.toolTip
    assert "chords" not in tip()
    stage.session.tracks.select(1)
    takes = stage.session.takes
    takes.set_controls(replace(takes.controls, models={}))
    assert "writes one line: the chords of this track are not continued" in tip()
    assert "No model that writes several tracks" in stage.window.actions_table["assistant.continue_song"].toolTip()
    takes.set_controls(replace(takes.controls, models={PARTS: "ensemble"}))
    assert "“All parts” continues all its notes" in tip()
    assert stage.window.actions_table["assistant.continue_song"].isEnabled()
