"""A session to play with, over a sound client whose playhead the test moves and a generator that only writes down."""

from __future__ import annotations

from dataclasses import dataclass, field

from builders import phrase
from musicassist.document.document import Document
from musicassist.generation.request import Constraints, GenerationRequest, Take
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.session import Session, SessionChange
from musicassist.sound.messages import PlaybackEnded, SoundEvent


@dataclass
class HandMovedSound:
    """A sound client whose playhead stands where the test puts it."""

    position: float = 0
    is_playing: bool = False
    song: Song | None = None
    loop: tuple[int, int] | None = None
    heard: Notes | None = None
    heard_span: tuple[int, int] = (0, 0)
    keys: list[tuple[object, ...]] = field(default_factory=list)
    events: list[SoundEvent] = field(default_factory=list)
    runs_past_end: bool = False
    started_ticks: list[float] = field(default_factory=list)

    def set_song(self, song: Song) -> None:
        self.song = song

    def play(self, from_tick: float, *, runs_past_end: bool = False, count_in_bars: int = 0) -> None:
        self.position, self.is_playing, self.runs_past_end = from_tick, True, runs_past_end
        self.started_ticks.append(from_tick)

    def run_past_end(self) -> None:
        self.runs_past_end = True

    def stop(self) -> None:
        self.is_playing = False

    def end(self) -> None:
        self.is_playing = False
        self.events.append(PlaybackEnded(0))

    def seek(self, tick: float) -> None:
        self.position = tick

    def set_loop(self, start_tick: int, end_tick: int) -> None:
        self.loop = (start_tick, end_tick)

    def clear_loop(self) -> None:
        self.loop = None

    def audition(self, notes: Notes, track_index: int | None, from_tick: int, to_tick: int) -> None:
        self.heard, self.heard_span = notes, (from_tick, to_tick)

    def clear_audition(self) -> None:
        self.heard = None

    def set_live_track(self, channel: int, program: int) -> None:
        pass

    def set_metronome(self, *, enabled: bool) -> None:
        pass

    def position_tick(self) -> float:
        return self.position

    def poll(self) -> list[SoundEvent]:
        events, self.events = self.events, []
        return events


@dataclass
class PatientGenerator:
    """A generator that makes nothing until the test says so."""

    is_ready: bool = True
    asked: list[GenerationRequest] = field(default_factory=list)
    cancelled: int = 0

    def start(self, request: GenerationRequest) -> None:
        self.asked.append(request)

    def cancel(self) -> None:
        self.cancelled += 1


class EnsembleDesk:
    """A session with one bar of quarter notes."""

    def __init__(self, song: Song | None = None) -> None:
        self.sound = HandMovedSound()
        self.generator = PatientGenerator()
        self.document = Document(song or Song(tracks=(Track("Melody", phrase(60, 62, 64, 65, step_ticks=480)),)))
        self.session = Session(self.document, self.sound, self.generator, new_seed=lambda: 7)  # type: ignore[arg-type]
        self.said: list[str] = []
        self.seconds = 0.0
        self.session.subscribe(self._on_change)

    def _on_change(self, change: SessionChange) -> None:
        if change.kind == "message":
            self.said.append(change.template)

    def now_seconds(self) -> float:
        return self.seconds

    @property
    def notes(self) -> list[Note]:
        return list(self.document.track.notes)


def take_of(request: GenerationRequest, notes: Notes, span: tuple[int, int]) -> Take:
    """The take that a generator gives back."""
    return Take(notes, *span, request.model, request.seed, 1, 1.0, 1.0, Constraints(), request.revision)
