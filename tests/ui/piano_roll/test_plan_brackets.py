"""Brackets of a plan: one a bar, each with its words, a colour for the bar that it takes up, and a place to click."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from musicassist.composing.plan import BarPlan, Ending, Relation
from musicassist.composing.take_plan import Intent, TakePlan
from musicassist.score.song import Song
from musicassist.ui.piano_roll.geometry import Frame, PitchTransform, TickTransform
from musicassist.ui.piano_roll.plan_brackets import STRIP_PX, bracket_at, brackets_of, paint_brackets
from musicassist.ui.theme import DARK

FRAME = Frame(TickTransform(0.1), PitchTransform(10, 400), 1000, 400)  # a bar of 192 pixels
BARS = (BarPlan(Relation.SAME, 1), BarPlan(Relation.NEW, 0, Ending.OPEN), BarPlan(Relation.RHYTHM, 3))
PLAN = TakePlan(Intent.ANSWER, 1, BARS, 1, 2)
BRACKETS = brackets_of(PLAN, Song().time_map, 1)


def test_each_bar_says_what_it_is_and_which_one_it_takes_up() -> None:
    assert [own.words for own in BRACKETS] == ["as bar 1", "new", "rhythm of bar 1"]
    assert [own.taken_bar for own in BRACKETS] == [0, None, 0]
    assert [own.is_end for own in BRACKETS] == [False, True, False]
    assert [own.is_chosen for own in BRACKETS] == [False, True, False]
    assert [(own.from_tick, own.to_tick) for own in BRACKETS] == [(1920, 3840), (3840, 5760), (5760, 7680)]


@pytest.mark.parametrize(
    ("place", "row"), [((200, 5), 0), ((400, 19), 1), ((700, 0), 2), ((200, STRIP_PX), None), ((100, 5), None)]
)
def test_a_click_finds_the_bracket_under_it(place: tuple[int, int], row: int | None) -> None:
    assert bracket_at(BRACKETS, FRAME, *place) == row


def test_bars_that_take_up_the_same_bar_have_its_colour_and_new_ones_the_accent() -> None:
    picture = QImage(1000, 40, QImage.Format.Format_RGB32)
    picture.fill(QColor(DARK.roll))
    painter = QPainter(picture)
    paint_brackets(painter, FRAME, DARK, BRACKETS)
    painter.end()
    first, new, third = (picture.pixelColor(x, 1).name() for x in (300, 480, 680))
    assert first == third == QColor(DARK.note_color(0, 110)).name()
    assert new == QColor(DARK.accent).name()
    assert picture.pixelColor(573, STRIP_PX - 2).name() == new  # the foot where a phrase ends
    assert picture.pixelColor(300, STRIP_PX + 2).name() == QColor(DARK.roll).name()
