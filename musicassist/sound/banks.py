"""What FluidSynth plays a program with: which preset of the font stands for a bank; and the tone of the whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from musicassist.midi.synth_state import GM2, XG, DrumPart, Meaning, SystemReset
from musicassist.score.song import DRUM_CHANNEL

DEFAULT_GAIN = 1.0  # a full pop arrangement peaks at -2.5 dB, a phrase of three tracks at -9 dB
DEFAULT_POLYPHONY = 256
MAX_GAIN, MIN_POLYPHONY, MAX_POLYPHONY = 10.0, 16, 4096
ROOM, LIGHT = "room", "light"
_Values = dict[str, int | float]
# FluidSynth's own settings; "room" and "light" are its defaults.
REVERBS: dict[str, _Values] = {
    "off": {"synth.reverb.active": 0},
    "dry": {"synth.reverb.active": 1, "synth.reverb.room-size": 0.2, "synth.reverb.level": 0.4},
    ROOM: {"synth.reverb.active": 1, "synth.reverb.room-size": 0.2, "synth.reverb.level": 0.9},
    "hall": {"synth.reverb.active": 1, "synth.reverb.room-size": 0.75, "synth.reverb.level": 0.9},
}
CHORUSES: dict[str, _Values] = {
    "off": {"synth.chorus.active": 0},
    LIGHT: {"synth.chorus.active": 1, "synth.chorus.level": 2.0, "synth.chorus.depth": 8.0},
    "wide": {"synth.chorus.active": 1, "synth.chorus.level": 4.0, "synth.chorus.depth": 16.0},
}
# The third byte of a program change, which ports are not sent: a bank, 1..127; what the channel has by itself, which is
# bank 0, but drums on channel 10; or what it has not by itself.
USUAL_BANK, DRUM_KIT, NO_DRUM_KIT = 0, 128, 129
_GM2_DRUMS, _GM2_MELODIC = 120, 121
_XG_DRUMS, _XG_EFFECTS = (126, 127), 64


@dataclass(frozen=True)
class Tone:
    """What is heard of FluidSynth besides the notes.

    Attributes:
        gain: Loudness, 0..10.
        reverb: A name of ``REVERBS``; another one is the usual room.
        chorus: A name of ``CHORUSES``; another one is the usual chorus.
        polyphony: How many voices sound at once; more of them cost more time.
    """

    gain: float = DEFAULT_GAIN
    reverb: str = ROOM
    chorus: str = LIGHT
    polyphony: int = DEFAULT_POLYPHONY

    def settings(self) -> _Values:
        """FluidSynth's settings by name, each within its range, whatever was asked for."""
        return {
            "synth.gain": max(0.0, min(float(self.gain), MAX_GAIN)),
            "synth.polyphony": max(MIN_POLYPHONY, min(int(self.polyphony), MAX_POLYPHONY)),
            **REVERBS.get(self.reverb, REVERBS[ROOM]),
            **CHORUSES.get(self.chorus, CHORUSES[LIGHT]),
        }


USUAL_TONE = Tone()


class BankRules:
    """Follows the messages of a song, in their order, to know what a program change means. One port's channels."""

    def __init__(self) -> None:
        self._standard = ""
        self._banks: dict[int, int] = {}  # by channel: controller 0
        self._drums: dict[int, bool] = {}  # as messages said of parts

    def take_bank(self, channel: int, value: int) -> None:
        """Controller 0 of a channel."""
        self._banks[channel] = value

    def take_meaning(self, meaning: Meaning | None) -> None:
        """A system exclusive message."""
        if isinstance(meaning, SystemReset):
            self._standard = meaning.standard
            self._banks.clear()
            self._drums.clear()
        elif isinstance(meaning, DrumPart):
            self._drums[meaning.channel] = meaning.is_drums

    def meant(self, channel: int) -> int:
        """The third byte of a program change on a channel, 0..15, with what holds now."""
        bank = self._banks.get(channel)
        if self._is_drums(channel, bank):
            return USUAL_BANK if channel == DRUM_CHANNEL else DRUM_KIT
        is_plain = not bank or bank == _GM2_MELODIC or (self._standard == XG and bank != _XG_EFFECTS)
        if is_plain:
            return NO_DRUM_KIT if channel == DRUM_CHANNEL else USUAL_BANK
        return int(bank or 0)

    def _is_drums(self, channel: int, bank: int | None) -> bool:
        if channel in self._drums:
            return self._drums[channel]
        if bank == _GM2_DRUMS:
            return True
        if bank is not None and self._standard == XG:
            return bank in _XG_DRUMS
        if bank == _GM2_MELODIC and self._standard == GM2:
            return False
        return channel == DRUM_CHANNEL


def font_bank(channel: int, bank: int) -> int:
    """The SoundFont's bank for the third byte of a program change on a channel, 0..15; 128 is that of drums."""
    if channel == DRUM_CHANNEL and bank != NO_DRUM_KIT:  # by itself it has drums, whatever bank was sent
        return DRUM_KIT
    return USUAL_BANK if bank == NO_DRUM_KIT else bank


def nearest_preset(presets: Iterable[tuple[int, int]], bank: int, program: int) -> tuple[int, int] | None:
    """What plays a program of a font that lacks it, as (bank, program); None for drums where it has none.

    First as FluidSynth chooses: the same program of bank 0, then the first one; then the nearest of its kind.
    """
    have = set(presets)
    if bank == DRUM_KIT:
        kits = [number for of_bank, number in have if of_bank == DRUM_KIT]
        firsts = [(DRUM_KIT, program), (DRUM_KIT, 0)]
        nearest = [(DRUM_KIT, min(kits, key=lambda number: (abs(number - program), number)))] if kits else []
    else:
        firsts = [(bank, program), (0, program), (0, 0)]
        melodic = [preset for preset in have if preset[0] != DRUM_KIT] or list(have)
        nearest = [min(melodic, key=lambda preset: _distance(preset, program))] if melodic else []
    return next((preset for preset in (*firsts, *nearest) if preset in have), None)


def _distance(preset: tuple[int, int], program: int) -> tuple[bool, int, int, int]:
    """How far a preset is from a program: another family of General MIDI is farther than any of the same."""
    bank, number = preset
    return number // 8 != program // 8, abs(number - program), bank, number
