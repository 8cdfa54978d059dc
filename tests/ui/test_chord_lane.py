"""Stories of the chord lane: the whole window, and the models that ship."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from builders import save_as
from musicassist.app import make_engine, model_facts
from musicassist.document.journal_file import read_journal
from musicassist.midi import read_song
from musicassist.resources import resources_folder
from musicassist.score.chord_track import written_chords
from musicassist.settings import Settings
from musicassist.ui.building import Surroundings, build_window
from musicassist.ui.main_window import MainWindow
from window_doubles import Stage
from window_hands import CTRL, press

BAR, BARS = 1920, 4
DEMO = resources_folder() / "demo" / "phrase.mid"


def shown(window: MainWindow) -> list[tuple[int, str, bool]]:
    """The bar, from 0, the name, and whether it is written, of each chord."""
    return [(span.from_tick // BAR, str(span.chord), span.is_written) for span in window.roll.chord_lane.spans]


def type_chord(window: MainWindow, text: str) -> None:
    editor = window.roll.chord_lane.editor
    assert editor is not None and editor.isVisible()
    QTest.keyClick(editor.field, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(editor.field, text)
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert QApplication.focusWidget() is window.roll.chord_lane


def test_a_chord_is_typed_seen_undone_saved_and_opened_again(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    window = stage.window
    press(stage, Qt.Key.Key_K)
    type_chord(window, "Am7/G")
    assert (0, "Am7/G", True) in shown(window)
    assert window.actions_table["edit.undo"].text() == "Undo: Write chord"
    press(stage, Qt.Key.Key_Z, CTRL)
    assert not any(is_written for *_, is_written in shown(window))
    stage.document.redo()
    stage.journal.flush()
    (copy,) = (tmp_path / "recovery").glob("*.journal")
    assert [str(mark) for mark in written_chords(read_journal(copy).song)] == ["Am7/G", "(heard)"]
    save_as(stage.session, tmp_path / "chords.mid")
    stage.session.new()
    assert shown(window) == []
    window.files.read(tmp_path / "chords.mid")
    qtbot.waitUntil(lambda: (0, "Am7/G", True) in shown(window))
    assert [str(mark) for mark in written_chords(read_song(tmp_path / "chords.mid").song)] == ["Am7/G", "(heard)"]


def test_the_lane_is_hidden_and_shown_and_writing_shows_it(stage: Stage) -> None:
    lane = stage.window.roll.chord_lane
    stage.window.actions_table["view.chords"].trigger()
    assert lane.isHidden() and not stage.window.actions_table["view.chords"].isChecked()
    press(stage, Qt.Key.Key_K)
    assert lane.isVisible()
    type_chord(stage.window, "D")
    assert (0, "D", True) in shown(stage.window)
    press(stage, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is stage.window.roll.view


def test_chords_that_often_follow_are_offered_where_one_is_typed(stage: Stage, qtbot: QtBot) -> None:
    press(stage, Qt.Key.Key_K)
    editor = stage.window.roll.chord_lane.editor
    assert editor is not None
    qtbot.waitUntil(lambda: editor.list.model().rowCount() > 3)
    QTest.keyClick(editor.field, Qt.Key.Key_Down)
    likeliest = editor.field.text()
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    assert (0, likeliest, True) in shown(stage.window)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """The window with the demo, and the models that ship."""
    world = Surroundings(
        Settings(take_seed=11), lambda _settings: None, make_engine, model_facts, tmp_path / "recovery", is_silent=True
    )
    window = build_window(world)
    window.show()
    window.start(DEMO)
    yield window
    window.shut_down(keep_recovery=False)
    window.deleteLater()
    QApplication.processEvents()


def write_next_bars(window: MainWindow, *names: str) -> None:
    """Writes chords over the bars behind the song."""
    for bar, name in enumerate(names, start=BARS):
        window.roll.chord_lane.edit_at(bar * BAR)
        type_chord(window, name)


def continued(window: MainWindow, qtbot: QtBot) -> list[list[tuple[int, int]]]:
    """Start and pitch of each note of each take."""
    takes = window.session.takes
    takes.dismiss()
    window.assistant.continue_phrase()
    qtbot.waitUntil(lambda: takes.phase == "offered", timeout=60_000)
    return [list(zip(t.notes.start_tick.tolist(), t.notes.pitch.tolist(), strict=True)) for t in takes.offer]


def test_heard_chords_appear_and_other_chords_in_the_lane_give_other_notes(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: [name for _, name, _ in shown(window)] == ["D", "Bm", "G", "A"])
    window.model_status.load()
    qtbot.waitUntil(lambda: window.generator.is_ready, timeout=60_000)
    write_next_bars(window, "D", "Em7")
    first = continued(window, qtbot)
    assert continued(window, qtbot) == first  # one random number
    window.session.takes.dismiss()
    write_next_bars(window, "Bb", "Eb")
    assert [name for bar, name, _ in shown(window) if bar >= BARS] == ["Bb", "Eb"]
    assert continued(window, qtbot) != first


def test_chords_that_a_take_proposes_are_ghosts_until_it_is_kept(window: MainWindow, qtbot: QtBot) -> None:
    window.model_status.load()
    qtbot.waitUntil(lambda: window.generator.is_ready, timeout=60_000)
    lane, takes = window.roll.chord_lane, window.session.takes
    continued(window, qtbot)
    offered = takes.offer[0].chords
    assert offered and lane.proposed == offered
    assert offered[0].from_tick >= BARS * BAR
    takes.dismiss()
    assert lane.proposed == ()
    continued(window, qtbot)
    window.assistant.accept()
    assert lane.proposed == ()
    written = [(span.from_tick, str(span.chord)) for span in lane.spans if span.is_written]
    assert written == [(span.from_tick, str(span.chord)) for span in offered]
