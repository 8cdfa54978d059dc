"""Who sounds what: the leading synth, the port beside it, and the ports that tracks have of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping

from musicassist.score.song import NO_BANK, Bank, Song
from musicassist.sound.clocks import LeadClock
from musicassist.sound.live_keys import LiveKeys
from musicassist.sound.messages import SoundSettings
from musicassist.sound.playback import Playback
from musicassist.sound.ports import PortSynth
from musicassist.sound.schedule import PORT_SHIFT, ROUTE_SHIFT
from musicassist.sound.silent_synth import SilentSynth
from musicassist.sound.synth import Synth
from musicassist.sound.synth_group import SynthGroup
from musicassist.sound.track_ports import TrackPorts


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
        """Connects nothing yet.

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
    def _companion(self) -> str | None:
        """The port that plays beside FluidSynth."""
        return self._settings.output_port if self._settings.with_fluidsynth else None

    @property
    def _has_ports(self) -> bool:
        return isinstance(self.lead, PortSynth) or bool(self.ports.open)

    @property
    def is_crowded(self) -> bool:
        """Whether the song names several ports (FF 21), but one cable of sixteen channels plays it."""
        return isinstance(self.lead, PortSynth) and any(c >> PORT_SHIFT for c in self._playback.schedule.channels)

    def want(self, settings: SoundSettings, song: Song) -> None:
        """The ports that settings and tracks name are wanted."""
        has_other_clock = settings.midi_clock != self._settings.midi_clock
        has_other_companion = settings.with_fluidsynth != self._settings.with_fluidsynth
        self._settings = settings
        names = {track.output_port for track in song.tracks} | {self._companion}
        if settings.silent or not settings.with_fluidsynth:
            names -= {settings.output_port}  # it leads, or is missed, by itself
        self.ports.want({name for name in names if name} if not settings.silent else ())
        if has_other_companion or (has_other_clock and self._has_ports):
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
        self._playback.set_routes(self._routes())
        together = self._together()
        self._playback.change_synth(together)
        self._keys.change_synth(together)
        self.set_live_track(*self._live_track)

    def _together(self) -> Synth:
        if not self.ports.open:
            return self.lead
        by_route = {number: self.ports.open[name] for name, number in self._routes().items()}
        return SynthGroup(self.lead, self.ports.open.get(self._companion or ""), by_route)

    def _routes(self) -> Mapping[str, int]:
        return {name: self.ports.number(name) for name in self.ports.open}

    def set_live_track(self, channel: int, program: int, output_port: str | None = None, bank: Bank = NO_BANK) -> None:
        """What the MIDI keyboard plays, and through which port."""
        self._live_track = (channel, program, output_port, bank)
        self._keys.set_track(self.live_channel(channel), program, bank)

    def live_channel(self, channel: int) -> int:
        """A channel with its route: that of the live track, if it is its channel."""
        live, _, port, _ = self._live_track
        return channel | self._routes().get(port or "", 0) << ROUTE_SHIFT if channel == live else channel

    def close(self) -> None:
        """Silence, and everything let go."""
        silent = SilentSynth(time.monotonic)
        self._keys.change_synth(silent)
        self._playback.panic()
        self._playback.change_synth(silent)
        self.clock.follow(silent)
        for port in self.ports.open.values():
            port.flush()  # before any of them is waited for
        for synth in (self.lead, *self.ports.open.values()):
            synth.close()
