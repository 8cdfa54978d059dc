"""Songs as audio files from the command line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import phrase
from musicassist.midi import read_song, save_song
from musicassist.resources import demo_song
from musicassist.score.meant_times import meant_end_line_tick
from musicassist.score.song import Song, Track
from musicassist.settings import settings_file
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.loop_marks import LoopMarks, loop_of
from musicassist.sound.messages import Tone
from musicassist.sound.render import render_audio
from musicassist.sound.soundfont_file import bundled_soundfont

pytestmark = pytest.mark.slow

needs_fluidsynth = pytest.mark.skipif(not is_fluidsynth_here(), reason="libfluidsynth is not installed")


def choose(settings: dict[str, object]) -> None:
    """Writes the user's settings, as the window does."""
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text(json.dumps(settings))


@needs_fluidsynth
def test_render_writes_16_bit_stereo_at_44_khz(run_cli: Callable, tmp_path: Path) -> None:
    answer = run_cli("render", demo_song(), "-o", tmp_path / "demo.wav", "--json")
    assert answer.code == 0
    song = read_song(demo_song()).song
    with wave.open(str(tmp_path / "demo.wav")) as audio:
        assert (audio.getnchannels(), audio.getsampwidth(), audio.getframerate()) == (2, 2, 44_100)
        seconds = audio.getnframes() / audio.getframerate()
        assert any(audio.readframes(44_100))
    assert seconds >= song.time_map.tick_to_seconds(song.end_tick)
    facts = json.loads(answer.out)
    assert facts["file"] == str(tmp_path / "demo.wav")
    assert facts["seconds"] == pytest.approx(seconds, abs=0.01)


@needs_fluidsynth
def test_render_writes_flac_at_another_rate(run_cli: Callable, tmp_path: Path) -> None:
    answer = run_cli("render", demo_song(), "-o", tmp_path / "demo.flac", "--sample-rate", 48_000)
    assert (answer.code, answer.err) == (0, "")
    assert "48000 Hz" in answer.out
    assert (tmp_path / "demo.flac").read_bytes().startswith(b"fLaC")


@pytest.mark.parametrize(
    ("words", "chosen", "tone"),
    [
        ((), {}, Tone()),
        ((), {"gain": 0.5, "reverb": "hall", "chorus": "off", "polyphony": 64}, Tone(0.5, "hall", "off", 64)),
        (("--gain", "0.25", "--reverb", "off"), {"gain": 0.5, "chorus": "wide"}, Tone(0.25, "off", "wide")),
        (("--gain", "0", "--chorus", "off"), {"reverb": "dry"}, Tone(0.0, "dry", "off")),
    ],
)
def test_render_sounds_as_playback_does_with_the_users_settings(
    words: tuple[str, ...], chosen: dict[str, object], tone: Tone, run_cli: Callable, tmp_path: Path
) -> None:
    choose(chosen)
    assert run_cli("render", demo_song(), "-o", tmp_path / "demo.wav", *words).code == 0
    render_audio(read_song(demo_song()).song, tmp_path / "wanted.wav", tone=tone)
    assert (tmp_path / "demo.wav").read_bytes() == (tmp_path / "wanted.wav").read_bytes()


@needs_fluidsynth
def test_render_takes_the_chosen_soundfont_or_the_one_that_is_said(run_cli: Callable, tmp_path: Path) -> None:
    for name in ("mine.sf2", "another.sf2"):
        shutil.copy(str(bundled_soundfont()), tmp_path / name)
    choose({"soundfont": str(tmp_path / "mine.sf2")})
    words = ("render", demo_song(), "-o", tmp_path / "demo.wav")
    assert "mine.sf2" in run_cli(*words).out
    assert "another.sf2" in run_cli(*words, "--soundfont", tmp_path / "another.sf2").out


def test_render_says_that_the_settings_are_damaged(run_cli: Callable, tmp_path: Path) -> None:
    choose({"gain": "loud"})
    answer = run_cli("render", demo_song(), "-o", tmp_path / "demo.wav")
    assert (answer.code, answer.err.count("\n")) == (0, 1)
    assert "gain is damaged" in answer.err


def test_render_tells_an_unusable_soundfont_in_words(run_cli: Callable, tmp_path: Path) -> None:
    (tmp_path / "piano.sf2").write_bytes(b"no font")
    answer = run_cli("render", demo_song(), "-o", tmp_path / "demo.wav", "--soundfont", tmp_path / "piano.sf2")
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert "piano.sf2" in answer.err
    assert not (tmp_path / "demo.wav").exists()


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_audio_file_that_is_broken_off_leaves_nothing(tmp_path: Path, number: int) -> None:
    song, audio = tmp_path / "long.mid", tmp_path / "out" / "long.wav"
    audio.parent.mkdir()
    save_song(Song((Track("Long", phrase(*range(40, 100), step_ticks=96_000)),)), song)
    words = [sys.executable, "-m", "musicassist", "render", str(song), "-o", str(audio)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not list(audio.parent.iterdir()):
        pass
    process.send_signal(number)
    process.wait()
    assert process.returncode == 128 + number
    assert list(audio.parent.iterdir()) == []


@needs_fluidsynth
@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg"])
def test_render_writes_bars_as_a_loop_that_the_file_names(suffix: str, run_cli: Callable, tmp_path: Path) -> None:
    words = ("render", demo_song(), "-o", tmp_path / f"loop.{suffix}", "--loop")
    answer = run_cli(*words, "--from-bar", 2, "--to-bar", 3)
    assert (answer.code, answer.err) == (0, "")
    assert "a loop of 2 bars, 4.286 s, 189000 samples" in answer.out
    facts = json.loads(run_cli(*words, "--json").out)
    song = read_song(demo_song()).song
    assert (facts["bars"], facts["loop_start"]) == (4, 0)
    assert facts["loop_frames"] == round(song.time_map.tick_to_seconds(meant_end_line_tick(song)) * 44_100)
    assert loop_of((tmp_path / f"loop.{suffix}").read_bytes()) == LoopMarks(0, facts["loop_frames"])


def test_render_says_which_bars_there_are_and_that_they_are_of_a_loop(run_cli: Callable, tmp_path: Path) -> None:
    words = ("render", demo_song(), "-o", tmp_path / "loop.wav")
    for more, said in ((("--from-bar", 2), "Add --loop"), (("--loop", "--to-bar", 9), "ends with bar 4")):
        answer = run_cli(*words, *more)
        assert (answer.code, answer.err.count("\n")) == (2, 1)
        assert said in answer.err
    assert not list(tmp_path.glob("loop*"))
