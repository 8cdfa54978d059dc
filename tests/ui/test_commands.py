from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import musicassist
from musicassist.ui.actions import ROLL, STEPS, TAKES, WINDOW, Command, Rows
from musicassist.ui.commands import Commands
from musicassist.ui.dialogs import CommandPopup
from musicassist.ui.keyboard_menu import LEARNABLE
from musicassist.ui.window_commands import HelpCommands
from window_doubles import Stage, raise_stage

PACKAGE = Path(musicassist.__file__).parent
TABLES = ("commands.py", "file_commands.py", "note_commands.py", "harmony_commands.py", "plan_commands.py")

# The column "ours" of the conventions that this editor keeps to.
KEYS = {
    "play.toggle": ("Space",),
    "play.return_to_start": ("Home",),
    "play.stop_and_return": ("Return", "Enter"),
    "play.record": ("R",),
    "play.capture": ("Shift+R",),
    "play.step_input": ("Ctrl+Shift+K",),
    "play.count_in": ("Shift+C",),
    "play.loop": ("L",),
    "play.loop_selection": ("Ctrl+L",),
    "play.metronome": ("C",),
    "edit.tool_edit": ("1",),
    "edit.tool_draw": ("2",),
    "edit.tool_erase": ("3",),
    "edit.tool_split": ("4",),
    "edit.toggle_draw": ("B",),
    "edit.undo": ("Ctrl+Z",),
    "edit.redo": ("Ctrl+Shift+Z", "Ctrl+Y"),
    "edit.delete": ("Del", "Backspace"),
    "edit.select_all": ("Ctrl+A",),
    "edit.select_none": ("Ctrl+Shift+A", "Esc"),
    "edit.duplicate": ("Ctrl+D",),
    "notes.transpose_up": ("Up",),
    "notes.octave_down": ("Shift+Down",),
    "notes.step_up": ("Alt+Up",),
    "notes.nudge_later": ("Right",),
    "notes.tick_earlier": ("Alt+Left",),
    "notes.longer": ("Shift+Right",),
    "edit.select_next": ("Tab",),
    "edit.select_previous": ("Shift+Tab",),
    "edit.write_chord": ("K",),
    "view.chords": ("Shift+K",),
    "notes.louder": ("Ctrl+Up",),
    "notes.quantise": ("Q",),
    "notes.quantise_options": ("Shift+Q",),
    "notes.transpose": ("T",),
    "notes.split": ("Ctrl+E",),
    "notes.join": ("J",),
    "notes.legato": ("Alt+L",),
    "notes.staccato": ("Alt+S",),
    "view.zoom_in": ("+", "="),
    "view.zoom_out": ("-",),
    "view.zoom_to_selection": ("Z",),
    "play.mute": ("M",),
    "play.solo": ("S",),
    "view.ghosts": ("G",),
    "view.rename_track": ("F2",),
    "play.next_track": ("Ctrl+PgDown",),
    "play.previous_track": ("Ctrl+PgUp",),
    "play.panic": ("Ctrl+.",),
    "help.palette": ("Ctrl+Shift+P",),
    "help.keys": ("F1", "?"),
    "play.musical_typing": ("Ctrl+K",),
    "assistant.continue_phrase": ("Ctrl+Return", "Ctrl+Enter"),
    "assistant.again": ("Ctrl+Shift+Return",),
    "assistant.next_planned": ("O",),
    "assistant.change_planned": ("P",),
    "assistant.continue_and_listen": ("Shift+Space",),
    "assistant.fill_bars": ("Ctrl+I",),
    "assistant.vary_selection": ("Ctrl+R",),
    "assistant.blend_phrases": ("Ctrl+B",),
    "assistant.write_new": ("Ctrl+G",),
    "assistant.accept": ("Return", "Enter"),
    "assistant.dismiss": ("Esc",),
    "assistant.next_take": ("PgDown",),
    "assistant.shelf": ("Ctrl+4",),
    "assistant.bring_back": ("Ctrl+Alt+Z",),
    "file.save": ("Ctrl+S",),
}


def rows(stage: Stage) -> list[Command]:
    return list(stage.window.actions_table.commands.values())


def test_keys_are_those_that_musicians_know(empty_stage: Stage) -> None:
    commands = empty_stage.window.actions_table.commands
    assert {command_id: tuple(commands[command_id].keys.split()) for command_id in KEYS} == KEYS


def test_no_key_means_two_things_in_one_place(empty_stage: Stage) -> None:
    """The roll lies in the window, so that they share their keys; takes and steps come before both."""
    for scopes in ((WINDOW, ROLL), (TAKES,), (STEPS,)):
        keys = Counter(key for row in rows(empty_stage) if row.scope in scopes for key in row.sequences)
        assert [key.toString() for key, count in keys.items() if count > 1] == []


def test_every_key_is_one_that_qt_knows(empty_stage: Stage) -> None:
    assert all(key.toString() for row in rows(empty_stage) for key in row.sequences)


def test_what_a_keyboard_can_learn_are_commands(empty_stage: Stage) -> None:
    assert set(LEARNABLE) <= set(empty_stage.window.actions_table.commands)


def test_a_new_command_is_one_row(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    shipped = Commands._help

    def with_toy(table: Commands, helping: HelpCommands) -> Rows:
        return *shipped(table, helping), Command(
            "help.toy", "Play a toy", "It toots.", lambda: done.append("toot"), "F9"
        )

    monkeypatch.setattr(Commands, "_help", with_toy)
    stage = raise_stage(tmp_path)
    window, actions = stage.window, stage.window.actions_table
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)

    assert actions.menu("help").actions()[-1].text() == "Play a toy"
    assert "It toots." in actions["help.toy"].toolTip() and "F9" in actions["help.toy"].toolTip()
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert done == ["toot"]
    for open_list in (window.help_commands.palette, window.help_commands.keys):
        open_list()
        popup = window.findChildren(CommandPopup)[-1]
        QTest.keyClicks(popup.field, "toy")
        assert popup.shown_texts == ("Help: Play a toy",)
        QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert done == ["toot"] * 3
    window.shut_down(keep_recovery=False)


def test_keys_stand_in_the_table_alone() -> None:
    """A key that is set elsewhere could not be found, shown or changed."""
    found = [
        f"{path.name}:{number}"
        for path in (PACKAGE / "ui").rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(r"setShortcut\(|QShortcut|QKeySequence\([\"']|(Ctrl|Shift|Alt)\+[A-Z][a-z]*\b(?!wheel)", line)
        if path.name != "commands.py"
        and not path.name.endswith("_commands.py")
        and "click" not in line
        and "drag" not in line
        and "wheel" not in line
    ]
    assert found == []
