"""Lines between motifs: one for each bar that takes up another, drawn in its colour under the brackets."""

from __future__ import annotations

from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from musicassist.composing.explanation import Development, Explanation
from musicassist.composing.plan import Ending, Relation
from musicassist.score.timing import TimeMap
from musicassist.ui.piano_roll.geometry import Frame, PitchTransform, TickTransform
from musicassist.ui.piano_roll.motif_lines import MotifLine, lines_of, paint_motif_lines
from musicassist.ui.piano_roll.plan_brackets import STRIP_PX
from musicassist.ui.theme import DARK

BAR = 1920


def test_new_bars_have_no_line() -> None:
    same = Development(3, Relation.SAME, 1, Ending.NONE)
    new = Development(4, Relation.NEW, None, Ending.OPEN)
    explanation = Explanation((same, new), 0, 0, {1: 2, 3: 4, 4: 5})
    assert lines_of(explanation, TimeMap(480)) == (MotifLine(BAR + BAR // 2, 3 * BAR + BAR // 2, 1),)


def test_a_line_has_both_its_ends(qtbot: QtBot) -> None:
    image = QImage(400, 100, QImage.Format.Format_RGB32)
    image.fill(0)
    frame = Frame(TickTransform(0.05), PitchTransform(10.0), 400, 100, 1.0)
    painter = QPainter(image)
    paint_motif_lines(painter, frame, DARK, [MotifLine(1000, 6000, 0), MotifLine(-9000, -8000, 0)])
    painter.end()
    lit = [x for x in range(400) if image.pixelColor(x, STRIP_PX + 3).lightness() > 40]
    assert any(abs(x - 50) < 4 for x in lit) and any(abs(x - 300) < 4 for x in lit)
    assert all(image.pixelColor(x, STRIP_PX - 8).lightness() == 0 for x in range(400))
