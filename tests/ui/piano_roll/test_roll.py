"""The composite: what the window asks of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QImage, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication, QScrollBar, QWidget

from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Key
from musicassist.ui.piano_roll.scene import Offer
from roll_desk import PHRASE, Desk, Hand


class DrawnPlaces(QObject):
    """Collects where a widget is drawn anew."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.region = QRegion()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.region = self.region.united(event.region())
        return False


def pixels(image: QImage) -> np.ndarray:
    rgb = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(rgb.constBits(), np.uint32).reshape(rgb.height(), -1).copy()


def test_the_keys_go_to_the_paper_wherever_the_mouse_was(desk: Desk) -> None:
    assert desk.roll.focusProxy() is desk.roll.view
    for part in (desk.roll.keys, desk.roll.ruler, desk.roll.velocity_lane, desk.roll.minimap):
        assert part.focusProxy() is desk.roll.view


def test_the_grid_can_be_straight_triplet_or_none(desk: Desk) -> None:
    desk.roll.set_grid(240)
    assert desk.roll.scene.grid.step_ticks == 240
    desk.roll.set_grid(160)
    assert desk.roll.scene.grid.step_ticks == 160
    desk.roll.set_grid(None)
    assert desk.roll.scene.grid.step_ticks is None
    desk.hand().drag(desk.place(600, 64), desk.place(640, 64))
    assert desk.notes[1].start_tick == 520


def test_triplets_are_drawn_and_snapped_to(desk: Desk) -> None:
    desk.roll.set_grid(160)
    desk.hand().drag(desk.place(600, 64), desk.place(770, 64))
    assert desk.notes[1].start_tick == 640


def test_zooming_keeps_the_playhead_in_place(desk: Desk) -> None:
    desk.roll.set_playhead_tick(3000)
    x, before = desk.place(3000, 60)[0], desk.roll.viewport.ticks.pixels_per_tick
    desk.roll.zoom_in()
    assert desk.roll.viewport.ticks.pixels_per_tick > before
    assert desk.place(3000, 60)[0] == pytest.approx(x, abs=1)
    desk.roll.zoom_out()
    assert desk.roll.viewport.ticks.pixels_per_tick == pytest.approx(before)


def test_zooming_to_the_selection_or_to_everything(desk: Desk) -> None:
    desk.choose(1, 2)
    desk.roll.zoom_to_selection()
    assert desk.roll.viewport.from_tick <= 480
    assert 1440 <= desk.roll.viewport.to_tick < 3000
    desk.choose()
    desk.roll.zoom_to_selection()
    assert desk.roll.viewport.from_tick == 0
    assert desk.roll.viewport.to_tick >= 1920


def test_the_page_turns_with_the_playhead_only_when_asked(desk: Desk) -> None:
    desk.roll.viewport.zoom_time(4, 0)
    far = int(desk.roll.viewport.to_tick) + 100
    desk.roll.set_playhead_tick(far)
    assert desk.roll.viewport.from_tick == 0
    desk.roll.set_playing(playing=True)
    desk.roll.set_follow(enabled=False)
    desk.roll.set_playhead_tick(far + 1)
    assert desk.roll.viewport.from_tick == 0
    desk.roll.set_follow(enabled=True)
    desk.roll.set_playhead_tick(far + 2)
    assert desk.roll.viewport.from_tick > 0
    assert 0 <= desk.place(far, 60)[0] < desk.roll.view.width() / 4
    desk.roll.set_playhead_tick(0)
    assert desk.roll.viewport.from_tick == 0


def test_the_page_turns_beyond_the_end_of_the_song_and_back_when_nothing_came_of_it(desk: Desk) -> None:
    desk.roll.set_playing(playing=True)
    end = desk.roll.viewport.end_tick
    for tick in range(0, 4 * end, 240):
        desk.roll.set_playhead_tick(tick)
        assert 0 <= desk.place(tick, 60)[0] < desk.roll.view.width()
    desk.roll.set_recorded(Notes.of([Note(3 * end, 60, 480)]))
    assert 0 <= desk.place(4 * end - 240, 60)[0] < desk.roll.view.width()
    desk.roll.set_playing(playing=False)
    assert desk.roll.viewport.end_tick == end


def test_the_page_does_not_turn_under_a_drag(desk: Desk) -> None:
    desk.roll.viewport.zoom_time(4, 0)
    desk.roll.set_playing(playing=True)
    desk.hand().press(*desk.place(600, 64))
    desk.roll.set_playhead_tick(int(desk.roll.viewport.to_tick) + 100)
    assert desk.roll.viewport.from_tick == 0


def test_notes_stream_in_one_by_one(desk: Desk) -> None:
    desk.roll.set_takes(Offer(Notes.of(), (), 1920, 3840))
    desk.roll.append_ghost(Note(1920, 66, 480))
    desk.roll.append_ghost(Note(2400, 67, 480))
    desk.roll.append_ghost(Note(1920, 70, 480), is_chosen=False)
    offer = desk.roll.scene.offer
    assert [note.pitch for note in offer.chosen] == [66, 67]
    assert [note.pitch for note in offer.others[0]] == [70]
    desk.roll.clear_takes()
    assert desk.roll.scene.offer is None
    assert desk.notes == list(PHRASE)


