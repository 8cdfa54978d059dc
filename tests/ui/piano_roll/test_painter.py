"""Few, many and countless notes look alike from afar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from musicassist.score.grid import SongGrid
from musicassist.score.song import Note, Notes
from musicassist.score.theory import Key
from musicassist.score.timing import TimeMap
from musicassist.ui.piano_roll import painter as painter_module
from musicassist.ui.piano_roll.geometry import NO_LINES, Frame, GridLines, NoteIndex, PitchTransform, TickTransform
from musicassist.ui.piano_roll.painter import RollPicture, Sheet, paint_ground, paint_notes
from musicassist.ui.piano_roll.scanlines import Ground
from musicassist.ui.theme import DARK

FRAME = Frame(TickTransform(0.1), PitchTransform(10, 400), 300, 400)

NO_TIME = GridLines(NO_LINES, NO_LINES, NO_LINES, NO_LINES)


def picture(notes: Notes, *, selected: bool = False) -> QImage:
    image = QImage(FRAME.width_px, FRAME.height_px, QImage.Format.Format_RGB32)
    index = NoteIndex(notes, np.full(len(notes), selected))
    sheet = Sheet(DARK, Key(0, "chromatic"), SongGrid(TimeMap()), index, 0)
    paint_notes(image, paint_ground(FRAME, sheet, (), NO_TIME), FRAME, sheet, sheet.looks(FRAME)[0])
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


def image_of(picture: RollPicture) -> QImage:
    image = QImage(FRAME.width_px, FRAME.height_px, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    picture.draw(painter)
    painter.end()
    return image


def scattered(count: int, seed: int) -> NoteIndex:
    random = np.random.default_rng(seed)
    start = np.sort(random.integers(0, 20_000, count))
    columns = random.integers(50, 90, count), random.integers(1, 400, count), random.integers(1, 128, count)
    return NoteIndex(Notes.from_columns(start, *columns), random.random(count) < 0.3)


@pytest.mark.parametrize("look", ["rounded", "square", "crowded"])
def test_a_picture_that_was_scrolled_is_the_picture_drawn_anew(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, look: str
) -> None:
    monkeypatch.setattr(painter_module, "MAX_ROUNDED", 3000 if look == "rounded" else 0)
    monkeypatch.setattr(painter_module, "MAX_SHADED", 0 if look == "crowded" else 20_000)
    random, frame, kept = np.random.default_rng(1), FRAME, RollPicture()
    layers = ((1, scattered(90, 7)), (4, scattered(60, 8)))
    sheet = Sheet(DARK, Key(2, "major"), SongGrid(TimeMap(), 120.0), scattered(500, 2), 0, layers)
    for step in range(60):
        x = max(0.0, frame.ticks.scroll_px + float(random.integers(-90, 120)) * (1 if step % 7 else 4))
        frame = replace(frame, ticks=frame.ticks.scrolled_to(x))
        if step % 11 == 5:
            frame = replace(frame, pitches=frame.pitches.scrolled_to(400.0 + step))
        if step % 13 == 6:
            sheet = replace(sheet, index=scattered(500, step))
        if step % 17 == 9:
            sheet = replace(sheet, layers=((2, scattered(80, step)),))
        kept.refresh(frame, sheet)
        anew = RollPicture()
        anew.refresh(frame, sheet)
        assert sheet.looks(frame)[0] == look
        assert image_of(kept) == image_of(anew), step


def test_a_step_to_the_side_draws_only_what_comes_into_view(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(painter_module, "MAX_ROUNDED", 0)
    drawn: list[int] = []
    paint = painter_module.paint_notes

    def counted(picture: QImage, ground: Ground, frame: Frame, *rest: Any) -> None:
        drawn.append(frame.width_px)
        paint(picture, ground, frame, *rest)

    monkeypatch.setattr(painter_module, "paint_notes", counted)
    sheet, kept = Sheet(DARK, None, SongGrid(TimeMap()), scattered(500, 2), 0), RollPicture()
    for x in (0.0, 40.0, 20.0, 20.0, 200.0, 201.0):
        kept.refresh(replace(FRAME, ticks=FRAME.ticks.scrolled_to(x)), sheet)
    assert drawn == [300, 40, 20, 180, 300]  # an odd step would round half pixels the other way
