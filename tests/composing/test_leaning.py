"""What takes lean to: a scale, the phrase, and what a model expects; the rules stand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from musicassist.composing.engine import Engine
from musicassist.composing.leaning import leaned_scores, likeness, surprisal_bits
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Key

BEAT = 480
TUNE = (60, 62, 64, 60, 64, 65, 67, 64, 60, 62, 64, 60, 64, 62, 60, 60)
SONG = Song((Track("MELODY", Notes.of(Note(n * BEAT, pitch, BEAT) for n, pitch in enumerate(TUNE))),))
REQUEST = GenerationRequest("continue", SONG, model="markov", bars=4, takes=4, candidates=8, seed=3)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(checkpoints_folder(), FAMILIES)


def mean(takes: tuple[Take, ...], name: str) -> float:
    return float(np.mean([getattr(take, name) for take in takes]))


def test_a_take_that_is_the_phrase_is_all_like_it_wherever_it_lies() -> None:
    phrase = [(0, 60), (12, 62), (24, 64), (36, 60)]
    assert likeness(phrase, [(at + 96, pitch + 5) for at, pitch in phrase]) == 1
    assert likeness(phrase, [(0, 60), (6, 55), (9, 80)]) == 0
    assert likeness(phrase, [(0, 60)]) == 0
    half = likeness(phrase, [(0, 60), (12, 62), (24, 50)])
    assert half == pytest.approx((1 / 2 + 0 / 1) / 2)


def test_surprisal_is_that_of_the_chosen_class_in_bits() -> None:
    logits = np.log(np.array([[0.5, 0.25, 0.25], [1 / 3, 1 / 3, 1 / 3]], dtype=np.float32))
    assert surprisal_bits(logits, [1, 0]) == pytest.approx([2.0, np.log2(3)])
    assert surprisal_bits(logits, [200, 0]) == surprisal_bits(logits, [2, 0])


def test_scores_stay_without_a_wish_and_go_by_it_with_one() -> None:
    scores, likenesses, bits = [1.0, 2.0, 3.0], [0.9, 0.1, 0.1], [5.0, 9.0, 5.0]
    assert leaned_scores(scores, 0, likenesses, 0, bits) == scores
    assert int(np.argmax(leaned_scores(scores, 1, likenesses, 0, bits))) == 0
    assert int(np.argmax(leaned_scores(scores, 0, likenesses, 1, bits))) == 1
    assert int(np.argmin(leaned_scores(scores, -1, likenesses, 0, bits))) == 0


def test_takes_come_closer_to_the_phrase_or_go_further(engine: Engine) -> None:
    far, plain, near = (engine.generate(replace(REQUEST, closeness=at)) for at in (-1.0, 0.0, 1.0))
    assert mean(far, "likeness") < mean(plain, "likeness") < mean(near, "likeness")


def test_takes_surprise_more_or_less(engine: Engine) -> None:
    calm, plain, wild = (engine.generate(replace(REQUEST, surprise=at)) for at in (-1.0, 0.0, 1.0))
    assert mean(calm, "surprisal_bits") < mean(plain, "surprisal_bits") < mean(wild, "surprisal_bits")


def test_one_number_gives_the_same_takes_and_no_wish_leaves_a_rule(engine: Engine) -> None:
    rules = Constraints(key=Key(0), lowest_pitch=60, highest_pitch=72, largest_leap=4, rhythm="kept")
    asked = replace(REQUEST, constraints=rules, closeness=-1.0, surprise=1.0)
    one, other = engine.generate(asked), engine.generate(asked)
    assert [take.notes for take in one] == [take.notes for take in other]
    for take in one:
        assert take.notes.in_key(Key(0)).all()
        assert take.notes.pitch.min() >= 60 and take.notes.pitch.max() <= 72
        assert np.abs(np.diff(take.notes.pitch)).max() <= 4
        assert (take.notes.start_tick % BEAT == 0).all()


def test_who_tends_to_a_scale_leaves_it_less(engine: Engine) -> None:
    def outside(strength: str) -> float:
        rules = Constraints(key=Key(6), scale_strength=strength)
        return float(
            np.mean(
                [1 - take.notes.in_key(Key(6)).mean() for take in engine.generate(replace(REQUEST, constraints=rules))]
            )
        )

    assert outside("keep") == 0 < outside("tend") < outside("off")
