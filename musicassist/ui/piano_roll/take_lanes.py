"""The lanes of the takes under the roll: one for each take, of which bars are swiped into a mix, by mouse or keys."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from musicassist.score.song import Notes
from musicassist.session.comping import Comp, Join
from musicassist.ui.foreign_text import paint_words, set_tip
from musicassist.ui.piano_roll import batches
from musicassist.ui.piano_roll.mouse import announce
from musicassist.ui.piano_roll.scene import Scene
from musicassist.ui.piano_roll.viewport import RollPart, Viewport, cursor
from musicassist.ui.theme import SMALL_PX, faint, text_font

LANE_PX = 26
MAX_LANES_SHOWN = 8  # LIMIT: more are reached with the wheel
_PAD_PX, _NOTE_PX, _NUMBER_PX, _MARK_PX = 4, 3, 22, 8
_MIN_PITCHES = 12
_SHIFT, _ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
_SIDEWAYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_UPWARDS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


@dataclass(frozen=True, eq=False)
class Lanes:
    """What the lanes show.

    Attributes:
        notes: Of each take, the first one's number being 1.
        titles: What each take is, in a few words; empty where nobody is to know.
        comp: Which take each place comes from; None where one take is heard alone.
        joins: Of the mix.
        from_tick, to_tick: The span of the takes.
        heard: Number of the take that is heard alone; 0 for the mix.
    """

    notes: tuple[Notes, ...] = ()
    titles: tuple[str, ...] = ()
    comp: Comp | None = None
    joins: tuple[Join, ...] = ()
    from_tick: int = 0
    to_tick: int = 0
    heard: int = 0


@dataclass(frozen=True)
class _Swipe:
    """Bars that are being swiped: what the mix was before, the lane, the first bar, and the one that it goes to."""

    before: Comp
    take: int
    first: tuple[int, int]
    last: tuple[int, int]

    def comp(self) -> Comp:
        return self.before.swiped(min(self.first[0], self.last[0]), max(self.first[1], self.last[1]), self.take)


class TakeLanes(RollPart):
    """A drag over bars of a lane gives them to the mix, a click one bar, a double-click the whole lane.

    With Alt beats count instead of bars. Left and Right choose a bar, with Shift more of them; Up and Down take it from
    the take above or below.

    Attributes:
        comped: The mix is to be another one; carries a ``Comp``.
        mended: The join of a tick is to be mended.
        said: Words about the take under the pointer.
    """

    said = Signal(str)
    comped = Signal(object)
    mended = Signal(int)

    def __init__(self, scene: Scene, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(scene, viewport, parent)
        self.lanes = Lanes()
        self._swipe: _Swipe | None = None
        self._bars: tuple[int, int] = 0, 0  # that the keys mean, the last one included
        self._first_lane = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)  # a low window shows fewer
        self.setAccessibleName(self.tr("Take lanes"))
        self.setCursor(cursor("pointing"))
        scene.playhead_moved.connect(self._on_playhead_moved)
        how = self.tr(
            "Drag over bars of a take to put them into the mix; with Alt, over beats. Click takes one bar, "
            "double-click the whole take. A red mark is a rough join: click it to mend it."
        )
        keys = self.tr("Left and Right choose a bar, with Shift more. Up and Down take it from another take.")
        set_tip(self, how, description=f"{how} {keys}")

    def sizeHint(self) -> QSize:
        return QSize(960, max(1, min(MAX_LANES_SHOWN, len(self.lanes.notes))) * LANE_PX + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, LANE_PX + 1)

    @property
    def _room(self) -> int:
        """How many lanes are in sight."""
        return min(MAX_LANES_SHOWN, max(1, self.height() // LANE_PX))

    def show_lanes(self, lanes: Lanes) -> None:
        """Shows other takes, or another mix of them."""
        was_span, count = (self.lanes.from_tick, self.lanes.to_tick), len(self.lanes.notes)
        self.lanes = lanes
        if (lanes.from_tick, lanes.to_tick) != was_span:
            first = self._bar_at(lanes.from_tick)
            self._bars, self._first_lane, self._swipe = (first, first), 0, None
        if count != len(lanes.notes):
            self._first_lane = 0
            self.updateGeometry()
        self.update()

    # What is drawn

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._scene.theme
        painter.fillRect(self.rect(), QColor(theme.window))
        bars = np.rint([self.x_of(tick) for tick in self._bar_ticks()])
        if len(bars):  # all at once and opaque: of a long song they would take longer than the notes
            lines = batches.rectangles(bars, np.zeros(len(bars)), np.ones(len(bars)), float(self.height()))
            batches.fill_rectangles(painter, lines, QColor(theme.beat_line))
        low, high = self._pitches()
        for row, notes in enumerate(self._shown()):
            self._paint_lane(painter, row, self._first_lane + row + 1, notes, (low, high))
        for join in self.lanes.joins:
            self._paint_join(painter, join)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.selected_outline), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._box(*self.chosen_ticks(), 0, self.height() - 1))
        x = self.x_of(self._scene.playhead_tick)
        batches.paint_playhead(painter, x, self.height(), theme, is_recording=self._scene.is_recording)
        painter.end()

    def _bar_ticks(self) -> list[int]:
        """Where the bars in view begin; none where they are too narrow to tell apart."""
        time_map, viewport = self._scene.song.time_map, self._viewport
        first, last = self._bar_at(round(viewport.from_tick)), self._bar_at(round(viewport.to_tick))
        if (last - first) * _MARK_PX > self.width():
            return []
        return [time_map.bar_start_tick(bar) for bar in range(first, last + 1)]

    def _shown(self) -> tuple[Notes, ...]:
        return self.lanes.notes[self._first_lane : self._first_lane + self._room]

    def _pitches(self) -> tuple[int, int]:
        """Lowest and highest pitch of all takes, at least an octave apart."""
        filled = [notes.pitch for notes in self.lanes.notes if len(notes)]
        if not filled:
            return 60, 60 + _MIN_PITCHES
        low, high = min(int(p.min()) for p in filled), max(int(p.max()) for p in filled)
        return low, max(high, low + _MIN_PITCHES)

    def _paint_lane(self, painter: QPainter, row: int, number: int, notes: Notes, pitches: tuple[int, int]) -> None:
        theme, lanes, top = self._scene.theme, self.lanes, row * LANE_PX
        painter.fillRect(QRectF(0, top, self.width(), 1), faint(theme.text, 0.08))
        pieces = [(lanes.from_tick, lanes.to_tick)] if lanes.comp is None and lanes.heard == number else []
        if lanes.comp is not None:
            pieces = [(p.from_tick, p.to_tick) for p in lanes.comp.pieces if p.take == number]
        for piece in pieces:
            painter.fillRect(self._box(*piece, top + 1, LANE_PX - 1), faint(theme.accent, 0.22))
        is_in = np.zeros(len(notes), dtype=np.bool_)
        for start, stop in pieces:
            is_in |= notes.starting_between(start, stop)
        for mask, share in ((~is_in, 0.45), (is_in, 1.0)):
            self._paint_notes(painter, notes.where(mask), top, pitches, faint(theme.accent, share))
        painter.fillRect(QRectF(0, top + 1, _NUMBER_PX, LANE_PX - 1), faint(theme.window, 0.8))
        painter.setFont(text_font(SMALL_PX))
        painter.setPen(QColor(theme.text if pieces else theme.second_text))
        paint_words(painter, QRectF(0, top, _NUMBER_PX, LANE_PX), Qt.AlignmentFlag.AlignCenter, str(number))

    def _paint_notes(
        self, painter: QPainter, notes: Notes, top_px: int, pitches: tuple[int, int], color: QColor
    ) -> None:
        if not len(notes):
            return
        ticks, (low, high) = self._viewport.ticks, pitches
        room_px = LANE_PX - 2 * _PAD_PX - _NOTE_PX
        y = top_px + _PAD_PX + (high - notes.pitch) / (high - low) * room_px
        wide = np.maximum(2.0, notes.duration_ticks * ticks.pixels_per_tick - 1)
        left = notes.start_tick * ticks.pixels_per_tick - ticks.scroll_px
        batches.fill_rectangles(painter, batches.rectangles(left, y, wide, float(_NOTE_PX)), color)

    def _paint_join(self, painter: QPainter, join: Join) -> None:
        theme, x = self._scene.theme, round(self.x_of(join.tick))
        color = QColor(theme.record if join.is_rough else theme.accent)
        painter.fillRect(QRectF(x, 0, 1, self.height()), color)
        if join.is_rough:
            painter.fillRect(QRectF(x - _MARK_PX / 2, 0, _MARK_PX, _MARK_PX), color)

    def _box(self, from_tick: int, to_tick: int, top_px: float, height_px: float) -> QRectF:
        left, right = (round(min(max(self.x_of(tick), -10), self.width() + 10)) for tick in (from_tick, to_tick))
        return QRectF(left, top_px, max(1, right - left), height_px)

    # The mouse

    def _take_at(self, y_px: float) -> int | None:
        number = self._first_lane + int(y_px // LANE_PX) + 1
        return number if 1 <= number <= len(self.lanes.notes) else None

    def _unit(self, tick: float, *, is_beat: bool) -> tuple[int, int]:
        """The bar, or the beat, that holds a tick."""
        time_map = self._scene.song.time_map
        bar, offset = time_map.bar_and_offset_ticks(max(0, int(tick)))
        start = time_map.bar_start_tick(bar)
        if not is_beat:
            return start, time_map.bar_start_tick(bar + 1)
        beat = round(time_map.beat_ticks_at(start))
        return start + offset // beat * beat, min(start + (offset // beat + 1) * beat, time_map.bar_start_tick(bar + 1))

    def _comp_now(self, take: int) -> Comp:
        """The mix as it is; where a take is heard alone, all of that."""
        lanes = self.lanes
        return lanes.comp or Comp.of(lanes.from_tick, lanes.to_tick, lanes.heard or take)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        take = self._take_at(event.position().y())
        if event.button() != Qt.MouseButton.LeftButton or take is None:
            return
        join = self._join_at(event.position().x(), event.position().y())
        if join is not None:
            self.mended.emit(join.tick)
            return
        unit = self._unit(self._tick_at(event), is_beat=bool(event.modifiers() & _ALT))
        self._swipe = _Swipe(self._comp_now(take), take, unit, unit)
        self._emit(self._swipe.comp())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        swipe = self._swipe
        if swipe is None:
            take = self._take_at(event.position().y())
            title = self.lanes.titles[take - 1] if take is not None and take <= len(self.lanes.titles) else ""
            self.said.emit(title)
            return
        moved = replace(swipe, last=self._unit(self._tick_at(event), is_beat=bool(event.modifiers() & _ALT)))
        if moved != swipe:
            self._swipe = moved
            self._emit(moved.comp())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._swipe is not None and event.button() == Qt.MouseButton.LeftButton:
            self._swipe = None
            self._tell_place()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        take = self._take_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and take is not None:
            self._swipe = None
            self._emit(Comp.of(self.lanes.from_tick, self.lanes.to_tick, take))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls through more lanes than there is room for; else as everywhere in the roll."""
        spare, notches = len(self.lanes.notes) - self._room, event.angleDelta().y()
        if spare > 0 and notches and not event.modifiers():
            self._first_lane = min(max(0, self._first_lane + (1 if notches < 0 else -1)), spare)
            self.update()
            event.accept()
        else:
            super().wheelEvent(event)

    def _join_at(self, x_px: float, y_px: float) -> Join | None:
        rough = (join for join in self.lanes.joins if join.is_rough and y_px <= _MARK_PX)
        return next((join for join in rough if abs(self.x_of(join.tick) - x_px) <= _MARK_PX / 2 + 1), None)

    def _tick_at(self, event: QMouseEvent) -> float:
        return self._viewport.ticks.to_tick(event.position().x())

    def _emit(self, comp: Comp) -> None:
        if comp != self.lanes.comp:
            self.comped.emit(comp)

    # The keyboard

    def event(self, event: QEvent) -> bool:
        """The keys of the lanes come here before they are anybody's shortcut."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            is_own = event.key() in (*_SIDEWAYS, *_UPWARDS) and not event.modifiers() & ~_SHIFT
            if is_own and self.lanes.notes:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _SIDEWAYS:
            self._choose_bar(_SIDEWAYS[key], is_longer=bool(event.modifiers() & _SHIFT))
        elif key in _UPWARDS and self.lanes.notes:
            self.take_from(_UPWARDS[key])
        else:
            super().keyPressEvent(event)

    def _bar_at(self, tick: int) -> int:
        return self._scene.song.time_map.bar_at(max(0, tick))

    def chosen_ticks(self) -> tuple[int, int]:
        """From and to where the bars go that the keys mean."""
        time_map, (first, last) = self._scene.song.time_map, self._bars
        start, stop = time_map.bar_start_tick(first), time_map.bar_start_tick(last + 1)
        return max(start, self.lanes.from_tick), min(stop, self.lanes.to_tick)

    def _choose_bar(self, step: int, *, is_longer: bool) -> None:
        least, most = self._bar_at(self.lanes.from_tick), self._bar_at(max(0, self.lanes.to_tick - 1))
        first, last = self._bars
        last = min(max(last + step, first if is_longer else least), most)
        self._bars = (first, last) if is_longer else (last, last)
        self._viewport.reveal_tick(self.chosen_ticks()[0])
        self._tell_place()
        self.update()

    def take_from(self, step: int) -> None:
        """The chosen bars come from the take below (1) or above (-1) the one that they come from, round and round."""
        start, stop = self.chosen_ticks()
        comp, count = self._comp_now(1), len(self.lanes.notes)
        now = next((p.take for p in comp.pieces if p.from_tick <= start < p.to_tick), 1)
        self._emit(comp.swiped(start, stop, (now - 1 + step) % count + 1))
        self._tell_place()

    def _tell_place(self) -> None:
        if self.lanes.notes:
            announce(self, self.place_words())

    def place_words(self) -> str:
        """Which bars are chosen, where they come from, and whether a join there is rough."""
        lanes, time_map, (first, last) = self.lanes, self._scene.song.time_map, self._bars
        start, stop = self.chosen_ticks()
        comp = self._comp_now(1)
        take = next((p.take for p in comp.pieces if p.from_tick <= start < p.to_tick), 1)
        bars = self.tr("bar {first}") if first == last else self.tr("bars {first} to {last}")
        words = [bars.format(first=time_map.bar_number(first), last=time_map.bar_number(last))]
        words.append(self.tr("from take {number}").format(number=take))
        words += [lanes.titles[take - 1]] if take <= len(lanes.titles) and lanes.titles[take - 1] else []
        rough = [join for join in lanes.joins if join.is_rough and start <= join.tick <= stop]
        words += [self.join_words(join) for join in rough]
        return ", ".join(words)

    def join_words(self, join: Join) -> str:
        """What is rough about a join."""
        if join.clashes:
            return self.tr("rubs against another track where it joins")
        return self.tr("a leap of {semitones} semitones where it joins").format(semitones=abs(join.leap_semitones))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self._tell_place()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
