"""Versions by keys: named, shown as a tree, gone to, heard at the same bar, marked in the roll, and merged."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLineEdit

from musicassist.ui.versions_panel import VersionPopover
from window_doubles import Stage
from window_hands import CTRL, NONE, pitches, press

ALT = Qt.KeyboardModifier.AltModifier
D_MAJOR = [62, 66, 69, 71]


def name(stage: Stage, title: str) -> None:
    press(stage, Qt.Key.Key_K, CTRL | ALT)
    (popover,) = [w for w in stage.window.findChildren(VersionPopover) if w.isVisible()]
    popover.name.setText(title)
    popover.button.click()
    stage.window.activateWindow()  # as a window manager does
    QApplication.processEvents()
    stage.window.roll.view.setFocus()


def transpose(stage: Stage, semitones: int) -> None:
    stage.session.notes.select_all()
    stage.session.notes.transpose(semitones)
    stage.session.notes.select_none()


def rows(stage: Stage) -> list[str]:
    model = stage.window.versions_panel.list.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_a_named_version_is_gone_to_and_undo_takes_one_back(stage: Stage) -> None:
    name(stage, "Verse")
    assert "“Verse” is kept." in stage.window.strip.message.replace("\u2068", "").replace("\u2069", "")
    transpose(stage, 5)
    press(stage, Qt.Key.Key_5, CTRL)
    panel = stage.window.versions_panel
    assert panel.isVisible() and rows(stage) == ["Verse \N{MIDDLE DOT} the song came from here"]
    press(stage, Qt.Key.Key_Return)
    assert pitches(stage) == D_MAJOR and len(rows(stage)) == 2
    assert rows(stage)[1].startswith("    without a name, ")
    press(stage, Qt.Key.Key_Escape)
    assert panel.isHidden() and QApplication.focusWidget() is stage.window.roll.view
    press(stage, Qt.Key.Key_Z, CTRL)
    assert pitches(stage) == [67, 71, 74, 76]


def test_one_key_toggles_which_sounds_and_the_place_stays(stage: Stage) -> None:
    name(stage, "Verse")
    verse = stage.document.song
    transpose(stage, 5)
    stage.session.transport.play()
    stage.sound.position = 500
    press(stage, Qt.Key.Key_B, ALT)
    assert stage.sound.song == verse and stage.session.transport.is_playing
    assert "You hear" in stage.window.strip.message
    press(stage, Qt.Key.Key_B, ALT)
    assert stage.sound.song == stage.document.song and stage.session.transport.position_tick() == 500


def test_what_differs_is_marked_in_the_roll(stage: Stage) -> None:
    name(stage, "Verse")
    stage.document.select(stage.document.track.notes.start_tick == 0)
    stage.session.notes.transpose(2)
    action, scene = stage.window.actions_table["edit.see_version"], stage.window.roll.scene
    before = stage.window.roll.view.grab().toImage()
    action.trigger()
    assert (scene.gone.pitch.tolist(), scene.new.pitch.tolist()) == ([62], [64]) and action.isChecked()
    after = stage.window.roll.view.grab().toImage()
    warning = QColor(scene.theme.warning)
    places = [(x, y) for x in range(after.width()) for y in range(after.height()) if after.pixelColor(x, y) == warning]
    assert places and all(before.pixelColor(x, y) != warning for x, y in places)
    transpose(stage, 1)
    assert len(scene.new) == 4  # it follows the edits
    action.trigger()
    assert len(scene.new) == 0


def test_other_tracks_that_differ_are_named(stage: Stage) -> None:
    name(stage, "Verse")
    stage.document.select_track(1)
    transpose(stage, 2)
    stage.document.select_track(0)
    see = stage.window.actions_table["edit.see_version"]
    see.trigger()
    assert said(stage) == "Against “Verse”: this track has the same notes. Other tracks that differ: Bass."
    transpose(stage, 1)
    see.trigger()
    see.trigger()
    assert said(stage) == (
        "Against “Verse”: notes that are new or changed: 4; that were there before: 4. Other tracks that differ: Bass."
    )
    stage.document.undo()
    stage.document.undo()
    see.trigger()
    see.trigger()
    assert said(stage) == "Against “Verse”: all tracks have the same notes."


def said(stage: Stage) -> str:
    """The last message, without the marks around names."""
    return stage.window.strip.message.replace("\u2068", "").replace("\u2069", "")


def test_bars_of_a_version_lie_in_the_lanes_and_are_kept(stage: Stage) -> None:
    name(stage, "Verse")
    transpose(stage, 5)
    stage.window.actions_table["edit.offer_version"].trigger()
    assert stage.session.takes.phase == "offered" and len(stage.session.takes.offer) == 2
    assert stage.window.roll.take_lanes.isVisible()
    press(stage, Qt.Key.Key_Return)
    assert pitches(stage) == D_MAJOR


def test_it_is_renamed_and_thrown_away(stage: Stage) -> None:
    name(stage, "Verse")
    stage.window.actions_table["edit.rename_version"].trigger()
    field = next(w for w in stage.window.findChildren(QLineEdit) if w.accessibleName() == "Name of the version")
    field.setText("Chorus")
    (popover,) = [w for w in stage.window.findChildren(VersionPopover) if w.isVisible()]
    popover.button.click()
    stage.window.activateWindow()
    QApplication.processEvents()
    stage.window.roll.view.setFocus()
    assert [own.title for own in stage.session.versions.all] == ["Chorus"]
    press(stage, Qt.Key.Key_5, CTRL)
    press(stage, Qt.Key.Key_Delete, NONE)
    assert stage.session.versions.all == () and rows(stage) == []


def test_without_a_version_it_says_why_not(stage: Stage) -> None:
    for command in ("go_to_version", "hear_version", "see_version", "offer_version", "rename_version"):
        action = stage.window.actions_table[f"edit.{command}"]
        assert not action.isEnabled() and "Name a version first." in action.toolTip()
