"""What asks over the window: how far notes go, how strictly they are quantised, which file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from musicassist.midi import ImportedSong
from musicassist.score.grid import Grid
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.ui.dialogs import Popover, QuantisePopover, TransposePopover, ask_what_to_open, ask_where_to_write
from window_doubles import Stage
from window_hands import SHIFT, pitches, press


def popover(stage: Stage) -> Popover:
    """The one that is open over the window."""
    found = QApplication.activePopupWidget()
    assert isinstance(found, Popover) and found.parent() is stage.window
    return found


def select_all(stage: Stage) -> None:
    stage.document.select(np.ones(len(stage.document.track.notes), dtype=np.bool_))


def starts(stage: Stage) -> list[int]:
    return stage.document.track.notes.start_tick.tolist()


def test_a_number_of_semitones_and_enter_move_the_selected_notes_as_one_step(stage: Stage) -> None:
    select_all(stage)
    before = pitches(stage)
    press(stage, Qt.Key.Key_T)
    asked = popover(stage)
    assert isinstance(asked, TransposePopover) and asked.semitones.hasFocus()
    QTest.keyClicks(asked.semitones, "-5")  # typed over the 0, which is selected
    QTest.keyClick(asked.semitones, Qt.Key.Key_Return)
    assert pitches(stage) == [pitch - 5 for pitch in before]
    assert QApplication.activePopupWidget() is None
    stage.document.undo()
    assert pitches(stage) == before


def test_escape_leaves_the_notes_alone(stage: Stage) -> None:
    select_all(stage)
    song = stage.document.song
    press(stage, Qt.Key.Key_T)
    asked = popover(stage)
    assert isinstance(asked, TransposePopover)
    QTest.keyClicks(asked.semitones, "7")
    QTest.keyClick(asked.semitones, Qt.Key.Key_Escape)
    assert stage.document.song is song
    assert QApplication.activePopupWidget() is None


def test_nobody_asks_how_far_while_nothing_is_selected(stage: Stage) -> None:
    stage.session.notes.select_none()
    press(stage, Qt.Key.Key_T)
    assert QApplication.activePopupWidget() is None


def test_notes_go_half_the_way_to_the_grid_where_half_is_asked_for(stage: Stage) -> None:
    song = Song(tracks=(Track(notes=Notes.of([Note(40, 60, 400), Note(500, 62, 400)])),))
    stage.session.open(ImportedSong(song, (), 1, 3), None)
    stage.session.notes.set_grid(Grid(4))
    select_all(stage)
    press(stage, Qt.Key.Key_Q, SHIFT)
    asked = popover(stage)
    assert isinstance(asked, QuantisePopover) and asked.strength.hasFocus()
    QTest.keyClicks(asked.strength, "50")
    QTest.mouseClick(asked.button, Qt.MouseButton.LeftButton)
    assert starts(stage) == [20, 490]


def test_swing_moves_each_second_step_only(stage: Stage) -> None:
    song = Song(tracks=(Track(notes=Notes.of([Note(0, 60, 200), Note(240, 62, 200), Note(480, 64, 200)])),))
    stage.session.open(ImportedSong(song, (), 1, 3), None)
    stage.session.notes.set_grid(Grid(8))
    select_all(stage)
    press(stage, Qt.Key.Key_Q, SHIFT)
    asked = popover(stage)
    assert isinstance(asked, QuantisePopover)
    asked.swing.setFocus()
    asked.swing.selectAll()
    QTest.keyClicks(asked.swing, "33")
    QTest.keyClick(asked.swing, Qt.Key.Key_Enter)
    first, second, third = starts(stage)
    assert (first, third) == (0, 480) and 315 <= second <= 325  # the triplet feel is 320


def test_fields_say_to_a_screen_reader_what_is_asked(stage: Stage) -> None:
    select_all(stage)
    press(stage, Qt.Key.Key_T)
    asked = popover(stage)
    assert asked.accessibleName() == "Transpose" and asked.button.text() == "Transpose"
    label = asked.form.labelForField(asked.form.itemAt(0, asked.form.ItemRole.FieldRole).widget())
    assert label is not None and label.property("text") == "Semitones"
    corner = stage.window.roll.mapToGlobal(QPoint(stage.window.roll.width(), 0))
    assert asked.pos().x() + asked.width() <= corner.x()
    asked.close()


def test_a_file_without_a_suffix_gets_the_suggested_one(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter((str(tmp_path / "tune"), str(tmp_path / "tune.midi"), ""))
    asked: list[tuple[str, str]] = []

    def answer(_window: QWidget, title: str, start: str, _kinds: str) -> tuple[str, str]:
        asked.append((title, start))
        return next(answers), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    ask = [ask_where_to_write(stage.window, "Save as", tmp_path / "Untitled.mid", "MIDI (*.mid)") for _ in range(3)]
    assert ask == [tmp_path / "tune.mid", tmp_path / "tune.midi", None]
    assert asked[0] == ("Save as", str(tmp_path / "Untitled.mid"))


def test_a_file_that_was_not_chosen_is_none(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter((("/music/tune.mid", "MIDI"), ("", "")))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: next(answers))
    assert ask_what_to_open(stage.window, "Open", "", "MIDI (*.mid)") == Path("/music/tune.mid")
    assert ask_what_to_open(stage.window, "Open", "", "MIDI (*.mid)") is None
