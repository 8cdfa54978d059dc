"""Messages to the whole synth, drum parts and ports are heard; TiMidity++ is the witness where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from lab.sound.agreement import compare, differences, render_ours, strikes
from lab.sound.reference_player import DRY_TONE, PROOF_SAMPLE_RATE, Samples
from musicassist.midi.reading import read_song_bytes
from musicassist.sound.fluid_synth import BLOCK_FRAMES, FluidSynth
from musicassist.sound.playback import START_DELAY_SECONDS, Playback
from musicassist.sound.soundfont_file import bundled_soundfont
from smf import Row, control, meta, notes, program, smf, sysex

XG, GS, GM2 = sysex("43 10 4c 00 00 7e 00"), sysex("41 10 42 12 40 00 7f 00 41"), sysex("7e 7f 09 03")
BEAT = (36, 42, 38, 42, 36, 36, 38, 46)
TUNE = (60, 62, 64, 65, 67, 65, 64, 62)


@pytest.fixture(scope="module")
def font() -> Path:
    found = bundled_soundfont()
    assert found is not None
    return found


def ours(file: bytes, font: Path) -> Samples:
    return render_ours(read_song_bytes(file, "test").song, font)


def live(file: bytes, font: Path, from_tick: float = 0) -> Samples:
    """What playback sounds from a tick on."""
    synth = FluidSynth(font, sample_rate=PROOF_SAMPLE_RATE, tone=DRY_TONE)
    playback = Playback(synth)
    playback.set_song(read_song_bytes(file, "test").song)
    playback.play(from_tick)
    parts = []
    for _ in range(200):
        playback.feed()
        parts.append(synth.render(14 * BLOCK_FRAMES))
    synth.close()
    return np.concatenate(parts)[round(START_DELAY_SECONDS * PROOF_SAMPLE_RATE) :]


def timidity(file: bytes, font: Path, folder: Path) -> Samples:
    if shutil.which("timidity") is None:
        pytest.skip("TiMidity++ is not installed")
    (folder / "in.mid").write_bytes(file)
    # Each sound by name: what a system's own configuration says of them would win over a mere `soundfont`.
    sounds = ["bank 0", *(f'{place} %font "{font}" 0 {place}' for place in range(128))]
    drums = ["drumset 0", *(f'{key} %font "{font}" 128 0 {key}' for key in range(27, 88))]
    (folder / "timidity.cfg").write_text("\n".join((*sounds, *drums, "")), encoding="utf-8")
    command = ["timidity", "-c", "timidity.cfg", "-Ow", "-o", "out.wav", "-s", str(PROOF_SAMPLE_RATE)]
    subprocess.run([*command, "-EFreverb=0", "-EFchorus=0", "in.mid"], cwd=folder, check=True, capture_output=True)
    with wave.open(str(folder / "out.wav")) as heard:
        return np.frombuffer(heard.readframes(heard.getnframes()), dtype=np.int16).reshape(-1, 2)


def level(samples: Samples, from_seconds: float = 0.0, to_seconds: float = 4.0) -> float:
    """Loudness of a span in decibels."""
    part = samples[round(from_seconds * PROOF_SAMPLE_RATE) : round(to_seconds * PROOF_SAMPLE_RATE)].astype(float)
    return float(10 * np.log10((part**2).mean() + 1e-3))


def likeness(one: Samples, other: Samples) -> float:
    """How alike the spectra of two sounds are, -1..1."""
    spectra = [np.abs(np.fft.rfft(part[: 4 * PROOF_SAMPLE_RATE].mean(axis=1), 1 << 18)) for part in (one, other)]
    bands = [np.log(np.add.reduceat(spectrum, np.arange(0, 1 << 16, 256)) + 1.0) for spectrum in spectra]
    return float(np.corrcoef(*bands)[0, 1])


def beat(channel: int, *messages: bytes, reset: bytes) -> bytes:
    return smf([(0, reset)], [*((0, message) for message in messages), *notes(channel, BEAT)])


DRUMS = {
    "XG by bank": (XG, control(10, 0, 127), control(10, 32, 0), program(10, 0)),
    "XG by part mode": (XG, sysex("43 10 4c 08 0a 07 02"), program(10, 0)),
    "GS by part": (GS, sysex("41 10 42 12 40 1a 15 01 10"), program(10, 0)),
    "GM2 by bank": (GM2, control(10, 0, 120), program(10, 0)),
}


@pytest.mark.parametrize("standard", DRUMS)
def test_a_second_drum_part_sounds_like_channel_10(standard: str, font: Path) -> None:
    reset, *messages = DRUMS[standard]
    drums = ours(beat(9, program(9, 0), reset=reset), font)
    for heard in (ours(beat(10, *messages, reset=reset), font), live(beat(10, *messages, reset=reset), font)):
        assert all(note.is_small for note in compare(heard, drums, np.arange(0, 3.9, 0.5)))


@pytest.mark.parametrize("standard", [standard for standard in DRUMS if "mode" not in standard])  # it knows no modes
def test_timidity_hears_a_second_drum_part_as_drums_too(standard: str, font: Path, tmp_path: Path) -> None:
    reset, *messages = DRUMS[standard]
    file = beat(10, *messages, reset=reset)
    witness = timidity(file, font, tmp_path)
    assert likeness(witness, ours(file, font)) > likeness(witness, ours(smf([], notes(10, BEAT)), font)) + 0.1


@pytest.mark.parametrize("reset", [b"", sysex("7e 7f 09 01"), GS])
@pytest.mark.parametrize("bank", [1, 8, 127])
def test_channel_10_has_drums_whatever_bank_is_sent(reset: bytes, bank: int, font: Path) -> None:
    file = smf([(0, reset)] if reset else [], [(0, control(9, 0, bank)), (0, program(9, 0)), *notes(9, BEAT)])
    assert all(note.is_small for note in differences(file, font))
    assert all(note.is_small for note in compare(live(file, font), ours(file, font), np.arange(0, 3.9, 0.5)))


VOLUMES = {
    "universal": "7f 7f 04 01 {low} {high}",
    "GS": "41 10 42 12 40 00 04 {high} 00",
    "XG": "43 10 4c 00 00 04 {high}",
}


def with_volume(kind: str, value: int, tick: int, reset: bytes = b"") -> bytes:
    message = sysex(VOLUMES[kind].format(low=f"{value:02x}", high=f"{value:02x}"))
    return smf([(0, reset)] if reset else [], [(tick, message), *notes(0, TUNE)])


@pytest.mark.parametrize("kind", VOLUMES)
@pytest.mark.parametrize("value", [90, 64, 32])
def test_the_volume_of_the_whole_is_heard_from_its_place_on(kind: str, value: int, font: Path) -> None:
    file, wanted = with_volume(kind, value, 960), 40 * np.log10(value / 127)
    loud = ours(smf([], notes(0, TUNE)), font)
    for heard in (ours(file, font), live(file, font)):
        assert level(heard, 0, 0.9) == pytest.approx(level(loud, 0, 0.9), abs=0.3)
        assert level(heard, 1.2, 3.9) - level(loud, 1.2, 3.9) == pytest.approx(wanted, abs=0.7)
    later = live(file, font, from_tick=1920)
    assert level(later, 0, 1.9) - level(loud, 2, 3.9) == pytest.approx(wanted, abs=0.7)


def test_timidity_is_softer_too_though_by_another_curve_than_the_standard(font: Path, tmp_path: Path) -> None:
    levels = [level(timidity(with_volume("universal", value, 0), font, tmp_path)) for value in (127, 64, 32)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] - levels[1] == pytest.approx(20 * np.log10(127 / 64), abs=0.5), "it takes half of the decibels"


TUNINGS = {
    "universal fine": ("7f 7f 04 03 00 60", 50),
    "universal coarse": ("7f 7f 04 04 00 3e", -200),
    "GS fine": ("41 10 42 12 40 00 00 00 05 0f 04 00", 50),
    "XG fine": ("43 10 4c 00 00 00 00 05 0f 04", 50),
    "XG coarse": ("43 10 4c 00 00 06 45", 500),
}


@pytest.mark.parametrize("kind", TUNINGS)
def test_the_tuning_of_the_whole_is_heard(kind: str, font: Path) -> None:
    text, cents = TUNINGS[kind]
    plain = ours(smf([], [(0, program(0, 80)), *notes(0, TUNE)]), font)
    tuned = smf([(0, sysex(text))], [(0, program(0, 80)), *notes(0, TUNE)])
    for heard in (ours(tuned, font), live(tuned, font)):
        found = [note.cents for note in compare(heard, plain, np.arange(0.5, 3.9, 0.5))]
        assert np.median(found) == pytest.approx(cents, abs=5)


def test_a_song_that_faded_out_is_as_loud_when_it_is_played_again(font: Path) -> None:
    file = with_volume("universal", 0, 2400)
    synth = FluidSynth(font, sample_rate=PROOF_SAMPLE_RATE, tone=DRY_TONE)
    playback = Playback(synth)
    playback.set_song(read_song_bytes(file, "test").song)
    heard = []
    for _ in range(2):
        playback.play(0)
        parts = [synth.render(14 * BLOCK_FRAMES) for _ in range(230) if playback.feed() is not None]
        heard.append(np.concatenate(parts))
    synth.close()
    assert level(heard[0], 3, 3.8) < level(heard[0], 0, 2) - 30
    assert level(heard[1], 0, 2) == pytest.approx(level(heard[0], 0, 2), abs=0.5)


def test_a_key_that_is_tuned_by_the_tuning_standard_sounds_as_fluidsynths_player_has_it(font: Path) -> None:
    retuned = sysex("7f 7f 08 02 00 01 3c 3d 00 00")  # key 60 a semitone higher, in tuning program 0
    choice = [control(0, n, v) for n, v in ((101, 0), (100, 3), (6, 0), (101, 0), (100, 4), (6, 0))]
    rows: list[Row] = [(0, retuned), *((0, message) for message in choice), *notes(0, (60, 62, 60, 62))]
    file = smf([], rows)
    assert all(note.is_small for note in differences(file, font))
    assert [note.cents for note in compare(ours(file, font), ours(smf([], notes(0, (60,))), font), [0.0])] == [
        pytest.approx(100, abs=5)
    ]


@pytest.mark.parametrize("reset", [sysex("7e 7f 09 01"), GM2])
@pytest.mark.parametrize("tick", [0, 960, 1200])
def test_a_reset_does_what_it_does_in_fluidsynths_player(reset: bytes, tick: int, font: Path) -> None:
    rows = [(0, program(0, 48)), (0, control(0, 7, 60)), (100, control(0, 11, 60)), *notes(0, TUNE)]
    assert all(note.is_small for note in differences(smf([(tick, reset)], rows), font))


def test_two_ports_have_sixteen_channels_each(font: Path, tmp_path: Path) -> None:
    organ = [(0, program(0, 19)), *notes(0, (48, 52, 55, 60))]
    flute = [(0, meta(0x21, b"\1")), (0, program(0, 73)), *notes(0, (72, 76, 79, 84), 480, 300)]
    alone = [ours(smf([], track), font).astype(int) for track in (organ, flute)]
    length = 2 * PROOF_SAMPLE_RATE
    both = (alone[0][:length] + alone[1][:length]).astype(np.int16)
    file = smf([], organ, flute)
    for heard in (ours(file, font), live(file, font)):
        assert all(note.is_small for note in compare(heard, both, np.arange(0, 1.9, 0.5)))
    witness = timidity(file, font, tmp_path)
    clashing = ours(smf([], organ, flute[1:]), font)
    assert likeness(witness, both) > likeness(witness, clashing)


def test_twenty_tracks_on_two_ports_each_have_their_own_instrument(font: Path) -> None:
    channels = [(port, channel) for port in (0, 1) for channel in range(16) if channel != 9][:20]
    tracks = [
        [(0, meta(0x21, bytes((port,)))), (0, program(channel, 4 * row)), *notes(channel, (60,), start=1440 * row)]
        for row, (port, channel) in enumerate(channels)
    ]
    heard = ours(smf([], *tracks), font)
    for row, (port, channel) in enumerate(channels):
        alone = ours(smf([], tracks[row]), font)
        (note,) = compare(heard, alone, strikes(read_song_bytes(smf([], tracks[row]), "test").song))
        assert abs(note.onset_ms) <= 2.4, (port, channel)
        assert abs(note.decibels) <= 1.5, (port, channel)
