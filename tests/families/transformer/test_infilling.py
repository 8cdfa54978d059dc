"""An infill fills exactly its bars, whatever stands around them, and hears what stands behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import phrase
from musicassist.composing.engine import Engine
from musicassist.composing.melody_task import melody_task
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.composing.seed_reading import SeedReader
from musicassist.families.registry import FAMILIES
from musicassist.families.transformer.infilling import InfillPredictor
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Key
from musicassist.score.timing import MeterChange
from tiny_models import install_tiny_transformer, transformer_step

BAR = 1920
TUNE = phrase(*[60, 62, 64, 65, 67, 69, 71, 72] * 6)  # six bars of eighths


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("checkpoints")
    install_tiny_transformer(folder)
    made = Engine(folder, FAMILIES)
    made.load("tiny-transformer")
    return made


def request_of(first_bar: int, bars: int, notes: Notes = TUNE, **options: object) -> GenerationRequest:
    """An infill of some bars, counted from 0."""
    song = Song((Track("Melody", notes),), 480, (), (MeterChange(0, 4, 4),))
    defaults: dict[str, object] = {"takes": 2, "model": "tiny-transformer", "bars": bars}
    span = {"from_tick": first_bar * BAR, "to_tick": (first_bar + bars) * BAR}
    return GenerationRequest("infill", song, **{**defaults, **span, **options})  # type: ignore[arg-type]


def check(take: Take, request: GenerationRequest) -> None:
    notes, constraints = take.notes, request.constraints
    assert (take.from_tick, take.to_tick) == (request.from_tick, request.to_tick)
    assert notes.start_tick[0] >= take.from_tick
    assert notes.end_tick[-1] <= take.to_tick
    assert (notes.end_tick[:-1] <= notes.start_tick[1:]).all()
    assert notes.start_tick[-1] >= take.to_tick - BAR
    assert constraints.lowest_pitch <= notes.pitch.min()
    assert notes.pitch.max() <= constraints.highest_pitch
    assert constraints.key is None or notes.in_key(constraints.key).all()


@pytest.mark.parametrize(("first_bar", "bars"), [(0, 1), (0, 3), (2, 1), (2, 3), (1, 5), (5, 1), (6, 2)])
@pytest.mark.parametrize(
    "constraints", [Constraints(), Constraints(key=Key(3, "minor"), lowest_pitch=50, highest_pitch=70, density=1.0)]
)
def test_any_bars_are_filled_exactly(engine: Engine, first_bar: int, bars: int, constraints: Constraints) -> None:
    request = request_of(first_bar, bars, constraints=constraints)
    for take in engine.generate(request):
        check(take, request)
        if constraints.density:
            _, counts = np.unique(take.notes.start_tick // BAR, return_counts=True)
            assert counts.max() <= 4


@pytest.mark.parametrize(
    "notes",
    [
        TUNE.where(TUNE.start_tick >= 4 * BAR),  # nothing stands before: the hole opens the song
        TUNE.where(TUNE.start_tick < 2 * BAR),  # nothing stands behind
        Notes.of([Note(0, 60, 480), Note(5 * BAR, 100, 480)]),
        Notes.of([Note(0, 20, 480), Note(4 * BAR + 7, 120, 40_000)]),
        Notes.of([Note(3 * BAR + 1919, 60, 1)]),
    ],
)
def test_notes_around_may_be_few_or_far(engine: Engine, notes: Notes) -> None:
    for first_bar, bars in ((2, 2), (3, 1)):
        request = request_of(first_bar, bars, notes)
        around = (notes.start_tick < request.from_tick) | (notes.start_tick >= request.to_tick)
        if not around.any():
            continue
        for take in engine.generate(request):
            check(take, request)


def test_equal_requests_give_equal_notes_and_other_seeds_others(engine: Engine) -> None:
    request = request_of(2, 2)
    first, again = engine.generate(request), engine.generate(request)
    assert [take.notes for take in first] == [take.notes for take in again]
    assert engine.generate(replace(request, seed=8))[0].notes != first[0].notes


def test_what_stands_behind_is_heard() -> None:
    net = transformer_step()

    def first_gaps(*behind: int) -> np.ndarray:
        before = TUNE.where(TUNE.start_tick < 2 * BAR)
        task = melody_task(request_of(2, 2, before.plus(phrase(*behind, from_tick=4 * BAR))))
        predictor = InfillPredictor(SeedReader(net))
        return predictor.gaps(predictor.begin(task.passage, [np.random.default_rng(0)]))

    assert np.array_equal(first_gaps(60, 62, 64), first_gaps(60, 62, 64))
    assert not np.allclose(first_gaps(60, 62, 64), first_gaps(60, 70, 64), atol=1e-4)
    assert not np.allclose(first_gaps(60, 62, 64), first_gaps(), atol=1e-4)


def test_the_same_model_continues_and_begins(engine: Engine) -> None:
    song = request_of(2, 2).song
    for kind in ("continue", "generate"):
        (take,) = engine.generate(GenerationRequest(kind, song, bars=2, takes=1, model="tiny-transformer"))
        assert take.notes.end_tick[-1] <= take.to_tick
