"""The takes beside the roll and the keys that belong to them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from musicassist.errors import ConstraintError
from musicassist.ui.panel_fields import ChoiceField
from window_doubles import Stage
from window_hands import CTRL, offer_takes, press


def test_ctrl_return_offers_takes_and_keys_belong_to_them(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    assert stage.window.takes_panel.isVisible()
    assert len(stage.window.takes_panel.rows) == 4
    press(stage, Qt.Key.Key_3)
    assert stage.session.takes.auditioned == 3
    assert stage.window.roll.tool == "edit"
    press(stage, Qt.Key.Key_PageDown)
    press(stage, Qt.Key.Key_PageDown)
    assert stage.session.takes.auditioned == 1
    press(stage, Qt.Key.Key_PageUp)
    assert stage.session.takes.auditioned == 4
    playing = stage.sound.is_playing
    press(stage, Qt.Key.Key_Space)
    assert stage.sound.is_playing is not playing


def test_takes_are_brought_into_view(stage: Stage, qtbot: QtBot) -> None:
    viewport = stage.window.roll.viewport
    viewport.scroll_to(0, 0)  # the highest pitches, far above the phrase
    offer_takes(stage, qtbot)
    span = stage.session.takes.span
    assert span is not None
    assert viewport.from_tick <= span[0] and span[1] <= viewport.to_tick
    assert 0 <= viewport.pitches.to_y(66) < viewport.height_px


def test_enter_keeps_the_take_as_one_step(stage: Stage, qtbot: QtBot) -> None:
    before = stage.document.song
    offer_takes(stage, qtbot)
    press(stage, Qt.Key.Key_2)
    take = stage.session.takes.offer[1]
    press(stage, Qt.Key.Key_Return)

    assert stage.document.song.tracks[0].notes == before.tracks[0].notes.plus(take.notes)
    assert not stage.window.takes_panel.isVisible()
    press(stage, Qt.Key.Key_Z, CTRL)
    assert stage.document.song == before


def test_escape_dismisses_and_leaves_the_song(stage: Stage, qtbot: QtBot) -> None:
    before = stage.document.song
    offer_takes(stage, qtbot)
    press(stage, Qt.Key.Key_Escape)
    assert stage.session.takes.phase == "idle"
    assert stage.document.song is before
    assert not stage.window.takes_panel.isVisible()


def test_take_keys_are_heard_from_a_button_but_not_from_a_field(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    stage.window.track_list._add.setFocus()
    press(stage, Qt.Key.Key_2)
    assert stage.session.takes.auditioned == 2
    bars = stage.window.takes_panel.controls._bars
    bars.setFocus()
    bars.selectAll()
    press(stage, Qt.Key.Key_3)
    assert stage.session.takes.auditioned == 2
    assert stage.session.takes.controls.bars == 3


def test_a_refused_demand_is_said_beside_the_controls(stage: Stage, qtbot: QtBot) -> None:
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.generator.is_ready)
    stage.engine.problem = ConstraintError("No pitch of {key} lies in that range.", key="D major")
    press(stage, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: stage.window.takes_panel.controls._refusal.text() != "")
    assert stage.window.takes_panel.controls._refusal.text() == "No pitch of D major lies in that range."
    assert stage.session.takes.phase == "idle"


def choose(field: ChoiceField, words: str) -> None:
    menu = field.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == words).trigger()


def test_controls_reach_the_request(stage: Stage, qtbot: QtBot) -> None:
    controls = stage.window.takes_panel.controls
    controls._bars.setValue(2)
    controls._surprise._slider.setValue(4)
    choose(controls._scale, "off")
    choose(controls._chords, "strong beats")
    choose(controls._ending, "leads back")
    controls._seed.setText("77")
    controls._seed.editingFinished.emit()
    offer_takes(stage, qtbot)
    request = stage.engine.requests[0]
    assert (request.bars, request.surprise, request.constraints.key, request.seed) == (2, 0.5, None, 77)
    assert request.constraints.chord_strength == "strong"
    assert request.ending == "loop"
    assert controls._chords.accessibleName() == "Chords: strong beats"
    assert controls._ending.accessibleName() == "End: leads back"
    assert stage.window.preferences.now.take_bars == 2
    assert stage.window.preferences.now.take_chords == "strong"
    assert stage.window.preferences.now.take_ending == "loop"
    assert stage.window.transport_bar.continuing.controls.text().strip() == "2 bars"


def test_the_panel_says_that_a_critic_chose(stage: Stage, qtbot: QtBot) -> None:
    panel, takes = stage.window.takes_panel, stage.session.takes
    stage.engine.may_end.clear()
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.generator.is_ready)
    press(stage, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: takes.current.composed_share == 0.5)
    assert panel._choice.text() == "Composing 8, to show the best 4 ..."
    stage.engine.may_end.set()
    qtbot.waitUntil(lambda: takes.phase == "offered")
    assert panel._choice.text() == "The best 4 of 8, put in order by a critic"
    press(stage, Qt.Key.Key_Escape)
    assert panel._choice.isHidden()
    takes.set_controls(replace(takes.controls, takes=8))
    press(stage, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: takes.phase == "offered")
    assert panel._choice.text() == "Put in order by a critic"
    takes.set_controls(replace(takes.controls, candidates=1))
    press(stage, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: takes.phase == "offered" and takes.offer[0].chosen_from == 0)
    assert panel._choice.isHidden()
