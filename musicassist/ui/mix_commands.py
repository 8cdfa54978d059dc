"""Mixing takes in the window: the lanes under the roll, keys for the bar at the playhead, and the mending of joins."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from musicassist.session.comping import MIX, Comp
from musicassist.session.session import SessionChange
from musicassist.ui.actions import TAKES, Command, Need, Rows
from musicassist.ui.piano_roll.take_lanes import Lanes
from musicassist.ui.take_words import take_title
from musicassist.ui.workspace import Workspace


class MixCommands(QObject):
    """Shows the takes on offer in lanes for as long as there are some, and hears what is swiped there.

    Attributes:
        rows: Its commands, of the menu of the assistant.
    """

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session = workspace.session
        self._takes, self._mixing = workspace.session.takes, workspace.session.mixing
        self._lanes = workspace.roll.take_lanes
        self._lanes.comped.connect(self._on_comped)
        self._lanes.mended.connect(self.mend)
        workspace.session.subscribe(self._on_session_changed)
        self.rows = self._rows()

    @property
    def _are_shown(self) -> bool:
        return self._workspace.settings.take_lanes

    def toggle_lanes(self) -> None:
        """Folds the lanes open or away; it stays so for other takes."""
        self._workspace.preferences.change(take_lanes=not self._are_shown)
        self._show()

    def hear_mix(self) -> None:
        """Hears the mix; what was swiped last still stands."""
        comp = self._mixing.comp
        if comp is not None:
            self._takes.audition(MIX)

    def bar_from(self, step: int) -> None:
        """The bar at the playhead comes from the next take (1) or the one before (-1)."""
        time_map = self._session.document.song.time_map
        bar = time_map.bar_at(max(0, int(self._session.transport.position_tick())))
        self._mixing.take_from(time_map.bar_start_tick(bar), time_map.bar_start_tick(bar + 1), step)
        self._say_mix()

    def mend(self, tick: int | None = None) -> None:
        """Composes the notes around a rough join anew, at first the first one."""
        self._mixing.mend(tick)
        if self._session.further.is_running:
            self._workspace.say(self.tr("The join is being composed anew; all other notes stay."))

    def _on_comped(self, comp: Comp) -> None:
        self._mixing.mix(comp)
        self._say_mix()

    def _say_mix(self) -> None:
        comp, time_map = self._mixing.comp, self._session.document.song.time_map
        if comp is None:
            return
        pieces = (
            self.tr("{number} from bar {bar}").format(
                number=piece.take, bar=time_map.bar_number(time_map.bar_at(piece.from_tick))
            )
            for piece in comp.pieces
        )
        words = self.tr("Mix of takes: {pieces}").format(pieces=", ".join(pieces))
        rough = len(self._mixing.rough_joins)
        if rough:
            one, more = self.tr("{count} rough join; {key} mends"), self.tr("{count} rough joins; {key} mends")
            key = self._workspace.keys("assistant.mend_join")
            words += " \N{MIDDLE DOT} " + (one if rough == 1 else more).format(count=rough, key=key)
        self._workspace.say(words)

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind == "takes":
            self._show()

    def _show(self) -> None:
        offer = self._takes.current
        is_shown = self._are_shown and self._mixing.is_possible
        if is_shown:
            first, mix = offer.takes[0], offer.mix
            is_mix = offer.auditioned == MIX
            self._lanes.show_lanes(
                Lanes(
                    tuple(take.notes for take in offer.takes),
                    tuple(take_title(take, offer) for take in offer.takes),
                    offer.comp if is_mix else None,
                    mix.joins if mix is not None and is_mix else (),
                    first.from_tick,
                    first.to_tick,
                    offer.auditioned or MIX,
                )
            )
        self._workspace.roll.set_take_lanes_visible(visible=is_shown)

    # fmt: off
    def _rows(self) -> Rows:
        mixing = self._mixing
        several = Need(self.tr("Ask for several takes of a line or of all parts first."), lambda: mixing.is_possible)
        mixed = Need(self.tr("Nothing is mixed yet. Drag over bars of a take in its lane."),
                     lambda: mixing.comp is not None)
        rough = Need(self.tr("No join of the mix is rough."), lambda: bool(mixing.rough_joins))
        idle = Need(self.tr("Further takes are still being composed."), lambda: not self._session.further.is_running)
        return (
            Command("assistant.take_lanes", self.tr("Take lanes"),
                    self.tr("Show the takes in lanes under the notes. Drag over bars there to mix them."),
                    self.toggle_lanes, "Ctrl+3", is_on=lambda: self._are_shown),
            Command("assistant.hear_mix", self.tr("Hear the mix"), self.tr("Hear what was mixed of the takes."),
                    self.hear_mix, "0", "", (several, mixed), TAKES),
            Command("assistant.bar_from_next", self.tr("This bar from the next take"),
                    self.tr("In the mix, the bar at the playhead comes from the take after the one it comes from."),
                    partial(self.bar_from, 1), "Shift+PgDown", "", (several,)),
            Command("assistant.bar_from_previous", self.tr("This bar from the take before"),
                    self.tr("In the mix, the bar at the playhead comes from the take before the one it comes from."),
                    partial(self.bar_from, -1), "Shift+PgUp", "", (several,)),
            Command("assistant.mend_join", self.tr("Mend the join"),
                    self.tr("Compose the notes around a rough join of the mix anew. All others stay."),
                    self.mend, "J", "", (several, mixed, rough, idle), TAKES),
        )
    # fmt: on
