"""Nothing that was on offer is lost in the window: it is found in the list of earlier takes, and comes back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from builders import phrase
from musicassist.document.edits import insert_notes
from musicassist.document.pages import Page
from musicassist.ui.shelf_commands import ago_words
from musicassist.ui.shelf_panel import ShelfPanel, star_box
from window_doubles import Stage
from window_hands import CTRL, offer_takes, pitches, press

LEFT, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier


def panel_of(stage: Stage, qtbot: QtBot) -> ShelfPanel:
    """The open panel, up to date."""
    panel = stage.window.shelf_panel
    if panel.isHidden():
        press(stage, Qt.Key.Key_4, CTRL)
    qtbot.waitUntil(lambda: panel.shown == stage.session.shelf.names())
    return panel


def click(panel: ShelfPanel, row: int, *, on_star: bool = False) -> None:
    box = panel.list.visualRect(panel.list.model().index(row, 0))
    place = star_box(box).center() if on_star else QPoint(box.left() + 20, box.center().y())
    QTest.mouseClick(panel.list.viewport(), LEFT, NONE, place)


def words(panel: ShelfPanel, row: int) -> str:
    return str(panel.list.model().index(row, 0).data())


def test_dismissed_takes_come_back_by_a_click_and_are_kept(stage: Stage, qtbot: QtBot) -> None:
    panel = stage.window.shelf_panel
    assert panel.isHidden()
    press(stage, Qt.Key.Key_4, CTRL)
    assert panel.isVisible() and "stay here" in panel._hint.text() and panel._hint.isVisible()
    before = pitches(stage)
    stage.window.roll.setFocus()
    offer_takes(stage, qtbot)
    press(stage, Qt.Key.Key_3)
    press(stage, Qt.Key.Key_Escape)
    panel = panel_of(stage, qtbot)
    qtbot.waitUntil(lambda: "dismissed" in words(panel, 0))
    row = words(panel, 0)
    assert row.startswith("Continue phrase, bars 2-5 · dismissed, just now, 4 takes · Melody, balanced · ")
    click(panel, 0)
    assert stage.session.takes.phase == "offered" and stage.session.takes.auditioned == 3
    assert stage.window.roll.hasFocus() or stage.window.roll.isAncestorOf(stage.window.focusWidget())
    qtbot.waitUntil(lambda: "on offer" in words(panel, 0))
    press(stage, Qt.Key.Key_Return)
    assert len(pitches(stage)) > len(before)
    qtbot.waitUntil(lambda: "kept" in words(panel, 0))
    press(stage, Qt.Key.Key_Z, CTRL)
    assert pitches(stage) == before and stage.session.takes.phase == "offered"
    qtbot.waitUntil(lambda: "on offer" in words(panel, 0))


def test_the_keyboard_finds_stars_throws_away_and_brings_back(stage: Stage, qtbot: QtBot) -> None:
    for _ in range(3):
        offer_takes(stage, qtbot)
        press(stage, Qt.Key.Key_Escape)
    panel, shelf = panel_of(stage, qtbot), stage.session.shelf
    assert panel.list.hasFocus() and panel.chosen == "0003"
    press(stage, Qt.Key.Key_Down)
    press(stage, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: panel.shown == ("0003", "0001"))
    assert panel._buttons["undo"].isVisible() and "Thrown away: 1" in stage.window.strip.message
    click(panel, 1, on_star=True)
    assert shelf["0001"].is_pinned and stage.session.takes.phase == "idle"
    stage.window.actions_table["assistant.throw_all_away"].trigger()
    qtbot.waitUntil(lambda: panel.shown == ("0001",))
    panel._buttons["undo"].click()
    qtbot.waitUntil(lambda: panel.shown == ("0003", "0001"))
    panel.field.setFocus()
    QTest.keyClicks(panel.field, "balanced bars 2")
    assert panel.shown == ("0003", "0001")
    QTest.keyClicks(panel.field, " nobody")
    assert panel.shown == () and "these words" in panel._hint.text()
    panel.field.clear()
    offer_takes_from_list(stage, panel, qtbot)


def offer_takes_from_list(stage: Stage, panel: ShelfPanel, qtbot: QtBot) -> None:
    """Enter is the list's there, also while other takes are on offer."""
    panel.list.setFocus()
    press(stage, Qt.Key.Key_Return)
    assert stage.session.shelf.on_desk == panel.shown[0]
    qtbot.waitUntil(lambda: "on offer" in words(panel, 0))
    before = pitches(stage)
    panel.list.setFocus()
    press(stage, Qt.Key.Key_Down)
    press(stage, Qt.Key.Key_Return)
    assert stage.session.shelf.on_desk == panel.shown[1] and pitches(stage) == before


