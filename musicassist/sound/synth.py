"""What can sound: the interface of a synth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from musicassist.sound import midi_bytes as midi
from musicassist.sound.banks import Tone
from musicassist.sound.clocks import TimedQueue
from musicassist.sound.ports import DIRECT_SOURCE


class Synth(Protocol):
    """Something that sounds channel messages at given seconds of its own clock.

    Attributes:
        driver: What the user reads: the audio driver, the port, or ``silent``.
        soundfont: Name of the font's file, or empty.
        latency_seconds: From the clock's time to the ear.
        takes_clock: Whether something behind it follows a MIDI clock.
    """

    driver: str
    soundfont: str
    latency_seconds: float
    takes_clock: bool

    def now_seconds(self) -> float:
        """The synth's clock; it only goes forward."""
        ...

    def due_seconds(self, seconds: float) -> float:
        """When a message that is queued for ``seconds`` will really sound."""
        ...

    def schedule(self, events: Iterable[tuple[float, midi.Message]], source: int) -> None:
        """Queues messages, in ascending time, under a source that can be removed alone."""

    def remove(self, source: int) -> None:
        """Forgets what is queued under a source."""

    def send(self, message: midi.Message) -> None:
        """Sounds a message at once. Any thread."""

    def set_tone(self, tone: Tone) -> None:
        """Sounds otherwise from now on, what sounds already included; only FluidSynth does."""

    def is_lost(self) -> bool:
        """Whether the device behind it is gone; asked about every 20 ms."""
        ...

    def close(self) -> None:
        """Falls silent and frees everything. The object is of no use afterwards."""


class SilentSynth:
    """Sounds nothing on an injected clock.

    Attributes:
        sounded: With ``is_recording``, every message with the second at which it would have sounded.
    """

    def __init__(self, clock: Callable[[], float], *, is_recording: bool = False, takes_clock: bool = False) -> None:
        self.driver, self.soundfont, self.latency_seconds = "silent", "", 0.0
        self.takes_clock = takes_clock
        self.sounded: list[tuple[float, midi.Message]] = []
        self._clock = clock
        self._is_recording = is_recording
        self._queue = TimedQueue()

    def now_seconds(self) -> float:
        """The injected clock; what was due until now has sounded."""
        now = self._clock()
        for seconds, message in self._queue.take_until(now):
            self._sound(seconds, message)
        return now

    def due_seconds(self, seconds: float) -> float:
        """See ``Synth``."""
        return seconds

    def schedule(self, events: Iterable[tuple[float, midi.Message]], source: int) -> None:
        """See ``Synth``."""
        self._queue.put(events, source)

    def remove(self, source: int) -> None:
        """See ``Synth``."""
        self.now_seconds()
        self._queue.remove(source)

    def send(self, message: midi.Message) -> None:
        """See ``Synth``."""
        self._sound(self.now_seconds(), message)

    def set_tone(self, tone: Tone) -> None:
        """See ``Synth``: it has none."""

    def is_lost(self) -> bool:
        """See ``Synth``: never."""
        return False

    def close(self) -> None:
        """See ``Synth``."""
        self._queue.clear()

    def _sound(self, seconds: float, message: midi.Message) -> None:
        if self._is_recording:
            self.sounded.append((seconds, message))


class Port(Protocol):
    """A port that sends what is queued at seconds of the leading synth; see ``PortSynth``."""

    takes_clock: bool

    def schedule(self, events: Iterable[tuple[float, midi.Message]], source: int) -> None:
        """Queues messages."""

    def remove(self, source: int, after_seconds: float) -> None:
        """Forgets what is due later."""


class SynthGroup:
    """A ``Synth`` whose messages go by their route: 0 to the lead and its companion, others to the port of that number.

    A port is some milliseconds behind the lead. So what is sent at once is queued there, too, behind what was due
    before: no note-off overtakes its note-on.
    """

    def __init__(self, lead: Synth, companion: Port | None, ports: Mapping[int, Port]) -> None:
        """Makes the group; it does not own its members and closes none.

        Args:
            lead: Its clock is that of the group.
            companion: A port that plays what the lead plays.
            ports: The ports of tracks by their route; the companion may be among them.
        """
        self.driver, self.soundfont, self.latency_seconds = lead.driver, lead.soundfont, lead.latency_seconds
        self._lead = lead
        self._with_lead = (companion,) if companion is not None else ()
        self._ports = dict(ports)
        self._all_ports = tuple({id(port): port for port in (*self._with_lead, *ports.values())}.values())
        self.takes_clock = lead.takes_clock or any(port.takes_clock for port in self._all_ports)

    def now_seconds(self) -> float:
        """See ``Synth``: the lead's clock."""
        return self._lead.now_seconds()

    def due_seconds(self, seconds: float) -> float:
        """See ``Synth``."""
        return self._lead.due_seconds(seconds)

    def schedule(self, events: Iterable[tuple[float, midi.Message]], source: int) -> None:
        """See ``Synth``."""
        for_lead: list[tuple[float, midi.Message]] = []
        for_port: defaultdict[Port, list[tuple[float, midi.Message]]] = defaultdict(list)
        for seconds, message in events:
            plain = _plain(message)
            if self._is_for_lead(message):
                for_lead.append((seconds, plain))
            for port in self._ports_of(message):
                for_port[port].append((seconds, plain))
        self._lead.schedule(for_lead, source)
        for port, rows in for_port.items():
            port.schedule(rows, source)

    def remove(self, source: int) -> None:
        """See ``Synth``: what is due by now reaches the ports all the same."""
        self._lead.remove(source)
        now = self._lead.now_seconds()
        for port in self._all_ports:
            port.remove(source, now)

    def send(self, message: midi.Message) -> None:
        """See ``Synth``."""
        plain = _plain(message)
        if self._is_for_lead(message):
            self._lead.send(plain)
        now = self._lead.now_seconds()
        for port in self._ports_of(message):
            port.schedule([(now, plain)], DIRECT_SOURCE)

    def set_tone(self, tone: Tone) -> None:
        """See ``Synth``."""
        self._lead.set_tone(tone)

    def is_lost(self) -> bool:
        """See ``Synth``: whether the lead is."""
        return self._lead.is_lost()

    def close(self) -> None:
        """See ``Synth``; the members go on."""

    def _is_for_lead(self, message: midi.Message) -> bool:
        return _route(message) not in self._ports

    def _ports_of(self, message: midi.Message) -> Iterable[Port]:
        if midi.is_clock(message):
            return self._all_ports
        port = self._ports.get(_route(message))
        return self._with_lead if port is None else (port,)


def _route(message: midi.Message) -> int:
    return (message[0] & midi.ROUTE_MASK) >> midi.ROUTE_SHIFT


def _plain(message: midi.Message) -> midi.Message:
    """The message without its route."""
    return message[0] & ~midi.ROUTE_MASK, *message[1:]
