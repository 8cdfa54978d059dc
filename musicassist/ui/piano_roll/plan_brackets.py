"""The plan of a take over its ghosts: a bracket for each bar, coloured by the bar that it takes up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter

from musicassist.composing.plan import Ending
from musicassist.composing.take_plan import TakePlan
from musicassist.score.timing import TimeMap
from musicassist.ui.foreign_text import filled, paint_words
from musicassist.ui.piano_roll.geometry import Frame
from musicassist.ui.theme import SMALL_PX, Theme, faint, text_font

STRIP_PX = 20  # at the top of the roll
_LINE_PX, _FOOT_PX, _GAP_PX = 3, 7, 2


@dataclass(frozen=True)
class Bracket:
    """One bar of a plan.

    Attributes:
        from_tick, to_tick: The bar.
        words: What it is, in the user's language.
        taken_bar: The bar that it takes up; None for a new one.
        is_end: Whether a phrase ends in it.
        is_chosen: Whether the keys would change it.
    """

    from_tick: int
    to_tick: int
    words: str
    taken_bar: int | None
    is_end: bool
    is_chosen: bool = False


def brackets_of(plan: TakePlan, time_map: TimeMap, chosen_row: int | None) -> tuple[Bracket, ...]:
    """A bracket for each bar of a plan; ``chosen_row`` is the one that the keys would change."""
    return tuple(
        Bracket(
            time_map.bar_start_tick(plan.first_bar + row),
            time_map.bar_start_tick(plan.first_bar + row + 1),
            filled("Plans", *plan.bar_words(row)),
            plan.first_bar + row - own.back_bars if own.back_bars else None,
            own.ending > Ending.NONE,
            row == chosen_row,
        )
        for row, own in enumerate(plan.bars)
    )


def bracket_at(brackets: Sequence[Bracket], frame: Frame, x_px: float, y_px: float) -> int | None:
    """The place of the bracket under a point of the roll, or None."""
    if not 0 <= y_px < STRIP_PX:
        return None
    tick = frame.ticks.to_tick(x_px)
    return next((row for row, own in enumerate(brackets) if own.from_tick <= tick < own.to_tick), None)


def paint_brackets(painter: QPainter, frame: Frame, theme: Theme, brackets: Sequence[Bracket]) -> None:
    """Paints those in view; the frame is in logical pixels. What ends a phrase has a foot at its end only."""
    painter.setFont(text_font(SMALL_PX))
    for own in brackets:
        left, right = (round(frame.ticks.to_x(tick)) for tick in (own.from_tick, own.to_tick))
        if right < 0 or left >= frame.width_px:
            continue
        color = QColor(theme.accent if own.taken_bar is None else theme.note_color(own.taken_bar, 110))
        wide = max(1, right - left - 2 * _GAP_PX)
        box = QRect(left + _GAP_PX, 0, wide, STRIP_PX)
        painter.fillRect(box, faint(theme.roll, 0.85))
        if own.is_chosen:
            painter.fillRect(box, faint(color.name(), 0.3))
        painter.fillRect(box.left(), 0, wide, _LINE_PX, color)
        painter.fillRect(box.left(), 0, _LINE_PX, _FOOT_PX, color)
        if own.is_end:
            painter.fillRect(box.right() - _LINE_PX + 1, 0, _LINE_PX, STRIP_PX, color)
        painter.setPen(QColor(theme.text if own.is_chosen else theme.second_text))
        words = box.adjusted(_FOOT_PX, _LINE_PX, -_FOOT_PX, 0)
        if words.width() > 2 * SMALL_PX:
            paint_words(painter, words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, own.words)
