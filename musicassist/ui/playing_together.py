"""The switches of playing with the assistant: what they do, how they stand, and what is said of it."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from musicassist.session.together.together import Ensemble
from musicassist.ui.background import BackgroundGenerator
from musicassist.ui.desk import Desk
from musicassist.ui.foreign_text import Tip
from musicassist.ui.status_strip import GOOD, TOGETHER

_MENU = ("call_and_response", "keep_exchanges", "keep_last_exchange", "duet", "write_accompaniment")


class PlayingTogether(QObject):
    """Main thread only."""

    def __init__(self, desk: Desk, ensemble: Ensemble, generator: BackgroundGenerator, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self.ensemble = ensemble
        generator.takes_arrived.connect(ensemble.talk.on_takes)
        ensemble.subscribe(self._on_ensemble_changed)
        desk.strip.menu_wanted.connect(self._on_menu_wanted)
        self._show()

    def call_and_response(self) -> None:
        """Answers what is played, or does not."""
        was_stepping = self._desk.session.input.is_stepping
        self.ensemble.talk.toggle()
        if self.ensemble.talk.is_on:
            words = self.tr("Play a phrase: your first key starts. It is answered on the next bar line.")
            self._desk.say(self.tr("Step input is off. {words}").format(words=words) if was_stepping else words)
        else:
            self._desk.say(self.tr("Call and response is off."))

    def keep_exchanges(self) -> None:
        """Writes exchanges into the song, or does not."""
        self.ensemble.talk.toggle_keeping()
        self._desk.say(
            self.tr("Exchanges are written into the track.")
            if self.ensemble.talk.keeps_exchanges
            else self.tr("Exchanges are heard, and not written.")
        )

    def keep_last_exchange(self) -> None:
        """Writes the exchange that was heard last into the song."""
        if self.ensemble.talk.keep_last():
            words = self.tr("Call and answer are in the track now. {undo} takes them back.")
            self._desk.say(words.format(undo=self._desk.keys("edit.undo")))
        else:
            self._desk.say(self.tr("There is no exchange that is not in the track."))

    def duet(self) -> None:
        """Accompanies, or does not."""
        duet = self.ensemble.duet
        duet.toggle()
        if duet.is_on:
            self._desk.say(self.tr("The assistant plays chords with you from the next bar on. Space starts the song."))
        elif duet.has_played:
            words = self.tr("The duet is over. “Write the accompaniment” puts its chords into the song.")
            self._desk.say(words)

    def write_accompaniment(self) -> None:
        """Puts the chords into the song."""
        if not self.ensemble.duet.has_played:
            self._desk.say(self.tr("There is no accompaniment yet. Switch the duet on and play."))
            return
        self.ensemble.duet.write()
        words = self.tr("The accompaniment is a track of your song now. {undo} takes it back.")
        self._desk.say(words.format(undo=self._desk.keys("edit.undo")))

    def _on_ensemble_changed(self) -> None:
        self._show()
        self._desk.actions.refresh_switches()

    def _on_menu_wanted(self, name: str, menu: QMenu) -> None:
        if name == TOGETHER:
            for command in _MENU:
                menu.addAction(self._desk.actions[f"assistant.{command}"])

    def _show(self) -> None:
        ways = [words for words, is_on in self._ways() if is_on]
        tip = Tip(self.tr("Click to end it, or to keep what was heard."), self.tr("The assistant plays along"))
        self._desk.strip.show_item(TOGETHER, " · ".join(ways), GOOD, tip)
        self._desk.strip.items[TOGETHER].setVisible(bool(ways))

    def _ways(self) -> tuple[tuple[str, bool], ...]:
        """What each way is called, and whether it is on."""
        talk, duet = self.ensemble.talk, self.ensemble.duet
        return (self.tr("call and response"), talk.is_on), (self.tr("duet"), duet.is_on)
