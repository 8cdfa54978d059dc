"""A keyboard that is plugged in, played and torn out, again and again, beside a running engine."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lab.sound.jack_system import jack_ports, running, wait_for_driver, wait_until
from musicassist.sound.client import SoundClient
from musicassist.sound.messages import EngineDied, MidiReceived, PortsChanged, SoundEvent, SoundSettings

KEYBOARD = "foreign-keys"
SHOWN_SECONDS = 2.0
_PORT = f"{KEYBOARD}:out"
_SEQUENCE = ("4800", "0", "60", "1200")  # a key every tenth of a second
_MAX_WAIT_SECONDS = 20.0  # LIMIT: on a busy machine
_WARM_UP_CYCLES = 5
_LOOK_SECONDS = 0.005


@dataclass
class CycleReport:
    """What came of it.

    Attributes:
        cycles: How many were gone through.
        crashes: Deaths of the engine.
        ghosts: Cycles after which the keyboard was still listed.
        silent: Cycles in which no key was heard.
        grown_descriptors: Open files of the engine, from after the first cycles to the end.
        shown_seconds: From the port's coming, or going, until it was told; shape (2 * cycles,).
    """

    cycles: int
    crashes: int = 0
    ghosts: int = 0
    silent: int = 0
    grown_descriptors: int = 0
    shown_seconds: list[float] = field(default_factory=list)


def cycle_keyboards(cycles: int, progress: Callable[[int], None] = lambda _cycle: None) -> CycleReport:
    """Goes through the cycles, about two seconds each.

    Raises:
        SoundError: JACK or the engine does not come up, or does not show a change at all.
    """
    client = SoundClient(SoundSettings(driver="jack"))
    report = CycleReport(cycles)
    try:
        client.start()
        wait_for_driver(client, "jack")
        desk = _Desk(client, report)
        descriptors = 0
        for cycle in range(cycles):
            desk.cycle()
            progress(cycle + 1)
            if cycle < _WARM_UP_CYCLES:
                descriptors = desk.descriptors()
        report.grown_descriptors = desk.descriptors() - descriptors
        return report
    finally:
        client.close()


class _Desk:
    """The client, looked after as the window does."""

    def __init__(self, client: SoundClient, report: CycleReport) -> None:
        self._client, self._report = client, report
        self._input_port: str | None = None
        self._inputs: tuple[str, ...] = ()
        self._received: deque[MidiReceived] = deque(maxlen=1)

    def cycle(self) -> None:
        with running("jack_midiseq", KEYBOARD, *_SEQUENCE):
            wait_until(lambda: _PORT in jack_ports(), "JACK's keyboard does not start.")
            self._until(lambda: self._input_port == _PORT)
            self._received.clear()
            if not self._comes(lambda: self._received, SHOWN_SECONDS):
                self._report.silent += 1
        self._until(lambda: self._input_port is None)
        self._report.ghosts += _PORT in self._inputs or _PORT in jack_ports()

    def descriptors(self) -> int:
        """How many files the engine has open, on Linux."""
        return len(list(Path(f"/proc/{self._client.engine_process_id}/fd").glob("*")))

    def _until(self, is_true: Callable[[], object]) -> None:
        began = time.monotonic()
        self._comes(is_true, _MAX_WAIT_SECONDS)
        self._report.shown_seconds.append(time.monotonic() - began)

    def _comes(self, is_true: Callable[[], object], limit_seconds: float) -> bool:
        deadline = time.monotonic() + limit_seconds
        while time.monotonic() < deadline:
            for event in self._client.poll():
                self._take(event)
            if is_true():
                return True
            time.sleep(_LOOK_SECONDS)
        return False

    def _take(self, event: SoundEvent) -> None:
        if isinstance(event, PortsChanged):
            self._input_port, self._inputs = event.input_port, event.inputs
        elif isinstance(event, MidiReceived):
            self._received.append(event)
        elif isinstance(event, EngineDied):
            self._report.crashes += 1
