"""The fields that show the song."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from musicassist.score.theory import Key, parse_key
from musicassist.ui.transport_bar import KeyField


def names_in(field: KeyField, scale: str) -> list[str]:
    menu = QMenu()
    field.fill(menu)
    submenu = next(m for m in menu.findChildren(QMenu) if m.title().replace("&", "") == scale)
    return [action.text() for action in submenu.actions()]


def test_keys_are_offered_along_the_circle_of_fifths(qtbot: QtBot) -> None:
    field = KeyField()
    qtbot.addWidget(field)
    minors = names_in(field, "Minor")
    assert minors[:3] == ["Ab minor", "Eb minor", "Bb minor"]
    assert "D# minor" not in minors
    assert names_in(field, "Major")[:2] == ["Gb major", "Db major"]
    assert names_in(field, "Chromatic") == ["C chromatic"]


@pytest.mark.parametrize("name", ["Eb minor", "Gb major", "F# major"])
def test_the_key_in_force_is_marked_as_it_is_spelled(qtbot: QtBot, name: str) -> None:
    field = KeyField()
    qtbot.addWidget(field)
    field.show_key(parse_key(name), is_detected=False)
    assert field.text() == name
    menu = QMenu()
    field.fill(menu)
    submenus = menu.findChildren(QMenu)
    assert [a.text() for m in submenus for a in m.actions() if a.isChecked()] == [name]


def test_a_key_that_was_only_heard_has_a_question_mark_and_none_is_said(qtbot: QtBot) -> None:
    field = KeyField()
    qtbot.addWidget(field)
    field.show_key(Key(2, "dorian"), is_detected=True)
    assert field.text() == "D dorian ?"
    field.show_key(None, is_detected=True)
    assert field.text() == "no key"
