"""A project is shown as it was left."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from musicassist.document.entry import Entry
from musicassist.document.pages import Page
from musicassist.document.project_file import begin_project
from musicassist.score.grid import Grid
from musicassist.ui.view_keeping import PAGE
from window_doubles import Stage, raise_stage


def project_of(stage: Stage, path: Path, *pages: Page) -> None:
    begin_project(path, Entry(stage.document.song, None, 0, pages=dict.fromkeys([PAGE] * len(pages), *pages))).close()


def opened(stage: Stage, qtbot: QtBot, path: Path) -> None:
    stage.window.show()
    stage.window.files.open_path(path)
    qtbot.waitUntil(lambda: stage.document.path == path)


def test_zoom_place_and_grid_come_back(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "song.musicassist"
    project_of(stage, path)
    opened(stage, qtbot, path)
    viewport = stage.window.roll.viewport
    viewport.zoom_time(3.0, 0)
    viewport.zoom_pitch(1.5, 0)
    viewport.scroll_by(200, 70)
    stage.session.notes.set_grid(Grid(8, is_triplet=True, is_snapping=False))
    seen = viewport.ticks, viewport.pitches
    stage.window.close()
    again = raise_stage(tmp_path / "other")
    again.window.resize(stage.window.size())
    opened(again, qtbot, path)
    viewport = again.window.roll.viewport
    assert viewport.ticks.pixels_per_tick == pytest.approx(seen[0].pixels_per_tick, rel=1e-3)
    assert viewport.ticks.scroll_px == pytest.approx(seen[0].scroll_px, abs=2)
    assert viewport.pitches.row_px == seen[1].row_px
    assert viewport.pitches.scroll_px == pytest.approx(seen[1].scroll_px, abs=2)
    assert again.session.notes.grid == Grid(8, is_triplet=True, is_snapping=False)
    assert again.document.undo_name is None
    again.window.shut_down(keep_recovery=False)


@pytest.mark.parametrize(
    "page",
    [Page("no json"), Page.of([]), Page.of({"beat_px": "wide"}), Page.of({"beat_px": 10.0, "division": 7})],
)
def test_a_page_of_a_stranger_is_passed_over(stage: Stage, qtbot: QtBot, tmp_path: Path, page: Page) -> None:
    path = tmp_path / "song.musicassist"
    project_of(stage, path, page)
    opened(stage, qtbot, path)
    assert stage.session.notes.grid == Grid()


def test_without_a_project_nothing_is_kept(stage: Stage) -> None:
    stage.window.roll.viewport.zoom_time(3.0, 0)
    stage.window.view_keeping.keep()
    assert PAGE not in stage.document.pages
