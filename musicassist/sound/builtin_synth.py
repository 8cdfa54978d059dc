"""The built-in synth in real time: its samples go to a player, a program that takes them at the pace of its device."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from musicassist.child_process import start_module
from musicassist.errors import QT_TRANSLATE_NOOP, SoundError
from musicassist.sound.clocks import ENGINE_PRIORITY, Stall, ask_realtime_priority
from musicassist.sound.messages import USUAL_TONE, Tone
from musicassist.sound.wave_synth import BUILT_IN, WaveSynth

SAMPLE_RATE = 48_000
BLOCK_FRAMES = 256  # are handed over at a time
PLAYER_LATENCY_SECONDS = 0.08  # asked for, where it can be, and what lies in the pipe
_PIPE_BYTES = 4096
_RATE = str(SAMPLE_RATE)
# Of PipeWire, PulseAudio and ALSA.
PLAYERS: tuple[tuple[str, ...], ...] = (
    ("pw-cat", "--playback", "--raw", "--rate", _RATE, "--channels", "2", "--format", "s16", "--latency", "50ms", "-"),
    ("pacat", "--playback", "--raw", f"--rate={_RATE}", "--channels=2", "--format=s16le", "--latency-msec=50"),
    ("aplay", "-q", "-t", "raw", "-f", "S16_LE", "-r", _RATE, "-c", "2", "--buffer-time=60000", "-"),
)
OPEN_LIMIT_SECONDS = 5.0  # LIMIT: a device that takes longer to open hangs
QUEUE_SECONDS = 2048 / 48_000  # a power of two in frames, to which JACK's queue is rounded up
_CHANNELS, _BLOCK_BYTES, _FULL_SCALE = 2, 4 * BLOCK_FRAMES, np.float32(32768)
PROOF_SECONDS = 0.4  # a player that finds no device ends sooner
STALL_SECONDS = 1.5  # LIMIT: no player pauses longer while its device lives
_CLOSE_SECONDS = 1.0


class PlayerProgram:
    """A program that plays 16-bit stereo samples from its standard input.

    Attributes:
        name: What the user reads.
        sample_rate: Frames a second.
        latency_seconds: From a sample that is handed over to the ear.
    """

    def __init__(self, program: subprocess.Popen[bytes], name: str) -> None:
        """The program's standard input is a pipe without a buffer."""
        self.name, self.sample_rate, self.latency_seconds = name, SAMPLE_RATE, PLAYER_LATENCY_SECONDS
        self._program = program
        if sys.platform == "linux" and program.stdin is not None:  # what lies in the pipe is heard late: a short one
            import fcntl

            with contextlib.suppress(OSError):
                fcntl.fcntl(program.stdin.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def write(self, samples: bytes) -> None:
        """Hands over a block of samples, and waits while enough of them lie there.

        Raises:
            OSError: It plays no more.
        """
        view = memoryview(samples)
        while view and self._program.stdin is not None:
            view = view[self._program.stdin.write(view) :]

    def kill(self) -> None:
        """Falls silent at once, and ends a ``write`` that waits in another thread."""
        self._program.kill()

    def close(self) -> None:
        """Frees what is left after ``kill``, when nobody writes any more."""
        with contextlib.suppress(OSError), self._program:  # waits, and closes its pipes
            pass


def open_player(command: tuple[str, ...]) -> PlayerProgram:
    """A program of the system.

    Raises:
        OSError: It is not installed.
    """
    quiet = subprocess.DEVNULL
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, bufsize=0)
    return PlayerProgram(program, Path(command[0]).name)


class PortAudioPlayer(PlayerProgram):
    """This module in a process of its own, on the default device of the system.

    Raises:
        OSError: There is none, or no PortAudio.
    """

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        program = start_module("musicassist.sound.builtin_synth", stdin=pipe, stdout=pipe, bufsize=0)
        super().__init__(program, "PortAudio")
        self._requests = program.stdout or BytesIO()
        hangs = threading.Timer(OPEN_LIMIT_SECONDS, self.kill)
        hangs.start()
        facts = self._requests.readline()
        hangs.cancel()
        if not facts:
            self.kill()
            self.close()
            raise OSError("PortAudio does not play")
        self.name, self.sample_rate, self.latency_seconds = json.loads(facts)

    def write(self, samples: bytes) -> None:
        """As of any player, when the process asks for a block."""
        if not self._requests.read(1):
            raise BrokenPipeError
        super().write(samples)


