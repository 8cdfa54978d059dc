"""The piano at the left edge."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from musicassist.ui.theme import DARK
from roll_desk import PHRASE, Desk, Hand


def y_of(desk: Desk, pitch: int) -> float:
    return desk.place(0, pitch)[1]


def test_a_click_plays_a_key_harder_to_the_right(desk: Desk) -> None:
    hand = Hand(desk.roll.keys)
    hand.click(2, y_of(desk, 60))
    hand.click(50, y_of(desk, 64))
    (low, soft), (high, loud) = desk.heard
    assert (low, high) == (60, 64)
    assert 1 <= soft < loud <= 127


def test_sliding_plays_each_key_once(desk: Desk) -> None:
    places = [(20.0, y_of(desk, pitch)) for pitch in (60, 60, 61, 62, 62)]
    Hand(desk.roll.keys).drag(*places)
    assert [pitch for pitch, _ in desk.heard] == [60, 61, 62]


def test_each_key_that_went_down_goes_up_again(desk: Desk) -> None:
    let_go: list[int] = []
    desk.roll.keys.released.connect(let_go.append)
    Hand(desk.roll.keys).drag(*((20.0, y_of(desk, pitch)) for pitch in (60, 61, 62)))
    assert let_go == [60, 61, 62]


def test_a_double_click_selects_the_row(desk: Desk) -> None:
    Hand(desk.roll.keys).double_click(20, y_of(desk, 64))
    assert desk.chosen == [PHRASE[1]]
    Hand(desk.roll.keys, keys=Qt.KeyboardModifier.ShiftModifier).double_click(20, y_of(desk, 67))
    assert desk.chosen == list(PHRASE[1:3])


def test_it_looks_like_a_piano(desk: Desk) -> None:
    picture = desk.roll.keys.grab().toImage()
    assert picture.pixelColor(10, round(y_of(desk, 61))).name() == DARK.black_key
    assert picture.pixelColor(10, round(y_of(desk, 62))).name() == DARK.white_key


def test_the_key_of_the_pointers_row_is_lit(desk: Desk) -> None:
    desk.hand().hover(*desk.place(3000, 62))
    lit = desk.roll.keys.grab().toImage().pixelColor(10, round(y_of(desk, 62))).name()
    assert lit not in (DARK.white_key, DARK.black_key)
    QApplication.sendEvent(desk.roll.view, QEvent(QEvent.Type.Leave))
    assert desk.roll.keys.grab().toImage().pixelColor(10, round(y_of(desk, 62))).name() == DARK.white_key


def test_it_scrolls_with_the_wheel(desk: Desk) -> None:
    before = desk.roll.viewport.pitches.scroll_px
    Hand(desk.roll.keys).wheel(10, 10, 0, -120)
    assert desk.roll.viewport.pitches.scroll_px > before
