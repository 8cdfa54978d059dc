"""Everything that the window and the sound engine say to each other: each message is declared here, once.

A new message is a frozen dataclass that stands in ``Command`` or ``Report``, and its case in ``SoundEngine.obey``;
``wire`` sends whatever fields it has, and the type checker sees a command without its case.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from musicassist.errors import Words
from musicassist.score.seam import NO_AMENDS, Amends
from musicassist.score.song import NO_BANK, Bank, Notes, Song

DEFAULT_PREVIEW_SECONDS = 0.3
SILENT_DRIVER = "silent"  # a choice like the names of drivers: keyboards and ports go on, nothing is heard

DEFAULT_GAIN = 1.0  # a full pop arrangement peaks at -2.5 dB, a phrase of three tracks at -9 dB
DEFAULT_POLYPHONY = 256
MAX_GAIN, MIN_POLYPHONY, MAX_POLYPHONY = 10.0, 16, 4096
ROOM, LIGHT = "room", "light"
_Values = dict[str, int | float]
# FluidSynth's own settings; "room" and "light" are its defaults.
REVERBS: dict[str, _Values] = {
    "off": {"synth.reverb.active": 0},
    "dry": {"synth.reverb.active": 1, "synth.reverb.room-size": 0.2, "synth.reverb.level": 0.4},
    ROOM: {"synth.reverb.active": 1, "synth.reverb.room-size": 0.2, "synth.reverb.level": 0.9},
    "hall": {"synth.reverb.active": 1, "synth.reverb.room-size": 0.75, "synth.reverb.level": 0.9},
}
CHORUSES: dict[str, _Values] = {
    "off": {"synth.chorus.active": 0},
    LIGHT: {"synth.chorus.active": 1, "synth.chorus.level": 2.0, "synth.chorus.depth": 8.0},
    "wide": {"synth.chorus.active": 1, "synth.chorus.level": 4.0, "synth.chorus.depth": 16.0},
}


@dataclass(frozen=True)
class Tone:
    """What is heard of FluidSynth besides the notes.

    Attributes:
        gain: Loudness, 0..10.
        reverb: A name of ``REVERBS``; another one is the usual room.
        chorus: A name of ``CHORUSES``; another one is the usual chorus.
        polyphony: How many voices sound at once; more of them cost more time.
    """

    gain: float = DEFAULT_GAIN
    reverb: str = ROOM
    chorus: str = LIGHT
    polyphony: int = DEFAULT_POLYPHONY

    def settings(self) -> _Values:
        """FluidSynth's settings by name, each within its range, whatever was asked for."""
        return {
            "synth.gain": max(0.0, min(float(self.gain), MAX_GAIN)),
            "synth.polyphony": max(MIN_POLYPHONY, min(int(self.polyphony), MAX_POLYPHONY)),
            **REVERBS.get(self.reverb, REVERBS[ROOM]),
            **CHORUSES.get(self.chorus, CHORUSES[LIGHT]),
        }


USUAL_TONE = Tone()


@dataclass(frozen=True)
class SoundSettings:
    """How the engine should sound.

    Attributes:
        driver: FluidSynth's name of an audio driver, or ``SILENT_DRIVER``; None tries them in order.
        soundfont: An SF2 or SF3 file; None takes the best one found.
        output_port: Name of a MIDI output that plays the song; None is FluidSynth.
        with_fluidsynth: FluidSynth plays the song, too, beside the output port.
        input_port: Name of a keyboard; None arms the only one there is, empty none.
        silent: No synth at all, only a clock.
        tone: How FluidSynth sounds besides its font.
        midi_clock: Whether ports are sent MIDI clock, and where the song starts and stops.
    """

    driver: str | None = None
    soundfont: Path | None = None
    output_port: str | None = None
    input_port: str | None = None
    silent: bool = False
    tone: Tone = USUAL_TONE
    midi_clock: bool = True
    with_fluidsynth: bool = False

    @property
    def leading_port(self) -> str | None:
        """The port that plays the song alone."""
        return None if self.with_fluidsynth else self.output_port


@dataclass(frozen=True)
class Configure:
    """Open these outputs and inputs."""

    settings: SoundSettings


@dataclass(frozen=True)
class SetSong:
    """This is the song now."""

    song: Song


@dataclass(frozen=True)
class Play:
    """Play from a tick; ``number`` counts the client's commands that move the position.

    Before that, ``count_in_bars`` bars click.
    """

    from_tick: float
    number: int
    runs_past_end: bool = False
    count_in_bars: int = 0


@dataclass(frozen=True)
class RunPastEnd:
    """What plays goes on past the end of the song from now on."""


@dataclass(frozen=True)
class Stop:
    """Stop where it is."""

    number: int


@dataclass(frozen=True)
class Seek:
    """Go to a tick, playing on if it plays."""

    tick: float
    number: int


@dataclass(frozen=True)
class SetLoop:
    """Repeat [start_tick, end_tick); ``start_tick == end_tick`` repeats nothing."""

    start_tick: int
    end_tick: int