class BuiltinSynth(WaveSynth):
    """Renders in a thread, which the player's appetite paces; exact to the sample."""

    def __init__(self, player: PlayerProgram, tone: Tone = USUAL_TONE) -> None:
        super().__init__(player.sample_rate, tone)
        self.driver, self.soundfont = f"{BUILT_IN}, {player.name}", ""
        self.latency_seconds = player.latency_seconds + BLOCK_FRAMES / player.sample_rate
        self._player = player
        self._stall = Stall(time.monotonic, STALL_SECONDS)
        self._is_over = False
        self._thread = threading.Thread(target=self._play, name="built-in synth", daemon=True)
        self._thread.start()

    def is_lost(self) -> bool:
        """Whether the player has ended, or has taken no samples for a while."""
        return not self._thread.is_alive() or self._stall.is_over(self.now_seconds())

    def lasts(self, seconds: float) -> bool:
        """Whether the player still plays after some time; waits as long, or until it has ended."""
        self._thread.join(seconds)
        return self._thread.is_alive()

    def close(self) -> None:
        """Falls silent and frees everything."""
        self._is_over = True
        self._player.kill()
        self._thread.join(_CLOSE_SECONDS)
        self._player.close()
        super().close()

    def _play(self) -> None:
        ask_realtime_priority(ENGINE_PRIORITY)
        with contextlib.suppress(OSError):  # the player has ended
            while not self._is_over:
                self._player.write(self.render(BLOCK_FRAMES).tobytes())


def open_builtin(tone: Tone = USUAL_TONE, *, with_portaudio: bool = True) -> BuiltinSynth:
    """The built-in synth on the first player that plays. Takes about half a second for each that does not.

    Raises:
        SoundError: There is none.
    """
    players: list[Callable[[], PlayerProgram]] = [partial(open_player, command) for command in PLAYERS]
    if with_portaudio:  # last: the programs know the sound servers of Linux, and need no library
        players.append(PortAudioPlayer)
    for player in players:
        with contextlib.suppress(OSError):
            synth = BuiltinSynth(player(), tone)
            if synth.lasts(PROOF_SECONDS):
                return synth
            synth.close()
    raise SoundError(QT_TRANSLATE_NOOP("Errors", "Nothing here plays the samples of the built-in synth."))


def main() -> None:
    """In the process of ``PortAudioPlayer``: plays until the input ends."""
    requests = os.fdopen(os.dup(1), "wb", buffering=0)  # libraries print what they like to the old one
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    stream, *facts = _open_stream()
    ask_realtime_priority(ENGINE_PRIORITY)
    requests.write(json.dumps(facts).encode() + b"\n")

    def next_block() -> bytes:
        requests.write(b".")
        return sys.stdin.buffer.read(_BLOCK_BYTES)

    for samples in iter(next_block, b""):
        stream.write(np.frombuffer(samples, np.int16).reshape(-1, _CHANNELS) / _FULL_SCALE)


def _open_stream() -> tuple[Any, str, int, float]:
    """A running stream, the name of the sound system, the sample rate and the seconds to the ear."""
    import sounddevice

    device = sounddevice.query_devices(kind="output")
    queue_seconds = max(QUEUE_SECONDS, device["default_low_output_latency"])
    # WORKAROUND: JACK's queue holds pairs of floats only, https://github.com/PortAudio/portaudio/issues/81
    stream = sounddevice.OutputStream(channels=_CHANNELS, dtype="float32", latency=queue_seconds)
    stream.start()
    name = sounddevice.query_hostapis(device["hostapi"])["name"]
    return stream, name, round(stream.samplerate), max(stream.latency, queue_seconds)  # JACK leaves out its queue


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
    os._exit(0)  # a device that has vanished must not be waited for
