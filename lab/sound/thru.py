"""From a key to its sound: a foreign program plays, and a foreign synth, recorded beside ours, marks when it did."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from lab.sound.hits import SIDE_STICK, Seconds, onsets_seconds, read_wav
from lab.sound.jack_system import (
    JACK_SAMPLE_RATE,
    connect,
    engine_ports,
    jack_ports,
    running,
    start_recording,
    wait_for_driver,
    wait_until,
)
from musicassist.errors import SoundError
from musicassist.score.midi_bytes import DRUM_CHANNEL, NOTE_ON
from musicassist.sound.client import SoundClient
from musicassist.sound.messages import SoundSettings
from musicassist.sound.soundfont_file import bundled_soundfont
from musicassist.sound.soundfonts import open_fluidsynth

KEYBOARD = "foreign-keys"
_STEP_FRAMES, _NOTE_FRAMES = 14437, 2400  # a prime step: keys fall anywhere in a period
_KEY_VELOCITY = 64  # what jack_midiseq strikes with
_MARKER_IN, _MARKER_OUT = "midisine:midi_in", "midisine:audio_out"
_MAX_SECONDS = 0.15  # LIMIT: half a step


def measure_thru(seconds: float, path: Path) -> Seconds:
    """How long each key took through the engine to its sound, without the rise of the instrument itself.

    Raises:
        SoundError: Programs do not come up, or keys did not sound.
    """
    keyboard = ("jack_midiseq", KEYBOARD, str(_STEP_FRAMES), "0", str(SIDE_STICK), str(_NOTE_FRAMES))
    client = SoundClient(SoundSettings(driver="jack", soundfont=bundled_soundfont(), input_port=f"{KEYBOARD}:out"))
    with running("jack_midisine"), running(*keyboard):
        try:
            wait_until(
                lambda: {_MARKER_IN, f"{KEYBOARD}:out"} <= set(jack_ports().split()), "JACK's keys do not start."
            )
            connect(f"{KEYBOARD}:out", _MARKER_IN)
            client.start()
            client.set_live_track(DRUM_CHANNEL, 0)
            wait_for_driver(client, "jack")
            wait_until(engine_ports, "The sound engine does not open JACK.")
            time.sleep(2.0)  # until the keyboard is found
            start_recording(path, seconds, engine_ports()[0], _MARKER_OUT).wait()
        finally:
            client.close()
    delays = _delays(path) - _attack_seconds()
    if len(delays) < 0.9 * seconds * JACK_SAMPLE_RATE / _STEP_FRAMES:
        raise SoundError("Not every key was heard: {count} in {seconds} seconds.", count=len(delays), seconds=seconds)
    return delays


def _delays(path: Path) -> Seconds:
    """From each key's mark to the first sound after it."""
    samples, rate = read_wav(path)
    sounds, keys = (onsets_seconds(samples[:, [column]], rate) for column in (0, 1))
    after = np.searchsorted(sounds, keys)
    keys, after = keys[after < len(sounds)], after[after < len(sounds)]
    delays = sounds[after] - keys
    return delays[delays < _MAX_SECONDS]


def _attack_seconds() -> float:
    """How long the instrument itself takes to rise."""
    synth = open_fluidsynth(bundled_soundfont(), sample_rate=JACK_SAMPLE_RATE)
    try:
        synth.send((NOTE_ON | DRUM_CHANNEL, SIDE_STICK, _KEY_VELOCITY))
        return float(onsets_seconds(synth.render(64 * 75), JACK_SAMPLE_RATE)[0])
    finally:
        synth.close()
