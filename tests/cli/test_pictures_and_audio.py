"""``render`` and ``screenshot``: real files of the size that was asked for, without a display or a sound card."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from musicassist.midi.files import read_song
from musicassist.resources import demo_song
from musicassist.sound.synth import is_fluidsynth_here

pytestmark = pytest.mark.slow
needs_fluidsynth = pytest.mark.skipif(not is_fluidsynth_here(), reason="libfluidsynth is not installed")


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


def test_render_tells_an_unusable_soundfont_in_words(run_cli: Callable, tmp_path: Path) -> None:
    (tmp_path / "piano.sf2").write_bytes(b"no font")
    answer = run_cli("render", demo_song(), "-o", tmp_path / "demo.wav", "--soundfont", tmp_path / "piano.sf2")
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert "piano.sf2" in answer.err
    assert not (tmp_path / "demo.wav").exists()


def test_the_screenshot_has_the_size_that_was_asked_for(tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    words = ["screenshot", str(demo_song()), "-o", str(picture), "--width", "1100", "--height", "700", "--json"]
    command = [sys.executable, "-m", "musicassist", *words]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == {"file": str(picture), "width": 1100, "height": 700}
    head = picture.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert (int.from_bytes(head[16:20]), int.from_bytes(head[20:24])) == (1100, 700)
