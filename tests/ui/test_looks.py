"""The window fits small screens, shows where the keyboard is, and stays as it was when its colours change."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from lab.window.edit_bench import wide_song
from musicassist.midi import ImportedSong
from musicassist.score.song import Notes, Song, Track
from musicassist.ui.piano_roll.scene import COLORS, backdrop_of
from musicassist.ui.theme import TRACK_HUES
from musicassist.ui.viewing import first_size
from window_doubles import Stage

AT_144_DPI = QSize(853, 480)  # what a screen of 1280 x 720 pixels has room for at 144 dots an inch


def offer_takes(stage: Stage, qtbot: QtBot) -> None:
    stage.window.generator.load("lstm")
    stage.window.actions_table.run("assistant.continue_phrase")
    qtbot.waitUntil(lambda: stage.session.takes.phase == "offered", timeout=5000)
    QApplication.processEvents()


@pytest.mark.parametrize("room", [QSize(1280, 720), QSize(1024, 600), AT_144_DPI, QSize(1366, 768), QSize(3840, 2160)])
def test_the_first_window_fits_the_screen_with_its_title(room: QSize) -> None:
    size = first_size(room)
    assert size.width() <= room.width()
    assert size.height() <= room.height() - 30
    assert size.width() * size.height() >= 0.8 * min(room.width(), 1280) * min(room.height(), 720)


def test_with_takes_and_notices_it_can_be_as_small_as_a_screen_at_144_dpi(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    window = stage.window
    window.desk.say("A message that is rather long, as messages of the assistant may well be at times, or longer")
    window.resize(AT_144_DPI.width(), AT_144_DPI.height() - 40)
    QApplication.processEvents()
    assert (window.width(), window.height()) == (AT_144_DPI.width(), AT_144_DPI.height() - 40)
    for part in (window.transport_bar.continuing.button, window.transport_bar.position, window.takes_panel._keep):
        assert part.isVisible()
        corner = part.mapTo(window, part.rect().bottomRight())
        assert corner.x() < window.width() and corner.y() < window.height()


@pytest.mark.parametrize("width_px", [740, 800, 853, 1024, 1100, 1280, 1600])
def test_no_part_of_the_bar_lies_on_another_or_outside(stage: Stage, width_px: int) -> None:
    stage.window.resize(width_px, 600)
    QApplication.processEvents()
    bar = stage.window.transport_bar
    shown = [part for part in bar._parts if part.isVisible()]
    assert shown[-1].geometry().right() <= bar.width()
    for left, right in pairwise(shown):
        assert left.geometry().right() < right.geometry().left() + 1
    assert bar.buttons["play.toggle"].isVisible()
    if width_px >= 900:
        button = bar.continuing.button
        assert button.width() >= button.sizeHint().width()  # "Continue this phrase" is not cut
        assert "continues bar 1" in bar.continuing.prompt.text()
    if width_px >= 1280:
        assert all(button.isVisible() for button in bar.buttons.values())


def test_the_words_of_the_takes_are_whole_and_inside_their_panel(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    panel = stage.window.takes_panel
    for button in (panel._keep, panel._dismiss):
        assert button.width() >= button.sizeHint().width()
        assert button.mapTo(panel, button.rect().topRight()).x() < panel.width() - 4


def look_of(window: QWidget) -> list[tuple[str, int, int, QSize]]:
    return [
        (type(widget).__name__, widget.fontInfo().pixelSize(), widget.font().weight(), widget.size())
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
    ]


def test_light_and_back_changes_no_font_no_size_and_no_pixel(stage: Stage) -> None:
    window = stage.window
    QApplication.processEvents()
    before, picture = look_of(window), window.grab().toImage()
    window.set_theme_name("light")
    QApplication.processEvents()
    assert look_of(window) == before
    window.set_theme_name("dark")
    QApplication.processEvents()
    assert look_of(window) == before
    assert window.grab().toImage() == picture


def test_f6_shows_where_the_keyboard_is(stage: Stage) -> None:
    window = stage.window
    for _ in range(3):
        before = window.grab().toImage()
        QTest.keyClick(window, Qt.Key.Key_F6)
        QApplication.processEvents()
        focus = QApplication.focusWidget()
        assert focus is not None
        box = focus.rect()
        corner = focus.mapTo(window, box.topLeft())
        assert differs(window.grab().toImage(), before, corner.x(), corner.y(), box.width(), box.height())


def differs(one: QImage, other: QImage, x: int, y: int, width: int, height: int) -> bool:
    return one.copy(x, y, width, height) != other.copy(x, y, width, height)


def test_a_roll_that_was_clicked_has_no_frame(stage: Stage) -> None:
    view = stage.window.roll.view
    QTest.keyClick(stage.window, Qt.Key.Key_F6)
    view.setFocus(Qt.FocusReason.MouseFocusReason)
    plain = view.grab().toImage()
    stage.window.track_list._add.setFocus()
    view.setFocus(Qt.FocusReason.ShortcutFocusReason)
    assert view.grab().toImage() != plain


def test_the_running_position_is_not_announced_and_the_resting_one_is_named(stage: Stage) -> None:
    position = stage.window.transport_bar.position
    assert position.accessibleName() == "Position 1.1.000"
    stage.session.transport.play()
    names = set()
    for tick in range(0, 4800, 48):
        stage.sound.position = tick
        stage.window.heartbeat.beat()
        names.add(position.accessibleName())
    assert names == {"Position"}  # Qt tells of a label's words only where it has no name of its own
    stage.session.transport.stop()
    stage.window.heartbeat.beat()
    assert position.accessibleName() == f"Position {position.text()}"


def test_fields_say_their_value_after_their_name(stage: Stage) -> None:
    bar = stage.window.transport_bar
    assert bar.meter.accessibleName() == "Time signature: 4/4"
    assert bar.key.accessibleName() == "Key: D major"
    assert bar.grid.accessibleName().startswith("Grid: 1/16")


def test_the_tracks_can_be_made_wider_and_stay_so_in_the_next_window(stage: Stage) -> None:
    sides = stage.window._sides
    sides.setSizes([260, 1000])
    QApplication.processEvents()
    assert stage.window.track_list.width() == 260
    assert stage.window.track_list.rows[0].width() >= 240
    state = sides.saveState()
    sides.setSizes([132, 1000])
    sides.restoreState(state)
    QApplication.processEvents()
    assert stage.window.track_list.width() == 260


# Many tracks behind the edited one


def test_a_backdrop_has_as_many_colours_as_the_theme() -> None:
    assert len(TRACK_HUES) == COLORS


def test_a_backdrop_is_the_same_until_one_of_its_own_tracks_is_another() -> None:
    song = wide_song(40)
    first = backdrop_of(song, 3)
    edited = song.with_track(3, Track("Part 4", Notes.of()))
    assert backdrop_of(edited, 3, first) is first
    assert backdrop_of(song.with_track(3, song.tracks[3]), 3, first) is first
    other = song.with_track(7, Track("Part 8", Notes.of()))
    assert backdrop_of(other, 3, first) is not first
    assert backdrop_of(song, 4, first) is not first


def test_a_backdrop_holds_each_note_of_the_others_once_and_no_drums() -> None:
    tracks = (*wide_song(30).tracks, Track("Drums", wide_song(1).tracks[0].notes, 9))
    layers = backdrop_of(Song(tracks), 2).layers
    assert sum(len(index.notes) for _, index in layers) == 29 * 64
    assert len({color for color, _ in layers}) == len(layers) <= COLORS


def test_a_hundred_tracks_upon_each_other_are_no_stronger_than_one(stage: Stage) -> None:
    """The notes of the edited track stay the strongest, however many play the same."""
    view = stage.window.roll.view
    pictures = []
    notes = wide_song(1).tracks[0].notes
    for count in (2, 100):  # the first of them is the edited one
        behind = tuple(Track(f"{n}", notes, 0) for n in range(0, 12 * count, 12))
        spaced = [Track("", Notes.of())] * (12 * count)
        for number, track in zip(range(11, 12 * count, 12), behind, strict=True):
            spaced[number] = track
        stage.session.open(ImportedSong(Song(tuple(spaced)), (), 1, 6), None)
        stage.window.roll.set_key(None)
        QApplication.processEvents()
        pictures.append(view.grab().toImage())
    assert pictures[0] == pictures[1]
