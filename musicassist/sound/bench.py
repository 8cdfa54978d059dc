"""Measures how exactly the engine plays: a drum phrase in real time into JACK's dummy server, recorded from there."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from musicassist.errors import SoundError
from musicassist.resources import resources_folder
from musicassist.score.song import DRUM_CHANNEL, Note, Notes, Song, Track
from musicassist.sound.client import SoundClient, SoundSettings
from musicassist.sound.onsets import Seconds, onset_errors_seconds, onsets_seconds, read_wav
from musicassist.sound.soundfont_file import bundled_soundfont

JACK_SAMPLE_RATE = 48000
SIDE_STICK = 37
HITS = 100
SEED = 2
_SHORTEST_TICKS, _LONGEST_TICKS = 130, 210  # at 960 ticks a second, off every grid
_START_LIMIT_SECONDS = 10.0
_BEFORE_SECONDS, _AFTER_SECONDS = 1.0, 1.0
_PORTS = ("musicassist:left", "musicassist:right")
Row = dict[str, object]


def measure() -> list[Row]:
    """Onset errors of a drum phrase at 48 kHz, with the machine idle and while the model makes takes. About 50 s.

    Raises:
        SoundError: JACK's programs or FluidSynth are missing, or hits were lost.
    """
    missing = [program for program in ("jackd", "jack_rec", "jack_lsp") if shutil.which(program) is None]
    if missing:
        raise SoundError(
            "This needs JACK's programs (Debian: jackd2); missing: {programs}.", programs=", ".join(missing)
        )
    with tempfile.TemporaryDirectory(prefix="musicassist-bench-") as folder, dummy_jack_server():
        idle = _errors_of_a_run(Path(folder))
        with model_at_work(Path(folder)):
            busy = _errors_of_a_run(Path(folder))
    return [*_rows("onset error, idle", "", idle), *_rows("onset error, while a model decodes", "lstm", busy)]


def drum_phrase(hits: int = HITS) -> Song:
    """Side sticks at uneven distances."""
    steps = np.random.default_rng(SEED).integers(_SHORTEST_TICKS, _LONGEST_TICKS, hits)
    notes = Notes.of(Note(int(tick), SIDE_STICK, 60, 110) for tick in np.cumsum(steps))
    return Song((Track("Drums", notes, DRUM_CHANNEL),))


def hits_seconds(song: Song) -> Seconds:
    """When the score wants the hits."""
    return song.time_map.ticks_to_seconds(song.tracks[0].notes.start_tick)


@contextlib.contextmanager
def dummy_jack_server() -> Iterator[str]:
    """JACK's server without a device, under a name of its own, which this process and its children use meanwhile."""
    name = f"musicassist-{uuid.uuid4().hex[:8]}"
    settings = {"JACK_NO_START_SERVER": "1", "JACK_NO_AUDIO_RESERVATION": "1", "JACK_DEFAULT_SERVER": name}
    kept = {key: os.environ.get(key) for key in settings}
    os.environ.update(settings)
    # Real-time priority where the system grants it, as musicians run JACK; elsewhere JACK goes on without.
    command = ["jackd", "-n", name, "-R", "-P", "60", "-m", "-d", "dummy", "-r", str(JACK_SAMPLE_RATE), "-p", "128"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until(lambda: "playback_1" in _jack_ports(), "The JACK server does not start.")
        yield name
    finally:
        server.terminate()
        server.wait()
        for key, value in kept.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


@contextlib.contextmanager
def model_at_work(folder: Path) -> Iterator[None]:
    """Continues the demo phrase over and over in another process, as the window does beside the engine."""
    phrase = resources_folder() / "demo" / "phrase.mid"
    command = [sys.executable, "-m", "musicassist", "continue", str(phrase), "-o", str(folder / "take.mid")]
    is_over = threading.Event()
    process: list[subprocess.Popen[bytes]] = []

    def work() -> None:
        while not is_over.is_set():
            process[:] = [subprocess.Popen([*command, "--bars", "64", "--takes", "8"], stdout=subprocess.DEVNULL)]
            process[0].wait()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    try:
        time.sleep(_BEFORE_SECONDS)
        yield
    finally:
        is_over.set()
        process[0].terminate()
        worker.join()


def record_playback(song: Song, path: Path) -> None:
    """Plays a song through the engine into JACK, and records from there what it sounds.

    Raises:
        SoundError: The engine does not come up.
    """
    client = SoundClient(SoundSettings(driver="jack", soundfont=bundled_soundfont(), input_port=""))
    try:
        client.start()
        client.set_song(song)
        _wait_until(lambda: _PORTS[0] in _jack_ports(), "The sound engine does not open JACK.")
        seconds = song.time_map.tick_to_seconds(song.end_tick) + _BEFORE_SECONDS + _AFTER_SECONDS
        whole_seconds = round(seconds + 1)
        buffer_frames = str(whole_seconds * JACK_SAMPLE_RATE)  # all of it: a busy disk must lose nothing
        options = ["-f", str(path), "-d", str(whole_seconds), "-b", "16", "-B", buffer_frames]
        command = ["jack_rec", *options, *_PORTS]
        recorder = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(_BEFORE_SECONDS)
        client.play(0)
        recorder.wait()
    finally:
        client.close()


def _errors_of_a_run(folder: Path) -> Seconds:
    song, path = drum_phrase(), folder / "recorded.wav"
    record_playback(song, path)
    heard = onsets_seconds(*read_wav(path))
    try:
        return onset_errors_seconds(heard, hits_seconds(song))
    except ValueError as error:
        raise SoundError("Not every hit was heard: {reason}.", reason=error) from error


def _rows(metric: str, model: str, errors: Seconds) -> list[Row]:
    size_ms = np.abs(errors) * 1000
    values = {
        "p50": float(np.percentile(size_ms, 50)),
        "p95": float(np.percentile(size_ms, 95)),
        "p99": float(np.percentile(size_ms, 99)),
        "spread": float(errors.max() - errors.min()) * 1000,
    }
    facts = {"model": model, "unit": "ms", "n": len(errors), "seed": SEED, "split": ""}
    return [{"metric": f"{metric}, {name}", "value": value, **facts} for name, value in values.items()]


def _jack_ports() -> str:
    return subprocess.run(["jack_lsp"], capture_output=True, text=True, check=False).stdout


def _wait_until(is_true: Callable[[], bool], problem: str) -> None:
    deadline = time.monotonic() + _START_LIMIT_SECONDS
    while not is_true():
        if time.monotonic() > deadline:
            raise SoundError(problem)
        time.sleep(0.05)
