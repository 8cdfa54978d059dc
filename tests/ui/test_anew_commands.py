"""Other pitches, another rhythm, other velocities and other notes for what is selected, through the window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from builders import phrase
from musicassist.composing.engine import Engine
from musicassist.families.registry import FAMILIES
from musicassist.midi import ImportedSong
from musicassist.score.song import Notes, Song, Track
from musicassist.session.offers import PARTS
from tiny_models import install_tiny_model
from window_doubles import Stage, raise_stage
from window_hands import CTRL, SHIFT, press

ALT = Qt.KeyboardModifier.AltModifier
PITCHES = (60, 62, 64, 65, 67, 65, 64, 62) * 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("checkpoints")
    install_tiny_model(made, "lstm")
    return made


@pytest.fixture
def desk(folder: Path, tmp_path: Path, qtbot: QtBot) -> Iterator[Stage]:
    """Four bars of quarter notes, and a model that really composes."""
    stage = raise_stage(tmp_path, engine=Engine(folder, FAMILIES))  # type: ignore[arg-type]
    stage.window.show()
    stage.window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is stage.window)
    song = Song((Track("Melody", phrase(*PITCHES, step_ticks=480)),))
    stage.session.open(ImportedSong(song, (), 1, 16), None)
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.generator.is_ready)
    yield stage
    stage.window.shut_down(keep_recovery=False)
    stage.window.deleteLater()
    QApplication.sendPostedEvents()
    QApplication.processEvents()


def select(stage: Stage, *rows: int) -> None:
    mask = np.zeros(len(stage.document.track.notes), dtype=np.bool_)
    mask[list(rows)] = True
    stage.document.select(mask)


def ask(stage: Stage, qtbot: QtBot, key: Qt.Key) -> None:
    press(stage, key, CTRL | ALT)
    qtbot.waitUntil(lambda: stage.session.takes.phase == "offered")


def without(notes: Notes, *rows: int) -> Notes:
    return notes.where(~np.isin(np.arange(len(notes)), rows))


def test_a_model_that_composes_whole_bars_says_so_before_the_press(desk: Stage) -> None:
    select(desk, 4, 5, 6)
    takes = desk.session.takes
    action = desk.window.actions_table["assistant.other_pitches"]
    assert action.isEnabled()
    takes.set_controls(replace(takes.controls, models={"infill": "ensemble", PARTS: "ensemble"}))
    desk.window.actions_table.refresh()
    assert not action.isEnabled() and "composes whole bars of all parts" in action.toolTip()
    takes.set_controls(replace(takes.controls, models={"infill": "lstm", PARTS: "ensemble"}))
    desk.window.actions_table.refresh()
    assert action.isEnabled()


def test_other_pitches_are_heard_kept_as_one_step_and_leave_everything_else(desk: Stage, qtbot: QtBot) -> None:
    before = desk.document.track.notes
    select(desk, 4, 5, 6)
    ask(desk, qtbot, Qt.Key.Key_P)
    takes = desk.session.takes.offer
    assert len(takes) > 1 and desk.sound.heard == takes[0].notes
    for take in takes:
        assert without(take.notes, 0, 1, 2) == before.where(np.arange(16) == 7)
        assert take.notes.start_tick.tolist() == before.start_tick[4:8].tolist()
    shown = desk.window.roll.scene.offer
    assert shown is not None and len(shown.stay) >= 1  # what no take changes is seen as it is
    assert not shown.chosen.among(shown.stay).any()
    press(desk, Qt.Key.Key_2)
    press(desk, Qt.Key.Key_Return)
    after = desk.document.track.notes
    assert desk.document.undo_name == "Other pitches"
    assert without(after, 4, 5, 6) == without(before, 4, 5, 6) and after != before
    assert after.start_tick.tolist() == before.start_tick.tolist()
    assert desk.document.selection.sum() <= 3
    desk.document.undo()
    assert desk.document.track.notes == before


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (Qt.Key.Key_R, "Another rhythm"),
        (Qt.Key.Key_V, "Other velocities"),
        (Qt.Key.Key_N, "Other notes here"),
    ],
)
def test_each_way_is_one_step_with_its_own_name(desk: Stage, qtbot: QtBot, key: Qt.Key, name: str) -> None:
    before = desk.document.track.notes
    select(desk, 8, 9, 10, 11)
    ask(desk, qtbot, key)
    press(desk, Qt.Key.Key_Return)
    after = desk.document.track.notes
    assert desk.document.undo_name == name
    outside = before.where(~np.isin(np.arange(16), [8, 9, 10, 11]))
    assert not set(outside) - set(after)
    if name != "Other notes here":
        assert sorted(after.pitch.tolist()) == sorted(before.pitch.tolist())
    if name == "Other velocities":
        assert after.start_tick.tolist() == before.start_tick.tolist()


def test_pinned_notes_among_the_selected_ones_stay_and_what_is_all_pinned_says_why_not(
    desk: Stage, qtbot: QtBot
) -> None:
    action = desk.window.actions_table["assistant.other_pitches"]
    assert not action.isEnabled() and "Select some notes first." in action.toolTip()
    select(desk, 5)
    press(desk, Qt.Key.Key_P, SHIFT)
    assert not action.isEnabled() and "pinned" in action.toolTip()
    select(desk, 4, 5, 6)
    assert action.isEnabled()
    ask(desk, qtbot, Qt.Key.Key_P)
    kept = desk.document.track.notes.where(np.arange(16) == 5)
    assert all(kept[0] in list(take.notes) for take in desk.session.takes.offer)
    press(desk, Qt.Key.Key_Escape)
    press(desk, Qt.Key.Key_I, CTRL)  # so do they where whole bars are filled
    qtbot.waitUntil(lambda: desk.session.takes.phase == "offered")
    assert all(kept[0] in list(take.notes) for take in desk.session.takes.offer)
    press(desk, Qt.Key.Key_Return)
    assert kept[0] in list(desk.document.track.notes)
