"""The picture of the chord lane: written chords as blocks, heard ones lighter, chords on offer as ghosts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from musicassist.harmony.numerals import roman_numeral
from musicassist.score.chord_track import ChordSpan, chord_name, joined_spans
from musicassist.score.grid import SongGrid
from musicassist.score.theory import Key
from musicassist.ui.foreign_text import paint_words
from musicassist.ui.piano_roll import batches
from musicassist.ui.piano_roll.geometry import TickTransform, lines_between
from musicassist.ui.theme import NORMAL_PX, SMALL_PX, Theme, faint, text_font

PAD_PX = 5
MIN_NAMED_PX = 7  # no name is narrower


@dataclass(frozen=True, eq=False)
class ChordSheet:
    """What the picture shows.

    Attributes:
        theme, grid: Its colours and bar lines.
        spans: The chords that stand in the song, in order.
        proposed: Chords on offer; what stands under them is not shown.
        key_at: The key by which names are spelled at a tick.
    """

    theme: Theme
    grid: SongGrid
    spans: tuple[ChordSpan, ...]
    proposed: tuple[ChordSpan, ...]
    key_at: Callable[[float], Key | None]


class ChordPicture:
    """Drawn twice as wide as the view and kept, so that most steps to the side draw nothing anew."""

    def __init__(self) -> None:
        self._pixmap = QPixmap()
        self._left_px = 0.0
        self._look: tuple[float, QSize, float] | None = None  # pixels a tick, size of the view, scale

    def forget(self) -> None:
        """Other chords, colours or lines: it is drawn anew when it is shown next."""
        self._look = None

    def draw(self, painter: QPainter, sheet: ChordSheet, ticks: TickTransform, size: QSize, scale: float) -> None:
        """Puts the part that is in view at the upper left corner."""
        room_px = self._left_px + self._pixmap.width() / scale - size.width()
        is_near = self._left_px <= ticks.scroll_px <= room_px
        if not is_near or self._look != (ticks.pixels_per_tick, size, scale):
            self._left_px = float(max(0, round(ticks.scroll_px - size.width() / 2)))
            self._look = ticks.pixels_per_tick, QSize(size), scale
            self._pixmap = self._drawn(sheet, ticks.scrolled_to(self._left_px), 2 * size.width(), size.height(), scale)
        painter.drawPixmap(round(self._left_px - ticks.scroll_px), 0, self._pixmap)

    def _drawn(self, sheet: ChordSheet, ticks: TickTransform, width_px: int, height_px: int, scale: float) -> QPixmap:
        pixmap = QPixmap(round(width_px * scale), round(height_px * scale))
        pixmap.setDevicePixelRatio(scale)
        painter = QPainter(pixmap)
        painter.fillRect(0, 0, width_px, height_px, QColor(sheet.theme.window))
        _paint_lines(painter, sheet, ticks, width_px, height_px)
        shown = ticks.to_tick(0), ticks.to_tick(width_px)
        standing = sheet.spans
        if sheet.proposed:
            both = joined_spans(sheet.proposed, sheet.spans, 0, max(s.to_tick for s in (*sheet.spans, *sheet.proposed)))
            standing = tuple(span for span in both if span not in sheet.proposed)
        for span, following in pairwise((*standing, None)):
            assert span is not None
            if span.to_tick > shown[0] and span.from_tick < shown[1]:
                room = _paint_chord(painter, sheet, ticks, height_px, span, is_offered=False)
                _paint_numeral(painter, sheet, room, span, following)
        for span in sheet.proposed:
            if span.to_tick > shown[0] and span.from_tick < shown[1]:
                _paint_chord(painter, sheet, ticks, height_px, span, is_offered=True)
        painter.end()
        return pixmap


def _paint_lines(painter: QPainter, sheet: ChordSheet, ticks: TickTransform, width_px: int, height_px: int) -> None:
    """The bar lines, and the lower edge."""
    lines = lines_between(sheet.grid, ticks.to_tick(0), ticks.to_tick(width_px), ticks.pixels_per_tick)
    x = np.rint(ticks.to_x(lines.bar_ticks))
    bars = batches.rectangles(x, np.zeros_like(x), np.ones_like(x), float(height_px))
    batches.fill_rectangles(painter, bars, QColor(sheet.theme.beat_line))
    painter.fillRect(0, height_px - 1, width_px, 1, QColor(sheet.theme.bar_line))


def _paint_chord(
    painter: QPainter, sheet: ChordSheet, ticks: TickTransform, height_px: int, span: ChordSpan, *, is_offered: bool
) -> QRectF:
    """Told apart by shape as well as by colour: a block, slanted words behind a line, a dashed frame.

    Returns the room that is left behind the name.
    """
    theme = sheet.theme
    left, right = round(ticks.to_x(span.from_tick)), round(ticks.to_x(span.to_tick))
    box = QRectF(left + 0.5, 2.5, right - left - 2, height_px - 6)
    font, ink = QFont(text_font(NORMAL_PX)), theme.second_text
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if is_offered:
        painter.setPen(QPen(QColor(theme.accent), 1, Qt.PenStyle.DashLine))
        painter.setBrush(faint(theme.accent, 0.10))
        painter.drawRoundedRect(box, 3, 3)
        ink = theme.accent
    elif span.is_written:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint(theme.text, 0.13))
        painter.drawRoundedRect(box.adjusted(-0.5, -0.5, 0.5, 0.5), 3, 3)
        font.setWeight(QFont.Weight.DemiBold)
        ink = theme.text
    else:
        painter.fillRect(QRect(left, 6, 1, height_px - 13), QColor(theme.bar_line))
        font.setItalic(True)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    room = QRectF(left + PAD_PX, 0, right - left - PAD_PX - 2, height_px - 1)
    painter.setPen(QColor(ink))
    return _paint_name(painter, room, font, chord_name(span.chord, sheet.key_at(span.from_tick)))


def _paint_name(painter: QPainter, room: QRectF, font: QFont, name: str) -> QRectF:
    """The name, smaller where that has room, else none: half a name would be another chord."""
    for size_px in (NORMAL_PX, SMALL_PX) if room.width() >= MIN_NAMED_PX else ():
        font.setPixelSize(size_px)
        width_px = QFontMetricsF(font).horizontalAdvance(name)
        if width_px <= room.width() + 1:
            painter.setFont(font)
            paint_words(painter, room, Qt.AlignmentFlag.AlignVCenter, name)
            return room.adjusted(width_px + 2 * PAD_PX, 0, -PAD_PX, 0)
    return QRectF()


def _paint_numeral(
    painter: QPainter, sheet: ChordSheet, room: QRectF, span: ChordSpan, following: ChordSpan | None
) -> None:
    """The chord's place in the key, small, where it has room."""
    key = sheet.key_at(span.from_tick)
    if key is None or room.width() <= 0 or not span.chord.pitch_classes:
        return
    numeral = roman_numeral(span.chord, key, following.chord if following is not None else None)
    font = text_font(SMALL_PX)
    if QFontMetricsF(font).horizontalAdvance(numeral) <= room.width():
        painter.setFont(font)
        painter.setPen(QColor(sheet.theme.second_text))
        paint_words(painter, room, Qt.AlignmentFlag.AlignVCenter, numeral)
