"""Phrases in 32nds are read and gone on with on a grid of 24 steps a beat, all others on that of the models."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from builders import phrase
from musicassist.composing.engine import Engine
from musicassist.composing.melody_task import melody_task
from musicassist.composing.request import Constraints
from musicassist.composing.step_grid import FINE_STEPS_PER_BEAT
from musicassist.families.registry import FAMILIES
from musicassist.score.song import Note, Notes
from musicassist.score.theory import parse_chord
from musicassist.tokens.codec import encode, step_map
from musicassist.tokens.vocabulary import STEPS_PER_BEAT
from take_laws import check, request_of
from tiny_models import VERBS, install_tiny_model

BEAT = 480
METERS = ((2, 4), (3, 4), (3, 8), (6, 8), (4, 4), (2, 2), (4, 8))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("checkpoints")
    install_tiny_model(folder, verbs=(*VERBS, "vary"))
    made = Engine(folder, FAMILIES)
    made.load("tiny")
    return made


def in_lengths(lengths: tuple[int, ...], count: int, *, beat: int = BEAT, parts: int = 8) -> Notes:
    """Notes of lengths in parts of a beat, again and again."""
    own = [lengths[i % len(lengths)] * beat // parts for i in range(count)]
    starts = accumulate(own[:-1], initial=0)
    return Notes.of(Note(at, 60 + i * 5 % 13, ticks) for i, (at, ticks) in enumerate(zip(starts, own, strict=True)))


def grid_of(notes: Notes, **asked: object) -> int:
    task = melody_task(request_of(notes, **asked))  # type: ignore[arg-type]
    return task.grid.steps_per_beat


def test_a_phrase_in_32nds_is_read_at_twice_its_durations() -> None:
    task = melody_task(request_of(in_lengths((2, 1, 1, 4), 32), meters=((0, 2, 4),), bars=2))
    assert task.grid.steps_per_beat == FINE_STEPS_PER_BEAT
    assert [row[:3:2] for row in task.passage.seed][:5] == [(0, 6), (6, 3), (9, 3), (12, 12), (24, 6)]
    assert str(task.passage.place.bars.meter_at(0)) == "2/2"  # as the models read it
    assert str(task.passage.demands.bars.meter_at(0)) == "2/4"  # what people count
    assert task.passage.place.bars.bar_at(task.passage.demands.to_step) == 6
    assert task.note((task.passage.demands.from_step + 3, 60, 3, 88)) == Note(task.span.from_tick + 60, 60, 60)


def test_bars_that_no_meter_begins_are_read_as_four_quarters() -> None:
    request = request_of(in_lengths((1, 1, 2), 32), meters=())
    assert str(melody_task(request).passage.place.bars.meter_at(0)) == "4/2"


@pytest.mark.parametrize(
    "notes",
    [
        in_lengths((1,), 32, parts=4),
        in_lengths((3, 1), 32, parts=4),
        in_lengths((1,), 32, parts=6),
        in_lengths((1, 1, 1, 3, 3), 40, parts=12),
        in_lengths((1,), 40, parts=5),
        in_lengths((1,), 40, parts=16),  # 64ths need a still finer one
        in_lengths((2, 2, 2, 2, 2, 2, 3, 1, *(4,) * 24), 100),  # one of them alone is an ornament
    ],
    ids=["sixteenths", "dotted", "sextuplets", "triplets", "quintuplets", "64ths", "one ornament"],
)
def test_what_needs_no_32nds_stays_on_the_models_own_grid(notes: Notes) -> None:
    assert grid_of(notes) == STEPS_PER_BEAT


@given(seed=st.integers(0, 2**32 - 1), parts=st.sampled_from([1, 2, 3, 4]), share=st.floats(0.005, 0.04))
@settings(max_examples=15, deadline=None)
def test_playing_unevenly_makes_no_32nds(seed: int, parts: int, share: float) -> None:
    random = np.random.default_rng(seed)
    notes = in_lengths((1,), 48, parts=parts)
    late = np.rint(random.normal(0, share * BEAT, len(notes))).astype(np.int64)
    played = Notes.from_columns(
        np.maximum(0, notes.start_tick + late), notes.pitch, notes.duration_ticks, notes.velocity
    )
    assert grid_of(played) == STEPS_PER_BEAT


def test_what_lies_far_back_does_not_count_nor_do_bars_that_are_too_long() -> None:
    fast = in_lengths((1,), 32)
    assert grid_of(fast) == FINE_STEPS_PER_BEAT
    assert grid_of(fast, meters=((0, 12, 8),)) == STEPS_PER_BEAT
    assert grid_of(fast, kind="generate") == STEPS_PER_BEAT
    assert grid_of(fast.plus(phrase(*(60, 62, 64, 65) * 20, from_tick=4 * BEAT))) == STEPS_PER_BEAT


def test_beats_of_the_rules_are_those_that_people_count() -> None:
    """A closed end lasts a beat, a chord binds the notes on beats, and a density counts notes in a beat."""
    notes = in_lengths((2, 1, 1), 96)
    wished = Constraints(density=3, chords=(parse_chord("F#"),))
    task = melody_task(request_of(notes, meters=((0, 2, 4),), ending="closed", bars=4, constraints=wished))
    assert task.passage.demands.end.least_steps == task.passage.demands.bars.ticks_per_beat == 24
    assert task.passage.demands.notes_per_beat == 3
    assert task.passage.place.chord_starts == tuple(task.passage.demands.from_step + 48 * i for i in range(4))


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_takes_of_a_phrase_in_32nds_end_on_the_bar_line_and_lie_on_its_grid(
    engine: Engine, data: st.DataObject
) -> None:
    beat = data.draw(st.sampled_from([24, 96, 120, 480, 960]))
    meter = data.draw(st.sampled_from(METERS))
    lengths = data.draw(st.lists(st.sampled_from([1, 2, 3, 4, 8]), min_size=1, max_size=4).map(lambda own: (1, *own)))
    notes = in_lengths(tuple(lengths), 48, beat=beat)
    kind = data.draw(st.sampled_from(["continue", "infill", "vary"]))
    bar = beat * 4 * meter[0] // meter[1]
    inside = {} if kind == "continue" else {"from_tick": bar, "to_tick": 3 * bar}
    bars = data.draw(st.integers(1, 4)) if kind == "continue" else 2
    asked = {"bars": bars, "seed": data.draw(st.integers(0, 99)), "takes": 1, "candidates": 1}
    request = request_of(notes, meters=((0, *meter),), ticks_per_beat=beat, kind=kind, **asked, **inside)
    task = melody_task(request)
    assume(task.grid.steps_per_beat == FINE_STEPS_PER_BEAT)  # nearly always
    (take,) = engine.generate(request)
    check(take, request)
    assert task.span.to_tick == take.to_tick
    assert not (take.notes.start_tick * 24 % beat).any()
    assert not (take.notes.start_tick % (beat // 8)).any()  # no triplets where the phrase has none


@given(st.lists(st.sampled_from([1, 2, 3, 4, 6, 8]), min_size=8, max_size=40), st.sampled_from(METERS))
@settings(max_examples=15, deadline=None)
def test_a_phrase_without_32nds_is_read_as_ever(lengths: list[int], meter: tuple[int, int]) -> None:
    notes = in_lengths(tuple(lengths), 40, parts=4)
    request = request_of(notes, meters=((0, *meter),))
    task = melody_task(request)
    assert task.passage.seed.onset_step.tolist() == encode(notes, BEAT).onset_step.tolist()
    assert task.passage.place.bars == task.passage.demands.bars == step_map(request.song)


def test_takes_without_32nds_are_those_of_ever(engine: Engine) -> None:
    """Drawn before there was a second grid."""
    takes = engine.generate(request_of(phrase(62, 66, 69, 74, 73, 71, 69, 66), seed=3, takes=1, candidates=1))
    assert [(note.start_tick, note.pitch, note.duration_ticks) for note in takes[0].notes] == [
        (1920, 61, 360),
        (2400, 66, 240),
        (3000, 58, 360),
        (3720, 71, 720),
        (4680, 72, 720),
        (5400, 80, 240),
        (6600, 71, 480),
    ]
