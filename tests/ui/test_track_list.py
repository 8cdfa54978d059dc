"""The tracks on the left."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from window_doubles import Stage


def test_a_track_is_chosen_renamed_and_muted_in_the_list(stage: Stage) -> None:
    rows = stage.window.track_list.rows
    QTest.mouseClick(rows[1], Qt.MouseButton.LeftButton, pos=QPoint(60, 30))
    assert stage.document.selected_track == 1
    rows[1].start_renaming()
    QTest.keyClicks(rows[1].editor, "Low")
    QTest.keyClick(rows[1].editor, Qt.Key.Key_Return)
    assert stage.document.song.tracks[1].name.endswith("Low")
    rows[1].mute.click()
    assert stage.document.song.tracks[1].muted


def test_the_tracks_unfold_to_be_renamed(stage: Stage) -> None:
    stage.window.actions_table.run("view.tracks_panel")
    stage.window.actions_table.run("view.rename_track")
    assert stage.window.track_list.isVisible()
    assert stage.window.actions_table["view.tracks_panel"].isChecked()
