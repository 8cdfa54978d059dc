"""Rules of takes as one sets them: in fields, on the keys, by presets; what clashes is said where it stands."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from musicassist.composing.request import Constraints
from musicassist.score.chord_track import ChordMark, with_written_chords
from musicassist.score.theory import parse_chord
from musicassist.session.presets import Presets
from musicassist.ui.panel_fields import ChoiceField
from window_doubles import Stage
from window_hands import offer_takes

RIGHT = Qt.MouseButton.RightButton


def choose(field: ChoiceField, words: str) -> None:
    menu = field.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == words).trigger()


def test_every_rule_reaches_the_request(stage: Stage, qtbot: QtBot) -> None:
    controls = stage.window.takes_panel.controls
    rules = controls._rules
    controls._range.setText("c4:C6")
    controls._range.editingFinished.emit()
    rules._density.setValue(2.5)
    rules._leap.setValue(5)
    rules._polyphony.setValue(1)
    choose(rules._rhythm, "kept")
    rules._only_new.click()
    rules._new_to_training.click()
    choose(rules._style, "folk")
    controls._closer._slider.setValue(-8)
    offer_takes(stage, qtbot)
    asked = stage.engine.requests[0]
    wanted = asked.constraints
    assert (wanted.lowest_pitch, wanted.highest_pitch, wanted.density, wanted.largest_leap) == (60, 84, 2.5, 5)
    assert (wanted.polyphony, wanted.rhythm, wanted.only_new, wanted.new_to_training) == (1, "kept", True, True)
    assert (asked.style, asked.closeness, asked.surprise) == ("folk", -1.0, 0.0)
    assert controls._more_rules.text() == "More rules · 7 set"
    assert controls._range.text() == "C4:C6"
    assert stage.window.preferences.now.take_closeness == -1.0


def test_a_drag_over_the_keys_is_the_range_and_a_click_lets_go_of_it(stage: Stage, qtbot: QtBot) -> None:
    keys, controls = stage.window.roll.keys, stage.session.takes
    pitches = stage.window.roll.viewport.pitches
    low, high = (QPoint(10, round(pitches.to_y(pitch) + pitches.row_px / 2)) for pitch in (62, 69))
    QTest.mousePress(keys, RIGHT, pos=low)
    QTest.mouseMove(keys, high)
    qtbot.waitUntil(lambda: controls.controls.constraints.highest_pitch == 69)
    QTest.mouseRelease(keys, RIGHT, pos=high)
    assert controls.controls.constraints.lowest_pitch == 62
    assert stage.window.takes_panel.controls._range.text() == "D4:A4"
    assert keys._range == (62, 69)
    QTest.mouseClick(keys, RIGHT, pos=low)
    assert controls.controls.constraints == Constraints()
    assert keys._range is None
    assert stage.window.takes_panel.controls._range.text() == ""


def test_rules_that_clash_are_named_beside_the_field_before_anything_is_composed(stage: Stage, qtbot: QtBot) -> None:
    song = stage.document.song
    stage.document.apply("Chord", with_written_chords(song, [ChordMark(0, parse_chord("Em"))]))
    panel, takes = stage.window.takes_panel.controls, stage.session.takes
    choose(panel._chords, "always")
    panel.choose_range((60, 62))
    words = "Range C4:D4 holds no tone of the chord Em: widen the range or set chords to heard."
    assert panel._refusal.text() == words
    column = panel._column
    assert column.indexOf(panel._refusal) == column.indexOf(panel._places["range"]) + 1
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.generator.is_ready)
    stage.window.actions_table["assistant.continue_phrase"].trigger()
    assert (takes.phase, stage.engine.requests, panel._refusal.text()) == ("idle", [], words)
    choose(panel._chords, "heard")
    assert panel._refusal.isHidden()
    panel._rules._density.setValue(0.5)
    choose(panel._rules._rhythm, "kept")
    assert "density" in panel._refusal.text().lower()
    assert panel._rules.column.indexOf(panel._refusal) == panel._rules.column.indexOf(panel._rules.rows["density"]) + 1
    assert not panel._rules.isHidden()


def test_what_is_no_range_is_said_and_changes_nothing(stage: Stage, qtbot: QtBot) -> None:
    panel = stage.window.takes_panel.controls
    panel._range.setText("C6:C4")
    panel._range.editingFinished.emit()
    assert panel._refusal.text() == "Write a range as C4:C6, the lower note first."
    assert stage.session.takes.controls.constraints == Constraints()


def test_rules_are_kept_under_a_name_with_the_song_and_come_back(stage: Stage, qtbot: QtBot) -> None:
    panel, takes = stage.window.takes_panel.controls, stage.session.takes
    stage.window.assistant.display.set_panel_visible(visible=True)
    panel._rules._leap.setValue(4)
    menu = panel.presets.menu.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == "Save rules as ...").trigger()
    QTest.keyClicks(panel.presets._name, "Narrow & calm")
    QTest.keyClick(panel.presets._name, Qt.Key.Key_Return)
    assert panel.presets._name.isHidden()
    assert list(Presets(stage.document).all()) == ["Narrow & calm"]

    panel._rules._leap.setValue(0)
    menu.aboutToShow.emit()
    menu.actions()[0].trigger()
    assert takes.controls.constraints.largest_leap == 4
    assert panel._rules._leap.value() == 4

    menu.aboutToShow.emit()
    gone = next(action.menu() for action in menu.actions() if action.text() == "Delete")
    assert isinstance(gone, QMenu)
    gone.actions()[0].trigger()
    assert Presets(stage.document).all() == {}
