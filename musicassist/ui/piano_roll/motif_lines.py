"""Thin lines from a bar of the phrase to the bar of a take that takes it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from musicassist.composing.explanation import Explanation
from musicassist.score.timing import TimeMap
from musicassist.ui.piano_roll.geometry import Frame
from musicassist.ui.piano_roll.plan_brackets import STRIP_PX
from musicassist.ui.theme import Theme, faint

_RISE_PX, _MOST_RISE_PX = 0.08, 90  # of the way between both bars, and the most
_END_PX = 3


@dataclass(frozen=True)
class MotifLine:
    """From the middle of one bar to the middle of another.

    Attributes:
        from_tick, to_tick: The places.
        taken_bar: Which gives the colour, as for brackets.
    """

    from_tick: int
    to_tick: int
    taken_bar: int


def lines_of(explanation: Explanation, time_map: TimeMap) -> tuple[MotifLine, ...]:
    """A line for each bar that takes up another one."""

    def middle(bar: int) -> int:
        return (time_map.bar_start_tick(bar) + time_map.bar_start_tick(bar + 1)) // 2

    return tuple(
        MotifLine(middle(own.taken_bar), middle(own.bar), own.taken_bar)
        for own in explanation.developments
        if own.taken_bar is not None
    )


def paint_motif_lines(painter: QPainter, frame: Frame, theme: Theme, lines: Sequence[MotifLine]) -> None:
    """Paints those in view as flat arcs under the brackets; the frame is in logical pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for line in lines:
        left, right = frame.ticks.to_x(line.from_tick), frame.ticks.to_x(line.to_tick)
        if right < 0 or left > frame.width_px:
            continue
        color = faint(theme.note_color(line.taken_bar, 110), 0.9)
        top = STRIP_PX + _END_PX
        rise = min(_MOST_RISE_PX, _RISE_PX * (right - left)) + STRIP_PX
        path = QPainterPath(QPointF(left, top))
        path.cubicTo(QPointF(left, top + rise), QPointF(right, top + rise), QPointF(right, top))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, 1.4))
        painter.drawPath(path)
        painter.setBrush(color)
        for x in (left, right):
            painter.drawEllipse(QPointF(x, top), _END_PX, _END_PX)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
