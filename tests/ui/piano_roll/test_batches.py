"""Drawing from memory gives the same picture as drawing one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from pytestqt.qtbot import QtBot

from musicassist.ui.piano_roll import batches


def painted(table: batches.Rectangles) -> QImage:
    image = QImage(60, 60, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    batches.fill_rectangles(painter, table, QColor("#ff8040"))
    painter.end()
    return image


boxes = st.lists(st.tuples(*(st.integers(-20, 80) for _ in range(4))), max_size=12)


@given(boxes)
def test_both_ways_give_the_same_picture(rows: list[tuple[int, int, int, int]]) -> None:
    left, top, width, height = np.array(rows, dtype=float).reshape(-1, 4).T
    table = batches.rectangles(left, top, np.abs(width), np.abs(height))
    with pytest.MonkeyPatch.context() as patch:
        fast = painted(table)
        patch.setattr(batches, "pointer_drawing_works", lambda: False)
        assert painted(table) == fast


def test_this_qt_draws_from_memory() -> None:
    assert batches.pointer_drawing_works()


def test_a_qt_that_cannot_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise TypeError("no such overload")

    monkeypatch.setattr(batches, "_draw_from_memory", refuse)
    assert not batches.pointer_drawing_works.__wrapped__()


def test_rectangles_are_never_thinner_than_a_pixel_and_never_overflow() -> None:
    table = batches.rectangles(np.array([5.2, -1e12]), np.array([1.0, 1e12]), np.array([0.1, 2e12]), np.zeros(2))
    assert table[0].tolist() == [5, 1, 5, 1]
    assert table.dtype == np.int32
    assert (table[:, 2:] >= table[:, :2]).all()


def test_sprites_come_out_the_same_both_ways(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = QPixmap(8, 8)
    sheet.fill(QColor("#336699"))
    table = batches.sprites(np.array([3.0, 20.4]), np.array([4.0, 30.0]), 0, np.array([0, 2]), 5, 6)

    def picture() -> QImage:
        image = QImage(40, 40, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.black)
        painter = QPainter(image)
        batches.draw_sprites(painter, table, sheet)
        painter.end()
        return image

    fast = picture()
    assert fast.pixelColor(3, 4).name() == fast.pixelColor(7, 9).name() == "#336699"
    assert fast.pixelColor(8, 10).name() == "#000000"
    monkeypatch.setattr(batches, "pointer_drawing_works", lambda: False)
    assert picture() == fast
