"""The list on the left: the tracks, their instruments, mute and solo."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal, SignalInstance
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from musicassist.score.song import Song, Track
from musicassist.ui.icons import icon
from musicassist.ui.instruments import FAMILIES, instrument_name
from musicassist.ui.slots import calling
from musicassist.ui.theme import SMALL_PX, Theme, text_font

WIDTH_PX = 136


class TrackRow(QFrame):
    """One track. A click selects it, a double click on the name renames it.

    Attributes:
        selected, renamed, program_chosen, mute_toggled, solo_toggled, output_chosen, removal_wanted: What the user
            did; each carries the index of the track first.
        outputs: The MIDI ports that a track can be played through.
    """

    selected = Signal(int)
    renamed = Signal(int, str)
    program_chosen = Signal(int, int)
    mute_toggled = Signal(int)
    solo_toggled = Signal(int)
    output_chosen = Signal(int, object)
    removal_wanted = Signal(int)

    def __init__(self, index: int, theme: Theme) -> None:
        super().__init__()
        self.index = index
        self._theme = theme
        self._track = Track()
        self.outputs: tuple[str, ...] = ()
        self.setObjectName("track_row")
        self.name = QLabel()
        self.editor = QLineEdit()
        self.instrument = QPushButton()
        self.mute = self._flag("mute", "M", self.tr("<b>Mute</b><br>Play the song without this track."))
        self.solo = self._flag("solo", "S", self.tr("<b>Solo</b><br>Play this track alone."))
        self._lay_out()

    def _flag(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setCheckable(True)
        button.setFixedSize(20, 18)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        signal = self.mute_toggled if name == "mute" else self.solo_toggled
        button.clicked.connect(calling(self._emit_index, signal))
        return button

    def _emit_index(self, signal: SignalInstance) -> None:
        signal.emit(self.index)

    def _lay_out(self) -> None:
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.editor.hide()
        self.editor.editingFinished.connect(self._on_editing_finished)
        self.instrument.setFont(text_font(SMALL_PX))
        self.instrument.setObjectName("instrument")
        self.instrument.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.instrument.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        menu = QMenu(self.instrument)
        menu.aboutToShow.connect(calling(self._fill_programs, menu))
        self.instrument.setMenu(menu)
        top = QHBoxLayout()
        top.setSpacing(2)
        for widget, stretch in ((self.name, 1), (self.editor, 1), (self.mute, 0), (self.solo, 0)):
            top.addWidget(widget, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 5, 6, 5)
        column.setSpacing(1)
        column.addLayout(top)
        column.addWidget(self.instrument)

    def show_track(self, track: Track, *, is_chosen: bool) -> None:
        """Shows the track's name, instrument and flags."""
        self._track = track
        name = track.name or self.tr("Track {number}").format(number=self.index + 1)
        instrument = self.tr("Drums") if track.is_drums else instrument_name(track.program)
        self.name.setText(name)
        self.name.setToolTip(
            self.tr("{name}, {count} notes. Double-click renames.").format(name=name, count=len(track.notes))
        )
        port = track.output_port
        self.instrument.setText(instrument if port is None else f"{instrument} → {port}")
        self.instrument.setEnabled(not track.is_drums)
        through = "" if port is None else self.tr("<br>through {port}").format(port=port)
        self.instrument.setToolTip(self.tr("<b>Instrument</b><br>{name}").format(name=instrument) + through)
        self.mute.setChecked(track.muted)
        self.solo.setChecked(track.soloed)
        self.setAccessibleName(f"{name}, {instrument}")
        if self.property("chosen") != is_chosen:
            self.setProperty("chosen", is_chosen)
            self.style().unpolish(self)
            self.style().polish(self)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Changes the colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The track's colour as a bar at the left."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        color = QColor(self._theme.note_color(self.index, 100, is_selected=True))
        color.setAlphaF(0.35 if self._track.muted else 1.0)
        painter.setBrush(color)
        painter.drawRoundedRect(QRectF(5, 8, 3, self.height() - 16), 1.5, 1.5)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Selects the track; the right button opens what else can be done."""
        self.selected.emit(self.index)
        if event.button() == Qt.MouseButton.RightButton:
            menu = QMenu(self)
            self._fill_outputs(menu.addMenu(self.tr("Play through")))
            menu.addAction(self.tr("Rename")).triggered.connect(calling(self.start_renaming))
            menu.addAction(self.tr("Remove the track")).triggered.connect(
                calling(self._emit_index, self.removal_wanted)
            )
            menu.popup(event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Renames."""
        self.start_renaming()

    def start_renaming(self) -> None:
        """Puts a field in the place of the name."""
        self.editor.setText(self._track.name)
        self.name.hide()
        self.editor.show()
        self.editor.selectAll()
        self.editor.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the name as it was."""
        if event.key() == Qt.Key.Key_Escape and self.editor.isVisible():
            self.editor.setText(self._track.name)
            self._on_editing_finished()
            return
        super().keyPressEvent(event)

    def _on_editing_finished(self) -> None:
        if not self.editor.isHidden():
            self.editor.hide()
            self.name.show()
            if self.editor.text() != self._track.name:
                self.renamed.emit(self.index, self.editor.text())

    def _fill_outputs(self, menu: QMenu) -> None:
        """What plays the whole song, or a port of the track's own; a chosen one that is not there is shown, too."""
        chosen = self._track.output_port
        ports = [*self.outputs, *([chosen] if chosen is not None and chosen not in self.outputs else [])]
        self._add_output(menu, self.tr("What plays the song"), None)
        for port in ports:
            is_here = port in self.outputs
            self._add_output(menu, port if is_here else self.tr("{port} (not connected)").format(port=port), port)
        if not ports:
            menu.addAction(self.tr("No MIDI port is there")).setEnabled(False)

    def _add_output(self, menu: QMenu, text: str, port: str | None) -> None:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(port == self._track.output_port)
        action.triggered.connect(calling(self.output_chosen.emit, self.index, port))

    def _fill_programs(self, menu: QMenu) -> None:
        menu.clear()
        for family, (title, names) in enumerate(FAMILIES):
            family_menu = menu.addMenu(self.tr(title))
            for place, name in enumerate(names):
                program = 8 * family + place
                action = family_menu.addAction(self.tr(name))
                action.setCheckable(True)
                action.setChecked(program == self._track.program)
                action.triggered.connect(calling(self.program_chosen.emit, self.index, program))


