"""Where bar 1 begins: the menu of the ruler that says it, and the offer for songs that seem to hide a pickup."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu

from musicassist.errors import MusicAssistError
from musicassist.score.pickup import suspected_pickup_ticks
from musicassist.score.song import Song
from musicassist.ui.desk import Desk
from musicassist.ui.notices import INFO, Notice
from musicassist.ui.slots import calling
from musicassist.ui.words import tr

NOTICE = "pickup"


class BarOne(QObject):
    """Says where bar 1 begins, as one step of undo."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.window)
        self._desk = desk
        desk.roll.ruler.menu_requested.connect(self._on_menu_requested)

    def begin(self, tick: int) -> None:
        """Bar 1 begins at a tick; what stands in the way is said above the roll."""
        try:
            self._desk.session.score.begin_bar_one(tick)
        except MusicAssistError as error:
            self._desk.warn("bar_one", error)
        else:
            self._desk.notices.dismiss(NOTICE)

    def offer_for(self, song: Song) -> None:
        """Looks in the background whether a song that was opened hides a pickup, and offers to put it right."""
        self._desk.notices.dismiss(NOTICE)

        def show(pickup_ticks: int | None) -> None:
            if pickup_ticks is not None and self._desk.session.document.song is song:
                self._offer(song, pickup_ticks)

        self._desk.tasks.start(lambda: suspected_pickup_ticks(song), show, lambda _error: None)

    def _offer(self, song: Song, pickup_ticks: int) -> None:
        beats = f"{song.time_map.tick_to_beats(pickup_ticks):g}"
        one = tr("BarOne", "This seems to begin with a pickup (1 quarter note), so all bar lines are off.")
        more = tr("BarOne", "This seems to begin with a pickup ({beats} quarter notes), so all bar lines are off.")
        text = one if beats == "1" else more
        put_right = tr("BarOne", "Begin bar 1 behind the pickup"), lambda: self.begin(pickup_ticks)
        self._desk.notices.show_notice(Notice(NOTICE, text.format(beats=beats), INFO, (put_right,)))

    def menu_at(self, tick: int) -> QMenu:
        """The menu of a place in the ruler."""
        menu = QMenu(self._desk.window)
        menu.addAction(tr("BarOne", "Bar 1 begins here")).triggered.connect(calling(self.begin, tick))
        return menu

    def _on_menu_requested(self, tick: int, place: QPoint) -> None:
        self.menu_at(tick).popup(place)
