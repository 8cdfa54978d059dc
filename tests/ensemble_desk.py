"""A session to play with, over a sound client whose playhead the test moves and a generator that only writes down."""

from __future__ import annotations

from dataclasses import dataclass, field

from builders import phrase
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.document.document import Document
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.session.session import Session, SessionChange
from quiet_sound import QuietSound


@dataclass
class PatientGenerator:
    """A generator that makes nothing until the test says so."""

    is_ready: bool = True
    asked: list[GenerationRequest] = field(default_factory=list)
    cancelled: int = 0
    foreseen: list[GenerationRequest] = field(default_factory=list)

    def read_ahead(self, request: GenerationRequest) -> None:
        self.foreseen.append(request)

    def start(self, request: GenerationRequest) -> None:
        self.asked.append(request)

    def cancel(self) -> None:
        self.cancelled += 1


class EnsembleDesk:
    """A session with one bar of quarter notes."""

    def __init__(self, song: Song | None = None) -> None:
        self.sound = QuietSound()
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
