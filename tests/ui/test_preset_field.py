"""The menu of presets, and the line for a new name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicassist.ui.preset_field import PresetField


def test_without_presets_there_is_nothing_to_delete(qtbot: QtBot) -> None:
    field = PresetField()
    qtbot.addWidget(field)
    field.menu.menu().aboutToShow.emit()
    save, delete = field.menu.menu().actions()
    assert save.text() == "Save rules as ..."
    assert not delete.isEnabled()


def test_a_name_is_asked_for_in_the_panel_and_escape_lets_go_of_it(qtbot: QtBot) -> None:
    field = PresetField()
    qtbot.addWidget(field)
    field.show()
    field.ask_for_name()
    QTest.keyClicks(field._name, "Verse")
    with qtbot.assertNotEmitted(field.named):
        QTest.keyClick(field._name, Qt.Key.Key_Escape)
    assert field._name.isHidden()
    field.ask_for_name()
    assert field._name.text() == ""
    QTest.keyClicks(field._name, "Verse")
    with qtbot.waitSignal(field.named) as heard:
        QTest.keyClick(field._name, Qt.Key.Key_Return)
    assert heard.args == ["Verse"]
