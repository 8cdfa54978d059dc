from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from musicassist.ui.command_popup import CommandPopup, command_entries, gesture_entries, matches
from musicassist.ui.commands import COMMANDS, CONDITIONS
from musicassist.ui.theme import DARK


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    return window


def open_popup(window: QWidget, holding: frozenset[str]) -> tuple[CommandPopup, list[str]]:
    popup = CommandPopup(DARK, command_entries(holding), "Find a command", window)
    chosen: list[str] = []
    popup.command_chosen.connect(chosen.append)
    popup.open_over(window)
    return popup, chosen


def test_words_in_any_order_find_a_command_and_enter_starts_it(window: QWidget) -> None:
    popup, chosen = open_popup(window, frozenset(CONDITIONS))
    QTest.keyClicks(popup.field, "phrase cont")
    assert popup.shown_texts == ("Assistant: Continue this phrase",)
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert chosen == ["assistant.continue_phrase"]


def test_arrows_move_and_what_cannot_be_done_does_not_start(window: QWidget) -> None:
    popup, chosen = open_popup(window, frozenset())
    QTest.keyClicks(popup.field, "edit:")
    QTest.keyClick(popup.field, Qt.Key.Key_Down)
    QTest.keyClick(popup.field, Qt.Key.Key_Up)
    assert popup.list.currentIndex().data() == "Edit: Undo"
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert chosen == []
    popup.grab()


def test_nothing_found_is_said(window: QWidget) -> None:
    popup, _ = open_popup(window, frozenset())
    QTest.keyClicks(popup.field, "xylophone")
    assert popup.shown_texts == ()
    assert popup._nothing.isVisible()


def test_the_help_holds_every_key_and_gesture() -> None:
    entries = command_entries(frozenset())
    assert len(entries) == sum(bool(command.text) for command in COMMANDS)
    assert any("Ctrl+wheel" in entry.keys for entry in gesture_entries())


def test_matching_takes_words_in_any_order() -> None:
    assert matches("Notes: Octave up", "up oct")
    assert not matches("Notes: Octave up", "down")
