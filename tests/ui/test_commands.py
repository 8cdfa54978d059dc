from __future__ import annotations

from collections import Counter

import pytest

from musicassist.ui.commands import COMMANDS, CONDITIONS, MENUS, ROLL, TAKES, WINDOW, command_named, missing_condition

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
    "assistant.continue_and_listen": ("Shift+Space",),
    "assistant.fill_bars": ("Ctrl+I",),
    "assistant.vary_selection": ("Ctrl+R",),
    "assistant.blend_phrases": ("Ctrl+B",),
    "assistant.write_new": ("Ctrl+G",),
    "assistant.accept": ("Return", "Enter"),
    "assistant.dismiss": ("Esc",),
    "assistant.next_take": ("PgDown",),
    "file.save": ("Ctrl+S",),
}


@pytest.mark.parametrize("command_id", KEYS)
def test_keys_are_those_that_musicians_know(command_id: str) -> None:
    assert command_named(command_id).keys == KEYS[command_id]


def test_no_key_means_two_things_in_one_place() -> None:
    outside_takes = Counter(key for command in COMMANDS if command.scope in (WINDOW, ROLL) for key in command.keys)
    takes = Counter(key for command in COMMANDS if command.scope == TAKES for key in command.keys)

    assert [key for key, count in (outside_takes | takes).items() if count > 1] == []


def test_every_command_has_a_menu_and_known_needs() -> None:
    for command in COMMANDS:
        assert command.menu in MENUS
        assert set(command.needs) <= set(CONDITIONS)


def test_a_missing_condition_is_said_in_words() -> None:
    cut = command_named("edit.cut")

    assert missing_condition(cut, frozenset()) == "Select some notes first."
    assert missing_condition(cut, frozenset({"selection"})) is None


def test_an_unknown_command_is_a_bug() -> None:
    with pytest.raises(KeyError):
        command_named("edit.fly")
