from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from musicassist.ui.dialogs import CommandPopup, command_entries, gesture_entries, matches
from window_doubles import Stage


def open_popup(stage: Stage, *, with_reasons: bool) -> tuple[CommandPopup, list[str]]:
    entries = command_entries(stage.window.actions_table, with_reasons=with_reasons)
    popup = CommandPopup(entries, "Find a command", stage.window)
    chosen: list[str] = []
    popup.command_chosen.connect(chosen.append)
    popup.open_over(stage.window)
    return popup, chosen


def test_words_in_any_order_find_a_command_and_enter_starts_it(empty_stage: Stage) -> None:
    popup, chosen = open_popup(empty_stage, with_reasons=False)
    QTest.keyClicks(popup.field, "phrase cont")
    assert popup.shown_texts == ("Assistant: Continue this phrase",)
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert chosen == ["assistant.continue_phrase"]


def test_arrows_move_and_what_cannot_be_done_does_not_start(empty_stage: Stage) -> None:
    popup, chosen = open_popup(empty_stage, with_reasons=True)
    QTest.keyClicks(popup.field, "edit:")
    QTest.keyClick(popup.field, Qt.Key.Key_Down)
    QTest.keyClick(popup.field, Qt.Key.Key_Up)
    assert popup.list.currentIndex().data() == "Edit: Undo"
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert chosen == []
    popup.grab()


def test_nothing_found_is_said(empty_stage: Stage) -> None:
    popup, _ = open_popup(empty_stage, with_reasons=True)
    QTest.keyClicks(popup.field, "xylophone")
    assert popup.shown_texts == ()
    assert popup._nothing.isVisible()


def test_the_help_holds_every_key_and_gesture(empty_stage: Stage) -> None:
    actions = empty_stage.window.actions_table
    entries = command_entries(actions, with_reasons=False)
    assert len(entries) == sum(bool(command.text) for command in actions.commands.values())
    assert any("Ctrl+wheel" in entry.keys for entry in gesture_entries())


def test_matching_takes_words_in_any_order() -> None:
    assert matches("Notes: Octave up", "up oct")
    assert not matches("Notes: Octave up", "down")
