"""What the strip at the bottom says of sound and keyboard, its menus, and the beat that asks the engine for news."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QMenu

from musicassist.errors import SoundError
from musicassist.score.song import Notes
from musicassist.session.sound_choices import sound_settings
from musicassist.sound.messages import (
    CHORUSES,
    REVERBS,
    SILENT_DRIVER,
    EngineDied,
    PortsChanged,
    SoundEvent,
    StatusChanged,
)
from musicassist.sound.outputs import drivers_in_order
from musicassist.sound.soundfont_file import check_soundfont
from musicassist.sound.wave_synth import BUILT_IN
from musicassist.ui.actions import add_choice, add_values, calling
from musicassist.ui.dialogs import ask_what_to_open
from musicassist.ui.foreign_text import Tip, add_line, add_menu, literal, translate, words_of
from musicassist.ui.strips import GOOD, KEYBOARD, MISSING, SOUND, TROUBLED, WAITING, WARNING, Notice
from musicassist.ui.workspace import Workspace

NO_KEYBOARD = ""  # the choice "no keyboard", see SoundSettings
GAINS = (0.5, 0.75, 1.0, 1.5, 2.0)
POLYPHONIES = (64, 128, 256, 512)
FRAME_MS = 16
IDLE_MS = 50


class SoundStatus(QObject):
    """Turns what the engine says into words and menus. Main thread only.

    Attributes:
        outputs_changed: The MIDI ports that can play, as a tuple of names.
    """

    outputs_changed = Signal(tuple)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session = workspace.session
        self._status: StatusChanged | None = None
        self._ports = PortsChanged((), (), None, None)
        workspace.strip.menu_wanted.connect(self._on_menu_wanted)
        workspace.strip.show_item(SOUND, self.tr("sound is starting…"), WAITING)
        workspace.strip.show_item(KEYBOARD, self.tr("looking for a keyboard…"), WAITING)

    @property
    def has_keyboard(self) -> bool:
        return bool(self._ports.input_port)

    def describe(self) -> str:
        """One line for the diagnostics."""
        return f"{self._status} {self._ports}"

    def tell(self, events: Sequence[SoundEvent]) -> None:
        for event in events:
            if isinstance(event, StatusChanged):
                self._show_status(event)
            elif isinstance(event, PortsChanged):
                self._show_ports(event)
            elif isinstance(event, EngineDied):
                self._show_death(event)

    def _show_status(self, status: StatusChanged) -> None:
        self._status = status
        self._workspace.notices.dismiss("sound")  # it lives
        if status.problem is not None:
            is_silent = status.driver == SILENT_DRIVER
            problem = words_of(status.problem)
            why, state = _head(problem), MISSING if is_silent else TROUBLED
            text = self.tr("no sound: {why}").format(why=why) if is_silent else why
            tip = Tip(f"{problem}\n{_remedy_words(status)}")
            if status.driver != SILENT_DRIVER:
                meanwhile = self.tr("Meanwhile {what} plays.").format(what=self._sounding_text(status))
                tip = Tip(f"{tip.body}\n{meanwhile}")
        elif status.missing_ports:
            ports = ", ".join(literal(port) for port in status.missing_ports)
            text, state = self.tr("{ports} is not connected").format(ports=ports), TROUBLED
            words = self.tr("Plug it in again; it is found by its name. Until then {driver} plays its notes.")
            tip = Tip(words.format(driver=literal(status.driver)), ports)
        else:
            text, state = self._sounding_text(status), GOOD
            latency_ms = round(1000 * status.latency_seconds)
            words = self.tr("{driver}, {ms} ms. Click to change.")
            tip = Tip(words.format(driver=literal(status.driver), ms=latency_ms), self.tr("Sound"))
        self._workspace.strip.show_item(SOUND, _short(text), state, tip)

    def _sounding_text(self, status: StatusChanged) -> str:
        return " + ".join((literal(self._lead_text(status)), *(literal(port) for port in status.ports)))

    def _lead_text(self, status: StatusChanged) -> str:
        if status.driver.startswith("MIDI port"):
            return status.driver
        if status.driver == SILENT_DRIVER:
            return self.tr("silent")
        if status.driver.startswith(BUILT_IN):
            return self.tr("built-in synth")
        font = Path(status.soundfont).stem if status.soundfont else ""
        return f"FluidSynth · {font}" if font else f"FluidSynth · {status.driver}"

    def show_keyboard(self) -> None:
        self._show_ports(self._ports)

    def _show_ports(self, ports: PortsChanged) -> None:
        is_news, self._ports = ports.is_mpe and not self._ports.is_mpe, ports
        self.outputs_changed.emit(ports.outputs)
        chosen = self._workspace.settings.input_port
        if ports.input_port:
            name = literal(ports.input_port)
            lines = [self._played_words(name)]
            if ports.is_mpe:
                mpe = self.tr(
                    "It sends MPE. A finger alone bends freely; in a chord each stands on the key nearest to its pitch."
                )
                lines.append(mpe)
                if is_news:
                    self._workspace.say(f"{name}: {mpe}")
            self._workspace.strip.show_item(KEYBOARD, _short(name), GOOD, Tip("\n".join(lines), self.tr("Keyboard")))
        elif chosen == NO_KEYBOARD:
            self._workspace.strip.show_item(
                KEYBOARD, self.tr("keyboard off"), GOOD, self.tr("No keyboard is listened to. Click to choose.")
            )
        elif chosen is not None:
            self._show_missed_keyboard(chosen, is_listed=chosen in ports.inputs)
        elif ports.inputs:
            tip = Tip(self.tr("Click to choose the one that is listened to."), self.tr("Keyboard"))
            self._workspace.strip.show_item(KEYBOARD, self.tr("several keyboards: choose one"), MISSING, tip)
        else:
            words = self.tr("It is seen within two seconds. {keys} plays on the letter keys.")
            tip = Tip(words.format(keys=self._workspace.keys("play.musical_typing")), self.tr("Keyboard"))
            self._workspace.strip.show_item(KEYBOARD, self.tr("no keyboard: plug one in"), WAITING, tip)

    def _played_words(self, name: str) -> str:
        record, capture = self._workspace.keys("play.record"), self._workspace.keys("play.capture")
        words = self.tr("{name} sounds at once; {record} records it, {capture} captures it.")
        return words.format(name=name, record=record, capture=capture)

    def _show_missed_keyboard(self, name: str, *, is_listed: bool) -> None:
        if is_listed:
            text = self.tr("{name} does not open")
            tip = self.tr("Another program may use it; it is tried again. Click to choose another.")
        else:
            text = self.tr("{name} is not connected")
            tip = self.tr("Plug it in again; it is found by its name. Click to choose another.")
        name = literal(name)
        self._workspace.strip.show_item(KEYBOARD, _short(text.format(name=name)), TROUBLED, Tip(tip, name))

    def _show_death(self, event: EngineDied) -> None:
        words = f"{words_of(event.problem)} {words_of(event.remedy)}"
        self._workspace.say(words)
        if not event.restarted:
            remedy = (self.tr("Start sound again"), self.restart)
            self._workspace.notify(Notice("sound", words, WARNING, (remedy,)))

    def restart(self) -> None:
        """Starts the engine with the settings as they are."""
        self._session.sound.configure(sound_settings(self._workspace.settings))

    def _change(self, **values: object) -> None:
        self._workspace.preferences.change(**values)
        self.restart()

    def _change_to(self, name: str, value: object) -> None:
        self._change(**{name: value})

    # Menus

    def _on_menu_wanted(self, name: str, menu: QMenu) -> None:
        if name == SOUND:
            self._fill_sound_menu(menu)
        elif name == KEYBOARD:
            self._fill_keyboard_menu(menu)

    def _fill_sound_menu(self, menu: QMenu) -> None:
        if self._status is not None and self._status.problem is not None:
            remedy = _remedy_words(self._status)
            add_choice(menu, self.tr("Try again"), self.restart, tip=remedy)
            if remedy:
                add_line(menu, remedy).setEnabled(False)
            add_choice(menu, self.tr("Go on silently"), lambda: self._change(sound_driver=SILENT_DRIVER))
            menu.addSeparator()
        add_choice(menu, self.tr("Test tone"), self._play_test_tone)
        add_choice(menu, self.tr("Choose a SoundFont…"), self.choose_soundfont)
        if self._workspace.settings.soundfont:
            add_choice(menu, self.tr("Use the SoundFont that comes along"), lambda: self._change(soundfont=None))
        self._fill_outputs(add_menu(menu, self.tr("Play through")))
        self._fill_tone(add_menu(menu, self.tr("Room and loudness")))
        self._fill_drivers(add_menu(menu, self.tr("Sound driver")))

    def _fill_outputs(self, menu: QMenu) -> None:
        for port in (None, *self._ports.outputs):
            self._add_output(menu, port, is_with_fluidsynth=False)
        for port in self._ports.outputs:
            self._add_output(menu, port, is_with_fluidsynth=True)
        if not self._ports.outputs:
            add_line(menu, self.tr("No MIDI port is there")).setEnabled(False)
        menu.addSeparator()
        self._add_switch(menu, self.tr("Send MIDI clock"), "midi_clock")

    def _add_output(self, menu: QMenu, port: str | None, *, is_with_fluidsynth: bool) -> None:
        """A line of the outputs: FluidSynth, a port, or both."""
        name = literal(port or "FluidSynth")
        text = self.tr("FluidSynth and {port}").format(port=name) if is_with_fluidsynth else name
        now = self._workspace.settings
        is_chosen = (port, is_with_fluidsynth) == (now.output_port, now.with_fluidsynth and port is not None)
        change = partial(self._change, output_port=port, with_fluidsynth=is_with_fluidsynth)
        add_choice(menu, text, change, is_chosen=is_chosen)

    def _add_switch(self, menu: QMenu, text: str, name: str) -> None:
        is_on = bool(getattr(self._workspace.settings, name))
        add_choice(menu, text, calling(self._change_to, name, not is_on), is_chosen=is_on)

    def _fill_tone(self, menu: QMenu) -> None:
        """Loudness, reverb, chorus and voices; they are heard at once, also while the song plays."""
        reverbs = (self.tr("None"), self.tr("A little"), self.tr("Room"), self.tr("Hall"))
        choruses = (self.tr("None"), self.tr("Light"), self.tr("Wide"))
        percents = [self.tr("{number} %").format(number=round(100 * gain)) for gain in GAINS]
        voices = [self.tr("{number} voices").format(number=number) for number in POLYPHONIES]
        self._add_values(add_menu(menu, self.tr("Loudness")), "gain", dict(zip(percents, GAINS, strict=True)))
        self._add_values(add_menu(menu, self.tr("Reverb")), "reverb", dict(zip(reverbs, REVERBS, strict=True)))
        self._add_values(add_menu(menu, self.tr("Chorus")), "chorus", dict(zip(choruses, CHORUSES, strict=True)))
        most = dict(zip(voices, POLYPHONIES, strict=True))
        self._add_values(add_menu(menu, self.tr("Most voices")), "polyphony", most)

    def _add_values(self, menu: QMenu, name: str, values: Mapping[str, object]) -> None:
        add_values(menu, values, getattr(self._workspace.settings, name), partial(self._change_to, name))

    def _fill_drivers(self, menu: QMenu) -> None:
        drivers = {literal(driver): driver for driver in drivers_in_order()}
        ends = {self.tr("Choose by itself"): None}, {self.tr("None: silent"): SILENT_DRIVER}
        self._add_values(menu, "sound_driver", {**ends[0], **drivers, **ends[1]})

    def _fill_keyboard_menu(self, menu: QMenu) -> None:
        ports = {literal(port): port for port in self._ports.inputs}
        ends = {self.tr("The one that is plugged in"): None}, {self.tr("No keyboard"): NO_KEYBOARD}
        self._add_values(menu, "input_port", {**ends[0], **ports, **ends[1]})

    def _play_test_tone(self) -> None:
        self._session.sound.preview(72, 96)

    def choose_soundfont(self) -> None:
        """Asks for an SF2 or SF3 file and takes it if it is one."""
        title, kinds = self.tr("Choose a SoundFont"), "SoundFont (*.sf2 *.sf3 *.SF2 *.SF3)"
        path = ask_what_to_open(self._workspace.window, title, self._workspace.settings.soundfont or "", kinds)
        if path is None:
            return
        try:
            check_soundfont(path)
        except SoundError as error:
            self._workspace.warn("soundfont", error)
            return
        self._workspace.notices.dismiss("soundfont")
        self._change(soundfont=str(path))


def _remedy_words(status: StatusChanged) -> str:
    return words_of(status.remedy) if status.remedy is not None else ""


def _head(sentence: str) -> str:
    """A sentence without what stands in brackets and without its full stop."""
    return sentence.partition(" (")[0].rstrip(".")


def _short(text: str, limit: int = 44) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


class Heartbeat(QObject):
    """Asks the sound engine for news and moves the playhead: 60 times a second while it moves, else 20."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        tell: Callable[[Sequence[SoundEvent]], None],
        show_tick: Callable[[float], None],
        show_count_in: Callable[[int], None],
        follow: Callable[[], None],
        parent: QObject,
    ) -> None:
        """Starts beating.

        Args:
            workspace: The session and the roll.
            tell: Gets what the sound engine said.
            show_tick: Gets the place of the playhead when it has moved.
            show_count_in: Gets the beats that are still counted when they have changed; 0 when recording begins.
            follow: Is called at each beat, after the news.
            parent: Owns it.
        """
        super().__init__(parent)
        self._workspace = workspace
        self._session = workspace.session
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
        self._timer.stop()

    def beat(self) -> None:
        session = self._session
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
            self._workspace.roll.set_playhead_tick(tick)
            self._show_tick(tick)

    def _count(self, beats: int) -> None:
        if beats != self._shown_beats:
            self._shown_beats = beats
            self._show_count_in(beats)

    def _show_recording(self, *, is_recording: bool) -> None:
        if is_recording:
            self._workspace.roll.set_recorded(self._session.input.recorded_notes())
        elif self._is_recording:
            self._workspace.roll.set_recorded(Notes.of())
            if self._workspace.strip.message == keyless_words(self._workspace):
                self._workspace.say("")
        self._is_recording = is_recording


def keyless_words(workspace: Workspace) -> str:
    """What is said when somebody records without a keyboard."""
    words = translate("Play", "Recording. No MIDI keyboard is there; {keys} plays on the letter keys.")
    return words.format(keys=workspace.keys("play.musical_typing"))
