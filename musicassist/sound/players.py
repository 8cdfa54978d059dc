"""Programs that play raw samples from their standard input, at the pace at which they take them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

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


class PlayerProgram:
    """A ``Player`` that is a program, whose standard input is a pipe without a buffer."""

    def __init__(self, program: subprocess.Popen[bytes], name: str) -> None:
        self.name, self.sample_rate, self.latency_seconds = name, SAMPLE_RATE, PLAYER_LATENCY_SECONDS
        self._program = program
        _shorten(program)

    def write(self, samples: bytes) -> None:
        """See ``Player``."""
        view = memoryview(samples)
        while view and self._program.stdin is not None:
            view = view[self._program.stdin.write(view) :]

    def kill(self) -> None:
        """See ``Player``."""
        self._program.kill()

    def close(self) -> None:
        """See ``Player``."""
        self._program.wait()
        for pipe in (self._program.stdin, self._program.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def open_player(command: tuple[str, ...]) -> PlayerProgram:
    """A program of the system.

    Raises:
        OSError: It is not installed.
    """
    quiet = subprocess.DEVNULL
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, bufsize=0)
    return PlayerProgram(program, Path(command[0]).name)


def _shorten(program: subprocess.Popen[bytes]) -> None:
    """Makes the pipe short where the system can: what lies in it is heard late."""
    if sys.platform == "linux" and program.stdin is not None:
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(program.stdin.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
