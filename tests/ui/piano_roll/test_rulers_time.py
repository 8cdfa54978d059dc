"""The ruler: a click seeks, a drag makes the loop."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from musicassist.document.song_edits import set_key, set_meter, set_tempo
from musicassist.score.theory import Key
from musicassist.ui.theme import DARK
from roll_desk import Desk, Hand

Y_NUMBERS, Y_BRACE = 32, 3


def test_a_click_seeks_to_the_grid(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.roll.seek_requested) as signal:
        Hand(desk.roll.ruler).click(97, Y_NUMBERS)
    assert signal.args == [960]


def test_alt_seeks_anywhere(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.roll.seek_requested) as signal:
        Hand(desk.roll.ruler, keys=Qt.KeyboardModifier.AltModifier).click(97, Y_NUMBERS)
    assert signal.args == [970]


def test_a_drag_makes_a_loop_and_does_not_seek(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(desk.roll.seek_requested), qtbot.waitSignal(desk.roll.loop_changed) as signal:
        Hand(desk.roll.ruler).drag((97, Y_NUMBERS), (150, Y_NUMBERS), (191, Y_NUMBERS))
    assert signal.args == [960, 1920]
    assert desk.roll.scene.loop == (960, 1920)


def test_handles_and_brace_move_it(desk: Desk, qtbot: QtBot) -> None:
    desk.roll.show_loop((960, 1920))
    with qtbot.waitSignal(desk.roll.loop_changed) as signal:
        Hand(desk.roll.ruler).drag((192, Y_NUMBERS), (230, Y_NUMBERS), (288, Y_NUMBERS))
    assert signal.args == [960, 2880]
    with qtbot.waitSignal(desk.roll.loop_changed) as signal:
        Hand(desk.roll.ruler).drag((150, Y_BRACE), (180, Y_BRACE), (198, Y_BRACE))
    assert signal.args == [1440, 3360]


def test_setting_a_loop_from_outside_says_nothing(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(desk.roll.loop_changed), qtbot.assertNotEmitted(desk.roll.loop_cleared):
        desk.roll.show_loop((0, 960))
        desk.roll.show_loop(None)
    assert desk.roll.scene.loop is None


def test_a_double_click_on_the_loop_clears_it(desk: Desk, qtbot: QtBot) -> None:
    desk.roll.show_loop((960, 1920))
    with qtbot.waitSignal(desk.roll.loop_cleared):
        Hand(desk.roll.ruler).double_click(140, Y_BRACE)
    assert desk.roll.scene.loop is None


def test_esc_puts_the_loop_back(desk: Desk, qtbot: QtBot) -> None:
    desk.roll.show_loop((960, 1920))
    hand = Hand(desk.roll.ruler)
    with qtbot.assertNotEmitted(desk.roll.loop_changed):
        hand.press(192, Y_NUMBERS)
        hand.move(400, Y_NUMBERS)
        assert desk.roll.scene.loop == (960, 3960)
        desk.hand().escape()
        hand.release(400, Y_NUMBERS)
    assert desk.roll.scene.loop == (960, 1920)


def test_changes_of_tempo_meter_and_key_are_written(desk: Desk) -> None:
    before = desk.roll.ruler.grab().toImage()
    song = set_meter(set_tempo(desk.document.song, 1920, 90), 1920, 3, 4)
    desk.document.apply("Set key", set_key(song, 0, Key(2, "major")))
    assert desk.roll.ruler.grab().toImage() != before
    assert desk.roll.ruler.changes() == [(0, "D major"), (1920, "3/4   ♩ 90")]


def test_what_holds_is_written_at_the_left_edge_of_every_page(desk: Desk) -> None:
    song = set_tempo(desk.document.song, 1920, 90)
    desk.document.apply("Set key", set_key(song, 0, Key(2, "major")))
    desk.roll.viewport.zoom_time(4, 0)
    desk.roll.viewport.scroll_to(900, desk.roll.viewport.pitches.scroll_px)
    assert desk.roll.ruler.words_in_force(desk.roll.viewport.from_tick) == "4/4   D major   ♩ 90"


def test_the_handle_is_red_while_recording(desk: Desk) -> None:
    desk.roll.set_playhead_tick(1000)
    assert desk.roll.ruler.grab().toImage().pixelColor(100, 33).name() == DARK.playhead
    desk.roll.set_recording(recording=True)
    assert desk.roll.ruler.grab().toImage().pixelColor(100, 33).name() == DARK.record
