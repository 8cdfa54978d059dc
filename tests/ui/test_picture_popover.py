"""Fit to picture, asked over the window: told before the press, one step of undo, and said when it cannot be met."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from builders import phrase
from musicassist.midi import ImportedSong
from musicassist.score.song import Song, Track
from musicassist.score.timing import tempo_change
from musicassist.ui.picture_popover import PicturePopover
from window_doubles import Stage

BARS = 16


def asked(stage: Stage) -> PicturePopover:
    """The popover over a song of 16 bars at 112."""
    notes = phrase(*[60, 62, 64, 65] * BARS, step_ticks=480)
    song = Song((Track("Tune", notes),), tempo_changes=(tempo_change(0, 112),))
    stage.session.open(ImportedSong(song, (), 1, 4 * BARS), None)
    stage.window.actions_table.run("edit.fit_to_picture")
    found = QApplication.activePopupWidget()
    assert isinstance(found, PicturePopover) and found.end.hasFocus()
    return found


def type_into(popover: PicturePopover, end: str, accents: str) -> None:
    QTest.keyClicks(popover.end, end)  # over the song's own, which is selected
    QTest.keyClicks(popover.accents, accents)


def test_the_outcome_is_told_and_enter_takes_it_in_one_step(stage: Stage, qtbot: QtBot) -> None:
    popover = asked(stage)
    assert popover.end.text() == "0:34.286"
    type_into(popover, "0:30.0", "0:12.5")
    assert not popover.is_ready and not popover.button.isEnabled()
    qtbot.waitUntil(lambda: popover.is_ready)
    lines = popover.outcome.text().split("\n")
    assert lines[0].startswith("16 bars at ")
    assert lines[1].startswith("0:12.5: bar 7, beat ") and lines[1].endswith("off by 0.0 ms")
    assert lines[2] == "0:30.0: bar 17, beat 1, off by 0.0 ms"
    before = stage.document.song
    QTest.keyClick(popover.end, Qt.Key.Key_Return)
    time_map = stage.document.song.time_map
    assert time_map.tick_to_seconds(BARS * 1920) == pytest.approx(30.0, abs=0.010)
    beats = time_map.ticks_to_seconds(np.arange(0, BARS * 1920, 480))
    assert np.abs(beats - 12.5).min() <= 0.010
    assert QApplication.activePopupWidget() is None
    stage.document.undo()
    assert stage.document.song is before


def test_fewer_bars_say_what_goes_and_more_say_what_is_missing(stage: Stage, qtbot: QtBot) -> None:
    popover = asked(stage)
    type_into(popover, "0:20", "")
    popover.bars.setValue(9)
    qtbot.waitUntil(lambda: popover.is_ready)
    assert "What stands behind bar 9 goes." in popover.outcome.text()
    popover.bars.setValue(11)
    qtbot.waitUntil(lambda: popover.is_ready and "11 bars" in popover.outcome.text())
    QTest.mouseClick(popover.button, Qt.MouseButton.LeftButton)
    assert stage.document.song.end_tick == 11 * 1920
    popover = asked(stage)
    type_into(popover, "0:45", "")
    qtbot.waitUntil(lambda: popover.is_ready)
    assert "21 bars at 112 bpm\n5 bars are still to be written" in popover.outcome.text()
    popover.close()


@pytest.mark.parametrize(
    ("end", "accents", "said"),
    [
        ("soon", "", "Write times as 0:30.5"),
        ("0:30", "0:31", "does not lie between"),
        ("0:30", "0:12, 0:12.1", "is off by"),
    ],
)
def test_what_cannot_be_met_is_said_and_enter_does_nothing(
    end: str, accents: str, said: str, stage: Stage, qtbot: QtBot
) -> None:
    popover = asked(stage)
    song = stage.document.song
    type_into(popover, end, accents)
    qtbot.waitUntil(lambda: said in popover.outcome.text())
    QTest.keyClick(popover.end, Qt.Key.Key_Return)
    assert stage.document.song is song
    assert not popover.button.isEnabled()
    popover.close()
