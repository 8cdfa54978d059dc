"""Which part of the song is in view, and at what zoom; shared by the roll, its ruler, its keys and its lanes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from musicassist.ui.piano_roll.geometry import (
    MAX_PIXELS_PER_BEAT,
    MAX_ROW_PX,
    MIN_PIXELS_PER_BEAT,
    MIN_ROW_PX,
    PitchTransform,
    TickTransform,
)

START_PIXELS_PER_BEAT = 72.0
START_ROW_PX = 14
AFTER_SHARE = 0.5  # of the width that can be scrolled to after the end


class Viewport(QObject):
    """Scroll and zoom; ``changed`` after each change. Main thread only."""

    changed = Signal()

    def __init__(self, ticks_per_beat: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ticks_per_beat = ticks_per_beat
        self.ticks = TickTransform(START_PIXELS_PER_BEAT / ticks_per_beat)
        self.pitches = PitchTransform(START_ROW_PX, 40.0 * START_ROW_PX)
        self.width_px, self.height_px = 100, 100
        self.end_tick = 0
        self._wanted_row_px = float(START_ROW_PX)
        self._size = (0, 0)

    @property
    def from_tick(self) -> float:
        """The tick at the left edge."""
        return self.ticks.to_tick(0)

    @property
    def to_tick(self) -> float:
        """The tick at the right edge."""
        return self.ticks.to_tick(self.width_px)

    @property
    def total_px(self) -> float:
        """Width of everything that can be scrolled to: the song and half a view after it."""
        return self.end_tick * self.ticks.pixels_per_tick + self.width_px * AFTER_SHARE

    def set_size(self, width_px: int, height_px: int) -> None:
        """The size of the roll's view; the middle pitch stays in the middle."""
        grown_px = height_px - self.height_px
        self.width_px, self.height_px = max(1, width_px), max(1, height_px)
        self._show(self.ticks, self.pitches.scrolled_to(self.pitches.scroll_px - grown_px / 2))

    def set_song(self, ticks_per_beat: int, end_tick: int) -> None:
        """What can be scrolled through; the zoom in beats stays."""
        if ticks_per_beat != self.ticks_per_beat:
            per_tick = self.ticks.pixels_per_tick * self.ticks_per_beat / ticks_per_beat
            self.ticks_per_beat = ticks_per_beat
            self.ticks = TickTransform(per_tick, self.ticks.scroll_px)
        self.end_tick = end_tick
        self._show(self.ticks, self.pitches)

    def scroll_by(self, dx_px: float, dy_px: float) -> None:
        """Moves on in the song and down the pitches."""
        self.scroll_to(self.ticks.scroll_px + dx_px, self.pitches.scroll_px + dy_px)

    def scroll_to(self, x_px: float, y_px: float) -> None:
        """Moves to a place of the whole paper."""
        self._show(self.ticks.scrolled_to(x_px), self.pitches.scrolled_to(y_px))

    def zoom_time(self, factor: float, about_x_px: float) -> None:
        """Nearer or further in time; what is under ``about_x_px`` stays."""
        beat_px = self.ticks.pixels_per_tick * self.ticks_per_beat * factor
        beat_px = max(MIN_PIXELS_PER_BEAT, min(MAX_PIXELS_PER_BEAT, beat_px))
        self._show(self.ticks.zoomed(beat_px / self.ticks_per_beat, about_x_px), self.pitches)

    def zoom_pitch(self, factor: float, about_y_px: float) -> None:
        """Higher or lower rows, in whole pixels; what is under ``about_y_px`` stays."""
        self._wanted_row_px = max(MIN_ROW_PX, min(MAX_ROW_PX, self._wanted_row_px * factor))
        self._show(self.ticks, self.pitches.zoomed(round(self._wanted_row_px), about_y_px))

    def show_span(self, from_tick: float, to_tick: float) -> None:
        """Fits a stretch of the song into the width."""
        beats = max(1.0, (to_tick - from_tick) / self.ticks_per_beat)
        beat_px = max(MIN_PIXELS_PER_BEAT, min(MAX_PIXELS_PER_BEAT / 4, self.width_px * 0.92 / beats))
        per_tick = beat_px / self.ticks_per_beat
        middle_px = (from_tick + to_tick) / 2 * per_tick
        self._show(TickTransform(per_tick, middle_px - self.width_px / 2), self.pitches)

    def center_pitch(self, pitch: float) -> None:
        """Brings a pitch to the middle of the height."""
        middle_px = (127.5 - pitch) * self.pitches.row_px
        self.scroll_to(self.ticks.scroll_px, middle_px - self.height_px / 2)

    def reveal_tick(self, tick: float, *, at_share: float = 0.1) -> None:
        """Turns the page if the tick is out of view, so that it stands at a share of the width."""
        if not 0 <= self.ticks.to_x(tick) < self.width_px:
            self.scroll_to(tick * self.ticks.pixels_per_tick - self.width_px * at_share, self.pitches.scroll_px)

    def _show(self, ticks: TickTransform, pitches: PitchTransform) -> None:
        furthest_px = self.end_tick * ticks.pixels_per_tick - self.width_px * (1 - AFTER_SHARE)
        lowest_px = pitches.total_px - self.height_px
        before = self.ticks, self.pitches
        self.ticks = ticks.scrolled_to(float(round(max(0.0, min(ticks.scroll_px, furthest_px)))))
        self.pitches = pitches.scrolled_to(float(round(max(0.0, min(pitches.scroll_px, lowest_px)))))
        if before != (self.ticks, self.pitches) or self._size != (self.width_px, self.height_px):
            self._size = self.width_px, self.height_px
            self.changed.emit()
