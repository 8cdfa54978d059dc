"""Why is this bar strong? Asked by a key, answered in a panel in three ways of speaking, heard without."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from builders import phrase
from musicassist.document.song_edits import write_chord
from musicassist.midi import ImportedSong
from musicassist.score.song import KeyChange, Song, Track
from musicassist.score.theory import parse_chord
from musicassist.ui.lessons_panel import LessonsPanel
from window_doubles import Stage
from window_hands import SHIFT, press

BAR = 1920


@pytest.fixture
def story(empty_stage: Stage) -> Stage:
    """A full close in C: G7, then C with the tonic on the bar line."""
    line = phrase(67, 71, 74, 71, 72, 76, 79, 72, step_ticks=480)
    song = Song(tracks=(Track("Melody", line),), key_changes=(KeyChange(0, 0, "major", 0),))
    song = write_chord(write_chord(song, 0, BAR, parse_chord("G7")), BAR, 2 * BAR, parse_chord("C"))
    empty_stage.session.open(ImportedSong(song, (), 0, 8), None)
    return empty_stage


def panel_of(story: Stage) -> LessonsPanel:
    return story.window.lessons_panel


def words(story: Stage) -> list[str]:
    return [label.text() for label, _ in panel_of(story).rows if label.isVisible()]


def test_the_bar_at_the_playhead_is_explained_and_heard_without(story: Stage, qtbot: QtBot) -> None:
    story.sound.position = BAR + 100
    press(story, Qt.Key.Key_W, SHIFT)
    panel = panel_of(story)
    assert panel.isVisible() and panel.title.text() == "Bar 2: why it is strong"
    assert words(story)[0] == "Cadence: The music comes home here: G7 leads to C."
    panel.level._choose("2")
    assert words(story)[0] == "Cadence: Authentic cadence V7\N{EN DASH}I in C major, C in the melody."
    button = panel.rows[0][1]
    assert button.accessibleName() == "Hear it without: Cadence"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert story.sound.heard == story.session.teaching.lessons[0].without and button.isChecked()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert story.sound.heard is None and not button.isChecked()
    panel.setFocus()
    press(story, Qt.Key.Key_Escape)
    assert panel.isHidden() and QApplication.focusWidget() is story.window.roll.view
    assert story.window.preferences.now.lesson_level == 2


def test_a_bar_without_notes_and_one_where_nothing_is_proved_say_so(story: Stage) -> None:
    story.sound.position = 9 * BAR
    press(story, Qt.Key.Key_W, SHIFT)
    assert panel_of(story).isHidden()
    story.sound.position = 0
    press(story, Qt.Key.Key_W, SHIFT)
    assert panel_of(story).isVisible() and len(words(story)) >= 1
