"""A session with quiet doubles around it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from builders import phrase
from ensemble_desk import PatientGenerator
from musicassist.composing.plan import BarPlan, Relation
from musicassist.composing.request import Constraints, Take
from musicassist.composing.take_plan import Intent, TakePlan
from musicassist.document.document import Document
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.session.session import Session, SessionChange
from quiet_sound import QuietSound

BAR = 1920
SPAN = (BAR, 5 * BAR)
PLAN = TakePlan(Intent.ANSWER, 1, (BarPlan(Relation.NEW), *(BarPlan(Relation.SAME, 1),) * 3), 1, 2)


class Desk:
    """A session with one bar of quarter notes, and everything around it."""

    def __init__(self, song: Song | None = None, *, is_ready: bool = True) -> None:
        self.sound = QuietSound()
        self.generator = PatientGenerator(is_ready=is_ready)
        self.document = Document(song or Song(tracks=(Track("Melody", phrase(60, 62, 64, 65, step_ticks=480)),)))
        seeds = iter(range(100, 200))
        self.session = Session(self.document, self.sound, self.generator, new_seed=lambda: next(seeds))  # type: ignore[arg-type]
        self.changes: list[SessionChange] = []
        self.session.subscribe(self.changes.append)

    @property
    def notes(self) -> list[Note]:
        return list(self.document.track.notes)

    def kinds(self) -> list[str]:
        return [change.kind for change in self.changes]

    def select(self, *rows: int) -> None:
        mask = np.zeros(len(self.document.track.notes), dtype=np.bool_)
        mask[list(rows)] = True
        self.document.select(mask)

    def makes(self, count: int = 4, plan: TakePlan | None = None) -> tuple[Take, ...]:
        """The generator gives back takes of the request that runs, the n-th of n notes."""
        request = self.generator.asked[-1]
        span = self.session.takes.span
        assert span is not None
        takes = tuple(
            Take(
                notes=phrase(*range(70, 70 + number), step_ticks=480, from_tick=span[0]),
                from_tick=span[0],
                to_tick=span[1],
                model=request.model,
                seed=request.seed,
                number=number,
                in_scale_share=1.0,
                originality=1.0,
                constraints=Constraints(),
                revision=request.revision,
                plan=plan,
            )
            for number in range(1, count + 1)
        )
        self.session.takes.on_takes(request, takes)
        return takes


def desk_with(*pitches: int, plan: TakePlan | None = PLAN) -> Desk:
    """Takes of half notes, each on one pitch."""
    desk = Desk()
    desk.session.takes.ask()
    made = desk.makes(len(pitches), plan)
    takes = [
        replace(take, notes=phrase(*[pitch] * 8, step_ticks=960, from_tick=BAR))
        for take, pitch in zip(made, pitches, strict=True)
    ]
    desk.session.takes.put_on_offer(replace(desk.session.takes.current, takes=tuple(takes)))
    return desk


def made(desk: Desk, *rows: Notes, from_tick: int = BAR) -> None:
    """The generator has made what was asked last."""
    request, one = desk.generator.asked[-1], desk.session.takes.offer[0]
    takes = tuple(
        replace(one, notes=notes, from_tick=from_tick, number=number, model=request.model, seed=request.seed)
        for number, notes in enumerate(rows, 1)
    )
    desk.session.further.on_takes(request, takes)
