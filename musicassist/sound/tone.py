"""How FluidSynth sounds besides its font: loudness, room, chorus and how many voices."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_GAIN = 1.0  # a full pop arrangement peaks at -2.5 dB, a phrase of three tracks at -9 dB
DEFAULT_POLYPHONY = 256
MOST_GAIN, FEWEST_VOICES, MOST_VOICES = 10.0, 16, 4096
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
            "synth.gain": max(0.0, min(float(self.gain), MOST_GAIN)),
            "synth.polyphony": max(FEWEST_VOICES, min(int(self.polyphony), MOST_VOICES)),
            **REVERBS.get(self.reverb, REVERBS[ROOM]),
            **CHORUSES.get(self.chorus, CHORUSES[LIGHT]),
        }


USUAL_TONE = Tone()
