"""The field in which a chord is typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from musicassist.score.theory import Chord, parse_chord, parse_key
from musicassist.ui.piano_roll.chord_editor import MAX_ROWS, ChordEditor

SUGGESTED = tuple(map(parse_chord, ("B", "E", "A", "B7", "C#m", "F#m", "G#m", "E7", "A7", "Emaj7")))


@pytest.fixture
def editor(qtbot: QtBot) -> Iterator[ChordEditor]:
    lane = QWidget()
    qtbot.addWidget(lane)
    editor = ChordEditor("", parse_key("E"), lane)
    editor.open_at(QPoint(0, 0))
    editor.show_suggested(SUGGESTED)
    yield editor
    lane.close()  # it owns the editor, and lives as long


def rows(editor: ChordEditor) -> list[str]:
    model = editor.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_it_shows_the_likeliest_and_those_that_begin_with_what_is_typed(editor: ChordEditor) -> None:
    assert rows(editor) == ["B", "E", "A", "B7", "C#m", "F#m", "G#m", "E7"] and len(rows(editor)) == MAX_ROWS
    QTest.keyClicks(editor.field, "b")
    assert rows(editor) == ["B", "B7"]
    QTest.keyClicks(editor.field, "x")
    assert rows(editor) == [] and not editor.list.isVisible()


def test_an_arrow_takes_a_name_and_enter_writes_it(editor: ChordEditor, qtbot: QtBot) -> None:
    for _ in range(5):
        QTest.keyClick(editor.field, Qt.Key.Key_Down)
    assert editor.field.text() == "C#m"
    with qtbot.waitSignal(editor.entered) as entered:
        QTest.keyClick(editor.field, Qt.Key.Key_Return)
    assert entered.args == [Chord(1, "m")]
    assert not editor.isVisible()


def test_a_click_on_a_chord_of_the_list_writes_it(editor: ChordEditor, qtbot: QtBot) -> None:
    place = editor.list.visualRect(editor.list.model().index(3, 0)).center()
    with qtbot.waitSignal(editor.entered) as entered:
        QTest.mouseClick(editor.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert entered.args == [Chord(11, "7")]


def test_esc_leaves_all_as_it_was(editor: ChordEditor, qtbot: QtBot) -> None:
    QTest.keyClicks(editor.field, "Am")
    with qtbot.assertNotEmitted(editor.entered):
        QTest.keyClick(editor.field, Qt.Key.Key_Escape)
    assert not editor.isVisible()


def test_what_is_refused_is_read_out_and_has_room(editor: ChordEditor) -> None:
    QTest.keyClicks(editor.field, "what")
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    assert editor.field.accessibleDescription() == editor.refusal != ""
    assert editor._refusal.height() >= editor._refusal.heightForWidth(editor._refusal.width())
    assert editor.field.text() == "what"
