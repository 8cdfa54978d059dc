"""The panel of versions shows a tree and tells which row is meant."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicassist.ui.versions_panel import MAX_DEPTH, VersionFace, VersionsPanel


def test_rows_are_indented_and_the_chosen_one_stays(qtbot: QtBot) -> None:
    panel = VersionsPanel()
    qtbot.addWidget(panel)
    panel.show()
    assert panel.chosen is None
    faces = [VersionFace("a", 0, "Verse"), VersionFace("b", 1, "Chorus"), VersionFace("c", 99, "Deep")]
    panel.show_faces(faces, "b")
    assert panel.chosen == "b"
    panel.show_faces(faces[::-1], None)
    assert panel.chosen == "b"
    deep = str(panel.list.model().index(0, 0).data())
    assert len(deep) - len(deep.lstrip()) == 4 * MAX_DEPTH
    assert panel.list.accessibleName() == "Versions" and "Space" in panel.list.accessibleDescription()


def test_keys_say_what_is_wanted(qtbot: QtBot) -> None:
    panel = VersionsPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.show_faces([VersionFace("a", 0, "Verse")], None)
    signals = {
        Qt.Key.Key_Return: panel.used,
        Qt.Key.Key_Space: panel.listened,
        Qt.Key.Key_Delete: panel.thrown,
        Qt.Key.Key_Escape: panel.left,
    }
    for key, signal in signals.items():
        with qtbot.waitSignal(signal, timeout=1000):
            QTest.keyClick(panel.list, key)
