"""The built-in synth at the players that take its samples: heard when it should be, lost when they end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from ctypes.util import find_library
from pathlib import Path

import numpy as np
import pytest

from lab.sound.hits import SIDE_STICK, drum_phrase, hits_seconds, onsets_seconds, read_wav, song_seconds
from lab.sound.jack_system import dummy_jack_server, jack_ports, start_recording, wait_for_driver, wait_until
from musicassist.errors import SoundError
from musicassist.sound import builtin_synth
from musicassist.sound.builtin_synth import (
    BLOCK_FRAMES,
    PLAYER_LATENCY_SECONDS,
    SAMPLE_RATE,
    BuiltinSynth,
    PlayerProgram,
    PortAudioPlayer,
    open_builtin,
    open_player,
)
from musicassist.sound.client import SoundClient
from musicassist.sound.messages import SoundSettings

needs_portaudio = pytest.mark.skipif(find_library("portaudio") is None, reason="PortAudio is not installed")
BASS_DRUM = 36
HITS_SECONDS = (0.0, 0.131, 0.357, 0.4601, 0.75, 0.88, 1.0333)
RECORDER = """
import sys
with open(sys.argv[1], "wb") as file:
    while data := sys.stdin.buffer.read1(4096):
        file.write(data)
        file.flush()
"""
# What stands for our process of PortAudio: facts, then a request for each block.
REQUESTER = """
import sys, time
print('["Requests", 44100, 0.03]', flush=True)
for _ in range(int(sys.argv[1])):
    print(end=".", flush=True)
    assert len(sys.stdin.buffer.read(1024)) == 1024
    time.sleep(256 / 44100)
