"""Bar 1 begins where somebody says so, and where the music seems to want it if they agree."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musicassist.midi.writing import write_song
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import MeterChange
from musicassist.ui.window_commands import BarOne
from window_doubles import Stage


def waltz() -> Song:
    """A long note on each bar line, a short one before it, from the pickup on."""
    notes = [Note(480 + bar * 1440, 60 + bar % 5, 960) for bar in range(8)]
    notes += [Note(bar * 1440, 67, 480) for bar in range(8)]
    return Song((Track(notes=Notes.of(notes)),), meter_changes=(MeterChange(0, 3, 4),))


def test_a_hidden_pickup_is_offered_and_put_right_in_one_step(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "waltz.mid"
    path.write_bytes(write_song(waltz()))
    stage.window.files.open_path(path)
    qtbot.waitUntil(lambda: any("1 quarter" in text for text in stage.window.notices.texts))
    stage.window.notices.press("pickup", "Begin bar 1 behind the pickup")
    assert stage.document.song.time_map.bar_start_tick(1) == 480
    stage.window.session.document.undo()
    assert stage.document.song.time_map.bar_start_tick(1) == 1440


def test_the_rulers_menu_says_where_bar_one_begins(stage: Stage) -> None:
    menu = BarOne(stage.window.workspace).menu_at(960)
    menu.actions()[0].trigger()
    assert [str(change) for change in stage.document.song.meter_changes] == ["2/4", "4/4"]
    assert stage.document.song.time_map.bar_start_tick(1) == 960


def test_a_right_press_in_the_ruler_asks_for_the_menu_of_its_grid_line(stage: Stage, qtbot: QtBot) -> None:
    ruler = stage.window.roll.ruler
    place = QPoint(round(stage.window.roll.viewport.ticks.to_x(490)), 20)
    ruler.menu_requested.disconnect()
    with qtbot.waitSignal(ruler.menu_requested) as asked:
        QApplication.sendEvent(ruler, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, place))
    assert asked.args[0] == 480
