"""The slider between two words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicassist.ui.panel_fields import LeanSlider


def test_it_says_where_it_stands_and_goes_back_to_the_middle(qtbot: QtBot) -> None:
    slider = LeanSlider("Surprise", "What it does.", "expected", "surprising")
    qtbot.addWidget(slider)
    slider.show_value(-0.5)
    assert (slider.value, slider._slider.accessibleName()) == (-0.5, "Surprise: expected 50 %")
    with qtbot.waitSignal(slider.moved):
        QTest.keyClick(slider._slider, Qt.Key.Key_Right)
    assert slider.value == -0.375
    with qtbot.waitSignal(slider.moved):
        QTest.keyClick(slider._slider, Qt.Key.Key_0)
    assert (slider.value, slider._slider.accessibleName()) == (0, "Surprise: as it comes")
    slider.show_value(1)
    QTest.mouseDClick(slider._slider, Qt.MouseButton.LeftButton)
    assert slider.value == 0
