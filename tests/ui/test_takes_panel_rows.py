"""A take as a row."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicassist.ui.takes_panel import ROW_PX, TakeFace, TakeRow
from window_doubles import Stage
from window_hands import offer_takes


def test_a_click_on_a_row_hears_it_and_the_button_keeps_it(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    panel = stage.window.takes_panel
    QTest.mouseClick(panel.rows[2], Qt.MouseButton.LeftButton)
    assert stage.session.takes.auditioned == 3
    assert panel._keep.text() == "Keep take 3"
    QTest.mouseClick(panel._keep, Qt.MouseButton.LeftButton)
    assert stage.session.takes.phase == "idle"
    assert len(stage.document.track.notes) == 20


def test_the_words_of_a_plan_are_whole_however_narrow_the_row_is(qtbot: QtBot) -> None:
    row = TakeRow(1)
    qtbot.addWidget(row)
    row.show()
    row.resize(600, ROW_PX)
    row.show_face(TakeFace(plan="answers bars 1-4, a third higher, closes"))
    one_line_px = row.height()
    assert one_line_px > ROW_PX
    row.resize(150, row.height())
    assert row.height() > one_line_px + 8
    row.show_face(TakeFace())
    assert row.height() == ROW_PX
