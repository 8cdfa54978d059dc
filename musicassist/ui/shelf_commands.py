"""Earlier takes in the window: what their rows say, and what brings them back, keeps them or throws them away."""

from __future__ import annotations

import time
from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale, QObject, Qt, QTimer

from musicassist.composing.request import ANSWERED, PLACED, RECORDED
from musicassist.document.document import DocumentChange
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError
from musicassist.session.session import SessionChange
from musicassist.session.shelf import Read, read_page
from musicassist.session.shelf_pages import Shelved
from musicassist.session.take_parts import step_name
from musicassist.ui.actions import Command, Need, Rows
from musicassist.ui.foreign_text import filled, translate, words_of
from musicassist.ui.model_status import title_of
from musicassist.ui.shelf_panel import ShelfFace, ShelfPanel
from musicassist.ui.take_words import plan_words
from musicassist.ui.workspace import Workspace

MAX_READ_AT_ONCE = 8  # LIMIT: pages; more of them are read beside the main thread
AGO_MS = 20_000  # the words of time are told anew
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_FATES = {
    "offered": QT_TRANSLATE_NOOP("Shelf", "left on offer"),
    "dismissed": QT_TRANSLATE_NOOP("Shelf", "dismissed"),
    "superseded": QT_TRANSLATE_NOOP("Shelf", "others asked for"),
    "kept": QT_TRANSLATE_NOOP("Shelf", "kept"),
    "undone": QT_TRANSLATE_NOOP("Shelf", "undone"),
    "heard": QT_TRANSLATE_NOOP("Shelf", "heard"),
    "played": QT_TRANSLATE_NOOP("Shelf", "played"),
}


_GIVEN = {
    RECORDED: QT_TRANSLATE_NOOP("Shelf", "Recorded rounds"),
    ANSWERED: QT_TRANSLATE_NOOP("Shelf", "Answer"),
    PLACED: QT_TRANSLATE_NOOP("Shelf", "Put elsewhere"),
}


