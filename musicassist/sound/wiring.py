"""What plays beside the leading synth: ports opened by name in a thread, lost, found again, and connected to it."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from musicassist.errors import SoundError
from musicassist.score import midi_bytes as midi
from musicassist.score.song import NO_BANK, Bank, Song
from musicassist.sound.clocks import LeadClock
from musicassist.sound.live_keys import LiveKeys
from musicassist.sound.messages import SoundSettings, Tone
from musicassist.sound.playback import Playback
from musicassist.sound.ports import PortSynth
from musicassist.sound.synth import DIRECT_SOURCE, SilentSynth, Synth

MAX_PORTS = 255  # LIMIT: what the bits of a route hold
RETRY_SECONDS = 2.0  # a port that is there but taken is tried again


class TrackPorts:
    """Keeps the wanted ports open while they are there. Used by one thread.

    Attributes:
        open: The ports that are open, by name.
    """

    def __init__(self, open_port: Callable[[str], PortSynth]) -> None:
        """``open_port`` opens a port by name, in a thread; raises ``SoundError``."""
        self.open: dict[str, PortSynth] = {}
        self._open_port = open_port
        self._wanted: frozenset[str] = frozenset()
        self._opening: set[str] = set()
        self._failed: set[str] = set()  # at the last try
        self._numbers: dict[str, int] = {}
        self._tried_at: dict[str, float] = {}
        self._results: queue.SimpleQueue[tuple[str, PortSynth | None]] = queue.SimpleQueue()

    def want(self, names: Collection[str]) -> None:
        """These ports and no others, from the next look on."""
        self._wanted = frozenset(names)

    @property
    def missing(self) -> tuple[str, ...]:
        """The wanted ports that are not open, nor being opened for the first time."""
        return tuple(sorted(self._wanted - self.open.keys() - (self._opening - self._failed)))

    def number(self, name: str) -> int:
        """The route of a port; a name keeps its number."""
        return self._numbers.setdefault(name, len(self._numbers) + 1)

    def look(self, listed: Collection[str]) -> tuple[bool, list[PortSynth]]:
        """One look, about every 20 ms.

        Args:
            listed: The ports that are there.

        Returns:
            Whether other ports are open than before, and those that the caller closes when nobody uses them any more.
        """
        kept = self._wanted & set(listed)
        gone = [name for name, port in self.open.items() if name not in kept or port.is_lost()]
        closing = [self.open.pop(name) for name in gone]
        has_changed = bool(gone)
        while not self._results.empty():
            name, port = self._results.get()
            self._opening.discard(name)
            (self._failed.add if port is None else self._failed.discard)(name)
            if port is not None and name in self._wanted and name not in self.open:
                self.open[name] = port
                has_changed = True
            elif port is not None:
                closing.append(port)
        for name in sorted(kept - self.open.keys() - self._opening):
            self._begin(name)
        return has_changed, closing

    def _begin(self, name: str) -> None:
        now = time.monotonic()
        is_over_limit = len(self._numbers) >= MAX_PORTS and name not in self._numbers
        if is_over_limit or now - self._tried_at.get(name, -RETRY_SECONDS) < RETRY_SECONDS:
            return
        self._tried_at[name] = now
        self._opening.add(name)
        threading.Thread(target=self._open, args=(name,), name="open port", daemon=True).start()

    def _open(self, name: str) -> None:
        port = None
        try:
            with contextlib.suppress(SoundError):  # taken, or gone again: it is tried once more
                port = self._open_port(name)
        finally:  # after a bug, too, which is written into the log
            self._results.put((name, port))


class SynthGroup(Synth):
    """A synth whose messages go by their route: 0 to the lead and its companion, others to the port of that number.

    A port is some milliseconds behind the lead. So what is sent at once is queued there, too, behind what was due
    before: no note-off overtakes its note-on.
    """

    def __init__(self, lead: Synth, companion: PortSynth | None, ports: Mapping[int, PortSynth]) -> None:
        """The group does not own its members and closes none.

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
        """The lead's clock."""
        return self._lead.now_seconds()

    def due_seconds(self, seconds: float) -> float:
        """As the lead has it."""
        return self._lead.due_seconds(seconds)

    def schedule(self, events: Iterable[tuple[float, midi.Message]], source: int) -> None:
        """Queues each message where its route leads."""
        for_lead: list[tuple[float, midi.Message]] = []
        for_port: defaultdict[PortSynth, list[tuple[float, midi.Message]]] = defaultdict(list)
        for seconds, message in events:
            plain, is_for_lead, ports = self._routed(message)
            if is_for_lead:
                for_lead.append((seconds, plain))
            for port in ports:
                for_port[port].append((seconds, plain))
        self._lead.schedule(for_lead, source)
        for port, rows in for_port.items():
            port.schedule(rows, source)

    def remove(self, source: int) -> None:
        """Forgets what is queued; what is due by now reaches the ports all the same."""
        self._lead.remove(source)
        now = self._lead.now_seconds()
        for port in self._all_ports:
            port.remove(source, now)

    def send(self, message: midi.Message) -> None:
        """Sounds a message where its route leads."""
        plain, is_for_lead, ports = self._routed(message)
        if is_for_lead:
            self._lead.send(plain)
        now = self._lead.now_seconds()
        for port in ports:
            port.schedule([(now, plain)], DIRECT_SOURCE)

    def set_tone(self, tone: Tone) -> None:
        """The lead's."""
        self._lead.set_tone(tone)

    def is_lost(self) -> bool:
        """Whether the lead is."""
        return self._lead.is_lost()

    def close(self) -> None:
        """The members go on."""

    def _routed(self, message: midi.Message) -> tuple[midi.Message, bool, Iterable[PortSynth]]:
        """The message without its route, whether it is for the lead, and the ports that it is for."""
        plain = message[0] & ~midi.ROUTE_MASK, *message[1:]
        port = self._ports.get((message[0] & midi.ROUTE_MASK) >> midi.ROUTE_SHIFT)
        if midi.is_clock(message):
            return plain, port is None, self._all_ports
        return plain, port is None, self._with_lead if port is None else (port,)


