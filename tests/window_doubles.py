"""A whole window over a quiet sound client, and an engine that plays scales when it may."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from musicassist.composing.composed import WeightsFile, with_composed
from musicassist.composing.originality import Evidence
from musicassist.composing.plan import BarPlan, Relation
from musicassist.composing.planning import PLANNED
from musicassist.composing.request import GenerationRequest, Take
from musicassist.composing.span import Span, span_of
from musicassist.composing.take_plan import Intent, TakePlan
from musicassist.document.document import Document
from musicassist.document.recovery import RecoveryJournal
from musicassist.errors import CheckpointError, MusicAssistError
from musicassist.score.song import Note, Notes
from musicassist.session.session import Session
from musicassist.settings import Settings
from musicassist.sound.messages import PortsChanged, StatusChanged
from musicassist.ui.background import BackgroundGenerator
from musicassist.ui.main_window import MainWindow, WindowParts
from musicassist.ui.model_status import ModelFact
from quiet_sound import QuietSound

SOUNDING = StatusChanged("alsa", "TimGM6mb.sf2", None, None, 0.02)
NO_PORTS = PortsChanged((), (), None, None)


class ScaleEngine:
    """Takes are scales, upwards from a pitch that tells them apart. It waits at each gate that the test holds shut."""

    def __init__(self) -> None:
        self.may_load = threading.Event()
        self.may_end = threading.Event()
        self.may_load.set()
        self.may_end.set()
        self.problem: MusicAssistError | None = None
        self.damaged: set[str] = set()  # models that cannot be loaded
        self.requests: list[GenerationRequest] = []
        self.foreseen: list[tuple[GenerationRequest, Callable[[], bool]]] = []
        self.threads: set[str] = set()
        self.loaded: list[str] = []
        self.evidence: Evidence | None = None  # of each take

    def load(self, name: str) -> None:
        self.loaded.append(name)
        self.may_load.wait(10)
        if self.problem is not None:
            raise self.problem
        if name in self.damaged:
            raise CheckpointError("The model {name} is damaged.", name=name)

    def training_music(self) -> None:
        """It knows no music."""

    def read_ahead(self, request: GenerationRequest, is_cancelled: Callable[[], bool]) -> None:
        self.foreseen.append((request, is_cancelled))

    def generate(
        self,
        request: GenerationRequest,
        *,
        on_note: Callable[[int, Note], None] | None = None,
        on_progress: Callable[[float], None] | None = None,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> tuple[Take, ...]:
        self.requests.append(request)
        self.threads.add(threading.current_thread().name)
        if self.problem is not None:
            raise self.problem
        if on_progress is not None and request.is_chosen_from:
            on_progress(0.5)
        takes = tuple(self._take(request, number) for number in range(1, request.takes + 1))
        for take in takes:
            for note in take.notes:
                if on_note is not None:
                    on_note(take.number, note)
        while not self.may_end.wait(0.002):
            if is_cancelled is not None and is_cancelled():
                raise RuntimeError("cancelled")
        return takes

    def _take(self, request: GenerationRequest, number: int) -> Take:
        span = span_of(request)
        beat_ticks = request.song.ticks_per_beat
        starts = range(span.from_tick, span.to_tick, beat_ticks)
        notes = Notes.of(Note(tick, 60 + number + i % 12, beat_ticks) for i, tick in enumerate(starts))
        take = Take(
            notes,
            span.from_tick,
            span.to_tick,
            request.model,
            request.seed,
            number,
            1.0,
            1.0,
            request.constraints,
            request.revision,
            chosen_from=request.composed if request.is_chosen_from else 0,
            plan=_plan(request, span, number) if request.kind in PLANNED else None,
            evidence=self.evidence,
        )
        return with_composed(take, request, (WeightsFile(request.model, "0" * 64),))


def _plan(request: GenerationRequest, span: Span, number: int) -> TakePlan:
    """Each take begins with another idea, unless somebody wrote a plan."""
    bars = request.song.time_map
    first = bars.bar_at(bars.bar_line_at_or_after(span.from_tick))
    count = max(1, bars.bar_at(span.to_tick - 1) - first + 1)
    own = (BarPlan(Relation.NEW), *(BarPlan(Relation.RHYTHM, 1),) * (count - 1))
    intent = None if request.plan else Intent(request.intent) if request.intent else list(Intent)[number % len(Intent)]
    return TakePlan(intent, first, request.plan or own, 1, bars.bar_number(first))


@dataclass
class Stage:
    """A window and what stands behind it."""

    window: MainWindow
    sound: QuietSound
    engine: ScaleEngine
    journal: RecoveryJournal
    saved_settings: list[Settings]

    @property
    def session(self) -> Session:
        return self.window.session

    @property
    def document(self) -> Document:
        return self.window.session.document


def raise_stage(folder: Path, *, settings: Settings | None = None, engine: ScaleEngine | None = None) -> Stage:
    """A window that is not shown yet."""
    sound, composer = QuietSound(events=[SOUNDING, NO_PORTS]), engine or ScaleEngine()
    generator = BackgroundGenerator(lambda: composer)
    session = Session(Document(), sound, generator, new_seed=lambda: 5)  # type: ignore[arg-type]
    journal = RecoveryJournal(folder)
    saved: list[Settings] = []
    facts = (
        ModelFact("lstm", "LSTM", "4 M parameters"),
        ModelFact("gan", "GAN", "1 M parameters", "gan", ("generate",)),
        ModelFact("gru", "GRU", "1 M parameters", "gru"),
        ModelFact("vae", "VAE", "2 M parameters", "vae", ("vary", "interpolate")),
    )
    parts = WindowParts(session, generator, journal, settings or Settings(), saved.append, lambda: facts)
    return Stage(MainWindow(parts), sound, composer, journal, saved)
