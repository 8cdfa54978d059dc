"""One track as a row: its name and its instrument."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from builders import phrase
from musicassist.midi import ImportedSong
from musicassist.score.song import Song, Track
from window_doubles import Stage
from window_hands import CTRL, press


def test_a_track_is_renamed_and_given_an_instrument_by_the_keyboard_alone(stage: Stage) -> None:
    press(stage, Qt.Key.Key_PageDown, CTRL)
    press(stage, Qt.Key.Key_F2)
    QTest.keyClicks(QApplication.focusWidget(), "Low")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert stage.document.song.tracks[1].name == "Low"
    press(stage, Qt.Key.Key_F2, Qt.KeyboardModifier.ShiftModifier)
    families = QApplication.activePopupWidget()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(QApplication.activePopupWidget() or families, key)
    assert stage.document.song.tracks[1].program == 1
    assert QApplication.activePopupWidget() is None


def test_a_name_that_is_being_typed_is_none_of_the_song_that_is_opened_meanwhile(stage: Stage) -> None:
    row = stage.window.track_list.rows[0]
    row.start_renaming()
    QTest.keyClicks(row.editor, "Other")
    song = Song((Track("Tune", phrase(60, 62)),))
    stage.session.open(ImportedSong(song, (), 1, 2), None)
    stage.window.roll.setFocus()
    assert stage.document.song == song
    assert not stage.document.is_modified
