"""The panel of lessons by itself."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from musicassist.harmony.lessons import Feature, Lesson
from musicassist.score.song import Notes
from musicassist.ui.lessons_panel import LessonsPanel

WORDS = ("{note} stays", {"note": "<b>F</b>"}), ("two", {}), ("three", {})
LESSON = Lesson(Feature.SUSPENSION, 0, 1920, (0,), WORDS, Notes.of())


def test_rows_come_and_go_with_what_was_found(qtbot: QtBot) -> None:
    panel = LessonsPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.show_lessons(3, (LESSON, LESSON), 0, 1)
    assert [label.text() for label, _ in panel.rows] == ["Suspension: <b>F</b> stays"] * 2  # foreign text is only text
    assert [button.text() for _, button in panel.rows] == ["Hear it without", "As it is"]
    panel.show_lessons(3, (), 0, None)
    assert panel.rows[0][0].text().startswith("Nothing here can be proved")
    assert not panel.rows[0][1].isVisible() and not panel.rows[1][0].isVisible()
