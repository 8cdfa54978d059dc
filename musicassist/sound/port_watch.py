"""Watches the MIDI ports in a thread of its own and keeps the right keyboard open."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from musicassist.errors import SoundError
from musicassist.sound.messages import PortsChanged
from musicassist.sound.port_lister import PortLister
from musicassist.sound.ports import InputPort, PortList

POLL_SECONDS = 0.6  # a keyboard is shown within two seconds on a busy machine, too
_NOT_KEYBOARDS = ("Midi Through",)


class PortWatch:
    """Lists the ports again and again, and opens, loses and finds again the keyboard by its name.

    Attributes:
        ports: The last list.
        looked_at_seconds: When that list was begun, on the clock of ``time.monotonic``; before all time at first.
        input_port: Name of the keyboard that is open; None if none is.
    """

    def __init__(
        self, wanted_input: str | None, on_message: Callable[[float, bytes], None], on_lost: Callable[[], None]
    ) -> None:
        """Makes the watch.

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
        """The ports as they are told to the window."""
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
            self._open(chosen)

    def _chosen_input(self) -> str | None:
        keyboards = [name for name in self.ports.inputs if not name.startswith(_NOT_KEYBOARDS)]
        if self._wanted_input is None:
            return keyboards[0] if len(keyboards) == 1 else None
        return self._wanted_input if self._wanted_input in self.ports.inputs else None

    def _open(self, name: str) -> None:
        try:
            self._input = InputPort(name, self._on_message)
        except SoundError:
            return  # taken or gone again: the next look tries once more
        self.input_port = name

    def _watch(self) -> None:
        while not self._is_over:
            self.look()
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
        if self._input is not None:
            self._input.close()
        self._lister.close()
