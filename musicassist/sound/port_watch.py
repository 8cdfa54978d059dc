"""Which MIDI ports come and go: listed in a process of their own, while the right keyboard is kept open here.

Asking JACK takes a new client each time, which holds Python's lock for tens of milliseconds; and one that is opened
after the server has died frees those that are still open in the same process, which then crash. So the process
``python -m musicassist.sound.port_watch`` lists them, a line of JSON for each line, for as long as its input is open.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict

from musicassist.child_process import start_module
from musicassist.errors import QT_TRANSLATE_NOOP, SoundError
from musicassist.sound.messages import PortsChanged
from musicassist.sound.ports import InputPort, PortList, PortScanner

NO_ANSWER = QT_TRANSLATE_NOOP("Errors", "The MIDI system of this machine did not answer.")
ANSWER_SECONDS = 10.0  # LIMIT: starting and looking takes a second, on a busy machine some
POLL_SECONDS = 0.6  # a keyboard is shown within two seconds on a busy machine, too
_NOT_KEYBOARDS = ("Midi Through",)


class PortLister:
    """Asks the process, which is started again when it has crashed. One thread, but for :meth:`kill`."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def scan(self) -> PortList:
        """The ports there are now; without an answer none, and in words why."""
        if self._child is not None and self._child.poll() is not None:
            self.close()
        try:
            pipe = subprocess.PIPE
            child = self._child = self._child or start_module("musicassist.sound.port_watch", stdin=pipe, stdout=pipe)
            timer = threading.Timer(ANSWER_SECONDS, child.kill)  # ends the wait for an answer that takes longer
            timer.daemon = True
            timer.start()
            try:
                return _ask(child)
            finally:
                timer.cancel()
        except (OSError, ValueError):
            self.close()
            return PortList(problem=NO_ANSWER)

    def kill(self) -> None:
        """Ends the process, whatever it is at; a scan that waits for it gets no answer. Any thread."""
        child = self._child
        if child is not None:
            child.kill()

    def close(self) -> None:
        """Ends the process."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            with contextlib.suppress(OSError), child:  # waits, and closes its pipes
                pass


def _ask(child: subprocess.Popen[bytes]) -> PortList:
    if child.stdin is None or child.stdout is None:
        raise ValueError("no pipes")
    child.stdin.write(b"\n")
    child.stdin.flush()
    found = json.loads(child.stdout.readline())
    return PortList(tuple(found["inputs"]), tuple(found["outputs"]), found["problem"])


class PortWatch:
    """Lists the ports again and again, and opens, loses and finds again the keyboard by its name, in its own thread.

    Attributes:
        ports: The last list.
        looked_at_seconds: When that list was begun, on the clock of ``time.monotonic``; before all time at first.
        input_port: Name of the keyboard that is open; None if none is.
    """

    def __init__(
        self, wanted_input: str | None, on_message: Callable[[float, bytes], None], on_lost: Callable[[], None]
    ) -> None:
        """Looks at nothing before :meth:`start`.

        Args:
            wanted_input: None arms the only keyboard, empty arms none.
            on_message: See ``InputPort``.
            on_lost: Called in the watch's thread when the keyboard is gone, perhaps with keys down.
        """
        self.ports = PortList()
        self.looked_at_seconds = -math.inf
        self.input_port: str | None = None
        self._wanted_input = wanted_input
        self._on_message, self._on_lost = on_message, on_lost
        self._input: InputPort | None = None
        self._is_chosen_anew = False
        self._lister = PortLister()
        self._is_over = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="MIDI ports", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def want(self, input_port: str | None) -> None:
        """Another keyboard, at the next look, which is at once; the same one is opened anew.

        For a port that was away for less than the time between two looks looks as if it had been there all the time.
        """
        self._wanted_input, self._is_chosen_anew = input_port, True
        self._wake.set()

    def report(self, output_port: str | None) -> PortsChanged:
        """The ports as they are reported to the window."""
        return PortsChanged(self.ports.inputs, self.ports.outputs, self.input_port, output_port)

    def close(self) -> None:
        """Ends the thread; the keyboard is closed by it."""
        self._is_over = True
        self._lister.kill()  # it may hang
        self._wake.set()

    @property
    def has_looked(self) -> bool:
        """Whether there is a list yet."""
        return self.looked_at_seconds > -math.inf

    def look(self) -> None:
        """Looks once; the thread does this again and again."""
        began_seconds = time.monotonic()
        self.ports = self._lister.scan()
        self.looked_at_seconds = began_seconds
        chosen = self._chosen_input()
        is_chosen_anew, self._is_chosen_anew = self._is_chosen_anew, False
        if self._input is not None and (self._input.name != chosen or is_chosen_anew):
            self._input.close()
            self._input = self.input_port = None
            self._on_lost()
        if self._input is None and chosen is not None:
            with contextlib.suppress(SoundError):  # taken or gone again: the next look tries once more
                self._input = InputPort(chosen, self._on_message)
                self.input_port = chosen

    def _chosen_input(self) -> str | None:
        keyboards = [name for name in self.ports.inputs if not name.startswith(_NOT_KEYBOARDS)]
        if self._wanted_input is None:
            return keyboards[0] if len(keyboards) == 1 else None
        return self._wanted_input if self._wanted_input in self.ports.inputs else None

    def _watch(self) -> None:
        while not self._is_over:
            self.look()
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
        if self._input is not None:
            self._input.close()
        self._lister.close()


def main() -> None:
    """In the process that lists: answers until the input ends."""
    answers = os.fdopen(os.dup(1), "w")  # libraries print what they like to the old one
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    scanner = PortScanner()
    for _ in sys.stdin:
        print(json.dumps(asdict(scanner.scan())), file=answers, flush=True)
    scanner.close()


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
    os._exit(0)  # threads of MIDI libraries must not be waited for
