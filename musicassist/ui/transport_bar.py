"""The bar on top: transport, position, tempo, meter, key, grid, tools, and the button that continues the phrase."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from musicassist.ui.actions import Actions
from musicassist.ui.continue_button import ContinueButton
from musicassist.ui.foreign_text import PlainLabel, Tip, face_of, follow_tip, set_name, set_tip
from musicassist.ui.song_fields import GridField, KeyField, MeterField, TempoField
from musicassist.ui.theme import icon

_TRANSPORT = (
    "play.return_to_start",
    "play.toggle",
    "play.stop_and_return",
    "play.record",
    "play.loop",
    "play.metronome",
)
# What goes first where there is no room for all; menus and keys have it still.
_SPARE = ("edit.tool_split", "edit.tool_erase", "edit.tool_draw", "edit.tool_edit", "view.snap", "play.metronome",
          "play.return_to_start", "play.loop", "play.stop_and_return")  # fmt: skip
MIN_WIDTH_PX, SPACING_PX = 740, 2
_TOOLS = ("edit.tool_edit", "edit.tool_draw", "edit.tool_erase", "edit.tool_split")


class TransportBar(QFrame):
    """Everything that is always needed, in one thin row. It shows; what it is told to do it says by signals.

    Attributes:
        tempo, meter, key, grid: The fields of the song.
        continuing: The button in the accent colour.
    """

    def __init__(self, actions: Actions, continuing: ContinueButton, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transport_bar")
        self._actions = actions
        self._spare: list[QToolButton] = []
        self._parts: list[QWidget] = []
        self._is_playing = False
        self.buttons: dict[str, QToolButton] = {}
        self.position = PlainLabel("1.1.000")
        self.position.setObjectName("position")
        self.position.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.position.setFixedWidth(84)
        set_tip(self.position, Tip(self.tr("Bar, beat and ticks of the playhead."), self.tr("Position")))
        self.tempo, self.meter, self.key, self.grid = TempoField(), MeterField(), KeyField(), GridField()
        self.continuing = continuing
        self._name_position()
        self._lay_out()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(SPACING_PX)
        for command_id in _TRANSPORT:
            row.addWidget(self._button(command_id))
        row.addSpacing(4)
        row.addWidget(self.position)
        row.addSpacing(6)
        for field in (self.tempo, self.meter, self.key):
            row.addWidget(field)
        row.addWidget(self._separator())
        row.addWidget(self.grid)
        row.addWidget(self._button("view.snap"))
        row.addWidget(self._separator())
        for command_id in _TOOLS:
            row.addWidget(self._button(command_id))
        row.addStretch(1)
        row.addWidget(self.continuing)
        self._spare = [self.buttons[command_id] for command_id in _SPARE]
        items = (row.itemAt(place) for place in range(row.count()))
        self._parts = [part for item in items if item is not None and (part := item.widget()) is not None]

    def _button(self, command_id: str) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._actions[command_id])
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setIconSize(QSize(16, 16))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_name(button, face_of(self._actions[command_id]))
        follow_tip(button, self._actions[command_id])
        self.buttons[command_id] = button
        return button

    def minimumSizeHint(self) -> QSize:
        return QSize(min(MIN_WIDTH_PX, super().minimumSizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """A field that says something longer takes room from what can be spared."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        parts = [part for part in self._parts if part not in self._spare and part is not self.continuing]
        gaps_px = SPACING_PX * (len(self._parts) + 3) + 26  # the spaces and margins
        room_px = self.width() - gaps_px - sum(_least_px(part) for part in parts)
        room_px -= self.continuing.whole_px  # its words stand whole as long as there is anything to spare
        self.continuing.show_whole(is_whole=room_px + self.continuing.spare_px >= 0)
        for button in reversed(self._spare):  # the last ones stay longest
            room_px -= button.sizeHint().width()
            if button.isHidden() == (room_px >= 0):
                button.setVisible(room_px >= 0)

    def _separator(self) -> QFrame:
        line = QFrame()
        line.setObjectName("separator")
        line.setContentsMargins(4, 0, 4, 0)
        return line

    def show_position(self, bar: int, beat: int, ticks: int) -> None:
        """Where the playhead stands, bar and beat counted from 1."""
        text = f"{bar}.{beat}.{ticks:03d}"
        if text != self.position.text():
            self.position.show_text(text)
            self._name_position()

    def _name_position(self) -> None:
        """A screen reader is told the place where the playhead comes to rest, not each that it runs through."""
        name = self.tr("Position")
        set_name(self.position, name if self._is_playing else f"{name} {self.position.text()}")

    def show_count_in(self, beats: int) -> None:
        """How many beats come before the place where the playhead waits."""
        self.position.show_text(f"\N{MINUS SIGN}{beats}")

    def show_playing(self, *, is_playing: bool) -> None:
        """The play button becomes a stop button while it sounds."""
        if is_playing != self._is_playing:
            self._is_playing = is_playing
            self._name_position()
            self._actions["play.toggle"].setIcon(icon("pause" if is_playing else "play"))


def _least_px(part: QWidget) -> int:
    return part.minimumSizeHint().expandedTo(part.minimumSize()).boundedTo(part.maximumSize()).width()
