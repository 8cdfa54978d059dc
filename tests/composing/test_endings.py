"""Where takes begin behind their phrase, and how they end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from musicassist.composing.endings import ending_of, pickup_of, start_behind_rest
from musicassist.composing.engine import Engine
from musicassist.composing.melody_task import MelodyTask, melody_task
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Key, parse_chord
from musicassist.score.timing import MeterChange
from musicassist.tokens.codec import encode, step_map
from musicassist.tokens.demands import FIFTH

BEAT, BAR = 480, 1920
C_MAJOR = Key(0)
LINE = (60, 64, 67, 65, 64, 62, 60, 62, 64, 65, 67, 69, 67, 64, 62, 60)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(checkpoints_folder(), FAMILIES)


def quarters(bars: float, *, begin_tick: int = 0) -> Notes:
    """Quarters from a place on, so many bars of them."""
    return Notes.of(Note(begin_tick + i * BEAT, LINE[i % 16], BEAT) for i in range(round(4 * bars)))


def request_of(notes: Notes, meter: tuple[int, int] = (4, 4), **options: object) -> GenerationRequest:
    song = Song((Track("Melody", notes),), 480, (), (MeterChange(0, *meter),))
    asked: dict[str, object] = {"kind": "continue", "seed": 5, "constraints": Constraints(key=C_MAJOR), **options}
    return GenerationRequest(song=song, **asked)  # type: ignore[arg-type]


def task_of(notes: Notes, **options: object) -> MelodyTask:
    return melody_task(request_of(notes, **options))  # type: ignore[arg-type]


def rest_of(notes: Notes) -> tuple[int, int] | None:
    """Where a take may begin behind the rest that closes a phrase, in beats."""
    melody, bars = encode(notes, 480), step_map(Song())
    steps = start_behind_rest(melody, int(melody.onset_step[-1] + melody.duration_steps[-1]), bars)
    return None if steps is None else (steps[0] // 12, steps[1] // 12)


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        (4, 4, "closed"),  # question and answer
        (8, 4, "open"),  # the first half of another period
        (8, 8, "closed"),
        (4, 8, "closed"),
        (4, 2, "open"),  # cut in its middle
        (2, 2, "open"),  # an antecedent of four
        (2, 6, "closed"),
        (3, 4, "closed"),  # no phrase that is known
        (12, 4, "closed"),
    ],
)
def test_the_bars_that_stand_there_then_tell_which_end_is_meant(before: int, asked: int, expected: str) -> None:
    request = request_of(quarters(before), bars=asked)
    to_step = 48 * (before + asked)
    assert ending_of(request, encode(quarters(before), 480), step_map(request.song), to_step) == expected
    wished = replace(request, ending="loop")
    assert ending_of(wished, encode(quarters(before), 480), step_map(request.song), to_step) == "loop"


def test_bars_count_from_behind_a_pickup() -> None:
    notes = quarters(4, begin_tick=3 * BEAT)
    request = request_of(notes, bars=4)
    assert ending_of(request, encode(notes, 480), step_map(request.song), 9 * 48) == "closed"


def test_from_nothing_a_take_is_closed() -> None:
    assert task_of(Notes.of(), kind="generate", bars=4).passage.demands.end.is_last


def test_a_pickup_has_to_come_back_before_the_later_phrases() -> None:
    bars = step_map(Song())
    assert pickup_of(encode(quarters(3, begin_tick=3 * BEAT), 480), bars) == 12
    assert pickup_of(encode(quarters(3), 480), bars) == 0
    assert pickup_of(encode(quarters(3, begin_tick=BEAT), 480), bars) == 0  # a rest on the first beat
    halves = Notes.of([Note(3 * BEAT, 60, BEAT), *(Note(BAR + i * 2 * BEAT, LINE[i], 2 * BEAT) for i in range(16))])
    assert pickup_of(encode(halves, 480), bars) == 0  # no note begins before the fifth bar


def test_a_rest_that_closes_a_phrase_belongs_to_it() -> None:
    assert rest_of(quarters(3.5)) == (16, 16)
    assert rest_of(quarters(4)) is None
    assert rest_of(quarters(2.25)) is None  # the third bar is begun
    assert rest_of(quarters(3.75, begin_tick=3 * BEAT)) == (19, 20)  # with the next pickup, or behind it
    hurried = Notes.of([*quarters(3.25), Note(13 * BEAT, 62, BEAT // 4)])
    assert rest_of(hurried) is None  # it was cut while it moved


def test_behind_such_a_rest_all_takes_begin_on_the_bar_line(engine: Engine) -> None:
    takes = engine.generate(request_of(quarters(3.5), takes=4))
    assert {int(take.notes.start_tick[0]) for take in takes} == {4 * BAR}
    assert {take.from_tick for take in takes} == {14 * BEAT}
    at_once = request_of(quarters(3.5), takes=4, at_tick=14 * BEAT)
    assert min(take.notes.start_tick[0] for take in engine.generate(at_once)) < 4 * BAR  # where a playhead was put


def test_a_closed_take_ends_before_the_next_pickup_and_an_open_one_may_have_it(engine: Engine) -> None:
    notes = quarters(4, begin_tick=3 * BEAT)
    for take in engine.generate(request_of(notes, ending="closed", takes=6)):
        assert take.to_tick == 9 * BAR
        assert take.notes.end_tick[-1] <= 9 * BAR - BEAT
    takes = engine.generate(request_of(notes, ending="open", takes=6))
    assert max(int(take.notes.start_tick[-1]) for take in takes) >= 9 * BAR - BEAT


def closed_place(take: Take) -> int:
    return int(take.notes.start_tick[-1] - (take.to_tick - BAR))


def test_closed_is_at_home_on_a_strong_beat_with_its_breath(engine: Engine) -> None:
    takes = engine.generate(request_of(quarters(4), ending="closed", takes=12))
    assert {closed_place(take) for take in takes} <= {0, 2 * BEAT}
    assert {int(take.notes.pitch[-1]) % 12 for take in takes} <= {0, 4, 7}
    assert min(int(take.notes.duration_ticks[-1]) for take in takes) >= BEAT


def test_closed_under_chords_is_on_a_tone_of_the_last_one(engine: Engine) -> None:
    chords = tuple(parse_chord(name) for name in ("C", "F", "C", "G7"))
    request = request_of(quarters(4), ending="closed", takes=8, constraints=Constraints(key=C_MAJOR, chords=chords))
    assert {int(take.notes.pitch[-1]) % 12 for take in engine.generate(request)} <= {7, 11, 2, 5}


def test_open_is_neither_at_home_nor_held(engine: Engine) -> None:
    takes = engine.generate(request_of(quarters(4), ending="open", takes=16))
    assert not {int(take.notes.pitch[-1]) % 12 for take in takes} <= {0, 4, 7}
    assert sum(take.notes.start_tick[-1] > take.to_tick - 2 * BEAT for take in takes) > 8


def test_a_loop_leads_back_by_step_into_its_first_note(engine: Engine) -> None:
    takes = engine.generate(request_of(quarters(4), ending="loop", takes=8))
    assert {abs(int(take.notes.pitch[-1]) - 60) for take in takes} <= {1, 2}
    new = engine.generate(request_of(Notes.of(), kind="generate", model="transformer", ending="loop", takes=4))
    assert {abs(int(take.notes.pitch[-1]) - int(take.notes.pitch[0])) for take in new} <= {1, 2}


def test_an_infill_flows_into_what_follows(engine: Engine) -> None:
    notes = quarters(8)
    request = request_of(notes, kind="infill", model="transformer", from_tick=2 * BAR, to_tick=4 * BAR, takes=12)
    following = int(notes.pitch[notes.start_tick >= 4 * BAR][0])
    takes = engine.generate(request)
    assert max(abs(int(take.notes.pitch[-1]) - following) for take in takes) <= FIFTH
    assert np.median([take.notes.duration_ticks[-1] for take in takes]) <= BEAT


@pytest.mark.parametrize("amount", [0.1, 0.9])
def test_a_variation_keeps_its_phrase_s_own_end_and_leaps_no_more_than_it(engine: Engine, amount: float) -> None:
    phrase = Notes.of([*quarters(3), Note(3 * BAR, 65, BEAT), Note(3 * BAR + BEAT, 62, 2 * BEAT)])
    request = request_of(phrase, kind="vary", model="vae", amount=amount, to_tick=4 * BAR, takes=8)
    for take in engine.generate(request):
        assert (int(take.notes.start_tick[-1]), int(take.notes.pitch[-1]) % 12) == (3 * BAR + BEAT, 2)
        assert np.abs(np.diff(take.notes.pitch)).max() <= FIFTH
