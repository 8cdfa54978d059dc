"""Programs that play raw samples from their standard input, and the built-in synth that streams to one of them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable

from musicassist.errors import SoundError
from musicassist.sound.schedule import Message
from musicassist.sound.tone import USUAL_TONE, Tone
from musicassist.sound.wave_synth import BUILT_IN, WaveSynth

SAMPLE_RATE = 48_000
BLOCK_FRAMES = 512
START_SECONDS = 0.4  # a program that finds no device ends sooner
PLAYER_LATENCY_SECONDS = 0.08  # asked for, where it can be, and what lies in the pipe
NO_PLAYER = "Nothing here can play sound (looked for {programs})."
_PIPE_BYTES = 4096
_CLOSE_SECONDS = 1.0
_F_SETPIPE_SZ = 1031  # of Linux; Python names it from 3.10 on there only
_RATE = str(SAMPLE_RATE)
# PipeWire, PulseAudio, ALSA, and SoX, which is there on every system.
PLAYERS: tuple[tuple[str, ...], ...] = (
    ("pw-cat", "--playback", "--raw", "--rate", _RATE, "--channels", "2", "--format", "s16", "--latency", "50ms", "-"),
    ("pacat", "--playback", "--raw", f"--rate={_RATE}", "--channels=2", "--format=s16le", "--latency-msec=50"),
    ("aplay", "-q", "-t", "raw", "-f", "S16_LE", "-r", _RATE, "-c", "2", "--buffer-time=60000", "-"),
    ("play", "-q", "-t", "raw", "-r", _RATE, "-e", "signed", "-b", "16", "-c", "2", "-"),
)


def open_builtin(tone: Tone = USUAL_TONE) -> BuiltinSynth:
    """The built-in synth on the first program that plays. Takes half a second for each that does not.

    Raises:
        SoundError: There is none.
    """
    for command in PLAYERS:
        program = shutil.which(command[0])
        if program is None:
            continue
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            return BuiltinSynth((program, *command[1:]), tone)
    raise SoundError(NO_PLAYER, programs=", ".join(command[0] for command in PLAYERS))


class BuiltinSynth:
    """A ``Synth`` that renders block by block in a thread, which the player's appetite paces.

    Raises:
        subprocess.SubprocessError, OSError: The program does not play.
    """

    def __init__(self, command: tuple[str, ...], tone: Tone = USUAL_TONE) -> None:
        self.driver = f"{BUILT_IN}, {os.path.basename(command[0])}"  # noqa: PTH119  (a path of this or another system)
        self.soundfont, self.latency_seconds, self.takes_clock = "", PLAYER_LATENCY_SECONDS, False
        self._waves = WaveSynth(SAMPLE_RATE, tone)
        self._player = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, bufsize=0
        )
        self._is_over = threading.Event()
        self._is_lost = False
        _shorten(self._player)
        self._thread = threading.Thread(target=self._stream, name="built-in synth", daemon=True)
        self._thread.start()
        if self._has_ended(START_SECONDS):
            self.close()
            raise subprocess.SubprocessError(f"{command[0]} does not play")

    def now_seconds(self) -> float:
        """See ``Synth``: seconds of samples rendered so far."""
        return self._waves.now_seconds()

    def due_seconds(self, seconds: float) -> float:
        """See ``Synth``."""
        return seconds

    def schedule(self, events: Iterable[tuple[float, Message]], source: int) -> None:
        """See ``Synth``; exact to the sample."""
        self._waves.schedule(events, source)

    def remove(self, source: int) -> None:
        """See ``Synth``."""
        self._waves.remove(source)

    def send(self, message: Message) -> None:
        """See ``Synth``."""
        self._waves.send(message)

    def set_tone(self, tone: Tone) -> None:
        """See ``Synth``: only the loudness."""
        self._waves.set_tone(tone)

    def is_lost(self) -> bool:
        """See ``Synth``: whether the player has ended."""
        return self._is_lost

    def close(self) -> None:
        """See ``Synth``."""
        self._is_over.set()
        self._player.kill()  # it may hold the thread up
        self._thread.join(_CLOSE_SECONDS)
        with contextlib.suppress(OSError):
            if self._player.stdin is not None:
                self._player.stdin.close()
        self._player.wait()
        self._waves.close()

    def _has_ended(self, limit_seconds: float) -> bool:
        try:
            self._player.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _stream(self) -> None:
        stdin = self._player.stdin
        try:
            while stdin is not None and not self._is_over.is_set():
                _write_all(stdin.fileno(), self._waves.render(BLOCK_FRAMES).tobytes())
        except (OSError, ValueError):
            pass  # the player has ended
        self._is_lost = True


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _shorten(player: subprocess.Popen[bytes]) -> None:
    """Makes the pipe short where the system can: what lies in it is heard late."""
    if sys.platform == "linux" and player.stdin is not None:
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(player.stdin.fileno(), _F_SETPIPE_SZ, _PIPE_BYTES)
