"""A sound client that stands where the test puts it, and remembers what it was told; nothing sounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from musicassist.score.seam import NO_AMENDS, Amends
from musicassist.score.song import NO_BANK, Bank, Notes, Song, Track
from musicassist.sound.messages import PlaybackEnded, ShapeInput, SoundEvent, SoundSettings


@dataclass
class QuietSound:
    """What the transport, the session and the window need of a sound client.

    Attributes:
        position, waiting: In ticks; the test sets them.
        songs: What it was given to play, the last one at the end.
        heard, heard_place: The notes on trial, with their track, and from where to where they stand.
        heard_as: What they sound as, where they have no track.
        heard_amends: What was put right for them.
        heard_parts: What is heard in further tracks.
        said: By name, what else it was told.
        events: What it tells when it is asked next.
    """

    position: float = 0
    waiting: float = 0
    is_playing: bool = False
    runs_past_end: bool = False
    counted_in_bars: int = 0
    songs: list[Song] = field(default_factory=list)
    loop: tuple[int, int] | None = None
    heard: Notes | None = None
    heard_place: tuple[int | None, int, int] = (None, 0, 0)
    heard_as: Track | None = None
    heard_amends: Amends = NO_AMENDS
    heard_parts: tuple[tuple[int, Notes, Amends], ...] = ()
    said: list[tuple[object, ...]] = field(default_factory=list)
    events: list[SoundEvent] = field(default_factory=list)

    @property
    def song(self) -> Song:
        return self.songs[-1]

    def told(self, name: str) -> list[tuple[object, ...]]:
        """What came with each command of a name."""
        return [said[1:] for said in self.said if said[0] == name]

    def end(self) -> None:
        """The song is over."""
        self.is_playing = False
        self.events.append(PlaybackEnded(0))

    def start(self) -> None:
        self.said.append(("start",))

    def close(self) -> None:
        self.said.append(("close",))

    def configure(self, settings: SoundSettings) -> None:
        self.said.append(("configure", settings))

    def set_song(self, song: Song) -> None:
        self.songs.append(song)

    def audition(
        self,
        notes: Notes,
        track_index: int | None,
        from_tick: int,
        to_tick: int,
        *,
        track: Track | None = None,
        amends: Amends = NO_AMENDS,
        parts: Sequence[tuple[int, Notes, Amends]] = (),
    ) -> None:
        self.heard_parts = tuple(parts)
        self.heard, self.heard_place, self.heard_as = notes, (track_index, from_tick, to_tick), track
        self.heard_amends = amends

    def clear_audition(self) -> None:
        self.heard = None

    def play(self, from_tick: float, *, runs_past_end: bool = False, count_in_bars: int = 0) -> None:
        self.position, self.is_playing, self.runs_past_end = from_tick, True, runs_past_end
        self.counted_in_bars = count_in_bars
        self.said.append(("play", from_tick))

    def run_past_end(self) -> None:
        self.runs_past_end = True

    def stop(self) -> None:
        self.is_playing = False
        self.said.append(("stop",))

    def seek(self, tick: float) -> None:
        self.position = tick
        self.said.append(("seek", tick))

    def set_loop(self, start_tick: int, end_tick: int) -> None:
        self.loop = (start_tick, end_tick)
        self.said.append(("loop", start_tick, end_tick))

    def clear_loop(self) -> None:
        self.loop = None
        self.said.append(("no loop",))

    def set_metronome(self, *, enabled: bool) -> None:
        self.said.append(("metronome", enabled))

    def panic(self) -> None:
        self.said.append(("panic",))

    def preview(self, pitch: int, velocity: int, channel: int = 0, program: int = 0) -> None:
        self.said.append(("preview", pitch, velocity, channel, program))

    def note_on(self, pitch: int, velocity: int, channel: int = 0, program: int = 0) -> None:
        self.said.append(("note_on", pitch))

    def note_off(self, pitch: int, channel: int = 0) -> None:
        self.said.append(("note_off", pitch))

    def set_live_track(self, channel: int, program: int, output_port: str | None = None, bank: Bank = NO_BANK) -> None:
        self.said.append(("live_track", channel, program))

    def shape_input(self, shape: ShapeInput) -> None:
        self.said.append(("shape_input", shape))

    def position_tick(self) -> float:
        return self.position

    def waiting_ticks(self) -> float:
        return self.waiting

    def poll(self) -> list[SoundEvent]:
        events, self.events = self.events, []
        return events
