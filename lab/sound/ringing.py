"""Real FluidSynth, rendered faster than it sounds: after each stop its voices must die away."""

from __future__ import annotations

import random
from dataclasses import dataclass

from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.sound.fluid_synth import FluidSynth
from musicassist.sound.playback import Playback
from musicassist.sound.soundfont_file import bundled_soundfont
from musicassist.sound.soundfonts import open_fluidsynth

STOPPED_SECONDS = 10.0
_FEED_FRAMES = 15 * 64  # 20 ms at 48 kHz, in whole blocks
_MAX_PLAY_SECONDS = 8.0
_SONG_BEATS = 64
_SONG_TICKS = 480 * _SONG_BEATS


@dataclass(frozen=True)
class RingingReport:
    """What was heard.

    Attributes:
        minutes: Of audio that was rendered.
        stops: How often it was stopped, in half of them with the pedal down.
        voices_left: Voices that sounded longer than ten seconds after a stop, summed up.
        longest_seconds: The longest time that a stop took to be silent.
    """

    minutes: float
    stops: int
    voices_left: int
    longest_seconds: float


def listen_to_stops(minutes: float, seed: int = 0) -> RingingReport:
    """Plays from random places, stops, and waits for silence, for so many minutes of audio.

    Raises:
        SoundError: FluidSynth is missing.
    """
    synth = open_fluidsynth(bundled_soundfont())
    try:
        return _Listener(synth, random.Random(seed)).listen(minutes)
    finally:
        synth.close()


class _Listener:
    """Drives a playback by rendering."""

    def __init__(self, synth: FluidSynth, chance: random.Random) -> None:
        self._synth, self._chance = synth, chance
        self._playback = Playback(synth)
        self._playback.set_song(_pedalled_song(chance))

    def listen(self, minutes: float) -> RingingReport:
        stops, left, longest = 0, 0, 0.0
        while self._synth.now_seconds() < 60 * minutes:
            self._playback.play(self._chance.randrange(_SONG_TICKS))
            self._render(self._chance.uniform(0.1, _MAX_PLAY_SECONDS))
            self._chance.choice((self._playback.stop, self._playback.panic))()
            stops, longest = stops + 1, max(longest, self._seconds_to_silence())
            left += self._synth.active_voices()
        return RingingReport(self._synth.now_seconds() / 60, stops, left, longest)

    def _seconds_to_silence(self) -> float:
        began = self._synth.now_seconds()
        while self._synth.active_voices() and self._synth.now_seconds() < began + STOPPED_SECONDS:
            self._synth.render(_FEED_FRAMES)
        return self._synth.now_seconds() - began

    def _render(self, seconds: float) -> None:
        end = self._synth.now_seconds() + seconds
        while self._synth.now_seconds() < end:
            self._playback.feed()
            self._synth.render(_FEED_FRAMES)


def _pedalled_song(chance: random.Random) -> Song:
    """Chords of long notes, with the pedal down every other beat."""
    notes = (
        Note(480 * beat, chance.randrange(40, 90), chance.choice((120, 960, 4000)))
        for beat in range(_SONG_BEATS)
        for _ in range(3)
    )
    pedal = tuple(Event(480 * beat, bytes((0xB0, 64, 127 * (beat % 2)))) for beat in range(_SONG_BEATS))
    return Song((Track(notes=Notes.of(notes), program=0, events=pedal),))
