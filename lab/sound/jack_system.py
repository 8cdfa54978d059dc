"""JACK without a device, and the programs of its own that play, listen and record in our measurements."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from musicassist.errors import SoundError
from musicassist.score.midi_bytes import length_of
from musicassist.sound.client import SoundClient
from musicassist.sound.messages import StatusChanged

JACK_SAMPLE_RATE = 48000
PERIOD_FRAMES = 128
PROGRAMS = ("jackd", "jack_lsp", "jack_rec", "jack_connect", "jack_midiseq", "jack_midi_dump", "jack_midisine")
_START_LIMIT_SECONDS = 30.0  # LIMIT: on a busy machine
_ANSWER_LIMIT_SECONDS = 5.0  # LIMIT: an answer takes milliseconds
_Program = subprocess.Popen[bytes]
Heard = tuple[float, bytes]  # seconds of JACK's frames, message


def require_programs() -> None:
    """Looks for JACK's programs.

    Raises:
        SoundError: Some are missing.
    """
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise SoundError(
            "This needs JACK's programs (Debian: jackd2, from 13 on also jack-example-tools); missing: {programs}.",
            programs=", ".join(missing),
        )


@contextlib.contextmanager
def dummy_jack_server() -> Iterator[str]:
    """JACK's server without a device, under a name of its own, which this process and its children use meanwhile."""
    with own_server_name() as name:
        server = start_server(name)
        try:
            yield name
        finally:
            server.terminate()
            server.wait()


@contextlib.contextmanager
def own_server_name() -> Iterator[str]:
    """A name for a server that nobody else uses, which the environment has meanwhile."""
    name = f"musicassist-{uuid.uuid4().hex[:8]}"
    settings = {"JACK_NO_START_SERVER": "1", "JACK_NO_AUDIO_RESERVATION": "1", "JACK_DEFAULT_SERVER": name}
    kept = {key: os.environ.get(key) for key in settings}
    os.environ.update(settings)
    try:
        yield name
    finally:
        for key, value in kept.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


def start_server(name: str, period_frames: int = PERIOD_FRAMES) -> _Program:
    """A server, once it runs, of the name that :func:`own_server_name` has put into the environment.

    Raises:
        SoundError: It does not start.
    """
    # Real-time priority where the system grants it, as musicians run JACK; elsewhere JACK goes on without.
    device = ["-d", "dummy", "-r", str(JACK_SAMPLE_RATE), "-p", str(period_frames)]
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        command = ["jackd", "-n", name, "-R", "-P", "60", "-m", *device]
        server = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        try:
            wait_until(lambda: _is_up(server), "The JACK server does not start.")
        except SoundError:
            server.kill()
            server.wait()
        if server.poll() is None:
            return server
        said.seek(0)
        raise SoundError("The JACK server does not start: {reason}.", reason=(said.read().splitlines() or ["?"])[0])


def _is_up(server: _Program) -> bool:
    """Whether it runs, or has ended already."""
    return server.poll() is not None or "playback_1" in jack_ports()


@contextlib.contextmanager
def running(*command: str, output: Path | None = None) -> Iterator[_Program]:
    """Runs a foreign program meanwhile, what it prints going into a file; it is killed in the end."""
    with (output or Path(os.devnull)).open("wb") as stdout:
        # Into a file, programs hold back what they print.
        program = subprocess.Popen(["stdbuf", "-oL", *command], stdout=stdout, stderr=subprocess.DEVNULL)
    try:
        yield program
    finally:
        program.kill()
        program.wait()


def start_recording(path: Path, seconds: float, *ports: str) -> _Program:
    """Records JACK's ports into a 16-bit file, by JACK's own program, which ends by itself."""
    whole_seconds = round(seconds + 1)
    buffer_frames = str(whole_seconds * JACK_SAMPLE_RATE)  # all of it: a busy disk must lose nothing
    return _quiet(["jack_rec", "-f", str(path), "-d", str(whole_seconds), "-b", "16", "-B", buffer_frames, *ports])


def connect(source: str, destination: str) -> None:
    """Connects two ports of foreign programs."""
    _asked("jack_connect", source, destination)


def jack_ports() -> str:
    """The names of all ports, one a line."""
    return _asked("jack_lsp")


def is_connected(port: str) -> bool:
    """Whether anything is connected to a port."""
    return any(line.startswith(" ") for line in _asked("jack_lsp", "-c", port).splitlines())


def engine_ports() -> list[str]:
    """The audio outputs of the engine, left and right; none before it has opened JACK."""
    ports = [port for port in jack_ports().split() if port.startswith("musicassist")]  # and a number, if taken
    return [port for port in ports if port.endswith((":left", ":right"))]


def wait_for_driver(client: SoundClient, driver: str) -> None:
    """Polls until the engine plays through a driver or MIDI port.

    Raises:
        SoundError: It does not in time.
    """

    def is_open() -> bool:
        return any(isinstance(event, StatusChanged) and event.driver == driver for event in client.poll())

    wait_until(is_open, "The sound engine does not open JACK.")


def wait_until(is_true: Callable[[], object], problem: str, limit_seconds: float = _START_LIMIT_SECONDS) -> None:
    """Looks again and again.

    Raises:
        SoundError: With the problem in words, when the time is over.
    """
    deadline = time.monotonic() + limit_seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise SoundError(problem)
        time.sleep(0.02)


def _asked(*command: str) -> str:
    """What a program of JACK prints; nothing where it hangs, as libjack now and then does while it closes a client."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_ANSWER_LIMIT_SECONDS
        ).stdout
    except subprocess.TimeoutExpired:
        return ""


def _quiet(command: list[str]) -> _Program:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def heard_messages(dump: str) -> Iterator[Heard]:
    """The messages of what ``jack_midi_dump -a`` prints, a receiver that we did not write.

    Each line is a frame, a colon, bytes in hexadecimal, and perhaps words.
    """
    for line in dump.splitlines():
        frame, _, words = line.partition(":")
        data = words.split()
        if frame.strip().isdigit() and data:
            length = length_of(int(data[0], 16), len(data))
            yield int(frame) / JACK_SAMPLE_RATE, bytes(int(byte, 16) for byte in data[:length])
