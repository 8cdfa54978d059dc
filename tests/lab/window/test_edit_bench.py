"""An edit costs the same in a song of many tracks as in one of a single track. Work is counted, no time is measured."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lab.window import edit_bench
from lab.window.edit_bench import EditStage, wide_song
from musicassist.score.song import Note, Notes
from musicassist.ui.track_row import TrackRow
from window_doubles import Stage

MANY = 400


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_bench, "SETTLED_SECONDS", 0.05)


def calls_during(work: Callable[[], object]) -> int:
    """How many functions, Python's and ours, are called."""
    count = 0

    def on_event(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(on_event)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def work_of_an_edit(stage: Stage, track_count: int) -> int:
    edits = EditStage(stage.window, wide_song(track_count))
    edits.insert()  # what is drawn once for a song is drawn
    return min(calls_during(edits.insert) for _ in range(3))


def test_an_inserted_note_is_as_much_work_among_many_tracks_as_in_one(empty_stage: Stage) -> None:
    one = work_of_an_edit(empty_stage, 1)
    assert work_of_an_edit(empty_stage, MANY) <= 1.25 * one


def test_what_a_note_at_the_end_of_the_song_costs_does_not_grow_with_its_tracks(empty_stage: Stage) -> None:
    work = []
    for track_count in (1, MANY):
        edits = EditStage(empty_stage.window, wide_song(track_count))
        edits.insert()
        document = empty_stage.document
        end_tick = document.song.end_tick

        def append(number: int, end_tick: int = end_tick) -> None:
            empty_stage.session.notes.insert(Notes.of([Note(end_tick + 240 * number, 64, 200)]))
            QApplication.processEvents()

        append(0)
        work.append(min(calls_during(lambda number=number: append(number)) for number in range(1, 4)))
    assert work[1] <= 1.25 * work[0]


def test_the_list_has_widgets_for_the_tracks_in_view_only(empty_stage: Stage, qtbot: QtBot) -> None:
    EditStage(empty_stage.window, wide_song(MANY))
    empty_stage.session.tracks.select(0)
    QApplication.processEvents()
    track_list = empty_stage.window.track_list
    assert len(track_list.findChildren(TrackRow)) <= 40
    assert [row.index for row in track_list.rows] == list(range(len(track_list.rows)))
    empty_stage.session.tracks.select(MANY - 1)
    QApplication.processEvents()
    assert track_list.rows[-1].index == MANY - 1
    assert track_list.rows[-1].name.text() == f"Part {MANY}"
    assert len(track_list.findChildren(TrackRow)) <= 40


def test_a_row_that_is_scrolled_away_hands_over_what_was_typed(empty_stage: Stage) -> None:
    EditStage(empty_stage.window, wide_song(MANY))
    empty_stage.session.tracks.select(0)
    QApplication.processEvents()
    track_list = empty_stage.window.track_list
    row = track_list.rows[1]
    row.start_renaming()
    row.editor.clear()
    row.editor.insert("Renamed")
    row.editor.setModified(True)
    track_list._area.verticalScrollBar().setValue(5000)
    QApplication.processEvents()
    assert empty_stage.document.song.tracks[1].name == "Renamed"
    assert all(shown.editor.isHidden() for shown in track_list.rows)


class _PaintCounter(QObject):
    """Counts what is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            self.painted.append(type(watched).__name__)
        return False


def test_an_edit_paints_no_row_of_a_track_that_it_leaves_alone(empty_stage: Stage) -> None:
    edits = EditStage(empty_stage.window, wide_song(MANY))
    edits.insert()
    counter = _PaintCounter()
    rows = empty_stage.window.track_list.rows
    for row in rows:
        row.installEventFilter(counter)
    edits.insert()
    assert len(counter.painted) <= 4  # the edited track's, at the edit and at its undo


def test_the_bench_has_a_row_for_each_song_and_the_ratio(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_bench, "RUNS", 2)
    monkeypatch.setattr(edit_bench, "WARM_UPS", 1)
    monkeypatch.setattr(edit_bench, "TRACK_COUNTS", (1, 20))
    rows = edit_bench.measure_edits()
    assert all(set(row) == {"metric", "model", "value", "unit", "n", "seed", "split"} for row in rows)
    assert [row["unit"] for row in rows] == ["ms"] * 4 + ["times"]
    assert all(row["value"] > 0 for row in rows)
