"""How long takes take to compose. It uses only names that older checkouts have, too: ``--beside`` runs it upon them."""

from __future__ import annotations

import time
from contextlib import suppress
from importlib import import_module
from statistics import median
from typing import Any

from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.timing import MeterChange

TAKES, BARS = 8, 4
RUNS = 10
MODELS = ("lstm-form", "lstm", "lstm-seed", "transformer", "markov")
Row = dict[str, Any]  # {metric, model, value, unit, n, seed, split}
_PHRASE = ((0, 62, 1), (1, 66, 0.5), (1.5, 69, 0.5), (2, 74, 1), (3, 73, 0.5), (3.5, 71, 0.5), (4, 69, 1), (5, 66, 1))


def request_class() -> Any:
    """What asks for takes; it once lay in another room."""
    return _first("GenerationRequest", "musicassist.composing.request", "musicassist.generation.request")


def make_engine() -> Any:
    """What composes, with the models that are installed."""
    return _first("make_engine", "musicassist.families.registry", "musicassist.app")()


def _first(name: str, *modules: str) -> Any:
    """What a name stands for in the first of some modules that has it."""
    for module in modules:
        with suppress(ModuleNotFoundError, AttributeError):
            return getattr(import_module(module), name)
    raise ImportError(name)


def phrase_song() -> Song:
    """A phrase of two bars in D."""
    notes = Notes.of(Note(round(beat * 480), pitch, round(length * 480)) for beat, pitch, length in _PHRASE)
    return Song((Track("Melody", notes),), 480, (), (MeterChange(0, 4, 4),), (KeyChange(0, 2, "major"),))


def measure_takes() -> list[Row]:
    """CPU time of 8 takes of 4 bars, and notes of them in a second of it; medians of 10 random numbers."""
    engine, rows = make_engine(), []
    for model in MODELS:
        engine.load(model)
        took, rates = _timed(engine, model)
        rows.append(_row(f"CPU time of {TAKES} takes of {BARS} bars, p50", model, 1000 * median(took), "ms"))
        rows.append(_row(f"notes per CPU second of {TAKES} takes, p50", model, median(rates), "1/s"))
    return rows


def notes_per_second(model: str, song: Song | None = None, **wish: Any) -> float:
    """Notes of all tracks in a second of one model, median of 10 random numbers.

    Args:
        model: Its name.
        song: What is continued (default: the phrase).
        wish: What a request is asked beside.
    """
    return median(_timed(make_engine(), model, song, **wish)[1])


def _timed(engine: Any, model: str, song: Song | None = None, **wish: Any) -> tuple[list[float], list[float]]:
    """CPU seconds of each run, and notes in a second of them."""
    asked = {"bars": BARS, "takes": TAKES, "model": model, **wish}
    request, continued = request_class(), song or phrase_song()
    took, rates = [], []
    for seed in range(RUNS + 2):
        one = request("continue", continued, seed=seed, **asked)
        began = time.process_time()
        takes = engine.generate(one)
        took.append(time.process_time() - began)
        rates.append(sum(sum(map(len, _lines(take))) for take in takes) / took[-1])
    return took[2:], rates[2:]  # the first two warm up


def _lines(take: Any) -> list[Any]:
    """The notes of each track; older takes have but one."""
    return [take.notes, *(part.notes for part in getattr(take, "parts", ()))]


def _row(metric: str, model: str, value: float, unit: str) -> Row:
    return {"metric": metric, "model": model, "value": value, "unit": unit, "n": RUNS, "seed": 0, "split": ""}
