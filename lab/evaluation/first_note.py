"""How much later the first note comes after a long seed than after a short one, where most of it was read before."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np

from musicassist.composing.engine import Engine
from musicassist.composing.request import GenerationRequest
from musicassist.evaluation.figures import Figure
from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.timing import MeterChange

MODELS = ("lstm-form", "lstm", "lstm-seed", "markov", "transformer")
SHORT_NOTES, LONG_NOTES = 16, 2_000
RUNS = 10
_FIGURE_NOTES = 24  # long is a figure that comes back four times, then another one does
_SCALE = (0, 2, 4, 5, 7, 9, 11)
_LENGTHS = (120, 240, 240, 480, 480, 720)


class _Heard(Exception):
    """The first note is there."""


def measure_first_notes(engine: Engine) -> list[Figure]:
    """CPU time from the request to its first note, after 2,000 notes as a multiple of that after 16; medians of 10."""
    rows = []
    for model in MODELS:
        engine.load(model)
        for when, prepare in (
            ("asked again", _again),
            ("after an edit, read ahead", lambda request: engine.read_ahead(request, lambda: False)),
            ("after an edit, at once", _at_once),
        ):
            is_edited = when != "asked again"
            short, long = _seconds(engine, model, prepare, is_edited=is_edited)
            rows += [
                Figure(f"first note after {LONG_NOTES:,} notes, {when}, p50", model, 1000 * long, "ms", RUNS, 0),
                Figure(f"the same against {SHORT_NOTES} notes, {when}", model, long / short, "times", RUNS, 0),
            ]
    return rows


def _again(_request: GenerationRequest) -> None:
    """Nothing of it is new."""


def _at_once(_request: GenerationRequest) -> None:
    """Nobody rests between the edit and the press."""


def _seconds(
    engine: Engine, model: str, prepare: Callable[[GenerationRequest], None], *, is_edited: bool
) -> tuple[float, float]:
    """Medians after a short and after a long seed; each is asked for some times before one is edited or asked again."""
    took = []
    for count in (SHORT_NOTES, LONG_NOTES):
        own, song = [], seed_song(count)
        for run in range(-2, RUNS):
            song = seed_song(count, edits=run + 2) if is_edited else song
            request = GenerationRequest("continue", song, candidates=1, model=model)
            prepare(request)
            seconds = first_note_seconds(engine, request)
            own += [seconds] if run >= 0 else []
        took.append(median(own))
    return took[0], took[1]


def first_note_seconds(engine: Engine, request: GenerationRequest) -> float:
    """CPU time until a take has its first note; the rest is not composed."""
    began = time.process_time()

    def on_note(_take: int, _note: Note) -> None:
        raise _Heard

    try:
        engine.generate(request, on_note=on_note)
    except _Heard:
        return time.process_time() - began
    raise AssertionError("no take has two notes")


def seed_song(count: int, *, edits: int = 0) -> Song:
    """A melody in C of so many notes; each edit moves one of its last notes or writes one more, in turn."""
    random = np.random.default_rng(5)
    figure: list[tuple[int, int]] = []
    rows: list[Note] = []
    tick, degree = 0, 21
    for place in range(count + edits // 2):
        if place % (4 * _FIGURE_NOTES) == 0:
            figure = [(int(random.integers(-2, 3)), int(random.choice(_LENGTHS))) for _ in range(_FIGURE_NOTES)]
        step, length = figure[place % _FIGURE_NOTES]
        degree = min(30, max(14, degree + step))
        is_moved = 0 < count + edits // 2 - place <= (edits + 1) // 2
        rows.append(Note(tick, 24 + 12 * (degree // 7) + _SCALE[degree % 7] + is_moved, length))
        tick += length
    return Song((Track("Melody", Notes.of(rows)),), 480, (), (MeterChange(0, 4, 4),), (KeyChange(0, 0, "major"),))
