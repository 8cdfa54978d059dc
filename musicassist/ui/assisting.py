"""The assistant in the window: asking, notes that arrive one by one, auditioning, keeping, and playing together."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMenu

from musicassist.composing.request import GenerationRequest
from musicassist.composing.span import default_track_index
from musicassist.document.document import DocumentChange
from musicassist.document.opening import read_file_in_child
from musicassist.errors import ConstraintError, MusicAssistError, SeedError
from musicassist.midi import ImportedSong
from musicassist.session.comping import MIX
from musicassist.session.offers import CONTINUE, CONTINUE_SONG, Ask
from musicassist.session.session import SessionChange
from musicassist.session.together import Ensemble
from musicassist.ui.background import BackgroundGenerator
from musicassist.ui.continue_button import ContinueButton
from musicassist.ui.dialogs import SONG_FILTER, ask_what_to_open
from musicassist.ui.foreign_text import Tip, counted, words_of
from musicassist.ui.song_view import TakesDisplay
from musicassist.ui.strips import GOOD, TOGETHER
from musicassist.ui.take_rules import TakeRules
from musicassist.ui.take_words import revealed_words
from musicassist.ui.takes_panel import TakesPanel
from musicassist.ui.workspace import Workspace

_TOGETHER_MENU = ("call_and_response", "keep_exchanges", "keep_last_exchange", "duet", "write_accompaniment")


REST_MS = 300  # after the last edit: so long a user rests who may ask next


class Assistant(QObject):
    """Connects the session's takes with the generation thread, the roll, the panel and the button.

    Attributes:
        together: Call and response, and the duet.
        panel: Shows the takes and their controls.
        rules: Their rules in the window.
        display: Shows the takes everywhere.
    """

    def __init__(
        self,
        workspace: Workspace,
        generator: BackgroundGenerator,
        panel: TakesPanel,
        button: ContinueButton,
        parent: QObject | None = None,
        *,
        once_open: Callable[[Callable[[], None]], None],
        remark: Callable[[GenerationRequest, str], str],
        ensemble: Ensemble,
    ) -> None:
        """Connects everything.

        Args:
            workspace: The session and the parts of the window.
            generator: The generation thread.
            panel: Shows the takes and their controls.
            button: Continues the phrase.
            parent: Of this object.
            once_open: Does something as soon as the file that is being opened is there.
            remark: What one should know of the takes that a model made of a request, or nothing.
            ensemble: The ways to play with the assistant.
        """
        super().__init__(parent)
        self._once_open = once_open
        self._remark = remark
        self._ensemble = ensemble
        self.together = PlayingTogether(workspace, ensemble, generator, self)
        self._workspace = workspace
        self._session = workspace.session
        self._document = workspace.session.document
        self._takes = workspace.session.takes
        self.panel = panel
        self._button = button
        self._generator = generator
        self.rules = TakeRules(workspace, panel.controls, self)
        self.display = TakesDisplay(workspace, panel, button, self)
        self._phase = "idle"
        self._started_seconds = 0.0
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._takes.read_ahead)
        self._connect()

    def _connect(self) -> None:
        self._generator.model_ready.connect(self._on_model_ready)
        self._generator.note_arrived.connect(self._takes.on_note)
        self._generator.progressed.connect(self._takes.on_progress)
        self._generator.takes_arrived.connect(self._takes.on_takes)
        self._generator.failed.connect(self._on_generator_failed)
        self.panel.take_chosen.connect(self.pick)
        self._button.pressed.connect(self._on_button_pressed)
        self._button.controls_wanted.connect(self.toggle_panel)
        self._button.prompt.source_chosen.connect(self._takes.choose_prompt)
        self._session.subscribe(self._on_session_changed)
        self._session.document.subscribe(self._on_document_changed)

    @property
    def is_on_offer(self) -> bool:
        """Whether keys belong to the takes."""
        return self._takes.phase in ("generating", "offered")

    # Commands

    def continue_phrase(self) -> None:
        """Asks for takes; where that makes no sense, says why."""
        self._once_open(lambda: self._ask(CONTINUE))

    def continue_song(self) -> None:
        """Asks for takes of all tracks that play where the song goes on; where that makes no sense, says why."""
        self._once_open(lambda: self._ask(CONTINUE_SONG))

    def continue_and_listen(self) -> None:
        """Asks for one take and plays it while it is composed; while one is heard, stops and keeps what was heard."""
        self._once_open(lambda: self._do(self._ensemble.toggle_ahead))

    @property
    def can_fill(self) -> bool:
        """Whether there are bars to fill, with notes around them."""
        try:
            bars = self._session.ask_for("infill")
        except SeedError:
            return False
        starts = self._document.track.notes.start_tick
        return len(starts) > 0 and bool(starts[0] < bars.from_tick or starts[-1] >= bars.to_tick)

    def ask_for(self, kind: str, keep: str | None = None) -> None:
        """Asks for takes of a kind where the user works; with ``keep``, of the selected notes but for what it names."""
        self._ask(self._session.ask_for(kind) if keep is None else self._session.pins.ask_anew(keep))

    def toggle_panel(self) -> None:
        """Opens or folds the panel because the user wants it so."""
        self.display.set_panel_visible(visible=self.panel.isHidden())
        if self.panel.isHidden():
            self._workspace.focus_roll()

    def blend_phrases(self) -> None:
        """Asks for the file with the second phrase, and for phrases on the way to it."""
        own = self._document.path
        folder = str(own.parent if own is not None else Path.home())
        path = ask_what_to_open(self._workspace.window, self.tr("Choose the other phrase"), folder, SONG_FILTER)
        if path is not None:
            self.blend_with(path)

    def blend_with(self, path: Path) -> None:
        """Reads the second phrase in the background, and asks for phrases on the way to it."""
        ask = self._session.ask_for("interpolate")  # the bars as they are chosen now
        self._workspace.tasks.start(
            lambda: read_file_in_child(path, is_cancelled=lambda: self._workspace.tasks.is_closed),
            lambda imported: self._on_other_read(ask, imported),
            lambda error: self._workspace.warn("other", error),
        )

    def _on_other_read(self, ask: Ask, imported: ImportedSong) -> None:
        self._workspace.notices.dismiss("other")
        try:
            other_track = default_track_index(imported.song)
        except MusicAssistError as error:
            self._workspace.warn("other", error)
            return
        self._ask(replace(ask, other=imported.song, other_track=other_track))

    def again(self) -> None:
        self._ask(None)

    def _ask(self, ask: Ask | None) -> None:
        self._do(self._takes.again if ask is None else lambda: self._takes.ask(ask))

    def _do(self, act: Callable[[], None]) -> None:
        """Does what asks for takes; where that makes no sense, says why."""
        self.panel.controls.show_refusal("")
        try:
            act()
            self._see_to_model()
        except ConstraintError as error:
            self._refuse(error)
        except MusicAssistError as error:
            self._workspace.say(words_of(error))
            self.display.refresh()

    def _see_to_model(self) -> None:
        """What waits for a model that could not be loaded gets another try."""
        if self._takes.phase == "waiting" and self._takes.request is not None and not self._generator.is_loading:
            self._generator.load(self._takes.request.model)

    def pick(self, number: int) -> None:
        """Hears a take by its number, from 1; while they are composed, lights it."""
        if number > self.display.take_count:
            self._workspace.report(self.tr("There is no take {number}."), number=number)
        elif self._takes.phase == "offered":
            self._takes.audition(number)
        else:
            self.display.light(number)

    def accept(self, *, is_part: bool = False) -> None:
        """Keeps the take, or only what it has for the selected track."""
        if self._takes.phase != "offered":
            self._workspace.report(self.tr("The takes are still being composed. {dismiss} cancels."))
            return
        number, offer = self.display.lit, self._takes.current
        self._takes.accept(is_part=is_part)
        words = self.tr("The mix is yours. {undo} takes it back.")
        words = words if number == MIX else self.tr("Take {number} is yours. {undo} takes it back.")
        which = revealed_words(offer) if offer.is_blind else ""
        self._workspace.report(f"{words} {{which}}" if which else words, number=number, which=which)
        self._workspace.focus_roll()

    def dismiss(self) -> None:
        if self._session.further.is_running:
            self._session.further.cancel()
            self._workspace.say(self.tr("No further takes. Those that are there stay on offer."))
        elif self._takes.phase == "offered":
            self._takes.dismiss()
            self._workspace.say("")
            self._workspace.focus_roll()
        else:
            self._takes.cancel()
            self._workspace.say(self.tr("Cancelled. Your music is untouched."))

    # What the session says

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind == "ghost" and change.note is not None:
            self.display.show_ghost(change.note, change.take_number)
        elif change.kind == "takes":
            self._on_takes_changed()
            self._rest.start()
        elif change.kind == "further":
            self.display.show_further()
        elif change.kind == "transport":
            self.display.show_prompt()
            self._rest.start()

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind == "track" and self._takes.phase == "offered":
            self.display.show_in_roll()  # what a take would replace is another track's
        self._rest.start()

    def _on_takes_changed(self) -> None:
        before, self._phase = self._phase, self._takes.phase
        is_begun = self._phase in ("waiting", "generating") and before not in ("waiting", "generating")
        is_back = self._phase == "offered" and before == "idle"  # what was kept is undone
        if is_begun:
            self._workspace.notices.dismiss("composing")
        is_alone = self._ensemble.ahead.is_live  # one take that is heard at once leaves nothing to choose
        if (is_begun or is_back) and not is_alone:
            self.display.open_panel()
        if self._phase == "waiting" and before != "waiting":
            self._workspace.say(self.tr("The model is still loading. Composing begins as soon as it is there."))
        if self._phase == "generating" and before != "generating":
            self._started_seconds = time.monotonic()
            self.display.light(1)
            self.display.reveal_span()
        if self._phase == "offered":
            self.display.show_in_roll()
        if self._phase == "offered" and before == "generating":
            self.display.reveal_beside()
            self._say_finished()
        if is_back:
            one, more = self.tr("The take is on offer again"), self.tr("The takes are on offer again: 1-{count} choose")
            self._workspace.say(counted(len(self._takes.offer), one, more))
        if self._phase == "idle" and before != "idle":
            self.display.clear()
        self.display.refresh()

    def _say_finished(self) -> None:
        seconds = time.monotonic() - self._started_seconds
        if self._ensemble.ahead.is_live:
            self._workspace.report(
                self.tr("{audition} stops and keeps what you heard · {accept} keeps all of it · {dismiss} lets it go")
            )
            return
        one, more = (
            self.tr("{count} take in {seconds:.1f} s · {audition} plays, {accept} keeps"),
            self.tr("{count} takes in {seconds:.1f} s · 1-{count} choose, {audition} plays, {accept} keeps"),
        )
        request, takes = self._takes.request, self._takes.offer
        is_told = takes and takes[0].model and not self._takes.current.is_blind
        remark = self._remark(request, takes[0].model) if is_told and request is not None else ""
        words = one if len(takes) == 1 else more
        words = words.format(count=len(takes), seconds=seconds, **self._workspace.spoken_keys())
        self._workspace.say(f"{words} · {remark}" if remark else words)

    # What the user and the thread do

    def _on_button_pressed(self) -> None:
        if self._takes.phase in ("waiting", "generating") or self._session.further.is_running:
            self.dismiss()
        else:
            self.continue_phrase()
        self._workspace.focus_roll()

    def _on_model_ready(self, _name: str) -> None:
        self._takes.on_model_ready()
        self._rest.start()

    def _on_generator_failed(self, request: GenerationRequest | None, error: MusicAssistError) -> None:
        if request is None:
            self._takes.on_no_model(error)
            return
        is_wanted = request is self._takes.request
        self._takes.on_failure(request, error)
        if is_wanted and isinstance(error, ConstraintError):
            self._refuse(error)
        elif is_wanted:
            self._workspace.warn("composing", error)

    def _refuse(self, error: ConstraintError) -> None:
        self.display.set_panel_visible(visible=True)
        self.rules.refuse(error)


class PlayingTogether(QObject):
    """Main thread only."""

    def __init__(
        self, workspace: Workspace, ensemble: Ensemble, generator: BackgroundGenerator, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session = workspace.session
        self.ensemble = ensemble
        generator.takes_arrived.connect(ensemble.talk.on_takes)
        ensemble.subscribe(self._on_ensemble_changed)
        workspace.strip.menu_wanted.connect(self._on_menu_wanted)
        self._show()

    def call_and_response(self) -> None:
        was_stepping = self._session.input.is_stepping
        self.ensemble.talk.toggle()
        if self.ensemble.talk.is_on:
            words = self.tr("Play a phrase: your first key starts. It is answered on the next bar line.")
            self._workspace.say(self.tr("Step input is off. {words}").format(words=words) if was_stepping else words)
        else:
            self._workspace.say(self.tr("Call and response is off."))

    def keep_exchanges(self) -> None:
        self.ensemble.talk.toggle_keeping()
        written, heard = (
            self.tr("Exchanges are written into the track."),
            self.tr("Exchanges are heard, and not written."),
        )
        self._workspace.say(written if self.ensemble.talk.keeps_exchanges else heard)

    def keep_last_exchange(self) -> None:
        if self.ensemble.talk.keep_last():
            self._workspace.report(self.tr("Call and answer are in the track now. {undo} takes them back."))
        else:
            self._workspace.say(self.tr("There is no exchange that is not in the track."))

    def duet(self) -> None:
        duet = self.ensemble.duet
        duet.toggle()
        if duet.is_on:
            self._workspace.say(
                self.tr("The assistant plays chords with you from the next bar on. Space starts the song.")
            )
        elif duet.has_played:
            self._workspace.say(self.tr("The duet is over. “Write the accompaniment” puts its chords into the song."))

    def write_accompaniment(self) -> None:
        if not self.ensemble.duet.has_played:
            self._workspace.say(self.tr("There is no accompaniment yet. Switch the duet on and play."))
            return
        self.ensemble.duet.write()
        self._workspace.report(self.tr("The accompaniment is a track of your song now. {undo} takes it back."))

    def _on_ensemble_changed(self) -> None:
        self._show()
        self._workspace.actions.refresh_switches()

    def _on_menu_wanted(self, name: str, menu: QMenu) -> None:
        if name == TOGETHER:
            for command in _TOGETHER_MENU:
                menu.addAction(self._workspace.actions[f"assistant.{command}"])

    def _show(self) -> None:
        talk, duet = self.ensemble.talk, self.ensemble.duet
        ways = [self.tr("call and response")] * talk.is_on + [self.tr("duet")] * duet.is_on
        tip = Tip(self.tr("Click to end it, or to keep what was heard."), self.tr("The assistant plays along"))
        self._workspace.strip.show_item(TOGETHER, " · ".join(ways), GOOD, tip)
        self._workspace.strip.items[TOGETHER].setVisible(bool(ways))