def ago_words(seconds: float, at_unix_seconds: float) -> str:
    """How long ago something was, or on which day."""
    if seconds < _MINUTE:
        return translate("Shelf", "just now")
    if seconds < _HOUR:
        count = int(seconds // _MINUTE)
        one, more = translate("Shelf", "1 minute ago"), translate("Shelf", "{count} minutes ago")
    elif seconds < _DAY:
        count = int(seconds // _HOUR)
        one, more = translate("Shelf", "1 hour ago"), translate("Shelf", "{count} hours ago")
    else:
        return _day(at_unix_seconds)
    return one if count == 1 else more.format(count=count)


def _day(at_unix_seconds: float) -> str:
    date = QDateTime.fromSecsSinceEpoch(int(at_unix_seconds)).date()
    return QLocale().toString(date, QLocale.FormatType.ShortFormat)


def face_of(name: str, shelved: Shelved, now_unix_seconds: float, *, is_on_desk: bool) -> ShelfFace:
    """What a row says of an offer. Of a blind one nobody is told whose takes they are until one was kept."""
    offer, time_map = shelved.offer, shelved.request.song.time_map
    heard = offer.audition or offer.takes[0]
    span = offer.takes[0].from_tick, offer.takes[0].to_tick
    first, last = (time_map.bar_number(time_map.bar_at(tick)) for tick in (span[0], max(span[0], span[1] - 1)))
    bars = translate("Shelf", "bar {first}") if first == last else translate("Shelf", "bars {first}-{last}")
    fate = translate("Shelf", "on offer") if is_on_desk else filled("Shelf", _FATES[shelved.fate], {})
    is_told = not offer.is_blind or shelved.fate in ("kept", "undone")
    ideas = tuple(dict.fromkeys(filter(None, map(plan_words, offer.takes)))) if is_told else ()
    models = tuple(dict.fromkeys(title_of(take.model) for take in offer.takes if take.model)) if is_told else ()
    count = translate("Shelf", "{count} takes").format(count=len(offer.takes)) if len(offer.takes) > 1 else ""
    detail = " · ".join(filter(None, (count, ", ".join(models), "; ".join(ideas))))
    at = datetime.fromtimestamp(shelved.at_unix_seconds)
    kind = shelved.request.kind
    title = (
        filled("Shelf", _GIVEN[kind], {}) if kind in _GIVEN else filled("Steps", step_name(heard, shelved.request), {})
    )
    place = f"{bars.format(first=first, last=last)} · {fate}"
    day = _day(shelved.at_unix_seconds)
    searched = " ".join(
        (title, place, detail, day, f"{at:%Y-%m-%d %H:%M}", *(take.model for take in offer.takes if is_told))
    )
    ago = ago_words(now_unix_seconds - shelved.at_unix_seconds, shelved.at_unix_seconds)
    return ShelfFace(name, title, place, detail, ago, heard.ghosts, span, shelved.is_pinned, is_on_desk, searched)


class ShelfCommands(QObject):
    """Shows the shelf while its panel is open, and does what is asked of its rows.

    Attributes:
        rows: Its commands, of the menu of the assistant.
    """

    def __init__(self, workspace: Workspace, panel: ShelfPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace, self._panel = workspace, panel
        self._session, self._shelf = workspace.session, workspace.session.shelf
        self._is_reading = False
        panel.hide()
        self._rest = QTimer(self, singleShot=True, interval=0)
        self._rest.timeout.connect(self._show)
        self._ago = QTimer(self, interval=AGO_MS)
        self._ago.timeout.connect(self._show)
        workspace.session.subscribe(self._on_session_changed)
        workspace.session.document.subscribe(self._on_document_changed)
        self.rows = self._rows()

    # Showing

    def toggle(self) -> None:
        """Opens the panel, with the keyboard in its list, or folds it."""
        is_open = self._panel.isHidden()
        self._panel.setVisible(is_open)
        if is_open:
            self._show()
            self._ago.start()
            self._panel.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self._ago.stop()
            self._workspace.focus_roll()

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind == "takes":
            self._rest.start()

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind in ("pages", "opened"):
            self._rest.start()

    def _show(self) -> None:
        if self._panel.isHidden():
            return
        unread = self._shelf.unread()
        if len(unread) > MAX_READ_AT_ONCE:
            if not self._is_reading:
                self._is_reading = True
                self._workspace.tasks.start(
                    lambda: {name: read_page(page) for name, page in unread.items()}, self._on_read, self._on_unread
                )
            return
        now = time.time()
        self._panel.show_faces(
            [
                face_of(name, self._shelf[name], now, is_on_desk=name == self._shelf.on_desk)
                for name in self._shelf.names()
            ]
        )
        self._panel.show_thrown(self._shelf.thrown_count)
        self._workspace.actions.refresh()

    def _on_read(self, read: dict[str, Read]) -> None:
        self._is_reading = False
        self._shelf.know(read)
        self._show()
        damaged = self._shelf.damaged_count
        if damaged:
            words = self.tr("Pages of earlier takes that are damaged and were left out: {count}.")
            self._workspace.report(words, count=damaged)

    def _on_unread(self, problem: MusicAssistError) -> None:
        self._is_reading = False
        self._workspace.warn("shelf", problem)

    # Doing

    def use_chosen(self) -> None:
        """Puts the chosen takes on the desk; where they do not fit, says so in the panel, with what can be done."""
        name = self._panel.chosen
        if name is None or name == self._shelf.on_desk:
            return
        try:
            self._bring(name)
        except MusicAssistError as problem:
            self._panel.show_refusal(words_of(problem))

    def bring_last_back(self) -> None:
        """Puts the newest takes on the desk that are neither there nor in the song.

        Raises:
            MusicAssistError: They do not fit any more.
        """
        name = self._shelf.last()
        if name is not None:
            self._bring(name)

    def _bring(self, name: str) -> None:
        self._shelf.bring_back(name)
        self._workspace.focus_roll()

    def put_at_playhead(self) -> None:
        """Puts the chosen takes into the bar of the playhead, in the selected track."""
        name = self._panel.chosen
        if name is not None:
            self._shelf.put_at(name, round(self._session.transport.position_tick()))
            self._workspace.focus_roll()

    def put_into_new_track(self) -> None:
        """Puts the chosen takes into a new track, where they were."""
        name = self._panel.chosen
        if name is not None:
            self._shelf.put_into_new_track(name)
            self._workspace.focus_roll()

    def star(self) -> None:
        """Lets the chosen takes stay however many come, or not any more."""
        name = self._panel.chosen
        if name is not None:
            self._shelf.pin(name, is_pinned=not self._shelf[name].is_pinned)

    def throw_away(self) -> None:
        """Throws the chosen takes away; the panel offers to undo that."""
        name = self._panel.chosen
        if name is not None and name != self._shelf.on_desk:
            self._shelf.throw_away(name)
            self._say_thrown()

    def throw_all_away(self) -> None:
        """Throws all away that have no star and are not on offer."""
        self._shelf.throw_all_away()
        self._say_thrown()

    def _say_thrown(self) -> None:
        self._workspace.report(
            self.tr("Thrown away: {count}. “{name}” undoes it."),
            count=self._shelf.thrown_count,
            name=self.tr("Take back what was thrown away"),
        )

    # fmt: off
    def _rows(self) -> Rows:
        shelf, panel = self._shelf, self._panel
        chosen = Need(self.tr("Choose earlier takes in their list first."),
                      lambda: not panel.isHidden() and panel.chosen is not None)
        away = Need(self.tr("These takes are on offer."), lambda: panel.chosen != shelf.on_desk)
        some = Need(self.tr("There are no earlier takes that are not in the song."), lambda: shelf.last() is not None)
        thrown = Need(self.tr("Nothing was thrown away."), lambda: shelf.thrown_count > 0)
        return (
            Command("assistant.shelf", self.tr("Earlier takes"),
                    self.tr("Show or fold the takes that were dismissed, undone or replaced by others."),
                    self.toggle, "Ctrl+4", is_on=lambda: not panel.isHidden()),
            Command("assistant.bring_back", self.tr("Bring back the last offer"),
                    self.tr("Put the newest takes on offer again that are not in the song."),
                    self.bring_last_back, "Ctrl+Alt+Z", "", (some,)),
            Command("assistant.use_earlier", self.tr("Bring back the chosen takes"),
                    self.tr("Put the takes that are chosen in the list on offer again."),
                    self.use_chosen, "", "", (chosen, away)),
            Command("assistant.earlier_at_playhead", self.tr("Put the chosen takes at the playhead"),
                    self.tr("Offer them in the selected track, from the bar of the playhead on."),
                    self.put_at_playhead, "", "", (chosen,)),
            Command("assistant.earlier_in_new_track", self.tr("Put the chosen takes into a new track"),
                    self.tr("Offer them where they were, in a track of their own."),
                    self.put_into_new_track, "", "", (chosen,)),
            Command("assistant.star_earlier", self.tr("Star the chosen takes"),
                    self.tr("Let them stay however many come after them."), self.star, "", "", (chosen,)),
            Command("assistant.throw_away", self.tr("Throw away the chosen takes"),
                    self.tr("Take them out of the list. That can be undone until something else is thrown away."),
                    self.throw_away, "", "", (chosen, away)),
            Command("assistant.throw_all_away", self.tr("Throw away all earlier takes"),
                    self.tr("Take all out of the list that have no star. That can be undone."),
                    self.throw_all_away),
            Command("assistant.take_back_thrown", self.tr("Take back what was thrown away"),
                    self.tr("Put what was thrown away last into the list again."), shelf.take_back, "", "", (thrown,)),
            None,
        )
    # fmt: on
