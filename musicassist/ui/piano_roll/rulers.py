"""The two rulers of the roll: time above, with loop and changes; the piano's keys at the left edge."""

from __future__ import annotations

from math import ceil

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFontMetrics, QHideEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from musicassist.score.grid import SongGrid
from musicassist.score.keys import is_contradicted
from musicassist.score.song import KeyChange
from musicassist.score.theory import pitch_name
from musicassist.ui.foreign_text import paint_words, set_tip, tempo_words
from musicassist.ui.piano_roll.batches import fill_rectangles, paint_playhead_handle, rectangles
from musicassist.ui.piano_roll.geometry import ALL_PITCHES, lines_between
from musicassist.ui.piano_roll.gestures import START_DISTANCE_PX, LoopDrag, begin_loop_drag
from musicassist.ui.piano_roll.painter import IS_BLACK_KEY
from musicassist.ui.piano_roll.scene import Scene
from musicassist.ui.piano_roll.viewport import RollPart, Viewport, cursor
from musicassist.ui.theme import SMALL_PX, faint, text_font

RULER_PX = 40
BRACE_PX = 6
ORIGIN_PX = 3  # the line under bars that takes were kept in
SPACE = "   "
CHANGES_PX = 16  # the strip of tempo, meter and key under the brace
KEYS_PX = 56
BLACK_KEY_SHARE = 0.6
SOFTEST, LOUDEST = 40, 120
RANGE_PX = 3


