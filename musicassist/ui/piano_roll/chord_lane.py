"""The lane of the song's chords between ruler and notes: seen, typed, moved, and read out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from shiboken6 import isValid

from musicassist.document.song_edits import write_chord
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.harmony.numerals import roman_numeral
from musicassist.score.chord_track import ChordSpan, chord_name, with_written_chords
from musicassist.score.keys import key_at
from musicassist.score.song import Song
from musicassist.score.theory import Chord, Key
from musicassist.ui.foreign_text import Tip, paint_words, set_tip
from musicassist.ui.piano_roll import batches
from musicassist.ui.piano_roll.chord_editor import ChordEditor
from musicassist.ui.piano_roll.chord_picture import PAD_PX, ChordPicture, ChordSheet
from musicassist.ui.piano_roll.chord_places import (
    ChordPlace,
    ShownChords,
    bound_near,
    limits_of,
    moved_marks,
    place_at,
    place_words,
)
from musicassist.ui.piano_roll.geometry import TickTransform
from musicassist.ui.piano_roll.gestures import START_DISTANCE_PX
from musicassist.ui.piano_roll.mouse import announce
from musicassist.ui.piano_roll.scene import Scene
from musicassist.ui.piano_roll.viewport import RollPart, Viewport, cursor
from musicassist.ui.theme import faint, text_font

LANE_PX = 26
REACH_PX = 5  # of a bound for the mouse
_WRITE = QT_TRANSLATE_NOOP("Steps", "Write chord")
_DELETE = QT_TRANSLATE_NOOP("Steps", "Delete chord")
_MOVE = QT_TRANSLATE_NOOP("Steps", "Move chord")
_OWN_KEYS = (
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter),
    *(Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape),
)
_SIDEWAYS = (Qt.Key.Key_Left, Qt.Key.Key_Right)
_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
_MODIFIERS = _SHIFT | _CTRL | Qt.KeyboardModifier.KeypadModifier


class ChordLane(RollPart):
    """A click on a chord opens its name, a double-click makes one over the bar, a drag moves where it begins or ends.

    Attributes:
        said: Words for the user.
        left: The keyboard goes back to the notes.
        suggest: Asked which chords often come at a place; hands them to a function, now or later.
    """

    said = Signal(str)
    left = Signal()

    def __init__(self, scene: Scene, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(scene, viewport, parent)
        self.suggest: Callable[[ChordPlace, Callable[[Sequence[Chord]], None]], None] = lambda _place, _show: None
        self._editor: ChordEditor | None = None
        self._chords = ShownChords()
        self._picture = ChordPicture()
        self._shown_ticks: tuple[TickTransform, int] | None = None
        self._place_tick = 0
        self._bound: int | None = None
        self._pressed: tuple[float, ChordPlace] | None = None
        self._hovered: ChordPlace | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Chords"))
        viewport.changed.disconnect(self.update)  # turning the wheel for other pitches changes nothing here
        viewport.changed.connect(self._on_viewport_changed)
        scene.notes_changed.connect(self.refresh)
        scene.overlay_changed.connect(self.refresh)
        scene.ground_changed.connect(self._on_ground_changed)
        scene.playhead_moved.connect(self._on_playhead_moved)
        self.refresh()
        self._describe(None)

    def sizeHint(self) -> QSize:
        return QSize(960, LANE_PX)

    # What is shown

    @property
    def editor(self) -> ChordEditor | None:
        """Where a name is typed now."""
        return self._editor if self._editor is not None and isValid(self._editor) else None

    @property
    def spans(self) -> tuple[ChordSpan, ...]:
        """The chords as they are shown: what is written, and elsewhere what is heard."""
        return self._chords.spans

    @property
    def proposed(self) -> tuple[ChordSpan, ...]:
        """The chords that are on offer."""
        return self._chords.proposed

    @property
    def place(self) -> ChordPlace:
        """The chord or bar that keys are meant for."""
        return self._place(self._place_tick)

    def show_heard(self, spans: Sequence[ChordSpan]) -> None:
        """Shows what is heard where nothing is written."""
        self._chords.heard = tuple(spans)
        self.refresh()

    def show_proposed(self, spans: Sequence[ChordSpan]) -> None:
        """Shows chords on offer above those that stand there; the empty sequence takes them away."""
        if tuple(spans) != self.proposed:
            self._chords.proposed = tuple(spans)
            self.refresh()

    def refresh(self) -> None:
        """Looks at the song again; nothing is drawn where its chords are as they were."""
        if self._chords.refresh(self._scene.document.song, self._scene.end_tick, self._scene.key):
            self._picture.forget()
            self.update()

    def key_at(self, tick: float) -> Key | None:
        """The key by which chords are spelled at a place."""
        song = self._scene.song
        return key_at(song, tick).key if len(song.key_changes) > 1 else self._scene.key

    def _place(self, tick: float) -> ChordPlace:
        return place_at(self.spans, self._scene.song.time_map, tick)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, ticks = QPainter(self), self._scene.theme, self._viewport.ticks
        self._picture.draw(painter, self._sheet, ticks, self.size(), self.devicePixelRatioF())
        if not self.spans and not self.proposed and not self._scene.is_empty:
            painter.setPen(QColor(theme.second_text))
            painter.setFont(text_font())
            words = self.tr("Double-click to write a chord")
            paint_words(painter, self.rect().adjusted(8, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, words)
        if self._hovered is not None and not self.hasFocus():
            painter.fillRect(self._box(self._hovered), faint(theme.text, 0.07))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.selected_outline), 1))
            painter.drawRoundedRect(self._box(self.place).adjusted(0, 0, -1, -1), 3, 3)
        if self._bound is not None:
            painter.fillRect(QRectF(round(ticks.to_x(self._bound)) - 1, 2, 2, self.height() - 5), QColor(theme.text))
        x = ticks.to_x(self._scene.playhead_tick)
        batches.paint_playhead(painter, x, self.height(), theme, is_recording=self._scene.is_recording)
        painter.end()

    def _box(self, place: ChordPlace) -> QRect:
        left, right = (round(self._viewport.ticks.to_x(tick)) for tick in (place.from_tick, place.to_tick))
        left, right = max(left, -10), min(right, self.width() + 10)
        return QRect(left, 2, right - left - 1, self.height() - 5)

    @property
    def _sheet(self) -> ChordSheet:
        return ChordSheet(self._scene.theme, self._scene.grid, self.spans, self.proposed, self.key_at)

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        place = self._place(self._tick_at(x))
        self._bound = self._bound_at(x)
        self._pressed = x, place
        self._place_tick = place.from_tick
        if self._bound is not None:
            self._scene.begin_drag(self._drop)
        self._tell_place()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._pressed is None or self._bound is None:
            self._hover(x)
        elif self._chords.moved is not None or abs(x - self._pressed[0]) >= START_DISTANCE_PX:
            to_tick = self._target(x, is_free=bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
            spans = self._chords.standing(self._scene.end_tick)
            self._chords.moved = moved_marks(self._chords.marks, spans, self._bound, to_tick)
            self.refresh()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, moved = self._pressed, self._chords.moved
        if pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        is_bound = self._bound is not None
        self._drop()
        self._scene.end_drag()
        if moved is not None:
            self._apply(_MOVE, with_written_chords(self._scene.document.song, moved))
        elif not is_bound and pressed[1].span is not None:
            self.edit(pressed[1])
        self._hover(event.position().x())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            tick = self._tick_at(event.position().x())
            self._pressed = None
            self.edit(self._place_to_write(tick))

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        if self._pressed is None:
            self._bound = None
        self.update()

    def _tick_at(self, x_px: float) -> float:
        return max(0.0, self._viewport.ticks.to_tick(x_px))

    def _bound_at(self, x_px: float) -> int | None:
        return bound_near(self.spans, self._tick_at(x_px), REACH_PX / self._viewport.ticks.pixels_per_tick)

    def _target(self, x_px: float, *, is_free: bool) -> int:
        """Where the bound that is dragged goes: to the grid, and so that no chord vanishes."""
        assert self._bound is not None
        grid = self._scene.grid.without_snap() if is_free else self._scene.grid
        return self._limited(self._bound, grid.snapped(self._tick_at(x_px)))

    def _limited(self, bound: int, to_tick: int) -> int:
        low, high = limits_of(self._chords.standing(self._scene.end_tick), bound, self._scene.grid.length_ticks)
        return max(low, to_tick if high is None else min(high, to_tick))

    def _drop(self) -> None:
        self._pressed = self._chords.moved = self._bound = None
        self.refresh()
        self.update()

    def _hover(self, x_px: float) -> None:
        place, bound = self._place(self._tick_at(x_px)), self._bound_at(x_px)
        if (place, bound) == (self._hovered, self._bound):
            return
        self._hovered, self._bound = place, bound
        self.setCursor(cursor("resize" if bound is not None else "pointing" if place.span is not None else "arrow"))
        self._describe(place)
        self.update()

    def _describe(self, place: ChordPlace | None) -> None:
        """The tooltip of the chord under the pointer."""
        how = self.tr("Click a chord to change it, double-click to write one, drag where one begins or ends.")
        keys = self.tr("Arrows go from chord to chord, with Shift they move its end, with Ctrl its beginning.")
        words, head = how, ""
        if place is not None and place.span is not None:
            key = self.key_at(place.from_tick)
            head = chord_name(place.span.chord, key)
            words = f"{self._words(place)}\n{how}"
            if key is not None and place.span.chord.pitch_classes:
                head = f"{head} \N{MIDDLE DOT} {roman_numeral(place.span.chord, key)}"
        set_tip(self, Tip(words, head), description=f"{self._words(self.place)}. {how} {keys}")

    # Writing

    def edit(self, place: ChordPlace) -> None:
        """Opens the name of a place."""
        self._place_tick = place.from_tick
        self._viewport.reveal_tick(place.from_tick)
        key = self.key_at(place.from_tick)
        name = chord_name(place.span.chord, key) if place.span is not None else ""
        editor = self._editor = ChordEditor(name, key, self)
        editor.entered.connect(lambda chord: self._on_entered(place, chord))
        left = max(0, round(self._viewport.ticks.to_x(place.from_tick)) - PAD_PX)
        self.setFocus(Qt.FocusReason.PopupFocusReason)  # the keyboard comes back here
        editor.open_at(self.mapToGlobal(QPoint(left, -2)))
        self.suggest(place, lambda chords: editor.show_suggested(chords) if self.editor is editor else None)
        self.update()

    def edit_at(self, tick: float) -> None:
        """Opens the name of what stands at a tick; where nothing does, of the bar or the selected notes."""
        self.edit(self._place_to_write(tick))

    def _on_entered(self, place: ChordPlace, chord: Chord | None) -> None:
        song = write_chord(self._scene.document.song, place.from_tick, place.to_tick, chord)
        self._apply(_WRITE if chord is not None else _DELETE, song)
        self._tell_place()

    def _place_to_write(self, tick: float) -> ChordPlace:
        place = self._place(tick)
        chosen = self._scene.notes.where(self._scene.selection)
        if place.span is not None or not len(chosen):
            return place
        beat = self._scene.song.ticks_per_beat
        from_tick = int(chosen.start_tick.min()) // beat * beat
        to_tick = -(-int(chosen.end_tick.max()) // beat) * beat
        return ChordPlace(from_tick, to_tick) if from_tick <= tick < to_tick else place

    def _apply(self, name: str, song: Song, merge_key: Hashable | None = None) -> None:
        self._scene.document.apply(name, song, merge_key=merge_key)
        self.update()

    def delete(self) -> None:
        """Gives what is written at the place of the keys back to what is heard."""
        place = self.place
        if place.span is None or not place.span.is_written:
            self.said.emit(self.tr("Nothing is written here. Write N.C. where no chord is to count."))
            return
        self._apply(_DELETE, write_chord(self._scene.document.song, place.from_tick, place.to_tick, None))
        self._tell_place()

    # The keyboard

    def event(self, event: QEvent) -> bool:
        """The keys of the lane come here before they are anybody's shortcut."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            own = _SIDEWAYS if event.modifiers() & _CTRL else _OWN_KEYS
            if event.key() in own and not event.modifiers() & ~_MODIFIERS:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, is_shift, is_ctrl = event.key(), event.modifiers() & _SHIFT, event.modifiers() & _CTRL
        if key in _SIDEWAYS:
            step = 1 if key == Qt.Key.Key_Right else -1
            if is_shift or is_ctrl:
                self._move_bound(step, is_end=bool(is_shift))
            else:
                self._go(step)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not is_ctrl:
            self.edit_at(self._place_tick)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete()
        elif key == Qt.Key.Key_Escape:
            if not self._scene.cancel_drag():
                self.left.emit()
        elif key not in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            super().keyPressEvent(event)

    def _go(self, step: int) -> None:
        place = self.place
        self._place_tick = place.to_tick if step > 0 else max(0, self._place(max(0, place.from_tick - 1)).from_tick)
        self._viewport.reveal_tick(self._place_tick)
        self._tell_place()
        self.update()

    def _move_bound(self, step: int, *, is_end: bool) -> None:
        """Moves where the chord begins or ends by a step of the grid; several in a row are one step of undo."""
        place, grid = self.place, self._scene.grid
        if place.span is None:
            return
        bound, other = (place.to_tick, place.from_tick) if is_end else (place.from_tick, place.to_tick)
        if bound == 0:
            return
        to_tick = self._limited(bound, grid.snapped(max(0, bound + step * grid.length_ticks)))
        marks = moved_marks(self._chords.marks, self.spans, bound, to_tick)
        if not is_end:
            self._place_tick = to_tick
        song = with_written_chords(self._scene.document.song, marks)
        self._apply(_MOVE, song, ("chord bound", str(place.span.chord), other))
        self._tell_place()

    def _words(self, place: ChordPlace) -> str:
        return place_words(place, self._scene.song.time_map, self.key_at(place.from_tick))

    def _tell_place(self) -> None:
        """Reads out the chord or bar that keys are meant for."""
        self._describe(self._hovered)
        announce(self, self._words(self.place))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() not in (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.PopupFocusReason):
            self._tell_place()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # What changes

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self._picture.forget()

    def _on_ground_changed(self) -> None:
        self._picture.forget()
        self.refresh()

    def _on_viewport_changed(self) -> None:
        ticks = self._viewport.ticks
        if self._shown_ticks != (ticks, self.width()):
            self._shown_ticks = ticks, self.width()
            self.update()