@pytest.mark.parametrize("part", ["view", "minimap", "ruler"])
def test_a_ghost_is_drawn_in_its_own_place_alone_and_that_is_enough(desk: Desk, part: str) -> None:
    widget: QWidget = getattr(desk.roll, part)
    desk.roll.set_takes(Offer(Notes.of([Note(1920, 64, 480)]), (), 1920, 3840))
    QApplication.processEvents()
    before, drawn = widget.grab().toImage(), DrawnPlaces(widget)
    desk.roll.append_ghost(Note(2400, 67, 480))
    QApplication.processEvents()
    region = drawn.region
    changed = np.argwhere(pixels(before) != pixels(widget.grab().toImage()))
    assert all(region.contains(QPoint(int(x), int(y))) for y, x in changed)
    assert (len(changed) > 0) == (part != "ruler")
    assert region.boundingRect().width() < widget.width() / 4


def test_another_song_is_shown_from_its_first_notes(desk: Desk) -> None:
    high = Notes.of([Note(19_200, 100, 480), Note(19_680, 102, 480)])
    desk.document.replace_song(Song(tracks=(Track(), Track(notes=high))), None)
    assert 0 <= desk.place(19_200, 100)[0] < desk.roll.view.width()
    assert 0 < desk.place(0, 101)[1] < desk.roll.view.height()
    assert desk.roll.edit_cursor_tick == 0


def test_a_song_with_another_division_keeps_the_zoom_in_beats(desk: Desk) -> None:
    beat_px = desk.roll.viewport.ticks.pixels_per_tick * 480
    desk.document.replace_song(Song(tracks=(Track(notes=Notes.of([Note(0, 60, 96)])),), ticks_per_beat=96), None)
    assert desk.roll.viewport.ticks.pixels_per_tick * 96 == pytest.approx(beat_px)
    assert desk.roll.scene.new_note.duration_ticks == 48


def test_another_track_can_be_written_in(desk: Desk) -> None:
    desk.document.select_track(1)
    desk.hand().click(*desk.place(900, 48))
    assert desk.chosen == [Note(0, 48, 1920, 90)]


def test_lanes_fold_away(desk: Desk) -> None:
    desk.roll.set_velocity_lane_visible(visible=False)
    assert not desk.roll.velocity_lane.isVisible()
    desk.roll.set_velocity_lane_visible(visible=True)
    assert desk.roll.velocity_lane.isVisible()


def test_revealing_a_place_turns_the_page(desk: Desk) -> None:
    desk.roll.viewport.zoom_time(4, 0)
    desk.roll.reveal_tick(10_000)
    assert 0 <= desk.place(10_000, 60)[0] < desk.roll.view.width()


def test_it_stops_listening_when_it_is_told_to(desk: Desk) -> None:
    desk.roll.scene.close()
    desk.roll.scene.close()
    desk.document.select_track(1)


def test_resizing_keeps_the_middle_pitch(desk: Desk) -> None:
    before = desk.roll.viewport.pitches.to_pitch(desk.roll.view.height() / 2)
    desk.roll.resize(1000, 400)
    assert abs(desk.roll.viewport.pitches.to_pitch(desk.roll.view.height() / 2) - before) <= 1


def test_holding_the_mouse_outside_scrolls_on(desk: Desk) -> None:
    desk.roll.viewport.zoom_time(4, 0)
    hand = desk.hand()
    hand.press(*desk.place(600, 64))
    x, y = desk.roll.view.width() + 40, desk.place(600, 64)[1]
    hand.move(x, y)
    before = desk.roll.viewport.ticks.scroll_px
    desk.roll.view.mouse.scroll_on()
    assert desk.roll.viewport.ticks.scroll_px > before
    hand.release(x, y)
    assert desk.notes[1].start_tick > 480 or desk.notes[-1].start_tick > 1440


def test_flat_keys_name_their_notes_with_flats(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(Note(0, 61, 1920))
    desk.roll.set_key(Key(0, "major"))
    sharp = desk.picture()
    desk.roll.set_key(Key(1, "major"))
    x, y = desk.place(0, 61)
    box = (round(x), round(y) - 6, 40, 12)
    assert desk.picture().copy(*box) != sharp.copy(*box)


def test_the_scroll_bar_moves_the_rows(desk: Desk) -> None:
    bar = desk.roll.findChild(QScrollBar)
    bar.setValue(0)
    assert desk.roll.viewport.pitches.scroll_px == 0
    Hand(desk.roll.view).wheel(10, 10, 0, -240)
    assert bar.value() == desk.roll.viewport.pitches.scroll_px
    assert bar.orientation() == Qt.Orientation.Vertical
