"""The window on its stage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from builders import phrase
from musicassist.midi import ImportedSong
from musicassist.score.song import KeyChange, Song, Track
from musicassist.score.timing import MeterChange, tempo_change
from window_doubles import Stage, raise_stage


def phrase_song() -> Song:
    """A bar of quarter notes in D major with a bass, at 112 beats a minute."""
    tracks = (
        Track("Melody", phrase(62, 66, 69, 71, step_ticks=480), 0, 73),
        Track("Bass", phrase(38, 45, step_ticks=960), 1, 32),
    )
    return Song(
        tracks=tracks,
        tempo_changes=(tempo_change(0, 112),),
        meter_changes=(MeterChange(0, 4, 4),),
        key_changes=(KeyChange(0, 2),),
    )


@pytest.fixture
def empty_stage(qtbot: QtBot, tmp_path: Path) -> Iterator[Stage]:
    """The window with an empty song, shown and active."""
    stage = raise_stage(tmp_path / "recovery")
    window = stage.window
    window.resize(1280, 720)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    window.roll.setFocus()
    yield stage
    QApplication.clipboard().clear()  # it would be pasted in the next story
    window.shut_down(keep_recovery=False)
    assert window.is_over
    window.deleteLater()
    QApplication.sendPostedEvents()
    QApplication.processEvents()


@pytest.fixture
def stage(empty_stage: Stage) -> Stage:
    """The window with a phrase."""
    empty_stage.session.open(ImportedSong(phrase_song(), (), 1, 6), None)
    return empty_stage
