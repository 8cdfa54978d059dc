"""A take as a row."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicassist.composing.originality import Evidence, SharedRun
from musicassist.ui.takes_panel import ROW_PX, TakeFace, TakeRow, take_faces
from window_doubles import Stage
from window_hands import offer_takes


def test_a_click_on_a_row_hears_it_and_the_button_keeps_it(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    panel = stage.window.takes_panel
    QTest.mouseClick(panel.rows[2], Qt.MouseButton.LeftButton)
    assert stage.session.takes.auditioned == 3
    assert (panel._keep.text(), panel._keep.accessibleName()) == ("Keep 3", "Keep take 3")
    QTest.mouseClick(panel._keep, Qt.MouseButton.LeftButton)
    assert stage.session.takes.phase == "idle"
    assert len(stage.document.track.notes) == 20


def test_the_words_of_a_plan_are_whole_however_narrow_the_row_is(qtbot: QtBot) -> None:
    row = TakeRow(TakeFace(number=1))
    qtbot.addWidget(row)
    row.show()
    row.resize(600, ROW_PX)
    row.show_face(TakeFace(plan="answers bars 1-4, a third higher, closes"))
    one_line_px = row.height()
    assert one_line_px > ROW_PX
    row.resize(150, row.height())
    assert row.height() > one_line_px + 8
    row.show_face(TakeFace())
    assert row.height() == ROW_PX


def test_a_row_says_what_the_take_shares_with_the_training_music(stage: Stage, qtbot: QtBot) -> None:
    run = SharedRun("Danny <b>Boy", "Nobody", "made", 5, 6, from_note=2, notes=7, aligned_notes=9)
    stage.engine.evidence = Evidence(30, 7, 9, (run,), pieces=3)
    offer_takes(stage, qtbot)
    panel = stage.window.takes_panel
    panel.show_takes(take_faces(stage.session.takes, 1, None), auditioned=1)
    assert "shares 7 notes with “Danny <b>Boy” (Nobody) (usual: up to 9)" in panel._facts.text()
    tip = panel.rows[0].toolTip()
    assert "7 notes, “Danny &lt;b&gt;Boy” (Nobody), bars 5-6, and in 2 more" in tip
    assert "95 % of human pieces share up to 9" in tip
    assert "% new" not in panel._facts.text() + tip


def test_without_an_index_a_row_says_how_much_is_no_copy_of_the_phrase(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    assert "100 % new" in stage.window.takes_panel.rows[0].toolTip()
    assert "training" not in stage.window.takes_panel.rows[0].toolTip()
