"""The list on the left: the tracks, their instruments, mute and solo."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from musicassist.document.instruments import are_programs_as_before, programs_heard
from musicassist.score.chord_track import is_only_of_chords
from musicassist.score.song import Song
from musicassist.ui.theme import arranged, icon
from musicassist.ui.track_row import TrackRow, TrackWishes

MIN_WIDTH_PX, FIRST_TRACKS_PX, MAX_WIDTH_PX = 112, 132, 420
MARGIN_PX, GAP_PX = 6, 2


class TrackList(QFrame):
    """All tracks of the song but one that only names chords, which stands in the lane above the roll.

    Only those in view have a widget, so that 4,000 cost what a dozen do.

    Attributes:
        wishes: What the user wants of the tracks.
        add_wanted: The user wants a new track.
        rows: The rows in view, from above.
    """

    add_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("track_list")
        self.setMinimumWidth(MIN_WIDTH_PX)
        self.setMaximumWidth(MAX_WIDTH_PX)
        self.wishes = TrackWishes(self)
        self.rows: list[TrackRow] = []
        self._spare: list[TrackRow] = []
        self._row_px = 0
        self._song: Song | None = None
        self._programs: tuple[int, ...] = ()
        self._selected_track = -1
        self._shown: tuple[int, ...] = ()
        self._outputs: tuple[str, ...] = ()
        self._inside = QWidget()
        self._inside.setObjectName("track_list")
        self._add = QPushButton(self.tr("Add a track"), self._inside)
        self._add.setFlat(True)
        self._add.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._add.clicked.connect(self.add_wanted)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._inside)
        self._area.viewport().installEventFilter(self)
        self._area.verticalScrollBar().valueChanged.connect(self._place)
        arranged(QVBoxLayout(self), self._area)
        self._add.setIcon(icon("add", "second_text"))
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange) and self._row_px:
            self._row_px = 0  # other fonts and margins make other rows
            self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._area.viewport() and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def forget_typing(self) -> None:
        """Lets go the name that is being typed: it was meant for a track of the song that was there before."""
        for row in self.rows:
            row.forget_typing()

    def show_song(self, song: Song, selected_track: int) -> None:
        """Shows the tracks of the song, and brings a track into view that has just been selected."""
        is_other_choice = selected_track != self._selected_track
        if self._song is None or not are_programs_as_before(self._song, song):
            self._programs = programs_heard(song)
        if is_other_choice or self._song is None or not _are_kinds_as_before(self._song, song):
            self._shown = tuple(
                number
                for number, track in enumerate(song.tracks)
                if number == selected_track or not is_only_of_chords(track)
            )
        self._song, self._selected_track = song, selected_track
        self._place()
        if is_other_choice:
            self._reveal(selected_track)

    def rename_selected(self) -> None:
        """Puts the keyboard into the name of the selected track."""
        for row in self._selected_rows():
            row.start_renaming()

    def choose_instrument_of_selected(self) -> None:
        """Opens the menu of instruments of the selected track."""
        for row in self._selected_rows():
            row.open_instruments()

    def _selected_rows(self) -> list[TrackRow]:
        """The row of the selected track, brought into view; none in a song without tracks."""
        self._reveal(self._selected_track)
        return [row for row in self.rows if row.index == self._selected_track]

    def _reveal(self, index: int) -> None:
        line = bisect_left(self._shown, index)
        self._area.ensureVisible(0, round(self._top_px(line) + self._row_px / 2), 0, self._row_px)

    def _top_px(self, line: int) -> int:
        return MARGIN_PX + line * (self._row_px + GAP_PX)

    def _place(self) -> None:
        """Gives the tracks in view their rows, and the inside the height of all."""
        tracks = self._song.tracks if self._song is not None else ()
        if not self._row_px:
            self._row_px = self._measured()
        view = self._area.viewport().size()
        width_px = view.width() - 2 * MARGIN_PX
        add_px = self._add.sizeHint().height()
        end_px = self._top_px(len(self._shown))
        self._inside.resize(view.width(), max(view.height(), end_px + add_px + 2 * MARGIN_PX))
        self._add.setGeometry(MARGIN_PX, end_px + MARGIN_PX, width_px, add_px)
        top_px = self._area.verticalScrollBar().value()
        step_px = self._row_px + GAP_PX
        first = min(max(0, (top_px - MARGIN_PX) // step_px), max(0, len(self._shown) - 1))
        wanted = self._shown[first : (top_px + view.height()) // step_px + 1]
        self._bind(wanted)
        programs = self._programs
        for line, (row, index) in enumerate(zip(self.rows, wanted, strict=True), start=first):
            row.setGeometry(MARGIN_PX, self._top_px(line), width_px, self._row_px)
            row.show_track(index, tracks[index], is_chosen=index == self._selected_track, program=programs[index])

    def _measured(self) -> int:
        """Height of a row with its fonts and margins."""
        if not self._spare and not self.rows:
            self._spare.append(self._made())
        row = (self.rows or self._spare)[0]
        row.ensurePolished()
        return row.sizeHint().height()

    def _bind(self, wanted: Sequence[int]) -> None:
        """A row for each track that is wanted; one that shows it already keeps it, and nobody is interrupted in it."""
        kept = {row.index: row for row in self.rows if row.index in wanted}
        free = [row for row in self.rows if row.index not in wanted]
        for row in free:
            row.end_renaming()
            row.hide()
        self._spare.extend(free)
        self.rows = [kept.get(index) or self._taken() for index in wanted]

    def _taken(self) -> TrackRow:
        row = self._spare.pop() if self._spare else self._made()
        row.show()
        return row

    def _made(self) -> TrackRow:
        row = TrackRow(self.wishes, self._inside)
        row.outputs = self._outputs
        return row

    def set_outputs(self, outputs: tuple[str, ...]) -> None:
        self._outputs = outputs
        for row in (*self.rows, *self._spare):
            row.outputs = outputs


def _are_kinds_as_before(old: Song, new: Song) -> bool:
    """Whether the same tracks only name chords after an edit; looks at edited tracks alone."""
    if len(old.tracks) != len(new.tracks):
        return False
    edited = (pair for pair in zip(old.tracks, new.tracks, strict=True) if pair[0] is not pair[1])
    return all(is_only_of_chords(before) == is_only_of_chords(after) for before, after in edited)
