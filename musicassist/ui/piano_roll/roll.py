"""The composite piano roll: ruler, chords, keys, paper, velocity lane and overview, handed a document."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QGridLayout, QScrollBar, QWidget

from musicassist.document.document import Document
from musicassist.score.song import Note, Notes
from musicassist.score.theory import Key
from musicassist.ui.foreign_text import PlainLabel
from musicassist.ui.piano_roll.chord_lane import ChordLane
from musicassist.ui.piano_roll.lanes import Minimap, VelocityLane
from musicassist.ui.piano_roll.mouse import announce, note_words, notes_words
from musicassist.ui.piano_roll.rulers import KEYS_PX, PianoKeys, TimeRuler
from musicassist.ui.piano_roll.scene import Offer, Scene
from musicassist.ui.piano_roll.take_lanes import TakeLanes
from musicassist.ui.piano_roll.view import PianoRollView
from musicassist.ui.piano_roll.viewport import Viewport
from musicassist.ui.theme import DARK, SMALL_PX, Theme, text_font

MIN_BARS = 8  # an empty song can be scrolled this far
ZOOM_STEP = 1.25
EMPTY_MIDDLE_PITCH = 64


class PianoRoll(QWidget):
    """Main thread only. Listens to the document; gestures end in one ``document.apply`` each.

    Signals:
        seek_requested: Tick where playback should go.
        loop_changed: The user has made a loop, from tick to tick.
        loop_cleared: The user has taken the loop away.
        status_message: Words about what is under the pointer; empty for nothing.
        tool_changed: Name of the tool.
        menu_requested: Place on the screen for a context menu.
    """

    seek_requested = Signal(int)
    loop_changed = Signal(int, int)
    loop_cleared = Signal()
    status_message = Signal(str)
    tool_changed = Signal(str)
    menu_requested = Signal(QPoint)

    def __init__(
        self,
        document: Document,
        *,
        preview: Callable[[int, int], None],
        theme: Theme = DARK,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.scene = Scene(document, theme, self)
        self.viewport = Viewport(document.song.ticks_per_beat, self)
        self.view = PianoRollView(self.scene, self.viewport, preview, self)
        self.keys = PianoKeys(self.scene, self.viewport, self)
        self.ruler = TimeRuler(self.scene, self.viewport, self)
        self.chord_lane = ChordLane(self.scene, self.viewport, self)
        self.take_lanes = TakeLanes(self.scene, self.viewport, self)
        self.velocity_lane = VelocityLane(self.scene, self.viewport, self)
        self.minimap = Minimap(self.scene, self.viewport, self)
        self._scroll_bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._scroll_bar.setAccessibleName(self.tr("Pitch"))
        self._played_to_tick = 0  # beyond the song, where the playhead came while it played
        self._corners = [PlainLabel(parent=self) for _ in range(10)]
        self._corners[2].setText(self.tr("Velocity"))
        self._corners[6].setText(self.tr("Chords"))
        self._corners[8].setText(self.tr("Takes"))
        self._lay_out()
        self._connect()
        self.set_take_lanes_visible(visible=False)
        self.setFocusProxy(self.view)
        for part in (self.keys, self.ruler, self.velocity_lane, self.minimap):
            part.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            part.setFocusProxy(self.view)  # so that the editor's keys work wherever the mouse was last
        self.setAccessibleName(self.tr("Piano roll"))
        self._dress()
        self._measure_song()
        self._is_fresh = True

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        rows = (self.ruler, self.chord_lane, self.view, self.take_lanes, self.velocity_lane, self.minimap)
        for row, widget in enumerate(rows):
            grid.addWidget(widget, row, 1)
        grid.addWidget(self.keys, 2, 0)
        grid.addWidget(self._scroll_bar, 2, 2)
        places = ((0, 0), (0, 2), (4, 0), (4, 2), (5, 0), (5, 2), (1, 0), (1, 2), (3, 0), (3, 2))
        for place, corner in zip(places, self._corners, strict=True):
            grid.addWidget(corner, *place)
            corner.setAutoFillBackground(True)
        self.keys.setFixedWidth(KEYS_PX)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(2, 1)

    def _connect(self) -> None:
        scene = self.scene
        scene.opened.connect(self._on_opened)
        scene.ground_changed.connect(self._measure_song)
        scene.notes_changed.connect(self._measure_song)
        scene.overlay_changed.connect(self._measure_song)
        scene.tool_changed.connect(self.tool_changed)
        scene.pointed_changed.connect(self._on_pointed_changed)
        self.ruler.seek_requested.connect(self.seek_requested)
        self.ruler.loop_dragged.connect(self.loop_changed)
        self.ruler.loop_cleared.connect(self.loop_cleared)
        self.chord_lane.said.connect(self.status_message)
        self.chord_lane.left.connect(self.setFocus)
        self.take_lanes.said.connect(self.status_message)
        self.view.menu_requested.connect(self.menu_requested)
        self.viewport.changed.connect(self._on_viewport_changed)
        self._scroll_bar.valueChanged.connect(self._on_scroll_bar_moved)

    @property
    def tool(self) -> str:
        """``edit``, ``draw``, ``erase`` or ``split``."""
        return self.scene.tool

    @property
    def edit_cursor_tick(self) -> int:
        return self.scene.edit_cursor_tick

    def set_tool(self, name: str) -> None:
        self.scene.set_tool(name)

    def set_grid(self, step_ticks: float | None) -> None:
        """Sets what gestures snap to; None for no snapping."""
        self.scene.grid_ticks = step_ticks
        self.scene.ground_changed.emit()

    def set_key(self, key: Key | None) -> None:
        """Shades the rows outside a scale and marks the notes outside it."""
        if key != self.scene.key:
            self.scene.key = key
            self.scene.ground_changed.emit()

    def set_theme(self, theme: Theme) -> None:
        self.scene.theme = theme
        self._dress()
        self.scene.ground_changed.emit()

    def zoom_in(self) -> None:
        self.viewport.zoom_time(ZOOM_STEP, self._zoom_center_px())

    def zoom_out(self) -> None:
        self.viewport.zoom_time(1 / ZOOM_STEP, self._zoom_center_px())

    def _zoom_center_px(self) -> float:
        """The playhead if it is in view, else the middle."""
        x = self.viewport.ticks.to_x(self.scene.playhead_tick)
        return x if 0 < x < self.viewport.width_px else self.viewport.width_px / 2

    def zoom_to_selection(self) -> None:
        """Fits the selection, or the whole song if nothing is selected, into the view."""
        chosen = self.scene.notes.where(self.scene.selection)
        if len(chosen) == 0:
            self.zoom_to_song()
            return
        self.viewport.show_span(int(chosen.start_tick.min()), int(chosen.end_tick.max()))
        self.viewport.center_pitch((int(chosen.pitch.min()) + int(chosen.pitch.max())) / 2)

    def zoom_to_song(self) -> None:
        bar_tick = self.scene.song.time_map.bar_line_at_or_after(max(1, self.scene.end_tick))
        self.viewport.show_span(0, bar_tick)

    def set_playhead_tick(self, tick: float) -> None:
        """Moves the playhead; while playing and following, the page turns when it leaves the view."""
        self.scene.set_playhead(tick)
        if self.scene.is_playing and self.scene.follows_playhead and not self.scene.is_dragging:
            self._make_room(tick)
            self.viewport.reveal_tick(tick, at_share=0.02)

    def _make_room(self, tick: float) -> None:
        """A page of empty bars where the playhead leaves the song, as while one records."""
        page_ticks = self.viewport.to_tick - self.viewport.from_tick
        if tick >= self.viewport.to_tick and tick + page_ticks > self.viewport.end_tick:
            self._played_to_tick = round(tick + page_ticks)
            self._measure_song()

    def set_playing(self, *, playing: bool) -> None:
        """Tells whether the playhead moves by itself."""
        if playing != self.scene.is_playing:
            self.scene.is_playing = playing
            self._played_to_tick = 0
            self.scene.overlay_changed.emit()

    def set_recording(self, *, recording: bool) -> None:
        if recording != self.scene.is_recording:
            self.scene.is_recording = recording
            self.scene.overlay_changed.emit()

    def set_recorded(self, notes: Notes) -> None:
        """Shows notes that are being recorded; the empty ``Notes`` takes them away."""
        self.scene.recorded = notes
        self.scene.overlay_changed.emit()

    def set_follow(self, *, enabled: bool) -> None:
        self.scene.follows_playhead = enabled

    def show_loop(self, loop: tuple[int, int] | None) -> None:
        self.scene.set_loop(loop)

    def set_takes(self, offer: Offer) -> None:
        """Shows takes on offer: one lit, with the brackets of its plan, the others dimmed, over the span they fill."""
        self.scene.set_offer(offer)
        chosen = offer.chosen
        announce(self.view, notes_words(chosen, self.scene.song.time_map, self.scene.key) if len(chosen) else "")

    def append_ghost(self, note: Note, *, is_chosen: bool = True) -> None:
        self.scene.append_ghost(note, is_chosen=is_chosen)

    def clear_takes(self) -> None:
        self.scene.set_offer(None)

    def set_other_tracks_visible(self, *, visible: bool) -> None:
        self.scene.shows_other_tracks = visible
        self.scene.notes_changed.emit()

    def set_velocity_lane_visible(self, *, visible: bool) -> None:
        for widget in (self.velocity_lane, *self._corners[2:4]):
            widget.setVisible(visible)

    def set_chord_lane_visible(self, *, visible: bool) -> None:
        for widget in (self.chord_lane, *self._corners[6:8]):
            widget.setVisible(visible)

    def set_take_lanes_visible(self, *, visible: bool) -> None:
        for widget in (self.take_lanes, *self._corners[8:10]):
            widget.setVisible(visible)

    def write_chord_at(self, tick: float) -> None:
        """Shows the chords and opens the name of the one at a tick."""
        self.set_chord_lane_visible(visible=True)
        self.chord_lane.edit_at(tick)

    def reveal_tick(self, tick: float) -> None:
        self.viewport.reveal_tick(tick)

    def reveal_notes(self) -> None:
        """Brings the first page of the selected track into view, its pitches in the middle."""
        notes, viewport = self.scene.notes, self.viewport
        viewport.scroll_to(0, viewport.pitches.scroll_px)
        if len(notes) and notes.start_tick[0] > viewport.to_tick / 2:
            self._show_from_bar_of(0)
        viewport.center_pitch(self._middle_pitch() if len(notes) else EMPTY_MIDDLE_PITCH)

    def reveal_track(self) -> None:
        """Scrolls to notes of the selected track if few are in view: to those of this page, else to the next ones.

        While the song plays the page stays where it is.
        """
        notes, viewport = self.scene.notes, self.viewport
        if len(notes) == 0:
            return
        if len(self._rows_on_page()) == 0 and not self.scene.is_playing:
            self._show_from_bar_of(min(int(np.searchsorted(notes.start_tick, viewport.from_tick)), len(notes) - 1))
        middle = self._middle_pitch()
        if not 0 <= viewport.pitches.to_y(middle) <= viewport.height_px - viewport.pitches.row_px:
            viewport.center_pitch(middle)

    def _show_from_bar_of(self, row: int) -> None:
        """Scrolls to where the bar of a note begins."""
        time_map, viewport = self.scene.song.time_map, self.viewport
        bar_tick = time_map.bar_start_tick(time_map.bar_at(int(self.scene.notes.start_tick[row])))
        viewport.scroll_to(bar_tick * viewport.ticks.pixels_per_tick, viewport.pitches.scroll_px)

    def _rows_on_page(self) -> NDArray[np.int64]:
        return self.scene.index.rows_between(self.viewport.from_tick, self.viewport.to_tick)

    def _middle_pitch(self) -> float:
        """Of the notes in view, else of all."""
        pitch, page = self.scene.notes.pitch, self._rows_on_page()
        return float(np.median(pitch[page] if len(page) else pitch))

    def showEvent(self, event: QShowEvent) -> None:
        """The first time its size is known the notes are brought into view."""
        super().showEvent(event)
        if self._is_fresh:
            self._is_fresh = False
            self.viewport.set_size(self.view.width(), self.view.height())
            self.reveal_notes()

    def _dress(self) -> None:
        palette = self.palette()
        palette.setColor(palette.ColorRole.Window, QColor(self.scene.theme.window))
        palette.setColor(palette.ColorRole.WindowText, QColor(self.scene.theme.second_text))
        for corner in self._corners:
            corner.setPalette(palette)
            corner.setFont(text_font(SMALL_PX))
            corner.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
            corner.setContentsMargins(0, 6, 6, 0)

    def _measure_song(self) -> None:
        least_tick = self.scene.song.time_map.bar_start_tick(MIN_BARS)
        self.viewport.set_song(
            self.scene.song.ticks_per_beat, max(self.scene.end_tick, least_tick, self._played_to_tick)
        )

    def _on_opened(self) -> None:
        self._measure_song()
        self.reveal_notes()

    def _on_pointed_changed(self) -> None:
        hit = self.view.mouse.hover
        if hit is None or hit.row >= len(self.scene.notes):
            self.status_message.emit("")
            return
        self.status_message.emit(note_words(self.scene.notes[hit.row], self.scene.song.time_map, self.scene.key))

    def _on_viewport_changed(self) -> None:
        pitches = self.viewport.pitches
        with QSignalBlocker(self._scroll_bar):
            self._scroll_bar.setPageStep(self.viewport.height_px)
            self._scroll_bar.setSingleStep(round(pitches.row_px))
            self._scroll_bar.setMaximum(max(0, round(pitches.total_px) - self.viewport.height_px))
            self._scroll_bar.setValue(round(pitches.scroll_px))

    def _on_scroll_bar_moved(self, value: int) -> None:
        self.viewport.scroll_to(self.viewport.ticks.scroll_px, float(value))
