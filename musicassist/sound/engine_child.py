"""The engine's process, as the client holds it: a pipe to it, a thread that reads from it, and its end."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from musicassist.child_process import start_module
from musicassist.score.song import Track
from musicassist.sound.messages import Command, Report, SetSong
from musicassist.sound.wire import encode, read_message

KILL_LIMIT_SECONDS = 0.5  # LIMIT: a process that waits for a device in the kernel ends only after that


class EngineChild:
    """One run of ``musicassist.sound.process``."""

    def __init__(
        self,
        board: Path,
        on_report: Callable[[Report], None],
        on_death: Callable[[], None],
        log: Path | None = None,
    ) -> None:
        """Starts the process.

        Args:
            board: File of the shared position.
            on_report: Called in a reader thread with each report.
            on_death: Called there once when the pipe has ended.
            log: Where the engine's own words go; None drops them, and so does one that cannot be written.

        Raises:
            OSError: The system starts no process.
        """
        self._on_report, self._on_death = on_report, on_death
        self._told_tracks: tuple[Track, ...] = ()  # of the song that it was sent last
        with _opened(log) as stderr:
            pipe = subprocess.PIPE
            self._process = start_module(
                "musicassist.sound.process", str(board), stdin=pipe, stdout=pipe, stderr=stderr
            )
        threading.Thread(target=self._read, name="sound reports", daemon=True).start()

    @property
    def process_id(self) -> int:
        """The system's number of the process."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def write(self, command: Command) -> None:
        """Sends a command; waits if the engine is behind. One thread. A dead engine is noticed by the reader."""
        stdin = self._process.stdin
        try:
            if stdin is not None:
                stdin.write(encode(command, self._told_tracks))
                stdin.flush()
                if isinstance(command, SetSong):
                    self._told_tracks = command.song.tracks
        except (OSError, ValueError):
            return

    def close(self, limit_seconds: float) -> None:
        """Ends its input, which silences it, and waits for its end; after the limit it is killed."""
        stdin = self._process.stdin
        with contextlib.suppress(OSError):
            if stdin is not None:
                stdin.close()
        try:
            self._process.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(KILL_LIMIT_SECONDS)

    def kill(self) -> None:
        """Ends a process that does not read any more; waits for nothing."""
        self._process.kill()

    def _read(self) -> None:
        stdout = self._process.stdout
        if stdout is None:
            return
        try:
            while (report := read_message(stdout)) is not None:
                self._on_report(report)  # type: ignore[arg-type]  # the engine sends reports only
        except (OSError, ValueError):
            pass  # a broken pipe, or nonsense in it, is its end
        self._process.kill()  # nobody hears it any more
        self._process.wait()
        stdout.close()
        self._on_death()


def _opened(log: Path | None) -> BinaryIO:
    if log is not None:
        with contextlib.suppress(OSError):
            return log.open("wb")
    return Path(os.devnull).open("wb")
