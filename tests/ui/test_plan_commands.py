"""A take says its plan; a click or keys change it bar by bar, and composing again keeps what was changed."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicassist.composing.take_plan import Intent
from window_doubles import Stage
from window_hands import CTRL, SHIFT, offer_takes, press


def test_each_take_says_its_plan_beside_its_contour_and_to_a_screen_reader(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    rows = stage.window.takes_panel.rows
    assert all(row.face.plan for row in rows)
    assert len({row.face.plan.split(",")[0] for row in rows}) >= 2
    assert all(row.face.plan in row.accessibleName() for row in rows)


def test_keys_choose_a_bar_and_change_it(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    takes = stage.session.takes
    plan = takes.current.plan
    assert plan is not None
    press(stage, Qt.Key.Key_O)
    press(stage, Qt.Key.Key_O)
    assert takes.planned_row == 1 % len(plan.bars)
    press(stage, Qt.Key.Key_P)
    changed = takes.current.plan
    assert changed is not None
    assert [one != other for one, other in zip(plan.bars, changed.bars, strict=True)].count(True) == 1
    scene = stage.window.roll.scene
    assert scene.offer is not None
    assert [own.is_chosen for own in scene.offer.brackets].index(True) == takes.planned_row


def test_a_clicked_bracket_changes_its_bar_and_composing_again_keeps_the_plan(stage: Stage, qtbot: QtBot) -> None:
    before = stage.document.song
    offer_takes(stage, qtbot)
    takes, view = stage.session.takes, stage.window.roll.view
    scene = stage.window.roll.scene
    assert scene.offer is not None
    x = round(view.frame.ticks.to_x((scene.offer.brackets[0].from_tick + scene.offer.brackets[0].to_tick) / 2))
    old = takes.current.plan
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(x, 6))
    changed = takes.current.plan
    assert changed is not None and old is not None
    assert changed == old.changed(0)
    assert stage.document.song is before  # no note was drawn

    press(stage, Qt.Key.Key_Return, CTRL | SHIFT)
    qtbot.waitUntil(lambda: takes.phase == "offered")
    assert {take.plan.bars for take in takes.offer if take.plan is not None} == {changed.bars}
    press(stage, Qt.Key.Key_Return)
    assert stage.document.song != before
    press(stage, Qt.Key.Key_Z, CTRL)
    assert stage.document.song == before
    assert takes.current.plan is not None and takes.current.plan.bars == changed.bars  # they are on offer again


def test_the_panel_asks_for_one_idea(stage: Stage, qtbot: QtBot) -> None:
    field = stage.window.takes_panel.controls._plan
    field.show_choice("contrast")
    field.chosen.emit()
    assert stage.session.takes.controls.intent == "contrast"
    offer_takes(stage, qtbot)
    takes = stage.session.takes.offer
    assert {take.plan.intent for take in takes if take.plan is not None} == {Intent.CONTRAST}
