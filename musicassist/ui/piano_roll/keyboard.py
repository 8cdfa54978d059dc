"""The piano at the left edge: a click plays a key, a double-click selects its row."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from musicassist.score.theory import pitch_name
from musicassist.ui.foreign_text import paint_words, set_tip
from musicassist.ui.piano_roll.batches import fill_rectangles, rectangles
from musicassist.ui.piano_roll.geometry import ALL_PITCHES
from musicassist.ui.piano_roll.painter import IS_BLACK_KEY
from musicassist.ui.piano_roll.scene import Scene
from musicassist.ui.piano_roll.viewport import Viewport, turn_wheel
from musicassist.ui.theme import SMALL_PX, text_font

WIDTH_PX = 56
BLACK_KEY_SHARE = 0.6
SOFTEST, LOUDEST = 40, 120


class PianoKeys(QWidget):
    """The keys of all 128 pitches beside their rows.

    Attributes:
        struck: Pitch and velocity of a key that goes down.
        released: Pitch of a key that goes up.
        letters: By pitch, which letter of the computer's keyboard plays it.
    """

    struck = Signal(int, int)
    released = Signal(int)

    def __init__(self, scene: Scene, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene, self._viewport = scene, viewport
        self._held: int | None = None
        self._pointed: int | None = None
        self.letters: dict[int, str] = {}
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Piano keys"))
        description = self.tr("Click plays a key, harder to the right. Double-click selects its notes.")
        set_tip(self, self.tr("Click to hear, double-click to select the row"), description=description)
        viewport.changed.connect(self.update)
        scene.ground_changed.connect(self.update)
        scene.pointed_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, 480)

    def show_letters(self, letters: dict[int, str]) -> None:
        """Writes on the keys, by pitch, which letter plays them."""
        self.letters = letters
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """White ground, black keys, joints, names of the Cs."""
        painter, theme, pitches = QPainter(self), self._scene.theme, self._viewport.pitches
        wide, row_px = self.width() - 1, pitches.row_px
        painter.fillRect(self.rect(), QColor(theme.white_key))
        top = np.rint(pitches.to_y(ALL_PITCHES))
        self._light(painter, wide)
        black = top[IS_BLACK_KEY]
        left, black_px = np.zeros_like(black), np.full(len(black), wide * BLACK_KEY_SHARE)
        fill_rectangles(
            painter, rectangles(left + black_px, black + row_px // 2, wide - black_px, 1), QColor(theme.bar_line)
        )
        fill_rectangles(painter, rectangles(left, black, black_px, row_px), QColor(theme.black_key))
        joints = top[np.isin(ALL_PITCHES % 12, (0, 5))] + row_px - 1  # below C and F two white keys meet
        fill_rectangles(
            painter, rectangles(np.zeros_like(joints), joints, np.full(len(joints), wide), 1), QColor(theme.bar_line)
        )
        self._light_black(painter, wide)
        self._paint_names(painter)
        self._paint_letters(painter)
        painter.fillRect(wide, 0, 1, self.height(), QColor(theme.bar_line))
        painter.end()

    def _lit(self) -> list[tuple[int, bool]]:
        """Pitches to light, and whether they sound."""
        pointed = self._pointed if self._pointed is not None else self._scene.pointed_pitch
        lit = [(pointed, False)] if pointed is not None and pointed != self._held else []
        return [*lit, (self._held, True)] if self._held is not None else lit

    def _light(self, painter: QPainter, wide: int) -> None:
        for pitch, sounds in self._lit():
            if not IS_BLACK_KEY[pitch]:
                self._fill_key(painter, pitch, wide, sounds=sounds)

    def _light_black(self, painter: QPainter, wide: int) -> None:
        for pitch, sounds in self._lit():
            if IS_BLACK_KEY[pitch]:
                self._fill_key(painter, pitch, round(wide * BLACK_KEY_SHARE), sounds=sounds)

    def _fill_key(self, painter: QPainter, pitch: int, width_px: int, *, sounds: bool) -> None:
        color = QColor(self._scene.theme.note_color(self._scene.track_index, 110))
        color.setAlphaF(1.0 if sounds else 0.55)
        top = round(self._viewport.pitches.to_y(pitch))
        painter.fillRect(0, top, width_px, round(self._viewport.pitches.row_px), color)

    def _paint_names(self, painter: QPainter) -> None:
        row_px = self._viewport.pitches.row_px
        painter.setFont(text_font(SMALL_PX if row_px >= 10 else SMALL_PX - 2))
        painter.setPen(QColor(self._scene.theme.on_white_key))
        for pitch in range(0, 128, 12):
            y = self._viewport.pitches.to_y(pitch)
            if -20 < y < self.height():
                box = QRectF(0, y - 6, self.width() - 7, row_px + 12)
                paint_words(
                    painter, box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, pitch_name(pitch)
                )

    def _paint_letters(self, painter: QPainter) -> None:
        """At the left, where white and black keys have room."""
        row_px, theme = self._viewport.pitches.row_px, self._scene.theme
        painter.setFont(text_font(SMALL_PX if row_px >= 10 else SMALL_PX - 2))
        for pitch, letter in self.letters.items():
            y = self._viewport.pitches.to_y(pitch)
            if -20 < y < self.height():
                painter.setPen(QColor(theme.white_key if IS_BLACK_KEY[pitch] else theme.on_white_key))
                box = QRectF(6, y - 6, self.width() * BLACK_KEY_SHARE - 6, row_px + 12)
                paint_words(painter, box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, letter)

    def _play(self, event: QMouseEvent) -> None:
        pitch = self._viewport.pitches.to_pitch(event.position().y())
        if pitch != self._held:
            self._let_go()
            self._held = pitch
            share = max(0.0, min(1.0, event.position().x() / self.width()))
            self.struck.emit(pitch, round(SOFTEST + (LOUDEST - SOFTEST) * share))
            self.update()

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self.released.emit(held)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._play(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointed = self._viewport.pitches.to_pitch(event.position().y())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._play(event)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._let_go()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Selects every note of the row; with Shift or Ctrl these join the selection."""
        self._play(event)
        mask = self._scene.notes.pitch == self._viewport.pitches.to_pitch(event.position().y())
        if event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier):
            mask = mask | self._scene.selection
        self._scene.document.select(mask)

    def hideEvent(self, event: QHideEvent) -> None:
        """No key stays down that nobody can let go."""
        self._let_go()

    def leaveEvent(self, event: QEvent) -> None:
        self._pointed = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn_wheel(self._viewport, event)