class TimeRuler(RollPart):
    """A click seeks, a drag makes the loop, its handles move it, a double-click on it clears it.

    ``menu_requested`` carries a tick and a place on the screen.
    """

    seek_requested = Signal(int)
    loop_dragged = Signal(int, int)
    loop_cleared = Signal()
    menu_requested = Signal(int, QPoint)

    HALF_PLAYHEAD_PX = 7

    def __init__(self, scene: Scene, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(scene, viewport, parent)
        self._drag: LoopDrag | None = None
        self._before: tuple[int, int] | None = None
        self._press_x_px = 0.0
        self._has_moved = False
        self._shown: object = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Ruler"))
        tip = self.tr("Click to go there, drag for a loop, double-click the loop to clear it")
        set_tip(self, tip, description=self.tr("Click moves the playhead, dragging makes a loop."))
        scene.overlay_changed.connect(self._on_overlay_changed)
        scene.notes_changed.connect(self._on_overlay_changed)
        scene.playhead_moved.connect(self._on_playhead_moved)

    def sizeHint(self) -> QSize:
        return QSize(960, RULER_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._scene.theme
        self._shown = self._overlay
        painter.fillRect(self.rect(), QColor(theme.window))
        self._paint_loop(painter)
        self._paint_bars(painter)
        self._paint_changes(painter)
        self._paint_origins(painter)
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(theme.bar_line))
        x = self._viewport.ticks.to_x(self._scene.playhead_tick)
        color = theme.record if self._scene.is_recording else theme.playhead
        paint_playhead_handle(painter, x, self.height() - 1, color)
        painter.end()

    def _paint_loop(self, painter: QPainter) -> None:
        if self._scene.loop is None:
            return
        theme = self._scene.theme
        left, right = (round(self._viewport.ticks.to_x(tick)) for tick in self._scene.loop)
        painter.fillRect(QRect(left, 0, right - left, self.height()), faint(theme.text, 0.06))
        painter.fillRect(QRect(left, 0, right - left, BRACE_PX - 2), QColor(theme.second_text))
        for x in (left, right - 2):
            painter.fillRect(QRect(x, 0, 2, self.height()), QColor(theme.second_text))

    def _paint_origins(self, painter: QPainter) -> None:
        """A thin line under the bars that takes were kept in, with a gap between two of them."""
        for from_tick, to_tick in self._scene.origin_spans:
            left, right = (round(self._viewport.ticks.to_x(tick)) for tick in (from_tick, to_tick))
            if right > 0 and left < self.width():
                color = QColor(self._scene.theme.accent)
                painter.fillRect(
                    QRect(left + 1, self.height() - 1 - ORIGIN_PX, max(1, right - left - 2), ORIGIN_PX), color
                )

    def _paint_bars(self, painter: QPainter) -> None:
        theme, ticks = self._scene.theme, self._viewport.ticks
        span = self._viewport.from_tick, self._viewport.to_tick
        lines = lines_between(self._scene.grid, *span, ticks.pixels_per_tick, min_gap_px=18.0)
        bottom = self.height() - 1
        painter.setFont(text_font(SMALL_PX))
        for tick in lines.beat_ticks.tolist():
            painter.fillRect(QRect(round(ticks.to_x(tick)), bottom - 4, 1, 4), QColor(theme.bar_line))
        for tick, number in zip(lines.bar_ticks.tolist(), lines.bar_numbers.tolist(), strict=True):
            x = round(ticks.to_x(tick))
            painter.fillRect(QRect(x, bottom - 16, 1, 16), QColor(theme.bar_line))
            painter.setPen(QColor(theme.second_text))
            paint_words(painter, QRect(x + 8, bottom - 17, 60, 16), Qt.AlignmentFlag.AlignVCenter, str(number))

    def _paint_changes(self, painter: QPainter) -> None:
        """Each change at its place, and at the left edge what holds there; what has no room waits for more zoom."""
        font = text_font(SMALL_PX)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(QColor(self._scene.theme.second_text))
        from_tick = self._viewport.from_tick
        changes = [(tick, words) for tick, words in self.changes() if tick >= from_tick]
        if from_tick > 0:
            changes.insert(0, (ceil(from_tick), self.words_in_force(from_tick)))
        taken_x = -1000
        for tick, words in changes:
            x = round(self._viewport.ticks.to_x(tick)) + 8
            width = metrics.horizontalAdvance(words)
            if x < taken_x or x > self.width():
                continue
            paint_words(painter, QRect(x, BRACE_PX, width + 2, CHANGES_PX), Qt.AlignmentFlag.AlignVCenter, words)
            taken_x = x + width + 12

    def words_in_force(self, tick: float) -> str:
        """Meter, key and tempo at a place."""
        song = self._scene.song
        keys = [change.key for change in self._keys() if change.tick <= tick]
        meter = song.time_map.meter_at(tick)
        words = [str(meter), *(str(key) for key in keys[-1:])]
        return SPACE.join([*words, tempo_words(song.time_map.tempo_bpm_at(tick), meter)])

    def changes(self) -> list[tuple[int, str]]:
        """Tick and words of what changes, in order of time."""
        song = self._scene.song
        found: dict[int, list[str]] = {}
        for meter in song.meter_changes:
            found.setdefault(meter.tick, []).append(str(meter))
        for key in self._keys():
            found.setdefault(key.tick, []).append(str(key.key))
        for tempo in song.tempo_changes:
            found.setdefault(tempo.tick, []).append(tempo_words(tempo.tempo_bpm, song.time_map.meter_at(tempo.tick)))
        return [(tick, SPACE.join(words)) for tick, words in sorted(found.items())]

    def _keys(self) -> tuple[KeyChange, ...]:
        """The song's keys; a default that its notes contradict is none."""
        song = self._scene.song
        return () if is_contradicted(song) else song.key_changes

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        tick = max(0.0, self._viewport.ticks.to_tick(event.pos().x()))
        self.menu_requested.emit(self._scene.grid.snapped(tick), event.globalPos())

    def _tick(self, event: QMouseEvent) -> float:
        return max(0.0, self._viewport.ticks.to_tick(event.position().x()))

    def _grid(self, event: QMouseEvent) -> SongGrid:
        grid = self._scene.grid
        return grid.without_snap() if event.modifiers() & Qt.KeyboardModifier.AltModifier else grid

    def _drag_at(self, event: QMouseEvent) -> LoopDrag:
        is_on_brace = event.position().y() < BRACE_PX + CHANGES_PX
        per_tick = self._viewport.ticks.pixels_per_tick
        return begin_loop_drag(self._tick(event), self._scene.loop, per_tick, is_on_brace=is_on_brace)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag, self._before = self._drag_at(event), self._scene.loop
            self._scene.begin_drag(self._drop)
            self._press_x_px, self._has_moved = event.position().x(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            part = self._drag_at(event).part
            self.setCursor(cursor({"new": "arrow", "body": "move"}.get(part, "resize")))
            return
        self._has_moved = self._has_moved or abs(event.position().x() - self._press_x_px) >= START_DISTANCE_PX
        if self._has_moved:
            self._scene.set_loop(self._drag.loop_at(self._tick(event), self._grid(event)) or self._before)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._drag = None
        self._scene.end_drag()
        loop = self._scene.loop
        if not self._has_moved:
            self.seek_requested.emit(self._grid(event).snapped(self._tick(event)))
        elif loop is not None and loop != self._before:
            self.loop_dragged.emit(*loop)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On the loop: clears it."""
        loop = self._scene.loop
        if loop is not None and loop[0] <= self._tick(event) < loop[1]:
            self._scene.set_loop(None)
            self.loop_cleared.emit()

    def _drop(self) -> None:
        self._drag = None
        self._scene.set_loop(self._before)

    def _on_overlay_changed(self) -> None:
        """A take that grows is not shown here, and must not cost a frame for each note."""
        if self._overlay != self._shown:
            self.update()

    @property
    def _overlay(self) -> object:
        """What is shown here of what lies above the notes: the loop, whether the handle is red, and kept takes."""
        return self._scene.loop, self._scene.is_recording, self._scene.origin_spans


class PianoKeys(RollPart):
    """The keys of all 128 pitches beside their rows.

    Attributes:
        struck: Pitch and velocity of a key that goes down.
        released: Pitch of a key that goes up.
        range_dragged: The user marks a range of pitches, from the lowest to the highest, with the right button.
        range_cleared: A click with it lets go of the range.
        letters: By pitch, which letter of the computer's keyboard plays it.
    """

    struck = Signal(int, int)
    released = Signal(int)
    range_dragged = Signal(int, int)
    range_cleared = Signal()

    def __init__(self, scene: Scene, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(scene, viewport, parent)
        self._held: int | None = None
        self._pointed: int | None = None
        self._range: tuple[int, int] | None = None
        self._range_from: tuple[int, bool] | None = None  # the pitch that a drag began on, and whether it has moved
        self.letters: dict[int, str] = {}
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Piano keys"))
        description = self.tr(
            "Click plays a key, harder to the right. Double-click selects its notes. Dragging with the right button "
            "marks the range of new takes."
        )
        tip = self.tr("Click to hear, double-click to select the row, right-drag for the range of new takes")
        set_tip(self, tip, description=description)
        scene.pointed_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(KEYS_PX, 480)

    def show_letters(self, letters: dict[int, str]) -> None:
        """Writes on the keys, by pitch, which letter plays them."""
        self.letters = letters
        self.update()

    def show_range(self, range_: tuple[int, int] | None) -> None:
        """Shows between which pitches new takes lie; None for anywhere."""
        if range_ != self._range:
            self._range = range_
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, pitches = QPainter(self), self._scene.theme, self._viewport.pitches
        wide, row_px = self.width() - 1, pitches.row_px
        painter.fillRect(self.rect(), QColor(theme.white_key))
        top = np.rint(pitches.to_y(ALL_PITCHES))
        self._light(painter, wide, is_black=False)
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
        self._light(painter, round(wide * BLACK_KEY_SHARE), is_black=True)
        self._paint_names(painter)
        painter.fillRect(wide, 0, 1, self.height(), QColor(theme.bar_line))
        self._paint_range(painter, wide)
        painter.end()

    def _paint_range(self, painter: QPainter, wide_px: int) -> None:
        """What lies outside it is veiled, and a line stands beside it."""
        if self._range is None:
            return
        pitches, theme = self._viewport.pitches, self._scene.theme
        top, bottom = round(pitches.to_y(self._range[1])), round(pitches.to_y(self._range[0]) + pitches.row_px)
        veil = faint(theme.window, 0.6)
        painter.fillRect(0, 0, wide_px, top, veil)
        painter.fillRect(0, bottom, wide_px, self.height() - bottom, veil)
        painter.fillRect(wide_px - RANGE_PX, top, RANGE_PX, bottom - top, QColor(theme.accent))

    def _lit(self) -> list[tuple[int, bool]]:
        """Pitches to light, and whether they sound."""
        pointed = self._pointed if self._pointed is not None else self._scene.pointed_pitch
        lit = [(pointed, False)] if pointed is not None and pointed != self._held else []
        return [*lit, (self._held, True)] if self._held is not None else lit

    def _light(self, painter: QPainter, width_px: int, *, is_black: bool) -> None:
        for pitch, sounds in self._lit():
            if IS_BLACK_KEY[pitch] == is_black:
                color = faint(self._scene.theme.note_color(self._scene.track_index, 110), 1.0 if sounds else 0.55)
                top = round(self._viewport.pitches.to_y(pitch))
                painter.fillRect(0, top, width_px, round(self._viewport.pitches.row_px), color)

    def _paint_names(self, painter: QPainter) -> None:
        """The names of the Cs, and letters at the left, where white and black keys have room."""
        theme, middle = self._scene.theme, Qt.AlignmentFlag.AlignVCenter
        painter.setFont(text_font(SMALL_PX if self._viewport.pitches.row_px >= 10 else SMALL_PX - 2))
        painter.setPen(QColor(theme.on_white_key))
        for pitch in range(0, 128, 12):
            self._write(painter, pitch, 0, self.width() - 7, Qt.AlignmentFlag.AlignRight | middle, pitch_name(pitch))
        right_px = self.width() * BLACK_KEY_SHARE
        for pitch, letter in self.letters.items():
            painter.setPen(QColor(theme.white_key if IS_BLACK_KEY[pitch] else theme.on_white_key))
            self._write(painter, pitch, 6, right_px, Qt.AlignmentFlag.AlignLeft | middle, letter)

    def _write(
        self, painter: QPainter, pitch: int, left_px: float, right_px: float, flags: Qt.AlignmentFlag, words: str
    ) -> None:
        y = self._viewport.pitches.to_y(pitch)
        if -20 < y < self.height():
            box = QRectF(left_px, y - 6, right_px - left_px, self._viewport.pitches.row_px + 12)
            paint_words(painter, box, flags, words)

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
        elif event.button() == Qt.MouseButton.RightButton:
            self._range_from = self._viewport.pitches.to_pitch(event.position().y()), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointed = self._viewport.pitches.to_pitch(event.position().y())
        if self._range_from is not None and (self._range_from[1] or self._pointed != self._range_from[0]):
            begun = self._range_from[0]
            self._range_from = begun, True
            self.range_dragged.emit(min(begun, self._pointed), max(begun, self._pointed))
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._play(event)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            begun, self._range_from = self._range_from, None
            if begun is not None and not begun[1]:
                self.range_cleared.emit()
            return
        self._let_go()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Selects every note of the row; with Shift or Ctrl these join the selection."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
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
