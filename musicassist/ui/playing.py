"""Playing by other means than a MIDI keyboard, the playhead that follows, and playing with the assistant."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QMenu

from musicassist.score.midi_bytes import NOTE_OFF, NOTE_ON
from musicassist.score.song import Notes
from musicassist.session.playing_in import MAX_COUNT_IN_BARS
from musicassist.session.session import Session
from musicassist.session.together import Ensemble
from musicassist.sound.messages import MidiReceived, SoundEvent
from musicassist.sound.schedule import live_channel
from musicassist.ui.background import BackgroundGenerator
from musicassist.ui.desk import Desk
from musicassist.ui.foreign_text import Tip, translate
from musicassist.ui.status_strip import GOOD, TOGETHER
from musicassist.ui.window_keys import LIVE, ROWS, MusicalTyping


class LivePlayer:
    """Sounds with the instrument of the selected track. Main thread only."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._channels: dict[int, int] = {}  # pitch -> where it sounds, also after another track was selected

    def note_on(self, pitch: int, velocity: int) -> None:
        """A key goes down."""
        self._channels[pitch] = channel = live_channel(self._session.document.track)
        self._session.sound.note_on(pitch, velocity, channel, self._session.instrument.program)
        self._record(bytes((NOTE_ON, pitch, velocity)))

    def note_off(self, pitch: int) -> None:
        """A key goes up."""
        channel = self._channels.pop(pitch, live_channel(self._session.document.track))
        self._session.sound.note_off(pitch, channel)
        self._record(bytes((NOTE_OFF, pitch, 0)))

    def _record(self, message: bytes) -> None:
        transport = self._session.transport
        tick = transport.position_tick() - transport.waiting_ticks()
        self._session.receive(MidiReceived((time.monotonic(),), (tick,), (message,)))


FRAME_MS = 16
IDLE_MS = 50


class Playing:
    """What the commands of the Play menu do beyond the session: what is remembered, said and shown."""

    def __init__(self, desk: Desk, typing: MusicalTyping, *, has_keyboard: Callable[[], bool]) -> None:
        self.typing = typing
        self._session = desk.session
        self._has_keyboard = has_keyboard
        self._desk = desk

    def return_to_start(self) -> None:
        """Moves the playhead to the start."""
        self._session.transport.return_to_start()
        self._desk.roll.reveal_tick(0)

    def record(self) -> None:
        """Starts or ends a recording."""
        self._session.input.toggle_recording()
        if self._session.input.is_recording and not self._has_keyboard():
            self._desk.say(_keyless_words(self._desk))

    def count_in(self) -> None:
        """Another number of bars that click before recording."""
        session = self._session
        bars = (session.input.way.count_in_bars + 1) % (MAX_COUNT_IN_BARS + 1)
        session.input.set_way(replace(session.input.way, count_in_bars=bars))
        self._desk.preferences.change(count_in_bars=bars)
        words = (
            translate("Play", "Recording begins at once."),
            translate("Play", "Count-in: one bar."),
            translate("Play", "Count-in: two bars."),
        )
        self._desk.say(words[bars])

    def replace(self) -> None:
        """Replaces what is there while recording, or adds to it."""
        session = self._session
        is_replacing = not session.input.way.is_replacing
        session.input.set_way(replace(session.input.way, is_replacing=is_replacing))
        self._desk.preferences.change(replace_recording=is_replacing)
        words = {
            (False, False): translate("Play", "Recording adds to what is there."),
            (False, True): translate("Play", "Recording replaces what is there."),
            (True, False): translate("Play", "The next recording adds to what is there."),
            (True, True): translate("Play", "The next recording replaces what is there."),
        }
        self._desk.say(words[session.input.is_recording, is_replacing])

    def metronome(self) -> None:
        """Clicks, or does not."""
        self._session.transport.toggle_metronome()
        self._desk.preferences.change(metronome=self._session.transport.is_metronome_on)

    def two_rows(self) -> None:
        """Letter keys in two rows, or as in Live."""
        layout = LIVE if self.typing.layout is ROWS else ROWS
        self.typing.lay_out(layout)
        self._desk.preferences.change(letter_layout=layout.name)

    def step_input(self) -> None:
        """Writes chord by chord at the playhead, or not."""
        self._session.input.toggle_stepping()
        if self._session.input.is_stepping:
            self._desk.focus_roll()


class Heartbeat(QObject):
    """Asks the sound engine for news and moves the playhead: 60 times a second while it moves, else 20."""

    def __init__(
        self,
        desk: Desk,
        *,
        tell: Callable[[Sequence[SoundEvent]], None],
        show_tick: Callable[[float], None],
        show_count_in: Callable[[int], None],
        follow: Callable[[], None],
        parent: QObject,
    ) -> None:
        """Starts beating.

        Args:
            desk: The session and the roll.
            tell: Gets what the sound engine said.
            show_tick: Gets the place of the playhead when it has moved.
            show_count_in: Gets the beats that are still counted when they have changed; 0 when recording begins.
            follow: Is called at each beat, after the news.
            parent: Owns it.
        """
        super().__init__(parent)
        self._desk = desk
        self._tell = tell
        self._show_tick = show_tick
        self._show_count_in = show_count_in
        self._follow = follow
        self._shown_tick: float | None = None
        self._shown_beats = 0
        self._is_recording = False
        self._timer = QTimer(self, interval=IDLE_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.beat)
        self._timer.start()

    def stop(self) -> None:
        """No beat follows."""
        self._timer.stop()

    def beat(self) -> None:
        """One look at everything that moves by itself."""
        session = self._desk.session
        events = session.poll_sound()
        if events:
            self._tell(events)
        self._follow()
        is_moving = session.transport.is_playing or session.input.is_recording
        wanted_ms = FRAME_MS if is_moving else IDLE_MS
        if self._timer.interval() != wanted_ms:
            self._timer.setInterval(wanted_ms)
        self._show_position(session.transport.position_tick())
        self._count(session.input.beats_to_wait)
        self._show_recording(is_recording=session.input.is_recording)

    def _show_position(self, tick: float) -> None:
        if tick != self._shown_tick:
            self._shown_tick = tick
            self._desk.roll.set_playhead_tick(tick)
            self._show_tick(tick)

    def _count(self, beats: int) -> None:
        if beats != self._shown_beats:
            self._shown_beats = beats
            self._show_count_in(beats)

    def _show_recording(self, *, is_recording: bool) -> None:
        if is_recording:
            self._desk.roll.set_recorded(self._desk.session.input.recorded_notes())
        elif self._is_recording:
            self._desk.roll.set_recorded(Notes.of())
            if self._desk.strip.message == _keyless_words(self._desk):
                self._desk.say("")
        self._is_recording = is_recording


def _keyless_words(desk: Desk) -> str:
    words = translate("Play", "Recording. No MIDI keyboard is there; {keys} plays on the letter keys.")
    return words.format(keys=desk.keys("play.musical_typing"))


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
