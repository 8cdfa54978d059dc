"""Play, stop, seek and loop, as a user commands them, over the client of the sound engine."""

from __future__ import annotations

from collections.abc import Callable

from musicassist.score.song import NO_BANK, Bank
from musicassist.sound.client import SoundClient


class Transport:
    """The user's play, stop and loop. Main thread only.

    Attributes:
        loop: The ticks from and to that the user marked, kept while it is switched off; None if there is none.
        is_looping: Whether playing repeats it.
        is_metronome_on: Whether the beats click.
        put_tick: Where the user put the playhead; None where it merely stopped, or was moved otherwise. Listening to
            what is lent a loop does not count as moving.
        on_put: Called when the user has put the playhead somewhere.
        on_jump: Called with each place where the playhead is put, before it is there; a loop tells nothing.
    """

    def __init__(self, sound: SoundClient, on_change: Callable[[], None] = lambda: None) -> None:
        """Plays the song of ``sound``; ``on_change`` is called after each change that listeners should know."""
        self.loop: tuple[int, int] | None = None
        self.is_looping = False
        self.is_metronome_on = False
        self.put_tick: int | None = None
        self.on_put: list[Callable[[], None]] = []
        self.on_jump: list[Callable[[int], None]] = []
        self._sound = sound
        self._on_change = on_change
        self._start_tick = 0
        self._lent_loop: tuple[int, int] | None = None
        self._live_track: tuple[int, int, str | None, Bank] = (0, 0, None, NO_BANK)  # channel, program, port, bank
        self._is_live_track_left = False
        self._companions: set[str] = set()

    def _tell_jump(self, tick: int) -> None:
        for listener in self.on_jump:
            listener(tick)

    @property
    def is_playing(self) -> bool:
        """Whether the song sounds."""
        return self._sound.is_playing

    @property
    def is_accompanied(self) -> bool:
        """Whether somebody plays along or is recorded, so that playing goes on past the end of the song."""
        return bool(self._companions)

    def accompany(self, name: str, *, is_on: bool) -> None:
        """Somebody plays along or is recorded from now on, or is not any more."""
        (self._companions.add if is_on else self._companions.discard)(name)
        if is_on and self.is_playing:
            self._sound.run_past_end()

    def position_tick(self) -> float:
        """Where the playhead is."""
        return self._sound.position_tick()

    def waiting_ticks(self) -> float:
        """How long the playhead still waits, while it is counted in."""
        return self._sound.waiting_ticks()

    @property
    def active_loop(self) -> tuple[int, int] | None:
        """The span that playing repeats: that of the takes on offer, else the user's if it is on."""
        return self._lent_loop or (self.loop if self.is_looping else None)

    def play(self, *, count_in_bars: int = 0) -> None:
        """Plays from where :meth:`next_start_tick` says, after some bars of clicks."""
        self._start_tick = self.next_start_tick()
        self._forget_put_unless_lent()
        self._tell_jump(self._start_tick)
        self._sound.play(self._start_tick, runs_past_end=self.is_accompanied, count_in_bars=count_in_bars)
        self._on_change()

    def next_start_tick(self) -> int:
        """The playhead; the start of the loop if it is past its end, or outside of takes on offer."""
        tick = round(self.position_tick())
        loop = self.active_loop
        is_outside = loop is not None and (tick >= loop[1] or (self._lent_loop is not None and tick < loop[0]))
        return loop[0] if loop is not None and is_outside else tick

    def play_loop(self) -> None:
        """Plays from the start of what is repeated; from the playhead if nothing is."""
        if self.active_loop is not None:
            self.seek(self.active_loop[0])
        if not self.is_playing:
            self.play()

    def stop(self) -> None:
        """Stops where the playhead is."""
        self._sound.stop()
        self._on_change()

    def toggle(self) -> None:
        """Plays, or stops if it plays."""
        if self.is_playing:
            self.stop()
        else:
            self.play()

    def stop_and_return(self) -> None:
        """Stops, which ends a recording there, and goes back to where playing began."""
        self.stop()
        self.seek(self._start_tick)

    def return_to_start(self) -> None:
        """Goes to the start of the song, playing on if it plays."""
        self.seek(0)

    def put_playhead(self, tick: float) -> None:
        """The user puts the playhead somewhere; it plays on from there if it plays."""
        if self.is_playing:
            self._forget_put_unless_lent()
        else:
            self.put_tick = max(0, round(tick))
        for listener in self.on_put:
            listener()
        self._go(tick)

    def seek(self, tick: float) -> None:
        """Goes to a place, playing on if it plays."""
        self._forget_put_unless_lent()
        self._go(tick)

    def forget_put(self) -> None:
        """It no longer matters where the user put the playhead; tells nobody, since nothing moves."""
        self.put_tick = None

    def _forget_put_unless_lent(self) -> None:
        if self._lent_loop is None:
            self.put_tick = None

    def _go(self, tick: float) -> None:
        place_tick = max(0, round(tick))
        self._tell_jump(place_tick)
        self._sound.seek(place_tick)
        if not self.is_playing:
            self._start_tick = place_tick
        self._on_change()

    def set_loop(self, from_tick: int, to_tick: int) -> None:
        """Repeats [from_tick, to_tick), at least a tick, from now on."""
        self.loop, self.is_looping = (from_tick, max(to_tick, from_tick + 1)), True
        self._send_loop()

    def clear_loop(self) -> None:
        """Repeats nothing and forgets the span."""
        self.loop, self.is_looping = None, False
        self._send_loop()

    def toggle_loop(self) -> None:
        """Switches the marked span on or off; without one, nothing happens."""
        self.is_looping = not self.is_looping and self.loop is not None
        self._send_loop()

    def lend_loop(self, from_tick: int, to_tick: int) -> None:
        """Repeats another span for a while; the user's own stays kept."""
        self._lent_loop = from_tick, max(to_tick, from_tick + 1)
        self._send_loop()

    def play_lent_loop(self, from_tick: int, to_tick: int, start_tick: int) -> None:
        """Repeats another span for a while, and plays it from ``start_tick``; the sound comes first, then the news."""
        self._lent_loop = from_tick, max(to_tick, from_tick + 1)
        self._start_tick = start_tick
        self._tell_jump(start_tick)
        self._sound.set_loop(*self._lent_loop)
        self._sound.play(start_tick, runs_past_end=self.is_accompanied)
        self._on_change()

    def give_loop_back(self) -> None:
        """Ends ``lend_loop``."""
        if self._lent_loop is not None:
            self._lent_loop = None
            self._send_loop()

    def _send_loop(self) -> None:
        loop = self.active_loop
        if loop is None:
            self._sound.clear_loop()
        else:
            self._sound.set_loop(*loop)
        self._on_change()

    def set_metronome(self, *, enabled: bool) -> None:
        """Clicks on the beats or not."""
        self.is_metronome_on = enabled
        self._sound.set_metronome(enabled=enabled)
        self._on_change()

    def toggle_metronome(self) -> None:
        """Switches the clicks on or off."""
        self.set_metronome(enabled=not self.is_metronome_on)

    def panic(self) -> None:
        """Stops, and ends every note that may still sound."""
        self._sound.panic()
        self._on_change()

    def set_live_track(self, channel: int, program: int, output_port: str | None = None, bank: Bank = NO_BANK) -> None:
        """Gives the MIDI keyboard and the previews a channel, an instrument and the port of their track."""
        wanted = (channel, program, output_port, bank)
        if wanted != self._live_track or self._is_live_track_left:
            self._live_track, self._is_live_track_left = wanted, False
            self._sound.set_live_track(*wanted)

    def leave_live_track(self) -> None:
        """The keyboard has chosen another instrument; the track's own is to be sent again when it counts."""
        self._is_live_track_left = True

    def preview(self, pitch: int, velocity: int) -> None:
        """Sounds a short note with the instrument of the selected track."""
        self._sound.preview(pitch, velocity, *self._live_track[:2])
