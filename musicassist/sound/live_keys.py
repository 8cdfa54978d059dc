"""Keys that are struck by hand: the MIDI keyboard, and clicks on the piano."""

from __future__ import annotations

import threading
from collections.abc import Callable

from musicassist.midi.hand_controls import Slot, at_rest, slot_of
from musicassist.score.song import NO_BANK, Bank
from musicassist.sound.schedule import (
    ALL_SOUND_OFF,
    BANK_CONTROLS,
    BEND,
    CHANNEL_PRESSURE,
    CONTROL,
    KEY_PRESSURE,
    NOTE_OFF,
    NOTE_ON,
    PROGRAM,
    Message,
    ends_notes,
)
from musicassist.sound.synth import Synth

_CHANNEL_MASK = 0x0F  # without the route above it


class LiveKeys:
    """Sounds keys at once, remembers which are down, and lets go of all of them. Any thread.

    Attributes:
        synth: What sounds.
    """

    def __init__(self, synth: Synth, owns_channel: Callable[[int], bool] = lambda _channel: False) -> None:
        """Makes the keys.

        Args:
            synth: What sounds.
            owns_channel: Whether the playing song decides about a channel's instrument.
        """
        self.synth = synth
        self._owns_channel = owns_channel
        self._live_channel, self._live_program, self._live_bank = 0, 0, NO_BANK
        # (channel without its route, pitch) -> the routed channel, and when it goes up by itself
        self._down: dict[tuple[int, int], tuple[int, float | None]] = {}
        self._heard: dict[int, int] = {}  # pitch on the keyboard -> the channel that it struck
        self._moved: dict[Slot, Message] = {}  # pedals, benders and wheels that are not at rest
        self._programs: dict[int, tuple[int, Bank]] = {}  # what we last sent to each channel
        self._banked: set[int] = set()  # channels that we sent a bank
        self._has_played_program = False  # the keyboard chose one, over the song if that plays
        self._lock = threading.RLock()

    def set_track(self, channel: int, program: int, bank: Bank = NO_BANK) -> None:
        """What the MIDI keyboard plays from its next key on. Pedals stay with what they were pressed for no longer."""
        with self._lock:
            is_taken_back = self._has_played_program and channel == self._live_channel
            self._has_played_program = False
            if channel != self._live_channel:
                self._rest_controls()
            self._live_channel, self._live_program, self._live_bank = channel, program, bank
            self._send_program(channel, program, is_owned=self._owns_channel(channel) and not is_taken_back)

    def strike(self, pitch: int, velocity: int, channel: int, program: int, seconds: float | None = None) -> None:
        """A key goes down, and up again by itself after ``seconds`` if given."""
        with self._lock:
            self.release(pitch, channel)
            self._send_program(channel, program, is_owned=self._owns_channel(channel))
            until_seconds = None if seconds is None else self.synth.now_seconds() + seconds
            self._down[channel & _CHANNEL_MASK, pitch] = channel, until_seconds
            self.synth.send((NOTE_ON | channel, pitch, velocity))

    def release(self, pitch: int, channel: int) -> None:
        """A key goes up, by whatever route it went down; nothing happens if it is not down."""
        with self._lock:
            struck = self._down.pop((channel & _CHANNEL_MASK, pitch), None)
            if struck is not None:
                self.synth.send((NOTE_OFF | struck[0], pitch, 64))

    def release_due(self) -> None:
        """Lets go of the keys whose time is over."""
        with self._lock:
            now = self.synth.now_seconds()
            due = [key for key, (_, until) in self._down.items() if until is not None and until <= now]
            for channel, pitch in due:
                self.release(pitch, channel)

    def release_all(self) -> None:
        """Lets go of every key and pedal."""
        with self._lock:
            for channel, pitch in list(self._down):
                self.release(pitch, channel)
            self._heard.clear()
            self._rest_controls()

    def change_synth(self, synth: Synth) -> None:
        """Another synth sounds from now on; afterwards nobody speaks to the old one here."""
        with self._lock:
            self.release_all()
            self.synth = synth
            self._programs.clear()

    def rest_banks(self) -> None:
        """Before the song plays: banks that were chosen by hand do not hold for its programs."""
        with self._lock:
            for channel in self._banked:
                for number in BANK_CONTROLS:
                    self.synth.send((CONTROL | channel, number, 0))
                self._programs.pop(channel, None)
            self._banked.clear()

    def forget_programs(self) -> None:
        """The song may have changed the channels' instruments, and reset pedals that are held."""
        with self._lock:
            self._programs.clear()
            for message in self._moved.values():
                self.synth.send(message)

    def hear(self, message: bytes) -> None:
        """Sounds what the keyboard sent, with the selected track's instrument."""
        if not 2 <= len(message) <= 3 or not NOTE_OFF <= message[0] < 0xF0:
            return
        kind, data1, data2 = message[0] & 0xF0, message[1], message[2] if len(message) == 3 else 0
        with self._lock:
            if kind == NOTE_ON and data2 > 0:
                self._come_up(data1)
                self._heard[data1] = self._live_channel
                self.strike(data1, data2, self._live_channel, self._live_program)
            elif kind in (NOTE_ON, NOTE_OFF):
                self._come_up(data1)
            elif kind == PROGRAM:
                self._live_program, self._has_played_program = data1, True
                self._programs[self._live_channel] = data1, self._live_bank
                self.synth.send((PROGRAM | self._live_channel, data1, 0))
            elif kind == CONTROL and data1 in BANK_CONTROLS:
                high, low = self._live_bank
                self._live_bank = (data2, low) if data1 == BANK_CONTROLS[0] else (high, data2)
                self._banked.add(self._live_channel)
                self.synth.send((CONTROL | self._live_channel, data1, data2))
            elif kind == KEY_PRESSURE:
                self.synth.send((kind | self._heard.get(data1, self._live_channel), data1, data2))
            elif kind in (BEND, CHANNEL_PRESSURE) or (kind == CONTROL and data1 < ALL_SOUND_OFF):
                self._move((kind | self._live_channel, data1, data2))
            elif kind == CONTROL and ends_notes(data1):
                for pitch in list(self._heard):
                    self._come_up(pitch)
                if data1 == ALL_SOUND_OFF:
                    self.synth.send((CONTROL | self._live_channel, data1, 0))

    def _come_up(self, pitch: int) -> None:
        """A key of the keyboard, on the channel that it struck: another track may be selected by now."""
        self.release(pitch, self._heard.pop(pitch, self._live_channel))

    def _move(self, message: Message) -> None:
        slot = slot_of(message)
        if slot is not None:
            self._moved.pop(slot, None)
            if message != at_rest(slot):
                self._moved[slot] = message
        self.synth.send(message)

    def _rest_controls(self) -> None:
        for slot in list(self._moved):
            self._move(at_rest(slot))

    def _send_program(self, channel: int, program: int, *, is_owned: bool) -> None:
        """Sends an instrument, unless it is there, or the song decides; a bank of before does not stay by itself."""
        is_live = (channel, program) == (self._live_channel, self._live_program)
        bank = self._live_bank if is_live else NO_BANK
        if is_owned or self._programs.get(channel) == (program, bank):
            return
        self._programs[channel] = program, bank
        if bank == NO_BANK and channel in self._banked:
            self._banked.discard(channel)
            bank = 0, 0
        elif bank != NO_BANK:
            self._banked.add(channel)
        for number, value in zip(BANK_CONTROLS, bank, strict=True):
            if value is not None:
                self.synth.send((CONTROL | channel, number, value))
        self.synth.send((PROGRAM | channel, program, 0))