def test_what_does_not_fit_any_more_says_so_and_goes_elsewhere(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    press(stage, Qt.Key.Key_Escape)
    document = stage.document
    document.apply("Write", insert_notes(document.song, 0, phrase(40, from_tick=3840)))
    panel = panel_of(stage, qtbot)
    assert not panel._buttons["here"].isVisible()
    click(panel, 0)
    assert "There are new notes where take 1 would go" in panel._refusal.text()
    stage.sound.position = 20 * 1920
    panel._buttons["here"].click()
    assert stage.session.takes.span == (20 * 1920, 24 * 1920)
    press(stage, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(panel.shown) == 2)
    assert not panel._refusal.isVisible()
    panel.list.setCurrentIndex(panel.list.model().index(1, 0))
    stage.window.actions_table["assistant.earlier_in_new_track"].trigger()
    press(stage, Qt.Key.Key_Return)
    assert [track.name for track in document.song.tracks] == ["Melody", "Bass", "Melody"]


def test_the_last_offer_comes_back_by_a_key(stage: Stage, qtbot: QtBot) -> None:
    action = stage.window.actions_table["assistant.bring_back"]
    stage.window.actions_table.refresh()
    assert not action.isEnabled() and "no earlier takes" in action.toolTip()
    offer_takes(stage, qtbot)
    press(stage, Qt.Key.Key_Escape)
    press(stage, Qt.Key.Key_Z, CTRL | ALT)
    assert stage.session.takes.phase == "offered" and len(stage.session.takes.offer) == 4


def test_blind_takes_are_not_told_by_their_row(stage: Stage, qtbot: QtBot) -> None:
    stage.session.order.set_blind(is_blind=True)
    offer_takes(stage, qtbot)
    press(stage, Qt.Key.Key_Escape)
    panel = panel_of(stage, qtbot)
    assert "balanced" not in words(panel, 0) and words(panel, 0).endswith("4 takes")


def test_a_damaged_page_costs_nobody_the_others(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    press(stage, Qt.Key.Key_Escape)
    good = stage.document.pages["shelf/0001"]
    pages = {
        f"shelf/{number:04}": Page(good.text, good.notes, good.songs) if number % 2 else Page("[1]")
        for number in range(1, 22)
    }
    stage.document.replace_song(stage.document.song, None, pages=pages)
    assert len(stage.session.shelf.unread()) == 20  # all but the newest
    panel = stage.window.shelf_panel
    press(stage, Qt.Key.Key_4, CTRL)  # so many are read beside the main thread
    qtbot.waitUntil(lambda: len(panel.shown) == 11)
    assert "left out: 10" in stage.window.strip.message


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(5, "just now"), (70, "1 minute ago"), (7100, "1 hour ago"), (3500, "58 minutes ago"), (80_000, "22 hours ago")],
)
def test_the_words_of_time(seconds: float, said: str) -> None:
    assert ago_words(seconds, 1e9) == said
    assert "2001" in ago_words(1e6, 1e9) or "01" in ago_words(1e6, 1e9)
