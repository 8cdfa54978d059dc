"""Opens and closes outputs in a thread, so that a driver that hangs never stops the engine."""

from __future__ import annotations

import queue
import threading
import time

from musicassist.sound.messages import SoundSettings
from musicassist.sound.outputs import FAILED_PROBLEM, FAILED_REMEDY, Output, open_output, silent_output
from musicassist.sound.silent_synth import SilentSynth
from musicassist.sound.synth import Synth

FIRST_WAIT_SECONDS = 3.0  # LIMIT: then what is played is played silently
RETRY_SECONDS = 3.0
CLOSE_LIMIT_SECONDS = 5.0  # LIMIT: a driver that does not close is no reason to stay silent
LONGEST_RETRY_SECONDS = 30.0


class Opening:
    """At most one output is being opened at a time; the newest settings win. Used by one thread."""

    def __init__(self) -> None:
        self._results: queue.SimpleQueue[Output] = queue.SimpleQueue()
        self._next: SoundSettings | None = None
        self._is_running = False
        self._began_at = time.monotonic()
        self._has_opened = False
        self._retry_seconds = RETRY_SECONDS
        self._is_retry = False
        self._closing: list[threading.Thread] = []

    @property
    def is_pending(self) -> bool:
        """Whether an output is being opened."""
        return self._is_running

    @property
    def is_first_pending(self) -> bool:
        """Whether the very first output is still to come, within a time limit."""
        is_in_time = time.monotonic() - self._began_at < FIRST_WAIT_SECONDS
        return self._is_running and not self._has_opened and is_in_time

    def begin(self, settings: SoundSettings) -> None:
        """Starts to open what the settings ask for."""
        self._is_retry = False
        self._retry_seconds = RETRY_SECONDS
        self._begin(settings)

    def begin_again_later(self, settings: SoundSettings) -> None:
        """Tries once more when some seconds have passed, each time a longer while."""
        if not self._is_running and time.monotonic() - self._began_at >= self._retry_seconds:
            self._retry_seconds = min(2 * self._retry_seconds, LONGEST_RETRY_SECONDS)
            self._is_retry = True
            self._begin(settings)

    def _begin(self, settings: SoundSettings) -> None:
        if self._is_running:
            self._next = settings
            return
        self._is_running, self._began_at = True, time.monotonic()
        closing, self._closing = self._closing, []
        threading.Thread(target=self._open, args=(settings, closing), name="open output", daemon=True).start()

    def _open(self, settings: SoundSettings, closing: list[threading.Thread]) -> None:
        # A client of JACK that is opened after its server has died frees the old ones; what closes them then crashes.
        for thread in closing:
            thread.join(CLOSE_LIMIT_SECONDS)
        output = silent_output(FAILED_PROBLEM, FAILED_REMEDY)
        try:
            output = open_output(settings)
        finally:  # a bug is written into the log, and must not leave the engine waiting for ever
            self._results.put(output)

    def take(self) -> Output | None:
        """The output that has been opened, once; None while there is none, or only the old trouble again."""
        try:
            output = self._results.get_nowait()
        except queue.Empty:
            return None
        self._is_running = False
        if self._next is not None:
            settings, self._next = self._next, None
            self.close_later(output.synth)
            self._begin(settings)
            return None
        self._has_opened = True
        if self._is_retry and isinstance(output.synth, SilentSynth):
            self.close_later(output.synth)
            return None
        return output

    def close_later(self, synth: Synth) -> None:
        """Closes a synth in a thread: with its server dead it may take seconds."""
        thread = threading.Thread(target=synth.close, name="close output", daemon=True)
        thread.start()
        self._closing = [*(old for old in self._closing if old.is_alive()), thread]
