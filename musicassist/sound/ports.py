"""MIDI ports: what is there, a keyboard that is listened to, and a port that plays as a synth does."""

from __future__ import annotations

import contextlib
import math
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from musicassist.errors import QT_TRANSLATE_NOOP, SoundError
from musicassist.score import midi_bytes as midi
from musicassist.sound.clocks import SENDER_PRIORITY, InputClock, ask_realtime_priority
from musicassist.sound.synth import DIRECT_SOURCE, Synth, TimedQueue

_STDERR = 2
CLIENT_NAME = "musicassist"
SENDER_THREAD = "MIDI sender"
CLOSE_LIMIT_SECONDS = 3.0  # LIMIT: closing takes two when the MIDI system is gone
_SPIN_SECONDS = 0.001  # the system wakes a thread later than asked for; the last millisecond is waited for awake
_STALE_SECONDS = 1.0  # LIMIT: nobody plays that late on purpose, and a busy machine wakes a thread sooner
_MIDI_ERRORS = (OSError, ValueError, RuntimeError)  # every error of rtmidi but that of memory is a child of these
NO_RTMIDI = QT_TRANSLATE_NOOP("Errors", "MIDI ports need python-rtmidi, which is not installed for this Python.")
_IN_USE = QT_TRANSLATE_NOOP("Errors", "The MIDI port {name} is in use by another program.")
_NOT_CONNECTED = QT_TRANSLATE_NOOP("Errors", "The MIDI port {name} is not connected.")
NO_MIDI = QT_TRANSLATE_NOOP("Errors", "This system offers no MIDI ports (neither ALSA nor JACK runs).")


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """What the process writes to stderr meanwhile is dropped, from every thread."""
    try:
        kept = os.dup(_STDERR)
    except OSError:  # no stderr at all
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _STDERR)
        yield
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)
        os.close(nowhere)


@dataclass(frozen=True)
class PortList:
    """Names of the ports, and in words why there can be none."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    problem: str | None = None


def list_ports() -> PortList:
    """The MIDI ports of this machine. Never raises; takes up to a second."""
    scanner = PortScanner()
    try:
        with quiet_stderr():
            return scanner.scan()
    finally:
        scanner.close()


def plain_name(port: str) -> str:
    """The name without ALSA's numbers, which change each time a keyboard is plugged in."""
    return re.sub(r" \d+:\d+$", "", port)


def _rtmidi() -> Any:
    try:
        import rtmidi
    except ImportError as error:
        raise SoundError(NO_RTMIDI) from error
    return rtmidi


def _apis(rtmidi: Any) -> list[int]:
    """The MIDI systems to look at, the hardware's first."""
    compiled = [int(api) for api in rtmidi.get_compiled_api()]
    return compiled if sys.platform != "linux" else sorted(compiled, key=lambda api: api != rtmidi.API_LINUX_ALSA)


class PortScanner:
    """Lists the ports again and again with the same clients: a new client each time exhausts ALSA. One thread.

    A JACK client keeps showing the ports of a server that has died, so JACK is asked by a new client each time.
    """

    def __init__(self) -> None:
        self._clients: dict[tuple[str, int], Any] = {}

    def scan(self) -> PortList:
        """The ports there are now."""
        try:
            rtmidi = _rtmidi()
        except SoundError as error:
            return PortList(problem=str(error))
        found = {kind: list(self._names(rtmidi, kind)) for kind in ("MidiIn", "MidiOut")}
        names = {kind: [name for listed in lists for name in listed] for kind, lists in found.items()}
        problem = None if any(found.values()) else NO_MIDI
        return PortList(tuple(dict.fromkeys(names["MidiIn"])), tuple(dict.fromkeys(names["MidiOut"])), problem)

    def _names(self, rtmidi: Any, kind: str) -> Iterator[list[str]]:
        """For each MIDI system that runs, its ports."""
        for api in _apis(rtmidi):
            client = self._clients.get((kind, api)) or _new_client(rtmidi, kind, api)
            if client is None:
                continue
            yield [plain_name(port) for port in _ports_of(client) if not port.startswith(CLIENT_NAME)]
            if api == rtmidi.API_UNIX_JACK:
                client.delete()
            else:
                self._clients[kind, api] = client

    def close(self) -> None:
        """Frees the clients."""
        for client in self._clients.values():
            client.delete()
        self._clients.clear()


def _new_client(rtmidi: Any, kind: str, api: int) -> Any:
    """A client of a MIDI system; None if that does not run. Without ALSA or JACK its constructor raises."""
    try:
        return getattr(rtmidi, kind)(api, name=CLIENT_NAME)
    except OSError:
        return None


def _ports_of(client: Any) -> list[str]:
    """The ports that a client sees; none if its MIDI system breaks off."""
    try:
        return list(client.get_ports())
    except _MIDI_ERRORS:
        return []


def _open_by_name(kind: str, name: str) -> Any:
    """An open client on the port of that name.

    Raises:
        SoundError: There is no such port, or it is taken.
    """
    rtmidi = _rtmidi()
    for api in _apis(rtmidi):
        client = _new_client(rtmidi, kind, api)
        if client is None:
            continue
        indices = [index for index, port in enumerate(_ports_of(client)) if name in (port, plain_name(port))]
        if indices:
            _open_port(client, indices[0], kind, name)
            return client
        client.delete()
    raise SoundError(_NOT_CONNECTED, name=name)


