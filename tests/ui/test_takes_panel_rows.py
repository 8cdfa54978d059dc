"""A take as a row."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

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
