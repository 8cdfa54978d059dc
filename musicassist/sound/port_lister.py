"""Lists the MIDI ports in a process of its own, for as long as its standard input is open: one line for each line.

Asking JACK takes a new client each time, which holds Python's lock for tens of milliseconds; and one that is opened
after the server has died frees those that are still open in the same process, which then crash.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict

from musicassist.child_process import start_module
from musicassist.sound.ports import PortList, PortScanner

NO_ANSWER = "The MIDI system of this machine did not answer."
ANSWER_SECONDS = 10.0  # LIMIT: starting and looking takes a second, on a busy machine some
_Child = subprocess.Popen[bytes]


class PortLister:
    """Asks the process, which is started again when it has crashed. One thread, but for :meth:`kill`."""

    def __init__(self) -> None:
        self._child: _Child | None = None

    def scan(self) -> PortList:
        """The ports there are now; without an answer none, and in words why."""
        if self._child is not None and self._child.poll() is not None:
            self.close()
        try:
            child = self._child = self._child or _start()
            with _killed_after(child, ANSWER_SECONDS):
                return _ask(child)
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
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()


def _start() -> _Child:
    return start_module("musicassist.sound.port_lister", stdin=subprocess.PIPE, stdout=subprocess.PIPE)


@contextlib.contextmanager
def _killed_after(child: _Child, seconds: float) -> Iterator[None]:
    """Ends the process, and thereby the wait for its answer, when that takes longer."""
    timer = threading.Timer(seconds, child.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _ask(child: _Child) -> PortList:
    if child.stdin is None or child.stdout is None:
        raise ValueError("no pipes")
    child.stdin.write(b"\n")
    child.stdin.flush()
    found = json.loads(child.stdout.readline())
    return PortList(tuple(found["inputs"]), tuple(found["outputs"]), found["problem"])


def main() -> None:
    """Answers until the input ends."""
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