def _open_port(client: Any, index: int, kind: str, name: str) -> None:
    try:
        client.open_port(index, name="in" if kind == "MidiIn" else "out")
    except _MIDI_ERRORS as error:
        client.delete()
        is_taken = isinstance(error, OSError)  # else it has vanished since it was listed
        raise SoundError(_IN_USE if is_taken else _NOT_CONNECTED, name=name) from error


class InputPort:
    """A keyboard that is listened to.

    Attributes:
        name: As listed.
    """

    def __init__(self, name: str, on_message: Callable[[float, bytes], None]) -> None:
        """Opens the port; ``on_message(seconds, message)`` is called in a thread of the MIDI system.

        The seconds are of ``time.monotonic``, added up from the delta times that are stamped below Python.

        Raises:
            SoundError: There is no such port, or it is taken.
        """
        self.name = name
        self._on_message = on_message
        self._clock = InputClock()
        self._client = _open_by_name("MidiIn", name)
        self._client.set_callback(self._receive)

    def _receive(self, event: tuple[list[int], float], _data: object) -> None:
        message, delta_seconds = event
        self._on_message(self._clock.stamp(delta_seconds, time.monotonic()), bytes(message))

    def close(self) -> None:
        """Stops listening. May take two seconds when the MIDI system is gone."""
        with contextlib.suppress(*_MIDI_ERRORS):  # it may be gone already
            # WORKAROUND: closing with a callback crashes, github.com/mido/mido/issues/368
            self._client.cancel_callback()
            self._client.close_port()
        self._client.delete()


class PortSynth(Synth):
    """An external MIDI port as a synth: a thread of its own sends each message at its absolute time.

    Nothing is sent from another thread, so what is sent at once never overtakes what was due before it, and a device
    that holds up what it is sent holds up nobody else.

    Attributes:
        name: As listed.
    """

    def __init__(self, name: str, *, clock: Callable[[], float] = time.monotonic, takes_clock: bool = True) -> None:
        """Opens the port.

        Args:
            name: As listed.
            clock: The seconds at which messages are due; goes as fast as ``time.monotonic``. Called in any thread.
            takes_clock: Whether MIDI clock is sent.

        Raises:
            SoundError: There is no such port, or it is taken.
        """
        self.name = name
        self.driver = f"MIDI port {name}"
        self.takes_clock = takes_clock
        self._clock = clock
        self._client = _open_by_name("MidiOut", name)
        self._queue = TimedQueue()
        self._is_lost = self._is_closed = False
        self._thread = threading.Thread(target=self._send_in_time, name=SENDER_THREAD, daemon=True)
        self._thread.start()

    def now_seconds(self) -> float:
        """See ``Synth``: by default the system's monotonic clock."""
        return self._clock()

    def schedule(self, events: Iterable[tuple[float, midi.Message]], source: int) -> None:
        self._queue.put(
            ((at, message) for at, message in events if self.takes_clock or not midi.is_clock(message)), source
        )

    def remove(self, source: int, after_seconds: float | None = None) -> None:
        """See ``Synth``; what is due until ``after_seconds``, by default until now, is sent all the same."""
        self._queue.remove(source, self._clock() if after_seconds is None else after_seconds)

    def send(self, message: midi.Message) -> None:
        self.schedule([(self._clock(), message)], DIRECT_SOURCE)

    def flush(self) -> None:
        """Has what was sent directly and what was due before it sent now, and forgets the rest: the clock changes."""
        self._queue.hasten(DIRECT_SOURCE)

    def is_lost(self) -> bool:
        """See ``Synth``. Most systems do not tell; the engine also watches the list of ports."""
        return self._is_lost

    def close(self) -> None:
        """See ``Synth``. May take two seconds when the MIDI system is gone; a device that blocks is left behind."""
        self.flush()
        with self._queue.changed:
            self._is_closed = True
            self._queue.changed.notify_all()
        self._thread.join(CLOSE_LIMIT_SECONDS)

    def _send_in_time(self) -> None:
        ask_realtime_priority(SENDER_PRIORITY)
        while not self._is_closed:
            self._wait_for_next()
            self._send_due(self._clock())
        self._send_due(-math.inf)  # what was flushed
        time.sleep(0.01)  # WORKAROUND: the last message is lost otherwise, github.com/thestk/rtmidi/issues/235
        with contextlib.suppress(*_MIDI_ERRORS):
            self._client.close_port()
        self._client.delete()

    def _send_due(self, seconds: float) -> None:
        for due_seconds, message in self._queue.take_until(seconds):
            if self._is_stale(due_seconds, message):
                continue
            try:
                status = message[0] & 0xFF  # one cable has sixteen channels, whatever ports a file names
                self._client.send_message((status, *message[1 : midi.length_of(status, len(message))]))
            except _MIDI_ERRORS:
                self._is_lost = True

    def _is_stale(self, due_seconds: float, message: midi.Message) -> bool:
        """Whether it strikes a note long after its time, as when a device was held up; what was flushed never is."""
        is_strike = midi.parts_of(message)[0] == midi.NOTE_ON
        return is_strike and _STALE_SECONDS < self._clock() - due_seconds < math.inf

    def _wait_for_next(self) -> None:
        """Sleeps until a millisecond before the next message, then waits awake."""
        with self._queue.changed:
            due = self._queue.next_seconds()
            wait_seconds = None if due is None else due - self._clock() - _SPIN_SECONDS
            if wait_seconds is None or wait_seconds > 0:
                if not self._is_closed:
                    self._queue.changed.wait(wait_seconds)
                return
        awake_until = time.monotonic() + 2 * _SPIN_SECONDS  # a clock that is followed may stand still
        while due is not None and self._clock() < due and time.monotonic() < awake_until:
            pass
