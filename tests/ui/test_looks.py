"""The window fits small screens, shows where the keyboard is, and stays as it was when its colours change."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from musicassist.ui.workspace import first_size
from window_doubles import Stage

AT_144_DPI = QSize(853, 480)  # what a screen of 1280 x 720 pixels has room for at 144 dots an inch


def offer_takes(stage: Stage, qtbot: QtBot) -> None:
    stage.window.generator.load("lstm")
    stage.window.actions_table.run("assistant.continue_phrase")
    qtbot.waitUntil(lambda: stage.session.takes.phase == "offered")
    QApplication.processEvents()


@pytest.mark.parametrize("room", [QSize(1280, 720), QSize(1024, 600), AT_144_DPI, QSize(1366, 768), QSize(3840, 2160)])
def test_the_first_window_fits_the_screen_with_its_title(room: QSize) -> None:
    size = first_size(room)
    assert size.width() <= room.width()
    assert size.height() <= room.height() - 30
    assert size.width() * size.height() >= 0.8 * min(room.width(), 1280) * min(room.height(), 720)


def test_with_takes_and_notices_it_can_be_as_small_as_a_screen_at_144_dpi(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    window = stage.window
    window.workspace.say("A message that is rather long, as messages of the assistant may well be at times, or longer")
    window.resize(AT_144_DPI.width(), AT_144_DPI.height() - 40)
    QApplication.processEvents()
    assert (window.width(), window.height()) == (AT_144_DPI.width(), AT_144_DPI.height() - 40)
    for part in (window.transport_bar.continuing.button, window.transport_bar.position, window.takes_panel._keep):
        assert part.isVisible()
        corner = part.mapTo(window, part.rect().bottomRight())
        assert corner.x() < window.width() and corner.y() < window.height()


def test_the_words_of_the_takes_are_whole_and_inside_their_panel(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    panel = stage.window.takes_panel
    for button in (panel._keep, panel._dismiss):
        assert button.width() >= button.sizeHint().width()
        assert button.mapTo(panel, button.rect().topRight()).x() < panel.width() - 4


def look_of(window: QWidget) -> list[tuple[str, int, int, QSize]]:
    return [
        (type(widget).__name__, widget.fontInfo().pixelSize(), widget.font().weight(), widget.size())
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
    ]


def test_light_and_back_changes_no_font_no_size_and_no_pixel(stage: Stage, qtbot: QtBot) -> None:
    window = stage.window
    qtbot.waitUntil(lambda: window.chord_hearing.is_up_to_date)  # the chords come a moment later
    window.heartbeat.beat()  # what the sound engine said at the start is shown before, not in between
    QApplication.processEvents()
    before, picture = look_of(window), window.grab().toImage()
    window.set_theme_name("light")
    QApplication.processEvents()
    assert look_of(window) == before
    window.set_theme_name("dark")
    QApplication.processEvents()
    assert look_of(window) == before
    assert window.grab().toImage() == picture


def test_f6_shows_where_the_keyboard_is(stage: Stage) -> None:
    window = stage.window
    for _ in range(3):
        before = window.grab().toImage()
        QTest.keyClick(window, Qt.Key.Key_F6)
        QApplication.processEvents()
        focus = QApplication.focusWidget()
        assert focus is not None
        box = focus.rect()
        corner = focus.mapTo(window, box.topLeft())
        assert differs(window.grab().toImage(), before, corner.x(), corner.y(), box.width(), box.height())


def differs(one: QImage, other: QImage, x: int, y: int, width: int, height: int) -> bool:
    return one.copy(x, y, width, height) != other.copy(x, y, width, height)


def test_a_roll_that_was_clicked_has_no_frame(stage: Stage) -> None:
    view = stage.window.roll.view
    QTest.keyClick(stage.window, Qt.Key.Key_F6)
    view.setFocus(Qt.FocusReason.MouseFocusReason)
    plain = view.grab().toImage()
    stage.window.track_list._add.setFocus()
    view.setFocus(Qt.FocusReason.ShortcutFocusReason)
    assert view.grab().toImage() != plain


def test_fields_say_their_value_after_their_name(stage: Stage) -> None:
    bar = stage.window.transport_bar
    assert bar.meter.accessibleName() == "Time signature: 4/4"
    assert bar.key.accessibleName() == "Key: D major"
    assert bar.grid.accessibleName().startswith("Grid: 1/16")


def test_the_tracks_can_be_made_wider_and_stay_so_in_the_next_window(stage: Stage) -> None:
    sides = stage.window._sides
    sides.setSizes([260, 1000])
    QApplication.processEvents()
    assert stage.window.track_list.width() == 260
    assert stage.window.track_list.rows[0].width() >= 240
    state = sides.saveState()
    sides.setSizes([132, 1000])
    sides.restoreState(state)
    QApplication.processEvents()
    assert stage.window.track_list.width() == 260


# Many tracks behind the edited one
