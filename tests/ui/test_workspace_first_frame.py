"""The first frame comes with the window."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from musicassist.ui import workspace as first_frame
from musicassist.ui.piano_roll.geometry import Frame
from musicassist.ui.piano_roll.painter import RollPicture, Sheet
from musicassist.ui.workspace import FirstFrame
from window_doubles import Stage


def test_nothing_holds_up_the_first_frame_of_a_window(qtbot: QtBot) -> None:
    happened: list[str] = []

    class Painted(QWidget):
        def paintEvent(self, _event: QPaintEvent) -> None:
            happened.append("painted")

    window = Painted()
    qtbot.addWidget(window)
    FirstFrame(window, lambda: happened.append("started"))
    window.show()
    qtbot.waitUntil(lambda: "started" in happened)
    assert happened[0] == "painted"
    window.repaint()
    QApplication.processEvents()
    assert happened.count("started") == 1


def test_a_window_that_nobody_paints_is_started_all_the_same(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_frame, "MAX_FRAME_WAIT_MS", 1)
    window = QWidget()
    qtbot.addWidget(window)
    started: list[int] = []
    FirstFrame(window, lambda: started.append(1))
    qtbot.waitUntil(lambda: started == [1])


def test_the_song_is_seen_before_the_model_is_loaded(
    empty_stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[bool] = []  # for each picture of the roll, whether it has notes
    seen: list[bool] = []
    refresh = RollPicture.refresh

    def refresh_and_say(picture: RollPicture, frame: Frame, sheet: Sheet) -> None:
        refresh(picture, frame, sheet)
        drawn.append(not empty_stage.window.roll.scene.is_empty)

    monkeypatch.setattr(RollPicture, "refresh", refresh_and_say)
    empty_stage.engine.load = lambda name: seen.append(drawn[-1:] == [True])  # type: ignore[method-assign]
    empty_stage.window.start(None)
    assert empty_stage.document.song.note_count > 0
    assert seen == []
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [True]