@dataclass(frozen=True)
class Audition:
    """Sound these notes in place of a span of a track, or beside all tracks; without notes, no longer.

    Attributes:
        notes: The notes; None ends the audition.
        track_index: The track whose notes that start in [from_tick, to_tick) are silent meanwhile; None for none.
        channel, program: What plays them if there is no track.
        amends: What puts the state of the track and the tempo right for them.
        parts: What sounds in further tracks at the same time.
    """

    notes: Notes | None
    track_index: int | None = None
    from_tick: int = 0
    to_tick: int = 0
    channel: int = 0
    program: int = 0
    amends: Amends = NO_AMENDS
    parts: tuple[Audition, ...] = ()


@dataclass(frozen=True)
class NoteOn:
    """A key goes down; with ``seconds`` it goes up again by itself."""

    pitch: int
    velocity: int
    channel: int
    program: int
    seconds: float | None = None


@dataclass(frozen=True)
class NoteOff:
    """A key goes up."""

    pitch: int
    channel: int


@dataclass(frozen=True)
class SetLiveTrack:
    """What the MIDI keyboard plays, and the port of its track if it has one of its own.

    Attributes:
        channel, program, output_port: As of a ``Track``.
        bank: The values of controllers 0 and 32; None where the track says nothing of them.
    """

    channel: int
    program: int
    output_port: str | None = None
    bank: Bank = NO_BANK


@dataclass(frozen=True)
class Binding:
    """A key, knob, pedal or button of a keyboard that does a command instead of being played.

    Attributes:
        port: Name of the keyboard.
        kind: 0x90 for a key, 0xB0 for a controller.
        channel: 0..15.
        number: Pitch, or number of the controller.
        command: What it does; only the window knows what that means.
    """

    port: str
    kind: int
    channel: int
    number: int
    command: str


@dataclass(frozen=True)
class ShapeInput:
    """How what the keyboard sends is meant, for playing and recording alike.

    Attributes:
        channel: The only channel that counts, 0..15; None is all.
        velocity_curve: One of ``live_keys.CURVES``.
        offset_seconds: How much earlier than it came in it was meant, beside what the audio driver reports.
        bindings: What does commands.
        is_learning: Whether the next key or controller is reported instead of played.
        is_mpe: Whether each finger is on a channel of its own, though the keyboard did not say so.
    """

    channel: int | None = None
    velocity_curve: str = "linear"
    offset_seconds: float = 0.0
    bindings: tuple[Binding, ...] = ()
    is_learning: bool = False
    is_mpe: bool = False


@dataclass(frozen=True)
class SetMetronome:
    """Click on the beats or not."""

    enabled: bool


@dataclass(frozen=True)
class Panic:
    """Silence at once."""

    number: int


@dataclass(frozen=True)
class StatusChanged:
    """What sounds now.

    Attributes:
        driver: An audio driver, ``MIDI port NAME``, ``built-in synth, PROGRAM``, or ``silent``.
        soundfont: Name of the font's file, or empty.
        problem, remedy: What is wrong and what to do, in words; None if all is well.
        latency_seconds: From the engine to the ear, as far as the driver tells.
        ports: MIDI ports that play beside it.
        missing_ports: Ports that are wanted but not there; what they would play sounds with the rest.
    """

    driver: str
    soundfont: str = ""
    problem: Words | None = None
    remedy: Words | None = None
    latency_seconds: float = 0.0
    ports: tuple[str, ...] = ()
    missing_ports: tuple[str, ...] = ()


@dataclass(frozen=True)
class PortsChanged:
    """The MIDI ports that are there, and those that are connected.

    Attributes:
        inputs, outputs: By name.
        input_port, output_port: What is connected.
        is_mpe: Whether the keyboard has said that each finger bends for itself.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    input_port: str | None = None
    output_port: str | None = None
    is_mpe: bool = False


@dataclass(frozen=True)
class MidiReceived:
    """What the keyboard sent, as on one channel; empty if all of it was on a channel that is not listened to.

    Attributes:
        seconds: When, on the clock of ``time.monotonic``.
        ticks: The song position that was heard then; during a count-in, one before the place where it begins.
        messages: The complete MIDI messages.
    """

    seconds: tuple[float, ...]
    ticks: tuple[float, ...]
    messages: tuple[bytes, ...]


@dataclass(frozen=True)
class ControlPressed:
    """Something that is bound to a command was pressed."""

    command: str


@dataclass(frozen=True)
class ControlLearned:
    """What was pressed or turned while learning; see ``Binding``."""

    port: str
    kind: int
    channel: int
    number: int


@dataclass(frozen=True)
class PlaybackEnded:
    """The song came to its end; ``tick`` is where the playhead is now, ``number`` the last command obeyed by then."""

    tick: float
    number: int = 0


@dataclass(frozen=True)
class EngineDied:
    """The engine process is gone; the client itself reports it, and starts another one if ``restarted``."""

    problem: Words
    remedy: Words
    restarted: bool


Command = (
    Configure
    | SetSong
    | Play
    | RunPastEnd
    | Stop
    | Seek
    | SetLoop
    | Audition
    | NoteOn
    | NoteOff
    | SetLiveTrack
    | SetMetronome
    | ShapeInput
    | Panic
)
# What a new engine is sent again, in this order, so that it goes on where the last one was.
STATE_COMMANDS = (Configure, SetSong, SetLoop, Audition, SetLiveTrack, SetMetronome, ShapeInput)
Report = StatusChanged | PortsChanged | MidiReceived | ControlPressed | ControlLearned | PlaybackEnded
SoundEvent = Report | EngineDied
Sent = Command | Report
