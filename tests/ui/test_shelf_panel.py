"""The panel of earlier takes by itself: what is drawn in a row, found by words, and said without sight."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from builders import phrase
from musicassist.ui.shelf_panel import PANEL_PX, ROW_PX, ShelfFace, ShelfPanel


def face(name: str, searched: str, *, is_pinned: bool = False) -> ShelfFace:
    notes = phrase(60, 72, step_ticks=960)
    return ShelfFace(
        name, "Continue phrase", "bars 1 to 2", "LSTM", "just now", notes, (0, 1920), is_pinned, False, searched
    )


@pytest.fixture
def panel(qtbot: QtBot) -> ShelfPanel:
    panel = ShelfPanel()
    qtbot.addWidget(panel)
    panel.resize(PANEL_PX, 480)
    panel.show()
    return panel


def test_rows_are_found_by_all_words_in_any_order(panel: ShelfPanel) -> None:
    panel.show_faces([face("2", "Continue LSTM bars 1"), face("1", "Vary VAE bars 9")])
    assert panel.shown == ("2", "1") and panel.chosen == "2"
    panel.field.setText("bars vae")
    assert panel.shown == ("1",) and panel.chosen == "1"
    panel.field.clear()
    assert panel.chosen == "1"  # it stays chosen
    panel.show_faces([face("3", ""), face("2", "")])
    assert panel.chosen == "2"


def test_a_row_has_its_contour_and_its_star(panel: ShelfPanel) -> None:
    panel.show_faces([face("2", ""), face("1", "")])
    plain = panel.list.grab().toImage()
    panel.show_faces([face("2", ""), face("1", "", is_pinned=True)])
    starred = panel.list.grab().toImage()
    x, y = plain.width() - 22, ROW_PX + 12
    area = [(x + dx, y + dy) for dx in range(14) for dy in range(-6, 10)]
    assert any(plain.pixelColor(*p) != starred.pixelColor(*p) for p in area)
    ground = plain.pixelColor(plain.width() // 2, ROW_PX + 60)
    top, middle, bottom = ROW_PX + 23, ROW_PX + 32, ROW_PX + 41

    def is_drawn(x: int, from_y: int, to_y: int) -> bool:
        return any(plain.pixelColor(x, y) != ground for y in range(from_y, to_y))

    assert is_drawn(20, middle, bottom) and not is_drawn(20, top, middle)  # the first note below, the second above
    assert is_drawn(plain.width() - 40, top, middle) and not is_drawn(plain.width() - 40, middle, bottom)


def test_its_keys_and_buttons_say_what_is_wanted(panel: ShelfPanel) -> None:
    told: list[str] = []
    panel.list.used.connect(lambda: told.append("use"))
    panel.list.thrown.connect(lambda: told.append("throw"))
    panel.show_faces([face("2", "")])
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_Up):
        QTest.keyClick(panel.list, key)
    assert told == ["use", "throw"]
    panel.show_refusal("No room.")
    assert panel._buttons["here"].isVisible() and panel._buttons["new"].isVisible()
    panel.show_thrown(2)
    assert panel._thrown.text() == "Thrown away: 2"


def test_without_takes_it_says_what_it_is_for(panel: ShelfPanel) -> None:
    assert panel._hint.isVisible() and "dismiss" in panel._hint.text() and panel.chosen is None
    assert not panel._buttons["bring"].isEnabled()
    assert panel.accessibleName() == panel.list.accessibleName() == "Earlier takes"
