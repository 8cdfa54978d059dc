"""Lines of pixels: what lies on them, and which of them the picture's rows show."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage, QPainter

from musicassist.score.song import Note, Notes
from musicassist.ui.piano_roll import scanlines
from musicassist.ui.piano_roll.geometry import Frame, PitchTransform, TickTransform
from musicassist.ui.piano_roll.scanlines import (
    GAP,
    NO_KEY,
    NOTE,
    NOTE_EDGE,
    PITCHES,
    ROLL,
    ROW_LINE,
    SHADED,
    bands_of,
    behind,
    coverage,
    fill_spans,
    pixel,
)

FRAME = Frame(TickTransform(0.1), PitchTransform(10, 400), 300, 400)
SPANS = st.lists(st.tuples(st.integers(0, 3), st.integers(-9, 29), st.integers(0, 30), st.integers(1, 9)), max_size=30)


@given(SPANS)
def test_a_span_fills_its_line_and_the_last_one_wins(spans: list[tuple[int, int, int, int]]) -> None:
    wanted = np.zeros((4, 20), dtype=np.uint32)
    for row, left, length, value in spans:
        wanted[row, max(0, left) : max(0, left + length)] = value
    lines = np.zeros_like(wanted)
    row, left, length, value = np.array(spans, dtype=np.int64).reshape(-1, 4).T
    fill_spans(lines, row, left, left + length - 1, value)
    assert lines.tolist() == wanted.tolist()


def test_more_spans_than_fit_into_memory_at_once_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanlines, "MAX_PIXELS_AT_ONCE", 10)
    lines = np.zeros((2, 50), dtype=np.uint32)
    number = np.arange(20)
    fill_spans(lines, number % 2, number, number + 9, number + 1)
    assert lines[0].tolist() == [x - x % 2 + 1 if x < 20 else 19 for x in range(28)] + [0] * 22


def test_a_column_is_covered_while_anything_sounds() -> None:
    notes = Notes.of([Note(0, 60, 100), Note(50, 60, 100), Note(10, 127, 1)])
    mask = coverage(FRAME, notes, np.arange(3))
    assert mask.shape == (PITCHES, 300)
    assert np.flatnonzero(mask[67]).tolist() == list(range(15))
    assert np.flatnonzero(mask[0]).tolist() == [1]


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("row_px", [4, 7, 14, 23])
def test_every_row_of_pixels_has_one_line_and_each_key_its_parts(scale: float, row_px: int) -> None:
    frame = Frame(TickTransform(0.1), PitchTransform(row_px * scale, 30 * scale), 100, round(700 * scale), scale)
    bands = bands_of(frame, np.where(np.arange(PITCHES) % 2, SHADED, ROLL))
    part_of_line = np.full(len(bands.row), NO_KEY)
    for part, where in enumerate(bands.parts):
        part_of_line[where] = part
    parts, rows = part_of_line[bands.line_of_y], bands.row[bands.line_of_y]
    tops = np.rint(frame.pitches.to_y(np.arange(PITCHES)[::-1])).astype(int)
    for row in range(PITCHES):
        top, bottom = tops[row], round(frame.pitches.to_y(PITCHES - 2 - row))
        if top < 0 or bottom > frame.height_px:
            continue
        assert (rows[top:bottom] == row).all()
        assert (parts[top : top + frame.note_px] != GAP).all()
        assert (parts[top + frame.note_px : bottom] == GAP).all()
        assert parts[top] == NOTE_EDGE
        assert (parts[top:bottom] == NOTE).any()
        is_line = bands.ground[bands.line_of_y[top:bottom]] == ROW_LINE
        assert is_line.tolist() == [False] * (bottom - top - 1) + [row_px >= 8]
    beyond = max(0, round(frame.pitches.to_y(-1)))
    assert (parts[beyond:] == NO_KEY).all()


def test_boxes_fill_the_lines_of_their_part_and_rows_out_of_sight_are_left_out() -> None:
    bands = bands_of(FRAME, np.full(PITCHES, ROLL))
    lines = np.zeros((len(bands.row), 10), dtype=np.uint32)
    boxes = np.array([[2, 0, 4, 9], [6, 0, 6, 9], [0, 0, 9, 9]], dtype=np.int32)
    bands.fill(lines, NOTE, np.array([80, 80, 127]), boxes, np.array([7, 8, 9]))
    touched = np.flatnonzero(lines.any(axis=1))
    assert bands.row[touched].tolist() == [127 - 80]
    assert lines[touched].tolist() == [[0, 0, 7, 7, 7, 0, 8, 0, 0, 0]]


@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFF))
def test_what_lies_behind_is_mixed_as_qt_mixes_it(ground: int, above: int) -> None:
    image = QImage(1, 1, QImage.Format.Format_RGB32)
    image.fill(QColor(f"#{ground:06x}"))
    upper = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
    upper.fill(QColor(f"#{above:06x}"))
    painter = QPainter(image)
    painter.setOpacity(0.25)
    painter.drawImage(0, 0, upper)
    painter.end()
    mixed = behind(np.array([pixel(f"#{ground:06x}")], dtype=np.uint32), pixel(f"#{above:06x}"))
    assert hex(mixed[0]) == hex(image.pixel(0, 0))