class Wiring:
    """Connects playback and keys to what is open, and again whenever that changes. One thread.

    Attributes:
        lead: The synth whose clock counts.
        clock: That clock.
        ports: The ports beside it.
    """

    def __init__(
        self,
        playback: Playback,
        keys: LiveKeys,
        close_later: Callable[[Synth], None],
        open_port: Callable[[str, Callable[[], float]], PortSynth] = lambda name, clock: PortSynth(name, clock=clock),
    ) -> None:
        """Connects nothing before :meth:`want` and :meth:`look`.

        Args:
            playback: What plays the song.
            keys: What is struck by hand.
            close_later: Closes a synth in a thread.
            open_port: Opens a port on a clock; raises ``SoundError``.
        """
        self.lead: Synth = playback.synth
        self.clock = LeadClock(self.lead)
        self.ports = TrackPorts(lambda name: open_port(name, self.clock.heard_seconds))
        self._playback, self._keys, self._close_later = playback, keys, close_later
        self._settings = SoundSettings()
        self._live_track: tuple[int, int, str | None, Bank] = (0, 0, None, NO_BANK)

    @property
    def is_crowded(self) -> bool:
        """Whether the song names several ports (FF 21), but one cable of sixteen channels plays it."""
        channels = self._playback.schedule.channels
        return isinstance(self.lead, PortSynth) and any(channel >> midi.PORT_SHIFT for channel in channels)

    def want(self, settings: SoundSettings, song: Song) -> None:
        """The ports that settings and tracks name are wanted."""
        has_other_clock = settings.midi_clock != self._settings.midi_clock
        has_other_companion = settings.with_fluidsynth != self._settings.with_fluidsynth
        self._settings = settings
        names = {track.output_port for track in song.tracks}
        if settings.with_fluidsynth:
            names |= {settings.output_port}
        else:
            names -= {settings.output_port}  # it leads, or is missed, by itself
        self.ports.want({name for name in names if name} if not settings.silent else ())
        has_ports = isinstance(self.lead, PortSynth) or bool(self.ports.open)
        if has_other_companion or (has_other_clock and has_ports):
            self.use(self.lead)

    def look(self, listed: Collection[str]) -> bool:
        """One look at the ports, about every 20 ms; whether others are open than before."""
        self.clock.look()
        has_changed, closing = self.ports.look(listed)
        if has_changed:
            self.use(self.lead, closing)
        for port in closing:
            self._close_later(port)
        return has_changed

    def use(self, lead: Synth, leaving: Collection[PortSynth] = ()) -> None:
        """Moves everything to a lead and the ports that are open; what sounded falls silent first, and plays on."""
        silent = SilentSynth(time.monotonic)
        self._keys.change_synth(silent)
        self._playback.change_synth(silent)
        for port in (*self.ports.open.values(), *leaving):
            port.flush()
            port.takes_clock = self._settings.midi_clock
        if isinstance(lead, PortSynth):
            lead.takes_clock = self._settings.midi_clock
        self.lead = lead
        self.clock.follow(lead)
        routes, ports = self._routes(), self.ports.open
        self._playback.set_routes(routes)
        together = lead
        if routes:
            companion = ports.get(self._settings.output_port or "") if self._settings.with_fluidsynth else None
            together = SynthGroup(lead, companion, {number: ports[name] for name, number in routes.items()})
        self._playback.change_synth(together)
        self._keys.change_synth(together)
        self.set_live_track(*self._live_track)

    def _routes(self) -> Mapping[str, int]:
        return {name: self.ports.number(name) for name in self.ports.open}

    def set_live_track(self, channel: int, program: int, output_port: str | None = None, bank: Bank = NO_BANK) -> None:
        """What the MIDI keyboard plays, and through which port."""
        self._live_track = (channel, program, output_port, bank)
        self._keys.set_track(self.live_channel(channel), program, bank)

    def live_channel(self, channel: int) -> int:
        """A channel with its route: that of the live track, if it is its channel."""
        live, _, port, _ = self._live_track
        return channel | self._routes().get(port or "", 0) << midi.ROUTE_SHIFT if channel == live else channel

    def close(self) -> None:
        """Silence, and everything let go."""
        silent = SilentSynth(time.monotonic)
        self._keys.change_synth(silent)
        self._playback.panic()
        self._playback.change_synth(silent)
        self.clock.follow(silent)
        for port in self.ports.open.values():
            port.flush()  # before any of them is waited for
        self.lead.close()
        for port in self.ports.open.values():
            port.close()
