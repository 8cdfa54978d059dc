"""Few, many and countless notes look alike from afar."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from musicassist.score.grid import SongGrid
from musicassist.score.song import Note, Notes
from musicassist.score.theory import Key
from musicassist.score.timing import TimeMap
from musicassist.ui.piano_roll import painter as painter_module
from musicassist.ui.piano_roll.geometry import Frame, PitchTransform, TickTransform
from musicassist.ui.piano_roll.note_index import NoteIndex
from musicassist.ui.piano_roll.painter import paint_ground, paint_notes
from musicassist.ui.theme import DARK

FRAME = Frame(TickTransform(0.1), PitchTransform(10, 400), 300, 400)


def picture(notes: Notes, *, selected: bool = False) -> QImage:
    image = QImage(FRAME.width_px, FRAME.height_px, QImage.Format.Format_RGB32)
    ground = paint_ground(FRAME, DARK, Key(0, "chromatic"), SongGrid(TimeMap()))
    paint_notes(image, ground, FRAME, DARK, NoteIndex(notes, np.full(len(notes), selected)), 0, None)
    return image


def is_note(image: QImage, x: int, pitch: int) -> bool:
    y = round(FRAME.pitches.to_y(pitch)) + 4
    return image.pixelColor(x, y).name() not in (DARK.roll, DARK.black_key_row, DARK.bar_line, DARK.beat_line)


@pytest.mark.parametrize("most", [3000, 0], ids=["rounded", "square"])
def test_notes_cover_their_time(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(painter_module, "MAX_ROUNDED", most)
    monkeypatch.setattr(painter_module, "MAX_SHADED", 20_000)
    image = picture(Notes.of([Note(500, 70, 1000)]))
    assert [is_note(image, x, 70) for x in (45, 55, 100, 145, 151)] == [False, True, True, True, False]
    assert not is_note(image, 100, 71)


def test_countless_notes_become_a_raster_in_the_same_places(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = Notes.of([Note(500, 70, 1000), Note(600, 70, 100), Note(-1000, 60, 1500), Note(2900, 50, 9000)])
    monkeypatch.setattr(painter_module, "MAX_SHADED", 0)
    for selected in (False, True):
        image = picture(notes, selected=selected)
        assert [is_note(image, x, 70) for x in (45, 55, 100, 145, 155)] == [False, True, True, True, False]
        assert [is_note(image, x, 60) for x in (0, 40, 60)] == [True, True, False]
        assert [is_note(image, x, 50) for x in (280, 299)] == [False, True]


def test_boxes_leave_a_line_of_ground_after_long_notes_only() -> None:
    boxes = FRAME.boxes(Notes.of([Note(0, 70, 1000), Note(0, 71, 20), Note(0, 72, 1)]), slice(None))
    assert (boxes[:, 2] - boxes[:, 0] + 1).tolist() == [99, 2, 1]
    assert (boxes[:, 3] - boxes[:, 1] + 1).tolist() == [9, 9, 9]


def test_notes_far_outside_do_not_overflow() -> None:
    boxes = FRAME.boxes(Notes.of([Note(0, 70, 2**28)]), slice(None))
    assert boxes[0, 2] <= FRAME.width_px + 16
