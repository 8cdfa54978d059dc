"""The built-in synth: in tune, exact to the sample, silent when it should be, and quick enough."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from musicassist.sound.messages import Tone
from musicassist.sound.wave_synth import MAX_VOICES, WaveSynth

RATE = 48_000
Samples = NDArray[np.int64]


def rendered(synth: WaveSynth, seconds: float) -> Samples:
    """The next samples, both sides together."""
    frames = round(seconds * synth.sample_rate)
    blocks = [synth.render(min(256, frames - at)) for at in range(0, frames, 256)]
    return np.concatenate(blocks).astype(np.int64).sum(axis=1)


def loudness(samples: Samples) -> float:
    return float(np.sqrt((samples.astype(np.float64) ** 2).mean()))


def struck(program: int = 0, pitch: int = 69, channel: int = 0) -> WaveSynth:
    synth = WaveSynth(RATE)
    synth.send((0xC0 | channel, program, 0))
    synth.send((0x90 | channel, pitch, 110))
    return synth


@pytest.mark.parametrize("program", range(0, 128, 8))
@pytest.mark.parametrize("pitch", [45, 69, 93])
def test_every_family_is_heard_and_in_tune(program: int, pitch: int) -> None:
    samples = rendered(struck(program, pitch), 0.5)[6000:]
    assert loudness(samples) > 50
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 18))
    hertz = np.argmax(spectrum) * RATE / (1 << 18)
    wanted = 440.0 * 2 ** ((pitch - 69) / 12)
    assert abs(1200 * np.log2(hertz / wanted) / 1200 - round(np.log2(hertz / wanted))) * 1200 < 5  # cents


def test_events_sound_at_their_very_sample_whatever_the_blocks_are() -> None:
    whole, in_blocks = WaveSynth(RATE), WaveSynth(RATE)
    events = [(0.01234, (0x99, 38, 120)), (0.05, (0x90, 60, 90)), (0.0777, (0x80, 60, 64)), (0.0777, (0x99, 42, 90))]
    for synth in (whole, in_blocks):
        synth.schedule(events, 1)
    together = whole.render(9600)
    pieces = np.concatenate([in_blocks.render(64) for _ in range(150)])
    assert np.array_equal(together, pieces)
    assert int(np.argmax(np.abs(together.astype(int)).sum(axis=1) > 0)) in range(592, 596)


def test_a_released_note_falls_silent_and_a_pedal_holds_it() -> None:
    for pedal, is_heard in ((0, False), (127, True)):
        synth = struck(program=48)
        synth.send((0xB0, 64, pedal))
        rendered(synth, 0.3)
        synth.send((0x80, 69, 64))
        rendered(synth, 1.5)
        assert (loudness(rendered(synth, 0.1)) > 50) is is_heard
    synth.send((0xB0, 64, 0))
    rendered(synth, 2.5)
    assert synth.active_voices() == 0


def test_all_sound_off_is_silence_at_once_and_volume_and_bend_are_heard() -> None:
    synth = struck(program=16)
    loud = loudness(rendered(synth, 0.2))
    synth.send((0xB0, 7, 50))
    assert loudness(rendered(synth, 0.2)) < 0.4 * loud
    synth.send((0xB0, 120, 0))
    assert loudness(rendered(synth, 0.1)) == 0
    assert synth.active_voices() == 0


def test_the_loudness_of_the_tone_is_obeyed() -> None:
    synth = struck(program=16)
    loud = loudness(rendered(synth, 0.2))
    synth.set_tone(Tone(gain=0.5))
    assert loudness(rendered(synth, 0.2)) == pytest.approx(loud / 2, rel=0.1)


def test_what_is_removed_does_not_sound_and_many_voices_do_not_overload() -> None:
    synth = WaveSynth(RATE)
    synth.schedule([(0.1, (0x90, 60, 100))], 1)
    synth.remove(1)
    assert loudness(rendered(synth, 0.3)) == 0
    for pitch in range(20, 110):
        synth.send((0x90, pitch, 127))
    assert np.abs(synth.render(4800).astype(int)).max() <= 32767
    assert synth.active_voices() == MAX_VOICES


def test_it_renders_a_full_arrangement_faster_than_it_sounds() -> None:
    synth = WaveSynth(RATE)
    for channel in range(8):
        synth.send((0xC0 | channel, 16 * channel, 0))
        for pitch in (48, 60, 64):
            synth.send((0x90 | channel, pitch, 100))
    rendered(synth, 0.2)
    began = time.process_time()
    rendered(synth, 1.0)
    assert time.process_time() - began < 1.0
