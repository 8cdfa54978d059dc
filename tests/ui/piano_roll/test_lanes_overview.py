"""The overview."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from lab.window.edit_bench import wide_song
from musicassist.document.document import Document
from musicassist.document.edits import move_notes
from musicassist.score.song import Note, Notes
from musicassist.ui.piano_roll.roll import PianoRoll
from musicassist.ui.piano_roll.scene import Offer
from roll_desk import Desk, Hand, send_mouse


def test_dragging_its_window_scrolls(desk: Desk) -> None:
    desk.roll.viewport.zoom_time(4, 0)
    minimap = desk.roll.minimap
    left = minimap.window_box.left()
    Hand(minimap).drag((left + 5, 10), (left + 55, 10), (left + 105, 10))
    assert abs(minimap.window_box.left() - left - 100) <= 1


def test_a_press_beside_the_window_brings_it_there(desk: Desk) -> None:
    desk.roll.viewport.zoom_time(4, 0)
    minimap = desk.roll.minimap
    x = minimap.width() * 0.6
    Hand(minimap).click(x, 10)
    assert abs(minimap.window_box.center().x() - x) < 2


def test_a_double_click_shows_the_whole_song(desk: Desk) -> None:
    desk.roll.viewport.zoom_time(4, 0)
    left = Qt.MouseButton.LeftButton
    send_mouse(desk.roll.minimap, QEvent.Type.MouseButtonDblClick, 50, 10, left, left)
    assert desk.roll.viewport.from_tick == 0
    assert desk.roll.viewport.to_tick >= desk.document.song.end_tick


def test_it_shows_notes_and_offers(desk: Desk) -> None:
    before = desk.roll.minimap.grab().toImage()
    desk.roll.set_takes(Offer(Notes.of([Note(1920, 66, 960)]), (), 1920, 3840))
    offered = desk.roll.minimap.grab().toImage()
    assert offered != before
    desk.roll.clear_takes()
    assert desk.roll.minimap.grab().toImage() == before


def test_after_edits_here_and_there_it_looks_as_if_drawn_for_the_first_time(desk: Desk) -> None:
    document = Document(wide_song(30))
    roll = _roll_of(document)
    for track_index in (3, 4, 15, 3):
        document.select_track(track_index)
        mask = np.ones(len(document.track.notes), dtype=np.bool_)
        document.apply("Move", move_notes(document.song, track_index, mask, 0, 1))
        QApplication.processEvents()
        fresh = _roll_of(document)
        assert roll.minimap.grab().toImage() == fresh.minimap.grab().toImage()
        fresh.scene.close()
    roll.scene.close()


def _roll_of(document: Document) -> PianoRoll:
    roll = PianoRoll(document, preview=lambda _pitch, _velocity: None)
    roll.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    roll.resize(900, 500)
    roll.show()
    roll.zoom_to_song()
    QApplication.processEvents()
    return roll
