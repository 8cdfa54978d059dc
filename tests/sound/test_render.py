"""Audio files: every hit where the score says, nothing cut off, nothing left behind."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from lab.sound.font_proof import tiny_font
from musicassist.errors import SoundError
from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.score.timing import TempoChange
from musicassist.sound import fluid_library
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.fluid_synth import FluidSynth
from musicassist.sound.messages import Tone
from musicassist.sound.render import render_audio
from musicassist.sound.soundfont_file import bundled_soundfont

SIDE_STICK = 37


@pytest.fixture(scope="module", autouse=True)
def _needs_fluidsynth() -> None:
    if not is_fluidsynth_here():
        pytest.fail("libfluidsynth is missing; `make setup` installs it")


def drum_phrase(start_ticks: list[int]) -> Song:
    notes = Notes.of([Note(tick, SIDE_STICK, 60, 120) for tick in start_ticks])
    return Song((Track(notes=notes, channel=9),), tempo_changes=(TempoChange(0, 517_241), TempoChange(1920, 431_034)))


def read_wav(path: Path) -> tuple[NDArray[np.int16], int]:
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).reshape(-1, 2)
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        return samples, file.getframerate()


def take_fluidsynth_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise SoundError("FluidSynth is not installed.")

    monkeypatch.setattr(fluid_library, "fluidsynth_binding", missing)
    assert not is_fluidsynth_here()


def onset_errors_ms(
    samples: NDArray[np.int16], rate: int, expected_seconds: NDArray[np.float64]
) -> NDArray[np.float64]:
    loudness = np.abs(samples.astype(np.int64)).sum(axis=1)
    errors = []
    for seconds in expected_seconds:
        first = int(seconds * rate) - rate // 50
        window = loudness[max(first, 0) : first + rate // 10]
        errors.append((max(first, 0) + int(np.argmax(window > 300))) / rate - seconds)
    return np.array(errors) * 1000


def test_hits_of_a_drum_phrase_lie_within_64_frames_and_1_ms(tmp_path: Path) -> None:
    ticks = [0, 240, 485, 720, 963, 1200, 1437, 1680, 1920, 2163, 2400, 2650, 3000, 3333]
    song = drum_phrase(ticks)
    rendered = render_audio(song, tmp_path / "drums.wav", soundfont=bundled_soundfont())
    samples, rate = read_wav(rendered.path)
    errors = onset_errors_ms(samples, rate, song.time_map.ticks_to_seconds(np.array(ticks)))
    errors -= np.median(errors)  # how long this sample takes to become loud
    assert np.abs(errors).max() <= 64 / rate * 1000 + 1


def test_the_same_song_renders_to_the_same_bytes(tmp_path: Path) -> None:
    song = drum_phrase([0, 480])
    files = [render_audio(song, tmp_path / name).path.read_bytes() for name in ("a.wav", "b.wav")]
    assert files[0] == files[1]


def test_the_release_tail_is_heard_to_its_end(tmp_path: Path) -> None:
    song = Song((Track(notes=Notes.of([Note(0, 60, 240, 120)]), program=48),))
    samples, rate = read_wav(render_audio(song, tmp_path / "tail.wav").path)
    after_note = np.abs(samples[int(0.26 * rate) :].astype(int))
    assert after_note.max() > 200
    assert after_note[-100:].max() < 20


@pytest.mark.parametrize("control", [64, 66, 67, 69])
@pytest.mark.parametrize("tick", [0, 240, 470])
def test_a_pedal_that_is_left_down_holds_no_note_beyond_the_end(control: int, tick: int, tmp_path: Path) -> None:
    notes, pedal = Notes.of([Note(0, 60, 480)]), (Event(tick, bytes((0xB0, control, 127))),)
    lengths = [
        render_audio(Song((Track(notes=notes, program=48, events=events),)), tmp_path / "held.wav").seconds
        for events in ((), pedal)
    ]
    assert lengths[1] < lengths[0] + 0.5


@pytest.mark.parametrize("control", [64, 66])
@pytest.mark.parametrize("beats", [2, 5])
def test_a_pedal_holds_the_last_note_until_it_goes_up(control: int, beats: int, tmp_path: Path) -> None:
    pedal = (Event(240, bytes((0xB0, control, 127))), Event(480 * beats, bytes((0xB0, control, 0))))
    song = Song((Track(notes=Notes.of([Note(0, 60, 480)]), program=19, events=pedal),))
    samples, rate = read_wav(render_audio(song, tmp_path / "held.wav", tone=Tone(reverb="off", chorus="off")).path)
    loudness = np.abs(samples.astype(int)).max(axis=1)
    up = round(beats * rate / 2)
    assert loudness[up - rate // 10 : up].max() > 0.5 * loudness[: rate // 2].max()
    assert loudness[up + rate :].max(initial=0) < 20


def font_with(path: Path, piano: tuple[int, int], drums: tuple[int, int]) -> Path:
    """A font whose two instruments are these programs of these banks."""
    font = tiny_font()
    for name, old, new in ((b"Piano", (0, 0), piano), (b"Drums", (0, 128), drums)):
        head = struct.pack("<20sHH", name, *old)
        assert font.count(head) == 1
        font = font.replace(head, struct.pack("<20sHH", name, *new))
    path.write_bytes(font)
    return path


def test_a_soundfont_by_a_relative_path_plays_and_is_not_remembered_as_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deeper").mkdir()
    font_with(tmp_path / "my.sf2", (0, 0), (0, 128))
    for folder, name in ((tmp_path, "my.sf2"), (tmp_path / "deeper", "../my.sf2"), (tmp_path, "./my.sf2")):
        monkeypatch.chdir(folder)
        song = Song((Track(notes=Notes.of([Note(0, 60, 480)])),))
        assert render_audio(song, tmp_path / "out.wav", soundfont=Path(name)).soundfont == "my.sf2"


@pytest.mark.parametrize("preset", [(40, 0), (0, 5), (127, 127), (12, 1)])
@pytest.mark.parametrize("program", [0, 40, 99])
def test_a_font_without_the_program_plays_its_nearest_and_says_so(
    preset: tuple[int, int], program: int, tmp_path: Path
) -> None:
    font = font_with(tmp_path / "one.sf2", preset, (0, 128))
    song = Song((Track(notes=Notes.of([Note(0, 60, 480)]), program=program),))
    rendered = render_audio(song, tmp_path / "out.wav", soundfont=font)
    assert np.abs(read_wav(rendered.path)[0].astype(int)).max() > 100
    said = [] if preset[0] == program else [f"one.sf2 has no program {program + 1}: its Piano plays instead."]
    assert list(map(str, rendered.replaced)) == said


def test_drums_that_a_font_lacks_are_silent_and_said_but_a_song_is_never_silent_without_a_word(tmp_path: Path) -> None:
    font = font_with(tmp_path / "melodic.sf2", (0, 0), (8, 0))
    tune, drums = Track(notes=Notes.of([Note(0, 60, 480)])), drum_phrase([0, 480]).tracks[0]
    rendered = render_audio(Song((tune, drums)), tmp_path / "both.wav", soundfont=font)
    assert tuple(map(str, rendered.replaced)) == ("melodic.sf2 has no drums: they are silent.",)
    with pytest.raises(SoundError, match="Nothing of this song is heard"):
        render_audio(Song((drums,)), tmp_path / "drums.wav", soundfont=font)
    assert not list(tmp_path.glob("drums*")), "nothing is left of it"
    assert render_audio(Song((drums,)), tmp_path / "off.wav", soundfont=font, tone=Tone(gain=0.0)).seconds > 0


def test_a_song_that_is_too_long_for_a_wav_file_is_refused_at_once(tmp_path: Path) -> None:
    long = Song((Track(notes=Notes.of([Note(7 * 3600 * 960, 60, 480)])),))
    with pytest.raises(SoundError, match="flac"):
        render_audio(long, tmp_path / "long.wav")


def test_an_empty_song_is_a_short_silence(tmp_path: Path) -> None:
    samples, _ = read_wav(render_audio(Song(), tmp_path / "empty.wav").path)
    assert np.abs(samples).max() < 5


@pytest.mark.parametrize("sample_rate", [44_100, 48_000])
@pytest.mark.parametrize("is_fluidsynth_missing", [False, True])
def test_flac_holds_the_same_samples_as_wav(
    sample_rate: int, is_fluidsynth_missing: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_fluidsynth_missing:
        take_fluidsynth_away(monkeypatch)
    song = drum_phrase([0, 480])
    for name in ("drums.wav", "drums.flac"):
        rendered = render_audio(song, tmp_path / name, sample_rate=sample_rate)
        assert rendered.sample_rate == sample_rate
    samples, rate = read_wav(tmp_path / "drums.wav")
    again, flac_rate = soundfile.read(tmp_path / "drums.flac", dtype="int16")
    assert rate == flac_rate == sample_rate
    assert len(samples) == round(rendered.seconds * sample_rate)
    assert np.array_equal(samples, again)


def test_a_missing_library_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take_fluidsynth_away(monkeypatch)
    with pytest.raises(SoundError, match="not installed"):
        render_audio(Song(), tmp_path / "x.wav", soundfont=bundled_soundfont())
    assert not list(tmp_path.glob("x.*"))


def test_without_the_library_the_built_in_synth_writes_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_fluidsynth_away(monkeypatch)
    ticks = [0, 240, 485, 720, 963, 1200, 1437, 1680, 1920, 2163]
    song = drum_phrase(ticks)
    rendered = render_audio(song, tmp_path / "drums.wav")
    assert rendered.soundfont == "built-in synth"
    samples, rate = read_wav(rendered.path)
    errors = onset_errors_ms(samples, rate, song.time_map.ticks_to_seconds(np.array(ticks)))
    assert np.abs(errors - np.median(errors)).max() <= 1000 / rate


def test_an_unknown_driver_is_told_although_fluidsynth_reports_success() -> None:
    font = bundled_soundfont()
    assert font is not None
    with pytest.raises(SoundError, match="nosuch"):
        FluidSynth(font, driver="nosuch")


def test_reverb_loudness_and_voices_are_heard_in_the_file(tmp_path: Path) -> None:
    sends = (Event(0, b"\xb0\x5b\x7f"), Event(0, b"\xb0\x5d\x7f"))  # much of it into reverb and chorus
    chord_notes = Notes.of([Note(0, pitch, 480, 100) for pitch in (48, 60, 64, 67)])
    song = Song((Track(notes=chord_notes, events=sends),))

    def level(tone: Tone) -> tuple[float, float]:
        """How loud the chord is, and what rings on half a second after it."""
        samples, rate = read_wav(render_audio(song, tmp_path / "tone.wav", tone=tone).path)
        loud = np.abs(samples.astype(np.int64)).sum(axis=1)
        return float(loud[: rate // 2].mean()), float(loud[rate : rate + rate // 2].mean())

    chord, ring = level(Tone())
    assert level(Tone(gain=0.5))[0] == pytest.approx(chord / 2, rel=0.05)
    assert level(Tone(reverb="off"))[1] < 0.5 * ring
    assert level(Tone(reverb="hall"))[1] > 2 * ring
    assert level(Tone(chorus="off"))[0] != chord


def test_a_running_synth_changes_its_tone_at_once() -> None:
    font = bundled_soundfont()
    assert font is not None
    synth = FluidSynth(font)
    synth.send((0x90, 60, 110))
    synth.render(4800)
    before = np.abs(synth.render(4800).astype(np.int64)).mean()
    synth.set_tone(Tone(gain=0.25))
    synth.render(4800)  # the gain glides
    after = np.abs(synth.render(4800).astype(np.int64)).mean()
    synth.close()
    assert after < 0.5 * before


def test_tones_out_of_range_are_brought_into_it() -> None:
    assert Tone(99.0, "cave", "none", 0).settings() == {**Tone().settings(), "synth.gain": 10.0, "synth.polyphony": 16}