"""
ENDS, HANGS = "raise SystemExit(1)", "import time\ntime.sleep(60)"


def command(code: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *words)


def started(code: str, *words: str) -> subprocess.Popen[bytes]:
    """In place of our process of PortAudio."""
    return subprocess.Popen(command(code, *words), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)


def spin_until(is_true: Callable[[], object]) -> None:
    wait_until(is_true, "It does not come.")


@pytest.fixture
def synth_on() -> Iterator[Callable[[PlayerProgram], BuiltinSynth]]:
    synths: list[BuiltinSynth] = []

    def start(player: PlayerProgram) -> BuiltinSynth:
        synths.append(BuiltinSynth(player))
        return synths[-1]

    yield start
    for synth in synths:
        synth.close()


def test_it_streams_to_a_program_and_tells_when_that_ends(
    tmp_path: Path, synth_on: Callable[[PlayerProgram], BuiltinSynth]
) -> None:
    path = tmp_path / "heard.raw"
    player = open_player(command(RECORDER, str(path)))
    synth = synth_on(player)
    assert synth.latency_seconds == pytest.approx(PLAYER_LATENCY_SECONDS, abs=0.01)
    at_seconds = synth.now_seconds() + 0.5
    synth.schedule([(at_seconds, (0x99, BASS_DRUM, 127))], 1)
    spin_until(lambda: synth.now_seconds() > at_seconds + 1.0)
    assert not synth.is_lost()
    player.kill()
    spin_until(synth.is_lost)
    samples = np.frombuffer(path.read_bytes()[: path.stat().st_size // 4 * 4], dtype="<i2").reshape(-1, 2)
    first = int(np.argmax(np.abs(samples.astype(int)).max(axis=1) > 50))
    assert first / SAMPLE_RATE == pytest.approx(at_seconds, abs=0.002)


def test_a_player_that_takes_no_more_samples_is_lost_and_closes_at_once(
    synth_on: Callable[[PlayerProgram], BuiltinSynth],
) -> None:
    synth = synth_on(open_player(command(HANGS)))
    spin_until(synth.is_lost)
    began = time.monotonic()
    synth.close()
    assert time.monotonic() - began < 10.0  # it would take another minute; on a busy machine


def test_portaudio_says_what_it_is_and_gets_a_block_for_each_request(
    monkeypatch: pytest.MonkeyPatch, synth_on: Callable[[PlayerProgram], BuiltinSynth]
) -> None:
    monkeypatch.setattr(builtin_synth, "start_module", lambda *_words, **_pipes: started(REQUESTER, "40"))
    synth = synth_on(PortAudioPlayer())
    assert synth.driver == "built-in synth, Requests"
    assert synth.latency_seconds == pytest.approx(0.03 + BLOCK_FRAMES / 44_100)
    spin_until(synth.is_lost)
    assert synth.now_seconds() * 44_100 == pytest.approx(41 * BLOCK_FRAMES)  # the last one waits in vain


@pytest.mark.parametrize("code", [ENDS, HANGS])
def test_a_portaudio_that_finds_nothing_or_hangs_is_given_up(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtin_synth, "start_module", lambda *_words, **_pipes: started(code))
    monkeypatch.setattr(builtin_synth, "OPEN_LIMIT_SECONDS", 0.3)
    with pytest.raises(OSError, match="does not play"):
        PortAudioPlayer()


def test_portaudio_plays_where_no_program_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtin_synth, "PLAYERS", (("nosuch-program",), command(ENDS)))
    monkeypatch.setattr(builtin_synth, "start_module", lambda *_words, **_pipes: started(REQUESTER, "4000"))
    synth = open_builtin()
    assert synth.driver == "built-in synth, Requests"
    synth.close()
    monkeypatch.setattr(builtin_synth, "start_module", lambda *_words, **_pipes: started(ENDS))
    with pytest.raises(SoundError, match="Nothing here plays"):
        open_builtin()


def portaudio_ports() -> list[str]:
    return [port for port in jack_ports().split() if port.startswith("PortAudio:")]


@needs_portaudio
@pytest.mark.jack
@pytest.mark.usefixtures("jack_server")
def test_hits_are_heard_through_portaudio_and_nothing_is_left_after_the_end(
    tmp_path: Path, synth_on: Callable[[PlayerProgram], BuiltinSynth]
) -> None:
    synth = synth_on(PortAudioPlayer())
    assert synth.driver == "built-in synth, JACK Audio Connection Kit"
    ports = portaudio_ports()
    assert len(ports) == 2
    recorder = start_recording(tmp_path / "heard.wav", 4.0, *ports)
    spin_until(lambda: "jackrec" in jack_ports())
    begin = synth.now_seconds() + 0.3
    synth.schedule([(begin + at, (0x99, SIDE_STICK, 120)) for at in HITS_SECONDS], 1)
    held_seconds = begin + HITS_SECONDS[-1] + 0.3
    synth.schedule([(held_seconds, (0x90, 60, 120))], 1)  # it would sound on
    spin_until(lambda: synth.now_seconds() > held_seconds + 0.2)
    synth.close()
    spin_until(lambda: not portaudio_ports())
    recorder.wait()
    samples, rate = read_wav(tmp_path / "heard.wav")
    heard = onsets_seconds(samples, rate)
    errors = np.diff(heard[: len(HITS_SECONDS)]) - np.diff(HITS_SECONDS)
    print(f"steps from hit to hit are wrong by up to {1000 * np.abs(errors).max():.2f} ms")
    assert np.median(np.abs(errors)) < 0.001  # a machine that does other things meanwhile may once be late
    held = heard[len(HITS_SECONDS)]
    assert not samples[round((held + 1.0) * rate) :].any()


@needs_portaudio
@pytest.mark.jack
@pytest.mark.usefixtures("jack_server")
def test_the_process_of_portaudio_ends_with_its_input() -> None:
    player = PortAudioPlayer()
    assert player._program.stdin is not None
    player._program.stdin.close()
    assert player._program.wait(20) == 0
    player.close()
    spin_until(lambda: not portaudio_ports())


@needs_portaudio
@pytest.mark.jack
def test_a_server_that_dies_is_noticed_and_the_next_one_is_found(
    synth_on: Callable[[PlayerProgram], BuiltinSynth],
) -> None:
    with dummy_jack_server():
        synth = synth_on(PortAudioPlayer())
        assert not synth.is_lost()
    began = time.monotonic()
    spin_until(synth.is_lost)
    synth.close()
    assert time.monotonic() - began < 10.0  # on a busy machine
    with dummy_jack_server():
        assert synth_on(PortAudioPlayer()).lasts(0.2)


@needs_portaudio
@pytest.mark.jack
@pytest.mark.usefixtures("jack_server")
def test_the_engine_plays_a_song_where_fluidsynth_and_players_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fluidsynth.py").write_text("raise ImportError")
    song = drum_phrase(20)
    client = SoundClient(SoundSettings(input_port=""))
    with monkeypatch.context() as poor_system:
        poor_system.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
        poor_system.setenv("PATH", str(tmp_path))
        client.start()
        spin_until(lambda: client.is_running)
    try:
        client.set_song(song)
        wait_for_driver(client, "built-in synth, JACK Audio Connection Kit")
        recorder = start_recording(tmp_path / "heard.wav", song_seconds(song) + 2.0, *portaudio_ports())
        spin_until(lambda: "jackrec" in jack_ports())
        client.play(0)
        recorder.wait()
    finally:
        client.close()
    errors = np.diff(onsets_seconds(*read_wav(tmp_path / "heard.wav"))) - np.diff(hits_seconds(song))
    assert np.median(np.abs(errors)) < 0.001
    spin_until(lambda: not portaudio_ports())