class TrackList(QFrame):
    """All tracks of the song.

    Attributes:
        track_selected, track_renamed, program_chosen, mute_toggled, solo_toggled, output_chosen, removal_wanted: As of
            a row.
        add_wanted: The user wants a new track.
    """

    track_selected = Signal(int)
    track_renamed = Signal(int, str)
    program_chosen = Signal(int, int)
    mute_toggled = Signal(int)
    solo_toggled = Signal(int)
    output_chosen = Signal(int, object)
    removal_wanted = Signal(int)
    add_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("track_list")
        self.setFixedWidth(WIDTH_PX)
        self._theme = theme
        self.rows: list[TrackRow] = []
        self._outputs: tuple[str, ...] = ()
        self._add = QPushButton(self.tr("Add a track"))
        self._add.setFlat(True)
        self._add.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._add.clicked.connect(self.add_wanted)
        self._column = QVBoxLayout()
        self._column.setSpacing(2)
        inside = QWidget()
        inside.setObjectName("track_list")
        column = QVBoxLayout(inside)
        column.setContentsMargins(6, 6, 6, 6)
        column.addLayout(self._column)
        column.addWidget(self._add)
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.set_theme(theme)

    def show_song(self, song: Song, selected_track: int) -> None:
        """Shows the tracks of the song; rows are kept where they can be."""
        while len(self.rows) > len(song.tracks):
            row = self.rows.pop()
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(song.tracks):
            self._add_row()
        for index, (row, track) in enumerate(zip(self.rows, song.tracks, strict=True)):
            row.show_track(track, is_chosen=index == selected_track)

    def _add_row(self) -> None:
        row = TrackRow(len(self.rows), self._theme)
        row.selected.connect(self.track_selected)
        row.renamed.connect(self.track_renamed)
        row.program_chosen.connect(self.program_chosen)
        row.mute_toggled.connect(self.mute_toggled)
        row.solo_toggled.connect(self.solo_toggled)
        row.output_chosen.connect(self.output_chosen)
        row.outputs = self._outputs
        row.removal_wanted.connect(self.removal_wanted)
        self._column.addWidget(row)
        self.rows.append(row)

    def set_outputs(self, outputs: tuple[str, ...]) -> None:
        """The MIDI ports that tracks can be played through."""
        self._outputs = outputs
        for row in self.rows:
            row.outputs = outputs

    def set_theme(self, theme: Theme) -> None:
        """Tints the icons and colours."""
        self._theme = theme
        self._add.setIcon(icon("add", theme, color=theme.second_text))
        for row in self.rows:
            row.set_theme(theme)
