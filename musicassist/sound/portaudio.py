"""Plays raw samples through PortAudio, in a process of its own: a line of facts, then a byte as request for each block.

A device that vanishes can leave PortAudio waiting for ever, or abort its process; and it knows only the devices that
were there at its start. So each player has a process of its own, which can be killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from io import BytesIO
from typing import Any

import numpy as np

from musicassist.sound.module_process import start_module
from musicassist.sound.players import BLOCK_FRAMES, PlayerProgram
from musicassist.sound.urgency import ENGINE_PRIORITY, become_urgent

OPEN_LIMIT_SECONDS = 5.0  # LIMIT: a device that takes longer to open hangs
QUEUE_SECONDS = 2048 / 48_000  # a power of two in frames, to which JACK's queue is rounded up
_CHANNELS, _BLOCK_BYTES, _LOUDEST = 2, 4 * BLOCK_FRAMES, np.float32(32768)


class PortAudioPlayer(PlayerProgram):
    """A ``Player`` on the default device of the system.

    Raises:
        OSError: There is none, or no PortAudio.
    """

    def __init__(self) -> None:
        super().__init__(_start(), "PortAudio")
        self._requests = self._program.stdout or BytesIO()
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
        """See ``Player``."""
        if not self._requests.read(1):
            raise BrokenPipeError
        super().write(samples)


def _start() -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return start_module("musicassist.sound.portaudio", stdin=pipe, stdout=pipe, bufsize=0)


def main() -> None:
    """Plays until the input ends."""
    requests = os.fdopen(os.dup(1), "wb", buffering=0)  # libraries print what they like to the old one
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    stream, *facts = _open_stream()
    become_urgent(ENGINE_PRIORITY)
    requests.write(json.dumps(facts).encode() + b"\n")

    def next_block() -> bytes:
        requests.write(b".")
        return sys.stdin.buffer.read(_BLOCK_BYTES)

    for samples in iter(next_block, b""):
        stream.write(np.frombuffer(samples, np.int16).reshape(-1, _CHANNELS) / _LOUDEST)


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
